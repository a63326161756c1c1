//! Visits of two, visits one after the other, shifts with a rest between them, trips.

use meridian_scheduler::{Instance, Purpose, Schedule, Start, Tour, check, schedule};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::fixture::scheduled;
use crate::ties_enumerated::least_cost;
use crate::ties_fixture::tied_instance;

proptest! {
    // The same cases in each run: the search is a heuristic, and a miss has to be looked into rather than run again.
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::with_cases(200)
    })]
    #[test]
    fn small_tied_instances_are_solved_as_well_as_by_writing_everything_out(
        instance in (1..4_usize, 1..4_usize).prop_flat_map(|(visits, shifts)| tied_instance(visits, shifts)),
    ) {
        let found = scheduled(&instance, 1, 2_000);
        prop_assert_eq!(check(&instance, &found), Ok(()));
        prop_assert_eq!(found.cost, least_cost(&instance));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]
    #[test]
    fn ties_are_kept_at_any_budget(
        instance in (0..16_usize, 0..8_usize).prop_flat_map(|(visits, shifts)| {
            tied_instance(visits.max(2), shifts.max(2))
        }),
        seed in any::<u64>(),
        rounds in prop_oneof![Just(0), Just(1), 2..300_u32],
    ) {
        let found = scheduled(&instance, seed, rounds);
        prop_assert_eq!(check(&instance, &found), Ok(()));
    }

    #[test]
    fn what_was_published_is_where_a_search_begins(instance in tied_instance(10, 5), seed in any::<u64>()) {
        let published = scheduled(&instance, seed, 300);
        let again = schedule(&instance, &starts(&published), seed, |_| 1.0).unwrap();
        prop_assert_eq!(check(&instance, &again), Ok(()));
        prop_assert!(again.cost <= published.cost, "{} > {}", again.cost, published.cost);
    }

    #[test]
    fn what_is_pinned_stays_in_its_shift(instance in tied_instance(10, 5), seed in any::<u64>(), pinned in any::<u16>()) {
        let published = scheduled(&instance, seed, 20);
        let mut instance = instance;
        for (at, visit) in instance.visits.iter_mut().enumerate() {
            visit.pinned = pinned >> at & 1 == 1;
        }
        let again = continued(&instance, &starts(&published), 200);
        prop_assert_eq!(check(&instance, &again), Ok(()));
        for (at, visit) in (0..).zip(&instance.visits) {
            if visit.pinned && let Some(shift) = shift_of(&published, at) {
                prop_assert_eq!(shift_of(&again, at), Some(shift));
            }
        }
    }
}

fn starts(published: &Schedule) -> Vec<Start> {
    published.tours.iter().map(Tour::start).collect()
}

fn continued(instance: &Instance, start: &[Start], rounds: u32) -> Schedule {
    let mut asked = 0;
    schedule(instance, start, 1, |_| {
        asked += 1;
        f64::from(asked) / f64::from(rounds / 32)
    })
    .unwrap()
}

fn shift_of(schedule: &Schedule, visit: u32) -> Option<u32> {
    let has = |tour: &&Tour| tour.calls.iter().any(|call| call.purpose == Purpose::Visit(visit));
    schedule.tours.iter().find(has).map(|tour| tour.shift)
}
