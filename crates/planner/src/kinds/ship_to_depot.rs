//! SHIP_TO_DEPOT: the instrument travels to a depot, is repaired there, and travels on.

use std::rc::Rc;

use meridian_types::{EngineerId, SiteId};

use super::parts;
use super::qualification::{first_to_expire, labour_cost, may_work, working_time};
use super::shipping::{Consignment, ship};
use crate::compile::{Minute, length};
use crate::draft::{Draft, Spent, Visit, ready};
use crate::model::{Candidate, Depot, Engineer, Reason, SolutionKind, Subject};
use crate::problem::{PartSets, Problem, Repair, Scenario};

pub(super) fn candidates(problem: &Problem<'_>) -> Vec<Candidate> {
    let Some(repair) = problem.repair else { return Vec::new() };
    let here = &problem.net.site(repair.site).id;
    let mut candidates = Vec::new();
    for depot in problem.world.depots.iter().filter(|depot| depot.site != *here) {
        let equipped = depot.models.is_empty() || depot.models.contains(&repair.model.model);
        if !equipped || depot.engineers.is_empty() {
            candidates.push(Candidate::Depot { site: depot.site.clone(), engineer: None });
            continue;
        }
        let by = |engineer: &EngineerId| Candidate::Depot {
            site: depot.site.clone(),
            engineer: Some(engineer.clone()),
        };
        candidates.extend(depot.engineers.iter().map(by));
    }
    candidates
}

pub(super) fn evaluate<'a>(
    problem: &Problem<'a>,
    scenario: &Scenario<'a>,
    site: &SiteId,
    engineer: Option<&EngineerId>,
) -> Result<Vec<Draft<'a>>, Reason> {
    let depot = problem.usable_site(site)?;
    let works_there = |depot: &&Depot| depot.site == *site;
    let (Some(repair), Some(_)) = (problem.repair, problem.world.depots.iter().find(works_there)) else {
        return Err(Reason::NotServed);
    };
    let engineer = engineer.and_then(|engineer| problem.engineer(engineer)).ok_or(Reason::NotEquipped)?;
    may_work(problem, engineer, repair.task, depot)?;
    if !repair.model.shippable {
        return Err(Reason::NotShippable);
    }
    let parts = parts::sets(problem, scenario, &repair.task.parts, depot)?;
    let instrument = instrument(repair);
    let arrivals =
        ship(problem, scenario, &instrument, (repair.site, depot), &[(problem.now, Spent::default())])?;
    let mut drafts = Vec::new();
    for (_, arrival) in &arrivals {
        for set in parts.iter() {
            let inbound: Vec<_> = std::iter::once(arrival).chain(set).cloned().collect();
            let from = ready(&inbound);
            for visit in jobs(problem, scenario, (engineer, repair), depot, from, true) {
                let (kind, arrival) = (SolutionKind::ShipToDepot, visit.end);
                let inbound = inbound.clone();
                drafts.push(Draft {
                    kind,
                    inbound,
                    visit: Some(visit),
                    onward: None,
                    extra_cost_minor: 0,
                    arrival,
                });
            }
        }
    }
    if drafts.is_empty() {
        return Err(obstacle(problem, scenario, (engineer, repair), depot, &parts));
    }
    send_on(problem, scenario, repair, Some(repair.onward.unwrap_or(repair.site)), drafts)
}

fn instrument<'a>(repair: Repair<'a>) -> Consignment<'a> {
    Consignment::instrument(repair.model, Subject::Instrument(repair.serial.clone()), Vec::new())
}

/// The first job in regular time, and the first one with overtime, that can start at `from`.
fn jobs<'a>(
    problem: &Problem<'a>,
    scenario: &Scenario<'a>,
    (engineer, repair): (&'a Engineer, Repair<'a>),
    depot: u32,
    from: Minute,
    certificates: bool,
) -> Vec<Visit<'a>> {
    let work_minutes = length(repair.task.work_minutes).max(1);
    let mut jobs = Vec::new();
    for overtime in [false, true] {
        if overtime && !scenario.overtime(engineer) {
            continue;
        }
        let task = (repair.task, depot);
        let time = working_time(problem, scenario, engineer, task, overtime, certificates);
        let job = time.stretches.iter().find_map(|&stretch| {
            let windows = time.windows.within(stretch.0, stretch.1);
            let start = windows.next_open(from)?;
            let end = windows.add_working(from, work_minutes)?;
            let regular = time.regular.open_between(start, end).min(work_minutes);
            let cost_minor = labour_cost(engineer, regular, work_minutes - regular);
            Some(Visit {
                engineer,
                task: repair.task,
                site: depot,
                out: Vec::new(),
                back: Vec::new(),
                start,
                end,
                work_minutes,
                windows: Rc::new(windows),
                there: stretch.0,
                stretch,
                spent: Spent { cost_minor, ..Spent::default() },
            })
        });
        jobs.extend(job);
    }
    jobs
}

/// Why nobody does the work although everything is there.
fn obstacle<'a>(
    problem: &Problem<'a>,
    scenario: &Scenario<'a>,
    (engineer, repair): (&'a Engineer, Repair<'a>),
    depot: u32,
    parts: &PartSets,
) -> Reason {
    let from = parts.iter().map(|set| ready(set)).min().unwrap_or(problem.now).max(problem.now);
    if !jobs(problem, scenario, (engineer, repair), depot, from, false).is_empty()
        && let Some((certificate, on)) = first_to_expire(engineer, repair.task)
    {
        return Reason::CertificateExpired { certificate, on };
    }
    Reason::NotFree { work_minutes: repair.task.work_minutes }
}

/// Sends the instrument on from where it was repaired, all drafts in one search.
pub(super) fn send_on<'a>(
    problem: &Problem<'a>,
    scenario: &Scenario<'a>,
    repair: Repair<'a>,
    to: Option<u32>,
    drafts: Vec<Draft<'a>>,
) -> Result<Vec<Draft<'a>>, Reason> {
    let at = drafts.first().and_then(|draft| draft.visit.as_ref()).map(|visit| visit.site);
    let (Some(from), Some(to)) = (at, to) else { return Ok(drafts) };
    if !repair.model.shippable {
        return Err(Reason::NotShippable);
    }
    let starts: Vec<_> = drafts.iter().map(|draft| (draft.arrival, draft.spent())).collect();
    let ways = ship(problem, scenario, &instrument(repair), (from, to), &starts)?;
    let sent = ways.into_iter().map(|(index, shipment)| {
        let mut draft = drafts[index].clone();
        draft.arrival = shipment.ready;
        draft.onward = Some(shipment);
        draft
    });
    Ok(sent.collect())
}
