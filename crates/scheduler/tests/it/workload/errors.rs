//! Bad input is a typed error that names field, value and rule.

use meridian_scheduler::workload::{
    Appointment, Due, Engineers, Trip, Way, WorkOrder, Workload, WorkloadError, optimise, recommend,
};
use meridian_types::Money;

use super::fixture::{
    appointment, at, crew, eur, interval, order, planned, refused, rounds, spans, visit_id, week,
};

/// The week with one order in Espoo, changed: the field that is refused, and its value.
fn field(change: impl FnOnce(&mut Workload)) -> (String, String) {
    let mut workload = week(vec![order(1, "ESP")]);
    change(&mut workload);
    match refused(&workload) {
        WorkloadError::Field { field, value, rule } => {
            assert!(!rule.is_empty());
            (field, value)
        }
        other => panic!("{other}"),
    }
}

fn told(field: &str, value: impl ToString) -> (String, String) {
    (field.to_owned(), value.to_string())
}

#[test]
fn what_there_is_twice_is_refused() {
    let one = visit_id(1);
    assert_eq!(field(|it| it.orders.push(order(1, "VAN"))), told("orders[1].id", one));
    assert_eq!(field(|it| it.sites.push(it.sites[0].clone())), told("sites[9].id", "HEL"));
    let twin = || crew("E-1", "HEL", "FI", "Europe/Helsinki");
    assert_eq!(field(|it| it.engineers.push(twin())), told("engineers[2].engineer.id", "E-1"));
    let work = "2026-11-23T07:00Z/2026-11-23T08:00Z";
    let twice = vec![appointment(1, "E-1", work), appointment(1, "E-2", work)];
    assert_eq!(field(|it| it.published = twice), told("published[1].order", one));
}

#[test]
fn names_that_stand_for_nothing_are_refused() {
    let nowhere = || "NOWHERE".parse().unwrap();
    assert_eq!(field(|it| it.orders[0].site = nowhere()), told("orders[0].site", "NOWHERE"));
    let home = field(|it| it.engineers[1].engineer.home_site = nowhere());
    assert_eq!(home, told("engineers[1].engineer.home_site", "NOWHERE"));
    assert_eq!(field(|it| it.orders[0].after = vec![visit_id(9)]), told("orders[0].after[0]", visit_id(9)));
    let excluded = field(|it| it.orders[0].excluded = ["E-9".parse().unwrap()].into());
    assert_eq!(excluded, told("orders[0].excluded", "E-9"));
    let work = "2026-11-23T07:00Z/2026-11-23T08:00Z";
    let of = |appointment: Appointment| field(|it| it.published = vec![appointment]);
    assert_eq!(of(appointment(9, "E-1", work)), told("published[0].order", visit_id(9)));
    assert_eq!(of(appointment(1, "E-9", work)), told("published[0].assignees", "E-9"));
    let mut on_trip = appointment(1, "E-1", work);
    on_trip.assignees[0].trip = Some(0);
    assert_eq!(of(on_trip), told("published[0].assignees", "E-1 on trip Some(0)"));
}

#[test]
fn times_and_numbers_out_of_range_are_refused() {
    let minutes = |minutes| field(|it| it.orders[0].work_minutes = minutes);
    assert_eq!(minutes(-5), told("orders[0].work_minutes", -5));
    assert_eq!(minutes(0), told("orders[0].work_minutes", 0));
    assert_eq!(minutes(10_081), told("orders[0].work_minutes", 10_081));
    for priority in [0, 6] {
        assert_eq!(field(|it| it.orders[0].priority = priority), told("orders[0].priority", priority));
    }
    let efficiency = field(|it| it.engineers[0].efficiency_percent = 9);
    assert_eq!(efficiency, told("engineers[0].efficiency_percent", 9));
    let beyond = "2026-11-27T20:00Z/2026-11-27T22:01Z";
    let value = "2026-11-27T20:00:00Z to 2026-11-27T22:01:00Z";
    assert_eq!(
        field(|it| it.orders[0].windows = vec![interval(beyond)]),
        told("orders[0].windows[0]", value)
    );
    assert_eq!(
        field(|it| it.published = vec![appointment(1, "E-1", beyond)]),
        told("published[0].work", value)
    );
    let away =
        Trip { lodging: "STR".parse().unwrap(), away: interval(beyond), work: spans(&[]), cost: eur(0) };
    assert_eq!(field(|it| it.engineers[0].trips = vec![away]), told("engineers[0].trips[0].away", value));
    let years = field(|it| it.horizon = interval("2026-01-01T00:00Z/2028-01-01T00:00Z"));
    assert_eq!(years, told("horizon", "730 days"));
    let split = field(|it| it.horizon = interval("2026-11-22T22:00:00.5Z/2026-11-27T22:00Z"));
    assert_eq!(split, told("horizon", "2026-11-22T22:00:00.5Z"));
}

#[test]
fn amounts_of_another_currency_or_negative_ones_are_refused() {
    let dollars = Money::new("USD", 100).unwrap();
    let hourly = field(|it| it.engineers[0].engineer.hourly_cost = dollars);
    assert_eq!(hourly, told("engineers[0].engineer.hourly_cost", dollars));
    assert_eq!(field(|it| it.orders[0].outsource = Some(dollars)), told("orders[0].outsource", dollars));
    assert_eq!(field(|it| it.charges.day = dollars), told("charges.day", dollars));
    assert_eq!(field(|it| it.charges.day = eur(-1)), told("charges.day", eur(-1)));
    let due = Due { by: at("2026-11-23T00:00Z"), late_cost_per_day: eur(-1) };
    assert_eq!(field(|it| it.orders[0].due = Some(due)), told("orders[0].due.late_cost_per_day", eur(-1)));
    let cheaper = field(|it| it.engineers[0].engineer.overtime_cost = eur(5_999));
    assert_eq!(cheaper, told("engineers[0].engineer.overtime_cost", eur(5_999)));
    let way = Way { minutes: -1, cost: eur(0) };
    let known = field(|it| {
        it.ways.known.insert(("HEL".parse().unwrap(), "ESP".parse().unwrap()), way);
    });
    assert_eq!(known, told("ways.known[HEL to ESP].minutes", -1));
}

#[test]
fn two_engineers_are_not_asked_of_one_nor_tools_of_nowhere() {
    let alone = field(|it| {
        it.orders[0].engineers = Engineers::Two;
        it.engineers.truncate(1);
    });
    assert_eq!(alone, told("orders[0].engineers", 2));
    assert_eq!(field(|it| it.orders[0].needs_pickup = true), told("orders[0].needs_pickup", true));
    let mut one_of_two = appointment(1, "E-1", "2026-11-23T07:00Z/2026-11-23T08:00Z");
    one_of_two.assignees.push(one_of_two.assignees[0].clone());
    let of_two = |it: &mut Workload| {
        it.orders[0].engineers = Engineers::Two;
        it.published = vec![one_of_two];
    };
    assert_eq!(field(of_two), told("published[0].assignees", 2));
}

#[test]
fn orders_that_wait_for_each_other_are_named() {
    let waits = |number, after| WorkOrder { after: vec![visit_id(after)], ..order(number, "ESP") };
    let workload = week(vec![waits(1, 2), waits(2, 3), waits(3, 4), waits(4, 2), order(5, "ESP")]);
    assert_eq!(refused(&workload), WorkloadError::Cycle(vec![visit_id(2), visit_id(3), visit_id(4)]));
    let workload = week(vec![waits(1, 1)]);
    assert_eq!(refused(&workload), WorkloadError::Cycle(vec![visit_id(1)]));
}

#[test]
fn sites_between_which_nothing_tells_the_way_are_named() {
    let mut workload = week(vec![order(1, "ESP")]);
    workload.sites[1].position = None;
    let no_way = WorkloadError::NoWay { from: "HEL".parse().unwrap(), to: "ESP".parse().unwrap() };
    assert_eq!(refused(&workload), no_way);
    // A site where nothing happens needs no way.
    workload.orders[0].site = "VAN".parse().unwrap();
    planned(&workload);
}

#[test]
fn appointments_that_should_stay_and_can_not_are_named() {
    let mut workload = week(vec![order(1, "ESP"), order(2, "TMP")]);
    let not_kept = |workload: &Workload| match refused(workload) {
        WorkloadError::NotKept { order, engineer, rule } => (order, engineer.to_string(), rule),
        other => panic!("{other}"),
    };
    workload.published = vec![appointment(1, "E-1", "2026-11-23T19:00Z/2026-11-23T20:00Z")];
    workload.published[0].pinned = true;
    let out_of_hours = not_kept(&workload);
    assert_eq!(out_of_hours, (visit_id(1), "E-1".into(), "it lies in none of the engineer's shifts"));
    workload.published = vec![
        appointment(1, "E-1", "2026-11-23T08:00Z/2026-11-23T09:00Z"),
        appointment(2, "E-1", "2026-11-23T09:30Z/2026-11-23T10:30Z"),
    ];
    workload.published.iter_mut().for_each(|published| published.pinned = true);
    let too_far = not_kept(&workload);
    assert_eq!((too_far.0, too_far.1.as_str()), (visit_id(2), "E-1"));
}

#[test]
fn nothing_to_do_and_nobody_to_do_it_are_no_errors() {
    let mut workload = week(Vec::new());
    assert_eq!(planned(&workload).visits, []);
    workload.engineers.clear();
    workload.orders = vec![order(1, "ESP")];
    assert_eq!(planned(&workload).unplanned.len(), 1);
}

#[test]
fn fifty_thousand_orders_are_answered_and_more_or_more_pairs_are_refused() {
    let mut workload = week((0..50_000).map(|number| order(number, "ESP")).collect());
    let plan = optimise(&workload, 1, rounds(0)).unwrap();
    assert_eq!(plan.visits.len() + plan.unplanned.len(), 50_000);
    assert!(!plan.visits.is_empty());
    workload.orders.push(order(50_000, "ESP"));
    let over = |workload: &Workload| match refused(workload) {
        WorkloadError::Field { field, value, .. } => (field, value),
        other => panic!("{other}"),
    };
    assert_eq!(over(&workload), told("orders", 50_001));
    workload.orders.pop();
    workload.engineers =
        (0..100).map(|number| crew(&format!("E-{number}"), "HEL", "FI", "Europe/Helsinki")).collect();
    assert_eq!(over(&workload), told("orders times shifts", 25_000_000));
}

#[test]
fn questions_about_what_there_is_not_are_refused() {
    let workload = week(vec![order(1, "ESP")]);
    let plan = planned(&workload);
    let unknown = recommend(&workload, &plan, visit_id(9), 3).unwrap_err();
    assert_eq!(unknown.to_string(), format!("order: {} breaks the rule: one of the orders", visit_id(9)));
}
