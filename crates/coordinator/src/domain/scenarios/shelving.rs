//! Parts that have come for work, or for a kit, that is not to be.

use meridian_types::{ItemId, Quantity};

use super::super::{Chosen, Input, PlanState, StockClaim, TaskState, TransferMilestone, VisitMilestone};
use super::older_revisions::at_depot;
use super::supplies::kit;
use super::{Story, at, delivery, site, visit_by};

const SHELVE: (&str, &str) = ("shelve", "send");

/// The motor for a kit has left Helsinki.
fn kit_with_its_motor_on_the_way() -> Story {
    let mut story = Story::begin(kit(), None, false);
    story.commit();
    story.hear(Input::TransferOrdered(story.transfer(0)));
    story.transfer_news(4, TransferMilestone::Shipped, None);
    story
}

#[test]
fn a_part_of_a_kit_that_is_called_off_is_shelved_once_the_kit_cannot_be_made_of_it_any_more() {
    let mut story = kit_with_its_motor_on_the_way();
    let (motor, kit) = (story.transfer(0), story.transfer(1));
    story.transfer_news(10, TransferMilestone::Received, None);
    story.hear(Input::CalledOff);
    assert_eq!(story.commands(), [("undo", "send"), ("undo", "hold")], "it may be put together already");
    story.news_of(kit, 11, TransferMilestone::Cancelled, None);
    assert_eq!(story.commands(), [SHELVE]);
    assert_eq!(story.plan.at_hand(), [], "it is everybody's");
    story.hear(Input::HoldReleased(story.hold(1)));
    story.due();
    assert_eq!(story.commands(), [SHELVE], "until it is answered");
    story.hear(Input::GoodsShelved(motor));
    assert_eq!((story.commands(), story.plan.due_at()), (vec![], None));
}

#[test]
fn a_part_of_a_plan_that_was_stored_before_it_was_remembered_what_parts_are_for_is_shelved_too() {
    let mut story = kit_with_its_motor_on_the_way();
    let mut stored = serde_json::to_value(&story.plan).unwrap();
    for task in stored["tasks"].as_array_mut().unwrap() {
        if let Some(send) = task["work"].get_mut("Send") {
            assert!(send.as_object_mut().unwrap().remove("for_case").is_some());
        }
    }
    story.plan = serde_json::from_value(stored).unwrap();
    story.hear(Input::CalledOff);
    story.transfer_news(10, TransferMilestone::Received, None);
    assert_eq!(story.commands(), [SHELVE]);
}

#[test]
fn a_part_that_comes_after_its_kit_was_called_off_is_shelved() {
    let mut story = kit_with_its_motor_on_the_way();
    story.hear(Input::CalledOff);
    assert!(!story.commands().contains(&SHELVE), "it is not there");
    story.transfer_news(10, TransferMilestone::Received, None);
    assert_eq!(story.commands(), [SHELVE]);
    story.transfer_news(10, TransferMilestone::Received, None);
    assert_eq!(story.commands(), [], "once");
}

#[test]
fn a_part_that_went_into_a_kit_is_not_shelved() {
    let mut story = kit_with_its_motor_on_the_way();
    let kit = story.transfer(1);
    story.transfer_news(10, TransferMilestone::Received, None);
    story.hear(Input::TransferOrdered(kit));
    story.news_of(kit, 12, TransferMilestone::Picked, None);
    story.hear(Input::CalledOff);
    story.news_of(kit, 13, TransferMilestone::Shipped, None);
    assert_eq!(story.commands(), []);
    story.news_of(kit, 30, TransferMilestone::Received, None);
    assert_eq!(story.commands(), []);
}

#[test]
fn a_part_that_is_lost_with_its_kit_is_not_shelved() {
    let mut story = kit_with_its_motor_on_the_way();
    let kit = story.transfer(1);
    story.transfer_news(10, TransferMilestone::Received, None);
    story.hear(Input::TransferOrdered(kit));
    story.news_of(kit, 12, TransferMilestone::Shipped, None);
    story.news_of(kit, 20, TransferMilestone::Lost, None);
    assert!(!story.commands().contains(&SHELVE), "{:?}", story.commands());
    assert_eq!(story.search().at_hand, []);
}

/// The same pump, earlier: its head comes from Chicago, with another motor.
fn kit_again() -> Chosen {
    let mut again = Chosen { arrival: at(19), ..kit() };
    let mut head = again.stock[0].clone();
    head.lines = std::mem::take(&mut again.stock[1].lines);
    (head.region, head.warehouse) = ("us".parse().unwrap(), site("CHI"));
    again.stock.insert(1, head);
    again
}

#[test]
fn of_the_parts_of_a_kit_that_is_planned_again_what_no_kit_takes_is_shelved() {
    for is_called_off in [true, false] {
        let mut story = kit_with_its_motor_on_the_way();
        let (motor, first) = (story.transfer(0), story.transfer(1));
        story.news_of(motor, 5, TransferMilestone::Received, None);
        story.hear(Input::TransferOrdered(first));
        story.hear(Input::DeadlineMoved(Some(at(20))));
        story.options(vec![kit_again()]);
        story.commit();
        let became = if is_called_off { TransferMilestone::Cancelled } else { TransferMilestone::Shipped };
        story.news_of(first, 6, became, None);
        let (other_motor, head, second) = (story.transfer(0), story.transfer(1), story.transfer(2));
        story.news_of(head, 9, TransferMilestone::Received, None);
        assert!(!story.commands().contains(&SHELVE), "the kit can be made with the one that is there");
        story.news_of(other_motor, 10, TransferMilestone::Received, None);
        let shelved = if is_called_off { vec![SHELVE] } else { vec![] };
        let commands = story.commands().into_iter().filter(|it| *it == SHELVE);
        assert_eq!(commands.collect::<Vec<_>>(), shelved);
        story.hear(Input::TransferOrdered(second));
        for milestone in [TransferMilestone::Shipped, TransferMilestone::Received] {
            story.news_of(second, 19, milestone, None);
            assert!(!story.commands().contains(&SHELVE));
        }
    }
}

#[test]
fn what_came_for_another_kit_is_not_lost_with_the_first() {
    let mut story = kit_with_its_motor_on_the_way();
    let (motor, first) = (story.transfer(0), story.transfer(1));
    story.news_of(motor, 5, TransferMilestone::Received, None);
    story.hear(Input::TransferOrdered(first));
    story.hear(Input::DeadlineMoved(Some(at(20))));
    story.options(vec![kit_again()]);
    story.commit();
    story.news_of(first, 6, TransferMilestone::Shipped, None);
    let (other_motor, head, second) = (story.transfer(0), story.transfer(1), story.transfer(2));
    story.news_of(head, 9, TransferMilestone::Received, None);
    story.news_of(other_motor, 10, TransferMilestone::Received, None);
    story.hear(Input::TransferOrdered(second));
    story.news_of(first, 11, TransferMilestone::Lost, None);
    story.news_of(second, 12, TransferMilestone::Shipped, None);
    story.news_of(second, 19, TransferMilestone::Received, None);
    assert_eq!(story.plan.state, PlanState::Completed);
}

#[test]
fn a_part_is_not_shelved_while_the_kit_that_it_was_sent_for_waits() {
    let of_kit = |chosen: &mut Chosen, part: &(ItemId, Quantity)| {
        chosen.stock.last_mut().unwrap().kits[0].parts.push(part.clone());
    };
    let seal = ("SEAL".parse().unwrap(), Quantity::ONE);
    let mut together = kit();
    together.stock[0].lines.push(seal.clone());
    of_kit(&mut together, &seal);
    let mut story = Story::begin(together, None, false);
    story.commit();
    let (both, first) = (story.transfer(0), story.transfer(1));
    story.news_of(both, 5, TransferMilestone::Received, None);
    // The same pump, earlier: head, motor and seal come apart.
    let mut apart = kit_again();
    of_kit(&mut apart, &seal);
    apart.stock.insert(1, StockClaim { lines: vec![seal], ..apart.stock[1].clone() });
    (apart.stock[1].region, apart.stock[1].warehouse) = ("africa".parse().unwrap(), site("NBO"));
    story.hear(Input::DeadlineMoved(Some(at(20))));
    story.options(vec![apart]);
    story.commit();
    story.news_of(first, 6, TransferMilestone::Cancelled, None);
    let [motor, seal, head, second] = [0, 1, 2, 3].map(|nth| story.transfer(nth));
    story.news_of(head, 8, TransferMilestone::Received, None);
    story.news_of(motor, 9, TransferMilestone::Received, None);
    assert!(!story.commands().contains(&SHELVE), "the seal is still to come");
    story.news_of(seal, 10, TransferMilestone::Received, None);
    assert!(story.commands().contains(&SHELVE), "what came together is not needed any more");
    story.hear(Input::TransferOrdered(second));
    story.news_of(second, 12, TransferMilestone::Shipped, None);
    story.news_of(second, 19, TransferMilestone::Received, None);
    assert_eq!(story.plan.state, PlanState::Completed);
}

#[test]
fn what_came_onto_the_shelf_is_not_shelved_again_when_a_kit_of_such_parts_is_called_off() {
    // A motor and a pump are needed at Frankfurt itself.
    let mut chosen = delivery(&[("HEL", "eu"), ("CHI", "us")], 10);
    chosen.stock[0].lines.clone_from(&kit().stock[0].lines);
    for claim in &mut chosen.stock {
        (claim.to_site, claim.to_region) = (site("FRA"), Some("eu".parse().unwrap()));
    }
    let mut story = Story::begin(chosen, None, false);
    story.commit();
    let (motor, pump) = (story.transfer(0), story.transfer(1));
    story.news_of(motor, 5, TransferMilestone::Received, None);
    story.news_of(pump, 6, TransferMilestone::PickFailed, None);
    story.options(vec![kit()]);
    story.commit();
    story.hear(Input::CalledOff);
    assert!(!story.commands().contains(&SHELVE), "{:?}", story.commands());
}

/// A part is on its way to the depot where E2 is to repair the instrument.
fn part_for_depot() -> Story {
    let mut stock = delivery(&[("HEL", "eu")], 10).stock;
    (stock[0].to_site, stock[0].to_region) = (site("DEPOT"), Some("eu".parse().unwrap()));
    let mut story = Story::begin(Chosen { stock, ..at_depot("CUSTOMER") }, None, false);
    story.commit();
    story.transfer_news(4, TransferMilestone::Shipped, None);
    story
}

fn part_at_depot() -> Story {
    let mut story = part_for_depot();
    story.transfer_news(10, TransferMilestone::Received, None);
    story
}

#[test]
fn a_part_at_a_depot_waits_for_another_engineer_and_is_shelved_when_the_work_is_done_elsewhere() {
    let mut story = part_at_depot();
    story.hear_at(11, Input::VisitDisrupted(story.visit()));
    assert_eq!((story.commands(), story.search().at_hand.len()), (vec![], 1), "another may come");
    let mut there = at_depot("CUSTOMER");
    there.engineers[0].engineer = "E3".parse().unwrap();
    story.options(vec![there]);
    story.commit();
    assert!(!story.commands().contains(&SHELVE));
    story.hear_at(12, Input::VisitDisrupted(story.visit()));
    story.options(vec![visit_by("E4", 60)]);
    assert!(!story.commands().contains(&SHELVE), "it may be refused");
    story.commit();
    assert!(story.commands().contains(&SHELVE));
}

#[test]
fn the_next_plan_does_not_count_on_a_part_that_is_to_be_shelved() {
    for has_come in [true, false] {
        let mut story = if has_come { part_at_depot() } else { part_for_depot() };
        assert_eq!(story.plan.at_hand().len(), 1);
        let before = story.plan.clone();
        assert!(!story.plan.has_less_at_hand_than(&before));
        story.hear(Input::CalledOff);
        assert!(story.plan.has_less_at_hand_than(&before), "nor does what was offered before");
        assert!(!story.commands().contains(&SHELVE), "the engineer may be there already");
        assert_eq!(story.plan.at_hand(), []);
        story.hear(Input::VisitProgressed(story.visit(), VisitMilestone::Cancelled));
        assert_eq!(story.commands().contains(&SHELVE), has_come);
    }
}

#[test]
fn a_part_that_an_engineer_may_have_used_is_not_shelved() {
    let mut story = part_at_depot();
    story.hear_at(52, Input::VisitProgressed(story.visit(), VisitMilestone::Started));
    story.hear_at(53, Input::VisitProgressed(story.visit(), VisitMilestone::Unsolved));
    story.hear(Input::CalledOff);
    assert!(!story.commands().contains(&SHELVE));
}

#[test]
fn what_cannot_be_shelved_is_left_to_people() {
    let mut story = kit_with_its_motor_on_the_way();
    story.hear(Input::CalledOff);
    let motor = story.transfer(0);
    story.transfer_news(10, TransferMilestone::Received, None);
    story.hear(Input::TransferCommandRefused(motor));
    assert_eq!(story.plan.tasks[1].state, TaskState::Failed);
}
