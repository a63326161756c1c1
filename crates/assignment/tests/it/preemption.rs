//! Who may take what from whom, and who is told.

use meridian_assignment::{
    Batch, Commitment, Hold, Outcome, Priority, Recipient, Resource, Tell, Why, exact, greedy,
};

use crate::batches::{case, choice, engineer, hold, request, stock, units};

fn both(batch: &Batch) -> [Outcome; 2] {
    [greedy(batch).unwrap(), exact(batch, 60.0).unwrap()]
}

/// A request for the only unit at site 0, which case 9 holds; another unit is free at site 1.
fn contest(taker: Priority, holder: Priority, change: impl FnOnce(&mut Hold)) -> Batch {
    let mut held = hold(9, holder, choice(100, 0, &[units(0, 1)]), &[choice(250, 0, &[units(1, 1)])]);
    change(&mut held);
    Batch {
        stock: vec![stock(0, 0), stock(1, 1)],
        requests: vec![request(1, taker, &[choice(100, 0, &[units(0, 1)])])],
        holds: vec![held],
        ..Batch::default()
    }
}

#[test]
fn a_more_urgent_request_takes_a_hold_that_can_be_replaced_and_three_are_told() {
    for outcome in both(&contest(Priority::Critical, Priority::High, |_| {})) {
        assert_eq!(outcome.total.served, [1, 0, 0]);
        assert_eq!(outcome.total.cost_minor, 100 + 150);
        let [lost] = outcome.preempted.as_slice() else { panic!("{outcome:?}") };
        assert_eq!((lost.case, lost.alternative), (case(9), 0));
        assert!(matches!(lost.taken[0].resource, Resource::Stock { .. }));
        assert_eq!(lost.taken[0].by, [case(1)]);
        let tell = |recipient, why| Tell { recipient, why };
        assert_eq!(
            lost.tell,
            [
                tell(Recipient::Customer(case(9)), Why::AnotherWaySameDate),
                tell(Recipient::Office(case(9)), Why::HoldTakenBy(case(1))),
                tell(Recipient::Requester(case(1)), Why::ServedFrom(case(9))),
            ]
        );
    }
}

#[test]
fn a_customer_who_was_told_nothing_hears_nothing() {
    let batch = contest(Priority::Critical, Priority::High, |it| it.commitment = Commitment::Held);
    for outcome in both(&batch) {
        let customer = |it: &Tell| it.recipient == Recipient::Customer(case(9));
        assert!(!outcome.preempted[0].tell.iter().any(customer));
    }
}

#[test]
fn nobody_takes_from_an_equal_or_a_more_urgent_case_nor_what_is_protected() {
    let refused = [
        contest(Priority::High, Priority::High, |_| {}),
        contest(Priority::Normal, Priority::High, |_| {}),
        contest(Priority::Critical, Priority::High, |it| it.commitment = Commitment::Started),
        contest(Priority::Critical, Priority::High, |it| it.commitment = Commitment::InTransit),
        contest(Priority::Critical, Priority::High, |it| it.commitment = Commitment::AgreedByCustomer),
        contest(Priority::Critical, Priority::High, |it| it.commitment = Commitment::AcceptedByEngineer),
        contest(Priority::Critical, Priority::High, |it| it.preempted_before = true),
        contest(Priority::Critical, Priority::High, |it| it.alternatives[0].late_minutes = 1),
        contest(Priority::Critical, Priority::High, |it| it.alternatives.clear()),
    ];
    for batch in refused {
        for outcome in both(&batch) {
            assert!(outcome.preempted.is_empty(), "{batch:?}");
            assert_eq!(outcome.unserved[0].lacks[0].holders[0].case, case(9));
        }
    }
}

#[test]
fn a_replacement_takes_from_nobody() {
    let mut batch = contest(Priority::Critical, Priority::High, |_| {});
    batch.stock[1].available = 0;
    batch.holds.push(hold(
        8,
        Priority::Normal,
        choice(0, 0, &[units(1, 1)]),
        &[choice(0, 0, &[engineer(1, 8, 9)])],
    ));
    for outcome in both(&batch) {
        assert!(outcome.preempted.is_empty());
        assert_eq!(outcome.total.served, [0, 0, 0]);
    }
}

#[test]
fn a_hold_is_not_moved_to_save_money_or_for_a_less_urgent_request() {
    let mut batch = contest(Priority::Critical, Priority::High, |it| it.alternatives[0].cost_minor = 1);
    batch.stock[0].available = 1;
    for outcome in both(&batch) {
        assert!(outcome.preempted.is_empty());
    }
    // The critical request is content with what is free elsewhere; the normal one must not profit from a move.
    batch.stock[0].available = 0;
    batch.stock[1].available = 2;
    batch.requests[0].choices[0].claims = vec![units(1, 1)];
    batch.requests.push(request(2, Priority::Normal, &[choice(0, 0, &[units(0, 1)])]));
    for outcome in both(&batch) {
        assert!(outcome.preempted.is_empty());
        assert_eq!(outcome.total.served, [1, 0, 0]);
    }
}

#[test]
fn an_engineer_is_taken_when_another_one_can_stand_in() {
    let held = hold(
        9,
        Priority::Normal,
        choice(0, 0, &[engineer(1, 8, 16)]),
        &[choice(50, 0, &[engineer(2, 9, 17)])],
    );
    let batch = Batch {
        requests: vec![
            request(1, Priority::Critical, &[choice(0, 0, &[engineer(1, 10, 12)])]),
            request(2, Priority::Normal, &[choice(0, 0, &[engineer(1, 13, 15)])]),
            request(3, Priority::High, &[choice(0, 0, &[engineer(1, 14, 18)])]),
        ],
        holds: vec![held],
        ..Batch::default()
    };
    for outcome in both(&batch) {
        // The equally urgent request 2 may not have the hours that the hold gives up; the more urgent 3 may.
        assert_eq!(outcome.total.served, [1, 1, 0]);
        assert_eq!(outcome.preempted[0].taken[0].by, [case(1), case(3)]);
    }
}
