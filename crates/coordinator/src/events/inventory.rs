//! What inventories say about holds and transfers.

use async_trait::async_trait;
use jiff::Timestamp;
use meridian_messaging::{Event, Handler, Work};
use meridian_proto::inventory::v1 as pb;
use meridian_types::{HoldId, ItemId, Problem, ReceiptAt, ReceiptId, SiteId, TransferId};

use super::{instant, instant_if_set, parsed, said};
use crate::domain::{Input, Lacking, TransferMilestone};
use crate::operations::learn::learn_of_task;

/// Listens to the inventory of one region.
pub(crate) struct InventoryEvents;

#[async_trait]
impl Handler for InventoryEvents {
    async fn handle(&self, work: &mut Work, event: &Event) -> Result<(), Problem> {
        macro_rules! about_hold {
            ($($message:ident => $input:expr, $text:literal;)+) => {
                $(if event.is::<pb::$message>() {
                    let told = event.decode::<pb::$message>()?;
                    let hold: HoldId = parsed("hold_id", &told.hold_id)?;
                    let said = said::<pb::$message>(event, $text.to_owned());
                    return Ok(learn_of_task(work, hold.uuid(), said, Some($input(hold))).await?);
                })+
            };
        }
        about_hold! {
            HoldConfirmed => Input::HoldConfirmed, "Stock is reserved";
            HoldReleased => Input::HoldReleased, "Stock was given back";
            HoldExpired => Input::HoldExpired, "The hold on stock has expired";
        }
        if event.is::<pb::HoldPlaced>() {
            hold_placed(work, event).await
        } else if event.is::<pb::HoldRefused>() {
            hold_refused(work, event).await
        } else if event.is::<pb::HoldCovered>() {
            hold_covered(work, event).await
        } else if event.is::<pb::HoldDelayed>() {
            hold_delayed(work, event).await
        } else if event.is::<pb::GoodsShelved>() {
            goods_shelved(work, event).await
        } else if event.is::<pb::StockCommandRefused>() {
            command_refused(work, event).await
        } else if event.is::<pb::TransferRequested>() {
            transfer_requested(work, event).await
        } else if event.is::<pb::TransferProgressed>() {
            transfer_progressed(work, event).await
        } else {
            Ok(())
        }
    }
}

/// What the hold waits for may come at another time than when it was asked for: the plan hears that first, so that no
/// date is told that cannot be kept.
async fn hold_placed(work: &mut Work, event: &Event) -> Result<(), Problem> {
    let told: pb::HoldPlaced = event.decode()?;
    let hold: HoldId = parsed("hold_id", &told.hold_id)?;
    let said = said::<pb::HoldPlaced>(event, "Stock is held".to_owned());
    let mut inputs = Vec::new();
    for awaited in &told.awaited {
        let receipt: ReceiptId = parsed("awaited.receipt_id", &awaited.receipt_id)?;
        let expected_at = instant("awaited.expected_at", awaited.expected_at)?;
        // Whatever else is told of the receipt is newer.
        inputs.push(Input::HoldDelayed { hold, receipt, expected_at, told_at: Timestamp::MIN });
    }
    inputs.push(Input::HoldPlaced(hold));
    Ok(learn_of_task(work, hold.uuid(), said, inputs).await?)
}

async fn hold_refused(work: &mut Work, event: &Event) -> Result<(), Problem> {
    let told: pb::HoldRefused = event.decode()?;
    let hold: HoldId = parsed("hold_id", &told.hold_id)?;
    let warehouse = told.warehouse_site_id.parse::<SiteId>().ok();
    let lacking = warehouse.and_then(|warehouse| match told.receipt_id.parse::<ReceiptId>() {
        Ok(receipt) => Some(Lacking::Receipt(ReceiptAt { warehouse, receipt })),
        Err(_) => Some(Lacking::Stock(told.item_id.parse::<ItemId>().ok()?, warehouse)),
    });
    let left = told.available;
    let text = match &lacking {
        Some(Lacking::Stock(item, site)) => format!("Stock was refused: {left} of {item} are left at {site}"),
        Some(Lacking::Receipt(receipt)) => format!("Stock was refused: {left} of receipt {receipt} are left"),
        None => format!("Stock was refused: {}", told.reason),
    };
    let said = said::<pb::HoldRefused>(event, text);
    Ok(learn_of_task(work, hold.uuid(), said, Some(Input::HoldRefused(hold, lacking))).await?)
}

async fn hold_covered(work: &mut Work, event: &Event) -> Result<(), Problem> {
    let told: pb::HoldCovered = event.decode()?;
    let hold: HoldId = parsed("hold_id", &told.hold_id)?;
    let receipt: ReceiptId = parsed("receipt_id", &told.receipt_id)?;
    let said =
        said::<pb::HoldCovered>(event, format!("Receipt {receipt} has come: stock is held on the shelf"));
    Ok(learn_of_task(work, hold.uuid(), said, Some(Input::HoldCovered(hold, receipt))).await?)
}

async fn hold_delayed(work: &mut Work, event: &Event) -> Result<(), Problem> {
    let told: pb::HoldDelayed = event.decode()?;
    let hold: HoldId = parsed("hold_id", &told.hold_id)?;
    let receipt: ReceiptId = parsed("receipt_id", &told.receipt_id)?;
    let expected_at = instant("expected_at", told.expected_at)?;
    let said = said::<pb::HoldDelayed>(event, format!("Receipt {receipt} is expected at another time"));
    let input = Input::HoldDelayed { hold, receipt, expected_at, told_at: said.time };
    Ok(learn_of_task(work, hold.uuid(), said, Some(input)).await?)
}

async fn goods_shelved(work: &mut Work, event: &Event) -> Result<(), Problem> {
    let told: pb::GoodsShelved = event.decode()?;
    let transfer: TransferId = parsed("transfer_id", &told.transfer_id)?;
    let text = "Goods that are not needed any more are on the shelf where they came".to_owned();
    let said = said::<pb::GoodsShelved>(event, text);
    Ok(learn_of_task(work, transfer.uuid(), said, Some(Input::GoodsShelved(transfer))).await?)
}

async fn command_refused(work: &mut Work, event: &Event) -> Result<(), Problem> {
    let told: pb::StockCommandRefused = event.decode()?;
    let (task, input, what) = if told.transfer_id.is_empty() {
        let hold: HoldId = parsed("hold_id", &told.hold_id)?;
        (hold.uuid(), Input::HoldCommandRefused(hold), "stock")
    } else {
        let transfer: TransferId = parsed("transfer_id", &told.transfer_id)?;
        (transfer.uuid(), Input::TransferCommandRefused(transfer), "a shipment")
    };
    let said =
        said::<pb::StockCommandRefused>(event, format!("A wish about {what} was refused: {}", told.reason));
    Ok(learn_of_task(work, task, said, Some(input)).await?)
}

async fn transfer_requested(work: &mut Work, event: &Event) -> Result<(), Problem> {
    let transfer = event.decode::<pb::TransferRequested>()?.transfer.unwrap_or_default();
    let id: TransferId = parsed("transfer.transfer_id", &transfer.transfer_id)?;
    let text = format!("Shipment ordered from {} to {}", transfer.from_site_id, transfer.to_site_id);
    let said = said::<pb::TransferRequested>(event, text);
    Ok(learn_of_task(work, id.uuid(), said, Some(Input::TransferOrdered(id))).await?)
}

async fn transfer_progressed(work: &mut Work, event: &Event) -> Result<(), Problem> {
    let told: pb::TransferProgressed = event.decode()?;
    let transfer: TransferId = parsed("transfer_id", &told.transfer_id)?;
    let happened_at = instant("happened_at", told.happened_at)?;
    let expected_at = instant_if_set("expected_at", told.expected_at)?;
    let (milestone, text) = match told.milestone() {
        pb::Milestone::Picked => (TransferMilestone::Picked, "Picked from the shelf"),
        pb::Milestone::PickFailed => (TransferMilestone::PickFailed, "Not found on the shelf, or damaged"),
        pb::Milestone::Shipped => (TransferMilestone::Shipped, "Handed to the carrier"),
        pb::Milestone::InCustoms => (TransferMilestone::InCustoms, "With customs"),
        pb::Milestone::CustomsHold => (TransferMilestone::CustomsHold, "Held back by customs"),
        pb::Milestone::CustomsReleased => (TransferMilestone::CustomsReleased, "Let go by customs"),
        pb::Milestone::Received => (TransferMilestone::Received, "Received"),
        pb::Milestone::Lost => (TransferMilestone::Lost, "Lost"),
        pb::Milestone::Cancelled => (TransferMilestone::Cancelled, "Shipment called off before it left"),
        pb::Milestone::Unspecified => return Ok(()),
    };
    let text = match (milestone, told.to_site_id.as_str()) {
        (TransferMilestone::Received, to_site) if !to_site.is_empty() => format!("{text} at {to_site}"),
        _ => text.to_owned(),
    };
    let said = said::<pb::TransferProgressed>(event, text);
    let input = Input::TransferProgressed {
        transfer,
        version: event.aggregate_version,
        milestone,
        happened_at,
        expected_at,
    };
    Ok(learn_of_task(work, transfer.uuid(), said, Some(input)).await?)
}
