//! Requests as a well-behaved caller makes them.

use jiff::Timestamp;
use meridian_proto::inventory::v1 as pb;
use meridian_types::{CaseId, HoldId, IdSource, SystemIds, TransferId};

/// Where goods go.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Destination<'a> {
    Customer,
    Warehouse { region: &'a str, site_id: &'a str },
}

pub(crate) fn placing(hold_id: &str, lines: &[pb::HoldLine]) -> pb::PlaceHoldRequest {
    pb::PlaceHoldRequest {
        request_id: request_id(),
        hold_id: hold_id.to_owned(),
        case_id: case_id(),
        lines: lines.to_vec(),
        expires_in_minutes: 30,
    }
}

pub(crate) fn sending(hold_id: &str, from: &str, to: Destination<'_>) -> pb::RequestTransferRequest {
    let (to_site_id, to_region) = match to {
        Destination::Customer => ("CLINIC", ""),
        Destination::Warehouse { region, site_id } => (site_id, region),
    };
    pb::RequestTransferRequest {
        request_id: request_id(),
        transfer_id: transfer_id(),
        case_id: case_id(),
        hold_id: hold_id.to_owned(),
        from_site_id: from.to_owned(),
        to_site_id: to_site_id.to_owned(),
        to_region: to_region.to_owned(),
        ..pb::RequestTransferRequest::default()
    }
}

pub(crate) fn reporting(transfer_id: &str, milestone: pb::Milestone) -> pb::RecordMilestoneRequest {
    pb::RecordMilestoneRequest {
        request_id: request_id(),
        transfer_id: transfer_id.to_owned(),
        milestone: milestone.into(),
        ..pb::RecordMilestoneRequest::default()
    }
}

pub(crate) fn adjusting(
    warehouse: &str,
    item_id: &str,
    delta: i64,
    reason: pb::AdjustReason,
) -> pb::AdjustStockRequest {
    pb::AdjustStockRequest {
        request_id: request_id(),
        item_id: item_id.to_owned(),
        warehouse_site_id: warehouse.to_owned(),
        pool: pb::Pool::Stock.into(),
        delta,
        reason: reason.into(),
        unit: String::new(),
    }
}

pub(crate) fn line(warehouse: &str, item_id: &str, quantity: i64) -> pb::HoldLine {
    pb::HoldLine {
        item_id: item_id.to_owned(),
        warehouse_site_id: warehouse.to_owned(),
        quantity,
        pool: pb::Pool::Stock.into(),
        ..pb::HoldLine::default()
    }
}

/// Units of a kit, and all that goes into them.
pub(crate) fn kit(item_id: &str, quantity: i64, parts: &[(&str, i64)]) -> pb::KitOrder {
    let part = |(item_id, quantity): &(&str, i64)| pb::KitLine {
        item_id: (*item_id).to_owned(),
        quantity: *quantity,
    };
    pb::KitOrder { item_id: item_id.to_owned(), quantity, parts: parts.iter().map(part).collect() }
}

/// Units that come to the warehouse with a receipt.
pub(crate) fn awaiting(receipt_id: &str, warehouse: &str, item_id: &str, quantity: i64) -> pb::HoldLine {
    pb::HoldLine { receipt_id: receipt_id.to_owned(), ..line(warehouse, item_id, quantity) }
}

pub(crate) fn expecting(
    receipt_id: &str,
    warehouse: &str,
    item_id: &str,
    quantity: i64,
    expected_at: Timestamp,
) -> pb::ExpectReceiptRequest {
    pb::ExpectReceiptRequest {
        request_id: request_id(),
        receipt_id: receipt_id.to_owned(),
        item_id: item_id.to_owned(),
        warehouse_site_id: warehouse.to_owned(),
        quantity,
        expected_at: Some(prost_types::Timestamp { seconds: expected_at.as_second(), nanos: 0 }),
        late_probability: 0.25,
    }
}

pub(crate) fn item(item_id: &str) -> pb::Item {
    pb::Item {
        item_id: item_id.to_owned(),
        name: format!("Item {item_id}"),
        unit: "each".to_owned(),
        weight_grams: 1200,
        ..pb::Item::default()
    }
}

pub(crate) fn request_id() -> String {
    SystemIds.uuid().simple().to_string()
}

pub(crate) fn hold_id() -> String {
    HoldId::fresh(&SystemIds).to_string()
}

pub(crate) fn case_id() -> String {
    CaseId::fresh(&SystemIds).to_string()
}

pub(crate) fn transfer_id() -> String {
    TransferId::fresh(&SystemIds).to_string()
}
