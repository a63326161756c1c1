//! Whatever the budget, the rules hold.

use meridian_scheduler::{Call, Purpose, Window, check};
use proptest::prelude::*;
use proptest::strategy::ValueTree;

use crate::fixture::{instance, scheduled};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]
    #[test]
    fn no_rule_is_broken_at_any_budget(
        instance in (0..30_usize, 0..8_usize).prop_flat_map(|(visits, shifts)| instance(visits, shifts)),
        seed in any::<u64>(),
        rounds in prop_oneof![Just(0), Just(1), 2..300_u32],
    ) {
        let found = scheduled(&instance, seed, rounds);
        prop_assert_eq!(check(&instance, &found), Ok(()));
    }

    #[test]
    fn the_same_seed_and_rounds_give_the_same_schedule(
        instance in instance(12, 4),
        seed in any::<u64>(),
    ) {
        prop_assert_eq!(scheduled(&instance, seed, 100), scheduled(&instance, seed, 100));
    }

    #[test]
    fn a_first_schedule_is_never_better_than_what_is_kept_in_the_end(
        instance in instance(12, 4),
        seed in any::<u64>(),
    ) {
        prop_assert!(scheduled(&instance, seed, 200).cost <= scheduled(&instance, seed, 0).cost);
    }
}

#[test]
fn ways_that_are_longer_than_a_detour_break_no_rule() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for _ in 0..100 {
        let mut instance = instance(10, 3).new_tree(&mut runner).unwrap().current();
        for (index, seconds) in instance.way_s.iter_mut().enumerate() {
            *seconds += i32::try_from(index * 7 % 23).unwrap();
        }
        let found = scheduled(&instance, 1, 200);
        assert_eq!(check(&instance, &found), Ok(()));
    }
}

#[test]
fn what_costs_most_to_leave_out_is_planned_first() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut instance = instance(512, 3).new_tree(&mut runner).unwrap().current();
    for (index, visit) in instance.visits.iter_mut().enumerate() {
        visit.windows = vec![Window::within(0, 1_000)];
        visit.absence_cost = if index % 4 == 0 { 900_000 } else { 1 };
        visit.parts = vec![0, 0];
    }
    let most_urgent = instance.visits.len().div_ceil(4);
    let calls = std::cell::Cell::new(0_usize);
    let found = meridian_scheduler::schedule(&instance, &[], 1, |_| {
        calls.set(calls.get() + 1);
        if calls.get() * 64 >= most_urgent { 1.0 } else { 0.0 }
    });
    let found = found.unwrap();
    assert_eq!(check(&instance, &found), Ok(()));
    let planned = || found.tours.iter().flat_map(|tour| &tour.calls);
    let urgent = |call: &&Call| matches!(call.purpose, Purpose::Visit(visit) if visit % 4 == 0);
    assert!(planned().filter(urgent).count() > 0);
    assert!(planned().all(|call| urgent(&call) || call.purpose == Purpose::Pickup));
}
