//! Parties that sell or repair for us: they accept, decline, stay silent, are late, deliver.

use jiff::Timestamp;
use meridian_types::{Money, PartyOrderId, Quantity};

use super::super::{
    Chosen, CustomerMilestone, Disruption, Effect, Fact, Input, InstrumentMove, OrderClaim, OrderMilestone,
    PartyService, PlanState, SolutionKind, Stage, TaskState, TaskWork, TransferMilestone, VisitMilestone,
};
use super::{Story, at, blank, delivery, pump, repair_by, site};

/// A pump of a party, which has four hours to accept; it is there at `done_hours`.
fn order_from(party: &str, done_hours: i64) -> OrderClaim {
    OrderClaim {
        party: party.parse().unwrap(),
        service: PartyService::Supply(vec![(pump(), Quantity::ONE)]),
        site: site("CUSTOMER"),
        answer_due: at(4),
        done: at(done_hours),
        price: Money::new("EUR", 60_000).unwrap(),
        stands_in: Vec::new(),
        told: None,
    }
}

fn bought_from(party: &str, done_hours: i64) -> Chosen {
    Chosen { orders: vec![order_from(party, done_hours)], ..blank(5, SolutionKind::ThirdParty, done_hours) }
}

/// Half from Frankfurt, half from a party.
fn shared(party: &str, done_hours: i64) -> Chosen {
    let stock = delivery(&[("FRA", "eu")], 20).stock;
    Chosen { stock, ..bought_from(party, done_hours) }
}

/// A party repairs the instrument, which is then sent on.
fn repaired_by(party: &str, done_hours: i64) -> Chosen {
    let service = PartyService::Repair("SN-1".parse().unwrap());
    let onward = InstrumentMove {
        serial: "SN-1".parse().unwrap(),
        from_site: site("CUSTOMER"),
        to_site: site("AFRICA"),
        to_region: None,
        departs: at(done_hours + 2),
        arrives: at(done_hours + 30),
        after_work: true,
        after_arrival: false,
    };
    let chosen = blank(6, SolutionKind::ThirdParty, done_hours + 30);
    Chosen {
        orders: vec![OrderClaim { service, ..order_from(party, done_hours) }],
        moves: vec![onward],
        ..chosen
    }
}

fn order(story: &Story) -> PartyOrderId {
    story.ids(|work| if let TaskWork::Order { order, .. } = work { Some(*order) } else { None })[0]
}

fn state(story: &Story, order: PartyOrderId) -> TaskState {
    let is_it = |work: &TaskWork| matches!(work, TaskWork::Order { order: id, .. } if *id == order);
    story.plan.tasks.iter().find(|task| is_it(&task.work)).unwrap().state
}

/// News of an order; its version and when it is done.
fn news(order: PartyOrderId, milestone: OrderMilestone, version: i64, done: Timestamp) -> Input {
    Input::OrderProgressed { order, version, milestone, expected_at: done }
}

/// A plan whose order was accepted and placed, at 1 o'clock, to be done as planned.
fn placed(chosen: Chosen) -> (Story, PartyOrderId) {
    let done = chosen.orders[0].done;
    let mut story = Story::begin(chosen, None, false);
    let id = order(&story);
    story.hear(news(id, OrderMilestone::Asked, 1, done));
    story.hear_at(1, news(id, OrderMilestone::Accepted, 2, done));
    assert!(story.tells(|fact| *fact == Fact::Committed), "{:?}", story.said);
    assert_eq!(story.commands(), [("confirm", "order")]);
    story.hear(news(id, OrderMilestone::Placed, 3, done));
    assert_eq!(state(&story, id), TaskState::Confirmed);
    (story, id)
}

#[test]
fn what_a_party_accepts_is_ordered_for_good_and_met_when_it_delivers() {
    let (mut story, id) = placed(bought_from("P1", 48));
    let PlanState::Open(_, responsibility) = &story.plan.state else { unreachable!() };
    assert_eq!(
        (responsibility.owner.as_str(), responsibility.next_action.as_str()),
        ("P1", "Finish: delivery of goods at CUSTOMER")
    );
    assert_eq!(story.plan.promise.unwrap().promised_at, at(52), "with room");
    story.hear_at(47, news(id, OrderMilestone::Delivered, 4, at(47)));
    assert!(story.tells_milestone(CustomerMilestone::Arrived));
    assert!(story.tells(|fact| matches!(fact, Fact::PromiseSettled { kept: true, .. })));
    assert_eq!(story.plan.state, PlanState::Completed);
}

#[test]
fn nothing_is_ordered_for_good_before_everything_is_held_and_nothing_leaves_before_the_party_accepts() {
    let mut story = Story::begin(shared("P1", 48), None, false);
    let id = order(&story);
    assert_eq!(story.commands(), [("ask", "hold"), ("ask", "order")]);
    story.hear(news(id, OrderMilestone::Asked, 1, at(48)));
    story.hear(Input::HoldPlaced(story.hold(0)));
    assert_eq!(story.commands(), []);
    assert!(story.plan.waits_for_parties());
    story.hear(news(id, OrderMilestone::Accepted, 2, at(48)));
    assert_eq!(story.commands(), [("confirm", "hold"), ("confirm", "order")]);

    let mut story = Story::begin(shared("P1", 48), None, false);
    let id = order(&story);
    story.hear(news(id, OrderMilestone::Accepted, 2, at(48)));
    assert_eq!((story.commands(), state(&story, id)), (vec![], TaskState::Held), "the stock is not held yet");
    assert!(!story.plan.waits_for_parties(), "an inventory answers in a moment");
    story.hear(Input::HoldRefused(story.hold(0), None));
    story.options(vec![delivery(&[("HEL", "eu")], 30)]);
    assert!(story.commands().contains(&("undo", "order")), "{:?}", story.commands());
}

#[test]
fn a_party_that_declines_is_not_asked_again_and_another_way_is_taken() {
    let mut story = Story::begin(bought_from("P1", 48), None, false);
    let id = order(&story);
    story.hear(news(id, OrderMilestone::Asked, 1, at(48)));
    story.hear(news(id, OrderMilestone::Declined, 2, at(48)));
    assert!(story.tells(|fact| *fact == Fact::Disrupted(Disruption::PartyDeclined)));
    assert_eq!(story.search().exclusions.suppliers, ["P1".parse().unwrap()]);
    assert!(story.search().exclusions.parties.is_empty(), "it may still take the case over");
    story.options(vec![bought_from("P2", 60)]);
    assert_eq!(story.commands(), [("ask", "order")]);
    assert_ne!(order(&story), id, "another order");
    story.hear(news(order(&story), OrderMilestone::Declined, 2, at(60)));
    story.options(vec![]);
    assert_eq!(story.plan.exclusions.suppliers.len(), 2, "what parties said stays said");
}

#[test]
fn a_refusal_of_a_party_is_for_the_caller_who_waits_to_decide_on() {
    let mut story = Story::begin(shared("P1", 48), None, true);
    story.hear(news(order(&story), OrderMilestone::Declined, 2, at(48)));
    assert_eq!((&story.plan.state, story.commands()), (&PlanState::Ended, vec![("undo", "hold")]));
}

#[test]
fn a_party_that_does_not_answer_in_time_is_called_off_and_another_way_is_taken() {
    let mut story = Story::begin(bought_from("P1", 48), None, false);
    let id = order(&story);
    story.hear(news(id, OrderMilestone::Asked, 1, at(48)));
    assert_eq!(story.plan.due_at(), Some(at(4)), "it has its time");
    story.due();
    assert!(story.tells(|fact| *fact == Fact::Disrupted(Disruption::Silence)));
    assert_eq!((story.commands(), state(&story, id)), (vec![("undo", "order")], TaskState::Undoing));
    assert_eq!(story.search().exclusions.suppliers, ["P1".parse().unwrap()]);
    story.hear(news(id, OrderMilestone::Accepted, 2, at(48)));
    assert_eq!(state(&story, id), TaskState::Undoing, "too late: it is being called off");
    story.options(vec![delivery(&[("HEL", "eu")], 30)]);
    story.hear(news(id, OrderMilestone::Cancelled, 3, at(48)));
    assert_eq!(state(&story, id), TaskState::Undone);
}

#[test]
fn a_request_that_intake_does_not_answer_is_repeated_under_the_same_id() {
    let mut story = Story::begin(bought_from("P1", 48), None, false);
    let id = order(&story);
    for _ in 0..3 {
        story.due();
        assert_eq!((story.commands(), order(&story)), (vec![("ask", "order")], id));
    }
}

#[test]
fn a_party_that_will_be_late_corrects_the_date_told_when_there_is_no_better_way() {
    let (mut story, id) = placed(bought_from("P1", 48));
    let told = story.plan.promise.unwrap();
    story.hear_at(10, news(id, OrderMilestone::Placed, 4, at(90)));
    assert!(matches!(
        story.plan.stage(),
        Some(Stage::Replanning { reason: Disruption::PartyLate, carry_on: true })
    ));
    assert_eq!(story.search().exclusions.suppliers, ["P1".parse().unwrap()], "not from the same again");
    story.options(vec![]);
    let corrected = |fact: &Fact| match fact {
        Fact::PromiseChanged { old, new, in_time: true, reason: Disruption::PartyLate } => {
            (old.1, new.1) == (told.promised_at, at(94))
        }
        _ => false,
    };
    assert!(story.tells(corrected), "{:?}", story.said);
    assert_eq!(state(&story, id), TaskState::Confirmed, "it stays ordered");
    assert_eq!(story.plan.due_at(), Some(at(91)), "an hour after the new date");
    let older = news(id, OrderMilestone::Placed, 3, at(48));
    let before = story.plan.clone();
    story.hear(older);
    assert_eq!((&story.plan, story.said.len()), (&before, 0), "older news");
    story.hear_at(80, news(id, OrderMilestone::Delivered, 5, at(80)));
    assert_eq!(story.plan.state, PlanState::Completed);
}

#[test]
fn a_date_that_a_party_gives_with_its_yes_is_the_one_that_is_told() {
    let mut story = Story::begin(bought_from("P1", 48), None, false);
    story.hear(news(order(&story), OrderMilestone::Accepted, 2, at(72)));
    assert_eq!(story.plan.promise.unwrap().promised_at, at(76));
    assert!(story.tells_milestone(CustomerMilestone::PlanAgreed));
}

#[test]
fn a_party_that_says_nothing_is_late_before_the_date_told_has_passed() {
    let (mut story, id) = placed(bought_from("P1", 48));
    let told = story.plan.promise.unwrap().promised_at;
    story.due();
    assert!(at(48) < story.now && story.now < told, "{}", story.now);
    assert!(matches!(
        story.plan.stage(),
        Some(Stage::Replanning { reason: Disruption::PartyLate, carry_on: true })
    ));
    assert_eq!(story.search().exclusions.suppliers, ["P1".parse().unwrap()]);
    story.options(vec![]);
    assert!(story.tells(|fact| matches!(fact, Fact::PromiseChanged { in_time: true, .. })));
    assert_eq!(state(&story, id), TaskState::Confirmed);
}

#[test]
fn a_better_way_calls_a_late_order_off() {
    let (mut story, id) = placed(bought_from("P1", 48));
    story.plan.deadline = Some(at(50));
    story.hear_at(10, news(id, OrderMilestone::Placed, 4, at(200)));
    story.options(vec![delivery(&[("HEL", "eu")], 49)]);
    assert_eq!(story.commands(), [("undo", "order"), ("ask", "hold")]);
    // It was on its way already: the goods come all the same, and save us from sending others.
    story.hear_at(30, news(id, OrderMilestone::Delivered, 5, at(30)));
    assert_eq!(story.plan.state, PlanState::Completed);
    assert!(story.commands().contains(&("undo", "hold")), "{:?}", story.commands());
}

#[test]
fn a_plan_that_is_withdrawn_calls_its_orders_off_until_intake_says_so() {
    let (mut story, id) = placed(bought_from("P1", 48));
    story.hear(Input::Withdrawn);
    assert_eq!((&story.plan.state, story.commands()), (&PlanState::Ended, vec![("undo", "order")]));
    story.due();
    assert_eq!(story.commands(), [("undo", "order")], "again");
    story.hear(news(id, OrderMilestone::Cancelled, 4, at(48)));
    assert_eq!((state(&story, id), story.plan.due_at()), (TaskState::Undone, None));
}

#[test]
fn what_is_ordered_is_kept_when_the_new_way_orders_the_same() {
    let (mut story, id) = {
        let mut story = Story::begin(shared("P1", 48), None, false);
        let id = order(&story);
        story.hear(Input::HoldPlaced(story.hold(0)));
        story.hear(news(id, OrderMilestone::Accepted, 2, at(48)));
        story.hear(news(id, OrderMilestone::Placed, 3, at(48)));
        (story, id)
    };
    story.hear(Input::HoldExpired(story.hold(0)));
    let other = Chosen { stock: delivery(&[("HEL", "eu")], 30).stock, ..bought_from("P1", 72) };
    story.options(vec![other]);
    assert_eq!((order(&story), state(&story, id)), (id, TaskState::Confirmed));
    assert!(!story.commands().iter().any(|(_, what)| *what == "order"), "{:?}", story.commands());
}

#[test]
fn a_party_that_cannot_do_what_it_accepted_is_replaced() {
    let (mut story, id) = placed(bought_from("P1", 48));
    story.hear_at(10, news(id, OrderMilestone::Declined, 4, at(48)));
    assert!(matches!(
        story.plan.stage(),
        Some(Stage::Replanning { reason: Disruption::PartyDeclined, carry_on: false })
    ));
    assert_eq!(story.search().exclusions.suppliers, ["P1".parse().unwrap()]);
}

#[test]
fn an_instrument_that_a_party_has_repaired_is_sent_on() {
    let (mut story, id) = placed(repaired_by("P1", 20));
    story.hear_at(19, news(id, OrderMilestone::Delivered, 4, at(19)));
    assert!(story.tells_milestone(CustomerMilestone::Repaired));
    assert_eq!(story.commands(), [("ask", "move")]);
    let onward = story.transfer(0);
    story.hear(Input::TransferOrdered(onward));
    story.news_of(onward, 22, TransferMilestone::Shipped, None);
    story.news_of(onward, 45, TransferMilestone::Received, None);
    assert_eq!(story.plan.state, PlanState::Completed);
}

#[test]
fn an_instrument_that_a_party_has_repaired_is_not_worked_on_again() {
    let (mut story, id) = placed(repaired_by("P1", 20));
    story.hear_at(19, news(id, OrderMilestone::Delivered, 4, at(19)));
    let onward = story.transfer(0);
    story.hear(Input::TransferOrdered(onward));
    story.news_of(onward, 23, TransferMilestone::CustomsHold, Some(400));
    story.options(vec![repaired_by("P2", 60), repair_by("E1", 40, ("FRA", "eu"), 30)]);
    assert_eq!(story.plan.revision, 1);
}

/// A part of a party that is there an hour before the work begins, placed, with a booked engineer.
fn part_for_work() -> (Story, PartyOrderId) {
    let chosen = Chosen { orders: vec![order_from("P1", 9)], ..super::visit_by("E1", 10) };
    let mut story = Story::begin(chosen, None, false);
    let (id, visit) = (order(&story), story.visit());
    story.hear(Input::VisitHeld(visit));
    story.hear(news(id, OrderMilestone::Accepted, 2, at(9)));
    story.hear(Input::VisitProgressed(visit, VisitMilestone::Booked));
    story.hear(news(id, OrderMilestone::Placed, 3, at(9)));
    assert_eq!(story.plan.stage(), Some(Stage::Executing));
    (story, id)
}

#[test]
fn parts_of_a_party_that_come_after_the_work_was_to_begin_move_the_work() {
    let (mut story, id) = part_for_work();
    story.hear_at(5, news(id, OrderMilestone::Placed, 4, at(30)));
    assert!(matches!(story.plan.stage(), Some(Stage::Replanning { carry_on: false, .. })));
    assert!(story.said.iter().any(|effect| matches!(effect, Effect::Search(_))));
}

#[test]
fn parts_of_a_party_that_do_not_come_in_time_move_the_work_although_nobody_says_so() {
    let (mut story, _) = part_for_work();
    // The engineer is on the way.
    story.hear_at(8, Input::VisitProgressed(story.visit(), VisitMilestone::Started));
    story.due();
    assert_eq!(story.now, at(10));
    let stage = story.plan.stage();
    assert!(matches!(stage, Some(Stage::Replanning { reason: Disruption::PartyLate, .. })), "{stage:?}");
}

#[test]
fn a_part_of_a_party_is_no_delivery_to_the_customer() {
    let (mut story, id) = part_for_work();
    story.hear_at(8, news(id, OrderMilestone::Delivered, 4, at(8)));
    assert!(!story.tells(|fact| matches!(fact, Fact::Milestone { .. })));
}
