//! A stored decision made again: the same, or what differs.

use meridian_planner::model::{Answer, Network, Policy, Request, Weekdays, World};
use meridian_planner::{Compiled, Difference, Horizon, compare, solve};

use crate::company::{Build, answer, at, empty, horizon, id, item, line, on_demand, stock, wants, world};

fn snapshot() -> (Network, Horizon, World, Request) {
    let mut net = empty();
    net.country("DE", Weekdays::SATURDAY_SUNDAY, &[]);
    net.calendar("always", "Europe/Berlin", Weekdays::ALL, (0, 0), (24, 0), None);
    net.territory("EU", "always", 0);
    for name in ["LAB", "NEAR", "FAR", "LATE"] {
        net.site(name, "DE", "EU", "Europe/Berlin", "always");
    }
    net.lane("NEAR", "LAB", on_demand(60), 9_000);
    net.lane("FAR", "LAB", on_demand(600), 1_000);
    net.lane("LATE", "LAB", on_demand(6_000), 500);
    let levels = ["NEAR", "FAR", "LATE"].map(|site| stock("pump", site, 1));
    let world = world(vec![item("pump", 1_000)], levels.into());
    let request =
        wants(vec![line("pump", 1)], "LAB", at("2026-06-02T08:00:00Z"), Some(at("2026-06-03T08:00:00Z")));
    (net, horizon("2026-06-01T00:00:00Z", 20), world, request)
}

fn decided(change: impl Fn(&mut Network, &mut World, &mut Request)) -> Answer {
    let (mut net, span, mut world, mut request) = snapshot();
    change(&mut net, &mut world, &mut request);
    answer(&Compiled::compile(&net, span).unwrap(), &world, &request)
}

fn told(now: &Answer) -> Vec<String> {
    let stored = decided(|_, _, _| {});
    compare(&stored, now)
        .iter()
        .filter(|difference| difference.of_ranking())
        .map(ToString::to_string)
        .collect()
}

#[test]
fn a_stored_snapshot_gives_the_same_bytes_and_no_difference() {
    let (net, span, world, request) = snapshot();
    let first = decided(|_, _, _| {});
    let stored = serde_json::to_string(&(&net, span, &world, &request, &first)).unwrap();
    let (net, span, world, request, first): (Network, Horizon, World, Request, Answer) =
        serde_json::from_str(&stored).unwrap();
    let again = solve(&Compiled::compile(&net, span).unwrap(), &world, &request);
    assert_eq!(serde_json::to_vec(&again).unwrap(), serde_json::to_vec(&first).unwrap());
    assert_eq!(compare(&first, &again), []);
}

#[test]
fn an_option_that_another_overtakes_has_moved() {
    let now = decided(|_, _, request| request.policy = Policy::Fastest);
    let moved = [
        "LocalStock by FAR-LAB-1: was option 1, is option 2",
        "LocalStock by NEAR-LAB-0: was option 2, is option 1",
    ];
    assert_eq!(told(&now), moved);
}

#[test]
fn an_option_that_is_gone_moves_no_other() {
    let now = decided(|_, world, _| world.stock[1].available = 0);
    assert_eq!(told(&now), ["LocalStock by FAR-LAB-1: was option 1, is gone"]);
    let stored = decided(|_, _, _| {});
    let back = compare(&now, &stored);
    assert!(back.contains(&Difference::Appeared { option: "LocalStock by FAR-LAB-1".into(), now_at: 0 }));
}

#[test]
fn what_costs_more_differs_in_that_field_only() {
    let stored = decided(|_, _, _| {});
    let now = decided(|net, _, _| net.lanes[0].goods.as_mut().unwrap().fixed_cost_minor = 9_001);
    let cost =
        Difference::Field { path: "options[1].cost_minor".into(), stored: "9000".into(), now: "9001".into() };
    assert_eq!(compare(&stored, &now), [cost]);
}

#[test]
fn a_refusal_with_another_reason_is_told() {
    let stored = decided(|_, _, _| {});
    let now = decided(|_, _, request| request.excluded_sites.push(id("LATE")));
    let differences = compare(&stored, &now);
    let [Difference::Field { path, .. }] = differences.as_slice() else { panic!("{differences:?}") };
    assert!(path.starts_with("refused[Source { site:") && path.contains("LATE"), "{path}");
}
