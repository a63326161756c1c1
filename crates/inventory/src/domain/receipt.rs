//! Scheduled receipts: units that a warehouse expects.
//!
//! expected -> received | cancelled. While it is expected its date and its quantity may change, and holds claim its
//! units; when it is booked in, those that came are shared out among them.

use jiff::Timestamp;
use meridian_types::{Quantity, ReceiptId, RegionId};

use super::stock::Shelf;
use super::words;

words! {
    /// Where a receipt stands.
    pub(crate) enum ReceiptState {
        /// On its way.
        Expected = "expected",
        /// Booked in.
        Received = "received",
        /// Will not come.
        Cancelled = "cancelled",
    }
}

/// Units that a warehouse expects.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Receipt {
    pub(crate) id: ReceiptId,
    /// Where they will stand; always in the pool that is given away.
    pub(crate) shelf: Shelf,
    /// Units expected; once it is booked in, the units that came.
    pub(crate) quantity: Quantity,
    /// Units that open holds claim; 0 once it is over.
    pub(crate) held: i64,
    pub(crate) expected_at: Timestamp,
    /// Probability that they come later; 0 or more, less than 1.
    pub(crate) late_probability: f64,
    pub(crate) state: ReceiptState,
    /// Grows with every change.
    pub(crate) version: i64,
}

impl Receipt {
    /// Units that can still be claimed.
    pub(crate) fn available(&self) -> i64 {
        if self.state == ReceiptState::Expected { self.quantity.units() - self.held } else { 0 }
    }
}

/// A receipt somewhere in the world, as this region knows it.
#[derive(Debug)]
pub(crate) struct WorldReceipt {
    pub(crate) region: RegionId,
    pub(crate) receipt: Receipt,
}

/// Shares out the units that came among claims in the order in which they were placed: each that still fits is
/// covered. Returns whether each is.
pub(crate) fn covered(claims: &[i64], came: i64) -> Vec<bool> {
    let mut left = came;
    let fits = |units: &i64| {
        let is_covered = *units <= left;
        left -= if is_covered { *units } else { 0 };
        is_covered
    };
    claims.iter().map(fits).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn who_came_first_is_covered_first_and_who_does_not_fit_does_not_stop_the_next() {
        assert_eq!(covered(&[3, 4, 1], 5), [true, false, true]);
        assert_eq!(covered(&[3, 4, 1], 8), [true, true, true]);
        assert_eq!(covered(&[3, 4, 1], 0), [false, false, false]);
    }

    proptest! {
        #[test]
        fn no_more_is_given_away_than_came_and_nobody_who_would_fit_goes_without(
            claims in prop::collection::vec(1..20_i64, 0..12), came in 0..60_i64
        ) {
            let is_covered = covered(&claims, came);
            let given: i64 = claims.iter().zip(&is_covered).filter(|(_, c)| **c).map(|(units, _)| units).sum();
            prop_assert!(given <= came);
            let left = came - given;
            prop_assert!(claims.iter().zip(&is_covered).all(|(units, covered)| *covered || *units > left));
        }
    }
}
