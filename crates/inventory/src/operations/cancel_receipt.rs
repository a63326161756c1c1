//! A receipt that will not come.

use meridian_messaging::Work;
use meridian_types::ReceiptId;

use super::settle_receipt::Ending;
use crate::domain::receipt::{Receipt, ReceiptState};
use crate::error::Error;
use crate::regions::Regions;

/// Cancels a receipt, or answers for it again; holds that await its units are released.
///
/// # Errors
/// `ReceiptNotFound`; `ReceiptOver` when it was booked in.
pub(crate) async fn cancel_receipt(
    work: &mut Work,
    regions: &Regions,
    receipt_id: &ReceiptId,
) -> Result<Receipt, Error> {
    let ending = Ending::lock(work, receipt_id).await?;
    match ending.receipt.state {
        ReceiptState::Cancelled => return Ok(ending.receipt),
        ReceiptState::Received => {
            let state = ending.receipt.state.as_str();
            return Err(Error::ReceiptOver { receipt_id: receipt_id.clone(), state });
        }
        ReceiptState::Expected => {}
    }
    let nobody = ending.covered(0, work.now());
    let (receipt, _) = ending.settle(work, regions, &nobody, ReceiptState::Cancelled).await?;
    Ok(receipt)
}
