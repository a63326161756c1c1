//! Amounts of money.

use std::fmt;

use iso_currency::Currency;
use serde::{Deserialize, Serialize};

use crate::Rule;

/// An amount in the minor unit of its currency (cents of EUR, whole yen), non-negative or negative.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "(String, i64)", into = "(String, i64)")]
pub struct Money {
    currency: Currency,
    minor: i64,
}

impl Money {
    /// An amount from an ISO 4217 code and a number of minor units.
    ///
    /// # Errors
    /// The rule that the code breaks.
    pub fn new(currency_code: &str, minor: i64) -> Result<Self, Rule> {
        Currency::from_code(currency_code)
            .map(|currency| Self { currency, minor })
            .ok_or(Rule::new("an ISO 4217 currency code in upper case"))
    }

    /// Nothing, in the same currency.
    #[must_use]
    pub const fn zero(self) -> Self {
        Self { currency: self.currency, minor: 0 }
    }

    /// ISO 4217 code.
    #[must_use]
    pub fn currency_code(self) -> &'static str {
        self.currency.code()
    }

    /// Number of minor units.
    #[must_use]
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// Number of decimals that the minor unit stands for (2 for EUR, 0 for JPY).
    #[must_use]
    pub fn exponent(self) -> u32 {
        self.currency.exponent().map_or(0, u32::from)
    }

    /// The sum, when both are of one currency and it does not overflow.
    ///
    /// # Errors
    /// The rule that the addition breaks.
    pub fn checked_add(self, other: Self) -> Result<Self, Rule> {
        if self.currency != other.currency {
            return Err(Rule::new("amounts of one currency"));
        }
        let minor = self.minor.checked_add(other.minor).ok_or(Rule::new("a sum within 64 bits"))?;
        Ok(Self { currency: self.currency, minor })
    }
}

impl TryFrom<(String, i64)> for Money {
    type Error = Rule;
    fn try_from((code, minor): (String, i64)) -> Result<Self, Rule> {
        Self::new(&code, minor)
    }
}

impl From<Money> for (String, i64) {
    fn from(money: Money) -> Self {
        (money.currency_code().to_owned(), money.minor)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exponent = self.exponent();
        let unit = 10_i64.pow(exponent);
        let (sign, whole, rest) =
            (if self.minor < 0 { "-" } else { "" }, (self.minor / unit).abs(), (self.minor % unit).abs());
        if exponent == 0 {
            write!(f, "{sign}{whole} {}", self.currency_code())
        } else {
            write!(f, "{sign}{whole}.{rest:0width$} {}", self.currency_code(), width = exponent as usize)
        }
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_shown_with_the_decimals_of_its_currency() {
        assert_eq!(Money::new("EUR", -1205).unwrap().to_string(), "-12.05 EUR");
        assert_eq!(Money::new("JPY", 1205).unwrap().to_string(), "1205 JPY");
        assert!(Money::new("eur", 1).is_err());
    }

    #[test]
    fn a_sum_that_overflows_is_refused() {
        let most = Money::new("EUR", i64::MAX).unwrap();
        assert!(most.checked_add(Money::new("EUR", 1).unwrap()).is_err());
        assert!(most.checked_add(Money::new("USD", 1).unwrap()).is_err());
    }
}
