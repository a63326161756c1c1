//! Units that are still to come, kits that are put together, instruments that are replaced.

use super::{Story, at, delivery, exchange_from, pump, site, visit_by};
use meridian_types::{ItemId, Quantity, ReceiptAt, ReceiptId, TransferId};

use crate::domain::{
    Awaited, Chosen, CustomerMilestone, Disruption, Effect, Fact, Input, KitOrder, Lacking, PlanState,
    SolutionKind, Stage, TaskState, TaskWork, TransferMilestone, VisitMilestone,
};

fn receipt() -> ReceiptId {
    "PO-1".parse().unwrap()
}

fn receipt_at() -> ReceiptAt {
    ReceiptAt { warehouse: site("FRA"), receipt: receipt() }
}

/// A pump that Frankfurt expects; it leaves after an hour and is there at `arrival_hours`.
fn expected_pump(arrival_hours: i64) -> Chosen {
    let mut chosen = delivery(&[("FRA", "eu")], arrival_hours);
    let awaited = Awaited {
        receipt: receipt(),
        item: pump(),
        quantity: Quantity::ONE,
        told_at: None,
        expected_at: None,
    };
    chosen.stock[0].awaited = vec![awaited];
    Chosen { kind: SolutionKind::WaitForSupply, ..chosen }
}

fn delayed(story: &Story, to_hours: i64, told_hours: i64) -> Input {
    let (hold, receipt) = (story.hold(0), receipt());
    Input::HoldDelayed { hold, receipt, expected_at: at(to_hours), told_at: at(told_hours) }
}

fn item(code: &str) -> ItemId {
    code.parse().unwrap()
}

/// A pump that Frankfurt puts together from a head that lies there and a motor from Helsinki.
pub(super) fn kit() -> Chosen {
    let mut chosen = delivery(&[("HEL", "eu"), ("FRA", "eu")], 30);
    let (head, motor) = ((item("HEAD"), Quantity::ONE), (item("MOTOR"), Quantity::ONE));
    let [motor_claim, kit_claim] = chosen.stock.as_mut_slice() else { unreachable!() };
    motor_claim.lines = vec![motor.clone()];
    (motor_claim.to_site, motor_claim.to_region) = (site("FRA"), Some("eu".parse().unwrap()));
    motor_claim.arrives = at(10);
    kit_claim.lines = vec![head.clone()];
    kit_claim.sent = vec![(pump(), Quantity::ONE)];
    kit_claim.departs = at(12);
    kit_claim.kits = vec![KitOrder {
        kit: pump(),
        quantity: Quantity::ONE,
        parts: vec![head, motor],
        stands_in: Vec::new(),
    }];
    Chosen { kind: SolutionKind::Kit, ..chosen }
}

fn committed(chosen: Chosen) -> Story {
    let mut story = Story::begin(chosen, None, false);
    story.commit();
    story
}

fn state_of(story: &Story, transfer: TransferId) -> TaskState {
    let is_it = |work: &TaskWork| match work {
        TaskWork::Send { transfer: id, .. } | TaskWork::MoveInstrument { transfer: id, .. } => {
            *id == transfer
        }
        _ => false,
    };
    story.plan.tasks.iter().find(|task| is_it(&task.work)).unwrap().state
}

#[test]
fn what_comes_later_than_it_must_leave_corrects_the_date_told_when_there_is_no_better_way() {
    let mut story = committed(expected_pump(30));
    let told = story.plan.promise.unwrap().promised_at;
    let late = delayed(&story, 21, 0);
    story.hear_at(1, late.clone());
    assert_eq!(
        story.plan.tasks[1].expected_at,
        at(50),
        "as much later as the receipt comes after the hand-over"
    );
    assert!(matches!(
        story.plan.stage(),
        Some(Stage::Replanning { reason: Disruption::SupplyLate, carry_on: true })
    ));
    assert_eq!(story.search().own_stock[0].awaited[0].receipt, receipt(), "what it awaits is its own");
    story.options(vec![]);
    assert!(story.plan.promise.unwrap().promised_at > told);
    assert!(story.tells(|fact| matches!(fact, Fact::PromiseChanged { in_time: true, .. })));

    let before = story.plan.clone();
    story.hear(late);
    assert_eq!((story.plan.clone(), story.said.len()), (before, 0), "the same news again");
    let older = delayed(&story, 90, -1);
    story.hear(older);
    assert!(story.said.is_empty(), "older news");
}

#[test]
fn what_misses_its_departure_is_told_for_the_next_one_that_there_is() {
    let mut story = committed(expected_pump(30));
    let late = delayed(&story, 2, 0);
    story.hear_at(1, late.clone());
    assert!(matches!(story.plan.stage(), Some(Stage::Replanning { carry_on: true, .. })), "an hour late");
    // The next flight is a week later.
    let mut next_week = expected_pump(198);
    next_week.stock[0].departs = at(169);
    let (other, search) = (delivery(&[("HEL", "eu")], 220), story.plan.searches);
    story.hear(Input::OptionsFound { search, options: vec![next_week.clone(), other] });
    assert_eq!((story.plan.stage(), story.plan.revision), (Some(Stage::Executing), 1));
    assert_eq!((story.plan.expected_at, story.plan.promise.unwrap().promised_at), (at(198), at(202)));
    let before = story.plan.clone();
    story.hear(late);
    assert_eq!(story.plan, before);

    // A way that is better than that, though not than what the delay seemed to be, is taken.
    let mut story = committed(expected_pump(30));
    let late = delayed(&story, 2, 0);
    story.hear(late);
    let (other, search) = (delivery(&[("HEL", "eu")], 100), story.plan.searches);
    story.hear(Input::OptionsFound { search, options: vec![other, next_week] });
    assert_eq!(story.plan.revision, 2);
}

#[test]
fn a_supply_that_comes_before_what_it_is_for_must_leave_changes_nothing() {
    let mut story = committed(expected_pump(30));
    let early = delayed(&story, 1, 0);
    story.hear(early);
    assert_eq!(story.plan.stage(), Some(Stage::Executing));
    assert_eq!(story.plan.tasks[1].expected_at, at(30));
}

#[test]
fn news_of_one_receipt_leaves_the_delay_of_another_standing() {
    let mut chosen = expected_pump(30);
    let other: ReceiptId = "PO-2".parse().unwrap();
    let awaited = chosen.stock[0].awaited[0].clone();
    chosen.stock[0].awaited.push(Awaited { receipt: other.clone(), ..awaited });
    let mut story = committed(chosen);
    story.hear(delayed(&story, 241, 0));
    story.options(vec![]);
    assert_eq!(story.plan.tasks[1].expected_at, at(270));
    let (hold, told) = (story.hold(0), story.plan.promise);
    story.hear(Input::HoldDelayed { hold, receipt: other, expected_at: at(1), told_at: at(0) });
    assert_eq!((story.plan.tasks[1].expected_at, story.plan.promise), (at(270), told));

    // Nor does the order lead anybody to expect it to leave as planned.
    story.hear(Input::TransferOrdered(story.transfer(0)));
    assert_eq!(story.plan.tasks[1].due_at, at(242));
    story.hear_at(241, Input::HoldCovered(hold, receipt()));
    story.due();
    assert!(story.plan.tasks[1].expected_at >= at(270));
}

#[test]
fn what_has_come_is_held_on_the_shelf() {
    let mut story = committed(expected_pump(30));
    story.hear(Input::HoldCovered(story.hold(0), receipt()));
    let claims = story.plan.tasks.iter().map(|task| match &task.work {
        TaskWork::Hold { claim, .. } | TaskWork::Send { claim, .. } => claim.awaited.len(),
        _ => unreachable!(),
    });
    assert_eq!(claims.collect::<Vec<_>>(), [0, 0]);
}

#[test]
fn a_receipt_that_is_taken_is_not_tried_again_and_the_shelf_may_be() {
    let mut story = Story::begin(expected_pump(30), None, false);
    story.hear(Input::HoldRefused(story.hold(0), Some(Lacking::Receipt(receipt_at()))));
    assert_eq!(story.search().exclusions.awaited, [receipt_at()]);
    assert!(story.search().exclusions.stock.is_empty());
}

#[test]
fn a_receipt_that_is_cancelled_is_not_tried_again_and_the_shelf_may_be() {
    let mut story = committed(expected_pump(30));
    story.hear(Input::HoldReleased(story.hold(0)));
    story.transfer_news(5, TransferMilestone::PickFailed, None);
    assert_eq!(story.search().exclusions.awaited, [receipt_at()]);
    assert!(story.search().exclusions.stock.is_empty());
}

#[test]
fn a_kit_leaves_when_all_that_goes_in_has_come() {
    let mut story = committed(kit());
    let (motor, kit) = (story.transfer(0), story.transfer(1));
    assert_eq!((state_of(&story, motor), state_of(&story, kit)), (TaskState::Requested, TaskState::Pending));
    story.hear(Input::TransferOrdered(motor));
    story.news_of(motor, 3, TransferMilestone::Picked, None);
    story.news_of(motor, 4, TransferMilestone::Shipped, None);
    assert!(!story.tells(|fact| matches!(fact, Fact::Milestone { .. })), "a part is no delivery");
    story.news_of(motor, 10, TransferMilestone::Received, None);
    assert!(!story.tells(|fact| matches!(fact, Fact::Milestone { .. })), "a part is no delivery");
    assert_eq!(story.commands(), [("ask", "send")]);
    story.hear(Input::TransferOrdered(kit));
    story.news_of(kit, 12, TransferMilestone::Picked, None);
    story.news_of(kit, 13, TransferMilestone::Shipped, None);
    assert!(story.tells_milestone(CustomerMilestone::Shipped));
    story.news_of(kit, 30, TransferMilestone::Received, None);
    assert_eq!(story.plan.state, PlanState::Completed);
}

#[test]
fn a_part_that_comes_late_makes_its_kit_late_for_the_work() {
    // The pump is there at 30 o'clock, the work begins at 32.
    let mut story = committed(Chosen { stock: kit().stock, ..visit_by("E1", 32) });
    story.hear(Input::VisitProgressed(story.visit(), VisitMilestone::Booked));
    let (motor, pump) = (story.transfer(0), story.transfer(1));
    story.news_of(motor, 4, TransferMilestone::Shipped, Some(11));
    assert_eq!(story.plan.stage(), Some(Stage::Executing), "an hour does no harm");
    story.news_of(motor, 5, TransferMilestone::InCustoms, Some(15));
    assert!(matches!(story.plan.stage(), Some(Stage::Replanning { carry_on: false, .. })));
    story.news_of(motor, 10, TransferMilestone::Received, None);
    story.options(vec![]);
    assert_eq!(story.plan.stage(), Some(Stage::Executing), "it came in time after all");
    assert_eq!(state_of(&story, pump), TaskState::Requested);
}

#[test]
fn nothing_leaves_before_everything_of_a_new_way_is_held() {
    let mut story = Story::begin(delivery(&[("CHI", "us"), ("HEL", "eu")], 48), None, false);
    let (kept, lost) = (story.hold(0), story.hold(1));
    story.hear(Input::HoldPlaced(kept));
    story.hear(Input::HoldPlaced(lost));
    story.hear(Input::HoldExpired(lost));
    story.options(vec![delivery(&[("CHI", "us"), ("FRA", "eu")], 48)]);
    let another = story.hold(1);
    story.hear(Input::HoldConfirmed(kept));
    assert_eq!(story.commands(), [], "the other is not held yet");
    story.hear(Input::HoldPlaced(another));
    assert_eq!(story.commands(), [("confirm", "hold"), ("ask", "send")]);
}

#[test]
fn a_kit_of_which_everything_comes_from_elsewhere_needs_no_hold() {
    let mut chosen = kit();
    chosen.stock[1].lines.clear();
    let mut story = committed(chosen);
    assert_eq!(story.plan.tasks.iter().filter(|task| matches!(task.work, TaskWork::Hold { .. })).count(), 1);
    let (motor, kit) = (story.transfer(0), story.transfer(1));
    assert_eq!((state_of(&story, motor), state_of(&story, kit)), (TaskState::Requested, TaskState::Pending));
    story.news_of(motor, 10, TransferMilestone::Received, None);
    assert_eq!(state_of(&story, kit), TaskState::Requested);
}

#[test]
fn a_part_that_is_lost_stops_its_kit() {
    let mut story = committed(kit());
    let (motor, kit) = (story.transfer(0), story.transfer(1));
    story.news_of(motor, 4, TransferMilestone::Shipped, None);
    story.news_of(motor, 5, TransferMilestone::Lost, None);
    story.options(vec![delivery(&[("CHI", "us")], 60)]);
    assert_eq!(state_of(&story, kit), TaskState::Undone);
    assert!(story.commands().contains(&("undo", "hold")), "the head is given back");
}

#[test]
fn what_a_kit_brings_is_at_hand_and_its_parts_are_not() {
    let mut story = committed(kit());
    let (motor, kit) = (story.transfer(0), story.transfer(1));
    story.news_of(motor, 10, TransferMilestone::Received, None);
    story.news_of(kit, 13, TransferMilestone::Shipped, None);
    story.news_of(kit, 14, TransferMilestone::CustomsHold, None);
    let at_customer = story.search().at_hand.iter().filter(|goods| goods.site == site("CUSTOMER"));
    assert_eq!(at_customer.map(|goods| goods.item.clone()).collect::<Vec<_>>(), [pump()]);
}

#[test]
fn the_need_is_met_when_the_replacement_comes_and_the_plan_ends_when_the_instrument_is_back() {
    let mut story = committed(exchange_from(("FRA", "eu"), 30));
    let (unit, back) = (story.transfer(0), story.transfer(1));
    assert_eq!(state_of(&story, back), TaskState::Pending);
    story.news_of(unit, 10, TransferMilestone::Shipped, None);
    // It comes five hours late.
    story.news_of(unit, 35, TransferMilestone::Received, None);
    assert!(story.tells(|fact| matches!(fact, Fact::PromiseSettled { .. })), "{:?}", story.said);
    assert!(story.tells_milestone(CustomerMilestone::ExchangeArrived));
    assert!(!story.tells(|fact| *fact == Fact::Completed));
    assert_eq!(story.plan.hand_over_by(at(35)), Some(at(205)));
    assert_eq!(story.commands(), [("ask", "move")]);
    story.hear(Input::TransferOrdered(back));
    assert_eq!(story.plan.stage(), Some(Stage::Executing));
    story.news_of(back, 206, TransferMilestone::Shipped, None);
    assert!(!story.tells(|fact| matches!(fact, Fact::Milestone { .. })));
    story.news_of(back, 230, TransferMilestone::Received, None);
    assert_eq!(story.plan.state, PlanState::Completed);
}

#[test]
fn nobody_asks_the_customer_to_hand_over_an_instrument_that_stands_at_our_depot() {
    let mut chosen = visit_by("E1", 30);
    chosen.engineers[0].site = site("DEPOT");
    let mut to_depot = exchange_from(("FRA", "eu"), 30).moves.remove(0);
    (to_depot.departs, to_depot.arrives, to_depot.after_arrival) = (at(2), at(20), false);
    let mut story = committed(Chosen { kind: SolutionKind::ShipToDepot, moves: vec![to_depot], ..chosen });
    story.news_of(story.transfer(0), 20, TransferMilestone::Received, None);
    story.hear_at(32, Input::VisitProgressed(story.visit(), VisitMilestone::Unsolved));
    story.options(vec![exchange_from(("FRA", "eu"), 30)]);
    story.commit();
    story.news_of(story.transfer(0), 60, TransferMilestone::Received, None);
    assert!(story.tells_milestone(CustomerMilestone::Arrived), "{:?}", story.said);
}

#[test]
fn an_instrument_that_does_not_come_back_is_the_offices_to_see_to_and_nothing_is_sent_again() {
    for lost in [false, true] {
        let mut story = committed(exchange_from(("FRA", "eu"), 30));
        let (unit, back) = (story.transfer(0), story.transfer(1));
        story.news_of(unit, 30, TransferMilestone::Received, None);
        story.hear(Input::TransferOrdered(back));
        if lost {
            story.news_of(back, 210, TransferMilestone::Shipped, None);
            story.news_of(back, 220, TransferMilestone::Lost, None);
        } else {
            for _ in 0..60 {
                story.due();
                assert!(!story.said.iter().any(|effect| matches!(effect, Effect::Search(_))));
            }
        }
        assert!(
            matches!(story.plan.stage(), Some(Stage::Parked { reason: Disruption::LoanOverdue, .. })),
            "{:?}",
            story.plan.stage()
        );
        let PlanState::Open(_, responsibility) = &story.plan.state else { unreachable!() };
        assert_eq!(responsibility.owner, "OFFICE");
        assert!(responsibility.next_action.contains("SN-1"), "{}", responsibility.next_action);
        story.hear(Input::Withdrawn);
        assert_eq!(story.plan.state, PlanState::Ended);
    }
}

#[test]
fn guidance_that_did_not_help_is_not_given_again() {
    let mut chosen = visit_by("E1", 10);
    (chosen.kind, chosen.engineers[0].remote) = (SolutionKind::RemoteFix, true);
    let mut story = Story::begin(chosen, None, false);
    let visit = story.visit();
    story.hear(Input::VisitHeld(visit));
    story.hear(Input::VisitProgressed(visit, VisitMilestone::Booked));
    story.hear_at(10, Input::VisitProgressed(visit, VisitMilestone::Started));
    assert!(!story.tells_milestone(CustomerMilestone::EngineerOnTheWay));
    story.hear_at(12, Input::VisitProgressed(visit, VisitMilestone::Unsolved));
    assert!(story.tells(|fact| matches!(fact, Fact::Disrupted(Disruption::Unsolved))));
    let exclusions = &story.search().exclusions;
    assert!(exclusions.remote);
    assert_eq!(exclusions.engineers.len(), 1);
    story.options(vec![]);
    assert!(story.plan.exclusions.remote, "nor later");
}
