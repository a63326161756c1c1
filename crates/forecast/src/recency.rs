//! What a delivery of long ago still says.

use jiff::Timestamp;

use crate::delivery::ForecastError;

const SECONDS_PER_DAY: f64 = 86_400.0;
/// Nothing is forgotten altogether, so that weights can be divided by.
const WEIGHT_MIN: f64 = 1e-9;

/// Weight of what happened `at`, seen from `as_of`: it halves every `half_life_days`.
pub(crate) fn weight(at: Timestamp, as_of: Timestamp, half_life_days: f64) -> f64 {
    0.5f64.powf(age_days(at, as_of) / half_life_days).max(WEIGHT_MIN)
}

/// Days from `at` to `as_of`.
pub(crate) fn age_days(at: Timestamp, as_of: Timestamp) -> f64 {
    as_of.duration_since(at).as_secs_f64() / SECONDS_PER_DAY
}

/// Checks that a setting in days is a number above nought.
pub(crate) fn check_days(setting: &'static str, days: f64) -> Result<(), ForecastError> {
    if days.is_finite() && days > 0.0 {
        return Ok(());
    }
    Err(ForecastError::Setting { setting, range: "a number of days above 0", value: days.to_string() })
}
