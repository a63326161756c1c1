//! Whatever the workload and the budget, no rule is broken.

use std::num::NonZeroU32;

use jiff::SignedDuration;
use meridian_scheduler::workload::{Seeds, WorkloadError, check_plan, optimise};
use meridian_types::Interval;
use proptest::prelude::*;

use super::fixture::rounds;
use super::random::{any_workload, later};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn no_rule_is_broken_at_any_budget(
        workload in any_workload(14),
        seed in any::<u64>(),
        budget in prop_oneof![Just(0), 1..200_u32],
    ) {
        let plan = optimise(&workload, seed, rounds(budget)).unwrap();
        prop_assert_eq!(check_plan(&workload, &plan), Ok(()));
        let again = optimise(&workload, seed, rounds(budget)).unwrap();
        prop_assert_eq!(plan, again);
    }

    #[test]
    fn searches_side_by_side_plan_as_well_as_the_best_of_them_alone(
        workload in any_workload(14),
        seed in any::<u64>(),
        budget in prop_oneof![Just(0), 1..100_u32],
    ) {
        let seed = seed.min(u64::MAX - 3);
        let three = Seeds::side_by_side(seed, NonZeroU32::new(3).unwrap());
        let plan = optimise(&workload, three, rounds(budget)).unwrap();
        prop_assert_eq!(check_plan(&workload, &plan), Ok(()));
        let alone = (seed..seed + 3).map(|seed| optimise(&workload, seed, rounds(budget)).unwrap().costs.total.minor());
        prop_assert_eq!(Some(plan.costs.total.minor()), alone.min());
    }

    #[test]
    fn what_was_published_keeps_every_rule_when_it_is_planned_again(
        workload in any_workload(14),
        hours in 0..160_i64,
        budget in 0..150_u32,
    ) {
        let published = optimise(&workload, 1, rounds(100)).unwrap();
        let later = later(&workload, &published, hours);
        let plan = optimise(&later, 2, rounds(budget));
        let plan = plan.map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(check_plan(&later, &plan), Ok(()));
    }

    /// Somebody falls ill, and what does not concern them stays as it is, or nothing that stays could be kept.
    #[test]
    fn an_absence_breaks_no_rule(
        workload in any_workload(14),
        hours in 0..160_i64,
        absence in (0..150_i64, 1..40_i64),
    ) {
        let published = optimise(&workload, 1, rounds(100)).unwrap();
        let mut later = later(&workload, &published, hours);
        let from = workload.horizon.start() + SignedDuration::from_hours(absence.0);
        let ill = Interval::new(from, from + SignedDuration::from_hours(absence.1)).unwrap();
        let taken = &mut later.engineers[0].taken;
        taken.absent = taken.absent.iter().chain([ill]).collect();
        match optimise(&later, 2, rounds(50)) {
            Ok(plan) => prop_assert_eq!(check_plan(&later, &plan), Ok(())),
            Err(WorkloadError::NotKept { engineer, .. }) if engineer == later.engineers[0].engineer.id => {}
            Err(error) => return Err(TestCaseError::fail(error.to_string())),
        }
    }
}
