//! Values for the tests of the rules.

use jiff::civil::Weekday;
use meridian_scheduler::workforce::{Calendar, Engineer, Level, Skill, SkillNeeded, Spans, WorkingHours};
use meridian_types::{Interval, Money};

use super::availability::Need;

/// From "start/end".
pub(crate) fn interval(text: &str) -> Interval {
    let (start, end) = text.split_once('/').unwrap();
    Interval::new(start.parse().unwrap(), end.parse().unwrap()).unwrap()
}

pub(crate) fn spans(texts: &[&str]) -> Spans {
    texts.iter().map(|text| interval(text)).collect()
}

/// From 8 to 16; `weekday` from 1 (Monday).
fn hours(weekday: i8, overtime: bool) -> WorkingHours {
    WorkingHours {
        weekday: Weekday::from_monday_one_offset(weekday).unwrap(),
        from: "08:00".parse().unwrap(),
        until: "16:00".parse().unwrap(),
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

pub(crate) fn need(skill: &str, level: i32, country: &str) -> Need {
    let skill = SkillNeeded { id: skill.parse().unwrap(), level: Level::new(level).unwrap() };
    Need { skill, country: country.parse().unwrap() }
}

/// In Helsinki, who repairs pumps at level 4 in Finland and Germany, Monday to Friday from 8 to 16 and
/// Saturday in overtime.
pub(crate) fn engineer(id: &str) -> Engineer {
    let week = (1..=5).map(|weekday| hours(weekday, false));
    Engineer {
        id: id.parse().unwrap(),
        region: "eu".parse().unwrap(),
        home_site: "FI-HEL".parse().unwrap(),
        calendar: Calendar {
            zone: "Europe/Helsinki".parse().unwrap(),
            hours: week.chain([hours(6, true)]).collect(),
            days_off: ["2026-12-25".parse().unwrap()].into(),
        },
        country: "FI".parse().unwrap(),
        skills: vec![skill("PUMPS", 4, "", "")],
        work_countries: ["DE".parse().unwrap()].into(),
        work_permits: [("CH".parse().unwrap(), 3)].into(),
        rest: None,
        hourly_cost: Money::new("EUR", 9000).unwrap(),
        overtime_cost: Money::new("EUR", 15000).unwrap(),
        night_cost: None,
    }
}
