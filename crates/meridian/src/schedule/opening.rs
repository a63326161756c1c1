//! When the sites of a network are open while orders are planned.

use std::collections::BTreeMap;
use std::str::FromStr;

use anyhow::{Context as _, Result};
use jiff::SignedDuration;
use jiff::civil::{Date, Weekday};
use meridian_network::Network;
use meridian_proto::coordinator::v1 as pb;
use meridian_scheduler::workforce::{Calendar, MinuteOfDay, Occurrence, Spans, WorkingHours, Zone};
use meridian_types::{Interval, Rule};

/// All calendars of a network.
pub(super) struct Openings<'n>(BTreeMap<&'n str, &'n pb::Calendar>);

impl<'n> Openings<'n> {
    pub(super) fn of(network: &'n Network) -> Self {
        let calendars = network.regions.values().flat_map(|region| &region.network.calendars);
        Self(calendars.map(|calendar| (calendar.calendar_id.as_str(), calendar)).collect())
    }

    /// When a site is open in a window. Empty where it always is; one that never is opens when the window is over.
    ///
    /// # Errors
    /// What in the records cannot be read.
    pub(super) fn during(&self, site: &pb::Site, window: Interval) -> Result<Vec<Interval>> {
        if site.calendar_id.is_empty() {
            return Ok(Vec::new());
        }
        let record = self.0.get(site.calendar_id.as_str());
        let record = record.with_context(|| format!("calendar {}: not known", site.calendar_id))?;
        let open =
            open(record, &site.zone, window).with_context(|| format!("calendar {}", site.calendar_id))?;
        if open.is_empty() {
            let over = window.end().checked_add(SignedDuration::from_mins(1))?;
            return Ok(vec![Interval::new(window.end(), over)?]);
        }
        Ok(open.iter().collect())
    }
}

fn open(record: &pb::Calendar, zone: &str, window: Interval) -> Result<Spans> {
    let zone: Zone = parsed(zone)?;
    let mut calendar = Calendar { zone, hours: Vec::new(), days_off: Default::default() };
    for hours in &record.hours {
        let weekday = i8::try_from(hours.weekday).context("weekday")?;
        let weekday = Weekday::from_monday_one_offset(weekday).context("weekday")?;
        let (from, until) = (parsed(&hours.from)?, parsed(&hours.until)?);
        calendar.hours.push(WorkingHours { weekday, from, until, overtime: false });
    }
    let mut instead = Vec::new();
    for exception in &record.exceptions {
        let date: Date = exception.date.parse().with_context(|| format!("date {:?}", exception.date))?;
        calendar.days_off.insert(date);
        for hours in &exception.hours {
            let at = |minute: MinuteOfDay, occurrence| calendar.zone.instant(date, minute, occurrence);
            let opens = at(parsed(&hours.from)?, Occurrence::First);
            let closes = at(parsed(&hours.until)?, Occurrence::Second);
            // None where clocks skip the hours.
            instead.extend(opens.zip(closes).and_then(|(opens, closes)| Interval::new(opens, closes).ok()));
        }
    }
    let instead: Spans = instead.into_iter().collect();
    Ok(calendar.working_time(window).regular.union(&instead.within(window)))
}

fn parsed<T: FromStr<Err = Rule>>(text: &str) -> Result<T> {
    text.parse().with_context(|| format!("{text:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(weekday: i32, from: &str, until: &str) -> pb::OpenHours {
        pb::OpenHours { weekday, from: from.to_owned(), until: until.to_owned() }
    }

    /// Monday and Tuesday in Berlin; on one Tuesday only in the evening, on the next not at all.
    fn openings(from: &str, until: &str) -> Vec<String> {
        let window = Interval::new(from.parse().unwrap(), until.parse().unwrap()).unwrap();
        let exception = |date: &str, hours: Vec<pb::OpenHours>| pb::CalendarException {
            date: date.to_owned(),
            hours,
            name: String::new(),
        };
        let record = pb::Calendar {
            calendar_id: "LAB".to_owned(),
            hours: vec![hours(1, "08:00", "17:00"), hours(2, "08:00", "24:00")],
            exceptions: vec![
                exception("2026-12-01", vec![hours(0, "18:00", "20:00")]),
                exception("2026-12-08", vec![]),
            ],
            ..pb::Calendar::default()
        };
        let site = pb::Site {
            zone: "Europe/Berlin".to_owned(),
            calendar_id: "LAB".to_owned(),
            ..pb::Site::default()
        };
        let openings = Openings([("LAB", &record)].into());
        let open = openings.during(&site, window).unwrap();
        open.iter().map(|open| format!("{} {}", open.start(), open.end())).collect()
    }

    #[test]
    fn a_site_is_open_by_its_own_clocks_and_on_some_dates_at_other_hours() {
        assert_eq!(
            openings("2026-11-30T00:00Z", "2026-12-03T00:00Z"),
            ["2026-11-30T07:00:00Z 2026-11-30T16:00:00Z", "2026-12-01T17:00:00Z 2026-12-01T19:00:00Z"]
        );
    }

    #[test]
    fn a_site_that_is_closed_all_along_is_not_taken_for_one_without_hours() {
        assert_eq!(
            openings("2026-12-08T00:00Z", "2026-12-10T00:00Z"),
            ["2026-12-10T00:00:00Z 2026-12-10T00:01:00Z"]
        );
    }
}
