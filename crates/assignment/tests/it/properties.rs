//! What must hold of generated batches.

use meridian_assignment::{Batch, Outcome, Proof, Recipient, Standing, exact, greedy};
use proptest::prelude::*;
use proptest::test_runner::Config;

use crate::batches::any_batch;
use crate::oracle::{Picks, best, broken_rule, rank, total};

const SECONDS: f64 = 60.0;

fn config(cases: u32) -> Config {
    Config { cases, failure_persistence: None, ..Config::default() }
}

fn keeps_the_rules(batch: &Batch, outcome: &Outcome) -> Result<(), TestCaseError> {
    let picks = Picks::of(batch, outcome);
    prop_assert_eq!(broken_rule(batch, &picks), None);
    prop_assert_eq!(total(batch, &picks), outcome.total);
    let mut named: Vec<_> = outcome.served.iter().map(|it| it.case).collect();
    named.extend(outcome.unserved.iter().map(|it| it.case));
    named.sort_unstable();
    prop_assert_eq!(named, batch.requests.iter().map(|it| it.case).collect::<Vec<_>>());
    Ok(())
}

proptest! {
    #![proptest_config(config(1_000))]

    #[test]
    fn no_rule_is_broken_and_the_total_is_what_it_says(batch in any_batch(8)) {
        keeps_the_rules(&batch, &greedy(&batch).unwrap())?;
        keeps_the_rules(&batch, &exact(&batch, SECONDS).unwrap())?;
    }

    #[test]
    fn what_is_open_takes_from_nobody_and_what_is_not_open_would(batch in any_batch(8)) {
        for outcome in [greedy(&batch).unwrap(), exact(&batch, SECONDS).unwrap()] {
            for (index, served) in outcome.served.iter().enumerate() {
                let request = batch.requests.iter().find(|it| it.case == served.case).unwrap();
                for choice in (0..request.choices.len()).filter(|it| *it != served.choice) {
                    let mut instead = outcome.clone();
                    instead.served[index].choice = choice;
                    let fits = broken_rule(&batch, &Picks::of(&batch, &instead)).is_none();
                    prop_assert_eq!(served.open.contains(&choice), fits);
                }
            }
        }
    }

    #[test]
    fn exact_is_never_worse_than_greedy_and_equals_full_enumeration(batch in any_batch(5)) {
        let (fast, exact) = (greedy(&batch).unwrap(), exact(&batch, SECONDS).unwrap());
        prop_assert!(rank(&exact.total) >= rank(&fast.total));
        prop_assert_eq!(exact.proof, Proof::Optimal);
        prop_assert_eq!(exact.total, best(&batch));
    }

    #[test]
    fn the_same_batch_gives_the_same_bytes(batch in any_batch(8)) {
        let bytes = |outcome: Outcome| serde_json::to_string(&outcome).unwrap();
        prop_assert_eq!(bytes(greedy(&batch).unwrap()), bytes(greedy(&batch).unwrap()));
        prop_assert_eq!(bytes(exact(&batch, SECONDS).unwrap()), bytes(exact(&batch, SECONDS).unwrap()));
    }

    #[test]
    fn one_unit_more_never_makes_the_total_worse(batch in any_batch(8), which in 0..5_usize) {
        let before = exact(&batch, SECONDS).unwrap();
        let mut more = batch;
        match more.stock.get_mut(which) {
            Some(level) => level.available += 1,
            None => more.loaners[0].available += 1,
        }
        prop_assert!(rank(&exact(&more, SECONDS).unwrap().total) >= rank(&before.total));
    }

    #[test]
    fn whoever_gives_way_gives_it_to_somebody_more_urgent_and_people_are_told(batch in any_batch(8)) {
        for outcome in [greedy(&batch).unwrap(), exact(&batch, SECONDS).unwrap()] {
            for lost in &outcome.preempted {
                let hold = batch.holds.iter().find(|it| it.case == lost.case).unwrap();
                prop_assert!(!lost.taken.is_empty());
                prop_assert!(lost.tell.iter().any(|it| it.recipient == Recipient::Office(lost.case)));
                for by in lost.taken.iter().flat_map(|it| &it.by) {
                    let taker = batch.requests.iter().find(|it| it.case == *by).unwrap();
                    prop_assert!(taker.priority < hold.priority);
                    prop_assert!(lost.tell.iter().any(|it| it.recipient == Recipient::Requester(*by)));
                }
            }
        }
    }

    #[test]
    fn who_gets_nothing_learns_what_was_lacking(batch in any_batch(8)) {
        for outcome in [greedy(&batch).unwrap(), exact(&batch, SECONDS).unwrap()] {
            for left in &outcome.unserved {
                let request = batch.requests.iter().find(|it| it.case == left.case).unwrap();
                prop_assert_eq!(left.choice.is_none(), request.choices.is_empty());
                prop_assert_eq!(left.lacks.is_empty(), request.choices.is_empty());
                for lack in &left.lacks {
                    prop_assert!(lack.units > 0);
                    let assigned = lack.holders.iter().filter(|it| it.standing == Standing::AssignedNow);
                    for winner in assigned {
                        let known = outcome.served.iter().any(|it| it.case == winner.case)
                            || outcome.preempted.iter().any(|it| it.case == winner.case);
                        prop_assert!(known);
                    }
                }
            }
        }
    }
}

// Too large to enumerate: HiGHS solves what competes, where it is built in.
proptest! {
    #![proptest_config(config(60))]

    #[test]
    fn larger_batches_keep_the_rules_too_and_are_solved_to_the_end(batch in any_batch(40)) {
        let (fast, exact) = (greedy(&batch).unwrap(), exact(&batch, SECONDS).unwrap());
        keeps_the_rules(&batch, &fast)?;
        keeps_the_rules(&batch, &exact)?;
        prop_assert!(rank(&exact.total) >= rank(&fast.total));
        if cfg!(feature = "highs") {
            prop_assert_eq!(exact.proof, Proof::Optimal);
        }
    }

    #[test]
    fn without_time_exact_is_as_good_as_greedy_at_least(batch in any_batch(40)) {
        let (fast, hurried) = (greedy(&batch).unwrap(), exact(&batch, 0.0).unwrap());
        keeps_the_rules(&batch, &hurried)?;
        prop_assert!(rank(&hurried.total) >= rank(&fast.total));
    }
}
