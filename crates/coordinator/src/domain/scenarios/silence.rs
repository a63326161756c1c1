//! Nobody says a word, or says no at once: neither goes on for ever.

use super::super::{CustomerMilestone, Fact, Input, PlanState, Stage};
use super::{Story, at, delivery, pump, site};

#[test]
fn a_transfer_that_is_refused_is_not_asked_for_from_the_same_shelf_at_once() {
    let mut story = Story::begin(delivery(&[("CHI", "us")], 48), None, false);
    story.commit();
    story.hear(Input::TransferCommandRefused(story.transfer(0)));
    assert_eq!(story.search().exclusions.stock, [(pump(), site("CHI"))]);
}

#[test]
fn a_plan_that_finds_one_way_after_the_other_refused_is_parked_for_a_person() {
    let mut story = Story::begin(delivery(&[("CHI", "us")], 48), None, false);
    let mut changes = 0;
    while story.plan.stage() == Some(Stage::Holding) {
        story.hear(Input::HoldRefused(story.hold(0), None));
        story.options(vec![delivery(&[("HEL", "eu")], 48)]);
        changes += 1;
        assert!(changes < 20, "it goes on for ever");
    }
    assert!(matches!(story.plan.stage(), Some(Stage::Parked { .. })));
    let PlanState::Open(_, responsibility) = &story.plan.state else { unreachable!() };
    assert_eq!(responsibility.owner, "OFFICE");
    story.due();
    story.options(vec![delivery(&[("HEL", "eu")], 48)]);
    assert_eq!(story.plan.stage(), Some(Stage::Holding), "later it may go better");
}

#[test]
fn a_search_that_nobody_answers_comes_to_a_person_and_the_customer_hears_as_they_were_told() {
    let mut story = Story::begin(delivery(&[("CHI", "us")], 48), None, false);
    story.commit();
    story.hear(Input::TransferCommandRefused(story.transfer(0)));
    let mut words = 0;
    for _ in 0..40 {
        story.due();
        words += usize::from(story.tells_milestone(CustomerMilestone::StillLooking));
    }
    let Some(Stage::Parked { attempts, .. }) = story.plan.stage() else { panic!("{:?}", story.plan.stage()) };
    assert!(attempts > 6, "{attempts}");
    assert!(words > 2, "{words}");
}

#[test]
fn a_search_that_nobody_answers_while_carrying_on_is_possible_is_given_up() {
    let mut story = Story::begin(delivery(&[("CHI", "us")], 48), None, false);
    story.commit();
    story.hear(Input::DeadlineMoved(Some(at(40))));
    for _ in 0..8 {
        story.due();
    }
    assert_eq!((story.plan.stage(), story.plan.revision), (Some(Stage::Executing), 1));
}

#[test]
fn goods_that_do_not_leave_are_taken_to_be_later_the_longer_nobody_says_a_word() {
    let mut story = Story::begin(delivery(&[("CHI", "us")], 48), None, false);
    story.commit();
    story.hear(Input::TransferOrdered(story.transfer(0)));
    let mut corrections = Vec::new();
    while story.now < at(5 * 24) {
        story.due();
        if story.plan.stage().is_some_and(Stage::is_waiting_for_a_way) {
            story.options(Vec::new());
        }
        if story.tells(|fact| matches!(fact, Fact::PromiseChanged { in_time: true, .. })) {
            corrections.push(story.now);
        }
    }
    assert!((3..=6).contains(&corrections.len()), "{corrections:?}");
}
