//! Why units come onto a shelf or leave it.

use meridian_types::Rule;

use super::stock::Pool;
use super::words;

words! {
    /// Reason of an entry. `operations/audit_stock.rs` says what each means for the balance.
    pub(crate) enum Reason {
        /// Opening stock of the catalogue.
        Opening = "opening",
        /// Goods came in.
        Receipt = "receipt",
        /// A scheduled receipt was booked in.
        ScheduledReceipt = "scheduled_receipt",
        /// Counted: more or fewer than the books said.
        Count = "count",
        /// Arrived from another region.
        TransferIn = "transfer_in",
        /// Left the shelf for a transfer.
        Picked = "picked",
        /// Picked for a transfer that was called off.
        PutBack = "put_back",
        /// Arrived from a warehouse of this region.
        PutAway = "put_away",
        /// A lent unit came back.
        LoanReturn = "loan_return",
        /// Came for a case that does not need it any more.
        Shelved = "shelved",
        /// Damaged.
        Damaged = "damaged",
        /// Looked for and not found.
        Missing = "missing",
    }
}

/// Whether an adjustment by hand makes sense: its sign fits the reason, and only lent units come back from loan.
///
/// # Errors
/// The field of the request that does not fit, and the rule it breaks.
pub(crate) fn check_adjustment(reason: Reason, pool: Pool, delta: i64) -> Result<(), (&'static str, Rule)> {
    match reason {
        Reason::Receipt | Reason::LoanReturn if delta < 0 => {
            Err(("delta", Rule::new("positive for goods that come in")))
        }
        Reason::Damaged if delta > 0 => Err(("delta", Rule::new("negative for damaged goods"))),
        Reason::LoanReturn if pool != Pool::Loan => {
            Err(("pool", Rule::new("POOL_LOAN for a unit that was lent")))
        }
        _ => Ok(()),
    }
}
