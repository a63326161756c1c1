//! Wall time to instants: the only place where clock changes matter.

use jiff::civil::Date;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Timestamp, ToSpan};

use super::minute::{self, Minute};

/// Which of two moments a wall time that is shown twice means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fold {
    First,
    Second,
}

/// The instant at which clocks in `zone` show `minute_of_day` (0 to 1440) on `date`, and whether a clock change
/// made that a matter of rule: of a time that is skipped, the moment of the change counts.
pub(crate) fn resolve(zone: &TimeZone, date: Date, minute_of_day: i32, fold: Fold) -> Option<(Minute, bool)> {
    let date = if minute_of_day >= 1440 { date.tomorrow().ok()? } else { date };
    let minute_of_day = minute_of_day % 1440;
    let hour = i8::try_from(minute_of_day / 60).ok()?;
    let wall = date.at(hour, i8::try_from(minute_of_day % 60).ok()?, 0, 0);
    let at = |offset: jiff::tz::Offset| offset.to_timestamp(wall).ok();
    let (instant, by_rule) = match zone.to_ambiguous_timestamp(wall).offset() {
        AmbiguousOffset::Unambiguous { offset } => (at(offset)?, false),
        AmbiguousOffset::Gap { before, .. } => (change_before(zone, at(before)?), true),
        AmbiguousOffset::Fold { before, after } => {
            (at(if fold == Fold::First { before } else { after })?, true)
        }
    };
    Some((minute::ceil(instant), by_rule))
}

/// The clock change at or before `instant`.
fn change_before(zone: &TimeZone, instant: Timestamp) -> Timestamp {
    let after = instant.checked_add(1.second()).unwrap_or(instant);
    zone.preceding(after).next().map_or(instant, |change| change.timestamp())
}

/// The date that clocks in `zone` show.
pub(crate) fn date(zone: &TimeZone, at: Minute) -> Date {
    zone.to_datetime(minute::instant(at)).date()
}

/// The whole of a local date, as clocks in `zone` show it: 23, 24 or 25 hours, or nothing when it is skipped.
pub(crate) fn day(zone: &TimeZone, date: Date) -> Option<(Minute, Minute)> {
    Some((resolve(zone, date, 0, Fold::First)?.0, resolve(zone, date, 1440, Fold::First)?.0))
}

/// The dates from `first` to `last`.
pub(crate) fn dates(first: Date, last: Date) -> impl Iterator<Item = Date> {
    std::iter::successors(Some(first), |date| date.tomorrow().ok()).take_while(move |date| *date <= last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(zone: &str, date: &str, minute_of_day: i32, fold: Fold) -> String {
        let zone = TimeZone::get(zone).unwrap();
        let (instant, _) = resolve(&zone, date.parse().unwrap(), minute_of_day, fold).unwrap();
        minute::instant(instant).to_string()
    }

    #[test]
    fn a_skipped_wall_time_counts_from_the_change() {
        assert_eq!(at("Europe/Berlin", "2026-03-29", 150, Fold::First), "2026-03-29T01:00:00Z");
        assert_eq!(at("Europe/Helsinki", "2026-03-29", 239, Fold::First), "2026-03-29T01:00:00Z");
        assert_eq!(at("America/Chicago", "2026-03-08", 150, Fold::First), "2026-03-08T08:00:00Z");
        assert_eq!(at("Australia/Lord_Howe", "2026-10-04", 135, Fold::First), "2026-10-03T15:30:00Z");
        assert_eq!(at("Pacific/Apia", "2011-12-30", 720, Fold::First), "2011-12-30T10:00:00Z");
    }

    #[test]
    fn a_repeated_wall_time_is_the_first_or_the_second() {
        assert_eq!(at("Europe/Berlin", "2026-10-25", 150, Fold::First), "2026-10-25T00:30:00Z");
        assert_eq!(at("Europe/Berlin", "2026-10-25", 150, Fold::Second), "2026-10-25T01:30:00Z");
        assert_eq!(at("Australia/Lord_Howe", "2026-04-05", 105, Fold::Second), "2026-04-04T15:15:00Z");
    }

    #[test]
    fn a_day_is_as_long_as_it_is() {
        let hours = |zone: &str, date: &str| {
            let (start, end) = day(&TimeZone::get(zone).unwrap(), date.parse().unwrap()).unwrap();
            f64::from(end - start) / 60.0
        };
        assert_eq!(hours("Europe/Helsinki", "2026-03-29"), 23.0);
        assert_eq!(hours("Europe/Berlin", "2026-10-25"), 25.0);
        assert_eq!(hours("Australia/Lord_Howe", "2026-04-05"), 24.5);
        assert_eq!(hours("Pacific/Apia", "2011-12-30"), 0.0);
    }
}
