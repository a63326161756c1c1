//! What freight will cost.

use meridian_forecast::{Delivery, Factors, ForecastError, FreightModel, FreightSettings};
use proptest::prelude::*;
use proptest::test_runner::Config;

use crate::histories::{as_of, billed, delivery, history, hours_before, lane};

fn learn(history: &[Delivery]) -> FreightModel {
    FreightModel::learn(history, as_of(), &FreightSettings::default()).unwrap()
}

fn cost(model: &FreightModel, factors: &Factors, weight_kg: i64) -> f64 {
    model.cost_minor(factors, 1000 * weight_kg).unwrap() as f64 / 100.0
}

/// Bills of a lane from 1 to 3,000 kg: `factor` times a power of the kilograms.
fn power_law(number: usize, factor: f64, exponent: f64) -> Vec<Delivery> {
    let weight_kg = |bill: i64| 3000f64.powf(bill as f64 / 60.0);
    (0..=60)
        .map(|bill| billed(lane(number), 5 + bill, weight_kg(bill), factor * weight_kg(bill).powf(exponent)))
        .collect()
}

fn assert_near(forecast: f64, expected: f64, share: f64) {
    assert!((forecast / expected - 1.0).abs() < share, "{forecast} instead of {expected}");
}

proptest! {
    #![proptest_config(Config { failure_persistence: None, ..Config::default() })]

    #[test]
    fn any_bill_gives_a_cost_and_any_order_the_same(
        (history, shuffled) in history().prop_flat_map(|it| (Just(it.clone()), Just(it).prop_shuffle())),
        number in 0..8usize,
        weight_g in 1..i64::MAX,
    ) {
        let learn = |history: &[Delivery]| FreightModel::learn(history, as_of(), &FreightSettings::default());
        if let Ok(model) = learn(&history) {
            prop_assert!(model.cost_minor(&lane(number), weight_g).is_some_and(|it| it >= 0));
            let bytes = |model: &FreightModel| serde_json::to_vec(model).unwrap();
            prop_assert_eq!(bytes(&model), bytes(&learn(&shuffled).unwrap()));
            let stored: FreightModel = serde_json::from_slice(&bytes(&model)).unwrap();
            let costs = [&model, &stored].map(|it| it.cost_minor(&lane(number), 50_000).unwrap() as f64);
            prop_assert!((costs[0] - costs[1]).abs() <= 1.0 + 1e-9 * costs[0]);
        }
    }

    #[test]
    fn nothing_after_the_cut_is_used(history in history(), day in 1..1000i64) {
        let cut = hours_before(24 * day);
        let learn = |history: &[Delivery]| FreightModel::learn(history, cut, &FreightSettings::default());
        let known: Vec<_> =
            history.iter().filter(|it| it.due < cut && it.arrived.is_some_and(|at| at < cut)).cloned().collect();
        prop_assert_eq!(learn(&history), learn(&known));
    }
}

#[test]
fn a_power_law_is_found_again() {
    let model = learn(&[power_law(0, 200.0, 0.5), power_law(1, 40.0, 0.8)].concat());
    for weight_kg in [2, 50, 2000] {
        assert_near(cost(&model, &lane(0), weight_kg), 200.0 * (weight_kg as f64).powf(0.5), 0.02);
        assert_near(cost(&model, &lane(1), weight_kg), 40.0 * (weight_kg as f64).powf(0.8), 0.02);
    }
}

#[test]
fn a_bill_that_went_astray_moves_little() {
    let astray = billed(lane(0), 3, 50.0, 1e6);
    let model = learn(&[power_law(0, 200.0, 0.5), vec![astray]].concat());
    assert_near(cost(&model, &lane(0), 50), 200.0 * 50f64.sqrt(), 0.02);
}

#[test]
fn a_lane_without_history_costs_what_its_parents_say() {
    let model = learn(&[power_law(0, 200.0, 0.5), power_law(1, 20.0, 0.5)].concat());
    let new = |origin, mode| Factors::of_lane("new", origin, "LOS", mode);
    let ratio = cost(&model, &new("HEL", "air"), 50) / cost(&model, &new("SIN", "sea"), 50);
    assert!((3.0..10.5).contains(&ratio), "{ratio}");
    let parents = Factors::of([("origin", "HEL"), ("mode", "air")]);
    assert_near(cost(&model, &new("HEL", "air"), 50), cost(&model, &parents, 50), 1e-9);
}

#[test]
fn beyond_the_heaviest_freight_rises_in_proportion_and_below_the_lightest_it_stays() {
    let model = learn(&power_law(0, 200.0, 0.5));
    let heaviest = cost(&model, &lane(0), 3000);
    assert_near(cost(&model, &lane(0), 9000), 3.0 * heaviest, 1e-3);
    assert_eq!(model.cost_minor(&lane(0), 1000), model.cost_minor(&lane(0), 10));
}

#[test]
fn one_bill_is_enough_and_none_is_not() {
    let model = learn(&[billed(lane(0), 3, 10.0, 70.0)]);
    assert_near(cost(&model, &lane(0), 10), 70.0, 1e-3);
    assert_eq!(model.cost_minor(&lane(0), 0), None);
    let unusable = [delivery(lane(0), 3, 0), billed(lane(0), 3, 0.0, 70.0), billed(lane(0), 3, 7.0, 0.0)];
    let nothing = FreightModel::learn(&unusable, as_of(), &FreightSettings::default());
    assert!(matches!(nothing, Err(ForecastError::NoHistory { .. })));
    let settings = FreightSettings { half_life_days: 0.0, ..FreightSettings::default() };
    assert!(matches!(FreightModel::learn(&unusable, as_of(), &settings), Err(ForecastError::Setting { .. })));
}
