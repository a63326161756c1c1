//! How many.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Rule;

/// A number of whole units of an item, 1 to 1,000,000,000. Sums are checked, so they cannot wrap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Quantity(i64);

impl Quantity {
    /// One unit.
    pub const ONE: Self = Self(1);
    /// The largest quantity.
    pub const MAX: i64 = 1_000_000_000;

    /// The quantity, when it lies in 1..=1,000,000,000.
    ///
    /// # Errors
    /// The rule that `units` breaks.
    pub fn new(units: i64) -> Result<Self, Rule> {
        if (1..=Self::MAX).contains(&units) {
            Ok(Self(units))
        } else {
            Err(Rule::new("a whole number from 1 to 1000000000"))
        }
    }

    /// The number of units.
    #[must_use]
    pub const fn units(self) -> i64 {
        self.0
    }

    /// The sum, when it is still a quantity.
    ///
    /// # Errors
    /// The rule that the sum breaks.
    pub fn checked_add(self, other: Self) -> Result<Self, Rule> {
        Self::new(self.0 + other.0)
    }
}

impl TryFrom<i64> for Quantity {
    type Error = Rule;
    fn try_from(units: i64) -> Result<Self, Rule> {
        Self::new(units)
    }
}

impl From<Quantity> for i64 {
    fn from(quantity: Quantity) -> Self {
        quantity.0
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
