//! Finding and committing, across two regions.

use meridian_proto::coordinator::v1::{CommitOutcome, PlanState, SolutionKind, TaskState};

use crate::harness::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_part_in_another_region_is_found_held_and_ordered() {
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
    let plan = world
        .eu
        .plan_when(&case_id, "the transfer to be ordered", |plan| {
            plan.tasks.iter().all(|task| task.state() == TaskState::Confirmed)
        })
        .await;
    assert_eq!(plan.state(), PlanState::Executing);
    assert!(plan.responsibility.is_some());
    world.eu.knows_stock("US-CHI", "PUMP", 1).await;
}
