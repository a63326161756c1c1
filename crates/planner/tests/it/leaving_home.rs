//! Whoever travels waits and rests at home for as long as the first departure and the rest rule allow.

use jiff::Timestamp;
use meridian_planner::Compiled;
use meridian_planner::model::{Action, Engineer, Network, RestRule, Solution, Subject, Weekdays};
use proptest::prelude::*;

use crate::company::{Build, answer, departs, horizon, id, local, on_demand, timetable};
use crate::every_way::{ways, with, with_ways_back};
use crate::rests::{ELEVEN_HOURS, berlin, engineer, network, repair, work_on};
use crate::visits::{Situation, situation};

/// From the hand-over of a leg to its arrival, or from the start of work to its end.
type Duty = (Timestamp, Timestamp);

/// The duties of an engineer in order, and whether the first is a leg that can be ridden at any time.
fn duties(option: &Solution, who: &Engineer, any_time: &str) -> (Vec<Duty>, bool) {
    let mut duties = Vec::new();
    let mut free = false;
    for step in &option.steps {
        match &step.action {
            Action::Move { from, hand_over_by, .. } if step.subject == Subject::Engineer(who.id.clone()) => {
                free |= duties.is_empty() && from.as_str() == any_time;
                duties.push((*hand_over_by, step.end));
            }
            Action::Work { .. } => duties.push((step.start, step.end)),
            _ => {}
        }
    }
    duties.sort_unstable();
    (duties, free)
}

fn keeps(rule: Option<RestRule>, duties: &[Duty]) -> bool {
    let Some(rule) = rule else { return true };
    let minutes = |from: Timestamp, to: Timestamp| to.duration_since(from).as_mins();
    let mut since = duties[0].0;
    duties.iter().enumerate().all(|(index, duty)| {
        if index > 0 && minutes(duties[index - 1].1, duty.0) >= rule.rest_minutes.max(1) {
            since = duty.0;
        }
        minutes(since, duty.1) <= rule.duty_minutes_max.max(1)
    })
}

/// When somebody leaves home, and when they could leave at the latest for everything after the first leg to stay.
fn leaves(option: &Solution, who: &Engineer, any_time: &str) -> Option<(Timestamp, Timestamp)> {
    let (mut duties, free) = duties(option, who, any_time);
    if !free {
        return None;
    }
    let planned = duties[0].0;
    let later = duties[1].0.duration_since(duties[0].1);
    duties[0] = (duties[0].0 + later, duties[1].0);
    Some((planned, if keeps(who.rest, &duties) { duties[0].0 } else { planned }))
}

/// The engineer from Helsinki lives an hour from the airport, where flights leave in the evening.
fn with_a_home_outside() -> Network {
    let mut net = network(0);
    net.lanes[0].schedule = timetable(&[departs(Weekdays::ALL, (17, 0), (18, 0), (19, 45), 0)]);
    net.site("HOME", "FI", "EU", "Europe/Helsinki", "fi");
    net.people_lane("HOME", "HEL", on_demand(60), 3_000);
    net.people_lane("HEL", "HOME", on_demand(60), 3_000);
    net
}

#[test]
fn who_has_a_day_before_the_flight_spends_it_at_home_and_not_at_the_airport() {
    let net = Compiled::compile(&with_a_home_outside(), horizon("2026-05-31T00:00:00Z", 20)).unwrap();
    for night_cost_minor in [0, 15_000] {
        // Free from four in the morning on: there is time for a rest at the airport.
        let mut world = work_on(engineer("2026-05-31T04:00", "2026-06-14T00:00"), 180);
        world.engineers[0] = Engineer {
            home: id("HOME"),
            rest: Some(ELEVEN_HOURS),
            night_cost_minor,
            ..world.engineers[0].clone()
        };
        let request = repair("LAB", local("2026-05-31T04:00[Europe/Helsinki]"));
        let options = answer(&net, &world, &request).options;
        assert_eq!(options[0].arrival, Some(berlin("2026-06-01T11:00")));
        for option in options {
            let (planned, latest) = leaves(&option, &world.engineers[0], "HOME").unwrap();
            assert_eq!(planned, latest, "{option:#?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]
    #[test]
    fn nobody_leaves_home_before_the_rest_rule_asks_for_it(situation in situation(), ways in ways()) {
        let net = Compiled::compile(&with_ways_back(0), horizon("2026-03-25T00:00:00Z", 20)).unwrap();
        let Situation { mut world, request } = with(situation, &ways);
        world.engineers[0].home = id("TMP");
        for option in answer(&net, &world, &request).options {
            if let Some((planned, latest)) = leaves(&option, &world.engineers[0], "TMP") {
                prop_assert_eq!(planned, latest, "{:#?}", option);
            }
        }
    }
}
