//! Dates told that leave no room for what happens.

use jiff::SignedDuration;

use super::super::{Fact, Input, Stage, TransferMilestone};
use super::{Story, at, delivery};

/// A shipment that was to arrive at the very deadline, and of which nobody says a word.
fn silent_without_room() -> Story {
    let mut story = Story::begin(delivery(&[("CHI", "us")], 48), Some(48), false);
    story.commit();
    assert!(story.plan.promise.is_some_and(|promise| promise.promised_at == at(48)));
    story.transfer_news(2, TransferMilestone::Shipped, None);
    story.due();
    assert!(matches!(story.plan.stage(), Some(Stage::Replanning { carry_on: true, .. })));
    story
}

#[test]
fn a_date_without_room_is_corrected_before_it_passes() {
    let mut story = silent_without_room();
    story.options(Vec::new());
    assert!(story.now < at(48));
    assert!(
        story.tells(|fact| matches!(fact, Fact::PromiseChanged { in_time: true, .. })),
        "{:?}",
        story.said
    );
}

#[test]
fn a_date_without_room_is_taken_back_before_it_passes_when_no_answer_comes() {
    let mut story = silent_without_room();
    story.due();
    assert!(story.now < at(48));
    assert!(
        story.tells(|fact| matches!(fact, Fact::PromiseTakenBack { in_time: true, .. })),
        "{:?}",
        story.said
    );
}

#[test]
fn the_watchdog_never_looks_twice_at_one_time() {
    let mut story = silent_without_room();
    story.options(Vec::new());
    // Nobody ever says a word again, and nothing is ever found.
    for _ in 0..200 {
        story.due();
        assert!(story.plan.due_at() > Some(story.now), "{:?}", story.plan);
        if story.plan.stage().is_some_and(Stage::is_waiting_for_a_way) {
            story.options(Vec::new());
        }
    }
    assert!(story.now > at(48 + 100), "{:?}", story.plan);
    story.hear(Input::Withdrawn);
}

#[test]
fn a_date_without_room_is_taken_back_before_it_passes_though_more_becomes_late_meanwhile() {
    let mut story = Story::begin(delivery(&[("CHI", "us"), ("HEL", "eu")], 48), Some(48), false);
    story.commit();
    let (first, second) = (story.transfer(0), story.transfer(1));
    story.news_of(second, 2, TransferMilestone::Shipped, None);
    story.now = at(48) - SignedDuration::from_mins(4);
    story.recorded(first, 9, TransferMilestone::CustomsHold, (47, Some(90)));
    assert!(matches!(story.plan.stage(), Some(Stage::Replanning { carry_on: true, .. })));
    story.due();
    assert!(story.tells(|fact| matches!(fact, Fact::Disrupted(_))), "the other one is late too");
    assert!(
        story.tells(|fact| matches!(fact, Fact::PromiseTakenBack { in_time: true, .. })),
        "{:?}",
        story.said
    );
}
