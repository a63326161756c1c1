//! Comparing what is counted in more than one place.

use meridian_types::RegionId;
use sqlx::PgConnection;

use crate::error::Error;
use crate::store::audit::{self, Balance, Mismatch, ReceiptMismatch};

/// What an audit found.
#[derive(Debug)]
pub(crate) struct Audit {
    /// Must be empty.
    pub(crate) mismatches: Vec<Mismatch>,
    /// Must be empty.
    pub(crate) receipt_mismatches: Vec<ReceiptMismatch>,
    /// Must add up.
    pub(crate) balance: Balance,
}

/// Audits the stock of this region. Mismatches and balance are each of one moment, not of the same.
pub(crate) async fn audit_stock(conn: &mut PgConnection, own: &RegionId) -> Result<Audit, Error> {
    let mismatches = audit::mismatches(conn).await?;
    let receipt_mismatches = audit::receipt_mismatches(conn).await?;
    let balance = audit::balance(conn, own).await?;
    Ok(Audit { mismatches, receipt_mismatches, balance })
}
