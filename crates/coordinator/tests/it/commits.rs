//! Committing, across two regions.

use meridian_proto::coordinator::v1::{
    self as pb, CommitOutcome, PlanState, PromiseState, SolutionKind, TaskState,
};
use meridian_proto::intake::v1::Resolution;
use meridian_proto::inventory::v1::Milestone;
use meridian_types::ProblemKind;
use prost::Message;

use crate::company::{CUSTOMER, committing};
use crate::harness::{World, answered, until};
use crate::requests::{item, items_need, lane, request_id, site};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_part_in_another_region_is_found_held_shipped_and_delivered() {
    let world = World::with_network("commit").await;
    world.stock_in_chicago("PUMP", 2).await;
    let case_id = world.eu.open_pump_case(1).await;

    let found = world.eu.find(&case_id).await.unwrap();
    assert_eq!(found.solutions.len(), 1, "{found:#?}");
    let solution = &found.solutions[0];
    assert_eq!(solution.kind(), SolutionKind::Transfer);
    assert!(!solution.steps.is_empty() && solution.steps.iter().all(|step| !step.text.is_empty()));

    let answer = world.eu.commit(&case_id, solution).await.unwrap();
    assert_eq!(answer.outcome(), CommitOutcome::Committed, "{answer:#?}");
    let transfer = world.ordered(&case_id).await;
    world.eu.knows_stock("US-CHI", "PUMP", 1).await;
    assert!(world.eu.plan(&case_id).await.responsibility.is_some());

    world.advance(60);
    for milestone in [Milestone::Picked, Milestone::Shipped, Milestone::InCustoms, Milestone::CustomsReleased]
    {
        world.happens(&transfer, milestone).await;
    }
    let under_way = |plan: &pb::Plan| plan.tasks.iter().any(|task| task.state() == TaskState::UnderWay);
    world.eu.plan_when(&case_id, "the shipment", under_way).await;
    world.advance(1_600);
    world.happens(&transfer, Milestone::Received).await;
    let plan = world.eu.plan_when(&case_id, "the end", |plan| plan.state() == PlanState::Completed).await;
    assert!(plan.tasks.iter().all(|task| task.state() == TaskState::Done), "{plan:#?}");
    let promises = world.eu.promises(&case_id).await;
    assert_eq!(promises.iter().map(pb::Promise::state).collect::<Vec<_>>(), [PromiseState::Kept]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_offices_that_want_the_last_unit_one_gets_it_and_the_other_the_next_best_in_the_same_call() {
    let world = World::with_network("race").await;
    world.stock_in_chicago("PUMP", 1).await;
    world.eu.stock("FI-HEL", "PUMP-B", 5).await;
    let pump = meridian_proto::inventory::v1::Item {
        substitutes: vec![meridian_proto::inventory::v1::Substitute {
            item_id: "PUMP-B".to_owned(),
            approval_required: false,
        }],
        ..item("PUMP")
    };
    world.us.put_item(pump).await;
    let (first, second) = (world.eu.open_pump_case(1).await, world.eu.open_pump_case(1).await);
    let transfer = async |case_id: &str| {
        until("the transfer and the substitute on offer", async || {
            let found = world.eu.find(case_id).await.unwrap();
            let transfer = found.solutions.iter().find(|it| it.kind() == SolutionKind::Transfer);
            transfer.filter(|_| found.solutions.len() == 2).cloned()
        })
        .await
    };
    let (mine, yours) = (transfer(&first).await, transfer(&second).await);
    let (mine, yours) = tokio::join!(world.eu.commit(&first, &mine), world.eu.commit(&second, &yours));
    let mut answers = [(first, mine.unwrap()), (second, yours.unwrap())];
    answers.sort_by_key(|(_, answer)| answer.outcome);
    let [(_, winner), (loser_case, loser)] = answers;
    assert_eq!(winner.outcome(), CommitOutcome::Committed);
    assert_eq!(loser.outcome(), CommitOutcome::Refused);
    assert!(loser.refusal.contains("PUMP at US-CHI"), "{}", loser.refusal);
    assert_eq!(loser.plan.unwrap().state(), PlanState::Ended);
    let next = loser.next_best.first().expect("a next best option");
    assert_eq!(next.kind(), SolutionKind::Substitute);
    assert!(loser.refused.iter().any(|it| it.reason == "HOLD_REFUSED" || it.reason == "NO_STOCK"));

    let answer = world.eu.commit(&loser_case, next).await.unwrap();
    assert_eq!(answer.outcome(), CommitOutcome::Committed);
    world.eu.knows_stock("US-CHI", "PUMP", 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn as_many_of_many_offices_get_a_unit_as_there_are_units() {
    let world = World::with_network("many").await;
    world.stock_in_chicago("PUMP", 8).await;
    let mut wanted = Vec::new();
    for _ in 0..24 {
        let case_id = world.eu.open_pump_case(1).await;
        let solution = world.eu.best(&case_id, SolutionKind::Transfer).await;
        wanted.push((case_id, solution));
    }
    let commits = wanted.iter().map(|(case_id, solution)| world.eu.commit(case_id, solution));
    let answers = futures::future::join_all(commits).await;
    let outcomes: Vec<_> = answers.into_iter().map(|answer| answer.unwrap().outcome()).collect();
    let count = |wanted| outcomes.iter().filter(|outcome| **outcome == wanted).count();
    assert_eq!((count(CommitOutcome::Committed), count(CommitOutcome::Refused)), (8, 16), "{outcomes:?}");
    world.eu.knows_stock("US-CHI", "PUMP", 0).await;
    let audit = meridian_proto::inventory::v1::AuditStockRequest {};
    let audit = answered(world.us.inventory().audit_stock(audit)).await.unwrap();
    assert_eq!((audit.mismatches, audit.on_hand), (Vec::new(), 8));
    let dead_letters =
        sqlx::query_scalar("SELECT count(*) FROM dead_letter").fetch_one(world.eu.journal.pool());
    let dead_letters: i64 = dead_letters.await.unwrap();
    assert_eq!(dead_letters, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repeated_commit_is_the_same_commit() {
    let world = World::with_network("repeat").await;
    world.stock_in_chicago("PUMP", 5).await;
    let case_id = world.eu.open_pump_case(2).await;
    let solution = world.eu.best(&case_id, SolutionKind::Transfer).await;
    let request = committing(&case_id, &solution);
    let call = async || answered(world.eu.coordinator().commit_solution(request.clone())).await.unwrap();
    let (one, two, three) = tokio::join!(call(), call(), call());
    assert_eq!(one.outcome(), CommitOutcome::Committed);
    for other in [two, three, call().await] {
        assert_eq!(other.encode_to_vec(), one.encode_to_vec());
    }
    world.eu.knows_stock("US-CHI", "PUMP", 3).await;

    let other = pb::CommitSolutionRequest { approved: true, ..request };
    let refused = answered(world.eu.coordinator().commit_solution(other)).await.unwrap_err();
    assert_eq!(refused.reason, "REQUEST_ID_REUSED");
    let again = world.eu.commit(&case_id, &solution).await.unwrap_err();
    assert_eq!((again.kind, &*again.reason), (ProblemKind::FailedPrecondition, "PLAN_EXISTS"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_committed_is_refused_with_its_reason() {
    let world = World::with_network("refusals").await;
    world.stock_in_chicago("PUMP", 5).await;
    let case_id = world.eu.open_pump_case(1).await;
    let other_case = world.eu.open_pump_case(1).await;
    let solution = world.eu.best(&case_id, SolutionKind::Transfer).await;

    let foreign = world.eu.commit(&other_case, &solution).await.unwrap_err();
    assert_eq!((foreign.kind, &*foreign.reason), (ProblemKind::NotFound, "SOLUTION_NOT_FOUND"));
    let nonsense = pb::CommitSolutionRequest { request_id: "a b".to_owned(), ..committing("x", &solution) };
    let refused = answered(world.eu.coordinator().commit_solution(nonsense)).await.unwrap_err();
    let fields: Vec<_> = refused.violations.iter().map(|violation| violation.field.as_str()).collect();
    assert_eq!(fields, ["request_id", "case_id"]);

    world.advance(5 * 60);
    let late = world.eu.commit(&case_id, &solution).await.unwrap_err();
    assert_eq!((late.kind, &*late.reason), (ProblemKind::FailedPrecondition, "SOLUTION_EXPIRED"));

    let solution = world.eu.best(&case_id, SolutionKind::Transfer).await;
    world.eu.close_case(&case_id, Resolution::Withdrawn).await;
    until("the case to be closed", async || {
        let refused = world.eu.find(&case_id).await.err()?;
        (refused.reason == "CASE_CLOSED").then_some(())
    })
    .await;
    let closed = until("the coordinator to hear of it", async || {
        world.eu.commit(&case_id, &solution).await.err().filter(|problem| problem.reason == "CASE_CLOSED")
    });
    assert_eq!(closed.await.kind, ProblemKind::FailedPrecondition);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_substitute_that_the_customer_must_agree_to_is_committed_only_then() {
    let world = World::with_network("approval").await;
    world.eu.stock("FI-HEL", "PUMP-C", 5).await;
    let pump = meridian_proto::inventory::v1::Item {
        substitutes: vec![meridian_proto::inventory::v1::Substitute {
            item_id: "PUMP-C".to_owned(),
            approval_required: true,
        }],
        ..item("PUMP")
    };
    world.eu.put_item(pump).await;
    let case_id = world.eu.open_case(items_need("PUMP", 1, CUSTOMER)).await;
    let solution = world.eu.best(&case_id, SolutionKind::Substitute).await;
    assert!(solution.approval_required);
    let refused = world.eu.commit(&case_id, &solution).await.unwrap_err();
    assert_eq!(refused.reason, "APPROVAL_REQUIRED");
    let request = pb::CommitSolutionRequest {
        request_id: request_id(),
        approved: true,
        ..committing(&case_id, &solution)
    };
    let answer = answered(world.eu.coordinator().commit_solution(request)).await.unwrap();
    assert_eq!(answer.outcome(), CommitOutcome::Committed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_that_is_called_off_gives_everything_back() {
    let world = World::with_network("withdraw").await;
    world.stock_in_chicago("PUMP", 5).await;
    let case_id = world.eu.open_pump_case(5).await;
    let solution = world.eu.best(&case_id, SolutionKind::Transfer).await;
    let plan = world.eu.commit(&case_id, &solution).await.unwrap().plan.unwrap();
    world.ordered(&case_id).await;
    world.eu.knows_stock("US-CHI", "PUMP", 0).await;
    let request = pb::WithdrawPlanRequest {
        request_id: request_id(),
        plan_id: plan.plan_id.clone(),
        reason: "ordered twice".to_owned(),
    };
    let withdrawn = answered(world.eu.coordinator().withdraw_plan(request.clone())).await.unwrap();
    assert_eq!(withdrawn.plan.clone().unwrap().state(), PlanState::Ended);
    assert_eq!(answered(world.eu.coordinator().withdraw_plan(request)).await.unwrap(), withdrawn);
    world.eu.knows_stock("US-CHI", "PUMP", 5).await;
    let plan = world.eu.plan_when(&case_id, "everything to be given back", |plan| {
        plan.tasks.iter().all(|task| task.state() == TaskState::Undone)
    });
    assert!(plan.await.responsibility.is_none());
    assert_eq!(
        world.eu.promises(&case_id).await[0].state(),
        PromiseState::Corrected,
        "the customer was told"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn goods_go_where_they_are_needed_now_and_not_where_they_were_needed_before() {
    let world = World::with_network("elsewhere").await;
    let network = pb::PutNetworkRequest {
        request_id: request_id(),
        sites: vec![site("DE-MUC", pb::SiteKind::Customer, "DE", "Europe/Berlin")],
        lanes: vec![lane("FI-HEL", "DE-MUC", 600, 9_000)],
        ..pb::PutNetworkRequest::default()
    };
    answered(world.eu.coordinator().put_network(network)).await.unwrap();
    world.eu.stock("FI-HEL", "PUMP", 2).await;
    let (case_id, other) = (world.eu.open_pump_case(1).await, world.eu.open_pump_case(1).await);
    let (solution, offered) = (
        world.eu.best(&case_id, SolutionKind::Transfer).await,
        world.eu.best(&other, SolutionKind::Transfer).await,
    );
    world.eu.commit(&case_id, &solution).await.unwrap();
    for case_id in [&case_id, &other] {
        world.eu.state_fact(case_id, "deliver_to_site", "DE-MUC").await;
    }
    let goes_there = |plan: &pb::Plan| {
        let claims = plan.solution.iter().flat_map(|solution| &solution.stock_claims);
        claims.map(|claim| claim.to_site_id.as_str()).eq(["DE-MUC"]) && plan.state() == PlanState::Executing
    };
    world.eu.plan_when(&case_id, "the other way", goes_there).await;
    until("the news of the other case", async || {
        let news = "SELECT count(*) FROM timeline WHERE case_id = $1 AND event = 'case.updated'";
        let other: meridian_types::CaseId = other.parse().unwrap();
        let count: i64 =
            sqlx::query_scalar(news).bind(other.uuid()).fetch_one(world.eu.journal.pool()).await.unwrap();
        (count > 0).then_some(())
    })
    .await;
    assert_eq!(world.eu.commit(&other, &offered).await.unwrap_err().reason, "SOLUTION_EXPIRED");
}
