//! Goods of a solution, put together with where they go and when: one claim for each consignment of one warehouse.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use meridian_planner::model::{
    Action, Claim, Line, ScheduledReceipt, Solution, Step, Subject, Substitute, WaitCause,
};
use meridian_types::{ItemId, Quantity, ReceiptId, RegionId, SiteId};

use super::Terms;
use super::chain::{Chain, follow};
use crate::domain::{Awaited, KitOrder, OrderClaim, StockClaim};

/// How long a unit is lent when nobody has said.
const LENT_FOR: SignedDuration = SignedDuration::from_hours(28 * 24);

type Lines = Vec<(ItemId, Quantity)>;

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
                let kits = kits(solution, *consignment)?;
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

/// Says for each substitute which of the items asked for it stands in for: the one that the others leave most of open.
pub(super) fn name_what_is_replaced(
    claims: &mut [StockClaim],
    orders: &mut [OrderClaim],
    asked: &[(ItemId, Quantity)],
    records: &[Substitute],
) {
    let mut open: BTreeMap<ItemId, i64> = BTreeMap::new();
    for (item, quantity) in asked {
        *open.entry(item.clone()).or_default() += quantity.units();
    }
    let sent = claims.iter_mut().map(|claim| (claim.goods().to_vec(), &mut claim.stands_in));
    let bought = orders.iter_mut().map(|order| (order.goods().to_vec(), &mut order.stands_in));
    let brought: Vec<(Lines, &mut Vec<(ItemId, ItemId)>)> = sent.chain(bought).collect();
    for (item, quantity) in brought.iter().flat_map(|(goods, _)| goods) {
        open.entry(item.clone()).and_modify(|left| *left -= quantity.units());
    }
    for (goods, stands_in) in brought {
        for (item, quantity) in goods {
            let fits = |asked: &ItemId| {
                records.iter().any(|record| record.item == *asked && record.substitute == item)
            };
            let is_asked = open.contains_key(&item);
            let replaced = open.iter_mut().filter(|(asked, _)| !is_asked && fits(asked));
            let Some((asked, left)) = replaced.max_by_key(|(_, left)| **left) else { continue };
            *left -= quantity.units();
            stands_in.push((item, asked.clone()));
        }
    }
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

/// What is put together for a consignment: the kit, and the numbers of the consignments that its parts come in.
fn assemblies(solution: &Solution, consignment: u32) -> impl Iterator<Item = (&Line, &[u32])> {
    let is_own = move |subject: &Subject| matches!(subject, Subject::Goods { consignment: number, .. } if *number == consignment);
    solution.steps.iter().filter_map(move |step| match &step.action {
        Action::Assemble { kit, consignments, .. } if is_own(&step.subject) => {
            Some((kit, consignments.as_slice()))
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

fn kits(solution: &Solution, consignment: u32) -> Option<Vec<KitOrder>> {
    let order = |(kit, parts): (&Line, &[u32])| {
        let picked: Option<Vec<&[Line]>> =
            parts.iter().map(|part| picked(solution, *part).map(|(_, lines)| lines)).collect();
        Some(KitOrder {
            kit: kit.item.clone(),
            quantity: kit.quantity,
            parts: sums(picked?.into_iter().flatten()),
        })
    };
    assemblies(solution, consignment).map(order).collect()
}

/// What must be held for a consignment that leaves from `site`: parts that lie there in place of kits.
fn held(solution: &Solution, lines: &Lines, consignment: u32, site: &SiteId) -> Option<Lines> {
    let mut units: BTreeMap<ItemId, i64> = BTreeMap::new();
    for (item, quantity) in lines {
        *units.entry(item.clone()).or_default() += quantity.units();
    }
    for (kit, parts) in assemblies(solution, consignment) {
        *units.entry(kit.item.clone()).or_default() -= kit.quantity.units();
        let here = parts.iter().filter_map(|part| picked(solution, *part)).filter(|(from, _)| *from == site);
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
    let parts: Vec<u32> = assemblies(solution, consignment).flat_map(|(_, parts)| parts).copied().collect();
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

#[cfg(test)]
mod tests {
    use meridian_planner::model::Approval;

    use super::*;

    #[test]
    fn a_substitute_stands_in_for_the_item_that_is_left_open() {
        let item = |code: &str| -> ItemId { code.parse().unwrap() };
        let claim = |code: &str, units| StockClaim {
            region: "eu".parse().unwrap(),
            warehouse: "FRA".parse().unwrap(),
            lines: vec![(item(code), Quantity::new(units).unwrap())],
            awaited: Vec::new(),
            kits: Vec::new(),
            sent: Vec::new(),
            stands_in: Vec::new(),
            on_loan: false,
            to_site: "HAM".parse().unwrap(),
            to_region: None,
            departs: Timestamp::UNIX_EPOCH,
            arrives: Timestamp::UNIX_EPOCH,
            due_back: None,
        };
        let record = |asked: &str| Substitute {
            item: item(asked),
            substitute: item("NEW"),
            approval: Approval::Granted,
            fits: Vec::new(),
        };
        let asked = [(item("LAMP"), Quantity::new(2).unwrap()), (item("PUMP"), Quantity::new(2).unwrap())];
        let mut claims = [claim("LAMP", 2), claim("PUMP", 1), claim("NEW", 1)];
        name_what_is_replaced(&mut claims, &mut [], &asked, &[record("LAMP"), record("PUMP")]);
        assert!(claims[0].stands_in.is_empty() && claims[1].stands_in.is_empty());
        assert_eq!(claims[2].stands_in, [(item("NEW"), item("PUMP"))]);
    }
}
