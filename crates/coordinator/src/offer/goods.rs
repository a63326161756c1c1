//! Goods of a solution, put together with where they go and when: one claim for each consignment of one warehouse.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use meridian_planner::model::{
    Action, Claim, Line, ScheduledReceipt, Solution, Step, Subject, Substitute, WaitCause,
};
use meridian_types::{ItemId, Quantity, ReceiptId, RegionId, SiteId};

use super::Terms;
use super::chain::{Chain, follow};
use super::substitutes::replaced;
use crate::domain::{Awaited, KitOrder, StockClaim};

/// How long a unit is lent when nobody has said.
const LENT_FOR: SignedDuration = SignedDuration::from_hours(28 * 24);

pub(super) type Lines = Vec<(ItemId, Quantity)>;

/// Stock of each warehouse and where it goes: one claim for each consignment. Parts that lie where a kit is put
/// together belong to the claim that sends the kit.
pub(super) fn claims(solution: &Solution, terms: &Terms<'_>) -> Option<Vec<StockClaim>> {
    let mut claims = Vec::new();
    for step in &solution.steps {
        let Action::Pick { site } = &step.action else { continue };
        let claim = match &step.subject {
            Subject::Goods { consignment, lines } => {
                if goes_in_where_it_lies(solution, step, *consignment, site) {
                    continue;
                }
                let kits = kits(solution, *consignment, &terms.stock.substitutes)?;
                let lines = sums(lines.iter());
                let held = held(solution, &lines, *consignment, site)?;
                let sent = if kits.is_empty() { Vec::new() } else { lines };
                StockClaim { lines: held, kits, sent, ..consignment_of(solution, step, site, terms)? }
            }
            // On its way back: the customer's hands are not our stock.
            Subject::Loaner(_) if returns(solution, &step.subject).is_some_and(|at| at <= step.start) => {
                continue;
            }
            Subject::Loaner(model) => {
                let item = terms.stock.lent_items.get(&(model.clone(), site.clone()))?;
                let claim = consignment_of(solution, step, site, terms)?;
                let due_back = Some(returns(solution, &step.subject).unwrap_or(claim.arrives + LENT_FOR));
                StockClaim { lines: vec![(item.clone(), Quantity::ONE)], on_loan: true, due_back, ..claim }
            }
            Subject::Instrument(_) | Subject::Engineer(_) | Subject::Case => continue,
        };
        claims.push((waits_for_supply(solution, step), claim));
    }
    share_out_receipts(solution, terms, &mut claims)?;
    Some(claims.into_iter().map(|(_, claim)| claim).collect())
}

/// A consignment of goods or a loaner, without what is in it.
fn consignment_of(
    solution: &Solution,
    pick: &Step,
    warehouse: &SiteId,
    terms: &Terms<'_>,
) -> Option<StockClaim> {
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
    Some(StockClaim {
        region: owner(solution, warehouse)
            .or_else(|| Some(terms.names.sites.get(warehouse)?.region.clone()))?,
        warehouse: warehouse.clone(),
        lines: Vec::new(),
        awaited: Vec::new(),
        kits: Vec::new(),
        sent: Vec::new(),
        stands_in: Vec::new(),
        on_loan: false,
        to_region: terms.names.warehouse_region(&chain.to),
        to_site: chain.to,
        departs: chain.departs,
        arrives: chain.arrives,
        due_back: None,
    })
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
        Claim::Stock { warehouse, region, .. }
        | Claim::Receipt { warehouse, region, .. }
        | Claim::Loaner { warehouse, region, .. }
            if warehouse == site =>
        {
            Some(region.clone())
        }
        _ => None,
    })
}

/// A kit that is put together.
struct Assembly<'s> {
    kit: &'s Line,
    /// Its parts, as it asks for them.
    asked: &'s [Line],
    /// The numbers of the consignments that they come in.
    consignments: &'s [u32],
}

/// What is put together for a consignment.
fn assemblies(solution: &Solution, consignment: u32) -> impl Iterator<Item = Assembly<'_>> {
    let is_own = move |subject: &Subject| matches!(subject, Subject::Goods { consignment: number, .. } if *number == consignment);
    solution.steps.iter().filter_map(move |step| match &step.action {
        Action::Assemble { kit, parts, consignments, .. } if is_own(&step.subject) => {
            Some(Assembly { kit, asked: parts, consignments })
        }
        _ => None,
    })
}

/// Where a consignment is picked and what is in it.
fn picked(solution: &Solution, consignment: u32) -> Option<(&SiteId, &[Line])> {
    solution.steps.iter().find_map(|step| match (&step.action, &step.subject) {
        (Action::Pick { site }, Subject::Goods { consignment: number, lines }) if *number == consignment => {
            Some((site, lines.as_slice()))
        }
        _ => None,
    })
}

fn goes_in_where_it_lies(solution: &Solution, pick: &Step, consignment: u32, site: &SiteId) -> bool {
    let goes_in = solution.steps.iter().any(|step| {
        matches!(&step.action, Action::Assemble { consignments, .. } if consignments.contains(&consignment))
    });
    goes_in && follow(&solution.steps, &pick.subject, site).is_none()
}

fn kits(solution: &Solution, consignment: u32, records: &[Substitute]) -> Option<Vec<KitOrder>> {
    let order = |Assembly { kit, asked, consignments }: Assembly<'_>| {
        let picked: Option<Vec<&[Line]>> =
            consignments.iter().map(|part| picked(solution, *part).map(|(_, lines)| lines)).collect();
        let parts = sums(picked?.into_iter().flatten());
        let stands_in = replaced(&sums(asked.iter()), std::slice::from_ref(&parts), records).concat();
        Some(KitOrder { kit: kit.item.clone(), quantity: kit.quantity, parts, stands_in })
    };
    assemblies(solution, consignment).map(order).collect()
}

/// What must be held for a consignment that leaves from `site`: parts that lie there in place of kits.
fn held(solution: &Solution, lines: &Lines, consignment: u32, site: &SiteId) -> Option<Lines> {
    let mut units: BTreeMap<ItemId, i64> = BTreeMap::new();
    for (item, quantity) in lines {
        *units.entry(item.clone()).or_default() += quantity.units();
    }
    for Assembly { kit, consignments, .. } in assemblies(solution, consignment) {
        *units.entry(kit.item.clone()).or_default() -= kit.quantity.units();
        let here =
            consignments.iter().filter_map(|part| picked(solution, *part)).filter(|(from, _)| *from == site);
        for line in here.flat_map(|(_, lines)| lines) {
            *units.entry(line.item.clone()).or_default() += line.quantity.units();
        }
    }
    let left = units.into_iter().filter(|(_, units)| *units != 0);
    left.map(|(item, units)| Some((item, Quantity::new(units).ok()?))).collect()
}

/// One line per item.
fn sums<'l>(lines: impl Iterator<Item = &'l Line>) -> Lines {
    let mut sums: BTreeMap<&ItemId, Quantity> = BTreeMap::new();
    for line in lines {
        let sum = sums.get(&line.item).and_then(|sum| sum.checked_add(line.quantity).ok());
        sums.insert(&line.item, sum.unwrap_or(line.quantity));
    }
    sums.into_iter().map(|(item, quantity)| (item.clone(), quantity)).collect()
}

/// Whether a consignment, or what goes into its kits where it leaves, waits for what is still to come.
fn waits_for_supply(solution: &Solution, pick: &Step) -> bool {
    let Subject::Goods { consignment, .. } = pick.subject else { return false };
    let parts: Vec<u32> = assemblies(solution, consignment).flat_map(|it| it.consignments).copied().collect();
    solution.steps.iter().any(|step| {
        matches!(step.action, Action::Wait { cause: WaitCause::Supply, .. })
            && matches!(step.subject, Subject::Goods { consignment: number, .. }
                if number == consignment || parts.contains(&number))
    })
}

/// Says what of the claims is still to come. What waits for no supply takes from shelves, the rest takes what is left
/// there, and receipts in the order in which they come. `None` when the solution claims less than it sends.
fn share_out_receipts(
    solution: &Solution,
    terms: &Terms<'_>,
    claims: &mut [(bool, StockClaim)],
) -> Option<()> {
    let mut shelves: BTreeMap<(&ItemId, &SiteId), i64> = BTreeMap::new();
    let mut receipts: Vec<(Timestamp, &ReceiptId, &ItemId, &SiteId, i64)> = Vec::new();
    for claim in &solution.claims {
        match claim {
            Claim::Stock { item, quantity, warehouse, .. } => {
                *shelves.entry((item, warehouse)).or_default() += quantity.units();
            }
            Claim::Receipt { receipt, item, quantity, warehouse, .. } => {
                let is_it = |known: &&ScheduledReceipt| claim.receipt() == Some(known.at());
                let known = terms.stock.receipts.iter().find(is_it)?;
                receipts.push((known.expected, receipt, item, warehouse, quantity.units()));
            }
            Claim::Loaner { .. } | Claim::Engineer { .. } | Claim::Party { .. } => {}
        }
    }
    receipts.sort();
    let mut order: Vec<&mut (bool, StockClaim)> =
        claims.iter_mut().filter(|(_, claim)| !claim.on_loan).collect();
    order.sort_by_key(|(waits, claim)| (*waits, claim.departs));
    for (_, StockClaim { warehouse, lines, awaited, .. }) in order {
        for (item, quantity) in lines {
            let units = quantity.units();
            let on_shelf =
                shelves.iter_mut().find(|((held, site), _)| (*held, *site) == (&*item, &*warehouse));
            let mut left = on_shelf.map_or(units, |(_, on_shelf)| {
                let taken = units.min(*on_shelf);
                *on_shelf -= taken;
                units - taken
            });
            let here = receipts.iter_mut().filter(|it| (it.2, it.3) == (&*item, &*warehouse));
            for (_, receipt, _, _, units) in here {
                let taken = left.min(*units);
                let Ok(quantity) = Quantity::new(taken) else { continue };
                (left, *units) = (left - taken, *units - taken);
                let (receipt, item) = (receipt.clone(), item.clone());
                awaited.push(Awaited { receipt, item, quantity, told_at: None, expected_at: None });
            }
            if left > 0 {
                return None;
            }
        }
    }
    Some(())
}
