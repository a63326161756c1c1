//! The search against writing every schedule out.

use meridian_scheduler::check;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::enumerated::least_cost;
use crate::fixture::{instance, scheduled};

proptest! {
    // The same cases in each run: the search is a heuristic, and a miss has to be looked into rather than run again.
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::with_cases(200)
    })]
    #[test]
    fn small_instances_are_solved_as_well_as_by_writing_everything_out(
        instance in (1..5_usize, 1..4_usize).prop_flat_map(|(visits, shifts)| instance(visits, shifts)),
    ) {
        let found = scheduled(&instance, 1, 2_000);
        prop_assert_eq!(check(&instance, &found), Ok(()));
        prop_assert_eq!(found.cost, least_cost(&instance));
    }

    #[test]
    fn the_same_holds_where_there_is_much_time(
        instance in (1..5_usize, 1..4_usize).prop_flat_map(|(visits, shifts)| instance(visits, shifts)),
    ) {
        let found = scheduled(&instance, 1, 30_000);
        prop_assert_eq!(check(&instance, &found), Ok(()));
        prop_assert_eq!(found.cost, least_cost(&instance));
    }
}
