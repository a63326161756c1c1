//! Values for the tests of calendars and skills.

use jiff::civil::Weekday;
use meridian_types::Interval;

use super::{Level, Skill, WorkingHours};

/// From "start/end".
pub(super) fn interval(text: &str) -> Interval {
    let (start, end) = text.split_once('/').unwrap();
    Interval::new(start.parse().unwrap(), end.parse().unwrap()).unwrap()
}

/// Regular hours; `weekday` from 1 (Monday).
pub(super) fn hours(weekday: i8, from: &str, until: &str) -> WorkingHours {
    WorkingHours {
        weekday: Weekday::from_monday_one_offset(weekday).unwrap(),
        from: from.parse().unwrap(),
        until: until.parse().unwrap(),
        overtime: false,
    }
}

pub(super) fn overtime(weekday: i8, from: &str, until: &str) -> WorkingHours {
    WorkingHours { overtime: true, ..hours(weekday, from, until) }
}

/// Empty dates mean no limit.
pub(super) fn skill(id: &str, level: i32, valid_from: &str, valid_until: &str) -> Skill {
    Skill {
        id: id.parse().unwrap(),
        level: Level::new(level).unwrap(),
        valid_from: valid_from.parse().ok(),
        valid_until: valid_until.parse().ok(),
    }
}
