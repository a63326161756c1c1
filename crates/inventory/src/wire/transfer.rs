//! Calls, commands and events about transfers.

use meridian_chassis::decode::{
    complete, page_size, parsed, parsed_if_set, quantity, request_id, timestamp, timestamp_if_set, within,
};
use meridian_proto::coordinator::v1 as commands;
use meridian_proto::inventory::v1 as pb;
use meridian_types::{CaseId, HoldId, Problem, RegionId, SerialNumber, Violations};

use super::catalogue::{each, kit_line};
use super::field::lines;
use super::page;
use crate::domain::transfer::{Inbound, KitOrder, Milestone, TransferState};
use crate::operations::record_milestone::RecordMilestone;
use crate::operations::request_transfer::{Load, RequestTransfer};
use crate::store::transfer::Listing;

const KITS_MAX: usize = 100;

pub(crate) fn request(request: &pb::RequestTransferRequest) -> Result<(String, RequestTransfer), Problem> {
    let mut violations = Violations::new();
    let request_id = request_id(&mut violations, &request.request_id);
    let transfer = transfer_to_request(&mut violations, request);
    complete(violations, request_id.zip(transfer))
}

pub(crate) fn move_command(command: &commands::MoveRequested) -> Result<RequestTransfer, Problem> {
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
        for_case: command.for_case,
        kits: command.kits.clone(),
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
    let load = load(violations, request);
    let from_site_id = parsed(violations, "from_site_id", &request.from_site_id);
    let to_site_id = parsed(violations, "to_site_id", &request.to_site_id);
    let to_region = parsed_if_set(violations, "to_region", &request.to_region);
    let expected_at = timestamp_if_set(violations, "expected_at", request.expected_at);
    let due_back = timestamp_if_set(violations, "due_back", request.due_back);
    let in_place = from_site_id.is_some() && from_site_id == to_site_id;
    let moves_instrument = matches!(load, Some(Load::Instrument(_)));
    if in_place && moves_instrument {
        violations.add("to_site_id", &request.to_site_id, "another site than from_site_id for an instrument");
    }
    if request.for_case && moves_instrument {
        violations.add("for_case", true, "false for an instrument of a customer, which comes onto no shelf");
    }
    if !request.for_case && !in_place && !moves_instrument && !request.kits.is_empty() {
        violations.add("for_case", false, "true for kits, which come onto no shelf");
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
        for_case: request.for_case || in_place,
        expected_at,
        due_back,
    })
}

/// What shall move: goods of a hold, kits, both, or an instrument.
fn load(violations: &mut Violations, request: &pb::RequestTransferRequest) -> Option<Load> {
    let pb::RequestTransferRequest { hold_id, serial_number, kits: given, .. } = request;
    let kits = kits(violations, given);
    if serial_number.is_empty() {
        if hold_id.is_empty() && given.is_empty() {
            violations.add("hold_id", "", "set, unless serial_number is, or kits are");
            return None;
        }
        let hold_id = match hold_id.is_empty() {
            true => Some(None),
            false => parsed::<HoldId>(violations, "hold_id", hold_id).map(Some),
        };
        return hold_id.zip(kits).map(|(hold_id, kits)| Load::Goods { hold_id, kits });
    }
    if !hold_id.is_empty() {
        violations.add("serial_number", serial_number, "empty when hold_id is set");
    }
    if !given.is_empty() {
        violations.add("kits", given.len(), "none for an instrument of a customer");
    }
    parsed::<SerialNumber>(violations, "serial_number", serial_number).map(Load::Instrument)
}

fn kits(violations: &mut Violations, given: &[pb::KitOrder]) -> Option<Vec<KitOrder>> {
    within(violations, "kits", given.len(), 0..=KITS_MAX)?;
    each(violations, "kits", given, |violations, path, given| {
        let item_id = parsed(violations, &format!("{path}item_id"), &given.item_id);
        let quantity = quantity(violations, &format!("{path}quantity"), given.quantity);
        let field = format!("{path}parts");
        let parts = each(violations, &field, &given.parts, kit_line);
        if given.parts.is_empty() {
            violations.add(field, 0, "1 or more");
        }
        Some(KitOrder { item_id: item_id?, quantity: quantity?, parts: parts? })
    })
}

/// What happened, and the region that owns the transfer when one is named.
pub(crate) fn milestone(
    request: &pb::RecordMilestoneRequest,
) -> Result<(String, (Option<RegionId>, RecordMilestone)), Problem> {
    let mut violations = Violations::new();
    let request_id = request_id(&mut violations, &request.request_id);
    let transfer_id = parsed(&mut violations, "transfer_id", &request.transfer_id);
    let region = parsed_if_set(&mut violations, "region", &request.region);
    let milestone = milestone_kind(&mut violations, request.milestone);
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
    let milestone = milestone_kind(&mut violations, report.milestone);
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

fn milestone_kind(violations: &mut Violations, value: i32) -> Option<Milestone> {
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

/// Which transfers, and how many on a page; one more is asked for, to know whether there is a next page.
pub(crate) fn list(request: &pb::ListTransfersRequest) -> Result<(usize, Listing), Problem> {
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
