//! Expecting units at a warehouse, and what changes before they come.

use jiff::Timestamp;
use meridian_messaging::Work;
use meridian_types::{ItemId, Quantity, ReceiptId, SiteId, Violations};

use super::adjust_stock::check_shelf;
use super::announce;
use crate::domain::receipt::{Receipt, ReceiptState};
use crate::domain::stock::{Pool, Shelf};
use crate::error::Error;
use crate::regions::Regions;
use crate::store;

/// What is expected, where and when.
#[derive(Debug)]
pub(crate) struct ExpectReceipt {
    pub(crate) receipt_id: ReceiptId,
    pub(crate) item_id: ItemId,
    pub(crate) warehouse_site_id: SiteId,
    pub(crate) quantity: Quantity,
    pub(crate) expected_at: Timestamp,
    /// 0 or more, less than 1.
    pub(crate) late_probability: f64,
}

/// Expects the receipt, or changes its date, its quantity or its risk. What says nothing new changes nothing; another
/// date is told to every hold that awaits its units.
///
/// # Errors
/// A date in the past, an unknown item or warehouse, by field; `ReceiptExists` for another item or warehouse than
/// before; `ReceiptOver` when it came or was cancelled; `ReceiptBelowHeld` for fewer units than holds claim.
pub(crate) async fn expect_receipt(
    work: &mut Work,
    regions: &Regions,
    wanted: &ExpectReceipt,
) -> Result<Receipt, Error> {
    let now = work.now();
    if wanted.expected_at < now {
        let mut violations = Violations::new();
        violations.add("expected_at", wanted.expected_at, format!("not earlier than now, {now}"));
        return Err(Error::Invalid(violations));
    }
    let shelf = Shelf {
        item_id: wanted.item_id.clone(),
        warehouse_site_id: wanted.warehouse_site_id.clone(),
        pool: Pool::Stock,
    };
    check_shelf(work, regions, &shelf).await?;
    let receipt = Receipt {
        id: wanted.receipt_id.clone(),
        shelf,
        quantity: wanted.quantity,
        held: 0,
        expected_at: wanted.expected_at,
        late_probability: wanted.late_probability,
        state: ReceiptState::Expected,
        version: 1,
    };
    if store::receipt::insert(work.conn(), &receipt).await? {
        announce::receipt_changed(work, regions, &receipt);
        return Ok(receipt);
    }
    let known = store::receipt::lock(work.conn(), [&receipt.id]).await?.pop();
    let known = known.ok_or_else(|| Error::ReceiptNotFound(receipt.id.clone()))?;
    change(work, regions, known, receipt).await
}

async fn change(
    work: &mut Work,
    regions: &Regions,
    known: Receipt,
    wanted: Receipt,
) -> Result<Receipt, Error> {
    if known.shelf != wanted.shelf {
        return Err(Error::ReceiptExists(known.id));
    }
    if known.state != ReceiptState::Expected {
        return Err(Error::ReceiptOver { receipt_id: known.id, state: known.state.as_str() });
    }
    if wanted.quantity.units() < known.held {
        let Receipt { id: receipt_id, held, .. } = known;
        return Err(Error::ReceiptBelowHeld { receipt_id, held, quantity: wanted.quantity });
    }
    let changed = Receipt { held: known.held, version: known.version, ..wanted };
    if changed == known {
        return Ok(known);
    }
    let changed = Receipt { version: known.version + 1, ..changed };
    store::receipt::update(work.conn(), &changed).await?;
    announce::receipt_changed(work, regions, &changed);
    if changed.expected_at != known.expected_at {
        tell_claimants(work, &changed).await?;
    }
    Ok(changed)
}

/// Tells who awaits units of a locked receipt when they are expected now. A hold that has expired, recorded or not, awaits
/// nothing any more.
async fn tell_claimants(work: &mut Work, receipt: &Receipt) -> Result<(), Error> {
    for (hold_id, _) in store::receipt::claimants(work.conn(), &receipt.id).await? {
        let hold = store::hold::lock(work.conn(), hold_id).await?.ok_or(Error::HoldNotFound(hold_id))?;
        if hold.expire(work.now()).is_none() {
            announce::hold_delayed(work, &hold, receipt);
        }
    }
    Ok(())
}
