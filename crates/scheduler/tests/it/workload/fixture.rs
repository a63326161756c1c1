//! A small fictitious company in Finland, Germany, Illinois and on Lord Howe.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Weekday;
use meridian_scheduler::Progress;
use meridian_scheduler::workforce::{
    Calendar, Engineer, FreeBusy, Level, Rest, Skill, SkillNeeded, Spans, WorkingHours,
};
use meridian_scheduler::workload::{
    Appointment, Assignee, Charges, Crew, Engineers, Plan, Position, Roads, Site, Ways, WorkOrder, Workload,
    WorkloadError, check_plan, optimise,
};
use meridian_types::{Interval, Money, VisitId};

pub(crate) fn eur(minor: i64) -> Money {
    Money::new("EUR", minor).unwrap()
}

/// From "start/end".
pub(crate) fn interval(text: &str) -> Interval {
    let (start, end) = text.split_once('/').unwrap();
    Interval::new(start.parse().unwrap(), end.parse().unwrap()).unwrap()
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn spans(texts: &[&str]) -> Spans {
    texts.iter().map(|text| interval(text)).collect()
}

pub(crate) fn visit_id(number: u128) -> VisitId {
    VisitId::parse(&format!("visit_{number:032x}")).unwrap()
}

fn site(id: &str, country: &str, latitude_deg: f64, longitude_deg: f64) -> Site {
    Site {
        id: id.parse().unwrap(),
        country: country.parse().unwrap(),
        position: Some(Position::new(latitude_deg, longitude_deg).unwrap()),
        opening: None,
    }
}

/// `weekday` from 1 (Monday).
pub(crate) fn hours(weekday: i8, from: &str, until: &str, overtime: bool) -> WorkingHours {
    WorkingHours {
        weekday: Weekday::from_monday_one_offset(weekday).unwrap(),
        from: from.parse().unwrap(),
        until: until.parse().unwrap(),
        overtime,
    }
}

/// Empty dates mean no limit.
pub(crate) fn skill(id: &str, level: i32, valid_from: &str, valid_until: &str) -> Skill {
    Skill {
        id: id.parse().unwrap(),
        level: Level::new(level).unwrap(),
        valid_from: valid_from.parse().ok(),
        valid_until: valid_until.parse().ok(),
    }
}

pub(crate) fn needed(id: &str, level: i32) -> SkillNeeded {
    SkillNeeded { id: id.parse().unwrap(), level: Level::new(level).unwrap() }
}

/// Who repairs pumps at level 4, Monday to Friday from 8 to 16 and in overtime until 18.
pub(crate) fn crew(id: &str, home: &str, country: &str, zone: &str) -> Crew {
    let days = |from: &'static str, until: &'static str, overtime| {
        (1..=5).map(move |weekday| hours(weekday, from, until, overtime))
    };
    Crew {
        engineer: Engineer {
            id: id.parse().unwrap(),
            region: "eu".parse().unwrap(),
            home_site: home.parse().unwrap(),
            calendar: Calendar {
                zone: zone.parse().unwrap(),
                hours: days("08:00", "16:00", false).chain(days("16:00", "18:00", true)).collect(),
                days_off: BTreeSet::new(),
            },
            country: country.parse().unwrap(),
            skills: vec![skill("PUMPS", 4, "", "")],
            work_countries: BTreeSet::new(),
            work_permits: [("DE".parse().unwrap(), 2)].into(),
            rest: Some(Rest { rest_minutes: 660, duty_minutes_max: 780 }),
            hourly_cost: eur(6000),
            overtime_cost: eur(9000),
            night_cost: None,
        },
        taken: FreeBusy::default(),
        overtime: Spans::default(),
        efficiency_percent: 100,
        trips: Vec::new(),
    }
}

/// An hour of pumps at a site.
pub(crate) fn order(number: u128, site: &str) -> WorkOrder {
    WorkOrder {
        id: visit_id(number),
        site: site.parse().unwrap(),
        skills: vec![needed("PUMPS", 3)],
        work_minutes: 60,
        engineers: Engineers::One,
        windows: Vec::new(),
        release: None,
        due: None,
        priority: 3,
        after: Vec::new(),
        excluded: BTreeSet::new(),
        needs_pickup: false,
        outsource: None,
    }
}

/// Monday to Friday of the week of 2026-11-23, two engineers in Helsinki.
pub(crate) fn week(orders: Vec<WorkOrder>) -> Workload {
    let horizon = interval("2026-11-22T22:00Z/2026-11-27T22:00Z");
    Workload {
        horizon,
        frozen_until: horizon.start(),
        sites: vec![
            site("HEL", "FI", 60.17, 24.94),
            site("ESP", "FI", 60.21, 24.66),
            site("VAN", "FI", 60.29, 25.04),
            site("TMP", "FI", 61.50, 23.76),
            site("STR", "DE", 48.78, 9.18),
            site("ULM", "DE", 48.40, 9.99),
            site("CHI", "US", 41.88, -87.63),
            site("GRY", "US", 41.59, -87.35),
            site("LDH", "AU", -31.55, 159.08),
        ],
        ways: Ways {
            roads: Some(Roads { detour_percent: 130, speed_km_per_h: 80, cost_per_km: eur(40) }),
            ..Ways::default()
        },
        pickup: None,
        engineers: vec![
            crew("E-1", "HEL", "FI", "Europe/Helsinki"),
            crew("E-2", "HEL", "FI", "Europe/Helsinki"),
        ],
        orders,
        published: Vec::new(),
        charges: Charges { engineer: eur(1_000), day: eur(3_000), window: eur(5_000), absence: eur(20_000) },
    }
}

pub(crate) fn appointment(order: u128, engineer: &str, work: &str) -> Appointment {
    Appointment {
        order: visit_id(order),
        assignees: vec![Assignee { engineer: engineer.parse().unwrap(), trip: None }],
        work: interval(work),
        pinned: false,
    }
}

/// Until so many rounds are over.
pub(crate) fn rounds(most: u32) -> impl Fn(&Progress) -> f64 + Sync {
    move |progress| {
        #[expect(clippy::cast_precision_loss, reason = "small counts")]
        let so_far = progress.rounds as f64;
        if most == 0 { 1.0 } else { so_far / f64::from(most) }
    }
}

/// What 500 rounds find, checked.
pub(crate) fn planned(workload: &Workload) -> Plan {
    let plan = optimise(workload, 1, rounds(500)).unwrap();
    assert_eq!(check_plan(workload, &plan), Ok(()));
    plan
}

pub(crate) fn refused(workload: &Workload) -> WorkloadError {
    optimise(workload, 1, rounds(0)).unwrap_err()
}

/// Who does an order, and from when to when.
pub(crate) fn shown(plan: &Plan, order: u128) -> String {
    let Some(visit) = plan.visit(visit_id(order)) else { return "-".into() };
    let names: Vec<&str> = visit.stints.iter().map(|stint| stint.assignee.engineer.as_str()).collect();
    format!("{} {} {}", names.join(" "), visit.work.start(), visit.work.end())
}
