//! Chains of hubs with two lanes to the next, one cheap and one clean: each hub doubles the ways that nothing beats.

use jiff::{SignedDuration, Timestamp};
use meridian_planner::model::{Network, Request, Solution, Weekdays, World};
use meridian_planner::{Compiled, Freight, Search, Start};
use meridian_types::Interval;

use crate::company::{Build, answer, at, empty, horizon, id, item, line, on_demand, stock, wants, world};
use crate::rests::{engineer, repair, work_on};

const NOW: &str = "2026-06-02T12:00:00Z";
/// As many hubs as fit into ten days of ways of ten minutes.
const MANY: usize = 24;

/// Hubs `C0`, `C1`, ...; the lane that costs nothing emits as much as the other one costs, twice as much from each
/// hub to the next. Takes `minutes` for a lane, and `more` for the cheap one.
fn chain(hubs: usize, people: bool, minutes: i64, more: impl Fn(usize) -> i64) -> Network {
    let mut net = empty();
    net.country("DE", Weekdays::SATURDAY_SUNDAY, &[]);
    net.calendar("always", "UTC", Weekdays::ALL, (0, 0), (24, 0), None);
    net.territory("EU", "always", 0);
    for hub in 0..=hubs {
        net.site(&format!("C{hub}"), "DE", "EU", "UTC", "always");
    }
    for hub in 0..hubs {
        let (from, to, much) = (format!("C{hub}"), format!("C{}", hub + 1), 1 << hub);
        for (cost, co2_g, minutes) in [(much, 0, minutes), (0, much, minutes + more(hub))] {
            if people {
                net.people_lane(&from, &to, on_demand(minutes), cost);
                net.lanes.last_mut().unwrap().people.as_mut().unwrap().co2_g = co2_g;
            } else {
                net.lane(&from, &to, on_demand(minutes), cost);
                net.lanes.last_mut().unwrap().goods.as_mut().unwrap().co2_g_per_kg = co2_g;
            }
        }
    }
    net.lanes.iter_mut().for_each(|lane| lane.late_probability = 0.0);
    net
}

fn ways(hubs: usize) -> (Vec<(i64, i64)>, bool) {
    let net = Compiled::compile(&chain(hubs, false, 10, |_| 0), horizon(NOW, 10)).unwrap();
    let freight = Freight { weight_g: 1_000, dangerous_goods: false, cold_chain: false };
    let start = Start { site: id("C0"), at: at(NOW), cost_minor: 0, co2_g: 0, risk_micro: 0 };
    let mut search = Search::new(&net);
    let ways = search.fronts(freight, &[start], &id(&format!("C{hubs}")));
    (ways.iter().map(|way| (way.cost_minor, way.co2_g)).collect(), search.is_cut())
}

#[test]
fn of_some_thousand_ways_that_nothing_beats_every_one_is_found_and_of_more_the_extremes() {
    let (mut ways, cut) = self::ways(12);
    ways.sort_unstable();
    let all: Vec<(i64, i64)> = (0..4_096).map(|cost| (cost, 4_095 - cost)).collect();
    assert!(!cut);
    assert_eq!(ways, all);
    let (ways, cut) = self::ways(MANY);
    let much = (1 << MANY) - 1;
    assert!(cut && ways.contains(&(much, 0)) && ways.contains(&(0, much)), "{ways:?}");
}

fn deliver(net: &Network, hubs: usize) -> (Network, World, Request) {
    let world = world(vec![item("x", 1_000)], vec![stock("x", "C0", 1)]);
    (net.clone(), world, wants(vec![line("x", 1)], &format!("C{hubs}"), at(NOW), None))
}

fn measures(option: &Solution) -> (Timestamp, i64, i64) {
    (option.arrival.unwrap(), option.cost_minor, option.co2_g)
}

#[test]
fn a_delivery_by_one_of_millions_of_ways_is_answered_with_the_extremes_and_says_that_others_may_be_missing() {
    let (net, world, request) = deliver(&chain(MANY, false, 10, |_| 0), MANY);
    let net = Compiled::compile(&net, horizon(NOW, 10)).unwrap();
    let answer = answer(&net, &world, &request);
    let (arrival, much) = (at(NOW) + SignedDuration::from_mins(10 * MANY as i64), (1 << MANY) - 1);
    let found: Vec<_> = answer.options.iter().map(measures).collect();
    assert!(answer.cut);
    assert!(found.contains(&(arrival, much, 0)) && found.contains(&(arrival, 0, much)), "{found:?}");
}

#[test]
fn where_every_minute_later_is_cheaper_the_earliest_and_the_cheapest_way_are_found() {
    let hubs = 13;
    let (net, world, request) = deliver(&chain(hubs, false, 1, |hub| 1 << hub), hubs);
    let net = Compiled::compile(&net, horizon(NOW, 10)).unwrap();
    let answer = answer(&net, &world, &request);
    let (hubs, much) = (hubs as i64, (1 << hubs) - 1);
    let after = |minutes: i64| at(NOW) + SignedDuration::from_mins(minutes);
    let found: Vec<_> = answer.options.iter().map(measures).collect();
    assert!(answer.cut);
    assert!(
        found.contains(&(after(hubs), much, 0)) && found.contains(&(after(hubs + much), 0, much)),
        "{found:?}"
    );
}

#[test]
fn a_visit_by_one_of_millions_of_journeys_is_answered_with_the_extremes() {
    let mut net = chain(MANY, true, 10, |_| 0);
    let site = format!("C{MANY}");
    net.people_lane(&site, "C0", on_demand(10), 0);
    net.lanes.last_mut().unwrap().people.as_mut().unwrap().co2_g = 0;
    let (start, end) = (at(NOW), at(NOW) + SignedDuration::from_hours(48));
    let mut engineer = engineer("2026-06-02T00:00", "2026-06-04T00:00");
    engineer.home = id("C0");
    (engineer.free, engineer.cost_minor_per_hour) = (vec![Interval::new(start, end).unwrap()], 0);
    let request = repair(&site, at(NOW));
    let net = Compiled::compile(&net, horizon(NOW, 10)).unwrap();
    let answer = answer(&net, &work_on(engineer, 60), &request);
    let much = (1 << MANY) - 1;
    let found: Vec<_> = answer.options.iter().map(|option| (option.cost_minor, option.co2_g)).collect();
    assert!(answer.cut);
    assert!(found.contains(&(much, 0)) && found.contains(&(0, much)), "{found:?}");
}
