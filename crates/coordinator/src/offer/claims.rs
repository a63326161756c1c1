//! What a solution claims, put together with where it goes and when.

use jiff::{SignedDuration, Timestamp};
use meridian_planner::model::{Action, Claim, Solution, Step, Subject, WaitCause};
use meridian_types::{Interval, ItemId, Quantity, RegionId, SiteId, SkillId};

use super::Terms;
use super::chain::{Chain, follow};
use crate::domain::{EngineerClaim, InstrumentMove, StockClaim};
use crate::wire::need::NeedKind;

/// How long a unit is lent when nobody has said.
const LENT_FOR: SignedDuration = SignedDuration::from_hours(28 * 24);

/// The skill that a repair asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Skilled {
    pub(crate) skill: SkillId,
    pub(crate) level: i32,
}

/// Stock of each warehouse and where it goes: one claim for each consignment.
pub(super) fn stock(solution: &Solution, terms: &Terms<'_>) -> Option<Vec<StockClaim>> {
    let mut claims = Vec::new();
    for step in &solution.steps {
        let Action::Pick { site } = &step.action else { continue };
        let (lines, on_loan) = match &step.subject {
            Subject::Goods { lines, .. } => {
                (lines.iter().map(|line| (line.item.clone(), line.quantity)).collect(), false)
            }
            Subject::Loaner(model) => {
                let item = terms.stock.lent_items.get(&(model.clone(), site.clone()))?;
                (vec![(item.clone(), Quantity::ONE)], true)
            }
            Subject::Instrument(_) | Subject::Engineer(_) | Subject::Case => continue,
        };
        let region = owner(solution, site)?;
        claims.push(consignment(solution, step, (site, region), (lines, on_loan), terms));
    }
    Some(claims)
}

fn consignment(
    solution: &Solution,
    pick: &Step,
    (warehouse, region): (&SiteId, RegionId),
    (lines, on_loan): (Vec<(ItemId, Quantity)>, bool),
    terms: &Terms<'_>,
) -> StockClaim {
    // Goods that are used where they lie are handed over there.
    let in_place = || Chain {
        from: warehouse.clone(),
        to: warehouse.clone(),
        departs: pick.end,
        arrives: solution
            .steps
            .iter()
            .filter(|step| step.subject == pick.subject)
            .map(|step| step.end)
            .fold(pick.end, Timestamp::max),
    };
    let chain = follow(&solution.steps, &pick.subject, warehouse).unwrap_or_else(in_place);
    StockClaim {
        region,
        warehouse: warehouse.clone(),
        lines,
        on_loan,
        to_region: terms.names.warehouse_region(&chain.to),
        to_site: chain.to,
        departs: chain.departs,
        arrives: chain.arrives,
        due_back: on_loan.then(|| returns(solution, &pick.subject).unwrap_or(chain.arrives + LENT_FOR)),
    }
}

/// When something starts its way back.
fn returns(solution: &Solution, subject: &Subject) -> Option<Timestamp> {
    let waits = solution.steps.iter().find(|step| {
        step.subject == *subject && matches!(step.action, Action::Wait { cause: WaitCause::Return, .. })
    });
    waits.map(|step| step.end)
}

/// Who decides about the stock of a warehouse.
fn owner(solution: &Solution, site: &SiteId) -> Option<RegionId> {
    solution.claims.iter().find_map(|claim| match claim {
        Claim::Stock { warehouse, region, .. } | Claim::Loaner { warehouse, region, .. }
            if warehouse == site =>
        {
            Some(region.clone())
        }
        _ => None,
    })
}

/// Each booking of an engineer, with the work that lies in it. A repair may take several.
pub(super) fn engineers(solution: &Solution, terms: &Terms<'_>) -> Option<Vec<EngineerClaim>> {
    let mut claims = Vec::new();
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
        });
    }
    Some(claims)
}

/// The ways of the customer's instrument: to where it is repaired, and on from there.
pub(super) fn instrument_moves(solution: &Solution, terms: &Terms<'_>) -> Option<Vec<InstrumentMove>> {
    let NeedKind::Repair(repair) = &terms.asked.kind else { return Some(Vec::new()) };
    let subject = Subject::Instrument(repair.serial.clone());
    let work: Option<(Timestamp, &SiteId)> = solution.steps.iter().find_map(|step| match &step.action {
        Action::Work { site, .. } => Some((step.start, site)),
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
        })
    });
    moved.collect()
}
