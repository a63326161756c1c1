//! What is taken away never makes the best answer better, however many sources there are and whichever of them is
//! taken away.

use meridian_planner::model::{
    Approval, Gate, Kit, Network, PartyOffer, PartyService, Place, Policy, Request, ScheduledReceipt,
    Substitute, Verdict, Weekdays, World,
};
use meridian_planner::{Compiled, solve};
use proptest::prelude::*;

use crate::company::{
    Build, at, days, departs, empty, horizon, id, item, line, on_demand, stock, timetable, wants, world,
};

const WAREHOUSES: usize = 6;
const ITEMS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

/// Six warehouses in four countries, each with a slow, a quick and a clean way to the laboratory; some have a way to
/// the workshop in the first too. What is of a class may not leave the territory of the second and the third.
fn network(costs: &[i64]) -> Network {
    let mut net = empty();
    let countries = ["DE", "FR", "FR", "NL", "PL", "PL"];
    for country in ["DE", "FR", "NL", "PL"] {
        net.country(country, Weekdays::SATURDAY_SUNDAY, &[]);
    }
    net.calendar("always", "UTC", Weekdays::ALL, (0, 0), (24, 0), None);
    net.calendar("work", "UTC", Weekdays::MONDAY_TO_FRIDAY, (8, 0), (17, 0), None);
    net.territory("EU", "always", 0);
    net.territory("FR", "always", 0);
    net.site("LAB", "DE", "EU", "UTC", "work");
    for (index, country) in countries.iter().enumerate() {
        let name = format!("W{index}");
        let territory = if *country == "FR" { "FR" } else { "EU" };
        net.site(&name, country, territory, "UTC", if index % 2 == 0 { "always" } else { "work" });
        net.sites.last_mut().unwrap().pick_minutes = 30;
    }
    for index in 0..WAREHOUSES {
        let name = format!("W{index}");
        let evening = departs(days("MTWTFSS"), (16, 30), (18, 0), (7, 30), 1);
        for (way, schedule) in
            [on_demand(4_000), timetable(&[evening]), on_demand(900)].into_iter().enumerate()
        {
            let cost = costs[index * 3 + way];
            net.lane(&name, "LAB", schedule, cost * [4, 20, 9][way]);
            let lane = net.lanes.last_mut().unwrap();
            lane.late_probability = [0.02, 0.1, 0.2][(index + way) % 3];
            let terms = lane.goods.as_mut().unwrap();
            terms.cost_minor_per_kg = cost % 7 * 10;
            terms.co2_g_per_kg = [100, 900, 300][way] + cost;
            terms.max_weight_g = (way == 1).then_some(12_000);
        }
        if index % 2 == 1 {
            net.lane(&name, "W0", on_demand(1_200), 5 + costs[index]);
        }
    }
    net.gates.push(gate("open", Place::Anywhere, Verdict::Open));
    net.gates.push(gate("closed", Place::Country(id("FR")), Verdict::Closed));
    net
}

fn gate(name: &str, origin: Place, verdict: Verdict) -> Gate {
    let (export_class, destination) = (id("HS"), Place::Anywhere);
    Gate { id: id(name), export_class, origin, destination, end_use: None, verdict }
}

/// What there is, few of each.
#[derive(Debug, Clone)]
struct Resources {
    /// Units by warehouse and item.
    stock: Vec<[i64; 6]>,
    /// Item, warehouse, units and hours.
    receipts: Vec<(usize, usize, i64, i64)>,
    /// Item and price.
    offers: Vec<(usize, i64)>,
    /// What `a` is made of, and whether `f` does for `b`.
    kit: Option<[i64; 2]>,
    stands_in: bool,
}

fn resources() -> impl Strategy<Value = Resources> {
    let few = prop_oneof![3 => Just(0_i64), 2 => 1..4_i64];
    let stock = prop::collection::vec(prop::array::uniform6(few), WAREHOUSES);
    let receipts = prop::collection::vec((0..6usize, 0..WAREHOUSES, 1..5i64, 1..150i64), 0..4);
    let offers = prop::collection::vec((0..6usize, 1..900i64), 0..3);
    let kit = prop::option::of(prop::array::uniform2(1..3i64));
    (stock, receipts, offers, kit, any::<bool>()).prop_map(|(stock, receipts, offers, kit, stands_in)| {
        Resources { stock, receipts, offers, kit, stands_in }
    })
}

impl Resources {
    fn world(&self) -> World {
        let mut levels = Vec::new();
        for (warehouse, units) in self.stock.iter().enumerate() {
            for (name, units) in ITEMS.iter().zip(units) {
                levels.push(stock(name, &format!("W{warehouse}"), *units));
            }
        }
        let weights = [2_300, 700, 4_100, 300, 1_500, 900];
        let mut items: Vec<_> =
            ITEMS.iter().zip(weights).map(|(name, weight_g)| item(name, weight_g)).collect();
        items[2].export_class = Some(id("HS"));
        let receipt = |(number, &(of, warehouse, available, hours)): (usize, &(usize, usize, i64, i64))| {
            ScheduledReceipt {
                receipt: id(&format!("r{number}")),
                item: id(ITEMS[of]),
                warehouse: id(&format!("W{warehouse}")),
                available,
                expected: at("2026-06-02T08:00:00Z") + jiff::SignedDuration::from_hours(hours),
                late_probability: 0.1,
            }
        };
        let offer = |(number, &(of, price_minor)): (usize, &(usize, i64))| PartyOffer {
            party: id(&format!("p{number}")),
            service: PartyService::Supply(id(ITEMS[of])),
            countries: Vec::new(),
            answer_minutes: 600,
            lead_working_days: 2,
            price_minor,
            late_probability: 0.05,
        };
        let kit = |parts: &[i64; 2]| Kit {
            kit: id("a"),
            parts: vec![line("b", parts[0]), line("d", parts[1])],
            sites: vec![id("W0"), id("W3")],
            work_minutes: 90,
            cost_minor: 40,
        };
        let substitute =
            Substitute { item: id("b"), substitute: id("f"), approval: Approval::Granted, fits: Vec::new() };
        World {
            receipts: self.receipts.iter().enumerate().map(receipt).collect(),
            party_offers: self.offers.iter().enumerate().map(offer).collect(),
            kits: self.kit.iter().map(kit).collect(),
            substitutes: if self.stands_in { vec![substitute] } else { Vec::new() },
            ..world(items, levels)
        }
    }

    /// The same without one of them.
    fn without(&self, which: usize, index: usize) -> Self {
        let mut fewer = self.clone();
        match which {
            0 => fewer.stock[index % WAREHOUSES] = [0; 6],
            1 => fewer.stock[index % WAREHOUSES][index / WAREHOUSES % 6] = 0,
            2 if !fewer.receipts.is_empty() => drop(fewer.receipts.remove(index % fewer.receipts.len())),
            3 if !fewer.offers.is_empty() => drop(fewer.offers.remove(index % fewer.offers.len())),
            4 => fewer.kit = None,
            5 => fewer.stands_in = false,
            _ => {
                (fewer.kit, fewer.stands_in, fewer.receipts, fewer.offers) =
                    (None, false, Vec::new(), Vec::new())
            }
        }
        fewer
    }
}

/// What counts for the policy of a request: less is better.
fn best(net: &Compiled, resources: &Resources, request: &Request) -> (bool, i64) {
    let answer = solve(net, &resources.world(), request);
    assert_eq!(answer.defects, []);
    let Some(best) = answer.options.iter().find(|option| option.arrival.is_some()) else {
        return (true, i64::MAX);
    };
    let arrival = best.arrival.map_or(i64::MAX, |arrival| arrival.as_second());
    let measure = match request.policy {
        _ if !best.meets_deadline => arrival,
        Policy::Fastest => arrival,
        Policy::DeadlineThenCost => best.cost_minor,
        Policy::Greenest => best.co2_g,
        Policy::Safest => (best.risk * 1e9) as i64,
    };
    (!best.meets_deadline, measure)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(192) })]
    #[test]
    fn fewer_resources_never_make_the_best_answer_better(
        costs in prop::collection::vec(1..90i64, WAREHOUSES * 3),
        resources in resources(),
        (needed, hours) in (prop::array::uniform4(0..6i64), prop::option::of(20..150i64)),
        (first, second) in ((0..7usize, 0..36usize), (0..7usize, 0..36usize)),
    ) {
        // Which kits are put together of what is looked for within bounds: see `kinds/cover.rs`.
        let resources = Resources { kit: None, ..resources };
        let net = Compiled::compile(&network(&costs), horizon("2026-06-01T00:00:00Z", 30)).unwrap();
        let now = at("2026-06-02T08:00:00Z");
        let lines: Vec<_> =
            ITEMS.iter().zip(needed).filter(|(_, units)| *units > 0).map(|(name, units)| line(name, units)).collect();
        prop_assume!(!lines.is_empty());
        let deadline = hours.map(|hours| now + jiff::SignedDuration::from_hours(hours));
        for policy in Policy::ALL {
            // How surely a deadline is met depends on more than what adds up along the way.
            let deadline = deadline.filter(|_| policy != Policy::Safest);
            let request = Request {
                policy,
                in_time_probability_min: 1e-9,
                ..wants(lines.clone(), "LAB", now, deadline)
            };
            let all = best(&net, &resources, &request);
            for (which, index) in [first, second] {
                let fewer = best(&net, &resources.without(which, index), &request);
                prop_assert!(fewer >= all, "{policy:?} {which} {index}: {fewer:?} without, {all:?} with");
            }
        }
    }

    #[test]
    fn a_line_comes_from_any_number_of_small_sources_some_of_which_cannot_send(
        costs in prop::collection::vec(1..90i64, WAREHOUSES * 3),
    ) {
        let net = Compiled::compile(&network(&costs), horizon("2026-06-01T00:00:00Z", 30)).unwrap();
        // One unit of the class in each warehouse, two of which may not send it, and one more expected in two others.
        let resources = Resources {
            stock: vec![[0, 0, 1, 0, 0, 0]; WAREHOUSES],
            receipts: vec![(2, 0, 1, 5), (2, 3, 1, 9)],
            offers: Vec::new(),
            kit: None,
            stands_in: false,
        };
        let now = at("2026-06-02T08:00:00Z");
        let answer = solve(&net, &resources.world(), &wants(vec![line("c", 6)], "LAB", now, None));
        prop_assert_eq!(answer.options[0].claims.len(), 6);
        let seven = solve(&net, &resources.world(), &wants(vec![line("c", 7)], "LAB", now, None));
        prop_assert!(seven.options.iter().all(|option| option.arrival.is_none()));
    }
}
