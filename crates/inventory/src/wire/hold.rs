//! Calls and commands about holds.

use jiff::SignedDuration;
use meridian_chassis::decode::{complete, parsed, parsed_if_set, request_id, within};
use meridian_proto::coordinator::v1 as commands;
use meridian_proto::inventory::v1 as pb;
use meridian_types::{CaseId, HoldId, Problem, Violations};

use super::field::lines;
use crate::domain::stock::Line;
use crate::operations::place_hold::PlaceHold;

/// Longest life of a hold: a week.
const EXPIRES_IN_MINUTES_MAX: i32 = 7 * 24 * 60;

pub(crate) fn place(request: &pb::PlaceHoldRequest) -> Result<(String, PlaceHold), Problem> {
    let mut violations = Violations::new();
    let request_id = request_id(&mut violations, &request.request_id);
    let ids = (request.hold_id.as_str(), request.case_id.as_str());
    let hold = hold_to_place(&mut violations, ids, &request.lines, request.expires_in_minutes);
    complete(violations, request_id.zip(hold))
}

pub(crate) fn place_command(command: &commands::HoldStockRequested) -> Result<PlaceHold, Problem> {
    let mut violations = Violations::new();
    let ids = (command.hold_id.as_str(), command.case_id.as_str());
    let hold = hold_to_place(&mut violations, ids, &command.lines, command.expires_in_minutes);
    complete(violations, hold)
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

fn expires_in(violations: &mut Violations, minutes: i32) -> Option<SignedDuration> {
    within(violations, "expires_in_minutes", minutes, 1..=EXPIRES_IN_MINUTES_MAX)
        .map(|minutes| SignedDuration::from_mins(i64::from(minutes)))
}

/// The hold and the case that an event of another region is about; `None` for a hold that nobody has placed.
pub(crate) fn told_hold(hold_id: &str, case_id: &str) -> Result<Option<(HoldId, CaseId)>, Problem> {
    let mut violations = Violations::new();
    let hold_id = parsed(&mut violations, "hold_id", hold_id);
    let case_id = parsed_if_set(&mut violations, "case_id", case_id);
    complete(violations, hold_id.map(|hold_id| case_id.map(|case_id| (hold_id, case_id))))
}

/// What a hold of another region claims.
pub(crate) fn told_lines(told: &[pb::HoldLine]) -> Result<Vec<Line>, Problem> {
    if told.is_empty() {
        return Ok(Vec::new());
    }
    let mut violations = Violations::new();
    let lines = lines(&mut violations, told);
    let mut lines = complete(violations, lines)?;
    for (line, told) in lines.iter_mut().zip(told) {
        line.awaited = told.awaited;
    }
    Ok(lines)
}

pub(crate) fn extend(request: &pb::ExtendHoldRequest) -> Result<(String, (HoldId, SignedDuration)), Problem> {
    let mut violations = Violations::new();
    let request_id = request_id(&mut violations, &request.request_id);
    let hold_id = parsed(&mut violations, "hold_id", &request.hold_id);
    let expires_in = expires_in(&mut violations, request.expires_in_minutes);
    complete(violations, request_id.zip(hold_id.zip(expires_in)))
}

/// The request id and hold id of a call that takes nothing else.
pub(crate) fn by_id(request: &str, hold_id: &str) -> Result<(String, HoldId), Problem> {
    let mut violations = Violations::new();
    let request_id = request_id(&mut violations, request);
    let hold_id = parsed(&mut violations, "hold_id", hold_id);
    complete(violations, request_id.zip(hold_id))
}
