//! When reality changes.

use jiff::SignedDuration;
use meridian_proto::coordinator::v1::{
    self as pb, CommitOutcome, DisruptionReason, PlanState, PromiseState, SolutionKind, TaskState,
};
use meridian_proto::inventory::v1::Milestone;

use crate::harness::{World, until};

/// A transfer from Chicago that is committed and with customs.
async fn in_customs(world: &World) -> (String, pb::PlanTask) {
    world.stock_in_chicago("PUMP", 1).await;
    let case_id = world.eu.open_pump_case(1).await;
    let solution = world.eu.best(&case_id, SolutionKind::Transfer).await;
    let answer = world.eu.commit(&case_id, &solution).await.unwrap();
    assert_eq!(answer.outcome(), CommitOutcome::Committed);
    let transfer = world.ordered(&case_id).await;
    for milestone in [Milestone::Picked, Milestone::Shipped, Milestone::InCustoms] {
        world.happens(&transfer, milestone).await;
    }
    world
        .eu
        .plan_when(&case_id, "the shipment", |plan| {
            plan.tasks.iter().any(|task| task.state() == TaskState::UnderWay)
        })
        .await;
    (case_id, transfer)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn goods_held_by_customs_are_replaced_from_nearer_and_the_date_is_corrected() {
    let world = World::with_network("customs").await;
    let (case_id, transfer) = in_customs(&world).await;
    // By now there is stock in Helsinki.
    world.eu.stock("FI-HEL", "PUMP", 1).await;
    world.advance(24 * 60);
    let until_then = world.now() + SignedDuration::from_hours(20 * 24);
    world.happens_until(&transfer, Milestone::CustomsHold, Some(until_then)).await;

    let plan = world.eu.plan_when(&case_id, "a new plan", |plan| plan.revision == 2).await;
    assert_eq!(plan.solution.as_ref().unwrap().stock_claims[0].region, "eu");
    let promises = until("a correction", async || {
        let promises = world.eu.promises(&case_id).await;
        (promises.len() == 2).then_some(promises)
    })
    .await;
    assert_eq!(promises[0].state(), PromiseState::Corrected);
    assert_eq!(promises[1].replaces_promise_id, promises[0].promise_id);
    assert_eq!(promises[1].state(), PromiseState::Open);
    let changed = world.eu.told::<pb::PromiseChanged>().await;
    assert_eq!(changed.len(), 1);
    assert_eq!(changed[0].reason(), DisruptionReason::CustomsHold);
    assert_eq!(changed[0].old_promised_at, promises[0].promised_at);
    assert_eq!(changed[0].likely_by, plan.solution.unwrap().likely_by);

    let transfer = world.ordered(&case_id).await;
    assert_eq!(transfer.region, "eu");
    world.advance(60);
    for milestone in [Milestone::Picked, Milestone::Shipped, Milestone::Received] {
        world.happens(&transfer, milestone).await;
    }
    world.eu.plan_when(&case_id, "the end", |plan| plan.state() == PlanState::Completed).await;
    assert_eq!(world.eu.promises(&case_id).await[1].state(), PromiseState::Kept);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn goods_held_by_customs_without_another_way_come_later_and_the_customer_knows() {
    let world = World::with_network("waiting").await;
    let (case_id, transfer) = in_customs(&world).await;
    world.advance(24 * 60);
    let until_then = world.now() + SignedDuration::from_hours(72);
    world.happens_until(&transfer, Milestone::CustomsHold, Some(until_then)).await;
    let promises = until("a correction", async || {
        let promises = world.eu.promises(&case_id).await;
        (promises.len() == 2).then_some(promises)
    })
    .await;
    assert_eq!(promises[0].state(), PromiseState::Corrected);
    let plan = world.eu.plan(&case_id).await;
    assert_eq!((plan.state(), plan.revision), (PlanState::Executing, 1));
    assert!(plan.expected_at.unwrap().seconds >= until_then.as_second());
    let changed = world.eu.told::<pb::PromiseChanged>().await.remove(0);
    assert_eq!(changed.likely_by, None, "what was likely as planned is so no longer");

    // In the same minute customs say that it takes longer still.
    let until_then = until_then + SignedDuration::from_hours(48);
    world.happens_until(&transfer, Milestone::CustomsHold, Some(until_then)).await;
    let promises = until("another correction", async || {
        let promises = world.eu.promises(&case_id).await;
        (promises.len() == 3).then_some(promises)
    })
    .await;
    let open = promises.iter().find(|promise| promise.state() == PromiseState::Open).unwrap();
    assert!(open.promised_at.unwrap().seconds >= until_then.as_second());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_nothing_works_the_case_is_parked_listed_and_tried_again() {
    let world = World::with_network("parked").await;
    let (case_id, transfer) = in_customs(&world).await;
    world.happens(&transfer, Milestone::CustomsReleased).await;
    world.happens(&transfer, Milestone::Lost).await;
    let plan = world.eu.plan_when(&case_id, "parking", |plan| plan.state() == PlanState::Parked).await;
    let responsibility = plan.responsibility.unwrap();
    assert_eq!(responsibility.owner, crate::company::OFFICE);
    let parked = world.eu.parked().await;
    assert_eq!(parked.len(), 1);
    assert!(!parked[0].overdue && !parked[0].reason.is_empty());
    let summary = world.eu.summary().await;
    assert_eq!(summary.plans_without_responsibility, 0);
    assert!(summary.plans.iter().any(|count| count.state() == PlanState::Parked && count.plans == 1));

    world.eu.stock("FI-HEL", "PUMP", 1).await;
    world.advance(241);
    let plan = world.eu.plan_when(&case_id, "another way", |plan| plan.state() == PlanState::Executing).await;
    assert!(plan.revision > 1);
    let promises = world.eu.promises(&case_id).await;
    assert_eq!(promises.len(), 2);
    assert_eq!(promises[1].replaces_promise_id, promises[0].promise_id, "the new date names the former one");
    assert!(world.eu.parked().await.is_empty());
}
