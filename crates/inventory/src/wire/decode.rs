//! Messages into what operations take.

use jiff::SignedDuration;
use meridian_chassis::decode::{
    complete, page_size, parsed, parsed_if_set, quantity, request_id, timestamp, timestamp_if_set, within,
};
use meridian_proto::coordinator::v1 as commands;
use meridian_proto::inventory::v1 as pb;
use meridian_types::{
    CaseId, HoldId, InstrumentModel, ItemId, Problem, RegionId, SerialNumber, UnitOfMeasure, Violations,
};

use super::page;
use crate::domain::ledger::{self, Reason};
use crate::domain::stock::{Level, Line, ON_HAND_MAX, Pool, Shelf};
use crate::domain::transfer::{Inbound, Milestone, TransferState};
use crate::operations::adjust_stock::AdjustStock;
use crate::operations::find_stock::FindStock;
use crate::operations::place_hold::PlaceHold;
use crate::operations::record_milestone::RecordMilestone;
use crate::operations::request_transfer::{Load, RequestTransfer};
use crate::store::transfer::Listing;

/// Longest life of a hold: a week.
const EXPIRES_IN_MINUTES_MAX: i32 = 7 * 24 * 60;
const LINES_MAX: usize = 50;
const FOUND_ITEMS_MAX: usize = 50;
const LISTED_ITEMS_MAX: usize = 200;

pub(crate) fn pool(violations: &mut Violations, field: &str, value: i32) -> Option<Pool> {
    match pb::Pool::try_from(value) {
        Ok(pb::Pool::Unspecified | pb::Pool::Stock) => Some(Pool::Stock),
        Ok(pb::Pool::Loan) => Some(Pool::Loan),
        Err(_) => {
            violations.add(field, value, "POOL_STOCK or POOL_LOAN");
            None
        }
    }
}

/// A shelf whose fields stand below `path` ("lines[0].").
pub(crate) fn shelf(
    violations: &mut Violations,
    path: &str,
    item_id: &str,
    warehouse_site_id: &str,
    in_pool: i32,
) -> Option<Shelf> {
    let item_id = parsed(violations, &format!("{path}item_id"), item_id);
    let warehouse_site_id = parsed(violations, &format!("{path}warehouse_site_id"), warehouse_site_id);
    let pool = pool(violations, &format!("{path}pool"), in_pool);
    let ((item_id, warehouse_site_id), pool) = item_id.zip(warehouse_site_id).zip(pool)?;
    Some(Shelf { item_id, warehouse_site_id, pool })
}

fn lines(violations: &mut Violations, lines: &[pb::HoldLine]) -> Option<Vec<Line>> {
    within(violations, "lines", lines.len(), 1..=LINES_MAX)?;
    let line = |(index, line): (usize, &pb::HoldLine)| {
        let path = format!("lines[{index}].");
        let shelf = shelf(violations, &path, &line.item_id, &line.warehouse_site_id, line.pool);
        let quantity = quantity(violations, &format!("{path}quantity"), line.quantity);
        shelf.zip(quantity).map(|(shelf, quantity)| Line { shelf, quantity })
    };
    // Every line is looked at before the first bad one ends it.
    let lines: Vec<Option<Line>> = lines.iter().enumerate().map(line).collect();
    lines.into_iter().collect()
}

fn expires_in(violations: &mut Violations, minutes: i32) -> Option<SignedDuration> {
    within(violations, "expires_in_minutes", minutes, 1..=EXPIRES_IN_MINUTES_MAX)
        .map(|minutes| SignedDuration::from_mins(i64::from(minutes)))
}

fn hold_to_place(
    violations: &mut Violations,
    (hold_id, case_id): (&str, &str),
    wanted: &[pb::HoldLine],
    expires_in_minutes: i32,
) -> Option<PlaceHold> {
    let hold_id = parsed(violations, "hold_id", hold_id);
    let case_id = parsed(violations, "case_id", case_id);
    let lines = lines(violations, wanted);
    let expires_in = expires_in(violations, expires_in_minutes);
    Some(PlaceHold { hold_id: hold_id?, case_id: case_id?, lines: lines?, expires_in: expires_in? })
}

pub(crate) fn place_hold(request: &pb::PlaceHoldRequest) -> Result<(String, PlaceHold), Problem> {
    let mut violations = Violations::new();
    let request_id = request_id(&mut violations, &request.request_id);
    let ids = (request.hold_id.as_str(), request.case_id.as_str());
    let hold = hold_to_place(&mut violations, ids, &request.lines, request.expires_in_minutes);
    complete(violations, request_id.zip(hold))
}

pub(crate) fn hold_stock(command: &commands::HoldStockRequested) -> Result<PlaceHold, Problem> {
    let mut violations = Violations::new();
    let ids = (command.hold_id.as_str(), command.case_id.as_str());
    let hold = hold_to_place(&mut violations, ids, &command.lines, command.expires_in_minutes);
    complete(violations, hold)
}

pub(crate) fn extend_hold(
    request: &pb::ExtendHoldRequest,
) -> Result<(String, (HoldId, SignedDuration)), Problem> {
    let mut violations = Violations::new();
    let request_id = request_id(&mut violations, &request.request_id);
    let hold_id = parsed(&mut violations, "hold_id", &request.hold_id);
    let expires_in = expires_in(&mut violations, request.expires_in_minutes);
    complete(violations, request_id.zip(hold_id.zip(expires_in)))
}

/// The request id and hold id of a call that takes nothing else.
pub(crate) fn hold_call(request: &str, hold_id: &str) -> Result<(String, HoldId), Problem> {
    let mut violations = Violations::new();
    let request_id = request_id(&mut violations, request);
    let hold_id = parsed(&mut violations, "hold_id", hold_id);
    complete(violations, request_id.zip(hold_id))
}

/// An id that is the whole question.
pub(crate) fn id<T: std::str::FromStr<Err = meridian_types::Rule>>(
    field: &str,
    text: &str,
) -> Result<T, Problem> {
    let mut violations = Violations::new();
    let id = parsed(&mut violations, field, text);
    complete(violations, id)
}

pub(crate) fn request_transfer(
    request: &pb::RequestTransferRequest,
) -> Result<(String, RequestTransfer), Problem> {
    let mut violations = Violations::new();
    let request_id = request_id(&mut violations, &request.request_id);
    let transfer = transfer_to_request(&mut violations, request);
    complete(violations, request_id.zip(transfer))
}

pub(crate) fn move_goods(command: &commands::MoveRequested) -> Result<RequestTransfer, Problem> {
    let mut violations = Violations::new();
    let request = pb::RequestTransferRequest {
        request_id: String::new(),
        transfer_id: command.transfer_id.clone(),
        case_id: command.case_id.clone(),
        hold_id: command.hold_id.clone(),
        serial_number: command.serial_number.clone(),
        from_site_id: command.from_site_id.clone(),
        to_site_id: command.to_site_id.clone(),
        to_region: command.to_region.clone(),
        expected_at: command.expected_at,
        due_back: command.due_back,
    };
    let transfer = transfer_to_request(&mut violations, &request);
    complete(violations, transfer)
}

fn transfer_to_request(
    violations: &mut Violations,
    request: &pb::RequestTransferRequest,
) -> Option<RequestTransfer> {
    let transfer_id = parsed(violations, "transfer_id", &request.transfer_id);
    let case_id = parsed(violations, "case_id", &request.case_id);
    let load = load(violations, &request.hold_id, &request.serial_number);
    let from_site_id = parsed(violations, "from_site_id", &request.from_site_id);
    let to_site_id = parsed(violations, "to_site_id", &request.to_site_id);
    let to_region = parsed_if_set(violations, "to_region", &request.to_region);
    let expected_at = timestamp_if_set(violations, "expected_at", request.expected_at);
    let due_back = timestamp_if_set(violations, "due_back", request.due_back);
    if from_site_id.is_some() && from_site_id == to_site_id {
        violations.add("to_site_id", &request.to_site_id, "another site than from_site_id");
    }
    if let Some((expected_at, due_back)) = expected_at.zip(due_back)
        && due_back <= expected_at
    {
        violations.add("due_back", due_back, "later than expected_at");
    }
    Some(RequestTransfer {
        transfer_id: transfer_id?,
        case_id: case_id?,
        load: load?,
        from_site_id: from_site_id?,
        to_site_id: to_site_id?,
        to_region,
        expected_at,
        due_back,
    })
}

fn load(violations: &mut Violations, hold_id: &str, serial_number: &str) -> Option<Load> {
    match (hold_id.is_empty(), serial_number.is_empty()) {
        (false, true) => parsed::<HoldId>(violations, "hold_id", hold_id).map(Load::Hold),
        (true, false) => {
            parsed::<SerialNumber>(violations, "serial_number", serial_number).map(Load::Instrument)
        }
        (true, true) => {
            violations.add("hold_id", "", "set, unless serial_number is");
            None
        }
        (false, false) => {
            violations.add("serial_number", serial_number, "empty when hold_id is set");
            None
        }
    }
}

pub(crate) fn milestone(violations: &mut Violations, value: i32) -> Option<Milestone> {
    Some(match pb::Milestone::try_from(value) {
        Ok(pb::Milestone::Picked) => Milestone::Picked,
        Ok(pb::Milestone::PickFailed) => Milestone::PickFailed,
        Ok(pb::Milestone::Shipped) => Milestone::Shipped,
        Ok(pb::Milestone::InCustoms) => Milestone::InCustoms,
        Ok(pb::Milestone::CustomsHold) => Milestone::CustomsHold,
        Ok(pb::Milestone::CustomsReleased) => Milestone::CustomsReleased,
        Ok(pb::Milestone::Received) => Milestone::Received,
        Ok(pb::Milestone::Lost) => Milestone::Lost,
        Ok(pb::Milestone::Cancelled) => Milestone::Cancelled,
        Ok(pb::Milestone::Unspecified) | Err(_) => {
            violations.add("milestone", value, "one of the named milestones");
            return None;
        }
    })
}

/// What happened, and the region that owns the transfer when one is named.
pub(crate) fn record_milestone(
    request: &pb::RecordMilestoneRequest,
) -> Result<(String, (Option<RegionId>, RecordMilestone)), Problem> {
    let mut violations = Violations::new();
    let request_id = request_id(&mut violations, &request.request_id);
    let transfer_id = parsed(&mut violations, "transfer_id", &request.transfer_id);
    let region = parsed_if_set(&mut violations, "region", &request.region);
    let milestone = milestone(&mut violations, request.milestone);
    let happened_at = timestamp_if_set(&mut violations, "happened_at", request.happened_at);
    let expected_at = timestamp_if_set(&mut violations, "expected_at", request.expected_at);
    let reported = transfer_id.zip(milestone).map(|(transfer_id, milestone)| RecordMilestone {
        transfer_id,
        milestone,
        happened_at,
        expected_at,
    });
    complete(violations, request_id.zip(reported.map(|reported| (region, reported))))
}

pub(crate) fn milestone_reported(report: &pb::MilestoneReported) -> Result<RecordMilestone, Problem> {
    let mut violations = Violations::new();
    let transfer_id = parsed(&mut violations, "transfer_id", &report.transfer_id);
    let milestone = milestone(&mut violations, report.milestone);
    let happened_at = timestamp(&mut violations, "happened_at", report.happened_at);
    let expected_at = timestamp_if_set(&mut violations, "expected_at", report.expected_at);
    let reported = transfer_id.zip(milestone).map(|(transfer_id, milestone)| RecordMilestone {
        transfer_id,
        milestone,
        happened_at,
        expected_at,
    });
    complete(violations, reported)
}

pub(crate) fn adjust_stock(request: &pb::AdjustStockRequest) -> Result<(String, AdjustStock), Problem> {
    let mut violations = Violations::new();
    let request_id = request_id(&mut violations, &request.request_id);
    let shelf = shelf(&mut violations, "", &request.item_id, &request.warehouse_site_id, request.pool);
    let delta = delta(&mut violations, request.delta);
    let reason = match pb::AdjustReason::try_from(request.reason) {
        Ok(pb::AdjustReason::Receipt) => Some(Reason::Receipt),
        Ok(pb::AdjustReason::Count) => Some(Reason::Count),
        Ok(pb::AdjustReason::Damaged) => Some(Reason::Damaged),
        Ok(pb::AdjustReason::LoanReturn) => Some(Reason::LoanReturn),
        Ok(pb::AdjustReason::Unspecified) | Err(_) => {
            violations.add("reason", request.reason, "one of the named reasons");
            None
        }
    };
    if let (Some(shelf), Some(delta), Some(reason)) = (&shelf, delta, reason)
        && let Err((field, rule)) = ledger::check_adjustment(reason, shelf.pool, delta)
    {
        let value = if field == "delta" { delta.to_string() } else { shelf.pool.as_str().to_owned() };
        violations.add(field, value, rule);
    }
    let unit = parsed_if_set::<UnitOfMeasure>(&mut violations, "unit", &request.unit);
    let adjustment = shelf.zip(delta.zip(reason)).map(|(shelf, (delta, reason))| AdjustStock {
        shelf,
        delta,
        reason,
        unit,
    });
    complete(violations, request_id.zip(adjustment))
}

fn delta(violations: &mut Violations, units: i64) -> Option<i64> {
    let kept = units != 0 && (-ON_HAND_MAX..=ON_HAND_MAX).contains(&units);
    if !kept {
        violations.add("delta", units, format!("-{ON_HAND_MAX} to {ON_HAND_MAX}, not 0"));
    }
    kept.then_some(units)
}

pub(crate) fn find_stock(request: &pb::FindStockRequest) -> Result<FindStock, Problem> {
    let mut violations = Violations::new();
    let asked = request.item_ids.len() + request.loan_models.len();
    if asked == 0 || asked > FOUND_ITEMS_MAX {
        violations.add("item_ids", asked, format!("1 to {FOUND_ITEMS_MAX} items, loan_models included"));
    }
    let item_ids = codes(&mut violations, "item_ids", &request.item_ids);
    let loan_models: Option<Vec<InstrumentModel>> =
        codes(&mut violations, "loan_models", &request.loan_models);
    let question = item_ids.zip(loan_models).map(|(item_ids, loan_models)| FindStock {
        item_ids,
        loan_models,
        include_substitutes: request.include_substitutes,
        include_empty: request.include_empty,
    });
    complete(violations, question)
}

pub(crate) fn get_items(request: &pb::GetItemsRequest) -> Result<Vec<ItemId>, Problem> {
    let mut violations = Violations::new();
    within(&mut violations, "item_ids", request.item_ids.len(), 1..=LISTED_ITEMS_MAX);
    let item_ids = codes(&mut violations, "item_ids", &request.item_ids);
    complete(violations, item_ids)
}

/// A list of codes, each named by its index when it breaks a rule.
pub(super) fn codes<T: std::str::FromStr<Err = meridian_types::Rule>>(
    violations: &mut Violations,
    field: &str,
    texts: &[String],
) -> Option<Vec<T>> {
    let code = |(index, text): (usize, &String)| parsed(violations, &format!("{field}[{index}]"), text);
    let codes: Vec<Option<T>> = texts.iter().enumerate().map(code).collect();
    codes.into_iter().collect()
}

/// Which transfers, and how many on a page; one more is asked for, to know whether there is a next page.
pub(crate) fn list_transfers(request: &pb::ListTransfersRequest) -> Result<(usize, Listing), Problem> {
    let mut violations = Violations::new();
    let states = match pb::TransferState::try_from(request.state) {
        Ok(state) => Some(states(state)),
        Err(_) => {
            violations.add("state", request.state, "one of the named states, or none");
            None
        }
    };
    let case_id = parsed_if_set::<CaseId>(&mut violations, "case_id", &request.case_id);
    let page_size = page_size(&mut violations, request.page_size);
    let before_seq = page::before(&mut violations, &request.page_token);
    let listing = states.zip(page_size.zip(before_seq)).map(|(states, (page_size, before_seq))| {
        (page_size, Listing { states, case_id, before_seq, limit: page_size + 1 })
    });
    complete(violations, listing)
}

/// What a caller means by a state; nothing for any.
fn states(state: pb::TransferState) -> Vec<TransferState> {
    use TransferState::{After, Requested};
    match state {
        pb::TransferState::Unspecified => vec![],
        pb::TransferState::Requested => vec![Requested],
        pb::TransferState::Picked => vec![After(Milestone::Picked)],
        pb::TransferState::Shipped => vec![After(Milestone::Shipped)],
        pb::TransferState::InCustoms => vec![After(Milestone::InCustoms)],
        pb::TransferState::CustomsHold => vec![After(Milestone::CustomsHold)],
        pb::TransferState::Released => vec![After(Milestone::CustomsReleased)],
        pb::TransferState::Received => vec![After(Milestone::Received)],
        pb::TransferState::Lost => vec![After(Milestone::Lost)],
        pb::TransferState::Cancelled => vec![After(Milestone::Cancelled), After(Milestone::PickFailed)],
    }
}

/// A level that another region states.
pub(crate) fn stated_level(event: pb::StockLevelChanged) -> Result<Level, Problem> {
    let mut violations = Violations::new();
    let level = event.level.unwrap_or_default();
    let shelf = shelf(&mut violations, "level.", &level.item_id, &level.warehouse_site_id, level.pool);
    let as_of = timestamp(&mut violations, "level.as_of", level.as_of);
    let level = shelf.zip(as_of).map(|(shelf, as_of)| Level {
        shelf,
        on_hand: level.on_hand,
        held: level.held,
        version: level.version,
        as_of,
    });
    complete(violations, level)
}

/// Goods that another region sends.
pub(crate) fn inbound(transfer: &pb::Transfer) -> Result<Inbound, Problem> {
    let mut violations = Violations::new();
    let transfer_id = parsed(&mut violations, "transfer.transfer_id", &transfer.transfer_id);
    let to_site_id = parsed(&mut violations, "transfer.to_site_id", &transfer.to_site_id);
    let lines = lines(&mut violations, &transfer.lines);
    let inbound = transfer_id.zip(to_site_id.zip(lines)).map(|(transfer_id, (to_site_id, lines))| Inbound {
        transfer_id,
        to_site_id,
        lines,
    });
    complete(violations, inbound)
}
