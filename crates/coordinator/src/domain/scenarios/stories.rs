//! What plans do when this and that happens.

use super::super::{
    CustomerMilestone, Disruption, Fact, Input, Lacking, PlanState, Stage, TaskState, TransferMilestone,
    VisitMilestone,
};
use super::{Story, at, delivery, pump, referral_to, site, visit_by};

const TWO_WAREHOUSES: [(&str, &str); 2] = [("CHI", "us"), ("HEL", "eu")];

#[test]
fn nothing_is_confirmed_before_everything_is_held() {
    let mut story = Story::begin(delivery(&TWO_WAREHOUSES, 48), None, true);
    assert_eq!(story.commands(), [("ask", "hold"), ("ask", "hold")]);
    let (first, second) = (story.hold(0), story.hold(1));
    story.hear(Input::HoldPlaced(first));
    assert_eq!(story.commands(), []);
    story.hear(Input::HoldPlaced(second));
    assert_eq!(story.commands(), [("confirm", "hold"), ("confirm", "hold")]);
    assert!(story.tells(|fact| *fact == Fact::Committed));
    // Four hours after the planned arrival.
    assert!(story.tells(|fact| matches!(fact, Fact::PromiseMade(_, promised) if *promised == at(52))));
    assert!(story.tells_milestone(CustomerMilestone::PlanAgreed));
    story.hear(Input::HoldConfirmed(first));
    assert_eq!(story.commands(), [("ask", "send")]);
}

#[test]
fn the_customer_hears_that_a_delivery_has_left_and_has_arrived_when_all_of_it_has() {
    let mut story = Story::begin(delivery(&TWO_WAREHOUSES, 48), None, true);
    story.commit();
    let (first, second) = (story.transfer(0), story.transfer(1));
    story.news_of(first, 2, TransferMilestone::Shipped, None);
    assert!(!story.tells_milestone(CustomerMilestone::Shipped));
    story.news_of(first, 20, TransferMilestone::Received, None);
    assert!(!story.tells_milestone(CustomerMilestone::Arrived));
    story.news_of(second, 21, TransferMilestone::Shipped, None);
    assert!(story.tells_milestone(CustomerMilestone::Shipped));
    story.news_of(second, 40, TransferMilestone::Received, None);
    assert!(story.tells_milestone(CustomerMilestone::Arrived));
}

#[test]
fn a_refusal_gives_back_what_is_held_and_leaves_the_decision_to_who_waits() {
    let mut story = Story::begin(delivery(&TWO_WAREHOUSES, 48), None, true);
    story.hear(Input::HoldPlaced(story.hold(0)));
    story.hear(Input::HoldRefused(story.hold(1), Some(Lacking::Stock(pump(), site("HEL")))));
    assert_eq!(story.plan.state, PlanState::Ended);
    assert_eq!(story.commands(), [("undo", "hold")]);
    assert!(story.tells(|fact| *fact == Fact::Ended));
    assert_eq!(story.plan.exclusions.stock, [(pump(), site("HEL"))]);
    // It is asked to give back until it says that it did.
    assert_eq!(story.plan.due_at(), Some(story.now + jiff::SignedDuration::from_mins(15)));
    story.due();
    assert_eq!(story.commands(), [("undo", "hold")]);
    story.hear(Input::HoldReleased(story.hold(0)));
    assert_eq!(story.plan.due_at(), None);
}

#[test]
fn a_refusal_that_nobody_waits_for_is_answered_with_the_next_best() {
    let mut story = Story::begin(delivery(&[("CHI", "us")], 48), None, true);
    story.hear(Input::CallerGone);
    story.hear(Input::HoldRefused(story.hold(0), None));
    assert_eq!(story.search().exclusions.stock, [(pump(), site("CHI"))]);
    story.options(vec![delivery(&[("HEL", "eu")], 30)]);
    assert_eq!(story.plan.revision, 2);
    assert_eq!(story.commands(), [("ask", "hold")]);
    story.commit();
}

#[test]
fn customs_that_hold_goods_back_are_met_with_a_correction_where_nothing_is_better() {
    let mut story = Story::begin(delivery(&[("CHI", "us")], 48), Some(60), false);
    story.commit();
    story.transfer_news(2, TransferMilestone::Shipped, None);
    story.transfer_news(30, TransferMilestone::InCustoms, None);
    story.transfer_news(31, TransferMilestone::CustomsHold, Some(120));
    assert!(story.tells(|fact| *fact == Fact::Disrupted(Disruption::CustomsHold)));
    // Two hours earlier is not worth the change.
    story.options(vec![delivery(&[("HEL", "eu")], 118)]);
    assert_eq!(story.plan.stage(), Some(Stage::Executing));
    assert_eq!(story.plan.revision, 1);
    let corrected = |fact: &Fact| match fact {
        Fact::PromiseChanged { old, new, in_time, reason } => {
            (old.1, new.1, *in_time, *reason) == (at(52), at(124), true, Disruption::CustomsHold)
        }
        _ => false,
    };
    assert!(story.tells(corrected), "{:?}", story.said);
    story.transfer_news(119, TransferMilestone::CustomsReleased, None);
    story.transfer_news(121, TransferMilestone::Received, None);
    assert_eq!(story.plan.state, PlanState::Completed);
    assert!(story.tells(|fact| matches!(fact, Fact::PromiseSettled { kept: true, .. })));
}

#[test]
fn customs_that_hold_goods_back_are_met_with_a_better_way_where_there_is_one() {
    let mut story = Story::begin(delivery(&[("CHI", "us")], 48), Some(60), false);
    story.commit();
    story.transfer_news(2, TransferMilestone::Shipped, None);
    story.transfer_news(31, TransferMilestone::InCustoms, None);
    story.transfer_news(31, TransferMilestone::CustomsHold, Some(120));
    story.options(vec![delivery(&[("HEL", "eu")], 58)]);
    assert_eq!((story.plan.revision, story.plan.stage()), (2, Some(Stage::Holding)));
    assert_eq!(story.commands(), [("ask", "hold")], "what moves goes on moving");
    story.commit();
    // The deadline leaves room enough for the new date.
    assert!(story.plan.promise.is_some_and(|promise| promise.promised_at == at(60)));
}

#[test]
fn a_small_delay_is_absorbed_by_the_room_in_the_promise() {
    let mut story = Story::begin(delivery(&[("CHI", "us")], 48), None, false);
    story.commit();
    story.transfer_news(2, TransferMilestone::Shipped, Some(51));
    assert_eq!((story.plan.stage(), story.plan.expected_at), (Some(Stage::Executing), at(51)));
    assert!(!story.tells(|fact| matches!(fact, Fact::Disrupted(_) | Fact::PromiseChanged { .. })));
}

#[test]
fn an_engineer_who_falls_ill_is_replaced() {
    let mut story = Story::begin(visit_by("E1", 26), Some(40), false);
    story.hear(Input::VisitHeld(story.visit()));
    assert_eq!(story.commands(), [("confirm", "visit")]);
    story.hear(Input::VisitProgressed(story.visit(), VisitMilestone::Booked));
    story.hear_at(20, Input::VisitDisrupted(story.visit()));
    assert!(story.tells(|fact| *fact == Fact::Disrupted(Disruption::EngineerUnavailable)));
    assert_eq!(story.search().exclusions.engineers, [("eu".parse().unwrap(), "E1".parse().unwrap())]);
    story.options(vec![visit_by("E2", 30)]);
    assert_eq!(story.commands(), [("ask", "visit")]);
    story.hear(Input::VisitHeld(story.visit()));
    // The first date was 32 o'clock; the work now ends then, within the promise.
    assert!(story.tells(|fact| *fact == Fact::Committed));
    story.hear(Input::VisitProgressed(story.visit(), VisitMilestone::Booked));
    story.hear_at(28, Input::VisitProgressed(story.visit(), VisitMilestone::Started));
    story.hear_at(32, Input::VisitProgressed(story.visit(), VisitMilestone::Finished));
    assert_eq!(story.plan.state, PlanState::Completed);
    assert!(story.tells(|fact| matches!(fact, Fact::PromiseSettled { kept: true, .. })));
}

#[test]
fn a_referral_that_comes_back_goes_to_the_next_party() {
    let mut story = Story::begin(referral_to("FIRST"), None, true);
    assert!(story.tells(|fact| *fact == Fact::Committed), "there is nothing to hold");
    assert!(!story.tells(|fact| matches!(fact, Fact::PromiseMade(..))), "the party has its own date");
    story.hear(Input::ReferralOffered(story.referral(), at(4)));
    story.hear_at(4, Input::ReferralReturned(story.referral()));
    assert_eq!(story.search().exclusions.parties, ["FIRST".parse().unwrap()]);
    story.options(vec![referral_to("SECOND")]);
    assert_eq!(story.commands(), [("ask", "refer")]);
    story.hear(Input::ReferralAccepted(story.referral()));
    assert_eq!(story.plan.state, PlanState::Completed);
    assert!(!story.tells(|fact| *fact == Fact::Completed), "intake keeps the case referred");
}

#[test]
fn when_nothing_works_the_case_is_parked_with_an_owner_and_tried_again() {
    let mut story = Story::begin(delivery(&[("CHI", "us")], 48), None, false);
    story.commit();
    story.transfer_news(2, TransferMilestone::PickFailed, None);
    assert_eq!(story.search().exclusions.stock, [(pump(), site("CHI"))]);
    story.options(Vec::new());
    let Some(Stage::Parked { reason: Disruption::PickFailed, attempts: 1, .. }) = story.plan.stage() else {
        panic!("{:?}", story.plan.state)
    };
    let parked = |fact: &Fact| match fact {
        Fact::Parked(Disruption::PickFailed, responsibility) => {
            responsibility.owner == "OFFICE" && responsibility.due == at(6)
        }
        _ => false,
    };
    assert!(story.tells(parked));
    assert!(story.tells(|fact| matches!(fact, Fact::PromiseTakenBack { in_time: true, .. })));
    assert!(story.tells_milestone(CustomerMilestone::StillLooking));
    story.due();
    assert_eq!(story.search().exclusions.stock, [], "stock may have come in");
    story.options(vec![delivery(&[("CHI", "us")], 80)]);
    story.commit();
    assert!(story.plan.promise.is_some_and(|promise| promise.promised_at == at(84)));
}

#[test]
fn a_date_taken_back_is_named_by_the_one_that_follows() {
    let mut story = Story::begin(delivery(&[("CHI", "us")], 48), None, false);
    story.commit();
    story.transfer_news(2, TransferMilestone::Shipped, None);
    story.transfer_news(10, TransferMilestone::Lost, None);
    story.options(Vec::new());
    story.due();
    story.options(vec![delivery(&[("HEL", "eu")], 80)]);
    story.hear(Input::HoldPlaced(story.hold(0)));
    let corrects = |fact: &Fact| match fact {
        Fact::PromiseChanged { old, new, .. } => (old.1, new.1) == (at(52), at(84)),
        _ => false,
    };
    assert!(story.tells(corrects), "{:?}", story.said);
}

#[test]
fn an_owner_who_stays_silent_is_asked_again_and_then_done_without() {
    let mut story = Story::begin(delivery(&TWO_WAREHOUSES, 48), None, false);
    story.hear(Input::HoldPlaced(story.hold(0)));
    let mut asked = 0;
    while story.plan.stage() == Some(Stage::Holding) {
        story.due();
        asked += usize::from(story.commands().contains(&("ask", "hold")));
    }
    assert_eq!(asked, 3);
    assert!(story.tells(|fact| *fact == Fact::Disrupted(Disruption::Silence)));
    assert!(story.commands().contains(&("undo", "hold")), "the answer may still come");
    assert_eq!(story.search().own_stock.len(), 1, "what is held is the plan's own");
    // The same goods from the first warehouse are kept, not asked for again.
    story.options(vec![delivery(&[("CHI", "us")], 50)]);
    assert_eq!(story.plan.stage(), Some(Stage::Executing));
    assert_eq!(story.commands(), [("confirm", "hold")]);
}

#[test]
fn a_customer_who_no_longer_needs_it_ends_everything_that_has_not_left() {
    let mut story = Story::begin(delivery(&TWO_WAREHOUSES, 48), None, false);
    story.commit();
    story.transfer_news(2, TransferMilestone::Shipped, None);
    story.hear_at(3, Input::Withdrawn);
    assert_eq!(story.plan.state, PlanState::Ended);
    assert!(story.tells(|fact| matches!(fact, Fact::PromiseWithdrawn(_))));
    assert_eq!(story.commands(), [("undo", "send"), ("undo", "hold")], "in reverse order");
    let moving = story.plan.tasks.iter().filter(|task| task.state == TaskState::UnderWay).count();
    assert_eq!(moving, 1, "what has left goes on");
}

#[test]
fn what_is_recorded_later_counts_though_it_happened_before() {
    let mut story = Story::begin(delivery(&[("CHI", "us")], 48), None, false);
    story.commit();
    let transfer = story.transfer(0);
    story.hear(Input::TransferOrdered(transfer));
    story.now = at(10);
    story.recorded(transfer, 2, TransferMilestone::Picked, (10, None));
    // The carrier's scanner says when; the warehouse does not.
    story.recorded(transfer, 3, TransferMilestone::Shipped, (9, None));
    assert!(story.plan.tasks.iter().any(|task| task.state == TaskState::UnderWay), "{:?}", story.plan.tasks);
    story.recorded(transfer, 4, TransferMilestone::InCustoms, (10, None));
    story.recorded(transfer, 5, TransferMilestone::CustomsHold, (10, Some(60)));
    story.options(Vec::new());
    story.recorded(transfer, 6, TransferMilestone::CustomsHold, (10, Some(90)));
    story.options(Vec::new());
    assert!(
        story.plan.promise.is_some_and(|promise| promise.promised_at == at(94)),
        "{:?}",
        story.plan.promise
    );
    // Delivered out of order, an older version is late whatever time it names.
    let before = story.plan.clone();
    story.recorded(transfer, 5, TransferMilestone::CustomsHold, (11, Some(60)));
    assert_eq!((&story.plan, story.said.len()), (&before, 0));
}

#[test]
fn a_plan_stored_before_versions_were_heard_of_goes_on() {
    let mut story = Story::begin(delivery(&[("CHI", "us")], 48), None, false);
    story.commit();
    let transfer = story.transfer(0);
    story.hear(Input::TransferOrdered(transfer));
    story.transfer_news(1, TransferMilestone::Picked, None);
    let mut stored = serde_json::to_value(&story.plan).unwrap();
    stored["tasks"][1]["heard"] = serde_json::json!([at(1), "picked"]);
    story.plan = serde_json::from_value(stored).unwrap();
    assert!(story.plan.tasks[1].is_on_the_way());
    story.recorded(transfer, 2, TransferMilestone::Shipped, (0, None));
    assert_eq!(story.plan.tasks[1].state, TaskState::UnderWay);
}
