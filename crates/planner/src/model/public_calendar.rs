//! Weekends and public holidays of countries and of their parts.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use meridian_types::{AreaCode, CountryCode, usual_weekend};
use serde::{Deserialize, Serialize};

use super::{Network, Weekdays};

/// When offices of a country, or of a part of one, do not work.
///
/// In a part of a country the part's own record counts, and it alone: it names the holidays of the whole country
/// again. A part without a record keeps to its country's. A country without a record has its usual weekend
/// ([`Weekdays::usual_weekend`]) and no holidays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicCalendar {
    /// The country or the part.
    pub area: AreaCode,
    /// Days that are not working days; not all seven.
    pub weekend: Weekdays,
    /// Public holidays of the years the horizon touches, each date once.
    pub holidays: Vec<PublicHoliday>,
}

/// A day on which offices are closed and carriers don't run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicHoliday {
    /// The local date.
    pub date: Date,
    /// Its name.
    pub name: String,
}

/// Public calendars that end before what is planned for does: days after that count as working days, holidays or not.
/// Displays as a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HolidaysEnd {
    /// Whose calendars, in order; at least one.
    pub areas: Vec<AreaCode>,
    /// The last year of which they name a holiday.
    pub last_year: i16,
}

impl fmt::Display for HolidaysEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let areas: Vec<&str> = self.areas.iter().map(AreaCode::as_str).collect();
        let (areas, year) = (areas.join(", "), self.last_year);
        write!(
            f,
            "Public holidays of {areas} are on record until the end of {year} only: later ones are not reckoned with."
        )
    }
}

impl Network {
    /// The public calendars that say nothing about the year (in UTC) in which a horizon ends at `end`, by their last
    /// year. A calendar without any holiday is meant to be so.
    #[must_use]
    pub fn holidays_ending_before(&self, end: Timestamp) -> Vec<HolidaysEnd> {
        let last = end.checked_sub(SignedDuration::from_nanos(1)).unwrap_or(end);
        let year = TimeZone::UTC.to_datetime(last).year();
        let mut ending: BTreeMap<i16, Vec<AreaCode>> = BTreeMap::new();
        for calendar in &self.public_calendars {
            let last_year = calendar.holidays.iter().map(|holiday| holiday.date.year()).max();
            if let Some(last_year) = last_year.filter(|last_year| *last_year < year) {
                ending.entry(last_year).or_default().push(calendar.area.clone());
            }
        }
        let told = |(last_year, mut areas): (i16, Vec<AreaCode>)| {
            areas.sort_unstable();
            HolidaysEnd { areas, last_year }
        };
        ending.into_iter().map(told).collect()
    }
}

impl Weekdays {
    /// The weekend that is usual in a country.
    #[must_use]
    pub fn usual_weekend(country: &CountryCode) -> Self {
        Self::of(usual_weekend(country).iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::Weekday;

    use super::*;

    #[test]
    fn the_usual_weekend_is_that_of_the_country() {
        let rests = |code: &str| Weekdays::usual_weekend(&code.parse().unwrap());
        for (country, days) in [
            ("DE", vec![Weekday::Saturday, Weekday::Sunday]),
            ("AE", vec![Weekday::Saturday, Weekday::Sunday]),
            ("EG", vec![Weekday::Friday, Weekday::Saturday]),
            ("AF", vec![Weekday::Thursday, Weekday::Friday]),
            ("BN", vec![Weekday::Friday, Weekday::Sunday]),
            ("IR", vec![Weekday::Friday]),
            ("IN", vec![Weekday::Sunday]),
        ] {
            assert_eq!(rests(country), Weekdays::of(days), "{country}");
        }
    }
}
