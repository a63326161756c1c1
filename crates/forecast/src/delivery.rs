//! What is known of a delivery, before it leaves and after it has come.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What is known of a delivery when it is planned, by name of the factor: `mode` is `air`, `origin` is `HEL`.
///
/// Which factors there are is up to whoever keeps the records. One that is missing is one that is not known.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Factors(BTreeMap<String, String>);

impl Factors {
    /// The factors `names_and_values`; of a name given twice the last value.
    pub fn of<'a>(names_and_values: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self(names_and_values.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    /// The factors of a planner's lane, as the default settings expect them: `lane`, `origin`, `destination`
    /// and `mode`.
    pub fn of_lane(lane: &str, origin: &str, destination: &str, mode: &str) -> Self {
        Self::of([("lane", lane), ("origin", origin), ("destination", destination), ("mode", mode)])
    }

    /// Value of the factor `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

/// A delivery of the past, or one that is under way.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Delivery {
    /// When it should arrive, as planned first.
    pub due: Timestamp,
    /// When it arrived; absent while it has not.
    pub arrived: Option<Timestamp>,
    /// What was known of it when it was planned.
    pub factors: Factors,
    /// Weight in grams, where known.
    pub weight_g: Option<i64>,
    /// Freight in minor units of one currency, where known.
    pub freight_minor: Option<i64>,
}

/// Factors whose values together tell deliveries apart: `["origin", "mode"]`. Of no factor: all are alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Term(Vec<String>);

impl Term {
    /// The term of the factors `names`.
    pub fn of<const N: usize>(names: [&str; N]) -> Self {
        Self(names.map(str::to_owned).to_vec())
    }

    /// The values of the term's factors, in one string; nothing where one is not known. Values that contain the
    /// separator could share a level, which would merge their histories and do no other harm.
    pub(crate) fn level(&self, factors: &Factors) -> Option<String> {
        let values: Option<Vec<&str>> = self.0.iter().map(|name| factors.get(name)).collect();
        Some(values?.join(" | "))
    }
}

/// Why nothing can be learned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ForecastError {
    /// No delivery tells anything by then.
    #[error("no delivery {what} by {as_of}")]
    NoHistory {
        /// What a delivery would have had to show.
        what: &'static str,
        /// Up to when deliveries count.
        as_of: Timestamp,
    },
    /// A setting is out of range.
    #[error("{setting} must be {range}, not {value}")]
    Setting {
        /// Its name.
        setting: &'static str,
        /// What it may be.
        range: &'static str,
        /// What it is.
        value: String,
    },
}
