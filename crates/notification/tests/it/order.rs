//! What customers hear makes sense in the order in which they hear it.

use meridian_proto::coordinator::v1::CustomerMilestone as Reached;
use meridian_proto::intake::v1 as intake;
use meridian_proto::notification::v1::NoticeState::{Pending, Suppressed};
use meridian_types::{CaseId, SystemIds};

use crate::story::{part_held_up, reached};
use crate::world::World;

fn position(names: &[String], name: &str) -> Option<usize> {
    names.iter().position(|told| told == name)
}

#[tokio::test]
async fn on_its_way_is_not_told_after_delivered() {
    let world = World::new("overtaken").await;
    let case_id = world.open("P-ADA").await;
    for milestone in
        [Reached::PlanAgreed, Reached::Arrived, Reached::Shipped, Reached::Done, Reached::Repaired]
    {
        world.hear(reached(case_id, 1, milestone, "2026-11-24T10:00:00Z")).await;
    }
    let expected = [
        ("CASE_OPENED", Pending),
        ("PLAN_AGREED", Pending),
        ("ARRIVED", Pending),
        ("SHIPPED", Suppressed),
        ("DONE", Pending),
        ("REPAIRED", Suppressed),
    ];
    assert_eq!(world.told(case_id).await, expected.map(|(name, state)| (name.to_owned(), state)));
    world.stop().await;
}

#[tokio::test]
async fn an_older_revision_is_not_told_after_a_newer_one() {
    let world = World::new("stale").await;
    let case_id = world.open("P-ADA").await;
    world.hear(reached(case_id, 2, Reached::PlanAgreed, "2026-11-24T10:00:00Z")).await;
    world.hear(reached(case_id, 1, Reached::Arrived, "2026-11-24T11:00:00Z")).await;
    world.hear(reached(case_id, 2, Reached::Shipped, "2026-11-24T12:00:00Z")).await;
    let told = world.told(case_id).await;
    assert_eq!(told[2], ("ARRIVED".to_owned(), Suppressed));
    assert_eq!(told[3], ("SHIPPED".to_owned(), Pending));
    world.stop().await;
}

#[tokio::test]
async fn two_shipments_of_one_plan_are_one_notice_and_each_promised_word_is_another() {
    let world = World::new("twice").await;
    let case_id = world.open("P-ADA").await;
    world.hear(reached(case_id, 1, Reached::Shipped, "2026-11-24T10:00:00Z")).await;
    world.hear(reached(case_id, 1, Reached::Shipped, "2026-11-24T12:00:00Z")).await;
    let looking = reached(case_id, 1, Reached::StillLooking, "2026-11-24T12:00:00Z");
    world.hear(looking.clone()).await;
    let next_word_by = crate::world::pb_time("2026-11-25T09:00:00Z");
    world.hear(meridian_proto::coordinator::v1::MilestoneReached { next_word_by, ..looking }).await;
    let told: Vec<_> = world.told(case_id).await.into_iter().map(|(milestone, _)| milestone).collect();
    assert_eq!(told, ["CASE_OPENED", "SHIPPED", "STILL_LOOKING", "STILL_LOOKING"]);
    world.stop().await;
}

#[tokio::test]
async fn what_a_plan_solved_is_told_by_the_plan_and_what_an_office_solved_by_the_closing() {
    let world = World::new("closed").await;
    let solved = |case_id: CaseId, by_plan| intake::CaseClosed {
        case_id: case_id.to_string(),
        resolution: intake::Resolution::Solved.into(),
        by_plan,
    };
    let by_plan = world.open("P-ADA").await;
    world.hear(reached(by_plan, 1, Reached::Done, "2026-11-24T10:00:00Z")).await;
    world.hear(solved(by_plan, true)).await;
    assert_eq!(world.told(by_plan).await[2], ("CLOSED".to_owned(), Suppressed));
    let by_phone = world.open("P-ADA").await;
    // A plan that was called off has told a date, and is not what solved it.
    world.hear(reached(by_phone, 1, Reached::PlanAgreed, "2026-11-24T10:00:00Z")).await;
    world.hear(solved(by_phone, false)).await;
    assert_eq!(world.told(by_phone).await[2], ("CLOSED".to_owned(), Pending));
    world.stop().await;
}

#[tokio::test]
async fn facts_in_any_order_are_told_in_one_that_makes_sense() {
    let world = World::new("shuffled").await;
    for round in 0..40 {
        let case_id = CaseId::fresh(&SystemIds);
        let mut events = part_held_up(&world, case_id, "P-ADA");
        let mut random = fastrand::Rng::with_seed(round);
        random.shuffle(&mut events);
        for event in &events {
            world.apply(event).await.unwrap();
        }
        let told = world.told(case_id).await;
        assert_eq!(told.len(), 7, "nothing is lost: {told:?}");
        let heard: Vec<_> =
            told.iter().filter(|(_, state)| *state == Pending).map(|(name, _)| name.clone()).collect();
        let orders = [
            ("CASE_OPENED", "PLAN_AGREED"),
            ("PLAN_AGREED", "SHIPPED"),
            ("PLAN_AGREED", "DONE"),
            ("SHIPPED", "IN_CUSTOMS"),
            ("SHIPPED", "ARRIVED"),
            ("IN_CUSTOMS", "ARRIVED"),
            ("ARRIVED", "DONE"),
            ("DATE_CHANGED", "DONE"),
        ];
        for (earlier, later) in orders {
            if let (Some(earlier), Some(later)) = (position(&heard, earlier), position(&heard, later)) {
                assert!(earlier < later, "seed {round}: {heard:?}");
            }
        }
        assert!(heard.contains(&"DONE".to_owned()) && heard[0] == "CASE_OPENED", "seed {round}: {heard:?}");
    }
    world.stop().await;
}
