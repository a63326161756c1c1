//! The days without work that are usual in a country.

use jiff::civil::Weekday;

use crate::CountryCode;

/// The weekend that is usual in a country: what the Unicode CLDR says (`weekendStart` and `weekendEnd` in
/// `supplementalData.xml`, release 44). Brunei rests on Fridays and Sundays, which a start and an end cannot say.
#[must_use]
pub fn usual_weekend(country: &CountryCode) -> &'static [Weekday] {
    use Weekday::{Friday, Saturday, Sunday, Thursday};
    match country.as_str() {
        "AF" => &[Thursday, Friday],
        "BH" | "DZ" | "EG" | "IL" | "IQ" | "JO" | "KW" | "LY" | "OM" | "QA" | "SA" | "SD" | "SY" | "YE" => {
            &[Friday, Saturday]
        }
        "BN" => &[Friday, Sunday],
        "IN" | "UG" => &[Sunday],
        "IR" => &[Friday],
        _ => &[Saturday, Sunday],
    }
}
