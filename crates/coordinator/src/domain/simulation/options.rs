//! What a search finds in a simulated world: whatever is not ruled out, and sometimes nothing.

use jiff::{SignedDuration, Timestamp};
use meridian_types::{EngineerId, Interval, ItemId, Money, PartyId, Quantity, RegionId, SiteId, SolutionId};

use super::super::{
    AtHand, Awaited, Chosen, EngineerClaim, Exclusions, Input, InstrumentMove, KitOrder, OrderClaim,
    PartyClaim, PartyService, Search, SolutionKind, StockClaim,
};
use super::{START, World};

/// Warehouses with their regions.
const WAREHOUSES: [(&str, &str); 4] = [("FRA", "eu"), ("HEL", "eu"), ("CHI", "us"), ("NBO", "africa")];
/// Engineers with their regions, which give codes of their own.
const ENGINEERS: [(&str, &str); 3] = [("E1", "eu"), ("E2", "eu"), ("E1", "us")];
const PARTIES: [&str; 3] = ["P1", "P2", "P3"];
/// From then on a search always finds something.
const FOUND_AFTER: SignedDuration = SignedDuration::from_hours(12 * 24);

/// What the plan hears of a search.
pub(super) fn outcome(world: &mut World, search: Search) -> Input {
    let there = |by: Option<Timestamp>| {
        let counts = |from: Option<Timestamp>| from.is_none() || from <= by;
        let there = search.at_hand.iter().filter(|goods| goods.site == customer() && counts(goods.from));
        there.map(|goods| goods.quantity.units()).sum::<i64>()
    };
    let (arrived, in_time) = (there(None), there(search.in_time_until));
    match world.wanted {
        Some(wanted) if in_time >= wanted => {
            Input::NothingNeeded { search: search.search, is_there: arrived >= wanted }
        }
        wanted => {
            let needed = wanted.map_or(1, |wanted| wanted - in_time);
            Input::OptionsFound { search: search.search, options: options(world, &search, needed) }
        }
    }
}

/// Ways that bring so many pumps, where only pumps are needed.
fn options(world: &mut World, search: &Search, needed: i64) -> Vec<Chosen> {
    let calm = world.now >= START + FOUND_AFTER;
    let count = if calm { world.rng.usize(1..4) } else { world.rng.usize(0..3) };
    let mut options: Vec<Chosen> =
        (0..count).filter_map(|index| option(world, search, needed, index)).collect();
    // In the end there is always a unit, which needs neither engineer nor the instrument.
    if calm && world.wanted.is_some() {
        options.extend(items(world, &search.exclusions, needed));
    } else if calm {
        options.extend(loaner(world, &search.exclusions));
    }
    // Sometimes the very same goods at another time.
    let suffices =
        |own: &&StockClaim| own.kits.is_empty() && units(own) == needed && own.to_site == customer();
    if let Some(own) =
        search.own_stock.iter().find(suffices).filter(|_| world.wanted.is_some() && world.rng.bool())
    {
        let arrives = world.now + SignedDuration::from_mins(world.rng.i64(600..6000));
        let claim = StockClaim { departs: world.now + SignedDuration::from_mins(60), arrives, ..own.clone() };
        let chosen = delivery(world, vec![claim]);
        options.insert(0, chosen);
    }
    options
}

/// One way, of whatever kind this world is about; `None` when everything is ruled out.
pub(super) fn option(world: &mut World, search: &Search, needed: i64, index: usize) -> Option<Chosen> {
    let Search { exclusions, at_hand, .. } = search;
    match world.seed % 14 {
        4.. if world.wanted.is_none() && world.rng.f64() < 0.2 => loaner(world, exclusions),
        0..=3 => items(world, exclusions, needed),
        4 | 5 => repair(world, exclusions, at_hand, world.seed.is_multiple_of(2)),
        6 if index == 0 => repair(world, exclusions, at_hand, false),
        7 | 8 => kit(world, exclusions),
        9 | 10 => exchange(world, exclusions),
        11 | 12 => purchase(world, exclusions, needed),
        13 => party_repair(world, exclusions),
        _ => referral(world, exclusions),
    }
}

/// Whether this world is about pumps alone, and how many of them: what has been sent need not be sent again.
pub(super) fn wanted(world: &mut World) -> Option<i64> {
    match world.seed % 14 {
        0..=3 | 11 | 12 => Some(world.rng.i64(1..3)),
        7 | 8 => Some(1),
        _ => None,
    }
}

/// Whether this world is about instruments that are replaced.
pub(super) const fn replaces(seed: u64) -> bool {
    matches!(seed % 14, 9 | 10)
}

/// How much a claim brings.
pub(super) fn units(claim: &StockClaim) -> i64 {
    claim.goods().iter().map(|(_, quantity)| quantity.units()).sum()
}

/// Where everything is needed.
pub(super) fn customer() -> SiteId {
    "CUSTOMER".parse().unwrap()
}

/// A pump that is put together at one warehouse, of a motor from another one and, mostly, a head that lies there.
fn kit(world: &mut World, exclusions: &Exclusions) -> Option<Chosen> {
    let (mut motor, mut kit) = (claim(world, exclusions)?, claim(world, exclusions)?);
    if motor.warehouse == kit.warehouse {
        return items(world, exclusions, 1);
    }
    let one = |item: &str| (item.parse::<ItemId>().unwrap(), Quantity::ONE);
    (motor.lines, motor.awaited) = (vec![one("MOTOR")], Vec::new());
    (motor.to_site, motor.to_region) = (kit.warehouse.clone(), Some(kit.region.clone()));
    let way = kit.arrives.duration_since(kit.departs);
    kit.departs = motor.arrives + SignedDuration::from_mins(world.rng.i64(30..600));
    kit.arrives = kit.departs + way;
    (kit.lines, kit.awaited, kit.sent) = (vec![one("HEAD")], Vec::new(), vec![one("PUMP")]);
    if world.rng.f64() < 0.3 {
        kit.lines.clear();
    }
    let parts = vec![one("HEAD"), one("MOTOR")];
    kit.kits = vec![KitOrder {
        kit: "PUMP".parse().unwrap(),
        quantity: Quantity::ONE,
        parts,
        stands_in: Vec::new(),
    }];
    let arrival = kit.arrives;
    Some(Chosen { arrival, ..delivery(world, vec![motor, kit]) })
}

/// A pump for good; the customer's own is fetched some days later.
fn exchange(world: &mut World, exclusions: &Exclusions) -> Option<Chosen> {
    let unit = claim(world, exclusions)?;
    let departs = unit.arrives + SignedDuration::from_mins(world.rng.i64(0..9000));
    let back = InstrumentMove {
        serial: "SN-1".parse().unwrap(),
        from_site: customer(),
        to_site: "DEPOT".parse().unwrap(),
        to_region: None,
        departs,
        arrives: departs + SignedDuration::from_mins(world.rng.i64(0..3000)),
        after_work: false,
        after_arrival: true,
    };
    Some(Chosen { moves: vec![back], ..delivery(world, vec![unit]) })
}

/// So many pumps, from one warehouse or several.
fn items(world: &mut World, exclusions: &Exclusions, needed: i64) -> Option<Chosen> {
    let mut claims: Vec<StockClaim> = Vec::new();
    for _ in 0..needed {
        let another = claim(world, exclusions)?;
        match claims.iter_mut().find(|claim| claim.warehouse == another.warehouse) {
            Some(same) => same.lines[0].1 = same.lines[0].1.checked_add(Quantity::ONE).unwrap(),
            None => claims.push(another),
        }
    }
    (!claims.is_empty()).then(|| delivery(world, claims))
}

/// A pump until the customer's own works again.
fn loaner(world: &mut World, exclusions: &Exclusions) -> Option<Chosen> {
    let unit = claim(world, exclusions)?;
    let due_back = Some(unit.arrives + SignedDuration::from_mins(world.rng.i64(0..9000)));
    let unit = StockClaim { on_loan: true, due_back, awaited: Vec::new(), ..unit };
    Some(Chosen { kind: SolutionKind::Loaner, ..delivery(world, vec![unit]) })
}

fn claim(world: &mut World, exclusions: &Exclusions) -> Option<StockClaim> {
    let (warehouse, region) = WAREHOUSES[world.rng.usize(0..WAREHOUSES.len())];
    let (warehouse, item): (SiteId, ItemId) = (warehouse.parse().unwrap(), "PUMP".parse().unwrap());
    if exclusions.stock.contains(&(item.clone(), warehouse.clone())) {
        return None;
    }
    let departs = world.now + SignedDuration::from_mins(world.rng.i64(30..600));
    Some(StockClaim {
        region: region.parse().unwrap(),
        warehouse,
        awaited: if world.rng.f64() < 0.15 { awaited(world, &item) } else { Vec::new() },
        lines: vec![(item, Quantity::ONE)],
        kits: Vec::new(),
        sent: Vec::new(),
        stands_in: Vec::new(),
        on_loan: false,
        to_site: customer(),
        to_region: None,
        departs,
        arrives: departs + SignedDuration::from_mins(world.rng.i64(60..4000)),
        due_back: None,
    })
}

/// Units of one receipt or two.
fn awaited(world: &mut World, item: &ItemId) -> Vec<Awaited> {
    let receipts = ["PO-1", "PO-2"].into_iter().take(world.rng.usize(1..3));
    let one = |receipt: &str| Awaited {
        receipt: receipt.parse().unwrap(),
        item: item.clone(),
        quantity: Quantity::ONE,
        told_at: None,
        expected_at: None,
    };
    receipts.map(one).collect()
}

fn delivery(world: &mut World, stock: Vec<StockClaim>) -> Chosen {
    let arrival = stock.iter().map(|claim| claim.arrives).max().unwrap();
    Chosen { arrival, stock, ..blank(world, SolutionKind::Transfer) }
}

fn repair(world: &mut World, exclusions: &Exclusions, at_hand: &[AtHand], at_depot: bool) -> Option<Chosen> {
    let (engineer, region) = ENGINEERS[world.rng.usize(0..ENGINEERS.len())];
    let (region, engineer): (RegionId, EngineerId) = (region.parse().unwrap(), engineer.parse().unwrap());
    if exclusions.engineers.contains(&(region.clone(), engineer.clone())) {
        return None;
    }
    let site: SiteId = if at_depot { "DEPOT" } else { "CUSTOMER" }.parse().unwrap();
    // The work needs one part: what is there, or on its way there, is not sent again.
    let sent: Vec<&AtHand> = at_hand.iter().filter(|goods| goods.site == site).collect();
    let needs_part = sent.is_empty() && world.rng.bool();
    let part = if needs_part {
        Some(StockClaim { to_site: site.clone(), ..claim(world, exclusions)? })
    } else {
        None
    };
    let moved = |from: &str, to: &str, departs, minutes, after_work| InstrumentMove {
        serial: "SN-1".parse().unwrap(),
        from_site: from.parse().unwrap(),
        to_site: to.parse().unwrap(),
        to_region: None,
        departs,
        arrives: departs + SignedDuration::from_mins(minutes),
        after_work,
        after_arrival: false,
    };
    let there = at_depot.then(|| {
        let departs = world.now + SignedDuration::from_mins(world.rng.i64(30..300));
        moved("CUSTOMER", "DEPOT", departs, world.rng.i64(100..2000), false)
    });
    let ready = part.iter().map(|claim| claim.arrives).chain(there.iter().map(|there| there.arrives));
    // Planners do not wait for what is on its way; mostly.
    let ready = ready.chain(sent.iter().filter_map(|goods| goods.from).filter(|_| world.rng.f64() < 0.8));
    let ready = ready.max();
    let first = ready.unwrap_or(world.now) + SignedDuration::from_mins(world.rng.i64(200..2000));
    let days = world.rng.usize(1..3);
    let starts = first + SignedDuration::from_hours(24 * i64::try_from(days - 1).unwrap());
    let ends = starts + SignedDuration::from_mins(120);
    let onward = (at_depot || world.rng.bool()).then(|| {
        moved(site.as_str(), "AFRICA", ends + SignedDuration::from_mins(60), world.rng.i64(100..3000), true)
    });
    let during =
        Interval::new(starts - SignedDuration::from_mins(90), ends + SignedDuration::from_mins(90)).unwrap();
    let booking = |day: usize| {
        let earlier = SignedDuration::from_hours(24 * i64::try_from(days - 1 - day).unwrap());
        EngineerClaim {
            region: region.clone(),
            engineer: engineer.clone(),
            site: site.clone(),
            during: Interval::new(during.start() - earlier, during.end() - earlier).unwrap(),
            work: Interval::new(starts - earlier, ends - earlier).unwrap(),
            skill: "PUMPS".parse().unwrap(),
            remote: false,
            bookings: days,
            level: 3,
        }
    };
    Some(Chosen {
        arrival: onward.as_ref().map_or(ends, |onward| onward.arrives),
        stock: part.into_iter().collect(),
        engineers: (0..days).map(booking).collect(),
        moves: there.into_iter().chain(onward).collect(),
        ..blank(world, SolutionKind::EngineerVisit)
    })
}

/// So many pumps, one of them of a party. Whoever is ruled out leaves the field to the warehouses.
fn purchase(world: &mut World, exclusions: &Exclusions, needed: i64) -> Option<Chosen> {
    let stock = items(world, exclusions, needed - 1).map(|rest| rest.stock).unwrap_or_default();
    let service = PartyService::Supply(vec![("PUMP".parse().unwrap(), Quantity::ONE)]);
    let order =
        order(world, exclusions, service).filter(|_| stock.iter().map(units).sum::<i64>() == needed - 1);
    let Some(order) = order else { return items(world, exclusions, needed) };
    let arrival = stock.iter().map(|claim| claim.arrives).fold(order.done, Timestamp::max);
    Some(Chosen { arrival, stock, orders: vec![order], ..blank(world, SolutionKind::ThirdParty) })
}

/// A party repairs the instrument, which then goes to Africa.
fn party_repair(world: &mut World, exclusions: &Exclusions) -> Option<Chosen> {
    let service = PartyService::Repair("SN-1".parse().unwrap());
    let Some(order) = order(world, exclusions, service) else { return repair(world, exclusions, &[], false) };
    let departs = order.done + SignedDuration::from_mins(60);
    let onward = InstrumentMove {
        serial: "SN-1".parse().unwrap(),
        from_site: customer(),
        to_site: "AFRICA".parse().unwrap(),
        to_region: None,
        departs,
        arrives: departs + SignedDuration::from_mins(world.rng.i64(100..3000)),
        after_work: true,
        after_arrival: false,
    };
    let moves: Vec<InstrumentMove> = world.rng.bool().then_some(onward).into_iter().collect();
    let arrival = moves.iter().map(|onward| onward.arrives).fold(order.done, Timestamp::max);
    Some(Chosen { arrival, orders: vec![order], moves, ..blank(world, SolutionKind::ThirdParty) })
}

fn order(world: &mut World, exclusions: &Exclusions, service: PartyService) -> Option<OrderClaim> {
    let party: PartyId = PARTIES[world.rng.usize(0..PARTIES.len())].parse().unwrap();
    let answer_due = world.now + SignedDuration::from_mins(world.rng.i64(30..2000));
    let done = answer_due + SignedDuration::from_mins(world.rng.i64(0..6000));
    let order = OrderClaim {
        party,
        service,
        site: customer(),
        answer_due,
        done,
        price: Money::new("EUR", 60_000).unwrap(),
        stands_in: Vec::new(),
        told: None,
    };
    (!exclusions.suppliers.contains(&order.party)).then_some(order)
}

fn referral(world: &mut World, exclusions: &Exclusions) -> Option<Chosen> {
    let free: Vec<PartyId> = PARTIES.iter().map(|party| party.parse().unwrap()).collect();
    let free: Vec<PartyId> = free.into_iter().filter(|party| !exclusions.parties.contains(party)).collect();
    if free.is_empty() {
        return None;
    }
    let party = free[world.rng.usize(0..free.len())].clone();
    let answer_due = world.now + SignedDuration::from_mins(240);
    let party = Some(PartyClaim { party, answer_due });
    Some(Chosen { arrival: answer_due, party, ..blank(world, SolutionKind::Referral) })
}

fn blank(world: &mut World, kind: SolutionKind) -> Chosen {
    let solution_id = SolutionId::from_uuid(uuid::Uuid::from_u128(world.rng.u128(..)));
    let approval_required = world.now > START && world.rng.f64() < 0.05;
    Chosen { approval_required, ..Chosen::blank(solution_id, kind, world.now) }
}
