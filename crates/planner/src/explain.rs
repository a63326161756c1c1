//! Where the time goes, and what could be agreed about it.

use std::collections::BTreeSet;

use jiff::civil::Date;
use meridian_types::{CaseId, EndUse, ExportClass, ItemId, SiteId};

use crate::compile::{Minute, Traffic, dates, instant, local_date, local_day};
use crate::draft::{Draft, Origin, Shipment};
use crate::kinds::{self, Found};
use crate::model::{Candidate, Change, Reason};
use crate::problem::Problem;
use crate::scenario::Scenario;
use crate::search::View;

/// Closed days tried per wait.
const DAYS_TRIED_MAX: usize = 3;
/// Narrowly missed cut-offs tried per candidate, beside those on its way.
const MISSED_TRIED_MAX: usize = 2;
/// Declared uses tried per class.
const USES_TRIED_MAX: usize = 2;
/// A carrier is not asked to wait longer than this.
const LATER_MINUTES_MAX: Minute = 180;

/// Time in which nothing moves, why, and what could be agreed about it.
#[derive(Debug)]
struct Lost {
    minutes: Minute,
    reason: Reason,
    changes: Vec<Change>,
}

/// What costs a draft most time.
pub(crate) fn decisive(problem: &Problem<'_>, view: &View<'_>, draft: &Draft<'_>) -> Option<Reason> {
    let lost = lost(problem, view, draft);
    lost.into_iter().filter(|lost| lost.minutes > 0).max_by_key(|lost| lost.minutes).map(|lost| lost.reason)
}

/// What could be agreed to make more of `found`, what promises most first.
pub(crate) fn suggestions<'a>(
    problem: &Problem<'a>,
    scenario: &Scenario<'a>,
    candidate: &Candidate,
    found: &Found<'a>,
) -> Vec<Change> {
    let first = match found {
        Ok(drafts) => drafts.first(),
        Err(reason) => return unblocking(problem, scenario, candidate, reason),
    };
    let Some(first) = first else { return Vec::new() };
    let mut lost = lost(problem, &scenario.view, first);
    lost.sort_by_key(|lost| std::cmp::Reverse(lost.minutes));
    let mut changes: Vec<Change> = Vec::new();
    let mut missed: Vec<(Minute, u32)> =
        scenario.missed.borrow().iter().map(|(lane, by)| (*by, *lane)).collect();
    missed.sort_unstable();
    let missed = missed.iter().take(MISSED_TRIED_MAX).map(|(by, lane)| later(problem, *lane, *by));
    let on_the_way = lost.into_iter().filter(|lost| lost.minutes > 0).flat_map(|lost| lost.changes);
    let on_site = shut_days(problem, &scenario.view, first);
    for change in on_the_way.chain(on_site).chain(overtime(problem, scenario, candidate)).chain(missed) {
        if !changes.contains(&change) {
            changes.push(change);
        }
    }
    changes
}

fn later(problem: &Problem<'_>, lane: u32, by: Minute) -> Change {
    Change::LaterCutOff { lane: problem.net.lane(lane).id.clone(), by_minutes: i64::from(by) }
}

/// Declarations of the uses that export rules for a class are about.
fn declared(problem: &Problem<'_>, class: &ExportClass) -> Vec<Change> {
    let about = problem.net.network.gates.iter().filter(|gate| gate.export_class == *class);
    let uses: BTreeSet<&EndUse> = about.filter_map(|gate| gate.end_use.as_ref()).collect();
    let declared = |end_use: &EndUse| Change::EndUseDeclared { end_use: end_use.clone() };
    uses.into_iter().take(USES_TRIED_MAX).map(declared).collect()
}

/// Overtime, when the engineer could work it and it is not agreed.
fn overtime(problem: &Problem<'_>, scenario: &Scenario<'_>, candidate: &Candidate) -> Option<Change> {
    let (Candidate::Visit { engineer }
    | Candidate::Remote { engineer }
    | Candidate::Depot { engineer: Some(engineer), .. }) = candidate
    else {
        return None;
    };
    let known = problem.engineer(engineer)?;
    (!known.overtime.is_empty() && !scenario.overtime(known))
        .then(|| Change::Overtime { engineer: engineer.clone() })
}

/// Changes that could remove an obstacle.
fn unblocking(
    problem: &Problem<'_>,
    scenario: &Scenario<'_>,
    candidate: &Candidate,
    reason: &Reason,
) -> Vec<Change> {
    let release = |case: &CaseId, item: &ItemId, warehouse: &SiteId| Change::ReleaseHold {
        case: *case,
        item: item.clone(),
        warehouse: warehouse.clone(),
    };
    match (reason, candidate) {
        (Reason::PartMissing { because, .. }, _) => unblocking(problem, scenario, candidate, because),
        (Reason::NotApproved, Candidate::Substitute { substitute, .. }) => {
            vec![Change::ApproveSubstitute { substitute: substitute.clone() }]
        }
        (Reason::EndUseUndeclared { export_class, because }, _) => {
            let mut changes = declared(problem, export_class);
            changes.extend(unblocking(problem, scenario, candidate, because));
            changes
        }
        (Reason::LicenceNeeded { gate, .. }, _) => vec![Change::LicenceInHand { gate: gate.clone() }],
        (Reason::Held { item, warehouse, case, .. }, _) => vec![release(case, item, warehouse)],
        // No case alone holds enough, but two may.
        (Reason::NoStock { item: Some(item), available, needed }, Candidate::Source { site }) => {
            let held = scenario.held(problem, item, site);
            let two = held.iter().take(2).map(|(_, units)| *units).fold(*available, i64::saturating_add);
            let most = held.first().filter(|_| two >= *needed);
            most.map(|(case, _)| release(case, item, site)).into_iter().collect()
        }
        (Reason::NotFree { .. }, Candidate::Visit { .. } | Candidate::Depot { .. }) => {
            let site = match candidate {
                Candidate::Depot { site, .. } => problem.net.index_of(site),
                _ => problem.repair.map(|repair| repair.site),
            };
            let days =
                site.map(|site| closed_days(problem, &scenario.view, site, (problem.now, problem.net.end)));
            let days = days.unwrap_or_default();
            overtime(problem, scenario, candidate).into_iter().chain(days).collect()
        }
        _ => Vec::new(),
    }
}

/// Opening the site of a visit on each of the first days on which it is closed from beginning to end, and on which the
/// engineer could be there: the journey was planned around them.
fn shut_days(problem: &Problem<'_>, view: &View<'_>, draft: &Draft<'_>) -> Vec<Change> {
    let Some((visit, out)) = draft.visit.as_ref().and_then(|visit| Some((visit, visit.out.first()?))) else {
        return Vec::new();
    };
    let home = problem.net.lanes[out.lane as usize].from;
    let least = kinds::least_minutes(problem, visit.engineer, (home, visit.site));
    let from = problem.now.saturating_add(least.unwrap_or(0));
    let open = view.open(visit.site);
    let is_shut = |(start, end): (Minute, Minute), _| open.open_between(start, end) == 0;
    days_with(problem, visit.site, (from, visit.start()), is_shut)
}

/// Opening a site on each of the first days on which it is closed all day or in part.
fn closed_days(
    problem: &Problem<'_>,
    view: &View<'_>,
    site: u32,
    (from, to): (Minute, Minute),
) -> Vec<Change> {
    let open = view.open(site);
    days_with(problem, site, (from, to), |_, (start, end)| open.open_between(start, end) < end - start)
}

/// Opening a site on each of the first days that `is_wanted`, which is asked about each day, and about as much of it as
/// lies between two moments.
fn days_with(
    problem: &Problem<'_>,
    site: u32,
    (from, to): (Minute, Minute),
    is_wanted: impl Fn((Minute, Minute), (Minute, Minute)) -> bool,
) -> Vec<Change> {
    let zone = &problem.net.sites[site as usize].zone;
    let wanted = |date: &Date| {
        local_day(zone, *date).is_some_and(|day| {
            let part = (day.0.max(from), day.1.min(to));
            part.0 < part.1 && is_wanted(day, part)
        })
    };
    let site_id = &problem.net.site(site).id;
    let opens = |date| Change::SiteOpens { site: site_id.clone(), date };
    dates(local_date(zone, from), local_date(zone, to))
        .filter(wanted)
        .take(DAYS_TRIED_MAX)
        .map(opens)
        .collect()
}

/// Everything that makes a draft wait, but for what waits for something else anyway.
fn lost(problem: &Problem<'_>, view: &View<'_>, draft: &Draft<'_>) -> Vec<Lost> {
    let mut lost = Vec::new();
    let inputs = crate::draft::ready(&draft.inbound);
    if draft.visit.as_ref().is_none_or(|visit| visit.there <= inputs) {
        let last = draft.inbound.iter().filter(|shipment| shipment.ready == inputs);
        lost.extend(last.flat_map(|shipment| in_shipment(problem, view, shipment)));
    }
    lost.extend(draft.onward.iter().flat_map(|shipment| in_shipment(problem, view, shipment)));
    if let Some(visit) = &draft.visit {
        let not_free = || Reason::NotFree { work_minutes: i64::from(visit.work_minutes()) };
        if let Some(reason) = visit.admission.because.clone() {
            lost.push(Lost { minutes: visit.admission.from - problem.now, reason, changes: Vec::new() });
        }
        let minutes = visit.stretch.0 - problem.now;
        lost.push(Lost { minutes, reason: not_free(), changes: Vec::new() });
        let from = inputs.max(visit.there).max(problem.now);
        let opens = view.open(visit.site).next_open(from).unwrap_or(visit.start());
        let closed =
            || Reason::SiteClosed { site: problem.net.site(visit.site).id.clone(), until: instant(opens) };
        let reason = if opens > from { closed() } else { not_free() };
        let changes = closed_days(problem, view, visit.site, (from, visit.start()));
        lost.push(Lost { minutes: visit.start() - from, reason, changes });
    }
    lost
}

/// Waiting for supply, for parts of kits, or for a party.
fn before_it_starts(problem: &Problem<'_>, view: &View<'_>, shipment: &Shipment) -> Vec<Lost> {
    let waiting = |until: Minute, reason| {
        let minutes = until - problem.now;
        Lost { minutes, reason, changes: Vec::new() }
    };
    match &shipment.origin {
        Origin::There => Vec::new(),
        Origin::Party { party, .. } => {
            let (party, until) = (party.clone(), instant(shipment.ready));
            vec![waiting(shipment.ready, Reason::PartyLead { party, until })]
        }
        Origin::Prepared { supplied, assemblies } => {
            let site = || problem.net.site(shipment.from).id.clone();
            let awaited = |until| Reason::SupplyAwaited { site: site(), until: instant(until) };
            let supply = supplied.map(|until| waiting(until, awaited(until)));
            let parts = assemblies.iter().flat_map(|assembly| &assembly.inbound);
            parts.flat_map(|part| in_shipment(problem, view, part)).chain(supply).collect()
        }
    }
}

fn in_shipment(problem: &Problem<'_>, view: &View<'_>, shipment: &Shipment) -> Vec<Lost> {
    let mut lost = Vec::new();
    let closed = |site: u32, from: Minute, until: Minute| Lost {
        minutes: until - from,
        reason: Reason::SiteClosed { site: problem.net.site(site).id.clone(), until: instant(until) },
        changes: closed_days(problem, view, site, (from, until)),
    };
    lost.extend(before_it_starts(problem, view, shipment));
    let begins = view.open(shipment.from).next_open(shipment.start).unwrap_or(shipment.start);
    if shipment.picked > shipment.start && begins > shipment.start {
        lost.push(closed(shipment.from, shipment.start, begins));
    }
    let mut at = shipment.picked;
    if let Some(licence) = &shipment.licence {
        let (gate, working_days) = (licence.gate.clone(), licence.working_days);
        let mut changes = vec![Change::LicenceInHand { gate: gate.clone() }];
        changes.extend(licence.undeclared.iter().flat_map(|class| declared(problem, class)));
        let reason = Reason::LicenceNeeded { gate, working_days }.until_declared(licence.undeclared.clone());
        lost.push(Lost { minutes: licence.in_hand - at, reason, changes });
        at = at.max(licence.in_hand);
    }
    for leg in &shipment.legs {
        let data = &problem.net.lanes[leg.lane as usize];
        let minutes = leg.depart - at;
        if let Some((cut_off, could_wait)) = view.missed(leg.lane, Traffic::Goods, at) {
            let (lane, by) = (problem.net.lane(leg.lane).id.clone(), at - cut_off);
            let mut changes = closed_days(problem, view, data.from, (at.min(cut_off), leg.depart));
            if could_wait && by <= LATER_MINUTES_MAX {
                changes.push(later(problem, leg.lane, by));
            }
            let reason = Reason::CutOffMissed { lane, cut_off: instant(cut_off), by_minutes: i64::from(by) };
            lost.push(Lost { minutes, reason, changes });
        } else if minutes > 0 {
            let opens = view.open(data.from).next_open(at).unwrap_or(at);
            if opens > at {
                lost.push(Lost { minutes, ..closed(data.from, at, opens) });
            }
        }
        if let Some(clearance) = &data.clearance {
            let territory = clearance.territory.clone();
            let changes = vec![Change::CustomsPrecleared { territory: territory.clone() }];
            let reason = Reason::CustomsWait { territory, until: instant(leg.cleared) };
            lost.push(Lost { minutes: leg.cleared - leg.arrive, reason, changes });
        }
        if leg.ready > leg.cleared {
            lost.push(closed(data.to, leg.cleared, leg.ready));
        }
        at = leg.ready;
    }
    if shipment.ready > at {
        lost.push(closed(shipment.to, at, shipment.ready));
    }
    lost
}
