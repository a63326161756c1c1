//! SHIP_TO_DEPOT: the instrument travels to a depot, is repaired there, and travels on. An instrument that stands
//! at a depot already is repaired in place, by a visit without travel.

use std::rc::Rc;

use meridian_types::{EngineerId, SiteId};

use super::on_site::jobs;
use super::parts;
use super::qualification::{Waived, may_work, obstacle};
use super::shipping::{Consignment, ship};
use crate::draft::{Best, Draft, Shipment, Spent, ready, unbeaten};
use crate::model::{Candidate, Depot, Reason, SolutionKind, Subject};
use crate::problem::{Problem, Repair};
use crate::scenario::Scenario;

pub(super) fn candidates(problem: &Problem<'_>) -> Vec<Candidate> {
    let (Some(repair), Some(_)) = (problem.repair, problem.task) else { return Vec::new() };
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
    let (Some(repair), Some(task)) = (problem.repair, problem.task) else { return Err(Reason::NotServed) };
    problem.world.depots.iter().find(works_there).ok_or(Reason::NotServed)?;
    let engineer = engineer.and_then(|engineer| problem.engineer(engineer)).ok_or(Reason::NotEquipped)?;
    may_work(problem, engineer, task, depot)?;
    if !repair.model.shippable {
        return Err(Reason::NotShippable);
    }
    let parts = parts::sets(problem, scenario, &task.parts, depot)?;
    let instrument = instrument(repair);
    let starts = [(problem.now, Spent::default())];
    let arrivals = ship(problem, scenario, &instrument, (repair.site, depot), &starts)?;
    let arrivals: Vec<Rc<Shipment>> = arrivals.into_iter().map(|(_, arrival)| Rc::new(arrival)).collect();
    let with = |set: &Vec<Rc<Shipment>>| {
        let inbound = |arrival: &Rc<Shipment>| std::iter::once(arrival).chain(set).cloned().collect();
        arrivals.iter().map(inbound).collect::<Vec<Vec<Rc<Shipment>>>>()
    };
    let inbound = unbeaten(parts.iter().flat_map(with).collect(), |inbound: &Vec<Rc<Shipment>>| {
        (ready(inbound), inbound.iter().map(|shipment| shipment.spent).sum())
    });
    let drafts = |waived: Waived| {
        let mut best = Best::default();
        for inbound in &inbound {
            let spent = inbound.iter().map(|shipment| shipment.spent).sum::<Spent>();
            for job in jobs(problem, scenario, (engineer, task), depot, ready(inbound), waived) {
                let score = (job.end(), spent + job.spent);
                best.add(score, || Draft::work(SolutionKind::ShipToDepot, inbound.clone(), Rc::new(job)));
            }
        }
        best.into_drafts()
    };
    let found = drafts(Waived::Nothing);
    if found.is_empty() {
        let tried = |waived| !drafts(waived).is_empty();
        return Err(obstacle(problem, scenario, (engineer, task), depot, tried));
    }
    send_on(problem, scenario, repair, Some(repair.onward.unwrap_or(repair.site)), found)
}

pub(super) fn instrument<'a>(repair: Repair<'a>) -> Consignment<'a> {
    Consignment::instrument(repair.model, Subject::Instrument(repair.serial.clone()), Vec::new())
}

/// Sends the instrument on from where it was repaired, all drafts in one search.
pub(super) fn send_on<'a>(
    problem: &Problem<'a>,
    scenario: &Scenario<'a>,
    repair: Repair<'a>,
    to: Option<u32>,
    drafts: Vec<Draft<'a>>,
) -> Result<Vec<Draft<'a>>, Reason> {
    let (Some(from), Some(to)) = (drafts.first().and_then(Draft::repaired_at), to) else { return Ok(drafts) };
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
