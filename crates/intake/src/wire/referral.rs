//! Referrals and the requests about them.

use meridian_chassis::{decode, encode};
use meridian_proto::coordinator::v1::ReferralRequested;
use meridian_proto::intake::v1 as pb;
use meridian_types::{CaseId, PartyId, Problem, ReferralId, Violations};

use crate::domain::referral::{Referral, ReferralState};
use crate::operations::answer_referral::{AcceptReferral, DeclineReferral};
use crate::operations::refer_case::{ReferCase, RequestedReferral};

pub(super) const REASON_CHARS_MAX: usize = 500;
const SIGNATURE_CHARS_MAX: usize = 64;

pub(crate) fn decode_refer(request: &pb::ReferCaseRequest) -> Result<ReferCase, Problem> {
    let mut violations = Violations::new();
    decode::request_id(&mut violations, &request.request_id);
    let case_id = decode::parsed(&mut violations, "case_id", &request.case_id);
    let party_id = decode::parsed(&mut violations, "party_id", &request.party_id);
    let reason = decode::text(&mut violations, "reason", &request.reason, 1..=REASON_CHARS_MAX);
    let accept_by = decode::timestamp_if_set(&mut violations, "accept_by", request.accept_by);
    let refer = (|| Some(ReferCase { case_id: case_id?, party_id: party_id?, reason: reason?, accept_by }))();
    decode::complete(violations, refer)
}

pub(crate) fn decode_accept(request: &pb::AcceptReferralRequest) -> Result<AcceptReferral, Problem> {
    let mut violations = Violations::new();
    decode::request_id(&mut violations, &request.request_id);
    let referral_id = decode::parsed(&mut violations, "referral_id", &request.referral_id);
    let accepted_by = signature(&mut violations, "accepted_by", &request.accepted_by);
    let accept = (|| Some(AcceptReferral { referral_id: referral_id?, accepted_by: accepted_by? }))();
    decode::complete(violations, accept)
}

pub(crate) fn decode_decline(request: &pb::DeclineReferralRequest) -> Result<DeclineReferral, Problem> {
    let mut violations = Violations::new();
    decode::request_id(&mut violations, &request.request_id);
    let referral_id = decode::parsed(&mut violations, "referral_id", &request.referral_id);
    let declined_by = signature(&mut violations, "declined_by", &request.declined_by);
    let reason = decode::text(&mut violations, "reason", &request.reason, 0..=REASON_CHARS_MAX);
    let decline =
        (|| Some(DeclineReferral { referral_id: referral_id?, declined_by: declined_by?, reason: reason? }))(
        );
    decode::complete(violations, decline)
}

/// Desk or role that signs: it appears in events, so it is kept too short and plain for an address or a letter.
pub(super) fn signature(violations: &mut Violations, field: &str, text: &str) -> Option<String> {
    let plain = |char: char| char.is_alphanumeric() || " -_./,&".contains(char);
    let kept = (1..=SIGNATURE_CHARS_MAX).contains(&text.chars().count())
        && text.chars().all(plain)
        && text.trim() == text;
    if !kept {
        violations.add(field, text, "a desk or role of 1 to 64 letters, digits, spaces and any of -_./,&");
    }
    kept.then(|| text.to_owned())
}

pub(crate) fn decode_requested(command: &ReferralRequested) -> Result<RequestedReferral, Problem> {
    let mut violations = Violations::new();
    let referral_id: Option<ReferralId> =
        decode::parsed(&mut violations, "referral_id", &command.referral_id);
    let case_id: Option<CaseId> = decode::parsed(&mut violations, "case_id", &command.case_id);
    let party_id: Option<PartyId> = decode::parsed(&mut violations, "party_id", &command.party_id);
    let requested =
        (|| Some(RequestedReferral { referral_id: referral_id?, case_id: case_id?, party_id: party_id? }))();
    decode::complete(violations, requested)
}

pub(crate) fn encode(case_id: CaseId, referral: &Referral) -> pb::Referral {
    let (state, answered_by, answered_at) = match &referral.state {
        ReferralState::Offered => (pb::ReferralState::Offered, "", None),
        ReferralState::Accepted(signed) => (pb::ReferralState::Accepted, signed.by.as_str(), Some(signed.at)),
        ReferralState::Declined(signed, _) => {
            (pb::ReferralState::Declined, signed.by.as_str(), Some(signed.at))
        }
        ReferralState::Returned(at) | ReferralState::Withdrawn(at) => {
            (pb::ReferralState::Returned, "", Some(*at))
        }
    };
    pb::Referral {
        referral_id: referral.referral_id.to_string(),
        case_id: case_id.to_string(),
        party_id: referral.party_id.to_string(),
        state: state.into(),
        reason: referral.reason.clone(),
        accept_by: Some(encode::timestamp(referral.accept_by)),
        answered_by: answered_by.to_owned(),
        answered_at: answered_at.map(encode::timestamp),
    }
}
