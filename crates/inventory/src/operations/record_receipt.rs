//! Booking in what a receipt brought.

use meridian_messaging::Work;
use meridian_types::{HoldId, Quantity, ReceiptId};

use super::book::book;
use super::settle_receipt::Ending;
use crate::domain::ledger::Reason;
use crate::domain::receipt::{Receipt, ReceiptState};
use crate::domain::stock::{Change, Level};
use crate::error::Error;
use crate::regions::Regions;
use crate::store;

/// What came of booking a receipt in.
#[derive(Debug)]
pub(crate) struct Recorded {
    pub(crate) receipt: Receipt,
    /// The level with its units.
    pub(crate) level: Level,
    /// Holds that did not fit into what came.
    pub(crate) released: Vec<HoldId>,
}

/// Puts the units that came onto their shelf, claimed by the holds that awaited them as far as they suffice.
///
/// # Errors
/// `ReceiptNotFound`; `ReceiptOver` when it was booked in before or cancelled; `ShelfFull`.
pub(crate) async fn record_receipt(
    work: &mut Work,
    regions: &Regions,
    (receipt_id, came): (&ReceiptId, Quantity),
) -> Result<Recorded, Error> {
    let mut ending = Ending::lock(work, receipt_id).await?;
    if ending.receipt.state != ReceiptState::Expected {
        let state = ending.receipt.state.as_str();
        return Err(Error::ReceiptOver { receipt_id: receipt_id.clone(), state });
    }
    let now = work.now();
    let is_covered = ending.covered(came.units(), now);
    let shelf = ending.receipt.shelf.clone();
    store::stock::open(work.conn(), [&shelf], now).await?;
    let change =
        Change { shelf: shelf.clone(), on_hand: came.units(), held: ending.units_covered(&is_covered) };
    let reason = Some(Reason::ScheduledReceipt);
    let level = book(work, regions, &[change], reason, receipt_id.as_str()).await?.pop();
    let level = level.ok_or(Error::ShelfFull(shelf))?;
    ending.receipt.quantity = came;
    let (receipt, released) = ending.settle(work, regions, &is_covered, ReceiptState::Received).await?;
    Ok(Recorded { receipt, level, released })
}
