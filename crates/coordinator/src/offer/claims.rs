//! What a solution claims, put together with where it goes and when.

use jiff::Timestamp;
use meridian_planner::model::{Action, Claim, Solution, SolutionKind, Step, Subject, WaitCause};
use meridian_types::{EngineerId, Interval, SerialNumber, SiteId, SkillId};

use super::Terms;
use super::chain::follow;
use crate::domain::{EngineerClaim, InstrumentMove};
use crate::wire::need::NeedKind;

/// The skill that a repair asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Skilled {
    pub(crate) skill: SkillId,
    pub(crate) level: i32,
}

/// Each booking of an engineer, with the work that lies in it. A repair may take several.
pub(super) fn engineers(solution: &Solution, terms: &Terms<'_>) -> Option<Vec<EngineerClaim>> {
    let mut claims = Vec::new();
    let bookings_of = |who: &EngineerId, at: &SiteId| {
        let is_one = |claim: &&Claim| matches!(claim, Claim::Engineer { engineer, site, .. } if (engineer, site) == (who, at));
        solution.claims.iter().filter(is_one).count()
    };
    for claim in &solution.claims {
        let Claim::Engineer { engineer, during, site, region } = claim else { continue };
        let work = solution.steps.iter().filter_map(|step| match &step.action {
            Action::Work { engineer: who, remote, .. }
                if who == engineer && during.start() <= step.start && step.end <= during.end() =>
            {
                Some((step.start, step.end, *remote))
            }
            _ => None,
        });
        let (start, end, remote) =
            work.reduce(|first, last| (first.0.min(last.0), first.1.max(last.1), first.2))?;
        let skilled = terms.skilled?;
        claims.push(EngineerClaim {
            region: region.clone(),
            engineer: terms.own_code(engineer).clone(),
            site: site.clone(),
            during: *during,
            work: Interval::new(start, end).ok()?,
            skill: skilled.skill.clone(),
            level: skilled.level,
            remote,
            bookings: bookings_of(engineer, site),
        });
    }
    Some(claims)
}

/// The ways of the customer's instrument: to where it is repaired, and on from there.
pub(super) fn instrument_moves(solution: &Solution, terms: &Terms<'_>) -> Option<Vec<InstrumentMove>> {
    let NeedKind::Repair(repair) = &terms.asked.kind else { return Some(Vec::new()) };
    let subject = Subject::Instrument(repair.serial.clone());
    if solution.kind == SolutionKind::AdvanceExchange {
        let steps: Vec<&Step> = solution.steps.iter().filter(|step| step.subject == subject).collect();
        return way_back(&steps, &repair.serial, solution, terms);
    }
    let work: Option<(Timestamp, &SiteId)> = solution.steps.iter().find_map(|step| match &step.action {
        Action::Work { site, .. } => Some((step.start, site)),
        Action::Outsource { site, .. } if step.subject == subject => Some((step.start, site)),
        _ => None,
    });
    let picked = solution.steps.iter().filter(|step| step.subject == subject).filter_map(|step| {
        let Action::Pick { site } = &step.action else { return None };
        Some((step.start, site))
    });
    let moved = picked.map(|(start, site)| {
        let after_work = work.is_some_and(|(work_start, _)| start >= work_start);
        let part = solution
            .steps
            .iter()
            .filter(|step| work.is_none_or(|(work_start, _)| (step.start >= work_start) == after_work));
        let chain = follow(part, &subject, site)?;
        Some(InstrumentMove {
            serial: repair.serial.clone(),
            from_site: chain.from,
            to_region: terms.names.warehouse_region(&chain.to),
            to_site: chain.to,
            departs: chain.departs,
            arrives: chain.arrives,
            after_work,
            after_arrival: false,
        })
    });
    moved.collect()
}

/// The way of an instrument that is replaced, once it is. One that begins too late to be planned yet is due when it
/// begins; there is none when it stays where it is.
fn way_back(
    steps: &[&Step],
    serial: &SerialNumber,
    solution: &Solution,
    terms: &Terms<'_>,
) -> Option<Vec<InstrumentMove>> {
    let Some(first) = steps.first() else { return Some(Vec::new()) };
    let (Action::Wait { site: from_site, .. } | Action::Pick { site: from_site }) = &first.action else {
        return None;
    };
    let waits = |step: &&&Step| matches!(step.action, Action::Wait { cause: WaitCause::Return, .. });
    let (begins, on_the_way) = (steps.iter().find(waits), steps.iter().filter(|step| !waits(step)));
    let chain = follow(on_the_way.copied(), &first.subject, from_site);
    let (to_site, departs, arrives) = match (chain, begins) {
        (Some(chain), _) => (chain.to, chain.departs, chain.arrives),
        (None, Some(wait)) => (returned_to(solution, terms)?.clone(), wait.end, wait.end),
        (None, None) => return None,
    };
    Some(vec![InstrumentMove {
        serial: serial.clone(),
        from_site: from_site.clone(),
        to_region: terms.names.warehouse_region(&to_site),
        to_site,
        departs,
        arrives,
        after_work: false,
        after_arrival: true,
    }])
}

/// Where instruments go that the unit of an exchange replaces.
fn returned_to<'t>(solution: &Solution, terms: &Terms<'t>) -> Option<&'t SiteId> {
    let replaces = |claim: &Claim| match claim {
        Claim::Stock { item, .. } => terms.stock.exchanges.iter().find(|exchange| exchange.item == *item),
        _ => None,
    };
    solution.claims.iter().find_map(replaces).map(|exchange| &exchange.return_to)
}
