//! Ending a receipt: sharing out what came of it among the holds that await its units.

use meridian_messaging::Work;
use meridian_types::{HoldId, ReceiptId};

use super::claim::free;
use super::{announce, expire_hold};
use crate::domain::hold::{Hold, HoldState};
use crate::domain::receipt::{Receipt, ReceiptState, covered};
use crate::domain::stock::Line;
use crate::domain::transfer::{Milestone, TransferState};
use crate::error::Error;
use crate::regions::Regions;
use crate::store;

/// A receipt that is about to end, and the holds that await its units in the order in which they were placed, with how
/// many each awaits. All are locked, and so is whatever else those holds claim of receipts, and their transfers.
#[derive(Debug)]
pub(crate) struct Ending {
    pub(crate) receipt: Receipt,
    claims: Vec<(Hold, i64)>,
}

impl Ending {
    /// Locks the receipt and all that depends on it. A hold that is placed in just this moment is found all the same;
    /// only what else it claims is locked late then, which the database detects when it makes two wait for each other.
    ///
    /// # Errors
    /// `ReceiptNotFound`.
    pub(crate) async fn lock(work: &mut Work, receipt_id: &ReceiptId) -> Result<Self, Error> {
        store::transfer::lock_awaiting(work.conn(), receipt_id).await?;
        let mut ids = store::receipt::awaited_beside(work.conn(), receipt_id).await?;
        ids.push(receipt_id.clone());
        let receipts = store::receipt::lock(work.conn(), &ids).await?;
        let receipt = receipts.into_iter().find(|receipt| receipt.id == *receipt_id);
        let receipt = receipt.ok_or_else(|| Error::ReceiptNotFound(receipt_id.clone()))?;
        let mut claims = Vec::new();
        for (hold_id, units) in store::receipt::claimants(work.conn(), receipt_id).await? {
            let hold = store::hold::lock(work.conn(), hold_id).await?.ok_or(Error::HoldNotFound(hold_id))?;
            claims.push((hold, units));
        }
        Ok(Self { receipt, claims })
    }

    /// Which claims fit into what came. A hold that has expired, recorded or not, claims nothing any more.
    pub(crate) fn covered(&self, came: i64, now: jiff::Timestamp) -> Vec<bool> {
        let units = |(hold, units): &(Hold, i64)| if hold.expire(now).is_some() { i64::MAX } else { *units };
        covered(&self.claims.iter().map(units).collect::<Vec<_>>(), came)
    }

    /// Units of the claims that are covered.
    pub(crate) fn units_covered(&self, is_covered: &[bool]) -> i64 {
        self.claims.iter().zip(is_covered).filter(|(_, covered)| **covered).map(|((_, units), _)| units).sum()
    }

    /// Ends the receipt in `state`: covered holds claim their units on the shelf, where they are claimed by now; the
    /// others are given back. Returns those.
    pub(crate) async fn settle(
        self,
        work: &mut Work,
        regions: &Regions,
        is_covered: &[bool],
        state: ReceiptState,
    ) -> Result<(Receipt, Vec<HoldId>), Error> {
        let Self { mut receipt, claims } = self;
        (receipt.state, receipt.held) = (state, 0);
        receipt.version += 1;
        store::receipt::update(work.conn(), &receipt).await?;
        announce::receipt_changed(work, regions, &receipt);
        let mut released = Vec::new();
        for ((mut hold, _), is_covered) in claims.into_iter().zip(is_covered) {
            if *is_covered {
                hold.cover(&receipt.id);
                store::hold::cover(work.conn(), &hold, &receipt.id).await?;
                announce::hold_covered(work, &hold, &receipt.id);
            } else {
                released.push(hold.id);
                fail(work, regions, hold, &receipt.id).await?;
            }
        }
        Ok((receipt, released))
    }
}

/// Ends a hold whose units do not come, and the transfer that waits for them.
async fn fail(
    work: &mut Work,
    regions: &Regions,
    mut hold: Hold,
    receipt_id: &ReceiptId,
) -> Result<(), Error> {
    // What it claimed of this receipt has ended with it.
    let others: Vec<Line> =
        hold.lines.iter().filter(|line| line.awaited_receipt() != Some(receipt_id)).cloned().collect();
    free(work, regions, &others).await?;
    let now = work.now();
    let end = hold.expire(now).unwrap_or(HoldState::Released);
    let has_expired = end == HoldState::Expired;
    hold.enter(end);
    store::hold::update(work.conn(), &hold).await?;
    expire_hold::unschedule(work, &hold);
    if has_expired {
        announce::hold_expired(work, &hold);
        return Ok(());
    }
    announce::hold_released(work, &hold);
    if let Some(transfer_id) = store::transfer::id_of_hold(work.conn(), hold.id).await?
        && let Some(mut transfer) = store::transfer::lock(work.conn(), transfer_id).await?
    {
        transfer.state = TransferState::After(Milestone::PickFailed);
        transfer.version += 1;
        store::transfer::update(work.conn(), &transfer).await?;
        announce::transfer_progressed(work, &transfer, Milestone::PickFailed, now);
    }
    Ok(())
}
