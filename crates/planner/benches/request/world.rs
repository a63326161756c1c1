//! What the fictitious company has: stock, kits, receipts, engineers, loaners, partners.

use jiff::civil::Weekday::{Saturday, Sunday};
use jiff::{SignedDuration, ToSpan};
use meridian_planner::model::{
    Approval, Certificate, Depot, Engineer, Exchange, Fit, ItemFacts, Kit, Line, LoanerPool, ModelFacts,
    Network, PartyOffer, PartyService, ReferralParty, RemoteFix, RepairTask, RestRule, RightToWork,
    ScheduledReceipt, Site, Skill, StockHold, StockLevel, Substitute, World,
};
use meridian_types::{Interval, Quantity};

use crate::company::{dice, horizon, id};

pub(crate) const ITEMS: u64 = 60;
pub(crate) const MODELS: u64 = 6;
const ENGINEERS: u64 = 40;
const WAREHOUSES: [&str; 12] =
    ["HEL", "FRA", "AMS", "LHR", "ORD", "MEM", "GRU", "JNB", "DXB", "SIN", "NRT", "SYD"];
const HOMES: [&str; 10] = ["TMP", "HEL", "STR", "FRA", "LHR", "ORD", "GRU", "NBO", "BOM", "NRT"];
const DEPOTS: [&str; 4] = ["TMP", "STR", "ORD", "SIN"];

/// One of a few, by dice.
pub(crate) fn one_of<'t>(of: &[&'t str], seed: u64) -> &'t str {
    of[usize::try_from(dice(seed) % of.len() as u64).unwrap()]
}

pub(crate) fn item(number: u64) -> String {
    format!("item-{number:02}")
}

pub(crate) fn model(number: u64) -> String {
    format!("model-{number}")
}

fn units(number: u64) -> i64 {
    i64::try_from(number).unwrap()
}

pub(crate) fn line(number: u64, quantity: u64) -> Line {
    Line { item: id(&item(number)), quantity: Quantity::new(units(quantity)).unwrap() }
}

pub(crate) fn world(network: &Network) -> World {
    World {
        items: (0..ITEMS).map(facts).collect(),
        models: (0..MODELS).map(model_facts).collect(),
        repair_tasks: (0..MODELS).map(repair_task).collect(),
        stock: (0..ITEMS).flat_map(stock).collect(),
        holds: (0..ITEMS).step_by(3).flat_map(holds).collect(),
        receipts: (0..ITEMS).step_by(2).map(receipt).collect(),
        substitutes: (0..ITEMS).step_by(4).map(substitute).collect(),
        kits: (0..ITEMS).step_by(10).map(kit).collect(),
        loaners: (0..MODELS).flat_map(loaners).collect(),
        exchanges: (0..MODELS).step_by(2).map(exchange).collect(),
        engineers: (0..ENGINEERS).map(|number| engineer(network, number)).collect(),
        depots: DEPOTS.iter().map(|site| depot(site)).collect(),
        parties: vec![party("partner-west", &["US", "BR", "GB"]), party("partner-east", &["JP", "IN", "SG"])],
        party_offers: (0..8).map(offer).collect(),
    }
}

fn facts(number: u64) -> ItemFacts {
    let class = match number % 12 {
        3 => Some(id("5A002")),
        7 => Some(id("6A005")),
        _ => None,
    };
    ItemFacts {
        item: id(&item(number)),
        weight_g: 200 + units(dice(number) % 12_000),
        export_class: class,
        dangerous_goods: number % 11 == 5,
        cold_chain: number % 13 == 6,
        unit_value_minor: 2_000 + units(dice(number + 1) % 90_000),
    }
}

/// Four to seven warehouses know each item; one in four has none.
fn stock(number: u64) -> Vec<StockLevel> {
    let knows = 4 + dice(number + 100) % 4;
    let mut levels: Vec<StockLevel> = Vec::new();
    for place in 0..knows {
        let seed = number * 100 + place;
        let warehouse = one_of(&WAREHOUSES, seed);
        if levels.iter().all(|level| level.warehouse.as_str() != warehouse) {
            let available = units(dice(seed + 1) % 4) * 2;
            levels.push(StockLevel {
                item: id(&item(number)),
                warehouse: id(warehouse),
                available,
                version: 1,
            });
        }
    }
    levels
}

/// Cases that hold what is missing.
fn holds(number: u64) -> Vec<StockHold> {
    let empty = stock(number).into_iter().filter(|level| level.available < 2);
    let hold = |(level, case): (StockLevel, u64)| StockHold {
        case: id(&format!("case_{:032x}", number * 10 + case)),
        item: level.item,
        warehouse: level.warehouse,
        quantity: 2,
    };
    empty.zip(0..).map(hold).collect()
}

fn receipt(number: u64) -> ScheduledReceipt {
    ScheduledReceipt {
        receipt: id(&format!("receipt-{number}")),
        item: id(&item(number)),
        warehouse: id(one_of(&WAREHOUSES, number + 200)),
        available: 10,
        expected: horizon().start + SignedDuration::from_hours(24 * units(dice(number + 300) % 30)),
        late_probability: 0.2,
    }
}

fn substitute(number: u64) -> Substitute {
    let approval = [Approval::NotNeeded, Approval::Granted, Approval::Required];
    Substitute {
        item: id(&item(number)),
        substitute: id(&item((number + 1) % ITEMS)),
        approval: approval[usize::try_from(number / 4 % 3).unwrap()],
        fits: vec![Fit { model: id(&model(number % MODELS)), revisions: Vec::new() }],
    }
}

fn kit(number: u64) -> Kit {
    Kit {
        kit: id(&item(number)),
        parts: vec![line(number + 1, 1), line(number + 2, 2)],
        sites: vec![id("STR"), id("HEL"), id("ORD")],
        work_minutes: 90,
        cost_minor: 3_000,
    }
}

fn model_facts(number: u64) -> ModelFacts {
    ModelFacts {
        model: id(&model(number)),
        weight_g: 15_000 + units(number) * 20_000,
        export_class: (number == 4).then(|| id("6A005")),
        dangerous_goods: false,
        shippable: number != 5,
    }
}

fn repair_task(number: u64) -> RepairTask {
    let parts = match number % 3 {
        0 => Vec::new(),
        1 => vec![line(number * 7, 1)],
        _ => vec![line(number * 7, 1), line(number * 7 + 1, 1)],
    };
    let remote = RemoteFix { work_minutes: 60, success_probability: 0.35 };
    RepairTask {
        task: id(&format!("repair-{number}")),
        model: id(&model(number)),
        skill: id(&format!("skill-{}", number % 3)),
        level: 2,
        certificates: if number.is_multiple_of(2) { vec![id("safety")] } else { Vec::new() },
        work_minutes: 120 + units(number) * 60,
        parts,
        remote: number.is_multiple_of(3).then_some(remote),
    }
}

fn loaners(number: u64) -> Vec<LoanerPool> {
    let pool = |place: u64| LoanerPool {
        model: id(&model(number)),
        warehouse: id(WAREHOUSES[usize::try_from((number * 5 + place * 4) % 12).unwrap()]),
        available: units((number + place) % 2),
        loan_days: 21,
    };
    (0..3).map(pool).collect()
}

fn exchange(number: u64) -> Exchange {
    Exchange {
        model: id(&model(number)),
        item: id(&item(number * 9)),
        return_to: id("STR"),
        return_days: 10,
        cost_minor: 150_000,
    }
}

/// Free on working days but for what is booked, away in between for those who travel, overtime on Saturdays.
fn engineer(network: &Network, number: u64) -> Engineer {
    let home = HOMES[usize::try_from(number % 10).unwrap()];
    let site = network.sites.iter().find(|site| site.id.as_str() == home).unwrap();
    let (mut free, mut overtime) = (Vec::new(), Vec::new());
    for day in 0..56_i64 {
        let date = jiff::civil::date(2026, 4, 20).checked_add(day.days()).unwrap();
        let booked = dice(number * 1_000 + day.unsigned_abs()).is_multiple_of(4);
        match date.weekday() {
            Sunday => {}
            Saturday => overtime.push(hours(site, date, (8, 18))),
            _ if booked => {}
            _ => free.push(hours(site, date, (8, 17))),
        }
    }
    let nights = free.windows(2).filter_map(|days| Interval::new(days[0].end(), days[1].start()).ok());
    let country = |code: &&str| RightToWork { country: id(code), lead_working_days: 0 };
    let skill = |of: u64| Skill {
        skill: id(&format!("skill-{of}")),
        level: 1 + u8::try_from((number + of) % 3).unwrap(),
    };
    Engineer {
        id: id(&format!("engineer-{number:02}")),
        region: site.region.clone(),
        home: site.id.clone(),
        skills: (0..3).filter(|of| !(number + of).is_multiple_of(4)).map(skill).collect(),
        certificates: vec![Certificate {
            certificate: id("safety"),
            valid_from: jiff::civil::date(2025, 1, 1),
            valid_until: jiff::civil::date(2026, 4, 1).checked_add(units(number * 3 % 100).days()).unwrap(),
        }],
        away: if number.is_multiple_of(3) { Vec::new() } else { nights.collect() },
        free,
        overtime,
        overtime_allowed: number.is_multiple_of(4),
        right_to_work: ["FI", "DE", "NL", "ES", "CH", "GB", "US", "KE", "IN"].iter().map(country).collect(),
        rest: Some(RestRule { rest_minutes: 660, duty_minutes_max: 780 }),
        night_cost_minor: 14_000,
        cost_minor_per_hour: 6_000 + units(number) * 50,
        overtime_cost_minor_per_hour: 11_000,
    }
}

fn hours(site: &Site, date: jiff::civil::Date, (from, to): (i8, i8)) -> Interval {
    let at = |hour: i8| date.at(hour, 0, 0, 0).in_tz(&site.zone).unwrap().timestamp();
    Interval::new(at(from), at(to)).unwrap()
}

fn depot(site: &str) -> Depot {
    let at_home = |number: &u64| HOMES[usize::try_from(number % 10).unwrap()] == site;
    let engineers = (0..ENGINEERS).filter(at_home).map(|number| id(&format!("engineer-{number:02}")));
    Depot { site: id(site), models: Vec::new(), engineers: engineers.collect() }
}

fn party(name: &str, countries: &[&str]) -> ReferralParty {
    ReferralParty {
        party: id(name),
        countries: countries.iter().map(|country| id(country)).collect(),
        items: Vec::new(),
        models: Vec::new(),
        answer_minutes: 240,
    }
}

fn offer(number: u64) -> PartyOffer {
    let service = if number < 5 {
        PartyService::Supply(id(&item(number * 11)))
    } else {
        PartyService::Repair(id(&model(number - 5)))
    };
    PartyOffer {
        party: id(&format!("supplier-{number}")),
        service,
        countries: Vec::new(),
        answer_minutes: 240,
        lead_working_days: 2 + i32::try_from(number % 4).unwrap(),
        price_minor: 80_000 + units(number) * 9_000,
        late_probability: 0.15,
    }
}
