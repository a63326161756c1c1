//! How likely options are in time, against dice: the same trips simulated many times, minute by minute, with a
//! little calendar of their own.

use jiff::{SignedDuration, Timestamp};
use meridian_planner::model::{
    LatenessQuantile, Need, Network, PartyOffer, Policy, Request, Solution, SolutionKind, Weekdays, World,
};
use meridian_planner::{Compiled, solve};
use proptest::prelude::*;

use crate::company::{
    Build, answer, at, departs, empty, horizon, id, item, line, on_demand, stock, timetable, wants, world,
};
use crate::sourcing::{self, items, kit, offer, receipt};

const START: &str = "2026-06-01T00:00:00Z";
const DRAWS: u32 = 20_000;

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        x ^ (x >> 31)
    }

    fn below(&mut self, limit: i64) -> i64 {
        (self.next() % limit.unsigned_abs()) as i64
    }

    fn chance(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// A daily departure, minutes of the day, and how late it is.
#[derive(Debug, Clone, Copy)]
struct Leg {
    cut_off: i64,
    arrive: i64,
    late: f64,
    minutes: [i64; 2],
}

const SHARES: [f64; 2] = [0.6, 1.0];

impl Leg {
    fn random(dice: &mut Dice) -> Self {
        let cut_off = 60 + dice.below(900);
        let late = dice.below(60) as f64 / 100.0;
        let first = 10 + dice.below(300);
        Self {
            cut_off,
            arrive: cut_off + 60 + dice.below(400),
            late,
            minutes: [first, first + dice.below(2_000)],
        }
    }

    fn add(&self, net: &mut Network, from: &str, to: &str) {
        let wall = |minute: i64| (0, i32::try_from(minute % 1440).unwrap());
        let after = i32::try_from(self.arrive / 1440).unwrap();
        let daily =
            departs(Weekdays::ALL, wall(self.cut_off), wall(self.cut_off + 30), wall(self.arrive), after);
        net.lane(from, to, timetable(&[daily]), 1_000);
        let lane = net.lanes.last_mut().unwrap();
        lane.late_probability = self.late;
        let quantile = |(share, minutes)| LatenessQuantile { share, minutes };
        lane.lateness = SHARES.into_iter().zip(self.minutes).map(quantile).collect();
    }

    /// When what is at the origin at `at` arrives.
    fn ride(&self, at: i64, dice: &mut Dice) -> i64 {
        let day = (at - self.cut_off).div_euclid(1440) + i64::from((at - self.cut_off).rem_euclid(1440) > 0);
        let late = match dice.chance() {
            chance if chance >= self.late => 0,
            _ if dice.chance() < SHARES[0] => self.minutes[0],
            _ => self.minutes[1],
        };
        day * 1440 + self.arrive + late
    }
}

/// Customs and the laboratory work from 8 to 17, every day.
const OPEN: std::ops::Range<i64> = 480..1020;

fn cleared_and_received(arrive: i64, clearance: i64) -> i64 {
    let open = |minute: i64| OPEN.contains(&minute.rem_euclid(1440));
    let (mut at, mut left) = (arrive, clearance);
    while left > 0 {
        left -= i64::from(open(at));
        at += 1;
    }
    while !open(at) {
        at += 1;
    }
    at
}

/// Two items, each from a warehouse of its own by way of a hub.
struct Case {
    legs: [Leg; 3],
    clearance: i64,
    now: i64,
}

impl Case {
    fn random(dice: &mut Dice) -> Self {
        let legs = [Leg::random(dice), Leg::random(dice), Leg::random(dice)];
        Self { legs, clearance: dice.below(300), now: 1440 + dice.below(1440) }
    }

    fn network(&self) -> Network {
        let mut net = empty();
        net.country("IS", Weekdays::SATURDAY_SUNDAY, &[]);
        let zone = "Atlantic/Reykjavik";
        net.calendar("always", zone, Weekdays::ALL, (0, 0), (24, 0), None);
        net.calendar("day", zone, Weekdays::ALL, (8, 0), (17, 0), None);
        net.territory("OUT", "always", 0);
        net.territory("IN", "day", self.clearance);
        for (name, territory, calendar) in
            [("A", "OUT", "always"), ("B", "OUT", "always"), ("HUB", "OUT", "always"), ("LAB", "IN", "day")]
        {
            net.site(name, "IS", territory, zone, calendar);
        }
        for (leg, (from, to)) in self.legs.iter().zip([("A", "HUB"), ("B", "HUB"), ("HUB", "LAB")]) {
            leg.add(&mut net, from, to);
        }
        net
    }

    fn draw(&self, dice: &mut Dice) -> i64 {
        let arrival = |first: &Leg, dice: &mut Dice| {
            let hub = first.ride(self.now, dice);
            cleared_and_received(self.legs[2].ride(hub, dice), self.clearance)
        };
        arrival(&self.legs[0], dice).max(arrival(&self.legs[1], dice))
    }
}

fn instant(minute: i64) -> Timestamp {
    at(START) + SignedDuration::from_mins(minute)
}

fn minute(instant: Timestamp) -> i64 {
    instant.duration_since(at(START)).as_mins()
}

fn stocked() -> World {
    world(vec![item("x", 1_000), item("y", 1_000)], vec![stock("x", "A", 1), stock("y", "B", 1)])
}

#[test]
fn a_probability_is_what_many_draws_come_to() {
    for seed in 0..16 {
        let mut dice = Dice(seed);
        let case = Case::random(&mut dice);
        let net = Compiled::compile(&case.network(), horizon(START, 40)).unwrap();
        let deadline = case.now + 1440 + dice.below(4 * 1440);
        let lines = vec![line("x", 1), line("y", 1)];
        let request = wants(lines, "LAB", instant(case.now), Some(instant(deadline)));
        let answer = answer(&net, &stocked(), &request);
        let [option] = answer.options.as_slice() else { panic!("{seed}: {:?}", answer.options.len()) };
        let draws: Vec<i64> = (0..DRAWS).map(|_| case.draw(&mut dice)).collect();
        let share = |by: i64| draws.iter().filter(|at| **at <= by).count() as f64 / f64::from(DRAWS);
        // Five standard deviations.
        let near = |told: f64, by: i64| {
            let tolerance = 5.0 * (told * (1.0 - told) / f64::from(DRAWS)).sqrt() + 1e-4;
            assert!((share(by) - told).abs() <= tolerance, "{seed}: told {told}, drawn {}", share(by));
        };
        assert_eq!(minute(option.arrival.unwrap()), *draws.iter().min().unwrap(), "{seed}");
        near(option.in_time_probability.unwrap(), deadline);
        let likely = minute(option.likely_by.unwrap());
        assert!(share(likely) > 0.9 - 0.011, "{seed}: {}", share(likely));
        assert!(share(likely - 1) < 0.9 + 0.011, "{seed}: {}", share(likely - 1));
    }
}

fn safest(case: &Case, asked: i64, deadline: i64) -> Option<Solution> {
    let net = Compiled::compile(&case.network(), horizon(START, 30)).unwrap();
    let needed = wants(vec![line("x", 1)], "LAB", instant(asked), Some(instant(deadline)));
    let request = Request { policy: Policy::Safest, ..needed };
    solve(&net, &stocked(), &request).options.into_iter().next()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(96) })]
    #[test]
    fn more_buffer_never_makes_an_option_less_sure(seed: u64, hours in 12..120i64, earlier in 0..20i64, later in 0..40i64) {
        let case = Case::random(&mut Dice(seed));
        let deadline = case.now + hours * 60;
        let probability = |option: Option<Solution>| option.and_then(|option| option.in_time_probability).unwrap();
        let told = probability(safest(&case, case.now, deadline));
        prop_assert!((0.0..=1.0).contains(&told));
        prop_assert!(probability(safest(&case, case.now - earlier * 60, deadline)) >= told - 1e-6);
        prop_assert!(probability(safest(&case, case.now, deadline + later * 60)) >= told - 1e-6);
    }

    #[test]
    fn what_is_never_late_is_in_time_or_not(seed: u64, hours in 12..120i64) {
        let mut case = Case::random(&mut Dice(seed));
        case.legs.iter_mut().for_each(|leg| leg.late = 0.0);
        let option = safest(&case, case.now, case.now + hours * 60).unwrap();
        prop_assert_eq!(option.in_time_probability, Some(if option.meets_deadline { 1.0 } else { 0.0 }));
        prop_assert_eq!(option.likely_by, option.arrival);
    }
}

#[test]
fn lateness_that_nobody_has_measured_is_a_day() {
    let mut net = empty();
    net.country("DE", Weekdays::SATURDAY_SUNDAY, &[]);
    net.calendar("always", "UTC", Weekdays::ALL, (0, 0), (24, 0), None);
    net.territory("EU", "always", 0);
    net.site("A", "DE", "EU", "UTC", "always");
    net.site("LAB", "DE", "EU", "UTC", "always");
    net.lane("A", "LAB", on_demand(60), 100);
    net.lanes[0].late_probability = 0.25;
    let net = Compiled::compile(&net, horizon(START, 20)).unwrap();
    let world = world(vec![item("x", 1)], vec![stock("x", "A", 1)]);
    let told = |hours: i64| {
        let deadline = Some(instant(hours * 60));
        let option =
            answer(&net, &world, &wants(vec![line("x", 1)], "LAB", at(START), deadline)).options.remove(0);
        (option.in_time_probability, option.likely_by)
    };
    assert_eq!(told(24), (Some(0.75), Some(instant(25 * 60))));
    assert_eq!(told(25), (Some(1.0), Some(instant(25 * 60))));
}

#[test]
fn a_kit_does_not_wait_for_what_is_supplied_beside_it() {
    let mut stocked = world(items(), vec![stock("pump", "SHOP", 1), stock("hose", "SHOP", 2)]);
    stocked.kits = vec![kit()];
    let mut expected = receipt("R1", "SHOP", 1, "2026-06-03T10:00:00Z");
    expected.late_probability = 0.0;
    stocked.receipts = vec![expected];
    let need = Need::Items {
        lines: vec![line("set", 1), line("pump", 1)],
        destination: id("LAB"),
        deadline: None,
        end_use: None,
        model: None,
        revision: None,
    };
    let mut net = sourcing::network();
    net.lanes.iter_mut().for_each(|lane| lane.late_probability = 0.0);
    let net = Compiled::compile(&net, sourcing::span()).unwrap();
    let answer = answer(&net, &stocked, &Request::new(need, at("2026-06-02T09:00:00Z")));
    let kits = answer.options.iter().filter(|option| option.kind == SolutionKind::Kit);
    let dates: Vec<_> = kits.map(|option| (option.arrival, option.likely_by)).collect();
    assert!(!dates.is_empty() && dates.iter().all(|(arrival, likely_by)| arrival == likely_by), "{dates:?}");
}

#[test]
fn a_party_is_as_late_as_with_what_it_brings() {
    let mut sold = world(items(), Vec::new());
    let surely = offer("ACME", "pump", &[]);
    let hardly = PartyOffer { late_probability: 0.5, ..offer("ACME", "hose", &[]) };
    sold.party_offers = vec![surely, hardly];
    let answer = answer(&sourcing::compiled(), &sold, &sourcing::ask("pump", 1));
    let option = &answer.options[0];
    assert_eq!((option.kind, option.likely_by), (SolutionKind::ThirdParty, option.arrival));
}
