//! What operations found into answers.

use meridian_chassis::encode;
use meridian_proto::dispatch::v1 as pb;
use meridian_scheduler::workforce::Unskilled;
use meridian_types::RegionId;

use super::request::page_token;
use crate::domain::availability::Refusal;
use crate::domain::order::Stage;
use crate::domain::publication::{self, Outcome};
use crate::domain::settlement::Conflict;
use crate::domain::visit::Visit;
use crate::error::not_allowed_reason;
use crate::operations::find_engineers::{Answer, Candidate, Refused};
use crate::operations::find_slots::Proposed;
use crate::operations::publish::Published;
use crate::operations::read_orders::Status;
use crate::wire;
use crate::wire::span;

pub(super) fn engineers(answer: Answer) -> pb::FindEngineersResponse {
    pb::FindEngineersResponse {
        profile: answer.profile.as_ref().map(wire::repair::encode_profile),
        candidates: answer.candidates.iter().map(candidate).collect(),
        refusals: answer.refused.iter().map(refusal).collect(),
        depots: answer.depots.iter().map(wire::repair::encode_depot).collect(),
    }
}

fn candidate(candidate: &Candidate) -> pb::EngineerCandidate {
    pb::EngineerCandidate {
        engineer: Some(wire::engineer::encode(&candidate.technician)),
        free: span::encode_all(&candidate.free.regular),
        free_overtime: span::encode_all(&candidate.free.overtime),
        age_ms: candidate.age_ms,
    }
}

fn refusal(refused: &Refused) -> pb::EngineerRefusal {
    let (reason, witness) = reason_and_witness(&refused.refusal);
    pb::EngineerRefusal {
        engineer_id: refused.engineer.to_string(),
        region: refused.region.to_string(),
        reason: reason.into(),
        witness,
    }
}

fn reason_and_witness(refusal: &Refusal) -> (pb::EngineerRefusalReason, String) {
    use pb::EngineerRefusalReason as Reason;
    match refusal {
        Refusal::Unskilled(Unskilled::Missing(skill)) => (Reason::SkillMissing, skill.to_string()),
        Refusal::Unskilled(Unskilled::LevelTooLow(held)) => (Reason::LevelTooLow, held.number().to_string()),
        Refusal::Unskilled(unskilled @ Unskilled::NotCertified { .. }) => {
            (Reason::CertificateExpired, unskilled.day().map(|day| day.to_string()).unwrap_or_default())
        }
        Refusal::NoRightToWork(country) => (Reason::NoRightToWork, country.to_string()),
        Refusal::Absent(until) => (Reason::Absent, until.to_string()),
        Refusal::Busy(until) => (Reason::NotFree, until.to_string()),
        Refusal::NoWorkingTime => (Reason::NotFree, "no working time".to_owned()),
        Refusal::TooShort { longest_minutes } => {
            (Reason::NotFree, format!("longest free time: {longest_minutes} minutes"))
        }
    }
}

pub(super) fn slots(slots: &[Proposed], refused: &[Refused]) -> pb::FindSlotsResponse {
    let slot = |proposed: &Proposed| pb::Slot {
        engineer_id: proposed.engineer.to_string(),
        region: proposed.region.to_string(),
        during: Some(encode::interval(proposed.slot.during)),
        work: Some(encode::interval(proposed.slot.work)),
        overtime: proposed.slot.overtime,
        ..pb::Slot::default()
    };
    pb::FindSlotsResponse {
        slots: slots.iter().map(slot).collect(),
        refusals: refused.iter().map(refusal).collect(),
    }
}

pub(super) fn visits(visits: &[Visit], has_more: bool, region: &RegionId) -> pb::ListVisitsResponse {
    let last = visits.last().filter(|_| has_more);
    let next = last.map(|last| page_token(last.claim.during.start(), last.claim.visit));
    pb::ListVisitsResponse {
        visits: visits.iter().map(|visit| wire::visit::encode(visit, region)).collect(),
        next_page_token: next.unwrap_or_default(),
    }
}

pub(super) fn order(status: &Status, region: &RegionId) -> pb::WorkOrderStatus {
    let stage = match status.stage {
        Stage::Unplanned => pb::WorkOrderStage::Unplanned,
        Stage::Draft => pb::WorkOrderStage::Draft,
        Stage::Published => pb::WorkOrderStage::Published,
        Stage::Outsourced => pb::WorkOrderStage::Outsourced,
        Stage::Historic => pb::WorkOrderStage::Historic,
    };
    pb::WorkOrderStatus {
        order: Some(wire::order::encode(&status.stored.order)),
        stage: stage.into(),
        visits: status.visits.iter().map(|visit| wire::visit::encode(visit, region)).collect(),
        optimisation_id: status.stored.drafted_by.map(|id| id.to_string()).unwrap_or_default(),
        etag: status.stored.version.to_string(),
    }
}

pub(super) fn published(published: &Published) -> pb::PublishedOrder {
    let outcome = match published.outcome {
        Outcome::Booked => pb::PublishOutcome::Booked,
        Outcome::Moved => pb::PublishOutcome::Moved,
        Outcome::Kept => pb::PublishOutcome::Kept,
        Outcome::Withdrawn => pb::PublishOutcome::Withdrawn,
        Outcome::Refused => pb::PublishOutcome::Refused,
        Outcome::Outsourced => pb::PublishOutcome::Outsourced,
    };
    let (reason, witness) = published.refusal.as_ref().map(why_not_followed).unwrap_or_default();
    let visit_id = published.order.to_string();
    pb::PublishedOrder { visit_id, outcome: outcome.into(), reason: reason.to_owned(), witness }
}

/// As HoldVisit would say it.
fn why_not_followed(refusal: &publication::Refusal) -> (&'static str, String) {
    use publication::Refusal as Not;
    match refusal {
        Not::Over => ("WORK_ORDER_OVER", String::new()),
        Not::Changed => ("WORK_ORDER_CHANGED", String::new()),
        Not::Stands(state) => ("VISIT_STATE", state.to_string()),
        Not::Past(at) => ("TIME_IN_PAST", at.to_string()),
        Not::NoEngineer(engineer) => ("ENGINEER_NOT_FOUND", engineer.to_string()),
        Not::NotAllowed(engineer, reason) => (not_allowed_reason(reason), engineer.to_string()),
        Not::Conflict(Conflict::InTheWay(visit)) => ("ENGINEER_NOT_FREE", visit.to_string()),
        Not::Conflict(Conflict::Waits(first)) => ("WORK_ORDER_WAITS", first.to_string()),
        Not::TooFar(before) => ("TOO_FAR", before.map(|before| before.to_string()).unwrap_or_default()),
    }
}
