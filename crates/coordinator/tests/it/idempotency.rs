//! One request, one effect, one answer, however often it is sent.

use futures::future::join_all;
use meridian_proto::coordinator::v1::{self as pb, CommitOutcome, PlanState, SolutionKind};
use meridian_types::ProblemKind;

use crate::company::{CUSTOMER, committing};
use crate::harness::{World, answered};
use crate::requests::{lane, request_id};

/// Sends a request so many times at once and returns the answer that all get.
macro_rules! answer_to_all {
    ($region:expr, $method:ident, $request:expr, $times:expr) => {{
        let calls = (0..$times).map(|_| {
            let (mut client, request) = ($region.coordinator(), $request.clone());
            tokio::spawn(async move { answered(client.$method(request)).await })
        });
        let mut answers: Vec<_> = join_all(calls).await.into_iter().map(|it| it.unwrap().unwrap()).collect();
        let first = answers.swap_remove(0);
        for other in answers {
            assert_eq!(other, first, "{}", stringify!($method));
        }
        first
    }};
}

/// Asserts that a used key is refused for another request.
macro_rules! assert_reuse_refused {
    ($region:expr, $method:ident, $request:expr) => {{
        let refused = answered($region.coordinator().$method($request)).await.unwrap_err();
        assert_eq!((refused.kind, &*refused.reason), (ProblemKind::AlreadyExists, "REQUEST_ID_REUSED"));
    }};
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_mutation_sent_one_to_five_times_at_once_takes_effect_once() {
    let world = World::with_network("oneeffect").await;
    world.stock_in_chicago("PUMP", 10).await;
    for times in 1..=5 {
        let faster = pb::PutNetworkRequest {
            request_id: request_id(),
            lanes: vec![lane("DE-FRA", CUSTOMER, 100 + times, 2_000)],
            ..pb::PutNetworkRequest::default()
        };
        assert_eq!(answer_to_all!(world.eu, put_network, faster, times).stored, 1);
        let other = pb::PutNetworkRequest { lanes: vec![lane("DE-FRA", CUSTOMER, 99, 2_000)], ..faster };
        assert_reuse_refused!(world.eu, put_network, other);

        let case_id = world.eu.open_pump_case(1).await;
        let solution = world.eu.best(&case_id, SolutionKind::Transfer).await;
        let commit = committing(&case_id, &solution);
        let committed = answer_to_all!(world.eu, commit_solution, commit, times);
        assert_eq!(committed.outcome(), CommitOutcome::Committed);
        world.eu.knows_stock("US-CHI", "PUMP", 9).await;
        assert_reuse_refused!(
            world.eu,
            commit_solution,
            pb::CommitSolutionRequest { approved: true, ..commit }
        );

        let withdraw = pb::WithdrawPlanRequest {
            request_id: request_id(),
            plan_id: committed.plan.unwrap().plan_id,
            reason: "no longer needed".to_owned(),
        };
        answer_to_all!(world.eu, withdraw_plan, withdraw, times);
        let other = pb::WithdrawPlanRequest { reason: "another reason".to_owned(), ..withdraw };
        assert_reuse_refused!(world.eu, withdraw_plan, other);
        world.eu.plan_when(&case_id, "the end", |plan| plan.state() == PlanState::Ended).await;
        world.eu.knows_stock("US-CHI", "PUMP", 10).await;
    }
    let emitted = async |event: &str| -> i64 {
        sqlx::query_scalar("SELECT count(*) FROM outbox WHERE type_name = 'meridian.coordinator.v1.' || $1")
            .bind(event)
            .fetch_one(world.eu.journal.pool())
            .await
            .unwrap()
    };
    for event in ["PlanCommitted", "PlanEnded"] {
        assert_eq!(emitted(event).await, 5, "{event}");
    }
}
