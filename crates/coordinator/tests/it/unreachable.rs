//! A region that is away.

use std::time::Duration;

use meridian_proto::coordinator::v1::{CommitOutcome, PlanState, SolutionKind};
use prost::Message;

use crate::company::committing;
use crate::harness::{World, answered, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_is_pending_while_the_owner_is_away_and_catches_up_by_itself() {
    let mut world = World::with_network("away").await;
    world.stock_in_chicago("PUMP", 1).await;
    let case_id = world.eu.open_pump_case(1).await;
    let solution = world.eu.best(&case_id, SolutionKind::Transfer).await;
    world.us.stop().await;

    let request = committing(&case_id, &solution);
    let mut hurried = world.eu.coordinator_within(Duration::from_secs(2));
    let pending = answered(hurried.commit_solution(request.clone())).await.unwrap();
    assert_eq!(pending.outcome(), CommitOutcome::Pending, "{pending:#?}");
    assert_eq!(pending.plan.unwrap().state(), PlanState::Holding);

    world.us.start().await;
    let again = answered(world.eu.coordinator().commit_solution(request.clone())).await.unwrap();
    assert_eq!(again.outcome(), CommitOutcome::Committed, "{again:#?}");
    let third = answered(world.eu.coordinator().commit_solution(request)).await.unwrap();
    assert_eq!(third.encode_to_vec(), again.encode_to_vec());
    world.ordered(&case_id).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_owner_who_stays_away_is_done_without_and_gives_back_later() {
    let mut world = World::with_network("silent").await;
    world.stock_in_chicago("PUMP", 1).await;
    world.eu.stock("FI-HEL", "PUMP", 1).await;
    let case_id = world.eu.open_pump_case(1).await;
    let found = world.eu.find(&case_id).await.unwrap().solutions;
    let far = found.into_iter().find(|it| it.stock_claims[0].region == "us").unwrap();
    world.us.stop().await;
    let mut hurried = world.eu.coordinator_within(Duration::from_secs(1));
    let pending = answered(hurried.commit_solution(committing(&case_id, &far))).await.unwrap();
    assert_eq!(pending.outcome(), CommitOutcome::Pending);

    // The watchdog asks again, three times, and then looks elsewhere. The clock goes to where it is due, and no
    // further before it has acted.
    let plan = until("another way", async || {
        let plan = world.eu.plan(&case_id).await;
        if plan.revision == 1 && plan.state() == PlanState::Holding {
            world.advance_to(plan.responsibility.as_ref().unwrap().due.as_ref().unwrap().seconds);
        }
        (plan.revision == 2 && plan.state() == PlanState::Executing).then_some(plan)
    })
    .await;
    assert_eq!(plan.solution.unwrap().stock_claims[0].region, "eu");

    world.us.start().await;
    world.eu.knows_stock("US-CHI", "PUMP", 1).await;
    world
        .eu
        .plan_when(&case_id, "the first claim to be given back", |plan| {
            plan.tasks
                .iter()
                .filter(|task| task.revision == 1)
                .all(|task| task.state().as_str_name() == "TASK_STATE_UNDONE")
        })
        .await;
}
