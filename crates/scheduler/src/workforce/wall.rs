//! Wall time to instants: the only place where clock changes matter.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use meridian_types::{Interval, Rule};

/// An IANA time zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    name: String,
    time_zone: TimeZone,
}

impl FromStr for Zone {
    type Err = Rule;

    fn from_str(text: &str) -> Result<Self, Rule> {
        let rule = Rule::new("an IANA time zone such as Europe/Berlin");
        let time_zone = TimeZone::get(text).ok().filter(|time_zone| !time_zone.is_unknown()).ok_or(rule)?;
        Ok(Self { name: time_zone.iana_name().unwrap_or(text).to_owned(), time_zone })
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// A time of day to the minute, "00:00" to "24:00"; the last is the end of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct MinuteOfDay(u16);

impl MinuteOfDay {
    /// 00:00.
    pub const MIDNIGHT: Self = Self(0);
    /// 24:00.
    pub const END_OF_DAY: Self = Self(24 * 60);

    /// The minute as a time of day; midnight for the end of the day.
    fn time(self) -> Time {
        let (hour, minute) = (self.0 / 60 % 24, self.0 % 60);
        // Both fit: the only constructor checks them.
        Time::new(i8::try_from(hour).unwrap_or(0), i8::try_from(minute).unwrap_or(0), 0, 0)
            .unwrap_or(Time::midnight())
    }
}

impl FromStr for MinuteOfDay {
    type Err = Rule;

    fn from_str(text: &str) -> Result<Self, Rule> {
        let two_digits = |text: &str| {
            let kept = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
            kept.then(|| text.parse::<u16>().ok()).flatten()
        };
        text.split_once(':')
            .and_then(|(hour, minute)| Some((two_digits(hour)?, two_digits(minute)?)))
            .filter(|(hour, minute)| *minute < 60 && (*hour < 24 || (*hour, *minute) == (24, 0)))
            .map(|(hour, minute)| Self(hour * 60 + minute))
            .ok_or(Rule::new("HH:MM from 00:00 to 23:59, or 24:00 for the end of the day"))
    }
}

impl fmt::Display for MinuteOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

/// Which of two moments a wall time that is shown twice means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occurrence {
    /// Before the clocks go back.
    First,
    /// After they went back.
    Second,
}

impl Zone {
    /// The date that clocks show at `instant`.
    #[must_use]
    pub fn date(&self, instant: Timestamp) -> Date {
        self.time_zone.to_datetime(instant).date()
    }

    /// The instant at which clocks show `minute` on `date`. A time that they skip counts from the moment of
    /// the change. `None` outside the range of instants.
    #[must_use]
    pub fn instant(&self, date: Date, minute: MinuteOfDay, occurrence: Occurrence) -> Option<Timestamp> {
        let date = if minute == MinuteOfDay::END_OF_DAY { date.tomorrow().ok()? } else { date };
        let wall = date.to_datetime(minute.time());
        let offset = match (self.time_zone.to_ambiguous_timestamp(wall).offset(), occurrence) {
            (AmbiguousOffset::Unambiguous { offset }, _) => offset,
            (AmbiguousOffset::Fold { before, .. }, Occurrence::First) => before,
            (AmbiguousOffset::Fold { after, .. }, Occurrence::Second) => after,
            (AmbiguousOffset::Gap { before, .. }, _) => {
                return Some(self.change_at_or_before(before.to_timestamp(wall).ok()?));
            }
        };
        offset.to_timestamp(wall).ok()
    }

    /// All of a date as clocks show it: 23, 24 or 25 hours. `None` for a date that they skip.
    #[must_use]
    pub fn day(&self, date: Date) -> Option<Interval> {
        let start = self.instant(date, MinuteOfDay::MIDNIGHT, Occurrence::First)?;
        let end = self.instant(date, MinuteOfDay::END_OF_DAY, Occurrence::First)?;
        Interval::new(start, end).ok()
    }

    /// The dates that clocks show during `interval`, in order.
    pub fn dates(&self, interval: Interval) -> impl Iterator<Item = Date> {
        // The end itself is no longer in it.
        let last =
            self.date(interval.end().checked_sub(SignedDuration::from_nanos(1)).unwrap_or(interval.end()));
        std::iter::successors(Some(self.date(interval.start())), |date| date.tomorrow().ok())
            .take_while(move |date| *date <= last)
    }

    fn change_at_or_before(&self, instant: Timestamp) -> Timestamp {
        let after = instant.checked_add(SignedDuration::from_secs(1)).unwrap_or(instant);
        self.time_zone.preceding(after).next().map_or(instant, |change| change.timestamp())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(zone: &str, date: &str, minute: &str, occurrence: Occurrence) -> String {
        let zone: Zone = zone.parse().unwrap();
        zone.instant(date.parse().unwrap(), minute.parse().unwrap(), occurrence).unwrap().to_string()
    }

    #[test]
    fn a_skipped_time_counts_from_the_change() {
        for (zone, date, minute, instant) in [
            ("Europe/Berlin", "2026-03-29", "02:00", "2026-03-29T01:00:00Z"),
            ("Europe/Berlin", "2026-03-29", "02:30", "2026-03-29T01:00:00Z"),
            ("Europe/Helsinki", "2026-03-29", "03:59", "2026-03-29T01:00:00Z"),
            ("America/Chicago", "2026-03-08", "02:30", "2026-03-08T08:00:00Z"),
            ("Australia/Lord_Howe", "2026-10-04", "02:15", "2026-10-03T15:30:00Z"),
            ("Pacific/Apia", "2011-12-30", "12:00", "2011-12-30T10:00:00Z"),
        ] {
            assert_eq!(at(zone, date, minute, Occurrence::First), instant, "{zone}");
            assert_eq!(at(zone, date, minute, Occurrence::Second), instant, "{zone}");
        }
    }

    #[test]
    fn a_repeated_time_has_a_first_and_a_second_occurrence() {
        assert_eq!(at("Europe/Berlin", "2026-10-25", "02:30", Occurrence::First), "2026-10-25T00:30:00Z");
        assert_eq!(at("Europe/Berlin", "2026-10-25", "02:30", Occurrence::Second), "2026-10-25T01:30:00Z");
        assert_eq!(at("America/Chicago", "2026-11-01", "01:30", Occurrence::First), "2026-11-01T06:30:00Z");
        assert_eq!(
            at("Australia/Lord_Howe", "2026-04-05", "01:45", Occurrence::Second),
            "2026-04-04T15:15:00Z"
        );
    }

    #[test]
    fn a_day_is_as_long_as_it_is() {
        let hours = |zone: &str, date: &str| {
            let day = zone.parse::<Zone>().unwrap().day(date.parse().unwrap());
            day.map_or(0.0, |day| day.duration().as_secs_f64() / 3600.0)
        };
        assert_eq!(hours("Europe/Helsinki", "2026-03-29"), 23.0);
        assert_eq!(hours("Europe/Berlin", "2026-10-25"), 25.0);
        assert_eq!(hours("Australia/Lord_Howe", "2026-04-05"), 24.5);
        assert_eq!(hours("Pacific/Apia", "2011-12-30"), 0.0);
    }

    #[test]
    fn a_time_of_day_is_two_digits_a_colon_and_two_digits() {
        for text in ["00:00", "08:05", "23:59", "24:00"] {
            assert_eq!(text.parse::<MinuteOfDay>().unwrap().to_string(), text);
        }
        for text in ["", "8:00", "08:60", "24:01", "25:00", "-1:00", "+8:00", "08:00:00", "0８:00", "08.00"]
        {
            assert!(text.parse::<MinuteOfDay>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_zone_is_an_iana_name() {
        assert_eq!("europe/berlin".parse::<Zone>().unwrap().to_string(), "Europe/Berlin");
        for text in ["", "Europe/Nowhere", "+02:00", "EST5EDT,M3.2.0,M11.1.0", "Etc/Unknown"] {
            assert!(text.parse::<Zone>().is_err(), "{text:?}");
        }
    }
}
