//! Bad input is an error that names field, value and rule.

use meridian_scheduler::{Instance, InstanceError, schedule};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use crate::fixture::instance;

fn refused(change: impl FnOnce(&mut Instance)) -> InstanceError {
    let mut instance = instance(3, 2).new_tree(&mut TestRunner::deterministic()).unwrap().current();
    change(&mut instance);
    schedule(&instance, 1, |_| 1.0).unwrap_err()
}

fn assert_refused(change: impl FnOnce(&mut Instance), field: &str, value: &str) {
    let error = refused(change);
    assert_eq!((error.field.as_str(), error.value.as_str()), (field, value), "{error}");
    assert!(error.to_string().contains(error.rule), "{error}");
}

#[test]
fn places_that_there_are_not_are_refused() {
    assert_refused(|instance| instance.visits[1].place = 6, "visits[1].place", "6");
    assert_refused(|instance| instance.shifts[0].from = 7, "shifts[0].from", "7");
    assert_refused(|instance| instance.shifts[1].to = 8, "shifts[1].to", "8");
    assert_refused(|instance| instance.shifts[1].class = 2, "shifts[1].class", "2");
}

#[test]
fn times_that_end_before_they_begin_or_are_negative_are_refused() {
    let field = "visits[2].windows_s[0]";
    assert_refused(|instance| instance.visits[2].windows_s[0] = (5, 4), field, "5 to 4");
    assert_refused(|instance| instance.visits[2].windows_s[0] = (-1, 4), field, "-1 to 4");
    assert_refused(|instance| instance.shifts[0].window_s = (9, 8), "shifts[0].window_s", "9 to 8");
    let far = (0, i32::MAX);
    assert_refused(|instance| instance.shifts[0].window_s = far, "shifts[0].window_s", "0 to 2147483647");
    assert_refused(|instance| instance.fits[4].duration_s = -3, "fits[4].duration_s", "-3");
    assert_refused(|instance| instance.way_s[7] = -2, "way_s[7]", "-2");
}

#[test]
fn costs_that_are_negative_or_overflow_are_refused() {
    assert_refused(|instance| instance.visits[0].absence_cost = -1, "visits[0].absence_cost", "-1");
    let most = i64::MAX.to_string();
    assert_refused(|instance| instance.fits[0].charge = i64::MAX, "fits[0].charge", &most);
    assert_refused(|instance| instance.shifts[0].cost_per_s = i64::MAX, "shifts[0].cost_per_s", &most);
    assert_refused(|instance| instance.shifts[0].fixed_cost = -5, "shifts[0].fixed_cost", "-5");
    assert_refused(|instance| instance.way_cost[0] = -1, "way_cost[0]", "-1");
}

#[test]
fn tables_of_the_wrong_size_are_refused() {
    assert_refused(|instance| instance.fits.truncate(5), "fits", "5");
    assert_refused(|instance| instance.way_s.truncate(35), "way_s", "35");
    assert_refused(|instance| instance.way_cost.truncate(35), "way_cost", "35");
    assert_refused(|instance| instance.visits[0].parts.truncate(1), "visits[0].parts", "1");
    assert_refused(|instance| instance.shifts[1].aboard = vec![1, -1], "shifts[1].aboard", "-1");
}

#[test]
fn a_visit_without_a_window_is_left_out() {
    let mut instance = instance(3, 2).new_tree(&mut TestRunner::deterministic()).unwrap().current();
    instance.visits[1].windows_s.clear();
    let found = schedule(&instance, 1, |_| 1.0).unwrap();
    assert!(found.absent.contains(&1));
}
