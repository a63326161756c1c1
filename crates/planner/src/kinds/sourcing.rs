//! Bringing items to where they are needed, for whole needs, repairs and kits alike: from shelves, receipts, kits,
//! parties and substitutes, in as many consignments as it takes.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use meridian_types::{ItemId, Quantity};

use super::cover::{Choice, cover, unbeaten_by_takes};
use super::drawing::{self, Drawing, together};
use super::incumbents;
use super::loads::{Sent, offers};
use super::lots::{Lot, Lots};
use super::offer::Units;
use super::shipping::ship;
use super::supply::{choices, in_stock, pools, stands_in};
use crate::compile::instant;
use crate::draft::{Draft, Origin, Shipment, Spent, ready, unbeaten};
use crate::model::{Claim, Line, Reason, SolutionKind, Subject};
use crate::problem::Problem;
use crate::scenario::{PartSets, Scenario, Scope};

/// Every set of consignments that brings all `lines` to a site and that no other set beats; one empty set for no
/// lines. How far it looks is said by `scope`.
pub(super) fn bring(
    problem: &Problem<'_>,
    scenario: &Scenario<'_>,
    lines: &[Line],
    to: u32,
    scope: Scope,
) -> Result<PartSets, Reason> {
    let bringing = (to, lines.to_vec(), scope);
    if let Some(known) = scenario.brought.borrow().get(&bringing) {
        return known.clone();
    }
    let found = find(problem, scenario, lines, to, scope).map(Rc::new);
    scenario.brought.borrow_mut().insert(bringing, found.clone());
    found
}

fn find(
    problem: &Problem<'_>,
    scenario: &Scenario<'_>,
    lines: &[Line],
    to: u32,
    scope: Scope,
) -> Result<Vec<Vec<Rc<Shipment>>>, Reason> {
    let missing = |line: &Line| Reason::PartMissing {
        item: line.item.clone(),
        because: Box::new(why_not(problem, scenario, line, to)),
    };
    let every = drawing::every_amount(lines);
    let mut wanted = Vec::with_capacity(lines.len());
    for line in lines {
        let of_line = drawing::of_line(problem, scenario, line, to, (scope.kits, every))?;
        if of_line.drawings.is_empty() {
            return Err(missing(line));
        }
        wanted.push(of_line);
    }
    let lots = Lots::new(problem, scenario, wanted);
    let mut sets = sets((problem, scenario, to), &lots, &lots.groups(), scope.soonest);
    if sets.is_empty() && lines.len() > 1 {
        for line in lines {
            bring(problem, scenario, std::slice::from_ref(line), to, Scope { soonest: false, ..scope })?;
        }
        sets = self::sets((problem, scenario, to), &lots, &lots.singly(), false);
    }
    match (sets.is_empty(), lines.first()) {
        (true, Some(line)) => Err(missing(line)),
        _ => Ok(sets),
    }
}

fn sets(
    (problem, scenario, to): (&Problem<'_>, &Scenario<'_>, u32),
    lots: &Lots<'_>,
    groups: &[Vec<Lot>],
    soonest: bool,
) -> Vec<Vec<Rc<Shipment>>> {
    let mut sent = Vec::new();
    let mut choices = vec![Choice::nothing(lots.limits.len())];
    for group in groups {
        let mut offers = offers((problem, scenario, to), lots, group, &mut sent);
        let needs: Units = std::array::from_fn(|lot| group.get(lot).map_or(0, |lot| lot.needs));
        // Of other groups, something that comes later may come in time.
        if soonest
            && let [_] = groups
            && let Some(by) = incumbents::in_several(&needs, &offers, &lots.limits)
        {
            offers.retain(|offer| offer.ready <= by);
        }
        let mut found = cover(&needs, &offers, &lots.limits);
        if let [_] = groups {
            // Nobody else takes anything.
            found.iter_mut().for_each(|choice| choice.takes.fill(0));
        }
        let both = choices.iter().flat_map(|a| found.iter().filter_map(|b| a.and(b, &lots.limits)));
        choices = unbeaten_by_takes(both.collect());
    }
    let best = unbeaten(choices, |choice| (choice.ready, choice.spent));
    let shipments: Vec<OnceCell<Option<Rc<Shipment>>>> = vec![OnceCell::new(); sent.len()];
    let set = |choice: &Choice| {
        let shipment = |way: &usize| {
            let make = || shipment((problem, scenario, to), &sent[*way]).map(Rc::new);
            shipments[*way].get_or_init(make).clone()
        };
        let mut set: Vec<Rc<Shipment>> = choice.ways.iter().map(shipment).collect::<Option<_>>()?;
        set.sort_by_key(|shipment| (shipment.from, shipment.start, shipment.ready));
        Some(set)
    };
    best.iter().filter_map(set).collect()
}

fn shipment(
    (problem, scenario, to): (&Problem<'_>, &Scenario<'_>, u32),
    sent: &Sent<'_, '_>,
) -> Option<Shipment> {
    let (consignment, at, spent) = together(problem, &sent.drawings)?;
    if let Some((load, way)) = &sent.way {
        return way.shipment(scenario, &consignment, load, to);
    }
    Some(Shipment {
        subject: consignment.subject,
        origin: consignment.origin,
        from: to,
        to,
        start: problem.now,
        picked: problem.now,
        licence: None,
        legs: Vec::new(),
        ready: at,
        spent,
        claims: consignment.claims,
    })
}

/// Every way to deliver drawings from one site as one consignment.
pub(super) fn deliveries<'a>(
    problem: &Problem<'a>,
    scenario: &Scenario<'_>,
    drawings: &[&Drawing<'a>],
    to: u32,
) -> Result<Vec<Draft<'a>>, Reason> {
    let Some((consignment, start, before)) = together(problem, drawings) else { return Ok(Vec::new()) };
    let Some(from) = drawings.first().map(|drawing| drawing.site) else { return Ok(Vec::new()) };
    let shipments: Vec<Shipment> = match &consignment.origin {
        Origin::Party { .. } => {
            let sent = Sent { drawings: drawings.to_vec(), way: None };
            shipment((problem, scenario, to), &sent).into_iter().collect()
        }
        Origin::There | Origin::Prepared { .. } => {
            let ways = ship(problem, scenario, &consignment, (from, to), &[(start, Spent::default())])?;
            let all =
                |(_, shipment): (usize, Shipment)| Shipment { spent: shipment.spent + before, ..shipment };
            ways.into_iter().map(all).collect()
        }
    };
    let draft = |shipment| {
        let inbound = vec![Rc::new(shipment)];
        Draft::delivery(kind(problem, &inbound), inbound, 0)
    };
    Ok(shipments.into_iter().map(draft).collect())
}

/// What a set of consignments is called: by the origin in it that asks most of others. A party before a kit before
/// waiting for supply before a substitute before several sources before another country before the same.
pub(super) fn kind(problem: &Problem<'_>, set: &[Rc<Shipment>]) -> SolutionKind {
    let any = |is: &dyn Fn(&Shipment) -> bool| set.iter().any(|shipment| is(shipment));
    let home = &problem.net.site(problem.destination).country;
    let abroad = |shipment: &Shipment| problem.net.site(shipment.from).country != *home;
    let claims = || set.iter().flat_map(|shipment| shipment.claims.iter());
    if claims().any(|claim| matches!(claim, Claim::Party { .. })) {
        SolutionKind::ThirdParty
    } else if any(&|shipment| !shipment.origin.assemblies().is_empty()) {
        SolutionKind::Kit
    } else if claims().any(|claim| matches!(claim, Claim::Receipt { .. })) {
        SolutionKind::WaitForSupply
    } else if instead(problem, set) {
        SolutionKind::Substitute
    } else if set.iter().map(|shipment| shipment.from).collect::<BTreeSet<_>>().len() > 1 {
        SolutionKind::Split
    } else if any(&abroad) {
        SolutionKind::Transfer
    } else {
        SolutionKind::LocalStock
    }
}

/// Whether a set holds more of an item than was asked for: it stands in for another one.
fn instead(problem: &Problem<'_>, set: &[Rc<Shipment>]) -> bool {
    let mut sent: BTreeMap<&ItemId, i64> = BTreeMap::new();
    for shipment in set {
        let Subject::Goods { lines, .. } = &*shipment.subject else { continue };
        for line in lines {
            *sent.entry(&line.item).or_default() += line.quantity.units();
        }
    }
    sent.into_iter().any(|(item, units)| {
        let asked = problem.lines.iter().find(|line| line.item == *item);
        asked.is_none_or(|line| units > line.quantity.units())
    })
}

/// Why a line can't be brought to a site from anywhere: how the way from where it lies is blocked; else how many
/// there are at all; else what is wrong with what could stand in for it; else who holds it.
pub(super) fn why_not(problem: &Problem<'_>, scenario: &Scenario<'_>, line: &Line, to: u32) -> Reason {
    let needed = line.quantity.units();
    let choices = choices(problem, scenario, &line.item).unwrap_or_default();
    let pools: Vec<_> = choices.iter().flat_map(|choice| pools(problem, scenario, choice.facts)).collect();
    let existing = pools.iter().map(|pool| pool.units).fold(0, i64::saturating_add);
    if existing >= needed {
        let blocked = pools.iter().find_map(|pool| {
            let drawing = Drawing::of_pool(problem, pool.units.min(needed), pool, 0)?;
            deliveries(problem, scenario, &[&drawing], to).err()
        });
        if let Some(blocked) = blocked {
            return blocked;
        }
    } else if existing > 0 {
        let all = Quantity::new(existing).ok().map(|quantity| Line { quantity, ..line.clone() });
        let scope = Scope { kits: false, soonest: false };
        let sets = all.and_then(|all| bring(problem, scenario, &[all], to, scope).ok());
        let there_from = sets.iter().flat_map(|sets| sets.iter()).map(|set| ready(set)).min().map(instant);
        return Reason::TooFew { item: line.item.clone(), existing, needed, there_from };
    }
    let stand_in = problem.substitutes(&line.item).find_map(|record| {
        let facts = problem.item(&record.substitute).ok()?;
        (!super::supply::pools(problem, scenario, facts).is_empty()).then_some(())?;
        stands_in(problem, scenario, &line.item, &record.substitute).err()
    });
    let overdue = || {
        let receipts = problem.receipts(&line.item).iter();
        receipts.filter_map(|record| super::supply::expected(problem, record).err()).next()
    };
    let held =
        problem.sources(&line.item).filter_map(|(site, _)| in_stock(problem, scenario, line, site).err());
    let told = held.min_by_key(|reason| matches!(reason, Reason::NoStock { .. }));
    let none = Reason::NoStock { item: Some(line.item.clone()), available: 0, needed };
    match told {
        Some(reason) if !matches!(reason, Reason::NoStock { .. }) => reason,
        told => stand_in.or_else(overdue).or(told).unwrap_or(none),
    }
}
