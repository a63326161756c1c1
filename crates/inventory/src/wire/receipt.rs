//! Calls and events about receipts.

use jiff::Timestamp;
use meridian_chassis::decode::{complete, parsed, quantity, request_id, timestamp};
use meridian_proto::inventory::v1 as pb;
use meridian_types::{Problem, Quantity, ReceiptId, Violations};

use super::field::shelf;
use crate::domain::receipt::{Receipt, ReceiptState};
use crate::operations::expect_receipt::ExpectReceipt;

pub(crate) fn expect(request: &pb::ExpectReceiptRequest) -> Result<(String, ExpectReceipt), Problem> {
    let mut violations = Violations::new();
    let request_id = request_id(&mut violations, &request.request_id);
    let receipt_id = parsed(&mut violations, "receipt_id", &request.receipt_id);
    let item_id = parsed(&mut violations, "item_id", &request.item_id);
    let warehouse_site_id = parsed(&mut violations, "warehouse_site_id", &request.warehouse_site_id);
    let quantity = quantity(&mut violations, "quantity", request.quantity);
    // To the microsecond, as the database keeps it: the same date again is no change.
    let expected_at = timestamp(&mut violations, "expected_at", request.expected_at)
        .and_then(|at| Timestamp::from_microsecond(at.as_microsecond()).ok());
    let late_probability = late_probability(&mut violations, "late_probability", request.late_probability);
    let wanted = || {
        Some(ExpectReceipt {
            receipt_id: receipt_id?,
            item_id: item_id?,
            warehouse_site_id: warehouse_site_id?,
            quantity: quantity?,
            expected_at: expected_at?,
            late_probability: late_probability?,
        })
    };
    complete(violations, request_id.zip(wanted()))
}

fn late_probability(violations: &mut Violations, field: &str, given: f64) -> Option<f64> {
    let kept = (0.0..1.0).contains(&given);
    if !kept {
        violations.add(field, given, "0 or more and less than 1");
    }
    kept.then_some(given)
}

pub(crate) fn cancel(request: &pb::CancelReceiptRequest) -> Result<(String, ReceiptId), Problem> {
    let mut violations = Violations::new();
    let request_id = request_id(&mut violations, &request.request_id);
    let receipt_id = parsed(&mut violations, "receipt_id", &request.receipt_id);
    complete(violations, request_id.zip(receipt_id))
}

pub(crate) fn record(request: &pb::RecordReceiptRequest) -> Result<(String, (ReceiptId, Quantity)), Problem> {
    let mut violations = Violations::new();
    let request_id = request_id(&mut violations, &request.request_id);
    let receipt_id = parsed(&mut violations, "receipt_id", &request.receipt_id);
    let quantity = quantity(&mut violations, "quantity", request.quantity);
    complete(violations, request_id.zip(receipt_id.zip(quantity)))
}

/// A receipt that another region states.
pub(crate) fn stated_receipt(event: pb::ReceiptChanged) -> Result<Receipt, Problem> {
    let mut violations = Violations::new();
    let given = event.receipt.unwrap_or_default();
    let id = parsed(&mut violations, "receipt.receipt_id", &given.receipt_id);
    let pool = pb::Pool::Stock.into();
    let shelf = shelf(&mut violations, "receipt.", &given.item_id, &given.warehouse_site_id, pool);
    let units = quantity(&mut violations, "receipt.quantity", given.quantity);
    let expected_at = timestamp(&mut violations, "receipt.expected_at", given.expected_at);
    let late = late_probability(&mut violations, "receipt.late_probability", given.late_probability);
    let state = match given.state() {
        pb::ReceiptState::Expected => Some(ReceiptState::Expected),
        pb::ReceiptState::Received => Some(ReceiptState::Received),
        pb::ReceiptState::Cancelled => Some(ReceiptState::Cancelled),
        pb::ReceiptState::Unspecified => {
            violations.add("receipt.state", given.state, "one of the named states");
            None
        }
    };
    let receipt = || {
        Some(Receipt {
            id: id?,
            shelf: shelf?,
            quantity: units?,
            held: given.held,
            expected_at: expected_at?,
            late_probability: late?,
            state: state?,
            version: given.version,
        })
    };
    complete(violations, receipt())
}
