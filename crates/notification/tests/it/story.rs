//! Facts of one case, from the opening to the end, as intake and the coordinator tell them.

use meridian_messaging::Event;
use meridian_proto::coordinator::v1 as coordinator;
use meridian_proto::coordinator::v1::{CustomerMilestone, DisruptionReason, SolutionKind};
use meridian_proto::intake::v1 as intake;
use meridian_types::{CaseId, PromiseId, ReferralId};

use crate::world::{World, case_opened, pb_time, plan_of};

/// The date of the first promise, and of the one after the delay.
pub(crate) const PROMISED: &str = "2026-11-27T09:00:00Z";
pub(crate) const PROMISED_LATER: &str = "2026-11-30T09:00:00Z";

pub(crate) fn reached(
    case_id: CaseId,
    revision: i32,
    milestone: CustomerMilestone,
    happened_at: &str,
) -> coordinator::MilestoneReached {
    coordinator::MilestoneReached {
        plan_id: plan_of(case_id).to_string(),
        case_id: case_id.to_string(),
        revision,
        milestone: milestone.into(),
        happened_at: pb_time(happened_at),
        kind: SolutionKind::Transfer.into(),
        subject_name: "Pump 7".to_owned(),
        place_name: "Nordhafen Clinic".to_owned(),
        expected_at: pb_time("2026-11-27T05:00:00Z"),
        zone: "Europe/Berlin".to_owned(),
        next_word_by: (milestone == CustomerMilestone::StillLooking)
            .then(|| pb_time("2026-11-24T09:00:00Z"))
            .flatten(),
        hand_over_by: (milestone == CustomerMilestone::ExchangeArrived)
            .then(|| pb_time("2026-12-01T09:00:00Z"))
            .flatten(),
        likely_by: None,
        visit: None,
    }
}

pub(crate) fn promise_made(case_id: CaseId) -> coordinator::PromiseMade {
    coordinator::PromiseMade {
        promise_id: PromiseId::from_uuid(case_id.derive("first promise")).to_string(),
        case_id: case_id.to_string(),
        plan_id: plan_of(case_id).to_string(),
        revision: 1,
        promised_at: pb_time(PROMISED),
        zone: "Europe/Berlin".to_owned(),
    }
}

/// The first promise no longer stands.
pub(crate) fn promise_taken_back(case_id: CaseId) -> coordinator::PromiseTakenBack {
    coordinator::PromiseTakenBack {
        promise_id: PromiseId::from_uuid(case_id.derive("first promise")).to_string(),
        case_id: case_id.to_string(),
        plan_id: plan_of(case_id).to_string(),
        revision: 1,
    }
}

/// A change of the date: from the first promise to the later one, or from one later date to the next.
pub(crate) fn promise_changed(
    case_id: CaseId,
    name: &str,
    old: &str,
    new: &str,
) -> coordinator::PromiseChanged {
    coordinator::PromiseChanged {
        promise_id: PromiseId::from_uuid(case_id.derive(name)).to_string(),
        case_id: case_id.to_string(),
        plan_id: plan_of(case_id).to_string(),
        revision: 1,
        old_promised_at: pb_time(old),
        promised_at: pb_time(new),
        zone: "Europe/Berlin".to_owned(),
        reason: DisruptionReason::CustomsHold.into(),
        ..coordinator::PromiseChanged::default()
    }
}

pub(crate) fn referral_accepted(case_id: CaseId) -> intake::ReferralAccepted {
    intake::ReferralAccepted {
        referral_id: ReferralId::from_uuid(case_id.derive("referral")).to_string(),
        case_id: case_id.to_string(),
        party_id: "POLAR".to_owned(),
        party_name: "Polar Cooling".to_owned(),
        accepted_by: "INTERNAL desk 4".to_owned(),
        accepted_at: pb_time("2026-11-23T12:00:00Z"),
    }
}

/// Everything that happens to a case whose part is held up by customs.
pub(crate) fn part_held_up(world: &World, case_id: CaseId, person_id: &str) -> Vec<Event> {
    use CustomerMilestone::{Arrived, Done, InCustoms, PlanAgreed, Shipped};
    let milestone = |milestone, at| world.event("coordinator", &reached(case_id, 1, milestone, at));
    vec![
        world.event("intake", &case_opened(case_id, person_id)),
        world.event("coordinator", &promise_made(case_id)),
        milestone(PlanAgreed, "2026-11-23T10:00:00Z"),
        milestone(Shipped, "2026-11-24T10:00:00Z"),
        milestone(InCustoms, "2026-11-25T10:00:00Z"),
        world.event("coordinator", &promise_changed(case_id, "second", PROMISED, PROMISED_LATER)),
        milestone(Arrived, "2026-11-29T10:00:00Z"),
        milestone(Done, "2026-11-29T10:00:00Z"),
    ]
}

/// What the customer hears of it.
pub(crate) const PART_HELD_UP: [&str; 7] =
    ["CASE_OPENED", "PLAN_AGREED", "SHIPPED", "IN_CUSTOMS", "DATE_CHANGED", "ARRIVED", "DONE"];
