//! Opening hours. A record has no zone of its own: it is read in the zone of whoever uses it.

use std::collections::BTreeMap;

use jiff::civil::{Time, Weekday};
use meridian_planner::model::{Calendar, CalendarException, LocalSpan, OpenHours, Weekdays};
use meridian_proto::coordinator::v1 as pb;
use meridian_types::CalendarId;

/// The planner's calendars, made as they are asked for: one for each record and zone.
pub(super) struct Calendars<'a> {
    records: BTreeMap<&'a str, &'a pb::Calendar>,
    made: BTreeMap<(String, String), CalendarId>,
    list: Vec<Calendar>,
}

impl<'a> Calendars<'a> {
    pub(super) fn new(records: &'a [pb::Calendar]) -> Self {
        let records = records.iter().map(|record| (record.calendar_id.as_str(), record)).collect();
        Self { records, made: BTreeMap::new(), list: Vec::new() }
    }

    pub(super) fn record(&self, calendar_id: &str) -> Option<&'a pb::Calendar> {
        self.records.get(calendar_id).copied()
    }

    /// The calendar of a record in a zone; one that never closes when no record is named. `None` for a record that
    /// is not known.
    pub(super) fn of(&mut self, calendar_id: &str, zone: &str) -> Option<CalendarId> {
        let key = (calendar_id.to_owned(), zone.to_owned());
        if let Some(id) = self.made.get(&key) {
            return Some(id.clone());
        }
        let id = CalendarId::parse(&format!("K{}", self.made.len())).ok()?;
        let calendar = match self.record(calendar_id) {
            Some(record) => calendar(record, id.clone(), zone)?,
            None if calendar_id.is_empty() => Calendar::always(id.clone(), zone),
            None => return None,
        };
        self.list.push(calendar);
        self.made.insert(key, id.clone());
        Some(id)
    }

    pub(super) fn into_list(self) -> Vec<Calendar> {
        self.list
    }
}

fn calendar(record: &pb::Calendar, id: CalendarId, zone: &str) -> Option<Calendar> {
    let hours = record.hours.iter().map(|hours| {
        let days = Weekdays::of([weekday(hours.weekday)?]);
        Some(OpenHours { days, span: span(hours)? })
    });
    let exceptions = record.exceptions.iter().map(|exception| {
        let spans = exception.hours.iter().map(span).collect::<Option<_>>()?;
        Some(CalendarException { date: exception.date.parse().ok()?, spans })
    });
    Some(Calendar {
        id,
        zone: zone.to_owned(),
        hours: hours.collect::<Option<_>>()?,
        // The holidays that it keeps stand among the exceptions.
        observes: None,
        exceptions: exceptions.collect::<Option<_>>()?,
    })
}

/// 1 (Monday) to 7 (Sunday).
pub(crate) fn weekday(number: i32) -> Option<Weekday> {
    Weekday::from_monday_one_offset(i8::try_from(number).ok()?).ok()
}

/// Minutes after midnight of a wall time such as "08:00"; "24:00" is the end of the day.
pub(crate) fn minute_of_day(text: &str) -> Option<i32> {
    if text == "24:00" {
        return Some(24 * 60);
    }
    let (hour, minute) = text.split_once(':')?;
    let two_digits = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    if !two_digits(hour) || !two_digits(minute) {
        return None;
    }
    let time = Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()?;
    Some(i32::from(time.hour()) * 60 + i32::from(time.minute()))
}

fn span(hours: &pb::OpenHours) -> Option<LocalSpan> {
    let (from_minute, to_minute) = (minute_of_day(&hours.from)?, minute_of_day(&hours.until)?);
    (from_minute < to_minute).then_some(LocalSpan { from_minute, to_minute })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wall_time_has_two_digits_each() {
        assert_eq!(minute_of_day("08:30"), Some(510));
        assert_eq!(minute_of_day("24:00"), Some(1440));
        for text in ["", "8:30", "08:3", "24:01", "08-30", "+8:30", "08:60", "0a:00"] {
            assert_eq!(minute_of_day(text), None, "{text}");
        }
    }

    #[test]
    fn one_record_is_a_calendar_of_its_own_in_every_zone() {
        let hours = vec![pb::OpenHours { weekday: 1, from: "08:00".into(), until: "17:00".into() }];
        let records = [pb::Calendar { calendar_id: "DAY".into(), hours, ..pb::Calendar::default() }];
        let mut calendars = Calendars::new(&records);
        let berlin = calendars.of("DAY", "Europe/Berlin").unwrap();
        assert_eq!(calendars.of("DAY", "Europe/Berlin"), Some(berlin.clone()));
        assert_ne!(calendars.of("DAY", "Africa/Lagos"), Some(berlin));
        assert_eq!(calendars.of("NOT-KNOWN", "Africa/Lagos"), None);
        assert!(calendars.of("", "Africa/Lagos").is_some());
        assert_eq!(calendars.into_list().len(), 3);
    }
}
