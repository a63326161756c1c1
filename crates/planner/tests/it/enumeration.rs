//! Fronts against everything there is: every sequence of departures, written out.
//!
//! 300 random networks in an ordinary run. For as many as you like, set `PROPTEST_CASES`:
//! `PROPTEST_CASES=10000 cargo test --release -p meridian-planner --test it enumeration`.

use std::collections::BTreeSet;

use jiff::civil::{Date, Weekday};
use jiff::{SignedDuration, ToSpan};
use meridian_planner::model::{
    CalendarException, Departure, GoodsTerms, LocalSpan, Network, Schedule, Weekdays,
};
use meridian_planner::{Compiled, Freight, Horizon, Search, Start, Way};
use meridian_types::SiteId;
use proptest::prelude::*;

use crate::company::{Build, at, empty, horizon, id};
use crate::naive::{Naive, Point, unbeaten};

const SITES: [(&str, &str, &str); 5] = [
    ("S0", "Europe/Berlin", "EU"),
    ("S1", "Europe/Helsinki", "EU"),
    ("S2", "America/Chicago", "US"),
    ("S3", "Australia/Lord_Howe", "AU"),
    ("S4", "Europe/Berlin", "EU"),
];
/// Thursdays before the Sundays on which clocks change: Chicago, Europe, Lord Howe; and Lord Howe, Europe,
/// Chicago in autumn. Last a week in which none does.
const THURSDAYS: [&str; 7] =
    ["2026-03-05", "2026-03-26", "2026-04-02", "2026-10-01", "2026-10-22", "2026-10-29", "2026-06-11"];
const DAYS: i64 = 8;

/// A lane of a random network, in the form in which proptest shrinks it.
#[derive(Debug, Clone)]
struct RandomLane {
    from: usize,
    to: usize,
    /// Days of departure; days of a second departure, 7 hours later.
    days: (u8, u8),
    cut_off: i32,
    wait: i32,
    day_before: bool,
    arrive: i32,
    after: i32,
    /// Fixed cost, cost per kilogram, CO2 per kilogram, percent of being late.
    terms: (i64, i64, i64, u8),
    limits: (bool, bool, bool),
    /// Whether it runs on demand, and then whether only in the hours of its origin.
    on_demand: (bool, bool),
    holidays: bool,
}

fn random_lane() -> impl Strategy<Value = RandomLane> {
    let ends = (prop::sample::select(vec![0, 0, 1, 2, 3]), 1..5usize);
    let days = (prop_oneof![Just(127), 1..128u8], prop_oneof![3 => Just(0), 1 => 1..128u8]);
    let times = (0..950i32, 0..120i32, prop::bool::weighted(0.2), 0..1440i32, 0..2i32);
    let terms = (1..40i64, 0..4i64, 1..900i64, 0..30u8);
    let limits = (prop::bool::weighted(0.2), prop::bool::weighted(0.2), prop::bool::weighted(0.2));
    let on_demand = (prop::bool::weighted(0.2), any::<bool>());
    (ends, days, times, terms, limits, on_demand, any::<bool>()).prop_map(
        |(
            (from, step),
            days,
            (cut_off, wait, day_before, arrive, after),
            terms,
            limits,
            on_demand,
            holidays,
        )| {
            let to = (from + step) % 5;
            // Far zones lie up to a day ahead: nothing arrives before it departs.
            let far = [2, 3].contains(&from) || [2, 3].contains(&to);
            let after = after + if far { 2 } else { 1 };
            RandomLane {
                from,
                to,
                days,
                cut_off,
                wait,
                day_before,
                arrive,
                after,
                terms,
                limits,
                on_demand,
                holidays,
            }
        },
    )
}

/// Where freight starts: at which site and minute, and what was spent before.
type RandomStart = (usize, i64, (i64, i64, i64));

fn random_starts() -> impl Strategy<Value = Vec<RandomStart>> {
    prop::collection::vec((0..4usize, 0..4320i64, (0..30i64, 0..600i64, 0..200_000i64)), 1..4)
}

fn weekdays(bits: u8) -> Weekdays {
    let week = Weekday::Monday.cycle_forward().take(7).enumerate();
    Weekdays::of(week.filter(|(day, _)| bits & (1 << day) != 0).map(|(_, day)| day))
}

fn schedule(lane: &RandomLane) -> Schedule {
    if lane.on_demand.0 {
        let calendar = lane.on_demand.1.then(|| id(&format!("hours{}", lane.from)));
        return Schedule::OnDemand { duration_minutes: i64::from(lane.arrive) + 30, calendar };
    }
    let departure = |days: u8, later: i32| Departure {
        days: weekdays(days),
        cut_off_minute: lane.cut_off + later,
        cut_off_days_before: i32::from(lane.day_before),
        depart_minute: (lane.cut_off + lane.wait + later).min(1379),
        arrive_minute: lane.arrive,
        arrive_days_after: lane.after,
    };
    Schedule::Timetable(vec![departure(lane.days.0, 0), departure(lane.days.1, 420)])
}

fn network(lanes: &[RandomLane], opens: i32, always_open: &[bool; 5], thursday: Date) -> Network {
    let mut net = empty();
    let friday = (thursday + 1.day()).to_string();
    net.country("DE", Weekdays::SATURDAY_SUNDAY, &[&friday]);
    net.calendar("always", "Europe/Berlin", Weekdays::ALL, (0, 0), (24, 0), None);
    for (index, (_, zone, _)) in SITES.into_iter().enumerate() {
        let from = (opens / 60, opens % 60);
        net.calendar(&format!("hours{index}"), zone, Weekdays::MONDAY_TO_FRIDAY, from, (18, 0), Some("DE"));
        // Over the change of the clocks.
        let spans = vec![LocalSpan::new((0, 30), (5, 0))];
        let sunday = CalendarException { date: thursday + 3.days(), spans };
        net.calendars.last_mut().unwrap().exceptions.push(sunday);
    }
    net.territory("EU", "hours0", 90);
    net.territory("US", "always", 45);
    net.territory("AU", "hours3", 30);
    for (index, (name, zone, territory)) in SITES.into_iter().enumerate() {
        let calendar = if always_open[index] { "always".to_owned() } else { format!("hours{index}") };
        net.site(name, "DE", territory, zone, &calendar);
    }
    for lane in lanes {
        net.lane(SITES[lane.from].0, SITES[lane.to].0, schedule(lane), 0);
        let built = net.lanes.last_mut().unwrap();
        built.runs_on_holidays = lane.holidays;
        built.late_probability = f64::from(lane.terms.3) / 100.0;
        built.goods = Some(GoodsTerms {
            fixed_cost_minor: lane.terms.0,
            cost_minor_per_kg: lane.terms.1,
            co2_g_per_kg: lane.terms.2,
            max_weight_g: lane.limits.0.then_some(3_000),
            dangerous_goods: !lane.limits.1,
            cold_chain: !lane.limits.2,
        });
    }
    net
}

fn cases() -> ProptestConfig {
    let cases =
        if std::env::var_os("PROPTEST_CASES").is_some() { ProptestConfig::default().cases } else { 300 };
    ProptestConfig { failure_persistence: None, cases, ..ProptestConfig::default() }
}

fn week(thursday: &str) -> (Date, Horizon) {
    (thursday.parse().unwrap(), horizon(&format!("{thursday}T00:00:00Z"), DAYS))
}

fn starts(random: &[RandomStart], horizon: Horizon) -> Vec<Start> {
    let start = |&(site, minute, (cost_minor, co2_g, risk_micro)): &RandomStart| {
        let at = horizon.start + SignedDuration::from_mins(minute);
        Start { site: id(SITES[site].0), at, cost_minor, co2_g, risk_micro }
    };
    random.iter().map(start).collect()
}

fn points(naive: &Naive<'_>, ways: &[Way]) -> Vec<Point> {
    let point = |way: &Way| (naive.minute(way.arrival), way.cost_minor, way.co2_g, way.risk_micro);
    let mut points: Vec<Point> = ways.iter().map(point).collect();
    assert!(points.is_sorted_by_key(|point| point.0), "the earliest comes first");
    points.sort_unstable();
    points
}

proptest! {
    #![proptest_config(cases())]
    #[test]
    fn the_front_is_what_writing_out_every_departure_gives(
        lanes in prop::collection::vec(random_lane(), 3..11),
        (opens, always_open) in (300..700i32, any::<[bool; 5]>()),
        thursday in prop::sample::select(THURSDAYS.to_vec()),
        random in random_starts(),
        (weight_g, dangerous_goods, cold_chain) in
            (1..6_000i64, prop::bool::weighted(0.2), prop::bool::weighted(0.2)),
        legs_max in prop_oneof![3 => Just(None), 1 => (1..4u32).prop_map(Some)],
    ) {
        let (date, horizon) = week(thursday);
        let net = network(&lanes, opens, &always_open, date);
        let compiled = Compiled::compile(&net, horizon).unwrap();
        let freight = Freight { weight_g, dangerous_goods, cold_chain };
        let starts = starts(&random, horizon);
        let search = Search::new(&compiled);
        let mut search = if let Some(legs_max) = legs_max { search.with_legs_max(legs_max) } else { search };
        let ways = search.fronts(freight, &starts, &id("S4"));
        let naive = Naive::new(&net, horizon, date + 1.day(), freight, legs_max.map(|legs_max| legs_max as usize));
        let from: Vec<(SiteId, Point)> = starts.iter().map(|start| naive.start(start)).collect();
        prop_assert_eq!(points(&naive, &ways), unbeaten(&naive.all(&from, &id("S4"))));
    }

    /// As for a repair on the way: what leaves an intermediate stop has all that was spent before.
    #[test]
    fn a_search_seeded_with_a_whole_front_gives_the_front_of_the_whole_way(
        lanes in prop::collection::vec(random_lane(), 4..11),
        opens in 300..700i32,
        thursday in prop::sample::select(THURSDAYS.to_vec()),
        random in random_starts(),
        via in 1..4usize,
    ) {
        let (date, horizon) = week(thursday);
        let net = network(&lanes, opens, &[true; 5], date);
        let compiled = Compiled::compile(&net, horizon).unwrap();
        let freight = Freight { weight_g: 1_500, dangerous_goods: false, cold_chain: false };
        let starts = starts(&random, horizon);
        let via: SiteId = id(SITES[via].0);
        let mut search = Search::new(&compiled);
        let halfway = search.fronts(freight, &starts, &via).into_iter().map(|way| Start {
            site: via.clone(),
            at: way.arrival,
            cost_minor: way.cost_minor,
            co2_g: way.co2_g,
            risk_micro: way.risk_micro,
        });
        let ways = search.fronts(freight, &halfway.collect::<Vec<_>>(), &id("S4"));
        let naive = Naive::new(&net, horizon, date + 1.day(), freight, None);
        let from: Vec<(SiteId, Point)> = starts.iter().map(|start| naive.start(start)).collect();
        let all: Vec<(SiteId, Point)> =
            naive.all(&from, &via).into_iter().map(|point| (via.clone(), point)).collect();
        let found: BTreeSet<Point> = naive.all(&all, &id("S4"));
        prop_assert_eq!(points(&naive, &ways), unbeaten(&found));
    }
}

/// Leaves every day.
fn daily(from: usize, cost_minor: i64) -> RandomLane {
    RandomLane {
        from,
        to: 4,
        days: (127, 0),
        cut_off: 600,
        wait: 30,
        day_before: false,
        arrive: 700,
        after: 1 + i32::from(from > 1),
        terms: (cost_minor, 0, 100, 5),
        limits: (false, false, false),
        on_demand: (false, false),
        holidays: true,
    }
}

#[test]
fn what_a_way_costs_is_told_in_full_however_much_it_is() {
    let (date, horizon) = week(THURSDAYS[1]);
    let net = network(&[daily(0, i64::MAX / 2)], 480, &[true; 5], date);
    let compiled = Compiled::compile(&net, horizon).unwrap();
    let freight = Freight { weight_g: 1_000, dangerous_goods: false, cold_chain: false };
    let start = Start { site: id("S0"), at: horizon.start, cost_minor: 7, co2_g: 0, risk_micro: 0 };
    let ways = meridian_planner::fronts(&compiled, freight, &[start], &id("S4"));
    let costs: Vec<i64> = ways.iter().map(|way| way.cost_minor).collect();
    assert_eq!(costs, [i64::MAX / 2 + 7]);
}

#[test]
fn a_start_that_another_beats_starts_no_way() {
    let (date, horizon) = week(THURSDAYS[1]);
    let net = network(&[daily(0, 10), daily(1, 9)], 480, &[true; 5], date);
    let compiled = Compiled::compile(&net, horizon).unwrap();
    let freight = Freight { weight_g: 1_000, dangerous_goods: false, cold_chain: false };
    let start = |site: &str, cost_minor| {
        let at = at(&format!("{}T00:00:00Z", THURSDAYS[1]));
        Start { site: id(site), at, cost_minor, co2_g: 0, risk_micro: 0 }
    };
    let starts = [start("S0", 0), start("S1", 100), start("S0", 5)];
    let ways = meridian_planner::fronts(&compiled, freight, &starts, &id("S4"));
    assert!(ways.iter().all(|way| way.start == 0) && !ways.is_empty(), "{ways:?}");
}
