//! More is never worse: stock, people and time to the deadline.

use meridian_planner::model::{Network, Weekdays, World};
use meridian_planner::{Compiled, solve};
use proptest::prelude::*;

use crate::company::{
    Build, answer, at, days, departs, empty, horizon, item, line, on_demand, stock, timetable, wants, world,
};

/// Four warehouses in two territories around a customer.
fn network(costs: &[i64; 4], opens: i32) -> Network {
    let mut net = empty();
    net.country("DE", Weekdays::SATURDAY_SUNDAY, &["2026-05-01"]);
    net.calendar("always", "Europe/Berlin", Weekdays::ALL, (0, 0), (24, 0), None);
    net.calendar(
        "work",
        "Europe/Berlin",
        Weekdays::MONDAY_TO_FRIDAY,
        (opens / 60, opens % 60),
        (17, 0),
        Some("DE"),
    );
    net.territory("EU", "work", 60);
    net.territory("CH", "work", 90);
    net.site("LAB", "DE", "EU", "Europe/Berlin", "work");
    for (index, cost) in costs.iter().enumerate() {
        let (name, territory) = (format!("W{index}"), if index < 2 { "EU" } else { "CH" });
        net.site(&name, "DE", territory, "Europe/Berlin", if index % 2 == 0 { "always" } else { "work" });
        net.sites.last_mut().unwrap().pick_minutes = 30;
        if index % 2 == 0 {
            net.lane(&name, "LAB", on_demand(90 + cost * 7), *cost);
        } else {
            let evening = departs(days("MTWTFSS"), (16, 30), (18, 0), (7, 30), 1);
            net.lane(&name, "LAB", timetable(&[evening]), *cost);
        }
    }
    net
}

fn stocked(levels: &[i64; 4]) -> World {
    let levels =
        levels.iter().enumerate().map(|(index, level)| stock("x", &format!("W{index}"), *level)).collect();
    world(vec![item("x", 2_000)], levels)
}

/// What counts for the policy: in time, then cost, or arrival when late.
fn best(net: &Compiled, world: &World, request: &meridian_planner::model::Request) -> (bool, i64) {
    let answer = answer(net, world, request);
    answer.options.first().map_or((true, i64::MAX), |option| {
        let late = option.arrival.unwrap().as_second();
        (!option.meets_deadline, if option.meets_deadline { option.cost_minor } else { late })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(128) })]
    #[test]
    fn more_never_makes_the_best_answer_worse(
        costs in prop::array::uniform4(1..60i64),
        levels in prop::array::uniform4(0..4i64),
        more in prop::array::uniform4(0..3i64),
        opens in 360..600i32,
        (asked, hours, longer) in (0..7200i64, 4..120i64, 0..100i64),
        needed in 1..4i64,
    ) {
        let net = Compiled::compile(&network(&costs, opens), horizon("2026-04-27T00:00:00Z", 21)).unwrap();
        let now = at("2026-04-27T06:00:00Z") + jiff::SignedDuration::from_mins(asked);
        let deadline = now + jiff::SignedDuration::from_hours(hours);
        let request = wants(vec![line("x", needed)], "LAB", now, Some(deadline));
        let before = best(&net, &stocked(&levels), &request);
        let mut added = levels;
        added.iter_mut().zip(more).for_each(|(level, more)| *level += more);
        let after = best(&net, &stocked(&added), &request);
        prop_assert!(after <= before, "{:?} {:?}", before, after);
        let later = deadline + jiff::SignedDuration::from_hours(longer);
        let relaxed = best(&net, &stocked(&levels), &wants(vec![line("x", needed)], "LAB", now, Some(later)));
        prop_assert!(relaxed <= before, "{:?} {:?}", before, relaxed);
    }

    #[test]
    fn no_option_is_beaten_by_another_from_the_same_source(
        costs in prop::array::uniform4(1..60i64),
        opens in 360..600i32,
        asked in 0..7200i64,
    ) {
        let net = Compiled::compile(&network(&costs, opens), horizon("2026-04-27T00:00:00Z", 21)).unwrap();
        let now = at("2026-04-27T06:00:00Z") + jiff::SignedDuration::from_mins(asked);
        let answer = solve(&net, &stocked(&[1, 1, 1, 1]), &wants(vec![line("x", 1)], "LAB", now, None));
        prop_assert!(!answer.options.is_empty());
        for a in &answer.options {
            for b in answer.options.iter().filter(|b| *b != a && b.claims == a.claims) {
                prop_assert!(b.arrival > a.arrival || b.cost_minor > a.cost_minor);
            }
        }
    }
}
