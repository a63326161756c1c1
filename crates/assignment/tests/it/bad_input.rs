//! What is refused.

use meridian_assignment::{Batch, BatchError, Priority, exact, greedy};

use crate::batches::{case, choice, hold, request};

#[test]
fn what_breaks_a_range_is_refused_by_name() {
    let fine = choice(0, 0, &[]);
    let with =
        |choices: &[_]| Batch { requests: vec![request(1, Priority::High, choices)], ..Batch::default() };
    let mut twice = with(std::slice::from_ref(&fine));
    twice.holds.push(hold(1, Priority::High, fine.clone(), &[]));
    let mut heavy = with(&[]);
    heavy.requests[0].lateness_weight = 1_001;
    let case = case(1);
    let out = |field, value| BatchError::OutOfRange { case, field, value };
    for (batch, error) in [
        (twice, BatchError::Twice { case }),
        (with(&vec![fine; 11]), BatchError::TooManyChoices { case, choices: 11 }),
        (with(&[choice(i64::MIN, 0, &[])]), out("cost_minor", i64::MIN)),
        (with(&[choice(0, -1, &[])]), out("late_minutes", -1)),
        (with(&[choice(0, i64::MAX, &[])]), out("late_minutes", i64::MAX)),
        (heavy, out("lateness_weight", 1_001)),
    ] {
        assert_eq!(greedy(&batch), Err(error));
        assert_eq!(exact(&batch, 1.0), Err(error));
    }
}

#[test]
fn nothing_asked_is_answered_with_nothing() {
    let outcome = exact(&Batch::default(), 1.0).unwrap();
    assert_eq!((outcome.served.len(), outcome.unserved.len()), (0, 0));
}
