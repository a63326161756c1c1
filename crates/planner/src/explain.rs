//! Where the time goes, and which changes would give some of it back. Nothing is guessed: a change is offered
//! only after the same search was run with it.

use jiff::civil::Date;

use crate::compile::{Minute, Traffic, dates, instant, local_date, local_day};
use crate::draft::{Draft, Origin, Shipment};
use crate::kinds;
use crate::model::{Candidate, Change, Reason, Relaxation};
use crate::problem::{Problem, Scenario};
use crate::search::View;
use crate::sentence;

/// Closed days tried per wait.
const DAYS_TRIED_MAX: usize = 3;
/// Narrowly missed cut-offs tried per candidate, beside those on its way.
const MISSED_TRIED_MAX: usize = 2;
/// Changes tried per candidate.
const CHANGES_TRIED_MAX: usize = 8;
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

/// The smallest change that lets `candidate` meet the need in time or, failing that, brings it forward most.
/// `found` is what it comes to without any change.
pub(crate) fn relaxation(
    problem: &Problem<'_>,
    scenario: &Scenario<'_>,
    candidate: &Candidate,
    found: &Result<Vec<Draft<'_>>, Reason>,
) -> Option<Relaxation> {
    let mut changes = match found {
        Ok(drafts) => {
            let first = drafts.first()?;
            lost(problem, &scenario.view, first).into_iter().flat_map(|lost| lost.changes).collect()
        }
        Err(reason) => unblocking(problem, scenario, candidate, reason),
    };
    let mut narrowly: Vec<(Minute, u32)> =
        scenario.missed.borrow().iter().map(|(lane, by)| (*by, *lane)).collect();
    narrowly.sort_unstable();
    changes.extend(narrowly.iter().take(MISSED_TRIED_MAX).map(|(by, lane)| later(problem, *lane, *by)));
    changes.extend(overtime(problem, candidate));
    changes.sort_by_cached_key(weight);
    changes.dedup();
    let now = found.as_ref().ok().and_then(|drafts| drafts.first()).map(|draft| draft.arrival);
    let tried = changes.into_iter().take(CHANGES_TRIED_MAX).filter_map(|change| {
        let changed = scenario.changed(problem, &change)?;
        let arrival = kinds::evaluate(problem, &changed, candidate).ok()?.first()?.arrival;
        let better = now.is_none_or(|now| arrival < now);
        better.then(|| (problem.late_by(arrival).is_some(), weight(&change), arrival, change))
    });
    let (late, _, arrival, change) = tried.min_by(|a, b| {
        let by_use = |(late, weight, arrival, _): &(bool, _, Minute, Change)| {
            if *late { (true, *arrival, *weight) } else { (false, Minute::MIN, *weight) }
        };
        by_use(a).cmp(&by_use(b)).then(a.2.cmp(&b.2))
    })?;
    let sentence = sentence::change(&change);
    Some(Relaxation {
        changes: vec![change],
        sentence,
        arrival_with_it: instant(arrival),
        meets_deadline: !late,
    })
}

/// How much a change asks of others: what sorts first is smaller.
fn weight(change: &Change) -> (u8, i64, Option<Date>) {
    match change {
        Change::LaterCutOff { by_minutes, .. } => (0, *by_minutes, None),
        Change::ApproveSubstitute { .. } => (1, 0, None),
        Change::SiteOpens { date, .. } => (2, 0, Some(*date)),
        Change::Overtime { .. } => (3, 0, None),
        Change::CustomsPrecleared { .. } => (4, 0, None),
        Change::LicenceInHand { .. } => (5, 0, None),
        Change::ReleaseHold { .. } => (6, 0, None),
    }
}

/// How useful and how small a relaxation is: what sorts first is better.
pub(crate) fn usefulness(relaxation: &Relaxation) -> impl Ord + use<> {
    (
        !relaxation.meets_deadline,
        relaxation.changes.iter().map(weight).collect::<Vec<_>>(),
        relaxation.arrival_with_it,
    )
}

fn later(problem: &Problem<'_>, lane: u32, by: Minute) -> Change {
    Change::LaterCutOff { lane: problem.net.lane(lane).id.clone(), by_minutes: i64::from(by) }
}

/// Overtime, when the engineer could work it and it is not agreed.
fn overtime(problem: &Problem<'_>, candidate: &Candidate) -> Option<Change> {
    let (Candidate::Visit { engineer } | Candidate::Depot { engineer: Some(engineer), .. }) = candidate
    else {
        return None;
    };
    let known = problem.engineer(engineer)?;
    (!known.overtime_allowed && !known.overtime.is_empty())
        .then(|| Change::Overtime { engineer: engineer.clone() })
}

/// Changes that could remove an obstacle.
fn unblocking(
    problem: &Problem<'_>,
    scenario: &Scenario<'_>,
    candidate: &Candidate,
    reason: &Reason,
) -> Vec<Change> {
    match (reason, candidate) {
        (Reason::PartMissing { because, .. }, _) => unblocking(problem, scenario, candidate, because),
        (Reason::NotApproved, Candidate::Substitute { substitute, .. }) => {
            vec![Change::ApproveSubstitute { substitute: substitute.clone() }]
        }
        (Reason::LicenceNeeded { gate, .. }, _) => vec![Change::LicenceInHand { gate: gate.clone() }],
        (Reason::NotFree { .. }, Candidate::Visit { .. }) => {
            let Some(repair) = problem.repair else { return Vec::new() };
            closed_days(problem, &scenario.view, repair.site, (problem.now, problem.net.end))
        }
        _ => Vec::new(),
    }
}

/// Opening a site on each of the first days on which it is closed all day or in part.
fn closed_days(
    problem: &Problem<'_>,
    view: &View<'_>,
    site: u32,
    (from, to): (Minute, Minute),
) -> Vec<Change> {
    let zone = &problem.net.sites[site as usize].zone;
    let open = view.open(site);
    let closed = |date: &Date| {
        local_day(zone, *date).is_some_and(|(start, end)| {
            let (start, end) = (start.max(from), end.min(to));
            start < end && open.open_between(start, end) < end - start
        })
    };
    let site_id = &problem.net.site(site).id;
    let opens = |date| Change::SiteOpens { site: site_id.clone(), date };
    dates(local_date(zone, from), local_date(zone, to))
        .filter(closed)
        .take(DAYS_TRIED_MAX)
        .map(opens)
        .collect()
}

/// Everything that makes a draft wait.
fn lost(problem: &Problem<'_>, view: &View<'_>, draft: &Draft<'_>) -> Vec<Lost> {
    let mut lost = Vec::new();
    for shipment in draft.inbound.iter().chain(&draft.onward) {
        lost.extend(in_shipment(problem, view, shipment));
    }
    if let Some(visit) = &draft.visit {
        let not_free = || Reason::NotFree { work_minutes: i64::from(visit.work_minutes) };
        let minutes = visit.stretch.0 - problem.now;
        lost.push(Lost { minutes, reason: not_free(), changes: Vec::new() });
        let from = crate::draft::ready(&draft.inbound).max(visit.there).max(problem.now);
        let opens = view.open(visit.site).next_open(from).unwrap_or(visit.start);
        let closed =
            || Reason::SiteClosed { site: problem.net.site(visit.site).id.clone(), until: instant(opens) };
        let reason = if opens > from { closed() } else { not_free() };
        let changes = closed_days(problem, view, visit.site, (from, visit.start));
        lost.push(Lost { minutes: visit.start - from, reason, changes });
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
        let changes = vec![Change::LicenceInHand { gate: gate.clone() }];
        let reason = Reason::LicenceNeeded { gate, working_days };
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

impl<'a> Scenario<'a> {
    /// The same world with one change agreed on top.
    fn changed(&self, problem: &Problem<'a>, change: &Change) -> Option<Self> {
        let net = problem.net;
        let mut changed = Self::over(self.view.clone());
        match change {
            Change::LaterCutOff { lane, by_minutes } => {
                let lane = net.network.lanes.iter().zip(0..).find(|(known, _)| known.id == *lane)?.1;
                changed.view = changed.view.with_later_cut_off(lane, Minute::try_from(*by_minutes).ok()?);
            }
            Change::SiteOpens { site, date } => {
                let site = net.index_of(site)?;
                let day = local_day(&net.sites[site as usize].zone, *date)?;
                changed.view = changed.view.with_access(site, vec![day]);
            }
            Change::CustomsPrecleared { territory } => {
                let known = net.network.territories.iter().find(|known| known.id == *territory)?;
                changed.view = changed.view.with_preclearance(&known.id);
            }
            Change::ApproveSubstitute { .. } => changed.approved = true,
            Change::Overtime { engineer } => changed.overtime_for = Some(engineer.clone()),
            Change::LicenceInHand { gate } => changed.licence_in_hand = Some(gate.clone()),
            Change::ReleaseHold { .. } => return None,
        }
        Some(changed)
    }
}
