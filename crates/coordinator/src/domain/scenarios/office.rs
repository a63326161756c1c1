//! What plans do when the office, the customer or a party changes what they are about.

use super::super::{
    Chosen, CustomerMilestone, Disruption, Fact, Input, PlanState, SolutionKind, Stage, TransferMilestone,
    VisitMilestone,
};
use super::{Story, at, delivery, referral_to, site, visit_by};

fn responsibility(story: &Story) -> (String, String, jiff::Timestamp) {
    let PlanState::Open(_, responsibility) = &story.plan.state else { panic!("{:?}", story.plan.state) };
    (responsibility.owner.clone(), responsibility.next_action.clone(), responsibility.due)
}

#[test]
fn a_loaner_that_has_arrived_is_watched_until_it_is_due_back() {
    let mut loaner = Chosen { kind: SolutionKind::Loaner, ..delivery(&[("HEL", "eu")], 10) };
    loaner.stock[0].on_loan = true;
    loaner.stock[0].due_back = Some(at(100));
    let mut story = Story::begin(loaner, None, false);
    story.commit();
    story.transfer_news(2, TransferMilestone::Shipped, None);
    story.transfer_news(9, TransferMilestone::Received, None);
    assert!(story.tells_milestone(CustomerMilestone::LoanerArrived));
    assert!(!story.tells_milestone(CustomerMilestone::Done) && !story.tells(|it| *it == Fact::Completed));
    assert!(story.tells(|fact| matches!(fact, Fact::PromiseSettled { kept: true, .. })));
    let next_action = "Have Pump repaired and get the loaner back; then confirm its return".to_owned();
    assert_eq!(responsibility(&story), ("OFFICE".to_owned(), next_action, at(100)));

    story.due();
    let overdue = |since, attempts| Stage::Parked { reason: Disruption::LoanOverdue, since, attempts };
    assert_eq!((story.now, story.plan.stage()), (at(100), Some(overdue(at(100), 1))));
    assert!(story.tells(|fact| matches!(fact, Fact::Parked(Disruption::LoanOverdue, _))));
    story.due();
    assert_eq!(story.plan.stage(), Some(overdue(at(100), 2)), "it grows older");
    assert_eq!(responsibility(&story).2, at(108));
    story.hear(Input::Withdrawn);
    assert_eq!((story.plan.state.clone(), story.plan.due_at()), (PlanState::Ended, None));
}

#[test]
fn a_date_that_the_office_called_off_is_corrected_by_the_next_plan() {
    let mut story = Story::begin(delivery(&[("CHI", "us")], 48), None, false);
    story.commit();
    let monday = story.plan.promise.unwrap();
    story.hear(Input::CalledOff);
    assert_eq!((&story.plan.state, story.plan.taken_back), (&PlanState::Ended, Some(monday)));
    assert!(story.tells(|fact| matches!(fact, Fact::PromiseTakenBack { in_time: true, .. })));
    assert!(story.tells_milestone(CustomerMilestone::StillLooking));

    let mut next = Story::begin_after(story.plan, delivery(&[("HEL", "eu")], 80));
    next.hear(Input::HoldPlaced(next.hold(0)));
    let corrects = |fact: &Fact| match fact {
        Fact::PromiseChanged { old, new, .. } => (old.0, old.1, new.1) == (monday.promise_id, at(52), at(84)),
        _ => false,
    };
    assert!(next.tells(corrects), "{:?}", next.said);
    assert!(!next.tells_milestone(CustomerMilestone::PlanAgreed));
}

#[test]
fn a_date_is_dropped_with_the_need() {
    let mut story = Story::begin(delivery(&[("CHI", "us")], 48), None, false);
    story.commit();
    story.hear(Input::Withdrawn);
    assert_eq!((story.plan.promise, story.plan.taken_back), (None, None));
    assert!(story.tells(|fact| matches!(fact, Fact::PromiseWithdrawn(_))));
    assert!(!story.tells_milestone(CustomerMilestone::StillLooking));
}

#[test]
fn a_plan_that_comes_too_late_for_a_new_deadline_is_replaced_by_a_better_one() {
    let mut story = Story::begin(delivery(&[("CHI", "us")], 48), Some(60), false);
    story.commit();
    let tells_earlier = |story: &Story, before, now| {
        let (before, now) = (at(before), at(now));
        story.tells(|fact| match fact {
            Fact::PromiseChanged { old, new, in_time: true, reason: Disruption::NeededEarlier } => {
                (old.1, new.1) == (before, now)
            }
            _ => false,
        })
    };
    story.hear(Input::DeadlineMoved(Some(at(50))));
    assert_eq!(story.plan.stage(), Some(Stage::Executing), "it is early enough for that");
    assert!(tells_earlier(&story, 52, 50), "{:?}", story.said);
    story.hear(Input::DeadlineMoved(Some(at(40))));
    assert!(story.tells(|fact| *fact == Fact::Disrupted(Disruption::NeededEarlier)));
    story.options(vec![delivery(&[("HEL", "eu")], 30)]);
    assert_eq!(story.plan.revision, 2);
    story.hear(Input::HoldPlaced(story.hold(0)));
    assert!(tells_earlier(&story, 50, 34), "{:?}", story.said);
}

#[test]
fn a_plan_that_comes_too_late_for_a_new_deadline_is_carried_on_where_nothing_is_better() {
    let mut story = Story::begin(delivery(&[("CHI", "us")], 48), None, false);
    story.commit();
    let promise = story.plan.promise;
    story.hear(Input::DeadlineMoved(Some(at(40))));
    story.options(vec![delivery(&[("HEL", "eu")], 46)]);
    assert_eq!((story.plan.revision, story.plan.stage()), (1, Some(Stage::Executing)));
    assert_eq!(story.plan.promise, promise, "the date told stands");
    story.hear(Input::DeadlineMoved(Some(at(40))));
    assert!(story.said.is_empty(), "{:?}", story.said);
}

#[test]
fn a_party_that_was_never_asked_is_asked_again_later_and_one_that_said_no_is_not() {
    let mut story = Story::begin(referral_to("NEVER"), None, false);
    story.hear(Input::ReferralWithdrawn(story.referral()));
    assert_eq!(story.search().exclusions.parties, ["NEVER".parse().unwrap()], "not at once");
    story.options(vec![referral_to("NO")]);
    story.hear(Input::ReferralReturned(story.referral()));
    story.options(Vec::new());
    assert_eq!(story.plan.exclusions.parties, ["NO".parse().unwrap()]);
    story.due();
    assert_eq!(story.search().exclusions.stock, []);
    story.options(vec![referral_to("NEVER")]);
    assert_eq!(story.commands(), [("ask", "refer")]);
}

#[test]
fn what_was_found_for_another_place_is_not_carried_on_with() {
    let to = |place: &str| {
        let mut chosen = delivery(&[("HEL", "eu")], 30);
        chosen.stock[0].to_site = site(place);
        Chosen { need: format!("1 PUMP to {place}"), ..chosen }
    };
    let mut story = Story::begin(to("CUSTOMER"), None, false);
    story.commit();
    story.hear(Input::NeedStated("1 PUMP to CUSTOMER".to_owned()));
    assert!(!story.tells(|fact| matches!(fact, Fact::Disrupted(_))), "nothing has changed");
    story.hear(Input::NeedStated("1 PUMP to ELSEWHERE".to_owned()));
    assert!(story.tells(|fact| *fact == Fact::Disrupted(Disruption::NeedChanged)));
    let mut parked = story.plan.clone();
    story.options(vec![to("ELSEWHERE")]);
    assert_eq!((story.plan.revision, &*story.plan.chosen.need), (2, "1 PUMP to ELSEWHERE"));
    story.commit();
    // However sound the former way is, it leads elsewhere.
    std::mem::swap(&mut story.plan, &mut parked);
    story.options(vec![]);
    assert!(matches!(story.plan.stage(), Some(Stage::Parked { .. })), "{:?}", story.plan.stage());
}

/// A unit on loan that has arrived, due back at 100, when the office calls the plan off; an engineer's visit follows.
fn visit_after_called_off_loan(start_hours: i64) -> (Story, meridian_types::TransferId) {
    let mut loaner = Chosen { kind: SolutionKind::Loaner, ..delivery(&[("HEL", "eu")], 10) };
    loaner.stock[0].on_loan = true;
    loaner.stock[0].due_back = Some(at(100));
    let mut story = Story::begin(loaner, None, false);
    story.commit();
    let transfer = story.transfer(0);
    story.transfer_news(2, TransferMilestone::Shipped, None);
    story.hear(Input::CalledOff);
    assert!(story.plan.has_lent(|_| true));
    let next = Story::begin_after(story.plan, visit_by("E1", start_hours));
    (next, transfer)
}

#[test]
fn a_loaner_of_a_plan_that_was_called_off_stays_until_the_next_one_has_met_the_need_and_then_is_due_back() {
    let (mut next, loaner) = visit_after_called_off_loan(120);
    next.commit();
    next.news_of(loaner, 9, TransferMilestone::Received, None);
    assert_eq!(next.plan.due_back(), None, "the customer needs it until the visit");
    next.hear_at(110, Input::Due);
    assert!(!next.tells(|fact| matches!(fact, Fact::Parked(Disruption::LoanOverdue, _))), "{:?}", next.said);
    next.hear_at(122, Input::VisitProgressed(next.visit(), VisitMilestone::Finished));
    assert_eq!(next.plan.stage(), Some(Stage::Executing), "it is still out");
    let next_action = "Get the Pump back that is not needed any more; then confirm its return".to_owned();
    // It took nine hours to come.
    assert_eq!(responsibility(&next), ("OFFICE".to_owned(), next_action, at(131)));
    next.due();
    assert!(matches!(next.plan.stage(), Some(Stage::Parked { reason: Disruption::LoanOverdue, .. })));
}

#[test]
fn no_loaner_is_looked_for_while_one_of_an_earlier_plan_is_out() {
    let (mut next, loaner) = visit_after_called_off_loan(120);
    next.commit();
    next.hear_at(8, Input::VisitDisrupted(next.visit()));
    assert!(next.search().has_loaner);
    next.news_of(loaner, 9, TransferMilestone::Lost, None);
    next.due();
    assert!(!next.search().has_loaner, "it was lost");
}

#[test]
fn a_loaner_for_which_nobody_has_said_a_date_is_due_back_when_the_need_is_met() {
    let mut loaner = Chosen { kind: SolutionKind::Loaner, ..delivery(&[("HEL", "eu")], 10) };
    loaner.stock[0].on_loan = true;
    let mut story = Story::begin(loaner, None, false);
    story.commit();
    story.transfer_news(9, TransferMilestone::Received, None);
    assert_eq!(story.plan.state, PlanState::Completed);
    let mut next = Story::begin_after(story.plan, visit_by("E1", 120));
    next.commit();
    next.hear_at(122, Input::VisitProgressed(next.visit(), VisitMilestone::Finished));
    assert_eq!(next.plan.due_back(), Some(at(131)));
}
