//! Weekends and public holidays of countries and of their parts.

use jiff::civil::{Date, Weekday};
use meridian_types::{AreaCode, CountryCode};
use serde::{Deserialize, Serialize};

use super::Weekdays;

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

impl Weekdays {
    /// The weekend that is usual in a country: what the Unicode CLDR says (`weekendStart` and `weekendEnd` in
    /// `supplementalData.xml`, release 44). Brunei rests on Fridays and Sundays, which a start and an end cannot say.
    #[must_use]
    pub fn usual_weekend(country: &CountryCode) -> Self {
        use Weekday::{Friday, Saturday, Sunday, Thursday};
        match country.as_str() {
            "AF" => Self::of([Thursday, Friday]),
            "BH" | "DZ" | "EG" | "IL" | "IQ" | "JO" | "KW" | "LY" | "OM" | "QA" | "SA" | "SD" | "SY"
            | "YE" => Self::of([Friday, Saturday]),
            "BN" => Self::of([Friday, Sunday]),
            "IN" | "UG" => Self::of([Sunday]),
            "IR" => Self::of([Friday]),
            _ => Self::SATURDAY_SUNDAY,
        }
    }
}

#[cfg(test)]
mod tests {
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
