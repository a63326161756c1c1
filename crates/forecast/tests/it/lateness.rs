//! How late deliveries will be.

use jiff::{SignedDuration, Timestamp};
use meridian_forecast::{Delivery, Factors, ForecastError, LatenessModel, LatenessSettings, Stated};
use proptest::prelude::*;
use proptest::test_runner::Config;

use crate::histories::{as_of, delivery, history, hours_before, lane};

const PROBABILITIES: [f64; 6] = [0.0, 0.5, 0.8, 0.9, 0.95, 1.0];

fn learn(history: &[Delivery]) -> LatenessModel {
    LatenessModel::learn(history, &[], as_of(), &LatenessSettings::default()).unwrap()
}

/// A year of a lane's daily deliveries, of which `late` in 100 are a day late.
fn year(number: usize, late: i64) -> Vec<Delivery> {
    let hours_late = |day: i64| if day * 37 % 100 < late { 24 } else { -1 };
    (1..=365).map(|day| delivery(lane(number), day, hours_late(day))).collect()
}

proptest! {
    #![proptest_config(Config { failure_persistence: None, ..Config::default() })]

    #[test]
    fn quantiles_never_cross_and_agree_with_the_probability(history in history(), number in 0..8usize) {
        let quantiles = learn(&history).quantiles(&lane(number), &PROBABILITIES);
        prop_assert!(quantiles.late_probability > 0.0 && quantiles.late_probability < 1.0);
        prop_assert!(quantiles.minutes.is_sorted_by_key(|it| it.1));
        let late = |it: &Delivery| it.arrived.is_none_or(|arrived| arrived > it.due);
        if history.iter().any(late) && !history.iter().all(late) {
            for (probability, minutes) in quantiles.minutes {
                let in_time = 1.0 - quantiles.late_probability;
                prop_assert!((probability - in_time).abs() < 1e-9 || (minutes > 0) == (probability > in_time));
            }
        }
    }

    #[test]
    fn the_order_of_the_history_does_not_matter(
        (history, shuffled) in history().prop_flat_map(|it| (Just(it.clone()), Just(it).prop_shuffle()))
    ) {
        let bytes = |history: &[Delivery]| serde_json::to_vec(&learn(history)).unwrap();
        prop_assert_eq!(bytes(&history), bytes(&shuffled));
    }

    #[test]
    fn nothing_after_the_cut_is_used(history in history(), day in 1..1000i64) {
        let cut = hours_before(24 * day);
        let learn = |history: &[Delivery]| LatenessModel::learn(history, &[], cut, &LatenessSettings::default());
        let hidden: Vec<_> = history
            .iter()
            .filter(|it| it.due < cut)
            .map(|it| Delivery { arrived: it.arrived.filter(|arrived| *arrived <= cut), ..it.clone() })
            .collect();
        prop_assert_eq!(learn(&history), learn(&hidden));
    }

    #[test]
    fn a_stored_model_forecasts_the_same(history in history(), number in 0..8usize) {
        let model = learn(&history);
        let stored: LatenessModel = serde_json::from_str(&serde_json::to_string(&model).unwrap()).unwrap();
        let (before, after) = (model.late_probability(&lane(number)), stored.late_probability(&lane(number)));
        prop_assert!((before - after).abs() < 1e-9);
    }
}

#[test]
fn a_lane_without_history_gets_what_its_parents_say() {
    let model = learn(&[year(0, 5), year(1, 60)].concat());
    let new_by_air = Factors::of_lane("new", "HEL", "GRU", "air");
    let parents = Factors::of([("origin", "HEL"), ("destination", "GRU"), ("mode", "air")]);
    assert_eq!(model.quantiles(&new_by_air, &PROBABILITIES), model.quantiles(&parents, &PROBABILITIES));
    let new_by_sea = Factors::of_lane("new", "SIN", "GRU", "sea");
    assert!(model.late_probability(&new_by_sea) > 2.0 * model.late_probability(&new_by_air));
    let unknown = model.late_probability(&Factors::default());
    assert!(unknown > model.late_probability(&new_by_air) && unknown < model.late_probability(&new_by_sea));
}

#[test]
fn a_lane_with_much_history_is_judged_by_it_and_one_with_little_hardly() {
    let others = [year(0, 10), year(2, 10), year(4, 10)].concat();
    let probability =
        |history: Vec<Delivery>| learn(&[others.clone(), history].concat()).late_probability(&lane(1));
    let much = probability(year(1, 60));
    assert!((0.5..0.65).contains(&much), "{much}");
    let little = probability(vec![delivery(lane(1), 3, 24)]);
    assert!((0.1..0.4).contains(&little), "{little}");
}

#[test]
fn the_more_deliveries_of_a_lane_were_late_the_likelier_the_next_is() {
    let others = [year(0, 10), year(2, 20), year(3, 30)].concat();
    let probability = |late: i64| {
        let own = (1..=30).map(|day| delivery(lane(5), 7 * day, if day <= late { 24 } else { 0 }));
        learn(&others.iter().cloned().chain(own).collect::<Vec<_>>()).late_probability(&lane(5))
    };
    let probabilities: Vec<f64> = (0..=30).map(probability).collect();
    assert!(probabilities.is_sorted(), "{probabilities:?}");
}

#[test]
fn many_late_on_one_occasion_say_less_than_on_as_many() {
    let others = [year(0, 10), year(2, 10), year(3, 10), year(4, 10)].concat();
    let probability = |own: Vec<Delivery>| learn(&[others.clone(), own].concat()).late_probability(&lane(1));
    let together = probability((0..10).map(|_| delivery(lane(1), 10, 24)).collect());
    let apart = probability((0..10).map(|day| delivery(lane(1), 10 + day, 24)).collect());
    assert!(together < apart, "{together} {apart}");
}

#[test]
fn what_happened_lately_counts_more() {
    let then = |late_days: std::ops::RangeInclusive<i64>| {
        let hours_late = |day| if late_days.contains(&day) { 24 } else { 0 };
        let history: Vec<_> = (1..=60).map(|week| delivery(lane(0), 60 * week, hours_late(week))).collect();
        learn(&history).late_probability(&lane(0))
    };
    assert!(then(1..=20) > 1.5 * then(41..=60));
}

#[test]
fn severity_is_that_of_the_lane_where_it_is_known() {
    let hours = |number, late: i64| (1..=300).map(move |day| delivery(lane(number), day, late * (day % 2)));
    let model = learn(&hours(0, 5).chain(hours(2, 500)).collect::<Vec<_>>());
    let median_of_late = |number| {
        let quantiles = model.quantiles(&lane(number), &[0.75]);
        quantiles.minutes[0].1
    };
    assert_eq!((median_of_late(0), median_of_late(2)), (5 * 60, 500 * 60));
}

#[test]
fn a_minute_that_has_begun_is_late() {
    let mut late = delivery(lane(0), 10, 0);
    late.arrived = late.arrived.map(|it| it + SignedDuration::from_millis(1));
    assert_eq!(learn(&[late]).quantiles(&lane(0), &[0.5]).minutes, [(0.5, 1)]);
}

#[test]
fn a_history_that_went_one_way_gives_no_certainty() {
    for hours_late in [-24, 0, 24] {
        for days in [1, 400] {
            let history: Vec<_> = (1..=days).map(|day| delivery(lane(0), day, hours_late)).collect();
            let quantiles = learn(&history).quantiles(&lane(0), &PROBABILITIES);
            assert!(quantiles.late_probability > 0.0 && quantiles.late_probability < 1.0);
            assert!(quantiles.minutes.iter().all(|it| it.1 == 60 * hours_late));
        }
    }
}

#[test]
fn an_age_beyond_measure_is_no_trouble() {
    let ancient = Delivery { due: Timestamp::MIN, arrived: None, ..delivery(lane(0), 1, 0) };
    let model = LatenessModel::learn(&[ancient], &[], Timestamp::MAX, &LatenessSettings::default()).unwrap();
    assert!(model.late_probability(&lane(0)).is_finite());
    assert!(model.quantiles(&lane(0), &[f64::NAN, 7.0]).minutes[0].1 > 0);
}

#[test]
fn without_history_or_with_settings_out_of_range_nothing_is_learned() {
    let settings = LatenessSettings::default();
    let nothing = LatenessModel::learn(&[delivery(lane(0), -1, 0)], &[], as_of(), &settings);
    assert!(matches!(nothing, Err(ForecastError::NoHistory { .. })));
    for days in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        for settings in [
            LatenessSettings { half_life_days: days, ..settings.clone() },
            LatenessSettings { wave_days: days, ..settings.clone() },
        ] {
            let wrong = LatenessModel::learn(&year(0, 5), &[], as_of(), &settings);
            assert!(matches!(wrong, Err(ForecastError::Setting { .. })));
        }
    }
}

#[test]
fn what_is_stated_of_a_lane_counts_as_ten_deliveries_and_gives_way_to_many() {
    let stated = [Stated { factors: lane(0), late_probability: 0.04 }];
    let late_after = |deliveries: i64| {
        let history: Vec<Delivery> = (1..=deliveries).map(|day| delivery(lane(0), day, 60)).collect();
        let learned = LatenessModel::learn(&history, &stated, as_of(), &LatenessSettings::default());
        learned.unwrap().late_probability(&lane(0))
    };
    // One late of one, and 0.4 of ten.
    assert!((0.06..0.25).contains(&late_after(1)), "{}", late_after(1));
    assert!(late_after(200) > 0.8, "{}", late_after(200));
}
