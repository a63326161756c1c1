//! Visits as messages.

use meridian_chassis::{decode, encode};
use meridian_proto::coordinator::v1::HoldVisitRequested;
use meridian_proto::dispatch::v1 as pb;
use meridian_types::{Problem, RegionId, Violations, VisitId};

use super::repair::skill_needed;
use super::span;
use crate::domain::claim::{Claim, Stay};
use crate::domain::order::StoredOrder;
use crate::domain::publication::MoveCause;
use crate::domain::visit::{Visit, VisitState};
use crate::store::visit::Found;

/// Longest visit, travel included, in days.
const VISIT_DAYS_MAX: i64 = 30;
/// A week.
const EXPIRES_IN_MINUTES_MAX: i32 = 7 * 24 * 60;

/// The claim in a visit as the caller sends it; what dispatch decides (state, region, expiry) is not read.
pub(crate) fn claim(violations: &mut Violations, field: &str, message: Option<pb::Visit>) -> Option<Claim> {
    let v = violations;
    let message = decode::required(v, field, message)?;
    let visit = decode::parsed(v, &format!("{field}.visit_id"), &message.visit_id);
    let case = decode::parsed(v, &format!("{field}.case_id"), &message.case_id);
    let engineer = decode::parsed(v, &format!("{field}.engineer_id"), &message.engineer_id);
    let site = decode::parsed(v, &format!("{field}.site_id"), &message.site_id);
    let during = span::decode(v, &format!("{field}.during"), message.during, VISIT_DAYS_MAX);
    let work = span::decode(v, &format!("{field}.work"), message.work, VISIT_DAYS_MAX);
    if let (Some(during), Some(work)) = (during, work)
        && !during.encloses(work)
    {
        let rule = format!("inside during, {} to {}", during.start(), during.end());
        v.add(format!("{field}.work"), format!("{} to {}", work.start(), work.end()), rule);
    }
    let skill = skill_needed(v, field, &message.skill_id, message.level);
    Some(Claim {
        visit: visit?,
        case: case?,
        engineer: engineer?,
        site: site?,
        during: during?,
        work: work?,
        skill: skill?,
        stay: None,
    })
}

/// What a visit does for its work order.
pub(crate) fn ordered(stored: &StoredOrder, claim: &Claim) -> pb::OrderedVisit {
    let order = &stored.order;
    let promised = order.demand.windows.iter().find(|window| window.contains(claim.work.start()));
    pb::OrderedVisit {
        work_order_id: order.id().to_string(),
        site_id: claim.site.to_string(),
        work: Some(encode::interval(claim.work)),
        promised: promised.copied().map(encode::interval),
        // It may serve another case by now, whose visit is another one to the customer of this case.
        // A party does it at a time that is to be told, too.
        stays_open: !stored.is_cancelled && order.case == claim.case,
    }
}

pub(crate) const fn encode_cause(cause: MoveCause) -> pb::MoveReason {
    match cause {
        MoveCause::Engineer => pb::MoveReason::EngineerUnavailable,
        MoveCause::Order => pb::MoveReason::OrderChanged,
        MoveCause::Replanned => pb::MoveReason::Replanned,
    }
}

/// Minutes until a claim expires.
pub(crate) fn expires_in_minutes(violations: &mut Violations, minutes: i32) -> Option<i32> {
    decode::within(violations, "expires_in_minutes", minutes, 1..=EXPIRES_IN_MINUTES_MAX)
}

/// What the command asks to hold, and for how many minutes.
///
/// # Errors
/// Every field that breaks a rule.
pub(crate) fn commanded(command: HoldVisitRequested) -> Result<(Claim, i32), Problem> {
    let mut v = Violations::new();
    let message = command.claim.map(|claim| pb::Visit {
        visit_id: command.visit_id,
        case_id: command.case_id,
        engineer_id: claim.engineer_id,
        site_id: claim.site_id,
        during: claim.during,
        work: claim.work,
        skill_id: claim.skill_id,
        level: claim.level,
        ..pb::Visit::default()
    });
    let claim = claim(&mut v, "claim", message);
    let minutes = expires_in_minutes(&mut v, command.expires_in_minutes);
    decode::complete(v, claim.zip(minutes))
}

pub(crate) fn encode(visit: &Visit, region: &RegionId) -> pb::Visit {
    let Claim { visit: visit_id, case, engineer, site, during, work, skill, stay } = &visit.claim;
    let is_held = visit.state == VisitState::Held;
    pb::Visit {
        visit_id: visit_id.to_string(),
        case_id: case.to_string(),
        engineer_id: engineer.to_string(),
        region: region.to_string(),
        site_id: site.to_string(),
        during: Some(encode::interval(*during)),
        work: Some(encode::interval(*work)),
        skill_id: skill.id.to_string(),
        level: skill.level.number().into(),
        state: encode_state(visit.state).into(),
        expires_at: is_held.then(|| encode::timestamp(visit.expires_at)),
        etag: visit.version.to_string(),
        stay: stay.as_ref().map(encode_stay),
    }
}

pub(crate) fn encode_stay(stay: &Stay) -> pb::Stay {
    pb::Stay { lodging_site_id: stay.lodging.to_string(), away: Some(encode::interval(stay.away)) }
}

/// A visit, or the little there is of one that was cancelled before it was held.
pub(crate) fn encode_found(id: VisitId, found: &Found, region: &RegionId) -> pb::Visit {
    match found {
        Found::Visit(visit) => encode(visit, region),
        Found::NeverHeld => pb::Visit {
            visit_id: id.to_string(),
            region: region.to_string(),
            state: pb::VisitState::Cancelled.into(),
            etag: found.version().to_string(),
            ..pb::Visit::default()
        },
    }
}

pub(crate) const fn encode_state(state: VisitState) -> pb::VisitState {
    match state {
        VisitState::Held => pb::VisitState::Held,
        VisitState::Booked => pb::VisitState::Booked,
        VisitState::Accepted => pb::VisitState::Accepted,
        VisitState::Started => pb::VisitState::Started,
        VisitState::Finished => pb::VisitState::Finished,
        VisitState::Unsolved => pb::VisitState::Unsolved,
        VisitState::Cancelled => pb::VisitState::Cancelled,
        VisitState::Expired => pb::VisitState::Expired,
    }
}
