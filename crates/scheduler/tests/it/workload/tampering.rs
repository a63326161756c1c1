//! The checker finds what is wrong with a plan.

use jiff::SignedDuration;
use meridian_scheduler::workload::{Engineers, Plan, PlanFault, Unplanned, Why, Workload, check_plan};
use meridian_types::Interval;

use super::fixture::{appointment, at, eur, order, planned, visit_id, week};

/// Four orders, the last for two, after the first, with the second pinned.
fn sound() -> (Workload, Plan) {
    let mut workload = week(vec![order(1, "ESP"), order(2, "VAN"), order(3, "TMP"), order(4, "ESP")]);
    workload.orders[3].engineers = Engineers::Two;
    workload.orders[3].after = vec![visit_id(1)];
    workload.published = vec![appointment(2, "E-2", "2026-11-24T08:00Z/2026-11-24T09:00Z")];
    workload.published[0].pinned = true;
    let plan = planned(&workload);
    assert_eq!(plan.visits.len(), 4);
    (workload, plan)
}

/// The fault of the sound plan once it, or its workload, is changed.
fn fault(change: impl FnOnce(&mut Workload, &mut Plan)) -> String {
    let (mut workload, mut plan) = sound();
    change(&mut workload, &mut plan);
    match check_plan(&workload, &plan).unwrap_err() {
        PlanFault::Order { rule, .. } | PlanFault::Engineer { rule, .. } => rule.to_owned(),
        PlanFault::Cost { part, .. } => part.to_owned(),
    }
}

fn at_of(plan: &Plan, number: u128) -> usize {
    plan.visits.iter().position(|visit| visit.order == visit_id(number)).unwrap()
}

fn later(interval: Interval, minutes: i64) -> Interval {
    let by = SignedDuration::from_mins(minutes);
    Interval::new(interval.start() + by, interval.end() + by).unwrap()
}

#[test]
fn an_order_is_planned_once() {
    assert_eq!(fault(|_, plan| drop(plan.visits.pop())), "each order once");
    let twice = |_: &mut Workload, plan: &mut Plan| {
        plan.unplanned.push(Unplanned { order: visit_id(1), why: Why::NoRoom });
    };
    assert_eq!(fault(twice), "each order once");
    let given_away = |_: &mut Workload, plan: &mut Plan| {
        let gone = plan.visits.remove(at_of(plan, 3));
        plan.outsourced.push(gone.order);
    };
    assert_eq!(fault(given_away), "only what a party does is outsourced");
}

#[test]
fn what_is_pinned_is_as_it_was() {
    let moved = |_: &mut Workload, plan: &mut Plan| {
        let at = at_of(plan, 2);
        plan.visits[at].work = later(plan.visits[at].work, 1);
    };
    assert_eq!(fault(moved), "what is pinned or frozen stays as it is");
}

#[test]
fn rules_about_one_order_are_checked() {
    let of_third = |change: &dyn Fn(&mut Workload)| fault(|workload, _| change(workload));
    let excluded = ["E-1".parse().unwrap(), "E-2".parse().unwrap()];
    assert_eq!(
        of_third(&|it| it.orders[2].excluded = excluded.clone().into()),
        "is not done by whom the customer does not want"
    );
    assert_eq!(of_third(&|it| it.orders[2].work_minutes = 61), "takes as long as it takes its engineer");
    assert_eq!(
        of_third(&|it| it.orders[2].release = Some(at("2026-11-27T21:00Z"))),
        "begins once it is released"
    );
    let soon = Interval::new(at("2026-11-22T22:00Z"), at("2026-11-22T22:01Z")).unwrap();
    assert_eq!(of_third(&|it| it.orders[2].windows = vec![soon]), "begins in one of its windows");
    assert_eq!(
        of_third(&|it| it.sites[3].opening = Some([soon].into_iter().collect())),
        "is done while the site is open"
    );
    let unskilled = |it: &mut Workload| it.engineers.iter_mut().for_each(|crew| crew.engineer.skills.clear());
    assert_eq!(of_third(&unskilled), "is done by who is certified on every day of it");
    let abroad = |it: &mut Workload| it.sites[3].country = "US".parse().unwrap();
    assert_eq!(of_third(&abroad), "is done by who has the right to work there");
    assert_eq!(of_third(&|it| it.orders[0].after = vec![visit_id(4)]), "is done after what comes before it");
    assert_eq!(
        of_third(&|it| it.orders[3].engineers = Engineers::One),
        "as many different engineers as it takes"
    );
}

#[test]
fn ways_and_working_time_are_checked() {
    let slower = |it: &mut Workload, _: &mut Plan| {
        it.ways.roads.as_mut().unwrap().speed_km_per_h = 70;
    };
    assert_eq!(fault(slower), "begins after the way");
    let nobody_works = |it: &mut Workload, _: &mut Plan| {
        it.engineers.iter_mut().for_each(|crew| crew.engineer.calendar.hours.clear());
    };
    assert_eq!(fault(nobody_works), "lies in one stretch of free working time");
    let homeless = |_: &mut Workload, plan: &mut Plan| {
        plan.visits.iter_mut().flat_map(|visit| &mut visit.stints).for_each(|stint| stint.home = None);
    };
    assert_eq!(fault(homeless), "a tour goes on until home");
    let elsewhere = |_: &mut Workload, plan: &mut Plan| {
        let at = at_of(plan, 3);
        plan.visits[at].stints[0].from = "ULM".parse().unwrap();
    };
    assert_eq!(fault(elsewhere), "goes on from where it was");
    let overtime = |_: &mut Workload, plan: &mut Plan| {
        let at = at_of(plan, 3);
        plan.visits[at].stints[0].overtime = SignedDuration::from_mins(5);
    };
    assert_eq!(fault(overtime), "tells the overtime that it takes");
    let frozen = |it: &mut Workload, plan: &mut Plan| {
        it.frozen_until = plan.visits[at_of(plan, 3)].work.end();
    };
    assert_eq!(fault(frozen), "lies in what can be planned");
}

#[test]
fn costs_and_changes_are_checked() {
    assert_eq!(fault(|_, plan| plan.costs.travel = eur(1)), "travel");
    assert_eq!(fault(|_, plan| plan.costs.total = eur(1)), "all of it");
    assert_eq!(fault(|it, _| it.engineers[0].engineer.hourly_cost = eur(5)), "hours");
    assert_eq!(fault(|_, plan| drop(plan.changes.pop())), "every change is told, and nothing else");
}
