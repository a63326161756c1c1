//! What the office has back: units on loan, and instruments that were replaced.

use super::super::{
    Chosen, CustomerMilestone, Disruption, Fact, Input, PlanState, SolutionKind, Stage, TransferMilestone,
};
use super::{Story, at, delivery, exchange_from, visit_by};

/// A unit to lend, there after ten hours and due back at 100.
fn loaner() -> Chosen {
    let mut loaner = Chosen { kind: SolutionKind::Loaner, ..delivery(&[("HEL", "eu")], 10) };
    loaner.stock[0].on_loan = true;
    loaner.stock[0].due_back = Some(at(100));
    loaner
}

fn lent() -> Story {
    let mut story = Story::begin(loaner(), None, false);
    story.commit();
    story.transfer_news(2, TransferMilestone::Shipped, None);
    story.transfer_news(9, TransferMilestone::Received, None);
    story
}

/// The office has it back, which it says twice.
fn comes_back(story: &mut Story) {
    story.hear(Input::CameBack);
    assert!(!story.plan.has_something_out());
    let (plan, said) = (story.plan.clone(), std::mem::take(&mut story.said));
    story.hear(Input::CameBack);
    assert_eq!((&story.plan, story.said.len()), (&plan, 0), "the second time is no news");
    story.said = said;
}

#[test]
fn a_plan_that_waits_for_nothing_but_its_loaner_is_completed_when_the_office_has_it_back() {
    let mut on_time = lent();
    let mut overdue = lent();
    overdue.due();
    assert!(matches!(overdue.plan.stage(), Some(Stage::Parked { .. })));
    for story in [&mut on_time, &mut overdue] {
        assert!(story.plan.has_something_out());
        comes_back(story);
        assert_eq!((&story.plan.state, story.plan.due_at()), (&PlanState::Completed, None));
        assert!(
            story.tells(|fact| *fact == Fact::Completed) && story.tells_milestone(CustomerMilestone::Done)
        );
    }
}

#[test]
fn a_loaner_of_a_plan_that_is_over_is_left_to_no_other_plan_once_it_is_back() {
    let mut story = lent();
    story.hear(Input::CalledOff);
    assert!(story.plan.has_something_out());
    comes_back(&mut story);
    assert_eq!((&story.plan.state, story.commands()), (&PlanState::Ended, vec![]));
    assert!(
        Story::begin_after(story.plan, visit_by("E1", 120)).plan.tasks.iter().all(|task| task.revision > 0)
    );
}

#[test]
fn a_plan_whose_need_is_not_met_goes_on_when_the_loaner_of_an_earlier_one_is_back() {
    let mut story = lent();
    story.hear(Input::CalledOff);
    let mut next = Story::begin_after(story.plan, visit_by("E1", 120));
    next.commit();
    let mut searching = Story { plan: next.plan.clone(), said: Vec::new(), ..next };
    comes_back(&mut next);
    assert_eq!((next.plan.stage(), next.commands()), (Some(Stage::Executing), vec![]));

    searching.hear_at(8, Input::VisitDisrupted(searching.visit()));
    assert!(searching.search().has_loaner);
    comes_back(&mut searching);
    assert!(!searching.search().has_loaner, "another one may be the way now");
}

#[test]
fn a_parked_plan_looks_for_a_loaner_as_soon_as_that_of_an_earlier_one_is_called_off() {
    let mut story = Story::begin(loaner(), None, false);
    story.commit();
    let transfer = story.transfer(0);
    story.hear(Input::TransferOrdered(transfer));
    story.hear(Input::CalledOff);
    let mut next = Story::begin_after(story.plan, visit_by("E1", 120));
    next.commit();
    next.hear_at(8, Input::VisitDisrupted(next.visit()));
    assert!(next.search().has_loaner, "it may still leave");
    next.options(vec![]);
    assert!(matches!(next.plan.stage(), Some(Stage::Parked { .. })));
    let mut believed = Story { plan: next.plan.clone(), said: Vec::new(), ..next };
    next.news_of(transfer, 9, TransferMilestone::Cancelled, None);
    assert!(!next.search().has_loaner);
    comes_back(&mut believed);
    assert!(!believed.search().has_loaner, "the office knows better");
}

#[test]
fn a_loaner_that_is_back_before_it_came_to_the_customer_is_no_way_any_more() {
    let mut story = Story::begin(loaner(), None, false);
    story.commit();
    let transfer = story.transfer(0);
    story.transfer_news(2, TransferMilestone::Shipped, None);
    comes_back(&mut story);
    assert!(story.tells(|fact| *fact == Fact::Disrupted(Disruption::ShipmentLost)));
    story.options(vec![loaner()]);
    assert_eq!(story.commands(), [("ask", "hold")], "another one is lent");
    story.news_of(transfer, 9, TransferMilestone::Received, None);
    assert!(!story.plan.has_something_out(), "the office knows better");
}

#[test]
fn a_loaner_that_was_only_picked_is_called_off_and_out_until_its_owner_says_that_it_stays() {
    let mut story = Story::begin(loaner(), None, false);
    story.commit();
    let transfer = story.transfer(0);
    story.hear(Input::TransferOrdered(transfer));
    story.transfer_news(2, TransferMilestone::Picked, None);
    story.hear(Input::CameBack);
    assert_eq!(story.commands(), [("undo", "send")]);
    assert!(story.tells(|fact| *fact == Fact::Disrupted(Disruption::ShipmentLost)));
    assert!(story.plan.has_something_out());
    let mut shipped = Story { plan: story.plan.clone(), said: Vec::new(), ..story };
    story.news_of(transfer, 3, TransferMilestone::Cancelled, None);
    assert!(!story.plan.has_something_out());
    shipped.news_of(transfer, 3, TransferMilestone::Shipped, None);
    shipped.news_of(transfer, 9, TransferMilestone::Received, None);
    assert!(shipped.plan.has_something_out(), "it left before it could be called off");
}

#[test]
fn a_replaced_instrument_that_the_office_has_back_is_not_fetched_any_more() {
    for is_lost in [false, true] {
        let mut story = Story::begin(exchange_from(("FRA", "eu"), 30), None, false);
        story.commit();
        let (unit, back) = (story.transfer(0), story.transfer(1));
        assert!(!story.plan.has_something_out());
        story.news_of(unit, 30, TransferMilestone::Received, None);
        story.hear(Input::TransferOrdered(back));
        if is_lost {
            story.news_of(back, 31, TransferMilestone::Shipped, None);
            story.news_of(back, 40, TransferMilestone::Lost, None);
        }
        assert!(story.plan.has_something_out());
        comes_back(&mut story);
        assert_eq!(story.plan.state, PlanState::Completed);
        let called_off = if is_lost { vec![] } else { vec![("undo", "move")] };
        assert_eq!(story.commands(), called_off);
    }
}
