//! A schedule in the terms of its workload.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use meridian_types::{Interval, SkillId, VisitId};

use super::compile::{Compiled, UNITS_PER_MINOR, number};
use super::costs::{change_charge, money, units};
use super::model::{Appointment, Assignee, WorkOrder};
use super::plan::{Change, Plan, PlannedVisit, Reason, Stint, Unplanned, Why};
use crate::instance::Allowed;
use crate::schedule::{Purpose, Schedule, Tour};
use crate::search::{self, State};

/// The schedule that a search has come to.
pub(super) fn schedule(compiled: &Compiled<'_>, state: &State<'_>) -> Schedule {
    let visits = (0..).zip(&state.route_of);
    let absent = visits.filter(|(_, route)| route.is_none()).map(|(visit, _)| visit).collect();
    search::tell(&compiled.instance, &state.routes, absent, 0)
}

/// The plan that a schedule stands for.
pub(super) fn plan(compiled: &Compiled<'_>, schedule: &Schedule) -> Plan {
    let planned = visits(compiled, schedule);
    let left_out: Vec<(usize, &WorkOrder)> = compiled
        .workload
        .orders
        .iter()
        .enumerate()
        .filter(|(index, _)| !planned.contains_key(index))
        .collect();
    let ids: BTreeSet<VisitId> = left_out.iter().map(|(_, order)| order.id).collect();
    let outsourced = left_out.iter().filter(|(_, order)| order.outsource.is_some());
    let unplanned = left_out.iter().filter(|(_, order)| order.outsource.is_none());
    let unplanned =
        unplanned.map(|(index, order)| Unplanned { order: order.id, why: why(compiled, *index, &ids) });
    let mut visits: Vec<PlannedVisit> = planned.values().cloned().collect();
    visits.sort_by_key(|visit| (visit.work.start(), visit.order));
    let units = units(compiled, schedule);
    // The search pays for the same, and next to nothing for each time that is another than published.
    let apart = schedule.cost - units.total();
    debug_assert!((0..=i64::from(number(compiled.visits.len()))).contains(&apart), "{apart} apart");
    Plan {
        outsourced: outsourced.map(|(_, order)| order.id).collect(),
        unplanned: unplanned.collect(),
        costs: units.costs(compiled),
        changes: changes(compiled, &planned),
        visits,
    }
}

/// By order, what is done.
pub(super) fn visits(compiled: &Compiled<'_>, schedule: &Schedule) -> BTreeMap<usize, PlannedVisit> {
    let works: BTreeMap<u32, (Interval, Stint)> =
        schedule.tours.iter().flat_map(|tour| stints(compiled, tour)).collect();
    let mut planned: BTreeMap<usize, PlannedVisit> = BTreeMap::new();
    for (visit, (work, stint)) in works {
        let (index, _) = compiled.visits[visit as usize];
        let order = compiled.workload.orders[index].id;
        let fresh = || PlannedVisit { order, work, stints: Vec::new() };
        planned.entry(index).or_insert_with(fresh).stints.push(stint);
    }
    planned
}

/// What each visit of a tour takes of the time.
fn stints(compiled: &Compiled<'_>, tour: &Tour) -> Vec<(u32, (Interval, Stint))> {
    let shift = compiled.shifts[tour.shift as usize];
    let crew = &compiled.workload.engineers[shift.crew];
    let assignee = Assignee { engineer: crew.engineer.id.clone(), trip: shift.trip };
    let record = &compiled.instance.shifts[tour.shift as usize];
    let home = &compiled.places.sites[record.from as usize].id;
    let (mut from, mut since_s, mut picks_up) = (home, tour.start_s, false);
    let mut stints = Vec::with_capacity(tour.calls.len());
    for call in &tour.calls {
        let Purpose::Visit(visit) = call.purpose else {
            picks_up = true;
            continue;
        };
        let stint = Stint {
            assignee: assignee.clone(),
            from: from.clone(),
            picks_up,
            during: compiled.clock.interval(since_s, call.end_s),
            home: None,
            overtime: SignedDuration::ZERO,
        };
        stints.push((visit, (compiled.clock.interval(call.begin_s, call.end_s), stint)));
        (from, since_s, picks_up) = (&compiled.order(visit).site, call.end_s, false);
    }
    if let Some((_, (_, last))) = stints.last_mut() {
        last.home = Some(home.clone());
        last.during =
            Interval::new(last.during.start(), compiled.clock.at(tour.end_s)).unwrap_or(last.during);
    }
    for (_, (_, stint)) in &mut stints {
        let regular = shift.regular.and_then(|regular| regular.intersection(stint.during));
        stint.overtime = stint.during.duration() - regular.map_or(SignedDuration::ZERO, Interval::duration);
    }
    stints
}

/// Why an order is left out.
fn why(compiled: &Compiled<'_>, index: usize, left_out: &BTreeSet<VisitId>) -> Why {
    let (workload, instance) = (compiled.workload, &compiled.instance);
    let order = &workload.orders[index];
    if let Some(first) = order.after.iter().find(|first| left_out.contains(first)) {
        return Why::Waits(*first);
    }
    let has = |id: &SkillId| {
        workload.engineers.iter().any(|crew| crew.engineer.skills.iter().any(|skill| skill.id == *id))
    };
    if let Some(missing) = order.skills.iter().find(|needed| !has(&needed.id)) {
        return Why::NobodyHas(missing.id.clone());
    }
    let visits = compiled.visits_of(index);
    let (visit, wanted) = (visits.start, visits.len());
    let windows = &instance.visits[visit as usize].windows;
    let works = |shift: u32| {
        let (begin_s, end_s) = instance.shifts[shift as usize].window_s;
        windows.iter().any(|window| begin_s <= window.close_s && window.open_s < end_s)
    };
    let working: Vec<(u32, usize)> = (0..)
        .zip(&compiled.shifts)
        .map(|(shift, of)| (shift, of.crew))
        .filter(|(shift, _)| works(*shift))
        .collect();
    let may = working.iter().filter(|(shift, _)| instance.fit(visit, *shift).allowed != Allowed::Never);
    let crews = |of: BTreeSet<usize>| of.len();
    if crews(working.iter().map(|(_, crew)| *crew).collect()) < wanted {
        Why::NobodyWorks
    } else if crews(may.map(|(_, crew)| *crew).collect()) < wanted {
        Why::NobodyMay
    } else {
        Why::NoRoom
    }
}

fn changes(compiled: &Compiled<'_>, planned: &BTreeMap<usize, PlannedVisit>) -> Vec<Change> {
    let change = |(index, order): (usize, &WorkOrder)| {
        let before = compiled.standings[index].published().cloned();
        let visit = planned.get(&index);
        let after = visit.map(PlannedVisit::appointment);
        let same = match (&before, &after) {
            (Some(before), Some(after)) => is_same(before, after),
            (None, None) => true,
            _ => false,
        };
        let charge = visit.map_or(0, |visit| change_charge(compiled, index, visit)) * UNITS_PER_MINOR;
        let reason = || reason(compiled, index, order);
        (!same).then(|| Change {
            order: order.id,
            before,
            after,
            reason: reason(),
            charge: money(compiled, charge),
        })
    };
    compiled.workload.orders.iter().enumerate().filter_map(change).collect()
}

/// Whether the same do it at the same time.
fn is_same(before: &Appointment, after: &Appointment) -> bool {
    let who =
        |appointment: &Appointment| appointment.assignees.iter().cloned().collect::<BTreeSet<Assignee>>();
    before.work == after.work && who(before) == who(after)
}

/// Why an order is not done as published.
fn reason(compiled: &Compiled<'_>, index: usize, order: &WorkOrder) -> Reason {
    let Some(published) = compiled.standings[index].published() else { return Reason::New };
    let absent = published.assignees.iter().find(|assignee| {
        let crew = compiled.crew(&assignee.engineer);
        crew.is_some_and(|crew| crew.taken.absent.overlapping(published.work).next().is_some())
    });
    if let Some(absent) = absent {
        return Reason::Absent(absent.engineer.clone());
    }
    if let Some(release) = order.release.filter(|release| published.work.start() < *release) {
        return Reason::PartComes(release);
    }
    let mut parts = compiled.visits_of(index).zip(&published.assignees);
    if parts.all(|(visit, assignee)| is_possible(compiled, visit, (assignee, published))) {
        Reason::Better
    } else {
        Reason::NotPossible
    }
}

/// Whether a visit could be done by itself as published.
fn is_possible(
    compiled: &Compiled<'_>,
    visit: u32,
    (assignee, published): (&Assignee, &Appointment),
) -> bool {
    let instance = &compiled.instance;
    let Some(shift) = compiled.shift_of(assignee, published) else { return false };
    let fit = instance.fit(visit, shift);
    let begin_s = compiled.clock.ceil_s(published.work.start());
    let holds = |window: &crate::instance::Window| {
        window.open_s <= begin_s && begin_s <= window.close_s && begin_s + fit.duration_s <= window.end_s
    };
    fit.allowed != Allowed::Never && instance.visits[visit as usize].windows.iter().any(holds)
}
