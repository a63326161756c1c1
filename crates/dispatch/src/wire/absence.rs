//! Absences as messages.

use meridian_chassis::decode;
use meridian_proto::dispatch::v1 as pb;
use meridian_types::Violations;

use super::span;
use crate::domain::absence::{Absence, AbsenceReason};

/// Longest absence, in days: five years.
const ABSENCE_DAYS_MAX: i64 = 5 * 366;

pub(crate) fn decode(violations: &mut Violations, request: &pb::RecordAbsenceRequest) -> Option<Absence> {
    let v = violations;
    let engineer = decode::parsed(v, "engineer_id", &request.engineer_id);
    let during = span::decode(v, "during", request.during, ABSENCE_DAYS_MAX);
    let reason = match request.reason() {
        pb::AbsenceReason::Ill => Some(AbsenceReason::Ill),
        pb::AbsenceReason::Leave => Some(AbsenceReason::Leave),
        pb::AbsenceReason::Other => Some(AbsenceReason::Other),
        // Also what a number that is no reason reads as.
        pb::AbsenceReason::Unspecified => {
            v.add("reason", request.reason, "one of ABSENCE_REASON_ILL, _LEAVE, _OTHER");
            None
        }
    };
    Some(Absence { engineer: engineer?, during: during?, reason: reason? })
}

pub(crate) const fn encode_reason(reason: AbsenceReason) -> pb::AbsenceReason {
    match reason {
        AbsenceReason::Ill => pb::AbsenceReason::Ill,
        AbsenceReason::Leave => pb::AbsenceReason::Leave,
        AbsenceReason::Other => pb::AbsenceReason::Other,
    }
}
