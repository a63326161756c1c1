//! A network that changed is compiled again in part, and comes out as if it had been compiled whole.

use std::sync::Arc;

use jiff::SignedDuration;
use meridian_planner::model::{
    CalendarException, Clearance, LocalSpan, Network, PublicHoliday, Schedule, Weekdays,
};
use meridian_planner::{CompileRule, Compiled, Freight, Start, fronts};
use proptest::prelude::*;

use crate::company::{Build, at, days, departs, empty, horizon, id, on_demand, timetable};

const START: &str = "2026-03-26T00:00:00Z";
const SITES: usize = 6;

/// Six sites in three zones and territories, each with a lane to three others, scheduled and on demand.
fn network() -> Network {
    let mut net = empty();
    let zones = ["Europe/Berlin", "America/Chicago", "Asia/Singapore"];
    for (index, zone) in zones.into_iter().enumerate() {
        let country = ["DE", "US", "SG"][index];
        net.country(country, Weekdays::SATURDAY_SUNDAY, &["2026-04-03"]);
        let hours = ((8, 0), (17, 0));
        let name = format!("work{index}");
        net.calendar(&name, zone, Weekdays::MONDAY_TO_FRIDAY, hours.0, hours.1, Some(country));
        net.territory(&format!("T{index}"), &name, 60);
    }
    for site in 0..SITES {
        let (country, zone) = (["DE", "US", "SG"][site % 3], zones[site % 3]);
        let calendar = format!("work{}", site % 3);
        net.site(&format!("S{site}"), country, &format!("T{}", site % 3), zone, &calendar);
    }
    for site in 0..SITES {
        for step in 1..=3 {
            let to = (site + step) % SITES;
            let evening = departs(days("MTWTF  "), (15, 0), (18, 0), (9, 0), 2);
            let schedule = if step == 3 { on_demand(600) } else { timetable(&[evening]) };
            net.lane(&format!("S{site}"), &format!("S{to}"), schedule, (10 * site + step) as i64);
        }
    }
    net
}

/// Changes one record of a kind.
fn change(net: &mut Network, kind: u8, which: usize) {
    let date = "2026-03-31".parse().unwrap();
    let lane = which % net.lanes.len();
    let (site, third) = (which % net.sites.len(), which % 3);
    let area = which % net.public_calendars.len();
    match kind {
        0 => net.lanes[lane].not_on.push(date),
        1 => net.lanes[lane].late_probability += 0.1,
        2 => drop(net.lanes.remove(lane)),
        3 => {
            let copy = meridian_planner::model::Lane { id: id("another"), ..net.lanes[lane].clone() };
            net.lanes.insert(which % 5, copy);
        }
        4 => net.lanes[lane].schedule = on_demand(77),
        5 => {
            let spans = vec![LocalSpan::new((10, 0), (11, 0))];
            net.calendars[third].exceptions.push(CalendarException { date, spans });
        }
        6 => net.public_calendars[area].holidays.push(PublicHoliday { date, name: "a day".into() }),
        7 => net.sites[site].calendar = id(&format!("work{which}", which = (which + 1) % 3)),
        8 => net.sites[site].zone = "Europe/Helsinki".into(),
        9 => net.sites[site].pick_minutes += 30,
        10 => net.territories[third].clearance_minutes += 100,
        11 => {
            net.clearances.push(Clearance { from: id("T0"), to: id("T1"), minutes: 7, documents: Vec::new() })
        }
        12 => {
            net.site("S9", "DE", "T0", "Europe/Berlin", "work0");
            net.lane("S0", "S9", on_demand(50), 3);
        }
        13 => {
            let calendar = Some(id("work1"));
            net.lanes[lane].schedule = Schedule::OnDemand { duration_minutes: 90, calendar };
        }
        14 => net.calendars.reverse(),
        15 => net.sites.swap(0, site),
        16 => net.country("DE-BY", Weekdays::SATURDAY_SUNDAY, &["2026-04-01"]),
        17 => net.calendars[third].observes = Some((id("DE"), Some("BY".into()))),
        18 => net.sites[site].subdivision = Some("BY".into()),
        19 => net.public_calendars[area].weekend = days("    FS "),
        20 => drop(net.public_calendars.remove(area)),
        _ => net.lanes[lane].goods = None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]
    #[test]
    fn what_is_compiled_again_in_part_is_what_is_compiled_whole(
        changes in prop::collection::vec((0..22u8, 0..60usize), 1..5),
    ) {
        let mut net = network();
        let horizon = horizon(START, 14);
        let mut compiled = Compiled::compile(&net, horizon).unwrap();
        for (index, (kind, which)) in changes.into_iter().enumerate() {
            // A record of a kind is added or removed once.
            if !(index > 0 && [3, 11, 12, 16, 20].contains(&kind)) {
                change(&mut net, kind, which);
            }
            let Ok(whole) = Compiled::compile(&net, horizon) else {
                prop_assert!(compiled.recompiled(&Arc::new(net)).is_err());
                return Ok(());
            };
            compiled = compiled.recompiled(&Arc::new(net.clone())).unwrap();
            prop_assert!(compiled == whole);
        }
    }
}

#[test]
fn a_changed_lane_counts_and_nothing_else_does() {
    let net = network();
    let horizon = horizon(START, 14);
    let before = Compiled::compile(&net, horizon).unwrap();
    let front = |compiled: &Compiled| {
        let freight = Freight { weight_g: 1_000, dangerous_goods: false, cold_chain: false };
        let at = at(START) + SignedDuration::from_hours(12);
        let start = Start { site: id("S0"), at, cost_minor: 0, co2_g: 0, risk_micro: 0 };
        fronts(compiled, freight, &[start], &id("S1"))
    };
    let mut changed = net.clone();
    changed.lanes[0].goods.as_mut().unwrap().fixed_cost_minor += 5;
    let after = before.recompiled(&Arc::new(changed)).unwrap();
    assert_eq!(front(&after)[0].cost_minor, front(&before)[0].cost_minor + 5);
    assert_eq!(front(&before), front(&before.recompiled(&Arc::new(net)).unwrap()));
}

#[test]
fn a_change_that_breaks_a_rule_is_told_as_when_everything_is_compiled() {
    let net = network();
    let before = Compiled::compile(&net, horizon(START, 14)).unwrap();
    let mut changed = net;
    changed.calendars.remove(2);
    changed.lanes[3].to = id("nowhere");
    changed.lanes[5].id = changed.lanes[4].id.clone();
    let whole = Compiled::compile(&changed, horizon(START, 14)).unwrap_err();
    let part = before.recompiled(&Arc::new(changed)).unwrap_err();
    assert_eq!(part, whole);
    assert!(part.0.iter().any(|error| error.rule == CompileRule::Duplicate));
}
