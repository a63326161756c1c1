//! Which receipt, told apart in the whole world.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{ReceiptId, SiteId};

/// A receipt that a warehouse expects. Its id alone says which one within a region only: two regions may expect
/// receipts of one number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ReceiptAt {
    /// The warehouse that expects it.
    pub warehouse: SiteId,
    /// Which of its receipts.
    pub receipt: ReceiptId,
}

impl fmt::Display for ReceiptAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.receipt, self.warehouse)
    }
}
