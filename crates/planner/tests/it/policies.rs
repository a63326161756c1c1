//! Which options are shown in which order, by each policy.

use meridian_planner::Compiled;
use meridian_planner::model::{Answer, Candidate, Merit, Policy, Reason, Request, Solution, Weekdays};
use proptest::prelude::*;

use crate::company::{Build, answer, at, empty, horizon, item, line, on_demand, stock, wants, world};

/// A warehouse with one lane to the laboratory: minutes, cost, grams of CO2, probability of being a day late.
#[derive(Debug, Clone, Copy)]
struct Source(i64, i64, i64, f64);

/// Asks at noon for what is needed so many hours later.
fn asked(sources: &[Source], hours: Option<i64>, change: impl Fn(&mut Request)) -> Answer {
    let mut net = empty();
    net.country("DE", Weekdays::SATURDAY_SUNDAY, &[]);
    net.calendar("always", "UTC", Weekdays::ALL, (0, 0), (24, 0), None);
    net.territory("EU", "always", 0);
    net.site("LAB", "DE", "EU", "UTC", "always");
    for (index, Source(minutes, cost, co2, late)) in sources.iter().enumerate() {
        net.site(&format!("W{index}"), "DE", "EU", "UTC", "always");
        net.lane(&format!("W{index}"), "LAB", on_demand(*minutes), *cost);
        let lane = net.lanes.last_mut().unwrap();
        lane.late_probability = *late;
        lane.goods.as_mut().unwrap().co2_g_per_kg = *co2;
    }
    let net = Compiled::compile(&net, horizon("2026-06-01T00:00:00Z", 20)).unwrap();
    let levels = (0..sources.len()).map(|index| stock("x", &format!("W{index}"), 1));
    let world = world(vec![item("x", 1_000)], levels.collect());
    let now = at("2026-06-02T12:00:00Z");
    let deadline = hours.map(|hours| now + jiff::SignedDuration::from_hours(hours));
    let mut request = wants(vec![line("x", 1)], "LAB", now, deadline);
    change(&mut request);
    answer(&net, &world, &request)
}

fn costs(answer: &Answer) -> Vec<i64> {
    answer.options.iter().map(|option| option.cost_minor).collect()
}

#[test]
fn the_cheapest_of_the_sure_comes_first_then_the_surest_then_nothing_late() {
    let sources = [
        Source(60, 900, 1, 0.0),
        Source(90, 500, 1, 0.1),
        Source(60, 100, 1, 0.6),
        Source(60, 200, 1, 0.5),
        Source(6_000, 10, 1, 0.0),
    ];
    let answer = asked(&sources, Some(10), |_| {});
    assert_eq!(costs(&answer), [500, 900, 200, 100]);
    let first = &answer.options[0];
    assert_eq!(first.in_time_probability, Some(0.9));
    assert_eq!(
        first.reason.merits[..2],
        [Merit::MeetsDeadline { slack_minutes: 510 }, Merit::InTime { percent: 90 }]
    );
    let asks_less = asked(&sources, Some(10), |request| request.in_time_probability_min = 0.4);
    assert_eq!(costs(&asks_less), [100, 200, 500, 900]);
}

#[test]
fn how_often_an_option_is_in_time_is_rounded_but_never_to_certainty() {
    for (risk, percent) in [(0.0, 100), (0.002, 99), (0.154, 85), (0.156, 84), (0.998, 1)] {
        let option = asked(&[Source(60, 1, 1, risk)], Some(10), |_| {}).options.remove(0);
        assert!(option.reason.merits.contains(&Merit::InTime { percent }), "{risk}: {:?}", option.reason);
    }
}

#[test]
fn the_fastest_cheapest_and_greenest_in_time_are_shown_although_they_are_not_sure_enough() {
    // Of the sure ones, so many are worth a place that there would be none left for the others.
    let sure = (1..9).map(|step| Source(60 + 30 * step, 9_000 - 900 * step, 5_000 - 500 * step, 0.0));
    let unsure = [Source(30, 9_900, 9_900, 0.9), Source(400, 100, 9_900, 0.9), Source(400, 9_900, 10, 0.9)];
    let sources: Vec<Source> = sure.chain(unsure).collect();
    let answer = asked(&sources, Some(10), |_| {});
    let options = &answer.options;
    assert_eq!((options.len(), options[0].cost_minor), (7, 1_800));
    assert!(options[0].reason.merits.contains(&Merit::Safest));
    for (merit, measures) in [
        (Merit::Fastest, (570, 9_900, 9_900)),
        (Merit::Cheapest, (200, 100, 9_900)),
        (Merit::Greenest, (200, 9_900, 10)),
    ] {
        let told = |option: &Solution| (option.slack_minutes.unwrap(), option.cost_minor, option.co2_g);
        let found = options.iter().find(|option| option.reason.merits.contains(&merit));
        assert_eq!(found.map(told), Some(measures), "{merit:?}");
    }
}

#[test]
fn when_nothing_is_sure_enough_what_is_likely_there_first_is_shown_although_it_is_late() {
    let sources = [Source(60, 100, 1, 0.6), Source(700, 300, 1, 0.0), Source(800, 200, 1, 0.0)];
    let answer = asked(&sources, Some(10), |_| {});
    assert_eq!(costs(&answer), [100, 300]);
    assert!(answer.options[1].reason.merits.contains(&Merit::LikelyFirst));
    assert!(answer.options[1].likely_by < answer.options[0].likely_by);
    let sure = asked(&sources, Some(10), |request| request.in_time_probability_min = 0.4);
    assert_eq!(costs(&sure), [100]);
}

#[test]
fn a_probability_that_makes_no_sense_is_refused_with_field_value_and_rule() {
    for (value, told) in [(f64::NAN, "NaN"), (0.0, "0"), (2.0, "2"), (-1.0, "-1"), (f64::INFINITY, "inf")] {
        let answer = asked(&[Source(60, 1, 1, 0.0)], None, |request| request.in_time_probability_min = value);
        let reason = Reason::InvalidRequest {
            field: "in_time_probability_min".into(),
            value: told.into(),
            rule: "more than 0, at most 1".into(),
        };
        assert!(answer.options.is_empty());
        assert_eq!((&answer.refused[0].candidate, &answer.refused[0].reason), (&Candidate::Request, &reason));
    }
}

/// What each policy puts first: less is better.
fn key(policy: Policy, option: &Solution) -> (u8, i64) {
    let arrival = option.arrival.unwrap().as_second();
    let misses = |option: &Solution| ((1.0 - option.in_time_probability.unwrap_or(1.0)) * 1e6).round() as i64;
    match policy {
        Policy::Fastest => (0, arrival),
        _ if !option.meets_deadline => (2, arrival),
        Policy::DeadlineThenCost if misses(option) <= 200_000 => (0, option.cost_minor),
        Policy::DeadlineThenCost => (1, misses(option)),
        Policy::Greenest => (0, option.co2_g),
        Policy::Safest => (0, misses(option)),
    }
}

fn source() -> impl Strategy<Value = Source> {
    let late = prop::sample::select(vec![0.0, 0.1, 0.3, 0.7]);
    (30..3_000i64, 1..90i64, 1..90i64, late)
        .prop_map(|(minutes, cost, co2, late)| Source(minutes, cost, co2, late))
}

fn policy() -> impl Strategy<Value = Policy> {
    prop::sample::select(Policy::ALL.to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(192) })]
    #[test]
    fn the_best_of_those_in_time_are_shown_and_nothing_beaten_without_a_reason(
        sources in prop::collection::vec(source(), 1..14),
        hours in prop::option::of(1..60i64),
        policy in policy(),
    ) {
        let answer = asked(&sources, hours, |request| request.policy = policy);
        let options = &answer.options;
        prop_assert!(options.iter().zip(options.iter().skip(1)).all(|(a, b)| key(policy, a) <= key(policy, b)));
        // One lane each: what there is can be written down.
        let in_time = |Source(minutes, ..): &&Source| hours.is_none_or(|hours| *minutes <= hours * 60);
        let all: Vec<&Source> = sources.iter().collect();
        let groups = [all.iter().copied().filter(in_time).collect(), all];
        let group = groups.iter().find(|group| !group.is_empty()).unwrap();
        let least = |measure: fn(&Source) -> i64| group.iter().map(|source| measure(source)).min().unwrap();
        let now = at("2026-06-02T12:00:00Z");
        let minutes = |option: &Solution| option.arrival.unwrap().duration_since(now).as_mins();
        prop_assert!(options.iter().any(|option| minutes(option) == least(|source| source.0)));
        prop_assert!(options.iter().any(|option| option.cost_minor == least(|source| source.1)));
        prop_assert!(options.iter().any(|option| option.co2_g == least(|source| source.2)));
        for option in options {
            let measures = |option: &Solution| {
                let misses = 1.0 - option.in_time_probability.unwrap_or(1.0);
                [minutes(option) as f64, option.cost_minor as f64, option.co2_g as f64, option.risk, misses]
            };
            let mine = measures(option);
            let beaten = options.iter().map(measures).any(|other| {
                other != mine && other.iter().zip(&mine).all(|(other, mine)| other <= mine)
            });
            let stated = option.reason.merits.iter().any(|merit| matches!(merit, Merit::OtherKind | Merit::OtherSource));
            prop_assert_eq!(beaten, stated, "{:?}", option.reason);
        }
    }

    #[test]
    fn more_sources_never_make_the_best_worse_by_any_policy(
        sources in prop::collection::vec(source(), 2..10),
        hours in prop::option::of(1..60i64),
        policy in policy(),
    ) {
        let best = |sources: &[Source]| {
            let answer = asked(sources, hours, |request| request.policy = policy);
            key(policy, &answer.options[0])
        };
        prop_assert!(best(&sources) <= best(&sources[..1]));
        prop_assert!(best(&sources) <= best(&sources[..sources.len() - 1]));
    }
}

#[test]
fn options_that_are_alike_take_one_place() {
    // Nine lanes of one warehouse, each a little slower and cheaper than the one before, and one quite different.
    let mut net = empty();
    net.country("DE", Weekdays::SATURDAY_SUNDAY, &[]);
    net.calendar("always", "UTC", Weekdays::ALL, (0, 0), (24, 0), None);
    net.territory("EU", "always", 0);
    net.site("LAB", "DE", "EU", "UTC", "always");
    net.site("W", "DE", "EU", "UTC", "always");
    for step in 0..9 {
        net.lane("W", "LAB", on_demand(1_000 + step), 10_000 - 10 * step);
    }
    net.lane("W", "LAB", on_demand(1_500), 6_000);
    net.lane("W", "LAB", on_demand(3_000), 2_000);
    let net = Compiled::compile(&net, horizon("2026-06-01T00:00:00Z", 20)).unwrap();
    let world = world(vec![item("x", 1_000)], vec![stock("x", "W", 1)]);
    let request = wants(vec![line("x", 1)], "LAB", at("2026-06-02T12:00:00Z"), None);
    assert_eq!(costs(&answer(&net, &world, &request)), [2_000, 6_000, 10_000]);
}
