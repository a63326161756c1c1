//! The search against a mixed-integer programme, where too many schedules exist to write them out: 10 visits over 4
//! shifts, with people who may not, windows, visits of two, visits one after the other, rests and trips.

use meridian_scheduler::{Instance, check};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::fixture::scheduled;
use crate::mixed_integer::least_cost;
use crate::ties_enumerated;
use crate::ties_fixture::tied_instance;

/// The same ones in each run: the search is a heuristic, and a miss has to be looked into rather than run again.
fn instances(count: usize, strategy: impl Strategy<Value = Instance>) -> Vec<Instance> {
    let mut runner = TestRunner::deterministic();
    (0..count).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

#[test]
fn the_programme_says_what_writing_everything_out_says() {
    let small = (1..4_usize, 1..4_usize).prop_flat_map(|(visits, shifts)| tied_instance(visits, shifts));
    for instance in instances(60, small) {
        assert_eq!(least_cost(&instance), ties_enumerated::least_cost(&instance), "{instance:?}");
    }
}

#[test]
fn ten_visits_over_four_shifts_are_planned_as_well_as_by_the_programme() {
    for (at, instance) in instances(8, tied_instance(10, 4)).iter().enumerate() {
        let found = scheduled(instance, 1, 20_000);
        assert_eq!(check(instance, &found), Ok(()));
        assert_eq!(found.cost, least_cost(instance), "instance {at}: {instance:?}");
    }
}
