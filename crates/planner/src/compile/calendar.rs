//! Calendars and public holidays to open minutes.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use meridian_types::CountryCode;

use super::intervals::IntervalSet;
use super::minute::Minute;
use super::wall::{self, Fold};
use crate::model::{Calendar, LocalSpan, PublicCalendar};

/// Public calendars by their area.
pub(crate) struct PublicDays<'a>(BTreeMap<&'a str, &'a PublicCalendar>);

impl<'a> PublicDays<'a> {
    pub(crate) fn new(records: &'a [PublicCalendar]) -> Self {
        Self(records.iter().map(|record| (record.area.as_str(), record)).collect())
    }

    /// The one record that counts in a part of a country, the most specific.
    pub(crate) fn of(&self, country: &CountryCode, subdivision: Option<&str>) -> Option<&'a PublicCalendar> {
        let own = subdivision.and_then(|part| self.0.get(format!("{country}-{part}").as_str()));
        own.or_else(|| self.0.get(country.as_str())).copied()
    }
}

/// The dates of the holidays of a record.
pub(crate) fn holidays(record: Option<&PublicCalendar>) -> BTreeSet<Date> {
    record.into_iter().flat_map(|record| &record.holidays).map(|holiday| holiday.date).collect()
}

/// When `calendar` is open between two instants, and a little around them.
pub(crate) fn open_minutes(
    calendar: &Calendar,
    zone: &TimeZone,
    holidays: &BTreeSet<Date>,
    from: Minute,
    to: Minute,
) -> IntervalSet {
    let exceptions: BTreeMap<Date, &[LocalSpan]> =
        calendar.exceptions.iter().map(|exception| (exception.date, exception.spans.as_slice())).collect();
    let mut spans = Vec::new();
    for date in wall::dates(wall::date(zone, from), wall::date(zone, to)) {
        let mut open = |span: &LocalSpan| {
            let start = wall::resolve(zone, date, span.from_minute, Fold::First);
            let end = wall::resolve(zone, date, span.to_minute, closing_fold(span));
            if let (Some((start, _)), Some((end, _))) = (start, end) {
                spans.push((start, end));
            }
        };
        match exceptions.get(&date) {
            Some(own) => own.iter().for_each(&mut open),
            None if holidays.contains(&date) => {}
            None => {
                let today = calendar.hours.iter().filter(|hours| hours.days.contains(date.weekday()));
                today.for_each(|hours| open(&hours.span));
            }
        }
    }
    IntervalSet::union_of(spans)
}

/// Midnight is the next day's first moment, not an hour into it, even where clocks go back at midnight.
const fn closing_fold(span: &LocalSpan) -> Fold {
    if span.to_minute == 1440 { Fold::First } else { Fold::Second }
}
