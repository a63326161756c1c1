//! A relaxation that is offered gives what it says: the change is made in the input, and the date comes true.

use jiff::Timestamp;
use meridian_planner::model::{
    Candidate, Change, Departure, ExtraAccess, Gate, Need, Network, Place, Reason, Refusal, Relaxation,
    Request, Schedule, StockHold, Verdict, Weekdays, World,
};
use meridian_planner::{Compiled, Horizon};
use meridian_types::Interval;
use proptest::prelude::*;

use crate::company::{
    Build, answer, at, days, departs, empty, horizon, id, item, line, stock, timetable, wants, world,
};

fn network(cut_off: i32, clearance: i64, licence: Option<i32>) -> Network {
    let mut net = empty();
    net.country("DE", Weekdays::SATURDAY_SUNDAY, &["2026-05-01"]);
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
fn make(change: &Change, (net, world, request): &mut (Network, World, Request)) {
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
        Change::EndUseDeclared { end_use: said } => {
            let (Need::Items { end_use, .. } | Need::Repair { end_use, .. }) = &mut request.need;
            *end_use = Some(said.clone());
        }
        Change::LicenceInHand { gate } => {
            net.gates.iter_mut().find(|known| known.id == *gate).unwrap().verdict = Verdict::Open;
        }
        Change::ReleaseHold { case, item, warehouse } => {
            let level = world.stock.iter_mut();
            let level =
                level.into_iter().find(|level| level.item == *item && level.warehouse == *warehouse).unwrap();
            world.holds.retain(|hold| {
                let gone = hold.case == *case && hold.item == *item && hold.warehouse == *warehouse;
                level.available += if gone { hold.quantity } else { 0 };
                !gone
            });
        }
        Change::ApproveSubstitute { .. } | Change::Overtime { .. } => panic!("{change:?}"),
    }
}

/// The earliest arrival with these changes made, what it costs, and whether it meets the deadline.
fn made(changes: &[Change], given: &(Network, World, Request)) -> Option<(Timestamp, i64, bool)> {
    let mut given = given.clone();
    changes.iter().for_each(|change| make(change, &mut given));
    let (net, world, request) = given;
    let after = answer(&Compiled::compile(&net, span()).unwrap(), &world, &request);
    let first = after.options.iter().min_by_key(|option| (option.arrival, option.cost_minor))?;
    Some((first.arrival?, first.cost_minor, first.meets_deadline))
}

fn span() -> Horizon {
    horizon("2026-04-20T00:00:00Z", 30)
}

fn hold(case: u8, quantity: i64) -> StockHold {
    let case = id(&format!("case_{case:032x}"));
    StockHold { case, item: id("x"), warehouse: id("CHI"), quantity }
}

/// What is said of the warehouse when so many units are needed and cases hold so many.
fn held(needed: i64, holds: &[i64]) -> Refusal {
    let mut world = stocked(false);
    world.holds = holds.iter().zip(1..).map(|(units, case)| hold(case, *units)).collect();
    let net = Compiled::compile(&network(600, 0, None), span()).unwrap();
    let request = wants(vec![line("x", needed)], "LAB", at("2026-04-21T06:00:00Z"), None);
    of_warehouse(answer(&net, &world, &request).refused).unwrap()
}

fn of_warehouse(refused: Vec<Refusal>) -> Option<Refusal> {
    refused.into_iter().find(|refusal| refusal.candidate == Candidate::Source { site: id("CHI") })
}

fn release(case: u8) -> Change {
    let StockHold { case, item, warehouse, .. } = hold(case, 1);
    Change::ReleaseHold { case, item, warehouse }
}

#[test]
fn the_case_that_holds_the_least_that_would_do_is_the_witness_and_its_release_is_offered() {
    let refusal = held(3, &[1, 5, 2]);
    let case = hold(3, 2).case;
    let (item, warehouse) = (id("x"), id("CHI"));
    assert_eq!(refusal.reason, Reason::Held { item, warehouse, available: 1, needed: 3, case });
    let [relaxation] = refusal.relaxations.as_slice() else { panic!("{refusal:?}") };
    assert_eq!(relaxation.changes, [release(3)]);
    assert!(relaxation.meets_deadline);
}

#[test]
fn two_cases_that_hold_enough_only_together_are_asked_together() {
    let refusal = held(4, &[1, 2, 1]);
    assert!(matches!(refusal.reason, Reason::NoStock { available: 1, needed: 4, .. }), "{refusal:?}");
    let changes: Vec<&[Change]> = refusal.relaxations.iter().map(|relaxation| &*relaxation.changes).collect();
    assert_eq!(changes, [[release(2), release(3)]]);
    assert_eq!(held(6, &[1, 2, 1]).relaxations, []);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]
    #[test]
    fn a_relaxation_that_is_offered_gives_what_it_says_and_nothing_in_it_is_superfluous(
        cut_off in 600..1139i32,
        clearance in 0..500i64,
        (licence, medical) in (prop::option::of(0..6i32), any::<bool>()),
        asked in 0..10_080i64,
        hours in 10..140i64,
        (needed, held) in (1..4i64, prop::collection::vec(1..3i64, 0..4)),
    ) {
        let mut net = network(cut_off, clearance, licence);
        let general = net.gates.first().filter(|_| medical).cloned();
        net.gates.extend(general.map(|gate| Gate {
            id: id("MED"),
            end_use: Some(id("medical")),
            verdict: Verdict::Open,
            ..gate
        }));
        let mut world = stocked(licence.is_some());
        world.holds = held.iter().zip(1..).map(|(units, case)| hold(case, *units)).collect();
        let now = at("2026-04-24T06:00:00Z") + jiff::SignedDuration::from_mins(asked);
        let deadline = now + jiff::SignedDuration::from_hours(hours);
        let request = wants(vec![line("x", needed)], "LAB", now, Some(deadline));
        let before = answer(&Compiled::compile(&net, span()).unwrap(), &world, &request);
        let given = (net, world, request);
        let Some(refusal) = of_warehouse(before.refused) else { return Ok(()) };
        prop_assert!(refusal.relaxations.len() <= 3);
        for relaxation in &refusal.relaxations {
            let Relaxation { changes, arrival_with_it, cost_minor_with_it, meets_deadline, .. } = relaxation;
            let all = made(changes, &given);
            prop_assert_eq!(all, Some((*arrival_with_it, *cost_minor_with_it, *meets_deadline)), "{:?}", relaxation);
            prop_assert!(refusal.earliest_possible.is_none_or(|earliest| *arrival_with_it < earliest));
            if let [_, _] = changes.as_slice() {
                for change in changes {
                    let alone = made(std::slice::from_ref(change), &given);
                    prop_assert!(alone.is_none_or(|(_, _, meets_deadline)| !meets_deadline), "{:?}", relaxation);
                }
            }
        }
        let best = before.earliest.unwrap().relaxation;
        prop_assert_eq!(best.as_ref(), refusal.relaxations.first());
    }
}
