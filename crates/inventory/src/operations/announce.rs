//! Events, as they are told to the world.

use jiff::Timestamp;
use meridian_chassis::encode::timestamp;
use meridian_messaging::Work;
use meridian_proto::inventory::v1 as pb;
use meridian_types::{CaseId, HoldId, Problem, ReceiptId, RegionId, TransferId};

use super::record_milestone::RecordMilestone;
use crate::domain::hold::{Hold, HoldState};
use crate::domain::item::Item;
use crate::domain::receipt::Receipt;
use crate::domain::stock::Level;
use crate::domain::transfer::{Milestone, Transfer};
use crate::regions::Regions;
use crate::wire::encode;

/// Version of a transfer that another region keeps.
const FOREIGN_VERSION: i64 = 0;

pub(crate) fn level_changed(work: &mut Work, regions: &Regions, level: &Level) {
    let event = pb::StockLevelChanged { level: Some(encode::level(regions.own(), level)) };
    work.emit(&level.shelf, level.version, &event);
}

pub(crate) fn receipt_changed(work: &mut Work, regions: &Regions, receipt: &Receipt) {
    let event = pb::ReceiptChanged { receipt: Some(encode::receipt(regions.own(), receipt)) };
    work.emit(&receipt.id, receipt.version, &event);
}

pub(crate) fn item_defined(work: &mut Work, item: &Item, version: i64) {
    work.emit(&item.item_id, version, &pb::ItemDefined { item: Some(encode::item(item)) });
}

/// `awaited` are the receipts that it waits for.
pub(crate) fn hold_placed(work: &mut Work, hold: &Hold, awaited: &[Receipt]) {
    let expires_at = match hold.state {
        HoldState::Held { expires_at } => Some(timestamp(expires_at)),
        _ => None,
    };
    let event = pb::HoldPlaced {
        hold_id: hold.id.to_string(),
        case_id: encode::case_id(hold.case_id),
        expires_at,
        lines: encode::lines(hold.claims()),
        awaited: awaited.iter().map(expected).collect(),
    };
    work.emit(hold.id, hold.version, &event);
}

pub(crate) fn hold_covered(work: &mut Work, hold: &Hold, receipt_id: &ReceiptId) {
    let event = pb::HoldCovered {
        hold_id: hold.id.to_string(),
        case_id: encode::case_id(hold.case_id),
        receipt_id: receipt_id.to_string(),
        lines: encode::lines(hold.claims()),
    };
    work.emit(hold.id, hold.version, &event);
}

fn expected(receipt: &Receipt) -> pb::AwaitedReceipt {
    pb::AwaitedReceipt {
        receipt_id: receipt.id.to_string(),
        expected_at: Some(timestamp(receipt.expected_at)),
    }
}

/// The receipt that the hold awaits has another date; the hold itself is as it was.
pub(crate) fn hold_delayed(work: &mut Work, hold: &Hold, receipt: &Receipt) {
    let event = pb::HoldDelayed {
        hold_id: hold.id.to_string(),
        case_id: encode::case_id(hold.case_id),
        receipt_id: receipt.id.to_string(),
        expected_at: Some(timestamp(receipt.expected_at)),
    };
    work.emit(hold.id, hold.version, &event);
}

/// `problem` is what a call would have answered; `version` is the hold's, 0 where there is none.
pub(crate) fn hold_refused(work: &mut Work, hold_id: HoldId, version: i64, case_id: &str, problem: &Problem) {
    let fact = |name: &str| problem.metadata.get(name).cloned().unwrap_or_default();
    let event = pb::HoldRefused {
        hold_id: hold_id.to_string(),
        case_id: case_id.to_owned(),
        reason: problem.reason.to_string(),
        item_id: fact("item_id"),
        warehouse_site_id: fact("warehouse_site_id"),
        available: fact("available").parse().unwrap_or_default(),
        receipt_id: fact("receipt_id"),
    };
    work.emit(hold_id, version, &event);
}

pub(crate) fn hold_confirmed(work: &mut Work, hold: &Hold) {
    let event = pb::HoldConfirmed { hold_id: hold.id.to_string(), case_id: encode::case_id(hold.case_id) };
    work.emit(hold.id, hold.version, &event);
}

pub(crate) fn hold_released(work: &mut Work, hold: &Hold) {
    let event = pb::HoldReleased { hold_id: hold.id.to_string(), case_id: encode::case_id(hold.case_id) };
    work.emit(hold.id, hold.version, &event);
}

pub(crate) fn hold_expired(work: &mut Work, hold: &Hold) {
    let event = pb::HoldExpired { hold_id: hold.id.to_string(), case_id: encode::case_id(hold.case_id) };
    work.emit(hold.id, hold.version, &event);
}

/// Tells of the hold that a command was about, otherwise of the transfer; `version` is its, 0 where there is none.
pub(crate) fn command_refused(work: &mut Work, version: i64, event: &pb::StockCommandRefused) {
    let about = if event.hold_id.is_empty() { &event.transfer_id } else { &event.hold_id };
    work.emit(about, version, event);
}

/// Tells of a transfer whose goods are on a shelf here; it may be of another region, and has no version here then.
pub(crate) fn goods_shelved(work: &mut Work, transfer_id: TransferId, case_id: CaseId) {
    let event = pb::GoodsShelved { transfer_id: transfer_id.to_string(), case_id: case_id.to_string() };
    work.emit(transfer_id, 0, &event);
}

pub(crate) fn transfer_requested(work: &mut Work, regions: &Regions, transfer: &Transfer) {
    let event = pb::TransferRequested { transfer: Some(encode::transfer(regions.own(), transfer)) };
    work.emit(transfer.id, transfer.version, &event);
}

pub(crate) fn transfer_progressed(
    work: &mut Work,
    transfer: &Transfer,
    milestone: Milestone,
    happened_at: Timestamp,
) {
    let event = pb::TransferProgressed {
        transfer_id: transfer.id.to_string(),
        case_id: transfer.case_id.to_string(),
        milestone: encode::milestone(milestone).into(),
        happened_at: Some(timestamp(happened_at)),
        expected_at: transfer.expected_at.map(timestamp),
        to_site_id: transfer.to_site_id.to_string(),
        hold_id: encode::hold_id(&transfer.cargo),
    };
    work.emit(transfer.id, transfer.version, &event);
}

/// Tells `owner` what happened to its transfer.
pub(crate) fn milestone_reported(
    work: &mut Work,
    owner: &RegionId,
    reported: &RecordMilestone,
    happened_at: Timestamp,
) {
    let event = pb::MilestoneReported {
        owner_region: owner.to_string(),
        transfer_id: reported.transfer_id.to_string(),
        milestone: encode::milestone(reported.milestone).into(),
        happened_at: Some(timestamp(happened_at)),
        expected_at: reported.expected_at.map(timestamp),
    };
    work.emit(reported.transfer_id, FOREIGN_VERSION, &event);
}
