//! Bad input is an error that names field, value and rule.

use meridian_scheduler::{Instance, InstanceError, Link, Rest, Start, Window, schedule};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use crate::fixture::instance;

fn refused(change: impl FnOnce(&mut Instance)) -> InstanceError {
    let mut instance = instance(3, 2).new_tree(&mut TestRunner::deterministic()).unwrap().current();
    change(&mut instance);
    schedule(&instance, &[], 1, |_| 1.0).unwrap_err()
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
    let field = "visits[2].windows[0]";
    assert_refused(|instance| instance.visits[2].windows[0] = Window::within(5, 4), field, "5 to 4");
    assert_refused(|instance| instance.visits[2].windows[0] = Window::within(-1, 4), field, "-1 to 4");
    assert_refused(|instance| instance.shifts[0].window_s = (9, 8), "shifts[0].window_s", "9 to 8");
    let twice = vec![Window::within(1, 4), Window::within(4, 5)];
    assert_refused(|instance| instance.visits[2].windows = twice, "visits[2].windows", "4");
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
    instance.visits[1].windows.clear();
    let found = schedule(&instance, &[], 1, |_| 1.0).unwrap();
    assert!(found.absent.contains(&1));
}

#[test]
fn links_that_lead_nowhere_or_in_a_circle_are_refused() {
    let after = |first, then| Link::After { first, then };
    assert_refused(|instance| instance.links = vec![after(0, 3)], "links[0]", "3");
    assert_refused(|instance| instance.links = vec![after(1, 1)], "links[0]", "1");
    let circle = vec![after(0, 1), after(1, 2), after(2, 0)];
    assert_refused(|instance| instance.links = circle, "links[0]", "a circle");
    let together = |one, other| Link::Together { visits: (one, other) };
    assert_refused(|instance| instance.links = vec![together(0, 1), together(2, 1)], "links[1]", "1");
    let in_a_pair = vec![together(0, 1), after(0, 1)];
    assert_refused(|instance| instance.links = in_a_pair, "links[1]", "a circle");
}

#[test]
fn rests_trips_and_tours_of_what_there_is_not_are_refused() {
    let rest = |before, after, least_s| vec![Rest { before, after, least_s }];
    assert_refused(|instance| instance.rests = rest(0, 2, None), "rests[0]", "2");
    assert_refused(|instance| instance.rests = rest(1, 1, None), "rests[0]", "1");
    assert_refused(|instance| instance.rests = rest(0, 1, Some(-1)), "rests[0].least_s", "-1");
    assert_refused(|instance| instance.shifts[0].trip = Some(0), "shifts[0].trip", "0");
    assert_refused(|instance| instance.trip_costs = vec![-2], "trip_costs[0]", "-2");
    let instance = instance(3, 2).new_tree(&mut TestRunner::deterministic()).unwrap().current();
    let tour = |shift, visits: &[u32]| {
        let visits = visits.iter().map(|visit| (*visit, 0)).collect();
        Start { shift, span_s: (0, 9), visits }
    };
    let refused = |start: &[Start]| schedule(&instance, start, 1, |_| 1.0).unwrap_err().field;
    assert_eq!(refused(&[tour(2, &[])]), "start[0].shift");
    assert_eq!(refused(&[tour(0, &[]), tour(0, &[])]), "start[1].shift");
    assert_eq!(refused(&[tour(0, &[3])]), "start[0].visits[0]");
    assert_eq!(refused(&[tour(0, &[1]), tour(1, &[2, 1])]), "start[1].visits[1]");
}
