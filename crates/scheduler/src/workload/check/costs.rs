//! What a plan costs, part by part.

use std::collections::BTreeSet;

use meridian_types::{Money, VisitId};

use super::{Facts, PlanFault};
use crate::workload::plan::{PlannedVisit, Stint};

/// A whole minor unit in what costs are counted in: the cost of a second is an hour's divided by this.
const SECONDS_PER_HOUR: i64 = 3600;

pub(super) fn check(facts: &Facts<'_>) -> Result<(), PlanFault> {
    let told = facts.plan.costs;
    let stints =
        || facts.plan.visits.iter().flat_map(|visit| visit.stints.iter().map(move |stint| (visit, stint)));
    let sum = |of: &dyn Fn(&PlannedVisit, &Stint) -> i64| {
        stints().map(|(visit, stint)| of(visit, stint)).sum::<i64>()
    };
    let engineer = |stint: &Stint| &facts.crews[&stint.assignee.engineer].engineer;
    let hours = sum(&|_, stint| engineer(stint).hourly_cost.minor() * stint.during.duration().as_secs());
    let overtime = sum(&|_, stint| {
        let on_top = engineer(stint).overtime_cost.minor() - engineer(stint).hourly_cost.minor();
        on_top * stint.overtime.as_secs()
    });
    let whole = |minor: i64| minor * SECONDS_PER_HOUR;
    let trips: BTreeSet<_> =
        stints().filter_map(|(_, stint)| Some((&stint.assignee.engineer, stint.assignee.trip?))).collect();
    let trips =
        trips.into_iter().map(|(engineer, trip)| facts.crews[engineer].trips[trip].cost.minor()).sum();
    let visits = || facts.plan.visits.iter();
    let absences = facts.plan.unplanned.iter().map(|unplanned| absence(facts, unplanned.order)).sum();
    let prices = facts.plan.outsourced.iter().filter_map(|id| facts.orders[id].outsource);
    let found = [
        ("travel", told.travel, whole(sum(&|visit, stint| travel(facts, visit, stint)))),
        ("hours", told.hours, hours),
        ("overtime", told.overtime, overtime),
        ("trips", told.trips, whole(trips)),
        ("changes", told.changes, whole(visits().map(|visit| change(facts, visit)).sum())),
        ("lateness", told.lateness, whole(visits().map(|visit| lateness(facts, visit)).sum())),
        ("outsourcing", told.outsourcing, whole(prices.map(Money::minor).sum())),
        ("absences", told.absences, whole(absences)),
    ];
    let total: i64 = found.iter().map(|(_, _, units)| units).sum();
    for (part, told, units) in found.into_iter().chain([("all of it", told.total, total)]) {
        let minor = (units + SECONDS_PER_HOUR / 2).div_euclid(SECONDS_PER_HOUR);
        if told.minor() != minor {
            let found = Money::new(told.currency_code(), minor).unwrap_or(told.zero());
            return Err(PlanFault::Cost { part, told, found });
        }
    }
    Ok(())
}

fn travel(facts: &Facts<'_>, visit: &PlannedVisit, stint: &Stint) -> i64 {
    let site = &facts.orders[&visit.order].site;
    let cost = |from, to| {
        facts.workload.ways.between(facts.sites[from], facts.sites[to]).map_or(0, |(_, cost)| cost)
    };
    let there = match facts.workload.pickup.as_ref().filter(|_| stint.picks_up) {
        None => cost(&stint.from, site),
        Some(pickup) => cost(&stint.from, &pickup.site) + cost(&pickup.site, site),
    };
    there + stint.home.as_ref().map_or(0, |home| cost(site, home))
}

fn lateness(facts: &Facts<'_>, visit: &PlannedVisit) -> i64 {
    let order = facts.orders[&visit.order];
    let Some(due) = order.due else { return 0 };
    let usual_s = f64::from(order.work_minutes) * 60.0;
    let late_s = visit.work.start().duration_since(due.by).as_secs_f64() + usual_s;
    let mut days = 0;
    while days < 100 && late_s > f64::from(days) * 86_400.0 {
        days += 1;
    }
    i64::from(days) * due.late_cost_per_day.minor()
}

fn change(facts: &Facts<'_>, visit: &PlannedVisit) -> i64 {
    let Some(published) = facts.published.get(&visit.order).filter(|_| facts.kept(visit.order).is_none())
    else {
        return 0;
    };
    let charges = facts.workload.charges;
    let names =
        |stint: &&Stint| published.assignees.iter().any(|before| before.engineer == stint.assignee.engineer);
    let others = visit.stints.iter().filter(|stint| !names(stint)).count();
    let (before, now) = (published.work.start(), visit.work.start());
    let zone = &facts.crews[&published.assignees[0].engineer].engineer.calendar.zone;
    let promised = facts.orders[&visit.order].windows.iter().find(|window| window.contains(before));
    let mut charge = i64::try_from(others).unwrap_or(0) * charges.engineer.minor();
    if zone.date(before) != zone.date(now) {
        charge += charges.day.minor();
    }
    if promised.is_some_and(|promised| !promised.contains(now)) {
        charge += charges.window.minor();
    }
    charge
}

fn absence(facts: &Facts<'_>, order: VisitId) -> i64 {
    let levels = (facts.orders[&order].priority..5).fold(1, |factor, _| factor * 4);
    facts.workload.charges.absence.minor() * levels
}
