//! Freight by weight.

use meridian_planner::model::{TariffPoint, Weekdays};
use meridian_planner::{CompileRule, Compiled};
use proptest::prelude::*;

use crate::company::{Build, answer, at, empty, horizon, item, line, on_demand, stock, wants, world};

fn freight(tariff: &[(i64, i64)], weight_g: i64) -> Result<i64, Vec<CompileRule>> {
    let mut net = empty();
    net.country("DE", Weekdays::SATURDAY_SUNDAY, &[]);
    net.calendar("c", "Europe/Berlin", Weekdays::ALL, (0, 0), (24, 0), None);
    net.territory("EU", "c", 0);
    net.site("A", "DE", "EU", "Europe/Berlin", "c");
    net.site("B", "DE", "EU", "Europe/Berlin", "c");
    net.lane("A", "B", on_demand(60), 700);
    let point =
        |(weight_g, cost_minor): &(i64, i64)| TariffPoint { weight_g: *weight_g, cost_minor: *cost_minor };
    net.lanes[0].tariff = tariff.iter().map(point).collect();
    let net = Compiled::compile(&net, horizon("2026-06-01T00:00:00Z", 3))
        .map_err(|errors| errors.0.into_iter().map(|error| error.rule).collect::<Vec<_>>())?;
    let world = world(vec![item("x", weight_g)], vec![stock("x", "A", 1)]);
    Ok(answer(&net, &world, &wants(vec![line("x", 1)], "B", at("2026-06-01T08:00:00Z"), None)).options[0]
        .cost_minor)
}

#[test]
fn a_tariff_holds_below_between_and_beyond_its_points() {
    let tariff = [(1_000, 500), (3_000, 801), (10_000, 2_000)];
    let cost = |weight_g| freight(&tariff, weight_g).unwrap();
    assert_eq!([0, 1, 1_000, 2_000, 3_000].map(cost), [500, 500, 500, 651, 801]);
    assert_eq!([3_001, 10_000, 10_001, 25_000].map(cost), [802, 2_000, 2_001, 5_000]);
    assert_eq!(freight(&[], 5_000).unwrap(), 700, "without a tariff the terms hold");
}

#[test]
fn a_tariff_that_does_not_rise_is_refused() {
    for broken in [&[(0, 1)][..], &[(5, -1)], &[(5, 1), (5, 2)], &[(5, 2), (6, 1)]] {
        assert_eq!(freight(broken, 1), Err(vec![CompileRule::NotRising]), "{broken:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]
    #[test]
    fn heavier_never_costs_less(
        steps in prop::collection::vec((1..50_000i64, 0..90_000i64), 1..6),
        weight_g in 0..200_000i64,
        more in 0..200_000i64,
    ) {
        let tariff: Vec<(i64, i64)> = steps
            .iter()
            .scan((0, 0), |sum, step| {
                *sum = (sum.0 + step.0, sum.1 + step.1);
                Some(*sum)
            })
            .collect();
        prop_assert!(freight(&tariff, weight_g).unwrap() <= freight(&tariff, weight_g + more).unwrap());
    }
}
