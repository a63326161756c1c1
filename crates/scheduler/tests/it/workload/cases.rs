//! What happens to single orders.

use meridian_scheduler::workforce::{FreeBusy, Rest};
use meridian_scheduler::workload::{Assignee, Due, Engineers, PickupPoint, Reason, Trip, Why};

use super::fixture::{
    appointment, at, crew, eur, interval, needed, order, planned, shown, skill, spans, visit_id, week,
};

#[test]
fn what_is_pinned_or_frozen_does_not_move_though_it_would_be_cheaper() {
    let mut workload = week(vec![order(1, "ESP"), order(2, "TMP"), order(3, "ESP")]);
    workload.frozen_until = at("2026-11-23T10:00Z");
    workload.published = vec![
        appointment(1, "E-1", "2026-11-23T07:00Z/2026-11-23T08:00Z"),
        appointment(2, "E-2", "2026-11-25T09:13Z/2026-11-25T10:13Z"),
        appointment(3, "E-2", "2026-11-26T11:00Z/2026-11-26T12:00Z"),
    ];
    workload.published[1].pinned = true;
    workload.charges.engineer = eur(0);
    workload.charges.day = eur(0);
    let plan = planned(&workload);
    assert_eq!(shown(&plan, 1), "E-1 2026-11-23T07:00:00Z 2026-11-23T08:00:00Z");
    assert_eq!(shown(&plan, 2), "E-2 2026-11-25T09:13:00Z 2026-11-25T10:13:00Z");
    // Not by a way to Espoo of its own.
    let [change] = &plan.changes[..] else { panic!("{:?}", plan.changes) };
    assert_eq!((change.order, &change.reason, change.charge), (visit_id(3), &Reason::Better, eur(0)));
}

#[test]
fn a_change_is_only_made_where_it_is_worth_its_charge() {
    let mut workload = week(vec![order(1, "ESP"), order(3, "ESP")]);
    workload.published = vec![
        appointment(1, "E-1", "2026-11-23T07:00Z/2026-11-23T08:00Z"),
        appointment(3, "E-2", "2026-11-26T11:00Z/2026-11-26T12:00Z"),
    ];
    workload.charges.day = eur(50_000);
    assert_eq!(planned(&workload).changes, []);
    workload.charges.day = eur(0);
    workload.charges.engineer = eur(0);
    assert_ne!(planned(&workload).changes, []);
}

#[test]
fn who_falls_ill_gives_even_pinned_work_away() {
    let mut workload = week(vec![order(1, "ESP"), order(2, "VAN")]);
    workload.frozen_until = at("2026-11-23T08:00Z");
    workload.published = vec![
        appointment(1, "E-1", "2026-11-23T11:00Z/2026-11-23T12:00Z"),
        appointment(2, "E-2", "2026-11-23T07:00Z/2026-11-23T08:00Z"),
    ];
    workload.published[0].pinned = true;
    workload.engineers[0].taken.absent = spans(&["2026-11-23T11:30Z/2026-11-28T00:00Z"]);
    let plan = planned(&workload);
    assert!(shown(&plan, 1).starts_with("E-2 2026-11-23"), "{}", shown(&plan, 1));
    assert_eq!(plan.changes[0].reason, Reason::Absent("E-1".parse().unwrap()));
    assert_eq!(plan.changes[0].charge, eur(1_000));
    assert_eq!(plan.changes.len(), 1);
}

#[test]
fn an_order_whose_part_comes_later_is_moved_even_if_it_was_pinned() {
    let mut workload = week(vec![order(1, "ESP")]);
    workload.orders[0].release = Some(at("2026-11-24T12:00Z"));
    workload.published = vec![appointment(1, "E-1", "2026-11-23T11:00Z/2026-11-23T12:00Z")];
    workload.published[0].pinned = true;
    let plan = planned(&workload);
    assert_eq!(shown(&plan, 1), "E-1 2026-11-24T12:00:00Z 2026-11-24T13:00:00Z");
    assert_eq!(plan.changes[0].reason, Reason::PartComes(at("2026-11-24T12:00Z")));
    assert_eq!(plan.changes[0].charge, eur(3_000));
}

#[test]
fn a_certificate_that_expires_during_the_week_counts_until_its_last_day() {
    let mut workload = week(vec![order(1, "ESP")]);
    workload.engineers.truncate(1);
    workload.engineers[0].engineer.skills = vec![skill("PUMPS", 4, "", "2026-11-24")];
    let tuesday = interval("2026-11-24T06:00Z/2026-11-24T12:00Z");
    let wednesday = interval("2026-11-25T06:00Z/2026-11-25T12:00Z");
    workload.orders[0].windows = vec![tuesday, wednesday];
    assert!(shown(&planned(&workload), 1).starts_with("E-1 2026-11-24"));
    workload.orders[0].windows = vec![wednesday];
    assert_eq!(planned(&workload).unplanned[0].why, Why::NobodyMay);
}

#[test]
fn leave_that_starts_in_the_middle_of_a_visit_leaves_no_room_for_it() {
    let mut workload = week(vec![order(1, "ESP")]);
    workload.engineers.truncate(1);
    workload.orders[0].windows = vec![interval("2026-11-23T11:00Z/2026-11-23T12:00Z")];
    assert_eq!(shown(&planned(&workload), 1), "E-1 2026-11-23T11:00:00Z 2026-11-23T12:00:00Z");
    workload.engineers[0].taken.absent = spans(&["2026-11-23T11:30Z/2026-11-28T00:00Z"]);
    assert_eq!(planned(&workload).unplanned[0].why, Why::NoRoom);
    // With leave after the way home it can be done.
    workload.engineers[0].taken.absent = spans(&["2026-11-23T12:30Z/2026-11-28T00:00Z"]);
    assert_eq!(shown(&planned(&workload), 1), "E-1 2026-11-23T11:00:00Z 2026-11-23T12:00:00Z");
}

#[test]
fn someone_elses_leave_blocks_nobody() {
    let mut workload = week(vec![order(1, "ESP"), order(2, "VAN")]);
    let everything = planned(&workload);
    workload.engineers.push(crew("E-3", "HEL", "FI", "Europe/Helsinki"));
    let whole = FreeBusy { absent: spans(&["2026-11-20T00:00Z/2026-12-01T00:00Z"]), ..FreeBusy::default() };
    workload.engineers[2].taken = whole;
    let plan = planned(&workload);
    assert_eq!((plan.costs, plan.visits), (everything.costs, everything.visits));
}

#[test]
fn what_breaks_a_rule_by_now_is_moved_and_told_so() {
    let mut workload = week(vec![order(1, "ESP")]);
    workload.published = vec![appointment(1, "E-1", "2026-11-25T08:00Z/2026-11-25T09:00Z")];
    assert_eq!(planned(&workload).changes, []);
    workload.engineers[0].engineer.skills = vec![skill("PUMPS", 4, "", "2026-11-24")];
    let plan = planned(&workload);
    assert!(shown(&plan, 1).starts_with("E-2 2026-11-25T08:00:00Z"), "the time that was told stays");
    assert_eq!(plan.changes[0].reason, Reason::NotPossible);
}

#[test]
fn busy_time_and_days_off_are_no_working_time() {
    let mut workload = week(vec![order(1, "ESP")]);
    workload.engineers.truncate(1);
    workload.engineers[0].taken.busy = spans(&["2026-11-23T06:00Z/2026-11-26T22:00Z"]);
    workload.engineers[0].engineer.calendar.days_off = ["2026-11-27".parse().unwrap()].into();
    assert_eq!(planned(&workload).unplanned[0].why, Why::NobodyWorks);
}

#[test]
fn a_skill_that_nobody_has_is_told() {
    let mut workload = week(vec![order(1, "ESP"), order(2, "ESP"), order(3, "VAN")]);
    workload.orders[0].skills.push(needed("LASERS", 1));
    workload.orders[1].skills = vec![needed("PUMPS", 5)];
    workload.orders[2].after = vec![visit_id(1)];
    let plan = planned(&workload);
    let why: Vec<_> = plan.unplanned.iter().map(|unplanned| unplanned.why.clone()).collect();
    assert_eq!(why, [Why::NobodyHas("LASERS".parse().unwrap()), Why::NobodyMay, Why::Waits(visit_id(1))]);
}

#[test]
fn two_engineers_work_at_the_same_time_however_quick_they_are() {
    let mut workload = week(vec![order(1, "ESP")]);
    workload.orders[0].engineers = Engineers::Two;
    workload.engineers[1].efficiency_percent = 200;
    let plan = planned(&workload);
    assert_eq!(plan.visits[0].stints.len(), 2);
    assert_eq!(plan.visits[0].work.duration().as_mins(), 60);
    workload.orders[0].engineers = Engineers::One;
    let plan = planned(&workload);
    assert_eq!(plan.visits[0].stints[0].assignee.engineer.as_str(), "E-2");
    assert_eq!(plan.visits[0].work.duration().as_mins(), 30);
}

#[test]
fn two_who_change_places_are_no_change() {
    let mut workload = week(vec![order(1, "ESP"), order(2, "ESP"), order(3, "VAN")]);
    workload.orders[0].engineers = Engineers::Two;
    workload.published = planned(&workload).appointments();
    workload.published.iter_mut().for_each(|published| published.assignees.reverse());
    assert_eq!(planned(&workload).changes, []);
}

#[test]
fn repairs_come_after_their_diagnosis() {
    let mut workload = week(vec![order(1, "ESP"), order(2, "ESP"), order(3, "ESP")]);
    workload.orders[0].after = vec![visit_id(2), visit_id(3)];
    workload.orders[1].after = vec![visit_id(3)];
    let plan = planned(&workload);
    let begin = |number| plan.visit(visit_id(number)).unwrap().work.start();
    assert!(begin(3) < begin(2) && begin(2) < begin(1));
}

#[test]
fn work_abroad_waits_for_the_permit_and_costs_a_trip_once() {
    let mut workload = week(vec![order(1, "ULM"), order(2, "STR"), order(3, "ESP")]);
    workload.engineers.truncate(1);
    // Asked for on Monday: there on Wednesday.
    workload.frozen_until = at("2026-11-23T00:00Z");
    workload.engineers[0].trips = vec![Trip {
        lodging: "STR".parse().unwrap(),
        away: interval("2026-11-23T22:00Z/2026-11-26T22:00Z"),
        work: spans(&["2026-11-24T07:00Z/2026-11-24T15:00Z", "2026-11-25T07:00Z/2026-11-25T15:00Z"]),
        cost: eur(30_000),
    }];
    workload.orders[1].priority = 1;
    workload.orders[0].priority = 1;
    let plan = planned(&workload);
    let on_trip = Assignee { engineer: "E-1".parse().unwrap(), trip: Some(0) };
    for number in [1, 2] {
        let visit = plan.visit(visit_id(number)).unwrap();
        assert_eq!(visit.stints[0].assignee, on_trip);
        assert!(visit.work.start() >= at("2026-11-25T07:00Z"));
    }
    assert_eq!(plan.costs.trips, eur(30_000));
    let espoo = plan.visit(visit_id(3)).unwrap();
    assert_eq!(espoo.stints[0].assignee.trip, None);
    workload.engineers[0].taken.busy = spans(&["2026-11-24T01:00Z/2026-11-24T02:00Z"]);
    assert_eq!(shown(&planned(&workload), 1), "-");
}

#[test]
fn what_a_party_does_for_less_goes_to_the_party() {
    let mut workload = week(vec![order(1, "ESP")]);
    workload.orders[0].outsource = Some(eur(2_000));
    let plan = planned(&workload);
    assert_eq!((plan.outsourced, plan.costs.outsourcing), (vec![visit_id(1)], eur(2_000)));
    workload.orders[0].outsource = Some(eur(40_000));
    assert_eq!(planned(&workload).outsourced, []);
}

#[test]
fn being_late_costs_a_day_at_a_time() {
    let mut workload = week(vec![order(1, "ESP")]);
    workload.orders[0].due = Some(Due { by: at("2026-11-23T12:00Z"), late_cost_per_day: eur(100) });
    assert_eq!(planned(&workload).costs.lateness, eur(0));
    workload.orders[0].release = Some(at("2026-11-24T11:01Z"));
    assert_eq!(planned(&workload).costs.lateness, eur(200));
    workload.orders[0].release = Some(at("2026-11-24T11:00Z"));
    assert_eq!(planned(&workload).costs.lateness, eur(100));
}

#[test]
fn work_lies_in_opening_hours_and_begins_in_a_window() {
    let mut workload = week(vec![order(1, "ESP")]);
    workload.sites[1].opening = Some(spans(&["2026-11-24T08:00Z/2026-11-24T09:30Z"]));
    workload.orders[0].windows = vec![interval("2026-11-24T08:20Z/2026-11-24T12:00Z")];
    let plan = planned(&workload);
    let work = plan.visits[0].work;
    assert!(work.start() >= at("2026-11-24T08:20Z") && work.end() <= at("2026-11-24T09:30Z"));
    workload.orders[0].work_minutes = 71;
    assert_eq!(planned(&workload).unplanned.len(), 1);
}

#[test]
fn tools_are_picked_up_before_they_are_needed() {
    let mut workload = week(vec![order(1, "ESP")]);
    workload.pickup = Some(PickupPoint { site: "VAN".parse().unwrap(), minutes: 10 });
    let travel = planned(&workload).costs.travel;
    workload.orders[0].needs_pickup = true;
    let plan = planned(&workload);
    assert!(plan.visits[0].stints[0].picks_up);
    assert!(plan.costs.travel.minor() > travel.minor());
}

#[test]
fn rest_is_kept_between_a_late_and_an_early_day() {
    let mut workload = week(vec![order(1, "ESP"), order(2, "ESP")]);
    workload.engineers.truncate(1);
    workload.engineers[0].engineer.rest = Some(Rest { rest_minutes: 660, duty_minutes_max: 900 });
    workload.engineers[0].overtime = spans(&["2026-11-23T16:00Z/2026-11-23T20:00Z"]);
    workload.orders[0].windows = vec![interval("2026-11-23T18:00Z/2026-11-23T18:01Z")];
    workload.orders[1].windows = vec![interval("2026-11-24T06:30Z/2026-11-24T06:31Z")];
    assert_eq!(planned(&workload).unplanned.len(), 1);
    workload.orders[1].windows = vec![interval("2026-11-24T07:00Z/2026-11-24T07:01Z")];
    assert_eq!(planned(&workload).unplanned, []);
}

#[test]
fn what_is_due_is_done_before_what_would_be_cheaper() {
    // To Tampere on Tuesday with the other order, or with a way of its own on Monday.
    let mut workload = week(vec![order(1, "TMP"), order(2, "TMP")]);
    workload.published = vec![appointment(2, "E-1", "2026-11-24T10:00Z/2026-11-24T11:00Z")];
    workload.published[0].pinned = true;
    let due = |cents| Some(Due { by: at("2026-11-23T14:00Z"), late_cost_per_day: eur(cents) });
    workload.orders[0].due = due(100);
    assert!(shown(&planned(&workload), 1).starts_with("E-1 2026-11-24"));
    workload.orders[0].due = due(50_000);
    assert!(shown(&planned(&workload), 1).contains("2026-11-23"));
}

#[test]
fn who_has_set_out_is_not_called_back() {
    // 16 minutes to Espoo.
    let mut workload = week(vec![order(1, "ESP"), order(2, "ESP")]);
    workload.published = vec![
        appointment(1, "E-1", "2026-11-23T08:15Z/2026-11-23T09:15Z"),
        appointment(2, "E-2", "2026-11-24T08:15Z/2026-11-24T09:15Z"),
    ];
    workload.charges.day = eur(0);
    workload.charges.engineer = eur(0);
    workload.frozen_until = at("2026-11-23T08:00Z");
    let plan = planned(&workload);
    assert_eq!(shown(&plan, 1), "E-1 2026-11-23T08:15:00Z 2026-11-23T09:15:00Z");
    assert_eq!(plan.changes.len(), 1, "the other one moves");
}

#[test]
fn nobody_sets_out_in_the_frozen_time() {
    // 158 minutes to Tampere, on time for 10:38 when one leaves at 08:00.
    let mut workload = week(vec![order(1, "TMP")]);
    workload.orders[0].windows = vec![interval("2026-11-23T10:30Z/2026-11-23T10:38Z")];
    workload.frozen_until = at("2026-11-23T08:00Z");
    assert_eq!(planned(&workload).unplanned.len(), 1);
    workload.orders[0].windows = vec![interval("2026-11-23T10:30Z/2026-11-23T10:39Z")];
    assert!(shown(&planned(&workload), 1).ends_with("2026-11-23T10:38:00Z 2026-11-23T11:38:00Z"));
}
