//! What a process leaves behind when it is killed, another one goes on with.

use std::collections::BTreeMap;
use std::time::Duration;

use meridian_proto::coordinator::v1::{CommitOutcome, PlanState, SolutionKind};
use meridian_proto::inventory::v1::Milestone;
use meridian_types::CaseId;

use crate::company::committing;
use crate::harness::{World, answered, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_goes_on_where_it_was_when_its_coordinator_was_killed() {
    let mut world = World::with_network("restart").await;
    world.stock_in_chicago("PUMP", 1).await;
    let case_id = world.eu.open_pump_case(1).await;
    let solution = world.eu.best(&case_id, SolutionKind::Transfer).await;

    // Asked for, not answered: the owner is away, then the coordinator goes, then the owner comes back.
    world.us.stop().await;
    let mut hurried = world.eu.coordinator_within(Duration::from_secs(1));
    let pending = answered(hurried.commit_solution(committing(&case_id, &solution))).await.unwrap();
    assert_eq!(pending.outcome(), CommitOutcome::Pending);
    world.eu.kill().await;
    world.us.start().await;
    world.eu.start().await;
    let transfer = world.ordered(&case_id).await;

    // It misses news, and hears of it when it is back.
    world.eu.kill().await;
    for milestone in [Milestone::Picked, Milestone::Shipped] {
        world.happens(&transfer, milestone).await;
    }
    world.advance(26 * 60);
    world.happens(&transfer, Milestone::InCustoms).await;
    world.happens(&transfer, Milestone::CustomsReleased).await;
    world.happens(&transfer, Milestone::Received).await;
    world.eu.start().await;
    world.eu.plan_when(&case_id, "the end", |plan| plan.state() == PlanState::Completed).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_that_waits_when_the_coordinator_is_killed_is_done_after_the_restart() {
    let mut world = World::with_network("searching").await;
    world.stock_in_chicago("PUMP", 1).await;
    let case_id = world.eu.open_pump_case(1).await;
    let solution = world.eu.best(&case_id, SolutionKind::Transfer).await;
    world.eu.commit(&case_id, &solution).await.unwrap();
    let transfer = world.ordered(&case_id).await;
    world.eu.stock("FI-HEL", "PUMP", 1).await;

    world.eu.kill().await;
    world.happens(&transfer, Milestone::PickFailed).await;
    world.eu.start().await;
    let plan = world.eu.plan_when(&case_id, "another way", |plan| {
        plan.revision == 2 && plan.state() == PlanState::Executing
    });
    assert_eq!(plan.await.solution.unwrap().stock_claims[0].region, "eu");
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM search_job")
        .fetch_one(world.eu.journal.pool())
        .await
        .unwrap();
    assert_eq!(left, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn old_decisions_are_forgotten_except_those_that_plans_followed_from() {
    let mut world = World::with_network("forget").await;
    world.stock_in_chicago("PUMP", 2).await;
    let (helped, idle) = (world.eu.open_pump_case(1).await, world.eu.open_pump_case(1).await);
    world.eu.best(&idle, SolutionKind::Transfer).await;
    world.eu.best(&helped, SolutionKind::Transfer).await;
    let solution = world.eu.best(&helped, SolutionKind::Transfer).await;
    world.eu.commit(&helped, &solution).await.unwrap();
    let transfer = world.ordered(&helped).await;
    for milestone in [Milestone::Picked, Milestone::Shipped, Milestone::Received] {
        world.happens(&transfer, milestone).await;
    }
    world.eu.plan_when(&helped, "the end", |plan| plan.state() == PlanState::Completed).await;
    assert_eq!(offers(&world).await, [(helped.clone(), 2), (idle.clone(), 1)].into());
    world.advance(91 * 24 * 60);
    // It looks for old ones when it starts, and then every hour.
    world.eu.kill().await;
    world.eu.start().await;
    until("the old ones to be gone", async || (offers(&world).await.len() == 1).then_some(())).await;
    assert_eq!(offers(&world).await, [(helped.clone(), 1)].into());
    assert_eq!(world.eu.plan(&helped).await.solution.unwrap().solution_id, solution.solution_id);
}

/// Offers that are kept, by case.
async fn offers(world: &World) -> BTreeMap<String, i64> {
    let counts: Vec<(uuid::Uuid, i64)> = sqlx::query_as(
        "SELECT offer.case_id, count(*) FROM offered_solution offer JOIN decision USING (decision_id) GROUP BY 1",
    )
    .fetch_all(world.eu.journal.pool())
    .await
    .unwrap();
    let named = |(case_id, count)| (CaseId::from_uuid(case_id).to_string(), count);
    counts.into_iter().map(named).collect()
}
