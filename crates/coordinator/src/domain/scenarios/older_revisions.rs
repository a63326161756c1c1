//! What becomes of goods and engineers of an older revision once another solution was taken.

use super::super::{
    Chosen, CustomerMilestone, Disruption, Fact, Input, InstrumentMove, Plan, PlanState, SolutionKind, Stage,
    TransferMilestone, VisitMilestone,
};
use super::{Story, at, delivery, exchange_from, pump, repair_by, site, visit_by};

/// A part on its way for E1, who falls ill: E2 comes instead and counts on it.
fn part_on_its_way_for_another_engineer() -> Story {
    let mut story = Story::begin(repair_by("E1", 26, ("CHI", "us"), 24), Some(60), false);
    story.commit();
    story.transfer_news(2, TransferMilestone::Shipped, None);
    story.hear_at(10, Input::VisitDisrupted(story.visit()));
    assert_eq!(story.search().at_hand.len(), 1);
    story.options(vec![visit_by("E2", 30)]);
    assert_eq!(story.commands(), [("ask", "visit")]);
    story.commit();
    assert_eq!((story.plan.revision, story.plan.expected_at), (2, at(32)));
    story
}

#[test]
fn a_part_under_way_that_is_lost_concerns_the_engineer_who_comes_instead() {
    let mut story = part_on_its_way_for_another_engineer();
    story.transfer_news(12, TransferMilestone::Lost, None);
    assert!(story.tells(|fact| *fact == Fact::Disrupted(Disruption::ShipmentLost)));
    assert_eq!(story.search().at_hand, []);
}

#[test]
fn a_part_under_way_that_customs_hold_back_concerns_the_engineer_who_comes_instead() {
    let mut story = part_on_its_way_for_another_engineer();
    story.transfer_news(12, TransferMilestone::CustomsHold, Some(50));
    assert!(story.tells(|fact| *fact == Fact::Disrupted(Disruption::CustomsHold)));
    assert!(matches!(story.plan.stage(), Some(Stage::Replanning { carry_on: false, .. })));
}

#[test]
fn a_part_that_came_in_time_for_the_engineer_who_comes_instead_delays_nothing() {
    let mut story = part_on_its_way_for_another_engineer();
    story.transfer_news(12, TransferMilestone::InCustoms, None);
    assert!(
        !story.tells_milestone(CustomerMilestone::InCustoms),
        "the part is ours, no delivery to the customer"
    );
    story.transfer_news(24, TransferMilestone::Received, None);
    assert!(!story.tells_milestone(CustomerMilestone::Arrived));
    assert_eq!(story.plan.stage(), Some(Stage::Executing));
    story.hear_at(32, Input::VisitProgressed(story.visit(), VisitMilestone::Finished));
    assert_eq!(story.plan.state, PlanState::Completed);
}

#[test]
fn a_part_that_was_picked_is_not_put_back_for_another_engineer() {
    let mut story = Story::begin(repair_by("E1", 26, ("CHI", "us"), 24), Some(60), false);
    story.commit();
    story.hear(Input::TransferOrdered(story.transfer(0)));
    story.transfer_news(1, TransferMilestone::Picked, None);
    story.hear(Input::VisitDisrupted(story.visit()));
    let search = story.search();
    assert_eq!((search.own_stock.len(), search.at_hand.len()), (0, 1));
    story.options(vec![visit_by("E2", 30)]);
    assert_eq!(story.commands(), [("ask", "visit")]);
    story.transfer_news(2, TransferMilestone::Shipped, None);
    story.transfer_news(3, TransferMilestone::Lost, None);
    let is_lost = |fact: &Fact| *fact == Fact::Disrupted(Disruption::ShipmentLost);
    assert!(story.tells(is_lost), "it belongs to the present revision");
}

/// A pump that customs hold back for long: another way is taken.
fn held_back(instead: Chosen) -> (Story, meridian_types::TransferId) {
    let mut story = Story::begin(delivery(&[("CHI", "us")], 48), Some(60), false);
    story.commit();
    story.transfer_news(2, TransferMilestone::Shipped, None);
    story.transfer_news(30, TransferMilestone::InCustoms, None);
    story.transfer_news(31, TransferMilestone::CustomsHold, Some(120));
    let held_back = story.transfer(0);
    story.options(vec![instead]);
    assert_eq!(story.plan.revision, 2);
    (story, held_back)
}

#[test]
fn goods_that_arrive_after_all_spare_sending_others() {
    let (mut story, first) = held_back(delivery(&[("HEL", "eu")], 58));
    story.commit();
    story.news_of(first, 40, TransferMilestone::CustomsReleased, None);
    story.news_of(first, 45, TransferMilestone::Received, None);
    assert_eq!(story.commands(), [("undo", "send"), ("undo", "hold")]);
    assert!(story.tells_milestone(CustomerMilestone::Arrived));
    assert!(story.tells(|fact| matches!(fact, Fact::PromiseSettled { kept: true, .. })));
    assert_eq!(story.plan.state, PlanState::Completed);
}

#[test]
fn goods_that_arrive_for_a_plan_that_is_over_change_no_more_than_their_own_state() {
    let (mut story, first) = held_back(delivery(&[("HEL", "eu")], 58));
    story.hear(Input::Withdrawn);
    let before = story.plan.clone();
    story.news_of(first, 45, TransferMilestone::Received, None);
    assert_eq!(story.said, []);
    let revisions = |plan: &Plan| plan.tasks.iter().map(|task| task.revision).collect::<Vec<_>>();
    assert_eq!(revisions(&story.plan), revisions(&before));
}

#[test]
fn goods_that_arrive_while_others_are_asked_for_spare_them() {
    let (mut story, first) = held_back(delivery(&[("HEL", "eu")], 58));
    story.news_of(first, 45, TransferMilestone::Received, None);
    assert_eq!(story.commands(), [("undo", "hold")]);
    assert!(!story.tells(|fact| *fact == Fact::Committed));
    assert_eq!(story.plan.state, PlanState::Completed);
}

#[test]
fn goods_that_arrive_after_all_spare_only_as_many_as_they_are() {
    let (mut story, first) = held_back(delivery(&[("HEL", "eu"), ("FRA", "eu")], 58));
    story.hear(Input::HoldPlaced(story.hold(1)));
    story.news_of(first, 45, TransferMilestone::Received, None);
    assert_eq!(story.commands(), [("undo", "hold"), ("confirm", "hold")], "the other is all that is needed");
    assert!(story.tells(|fact| *fact == Fact::Committed));
    story.hear(Input::HoldConfirmed(story.hold(0)));
    story.transfer_news(50, TransferMilestone::Received, None);
    assert_eq!(story.plan.state, PlanState::Completed);
}

#[test]
fn goods_that_arrive_after_others_were_lost_meet_the_need() {
    let (mut story, first) = held_back(delivery(&[("HEL", "eu")], 58));
    story.commit();
    story.transfer_news(33, TransferMilestone::PickFailed, None);
    story.options(Vec::new());
    assert!(matches!(story.plan.stage(), Some(Stage::Parked { .. })));
    story.news_of(first, 119, TransferMilestone::Received, None);
    assert_eq!(story.plan.state, PlanState::Completed);
    assert!(story.tells(|fact| *fact == Fact::Completed));
}

#[test]
fn a_search_that_finds_nothing_needed_meets_the_need() {
    let (mut story, _) = held_back(delivery(&[("HEL", "eu"), ("FRA", "eu")], 58));
    story.commit();
    story.transfer_news(33, TransferMilestone::PickFailed, None);
    let late = Input::NothingNeeded { search: story.plan.searches - 1, is_there: true };
    story.hear(late);
    assert_eq!(story.said, []);
    story.hear(Input::NothingNeeded { search: story.plan.searches, is_there: true });
    assert_eq!(
        story.commands(),
        [("undo", "send"), ("undo", "hold")],
        "what was still to come is given back"
    );
    assert!(story.tells(|fact| *fact == Fact::Completed));
    assert_eq!(story.plan.state, PlanState::Completed);
}

/// The part for E1 is not on the shelf. While another way is looked for, E1 sets out all the same.
fn engineer_who_cannot_be_called_off(instead: Chosen) -> (Story, meridian_types::VisitId) {
    let mut story = Story::begin(repair_by("E1", 26, ("CHI", "us"), 24), Some(60), false);
    story.commit();
    let first = story.visit();
    story.hear(Input::VisitProgressed(first, VisitMilestone::Booked));
    story.transfer_news(23, TransferMilestone::PickFailed, None);
    story.options(vec![instead]);
    assert_eq!(story.plan.revision, 2);
    assert!(story.commands().contains(&("undo", "visit")));
    story.hear_at(24, Input::VisitProgressed(first, VisitMilestone::Started));
    (story, first)
}

#[test]
fn work_that_was_done_after_all_spares_another_visit_and_its_part() {
    let (mut story, first) = engineer_who_cannot_be_called_off(repair_by("E2", 40, ("HEL", "eu"), 38));
    story.commit();
    story.hear_at(28, Input::VisitProgressed(first, VisitMilestone::Finished));
    assert_eq!(story.commands(), [("undo", "visit"), ("undo", "send"), ("undo", "hold")]);
    assert!(story.tells_milestone(CustomerMilestone::Repaired));
    assert_eq!(story.plan.state, PlanState::Completed);
}

/// The instrument goes to a depot, where E2 repairs it, and from there to `onward`.
pub(super) fn at_depot(onward: &str) -> Chosen {
    let moved = |from, to, departs, arrives, after_work| InstrumentMove {
        serial: "SN-1".parse().unwrap(),
        from_site: site(from),
        to_site: site(to),
        to_region: None,
        departs: at(departs),
        arrives: at(arrives),
        after_work,
        after_arrival: false,
    };
    let mut chosen = visit_by("E2", 50);
    chosen.engineers[0].site = site("DEPOT");
    chosen.moves = vec![moved("CUSTOMER", "DEPOT", 30, 48, false), moved("DEPOT", onward, 53, 58, true)];
    chosen
}

#[test]
fn work_that_was_done_after_all_spares_the_way_to_a_depot_and_back() {
    let (mut story, first) = engineer_who_cannot_be_called_off(at_depot("CUSTOMER"));
    story.commit();
    story.hear_at(28, Input::VisitProgressed(first, VisitMilestone::Finished));
    assert_eq!(story.commands(), [("undo", "move"), ("undo", "visit")]);
    assert_eq!(story.plan.state, PlanState::Completed);
}

#[test]
fn work_that_was_done_elsewhere_sends_nothing_on() {
    for (onward, left) in [("AFRICA", false), ("CUSTOMER", true)] {
        let (mut story, first) = engineer_who_cannot_be_called_off(at_depot(onward));
        story.commit();
        if left {
            story.transfer_news(27, TransferMilestone::Shipped, None);
        }
        story.hear_at(28, Input::VisitProgressed(first, VisitMilestone::Finished));
        assert_eq!(story.commands(), [], "what moves from the depot is not there yet");
        assert!(!story.tells_milestone(CustomerMilestone::Repaired));
    }
}

#[test]
fn a_search_is_made_anew_when_goods_leave_before_it_ends() {
    let mut story = Story::begin(repair_by("E1", 26, ("CHI", "us"), 24), Some(60), false);
    story.commit();
    story.hear(Input::VisitDisrupted(story.visit()));
    let outdated = story.search().clone();
    assert_eq!((outdated.own_stock.len(), outdated.at_hand.len()), (1, 0));
    story.transfer_news(1, TransferMilestone::Shipped, None);
    let search = story.search();
    assert_eq!((search.own_stock.len(), search.at_hand.len()), (0, 1));
    let twice = vec![repair_by("E2", 30, ("CHI", "us"), 24)];
    story.hear(Input::OptionsFound { search: outdated.search, options: twice });
    assert_eq!(story.said, [], "the part would be sent twice");
    story.options(vec![visit_by("E2", 30)]);
    assert_eq!(story.commands(), [("ask", "visit")]);
}

#[test]
fn a_parked_plan_searches_anew_when_goods_that_it_counts_on_are_lost() {
    let mut story = part_on_its_way_for_another_engineer();
    story.hear(Input::VisitDisrupted(story.visit()));
    story.options(Vec::new());
    story.due();
    assert_eq!(story.search().at_hand.len(), 1);
    story.transfer_news(16, TransferMilestone::Lost, None);
    assert_eq!(story.search().at_hand, []);
}

#[test]
fn a_kept_visit_that_begins_before_all_is_held_does_not_stand_in_the_way() {
    let first = repair_by("E1", 26, ("CHI", "us"), 24);
    let mut story = Story::begin(first.clone(), Some(60), false);
    story.commit();
    story.hear(Input::VisitProgressed(story.visit(), VisitMilestone::Booked));
    story.transfer_news(23, TransferMilestone::PickFailed, None);
    assert_eq!(story.search().exclusions.stock, [(pump(), site("CHI"))]);
    story.options(vec![Chosen { stock: delivery(&[("HEL", "eu")], 25).stock, ..first }]);
    assert_eq!(story.commands(), [("ask", "hold")], "the visit is kept");
    story.hear_at(24, Input::VisitProgressed(story.visit(), VisitMilestone::Started));
    story.hear(Input::HoldPlaced(story.hold(0)));
    assert!(story.tells(|fact| *fact == Fact::Committed));
}

#[test]
fn a_part_that_comes_in_time_after_all_leaves_everything_as_it_was() {
    let mut story = Story::begin(repair_by("E1", 26, ("CHI", "us"), 24), Some(60), false);
    story.commit();
    story.hear(Input::VisitProgressed(story.visit(), VisitMilestone::Booked));
    story.transfer_news(2, TransferMilestone::Shipped, Some(40));
    assert!(matches!(story.plan.stage(), Some(Stage::Replanning { carry_on: false, .. })));
    story.transfer_news(3, TransferMilestone::Received, None);
    assert_eq!(story.search().at_hand[0].from, None);
    story.hear_at(24, Input::VisitProgressed(story.visit(), VisitMilestone::Started));
    story.options(Vec::new());
    assert_eq!((story.plan.revision, story.plan.stage()), (1, Some(Stage::Executing)));
    story.hear_at(28, Input::VisitProgressed(story.visit(), VisitMilestone::Finished));
    assert!(story.tells(|fact| matches!(fact, Fact::PromiseSettled { kept: true, .. })));
}

/// A unit on loan that customs hold back: an engineer comes instead.
fn loaner_replaced_by_engineer() -> (Story, meridian_types::TransferId) {
    let mut loaner = Chosen { kind: SolutionKind::Loaner, ..delivery(&[("CHI", "us")], 48) };
    (loaner.stock[0].on_loan, loaner.stock[0].due_back) = (true, Some(at(700)));
    let mut story = Story::begin(loaner, Some(60), false);
    story.commit();
    story.transfer_news(2, TransferMilestone::Shipped, None);
    let loaner = story.transfer(0);
    story.news_of(loaner, 31, TransferMilestone::CustomsHold, Some(120));
    story.options(vec![visit_by("E1", 50)]);
    story.commit();
    story.hear_at(52, Input::VisitProgressed(story.visit(), VisitMilestone::Finished));
    assert!(story.tells(|fact| matches!(fact, Fact::PromiseSettled { kept: true, .. })));
    (story, loaner)
}

#[test]
fn a_loaner_that_comes_after_the_repair_is_the_offices_to_get_back() {
    let (mut story, loaner) = loaner_replaced_by_engineer();
    assert_eq!(story.plan.stage(), Some(Stage::Executing), "it is still on its way to the customer");
    story.news_of(loaner, 119, TransferMilestone::Received, None);
    let PlanState::Open(Stage::Executing, responsibility) = &story.plan.state else {
        panic!("{:?}", story.plan.state)
    };
    assert_eq!((responsibility.owner.as_str(), responsibility.due), ("OFFICE", at(700)));
    assert_eq!(
        responsibility.next_action,
        "Get the Pump back that is not needed any more; then confirm its return"
    );
    story.due();
    assert!(matches!(story.plan.stage(), Some(Stage::Parked { reason: Disruption::LoanOverdue, .. })));
}

#[test]
fn a_loaner_that_never_comes_need_not_come_back() {
    let (mut story, loaner) = loaner_replaced_by_engineer();
    story.news_of(loaner, 119, TransferMilestone::Lost, None);
    assert!(story.tells(|fact| *fact == Fact::Completed));
    assert_eq!(story.plan.state, PlanState::Completed);
}

#[test]
fn a_second_unit_that_replaces_an_instrument_is_the_offices_to_get_back() {
    let (mut story, first) = held_back_exchange();
    let (unit, back) = (story.transfer(0), story.transfer(1));
    story.news_of(unit, 58, TransferMilestone::Received, None);
    story.hear(Input::TransferOrdered(back));
    story.news_of(first, 120, TransferMilestone::Received, None);
    story.news_of(back, 230, TransferMilestone::Received, None);
    let PlanState::Open(_, responsibility) = &story.plan.state else { panic!("{:?}", story.plan.state) };
    assert_eq!(
        responsibility.next_action,
        "Get the Pump back that is not needed any more; then confirm its return"
    );
}

/// A unit that replaces an instrument is held back by customs: another one is sent.
fn held_back_exchange() -> (Story, meridian_types::TransferId) {
    let mut story = Story::begin(exchange_from(("CHI", "us"), 48), Some(60), false);
    story.commit();
    let first = story.transfer(0);
    story.news_of(first, 2, TransferMilestone::Shipped, None);
    story.news_of(first, 31, TransferMilestone::CustomsHold, Some(120));
    story.options(vec![exchange_from(("HEL", "eu"), 58)]);
    story.commit();
    story.news_of(story.transfer(0), 40, TransferMilestone::Shipped, None);
    (story, first)
}

/// A pump from Chicago that has left and one from Helsinki that is not on the shelf.
fn half_on_its_way() -> (Story, meridian_types::TransferId) {
    let mut story = Story::begin(delivery(&[("CHI", "us"), ("HEL", "eu")], 48), None, false);
    story.commit();
    let (healthy, failed) = (story.transfer(0), story.transfer(1));
    story.news_of(healthy, 2, TransferMilestone::Shipped, None);
    story.news_of(failed, 3, TransferMilestone::PickFailed, None);
    assert_eq!(story.search().in_time_until, Some(at(52)), "the date told");
    (story, healthy)
}

#[test]
fn goods_that_are_on_their_way_in_time_are_waited_for_beside_those_that_replace_others() {
    let (mut story, healthy) = half_on_its_way();
    story.options(vec![delivery(&[("FRA", "eu")], 30)]);
    assert_eq!(story.commands(), [("ask", "hold")]);
    assert_eq!((story.plan.revision, story.plan.expected_at), (2, at(48)), "both are waited for");
    story.commit();
    let replacement = story.transfer(1);
    story.news_of(replacement, 30, TransferMilestone::Received, None);
    assert_eq!(story.plan.stage(), Some(Stage::Executing), "one is still to come");
    story.news_of(healthy, 40, TransferMilestone::Received, None);
    assert_eq!(story.plan.state, PlanState::Completed);
}

#[test]
fn a_substitute_that_has_arrived_counts_as_what_it_stands_in_for() {
    let mut split = delivery(&[("CHI", "us"), ("HEL", "eu")], 48);
    let newer: meridian_types::ItemId = "PUMP-2".parse().unwrap();
    split.stock[0].lines[0].0 = newer.clone();
    split.stock[0].stands_in = vec![(newer, pump())];
    let mut story = Story::begin(split, None, false);
    story.commit();
    let (substitute, lost) = (story.transfer(0), story.transfer(1));
    story.news_of(substitute, 20, TransferMilestone::Received, None);
    story.news_of(lost, 21, TransferMilestone::Shipped, None);
    story.news_of(lost, 22, TransferMilestone::Lost, None);
    let at_hand: Vec<_> = story.search().at_hand.iter().map(|goods| goods.item.clone()).collect();
    assert_eq!(at_hand, [pump()]);
}

#[test]
fn goods_that_were_waited_for_and_are_lost_are_sent_again() {
    let (mut story, healthy) = half_on_its_way();
    story.options(vec![delivery(&[("FRA", "eu")], 30)]);
    story.commit();
    story.news_of(healthy, 20, TransferMilestone::Lost, None);
    assert!(story.tells(|fact| *fact == Fact::Disrupted(Disruption::ShipmentLost)));
    assert_eq!(story.search().at_hand, [], "nothing is on its way");
}

#[test]
fn goods_that_come_too_late_are_not_waited_for() {
    let (mut story, late) = half_on_its_way();
    story.news_of(late, 4, TransferMilestone::CustomsHold, Some(90));
    story.options(vec![delivery(&[("FRA", "eu"), ("NBO", "africa")], 40)]);
    assert_eq!(story.plan.expected_at, at(40));
    story.commit();
    story.news_of(late, 20, TransferMilestone::Lost, None);
    assert!(!story.tells(|fact| matches!(fact, Fact::Disrupted(_))), "two others come");
}

#[test]
fn goods_that_turn_out_late_while_others_are_looked_for_are_looked_for_too() {
    let (mut story, late) = half_on_its_way();
    story.news_of(late, 4, TransferMilestone::CustomsHold, Some(90));
    let at_hand = &story.search().at_hand;
    assert!(at_hand[0].from > story.search().in_time_until);
}

#[test]
fn a_search_that_finds_everything_on_its_way_in_time_leaves_it_at_that() {
    let (mut story, first) = held_back(delivery(&[("HEL", "eu")], 58));
    story.commit();
    story.news_of(first, 40, TransferMilestone::CustomsReleased, Some(50));
    story.news_of(story.transfer(0), 41, TransferMilestone::PickFailed, None);
    story.hear(Input::NothingNeeded { search: story.plan.searches, is_there: false });
    assert_eq!((story.plan.stage(), story.plan.expected_at), (Some(Stage::Executing), at(50)));
    assert_eq!(story.commands(), []);
    story.news_of(first, 50, TransferMilestone::Received, None);
    assert_eq!(story.plan.state, PlanState::Completed);
}
