//! Splits against writing every one of them out, in all four criteria.

use std::collections::BTreeSet;

use jiff::Timestamp;
use meridian_types::{ExportClass, Quantity};
use proptest::prelude::*;

use super::evaluate;
use super::sourcing::bring;
use crate::compile::{Compiled, Horizon, Minute, ceil, risk_micro};
use crate::draft::{Spent, ready, unbeaten};
use crate::model::{
    Approval, Calendar, Candidate, Gate, GoodsTerms, ItemFacts, Kit, Lane, Line, LocalSpan, Mode, Need,
    Network, OpenHours, PartyOffer, PartyService, Place, Request, Schedule, ScheduledReceipt, Site, SiteKind,
    StockLevel, Substitute, Territory, Verdict, Weekdays, World,
};
use crate::problem::Problem;
use crate::scenario::{Scenario, Scope};

/// More consignments from one place than this are seldom of use where the lanes take half of everything, and are not
/// written out: amounts are rounded up for each.
const CONSIGNMENTS_MAX: usize = 3;

/// One of two ways from a warehouse to the laboratory.
#[derive(Debug, Clone, Copy)]
struct Way {
    minutes: i64,
    fixed: i64,
    per_kg: i64,
    co2_g_per_kg: i64,
    late: f64,
    light: bool,
}

/// Two lines from two or three warehouses.
#[derive(Debug, Clone)]
struct Case {
    ways: Vec<[Way; 2]>,
    /// Grams of a unit, and units needed.
    lines: [(i64, i64); 2],
    /// Units of both items and of what stands in for the first, by warehouse.
    stock: Vec<[i64; 3]>,
    /// Units of the first item that the first warehouse expects, and in how many minutes.
    receipt: (i64, i64),
    /// What a unit of the second item costs from somebody else, if anybody sells it.
    price: Option<i64>,
    /// The minutes and cost of making the first item of the second at the last warehouse, if anybody does.
    kit: Option<(i64, i64)>,
    /// Whether the first item may not leave the second warehouse.
    closed: bool,
}

fn case() -> impl Strategy<Value = Case> {
    let way = || {
        (10..300i64, 0..40i64, 0..9i64, 0..300i64, 0..4u8, any::<bool>()).prop_map(
            |(minutes, fixed, per_kg, co2_g_per_kg, late, light)| {
                let late = f64::from(late) / 10.0;
                Way { minutes, fixed, per_kg, co2_g_per_kg, late, light }
            },
        )
    };
    let ways = prop::collection::vec((way(), way()).prop_map(|(a, b)| [a, b]), 2..4);
    let line = || (300..2_500i64, 1..4i64);
    let stock = prop::collection::vec(prop::array::uniform3(0..3i64), 3);
    let expected = (0..3i64, 0..400i64);
    let kit = prop::option::of((1..200i64, 0..30i64));
    (ways, [line(), line()], stock, expected, prop::option::of(0..50i64), kit, any::<bool>()).prop_map(
        |(ways, lines, mut stock, receipt, price, kit, closed)| {
            stock.truncate(ways.len());
            Case { ways, lines, stock, receipt, price, kit, closed }
        },
    )
}

fn id<T: std::str::FromStr>(text: &str) -> T
where
    T::Err: std::fmt::Debug,
{
    text.parse().unwrap()
}

fn now() -> Timestamp {
    "2026-06-02T08:00:00Z".parse().unwrap()
}

fn later(minutes: i64) -> Timestamp {
    now() + jiff::SignedDuration::from_mins(minutes)
}

fn units(item: &str, units: i64) -> Line {
    Line { item: id(item), quantity: Quantity::new(units).unwrap() }
}

impl Case {
    /// Half of everything, or more where one unit is more.
    fn light_g(&self) -> i64 {
        let all: i64 = self.lines.iter().map(|(weight_g, units)| weight_g * units).sum();
        (all / 2 + 1).max(self.lines[0].0).max(self.lines[1].0)
    }

    fn lane(&self, number: usize, warehouse: usize, way: &Way) -> Lane {
        Lane {
            id: id(&format!("L{number}")),
            from: id(&format!("W{warehouse}")),
            to: id("LAB"),
            mode: Mode::Road,
            schedule: Schedule::OnDemand { duration_minutes: way.minutes, calendar: None },
            valid_from: None,
            valid_until: None,
            not_on: Vec::new(),
            runs_on_holidays: true,
            goods: Some(GoodsTerms {
                fixed_cost_minor: way.fixed,
                cost_minor_per_kg: way.per_kg,
                co2_g_per_kg: way.co2_g_per_kg,
                max_weight_g: way.light.then(|| self.light_g()),
                dangerous_goods: true,
                cold_chain: true,
            }),
            people: None,
            late_probability: way.late,
            tariff: Vec::new(),
            lateness: Vec::new(),
        }
    }

    fn network(&self) -> Network {
        let site = |name: &str, country: &str| Site {
            id: id(name),
            kind: SiteKind::Warehouse,
            region: id("eu"),
            country: id(country),
            subdivision: None,
            territory: id(if country == "FR" { "FR" } else { "EU" }),
            zone: "UTC".into(),
            latitude: 0.0,
            longitude: 0.0,
            calendar: id("always"),
            pick_minutes: 0,
            visit_notice_minutes: 0,
        };
        let countries = ["DE", "FR", "NL", "ES"];
        let gate = |name: &str, origin: Place, verdict: Verdict| Gate {
            id: id(name),
            export_class: id("6A005"),
            origin,
            destination: Place::Anywhere,
            end_use: None,
            verdict,
        };
        let warehouses = 0..self.ways.len();
        let sites = warehouses.clone().map(|at| site(&format!("W{at}"), countries[at]));
        let lanes = warehouses.flat_map(|at| self.ways[at].iter().map(move |way| (at, way)));
        Network {
            version: "1".into(),
            currency: "EUR".into(),
            public_calendars: Vec::new(),
            territories: ["EU", "FR"]
                .iter()
                .map(|name| Territory {
                    id: id(name),
                    calendar: id("always"),
                    clearance_minutes: 0,
                    documents: Vec::new(),
                })
                .collect(),
            clearances: Vec::new(),
            calendars: vec![Calendar {
                id: id("always"),
                zone: "UTC".into(),
                hours: vec![OpenHours { days: Weekdays::ALL, span: LocalSpan::new((0, 0), (24, 0)) }],
                observes: None,
                exceptions: Vec::new(),
            }],
            sites: sites.chain([site("LAB", "ES")]).collect(),
            lanes: lanes.enumerate().map(|(number, (at, way))| self.lane(number, at, way)).collect(),
            gates: vec![
                gate("open", Place::Anywhere, Verdict::Open),
                gate("closed", Place::Country(id("FR")), Verdict::Closed),
            ],
        }
    }

    fn world(&self) -> World {
        let class: Option<ExportClass> = self.closed.then(|| id("6A005"));
        let item = |name: &str, weight_g: i64, export_class: &Option<ExportClass>| ItemFacts {
            item: id(name),
            weight_g,
            export_class: export_class.clone(),
            dangerous_goods: false,
            cold_chain: false,
            unit_value_minor: 0,
        };
        let [(first_g, _), (second_g, _)] = self.lines;
        let mut stock = Vec::new();
        for (at, units) in self.stock.iter().enumerate() {
            for (name, available) in ["i0", "i1", "instead"].iter().zip(units) {
                let warehouse = id(&format!("W{at}"));
                stock.push(StockLevel { item: id(name), warehouse, available: *available, version: 1 });
            }
        }
        World {
            items: vec![
                item("i0", first_g, &class),
                item("i1", second_g, &None),
                item("instead", first_g, &None),
            ],
            stock,
            receipts: vec![ScheduledReceipt {
                receipt: id("r"),
                item: id("i0"),
                warehouse: id("W0"),
                available: self.receipt.0,
                expected: later(self.receipt.1),
                late_probability: 0.2,
            }],
            substitutes: vec![Substitute {
                item: id("i0"),
                substitute: id("instead"),
                approval: Approval::Granted,
                fits: Vec::new(),
            }],
            kits: self
                .kit
                .iter()
                .map(|&(work_minutes, cost_minor)| Kit {
                    kit: id("i0"),
                    parts: vec![units("i1", 1)],
                    sites: vec![id(&format!("W{}", self.ways.len() - 1))],
                    work_minutes,
                    cost_minor,
                })
                .collect(),
            party_offers: self
                .price
                .iter()
                .map(|price| PartyOffer {
                    party: id("p"),
                    service: PartyService::Supply(id("i1")),
                    // Not where kits are made.
                    countries: vec![id("ES")],
                    answer_minutes: 250,
                    lead_working_days: 0,
                    price_minor: *price,
                    late_probability: 0.1,
                })
                .collect(),
            ..World::default()
        }
    }

    fn request(&self) -> Request {
        let lines = self.lines.iter().zip(["i0", "i1"]).map(|((_, needed), name)| units(name, *needed));
        let need = Need::Items {
            lines: lines.collect(),
            destination: id("LAB"),
            deadline: None,
            end_use: None,
            model: None,
            revision: None,
        };
        Request::new(need, now())
    }
}

/// What one consignment holds: units of both items as they lie there, expected ones, stand-ins, kits.
type Held = [i64; 5];
const EXPECTED: usize = 2;
const INSTEAD: usize = 3;
const MADE: usize = 4;

/// Consignments of all warehouses in turn, and what the party brings.
type Spread = (Vec<Held>, i64);

impl Case {
    /// Every spread of every unit over consignments.
    fn spreads(&self) -> BTreeSet<Spread> {
        let count = self.ways.len() * CONSIGNMENTS_MAX;
        let mut spreads: BTreeSet<Spread> = BTreeSet::from([(vec![[0; 5]; count], 0)]);
        for (line, (_, needed)) in self.lines.iter().enumerate() {
            for _ in 0..*needed {
                spreads = spreads.iter().flat_map(|spread| self.with_one(spread, line)).collect();
            }
        }
        spreads
    }

    fn with_one(&self, spread: &Spread, line: usize) -> Vec<Spread> {
        let sources: &[usize] = if line == 0 { &[0, EXPECTED, INSTEAD, MADE] } else { &[1] };
        let mut longer = Vec::new();
        for at in 0..spread.0.len() {
            for source in sources {
                let mut next = spread.clone();
                next.0[at][*source] += 1;
                let site = at / CONSIGNMENTS_MAX * CONSIGNMENTS_MAX;
                // Consignments of one place are as good as each other.
                next.0[site..site + CONSIGNMENTS_MAX].sort_unstable();
                if self.is_there(&next) {
                    longer.push(next);
                }
            }
        }
        if line == 1 && self.price.is_some() {
            longer.push((spread.0.clone(), spread.1 + 1));
        }
        longer
    }

    fn is_there(&self, spread: &Spread) -> bool {
        spread.0.chunks(CONSIGNMENTS_MAX).enumerate().all(|(at, consignments)| {
            let sum = |source: usize| consignments.iter().map(|held| held[source]).sum::<i64>();
            let makes = self.kit.is_some() && at + 1 == self.ways.len();
            let expects = if at == 0 { self.receipt.0 } else { 0 };
            sum(0) <= self.stock[at][0]
                && sum(1) + sum(MADE) <= self.stock[at][1]
                && sum(INSTEAD) <= self.stock[at][2]
                && sum(EXPECTED) <= expects
                && (makes || sum(MADE) == 0)
                && !(self.closed && at == 1 && sum(0) + sum(MADE) > 0)
        })
    }

    /// Every way of one consignment.
    fn sent(&self, site: usize, held: &Held) -> Vec<(Minute, Spent)> {
        let [(first_g, _), (second_g, _)] = self.lines;
        let weight_g = (held[0] + held[EXPECTED] + held[INSTEAD] + held[MADE]) * first_g + held[1] * second_g;
        let (work_minutes, made_cost) = self.kit.unwrap_or_default();
        let start = if held[EXPECTED] > 0 { self.receipt.1 } else { 0 }.max(held[MADE] * work_minutes);
        let risk = if held[EXPECTED] > 0 { risk_micro(0.2) } else { 0 };
        let going = self.ways[site].iter().filter(|way| !way.light || weight_g <= self.light_g());
        let sent = going.map(|way| {
            let spent = Spent {
                cost_minor: way.fixed
                    + way.per_kg * (weight_g + 999).div_euclid(1_000)
                    + held[MADE] * made_cost,
                co2_g: (way.co2_g_per_kg * weight_g + 999).div_euclid(1_000),
                risk_micro: risk_micro(way.late) + risk,
            };
            (ceil(later(start + way.minutes)), spent)
        });
        sent.collect()
    }

    /// What no other spread on any ways beats.
    fn enumerated(&self) -> Vec<(Minute, Spent)> {
        let mut all = Vec::new();
        for (consignments, bought) in self.spreads() {
            let price = self.price.unwrap_or_default();
            let risk_micro = risk_micro(0.1);
            let bought = (bought > 0).then(|| {
                (ceil(later(250)), Spent { cost_minor: bought * price, risk_micro, ..Spent::default() })
            });
            let mut sums = vec![bought.unwrap_or((Minute::MIN, Spent::default()))];
            for (at, held) in consignments.iter().enumerate().filter(|(_, held)| held.iter().sum::<i64>() > 0)
            {
                let ways = self.sent(at / CONSIGNMENTS_MAX, held);
                let with = |sum: &(Minute, Spent)| {
                    let sum = *sum;
                    ways.iter().map(move |way| (sum.0.max(way.0), sum.1 + way.1)).collect::<Vec<_>>()
                };
                sums = sums.iter().flat_map(with).collect();
            }
            all.extend(sums);
        }
        unbeaten(all, |one| *one)
    }
}

fn horizon() -> Horizon {
    Horizon { start: "2026-06-01T00:00:00Z".parse().unwrap(), end: "2026-06-20T00:00:00Z".parse().unwrap() }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(96) })]
    #[test]
    fn no_spread_of_every_unit_over_every_consignment_beats_a_split(case in case()) {
        let net = Compiled::compile(&case.network(), horizon()).unwrap();
        let (world, request) = (case.world(), case.request());
        let problem = Problem::new(&net, &world, &request).ok().unwrap();
        let scenario = Scenario::base(&problem);
        let scope = Scope { kits: true, soonest: false };
        let sets = bring(&problem, &scenario, &problem.lines, problem.destination, scope);
        let score = |set: &Vec<std::rc::Rc<crate::draft::Shipment>>| {
            (ready(set), set.iter().map(|shipment| shipment.spent).sum::<Spent>())
        };
        let found: Vec<_> = sets.iter().flat_map(|sets| sets.iter()).map(score).collect();
        // Kits add to what there is without them, and not every one of them is looked at.
        let mut all = Case { kit: None, ..case }.enumerated();
        all.extend(&found);
        prop_assert_eq!(&found, &unbeaten(all, |one| *one));
    }

    #[test]
    fn who_asks_for_the_soonest_split_only_gets_the_first_of_all(case in case()) {
        let net = Compiled::compile(&case.network(), horizon()).unwrap();
        let (world, request) = (case.world(), case.request());
        let problem = Problem::new(&net, &world, &request).ok().unwrap();
        let first = |soonest: bool| {
            let scenario = Scenario::base(&problem);
            let scenario = if soonest { scenario.soonest() } else { scenario };
            let found = evaluate(&problem, &scenario, &Candidate::Split);
            found.map(|drafts| drafts.first().map(|draft| (draft.arrival, draft.spent())))
        };
        prop_assert_eq!(first(true), first(false));
    }
}
