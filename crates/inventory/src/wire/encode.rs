//! Domain values into messages.

use meridian_chassis::encode::{money, timestamp};
use meridian_proto::inventory::v1 as pb;
use meridian_types::{CaseId, RegionId};

use crate::domain::hold::{Hold, HoldState};
use crate::domain::item::{Item, KitLine};
use crate::domain::receipt::{Receipt, ReceiptState};
use crate::domain::stock::{CaseHold, Level, Line, Pool, WorldLevel};
use crate::domain::transfer::{Cargo, KitOrder, Milestone, Transfer, TransferState};
use crate::store::audit::{Mismatch, ReceiptMismatch};

pub(crate) const fn pool(pool: Pool) -> pb::Pool {
    match pool {
        Pool::Stock => pb::Pool::Stock,
        Pool::Loan => pb::Pool::Loan,
    }
}

/// A level of `region`.
pub(crate) fn level(region: &RegionId, level: &Level) -> pb::StockLevel {
    pb::StockLevel {
        item_id: level.shelf.item_id.to_string(),
        warehouse_site_id: level.shelf.warehouse_site_id.to_string(),
        region: region.to_string(),
        pool: pool(level.shelf.pool).into(),
        on_hand: level.on_hand,
        held: level.held,
        available: level.available(),
        version: level.version,
        as_of: Some(timestamp(level.as_of)),
        age_ms: 0,
        holds: Vec::new(),
    }
}

pub(crate) fn world_level(known: &WorldLevel) -> pb::StockLevel {
    pb::StockLevel { age_ms: known.age_ms, ..level(&known.region, &known.level) }
}

/// A level somewhere in the world, and who holds its units.
pub(crate) fn found_level(known: &WorldLevel, holds: &[CaseHold]) -> pb::StockLevel {
    let hold = |hold: &CaseHold| pb::CaseHold { case_id: hold.case_id.to_string(), quantity: hold.units };
    pb::StockLevel { holds: holds.iter().map(hold).collect(), ..world_level(known) }
}

/// A receipt that `region` expects.
pub(crate) fn receipt(region: &RegionId, receipt: &Receipt) -> pb::Receipt {
    let state = match receipt.state {
        ReceiptState::Expected => pb::ReceiptState::Expected,
        ReceiptState::Received => pb::ReceiptState::Received,
        ReceiptState::Cancelled => pb::ReceiptState::Cancelled,
    };
    pb::Receipt {
        receipt_id: receipt.id.to_string(),
        item_id: receipt.shelf.item_id.to_string(),
        warehouse_site_id: receipt.shelf.warehouse_site_id.to_string(),
        region: region.to_string(),
        quantity: receipt.quantity.units(),
        held: receipt.held,
        available: receipt.available(),
        expected_at: Some(timestamp(receipt.expected_at)),
        late_probability: receipt.late_probability,
        state: state.into(),
        version: receipt.version,
    }
}

pub(crate) fn lines(lines: &[Line]) -> Vec<pb::HoldLine> {
    let line = |line: &Line| pb::HoldLine {
        item_id: line.shelf.item_id.to_string(),
        warehouse_site_id: line.shelf.warehouse_site_id.to_string(),
        quantity: line.quantity.units(),
        pool: pool(line.shelf.pool).into(),
        receipt_id: line.receipt_id.as_ref().map(ToString::to_string).unwrap_or_default(),
        awaited: line.awaited,
    };
    lines.iter().map(line).collect()
}

/// The case, or nothing for a tombstone whose case nobody named.
pub(crate) fn case_id(case_id: Option<CaseId>) -> String {
    case_id.map(|id| id.to_string()).unwrap_or_default()
}

pub(crate) fn hold(hold: &Hold) -> pb::Hold {
    let (state, expires_at) = match &hold.state {
        HoldState::Held { expires_at } => (pb::HoldState::Held, Some(timestamp(*expires_at))),
        HoldState::Confirmed => (pb::HoldState::Confirmed, None),
        HoldState::Consumed => (pb::HoldState::Consumed, None),
        // A refused hold claims as little as one that was given back.
        HoldState::Released | HoldState::Refused(_) => (pb::HoldState::Released, None),
        HoldState::Expired => (pb::HoldState::Expired, None),
    };
    pb::Hold {
        hold_id: hold.id.to_string(),
        case_id: case_id(hold.case_id),
        lines: lines(&hold.lines),
        state: state.into(),
        expires_at,
        etag: hold.version.to_string(),
    }
}

pub(crate) const fn milestone(milestone: Milestone) -> pb::Milestone {
    match milestone {
        Milestone::Picked => pb::Milestone::Picked,
        Milestone::PickFailed => pb::Milestone::PickFailed,
        Milestone::Shipped => pb::Milestone::Shipped,
        Milestone::InCustoms => pb::Milestone::InCustoms,
        Milestone::CustomsHold => pb::Milestone::CustomsHold,
        Milestone::CustomsReleased => pb::Milestone::CustomsReleased,
        Milestone::Received => pb::Milestone::Received,
        Milestone::Lost => pb::Milestone::Lost,
        Milestone::Cancelled => pb::Milestone::Cancelled,
    }
}

pub(crate) const fn transfer_state(state: TransferState) -> pb::TransferState {
    match state {
        TransferState::Requested => pb::TransferState::Requested,
        TransferState::After(milestone) => match milestone {
            Milestone::Picked => pb::TransferState::Picked,
            Milestone::Shipped => pb::TransferState::Shipped,
            Milestone::InCustoms => pb::TransferState::InCustoms,
            Milestone::CustomsHold => pb::TransferState::CustomsHold,
            Milestone::CustomsReleased => pb::TransferState::Released,
            Milestone::Received => pb::TransferState::Received,
            Milestone::Lost => pb::TransferState::Lost,
            Milestone::PickFailed | Milestone::Cancelled => pb::TransferState::Cancelled,
        },
    }
}

/// The hold whose goods move; empty where none does.
pub(crate) fn hold_id(cargo: &Cargo) -> String {
    cargo.hold_id().map(|id| id.to_string()).unwrap_or_default()
}

fn kit_order(kit: &KitOrder) -> pb::KitOrder {
    pb::KitOrder {
        item_id: kit.item_id.to_string(),
        quantity: kit.quantity.units(),
        parts: kit.parts.iter().map(kit_line).collect(),
    }
}

fn kit_line(line: &KitLine) -> pb::KitLine {
    pb::KitLine { item_id: line.item_id.to_string(), quantity: line.quantity.units() }
}

/// A transfer that `own` region owns.
pub(crate) fn transfer(own: &RegionId, transfer: &Transfer) -> pb::Transfer {
    let (lines, kits, serial_number) = match &transfer.cargo {
        Cargo::Goods { lines: goods, kits, .. } => {
            (lines(goods), kits.iter().map(kit_order).collect(), String::new())
        }
        Cargo::Instrument(serial_number) => (Vec::new(), Vec::new(), serial_number.to_string()),
    };
    pb::Transfer {
        transfer_id: transfer.id.to_string(),
        case_id: transfer.case_id.to_string(),
        hold_id: hold_id(&transfer.cargo),
        region: own.to_string(),
        from_site_id: transfer.from_site_id.to_string(),
        to_site_id: transfer.to_site_id.to_string(),
        to_region: transfer.to_region.as_ref().map(ToString::to_string).unwrap_or_default(),
        lines,
        serial_number,
        state: transfer_state(transfer.state).into(),
        expected_at: transfer.expected_at.map(timestamp),
        due_back: transfer.due_back.map(timestamp),
        etag: transfer.version.to_string(),
        for_case: transfer.for_case,
        kits,
    }
}

pub(crate) fn item(item: &Item) -> pb::Item {
    pb::Item {
        item_id: item.item_id.to_string(),
        name: item.name.clone(),
        unit: item.unit.to_string(),
        weight_grams: item.weight_grams,
        export_class: item.export_class.as_ref().map(ToString::to_string).unwrap_or_default(),
        dangerous_goods: item.dangerous_goods,
        cold_chain: item.cold_chain,
        unit_value: item.unit_value.map(money),
        fits: item
            .fits
            .iter()
            .map(|fit| pb::Fit {
                model: fit.model.to_string(),
                revisions: fit.revisions.iter().map(ToString::to_string).collect(),
            })
            .collect(),
        model: item.model.as_ref().map(ToString::to_string).unwrap_or_default(),
        substitutes: item
            .substitutes
            .iter()
            .map(|substitute| pb::Substitute {
                item_id: substitute.item_id.to_string(),
                approval_required: substitute.approval_required,
            })
            .collect(),
        kit_lines: item.kit_lines.iter().map(kit_line).collect(),
        assembly_minutes: item.assembly.as_ref().map_or(0, |assembly| assembly.minutes),
        assembly_cost: item.assembly.as_ref().and_then(|assembly| assembly.cost).map(money),
        loan_days: item.loan_days,
        exchange_return_site_id: item
            .exchange
            .as_ref()
            .map(|exchange| exchange.return_site_id.to_string())
            .unwrap_or_default(),
        exchange_return_days: item.exchange.as_ref().map_or(0, |exchange| exchange.return_days),
        exchange_cost: item.exchange.as_ref().and_then(|exchange| exchange.cost).map(money),
        region: item.region.to_string(),
    }
}

pub(crate) fn mismatch(mismatch: &Mismatch) -> pb::StockMismatch {
    pb::StockMismatch {
        item_id: mismatch.shelf.item_id.to_string(),
        warehouse_site_id: mismatch.shelf.warehouse_site_id.to_string(),
        pool: pool(mismatch.shelf.pool).into(),
        on_hand: mismatch.on_hand,
        ledger_sum: mismatch.ledger_sum,
        held: mismatch.held,
        holds_sum: mismatch.holds_sum,
    }
}

pub(crate) fn receipt_mismatch(mismatch: &ReceiptMismatch) -> pb::ReceiptMismatch {
    pb::ReceiptMismatch {
        receipt_id: mismatch.receipt_id.to_string(),
        received: mismatch.received,
        ledger_sum: mismatch.ledger_sum,
        held: mismatch.held,
        holds_sum: mismatch.holds_sum,
    }
}
