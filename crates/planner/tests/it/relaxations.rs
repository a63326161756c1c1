//! A relaxation that is offered gives what it says: the change is made in the input, and the date comes true.

use meridian_planner::model::{
    Change, Departure, ExtraAccess, Gate, Network, Place, Request, Schedule, Verdict, Weekdays, World,
};
use meridian_planner::{Compiled, solve};
use meridian_types::Interval;
use proptest::prelude::*;

use crate::company::{
    Build, answer, at, days, departs, empty, horizon, id, item, line, stock, timetable, wants, world,
};

fn network(cut_off: i32, clearance: i64, licence: Option<i32>) -> Network {
    let mut net = empty();
    net.country("DE", Weekdays::SATURDAY_SUNDAY, &[("2026-05-01", None)]);
    net.country("US", Weekdays::SATURDAY_SUNDAY, &[]);
    net.calendar("us-work", "America/Chicago", Weekdays::MONDAY_TO_FRIDAY, (7, 0), (17, 0), None);
    net.calendar("de-work", "Europe/Berlin", Weekdays::MONDAY_TO_FRIDAY, (8, 0), (16, 0), Some("DE"));
    net.calendar("always", "Europe/Berlin", Weekdays::ALL, (0, 0), (24, 0), None);
    net.territory("EU", "de-work", clearance);
    net.territory("US", "us-work", clearance);
    net.site("CHI", "US", "US", "America/Chicago", "us-work");
    net.sites[0].pick_minutes = 45;
    net.site("FRA", "DE", "EU", "Europe/Berlin", "always");
    net.site("LAB", "DE", "EU", "Europe/Berlin", "de-work");
    let flight =
        Departure { cut_off_minute: cut_off, ..departs(days("MTWTFSS"), (0, 0), (19, 0), (11, 0), 1) };
    net.lane("CHI", "FRA", timetable(&[flight]), 50_000);
    let lorries =
        [(9, 0), (14, 0)].map(|leaves| departs(days("MTWTFS "), leaves, leaves, (leaves.0 + 2, 0), 0));
    net.lane("FRA", "LAB", timetable(&lorries), 3_000);
    if let Some(working_days) = licence {
        net.gates.push(Gate {
            id: id("L"),
            export_class: id("5A002"),
            origin: Place::Anywhere,
            destination: Place::Anywhere,
            end_use: None,
            verdict: Verdict::Licence { working_days },
        });
    }
    net
}

fn stocked(controlled: bool) -> World {
    let mut x = item("x", 2_000);
    x.export_class = controlled.then(|| id("5A002"));
    world(vec![x], vec![stock("x", "CHI", 1)])
}

/// The change, made for real.
fn make(change: &Change, net: &mut Network, request: &mut Request) {
    match change {
        Change::LaterCutOff { lane, by_minutes } => {
            let lane = net.lanes.iter_mut().find(|known| known.id == *lane).unwrap();
            let Schedule::Timetable(departures) = &mut lane.schedule else { panic!("{lane:?}") };
            for departure in departures {
                let later = departure.cut_off_minute + i32::try_from(*by_minutes).unwrap();
                departure.cut_off_minute = later.min(departure.depart_minute);
            }
        }
        Change::SiteOpens { site, date } => {
            let zone = &net.sites.iter().find(|known| known.id == *site).unwrap().zone;
            let day = |date: jiff::civil::Date| date.in_tz(zone).unwrap().timestamp();
            let during = Interval::new(day(*date), day(date.tomorrow().unwrap())).unwrap();
            request.extra_access.push(ExtraAccess { site: site.clone(), during });
        }
        Change::CustomsPrecleared { territory } => {
            net.territories.iter_mut().find(|known| known.id == *territory).unwrap().clearance_minutes = 0;
        }
        Change::LicenceInHand { gate } => {
            net.gates.iter_mut().find(|known| known.id == *gate).unwrap().verdict = Verdict::Open;
        }
        Change::ApproveSubstitute { .. } | Change::Overtime { .. } | Change::ReleaseHold { .. } => {
            panic!("{change:?}")
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]
    #[test]
    fn a_relaxation_that_is_offered_gives_what_it_says(
        cut_off in 600..1139i32,
        clearance in 0..500i64,
        licence in prop::option::of(0..6i32),
        asked in 0..10_080i64,
        hours in 10..140i64,
    ) {
        let mut net = network(cut_off, clearance, licence);
        let span = horizon("2026-04-20T00:00:00Z", 30);
        let world = stocked(licence.is_some());
        let now = at("2026-04-24T06:00:00Z") + jiff::SignedDuration::from_mins(asked);
        let deadline = now + jiff::SignedDuration::from_hours(hours);
        let mut request = wants(vec![line("x", 1)], "LAB", now, Some(deadline));
        let before = answer(&Compiled::compile(&net, span).unwrap(), &world, &request);
        let Some(relaxation) = before.refused.first().and_then(|refusal| refusal.relaxations.first().cloned()) else {
            return Ok(());
        };
        make(&relaxation.changes[0], &mut net, &mut request);
        let after = solve(&Compiled::compile(&net, span).unwrap(), &world, &request);
        let earliest = after.options.iter().filter_map(|option| option.arrival).min();
        prop_assert_eq!(earliest, Some(relaxation.arrival_with_it), "{:?}", relaxation);
        prop_assert_eq!(after.options[0].meets_deadline, relaxation.meets_deadline);
        prop_assert!(before.earliest.unwrap().arrival > earliest);
    }
}
