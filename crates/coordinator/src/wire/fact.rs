//! Facts about plans and promises: the event that tells each, and the line of the timeline.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use meridian_chassis::encode;
use meridian_messaging::{Announced, Work};
use meridian_proto::coordinator::v1 as pb;

use super::plan;
use crate::domain::{CustomerMilestone, Disruption, Fact, Plan, PlanState, Responsibility};

/// Tells a fact about a plan, as it stands at `version`. Returns what the timeline says, if it is worth a line: the
/// name of the event, and a sentence.
pub(crate) fn tell(work: &mut Work, plan: &Plan, version: i64, fact: &Fact) -> Option<(String, String)> {
    let teller = Teller { plan, version };
    match fact {
        Fact::Committed => teller.committed(work),
        Fact::Progressed(responsibility) => teller.progressed(work, responsibility),
        Fact::Disrupted(reason) => teller.disrupted(work, *reason),
        Fact::Parked(reason, responsibility) => teller.parked(work, *reason, responsibility),
        Fact::Completed => {
            let (plan_id, case_id, revision) = teller.ids();
            teller.emit(work, &pb::PlanCompleted { plan_id, case_id, revision }, "The need is met".to_owned())
        }
        Fact::Ended => {
            let (plan_id, case_id, revision) = teller.ids();
            let text = "The plan ended before the need was met".to_owned();
            teller.emit(work, &pb::PlanEnded { plan_id, case_id, revision }, text)
        }
        Fact::Milestone { milestone, happened_at, next_word_by } => {
            teller.milestone(work, *milestone, *happened_at, *next_word_by)
        }
        Fact::PromiseMade(promise, promised_at) => {
            let (plan_id, case_id, revision) = teller.ids();
            let told = pb::PromiseMade {
                promise_id: promise.to_string(),
                case_id,
                plan_id,
                revision,
                promised_at: Some(encode::timestamp(*promised_at)),
                zone: plan.chosen.zone.clone(),
            };
            let text = format!("Promised to the customer: by {}", teller.wall(*promised_at));
            teller.emit_as(work, *promise, &told, text)
        }
        Fact::PromiseChanged { old, new, reason, .. } => teller.promise_changed(work, *old, *new, *reason),
        Fact::PromiseTakenBack { promise, in_time } => {
            if !in_time {
                let case_id = plan.case_id.to_string();
                let told = pb::PromiseSettled { promise_id: promise.to_string(), case_id, kept: false };
                work.emit(promise, version, &told);
            }
            teller.taken_back(work, *promise, "The promised date is taken back: no other is known yet")
        }
        Fact::PromiseSettled { promise, kept } => {
            let case_id = plan.case_id.to_string();
            let told = pb::PromiseSettled { promise_id: promise.to_string(), case_id, kept: *kept };
            let text = if *kept { "The promised date was kept" } else { "The promised date was missed" };
            teller.emit_as(work, *promise, &told, text.to_owned())
        }
        Fact::PromiseWithdrawn(promise) => {
            teller.taken_back(work, *promise, "The promised date is no longer wanted")
        }
    }
}

struct Teller<'a> {
    plan: &'a Plan,
    version: i64,
}

impl Teller<'_> {
    fn ids(&self) -> (String, String, i32) {
        (self.plan.plan_id.to_string(), self.plan.case_id.to_string(), self.plan.revision)
    }

    fn emit<M: Announced>(&self, work: &mut Work, event: &M, text: String) -> Option<(String, String)> {
        self.emit_as(work, self.plan.plan_id, event, text)
    }

    fn emit_as<M: Announced>(
        &self,
        work: &mut Work,
        aggregate_id: impl std::fmt::Display,
        event: &M,
        text: String,
    ) -> Option<(String, String)> {
        work.emit(aggregate_id, self.version, event);
        Some((format!("{}.{}", M::AGGREGATE, M::EVENT), text))
    }

    /// As the customer reads it.
    fn wall(&self, at: Timestamp) -> String {
        wall(at, &self.plan.chosen.zone)
    }

    fn committed(&self, work: &mut Work) -> Option<(String, String)> {
        let (plan_id, case_id, revision) = self.ids();
        let responsibility = match &self.plan.state {
            PlanState::Open(_, responsibility) => Some(plan::responsibility(responsibility)),
            PlanState::Completed | PlanState::Ended => None,
        };
        let kind = plan::kind(self.plan.chosen.kind);
        let told = pb::PlanCommitted {
            plan_id,
            case_id,
            revision,
            kind: kind.into(),
            expected_at: Some(encode::timestamp(self.plan.expected_at)),
            responsibility,
        };
        let kind = kind.as_str_name().trim_start_matches("SOLUTION_KIND_").replace('_', " ").to_lowercase();
        let text = match &self.plan.chosen.party {
            Some(claim) => format!("Committed: {} is asked to take over", claim.party),
            None => format!("Committed: {kind}, expected {}", self.wall(self.plan.expected_at)),
        };
        self.emit(work, &told, text)
    }

    fn progressed(&self, work: &mut Work, responsibility: &Responsibility) -> Option<(String, String)> {
        let (plan_id, case_id, revision) = self.ids();
        let told = pb::PlanProgressed {
            plan_id,
            case_id,
            revision,
            expected_at: Some(encode::timestamp(self.plan.expected_at)),
            responsibility: Some(plan::responsibility(responsibility)),
        };
        work.emit(self.plan.plan_id, self.version, &told);
        // What happened says it already.
        None
    }

    fn disrupted(&self, work: &mut Work, reason: Disruption) -> Option<(String, String)> {
        let (plan_id, case_id, revision) = self.ids();
        let reason_told = plan::disruption(reason).into();
        let text = format!("Disrupted: {}; looking for another way", plan::disruption_text(reason));
        self.emit(work, &pb::PlanDisrupted { plan_id, case_id, revision, reason: reason_told }, text)
    }

    fn parked(
        &self,
        work: &mut Work,
        reason: Disruption,
        responsibility: &Responsibility,
    ) -> Option<(String, String)> {
        let (plan_id, case_id, revision) = self.ids();
        let told = pb::PlanParked {
            plan_id,
            case_id,
            revision,
            reason: plan::disruption(reason).into(),
            responsibility: Some(plan::responsibility(responsibility)),
        };
        let why = plan::disruption_text(reason);
        let text = format!("Parked: {why}; looked at again by {}", self.wall(responsibility.due));
        self.emit(work, &told, text)
    }

    fn milestone(
        &self,
        work: &mut Work,
        milestone: CustomerMilestone,
        happened_at: Timestamp,
        next_word_by: Option<Timestamp>,
    ) -> Option<(String, String)> {
        let (plan_id, case_id, revision) = self.ids();
        let (plan, chosen) = (self.plan, &self.plan.chosen);
        // Customers hear one date: the one they were promised, where there is one.
        let expected_at = plan.promise.map(|promise| encode::timestamp(promise.promised_at));
        // An engineer works where the instrument is, not where the need is met in the end.
        let is_elsewhere = milestone == CustomerMilestone::EngineerOnTheWay;
        let place_name = if is_elsewhere { String::new() } else { chosen.place_name.clone() };
        let replaces = milestone == CustomerMilestone::ExchangeArrived;
        let hand_over_by = plan.hand_over_by(happened_at).filter(|_| replaces);
        let told = pb::MilestoneReached {
            plan_id,
            case_id,
            revision,
            milestone: self::milestone(milestone).into(),
            happened_at: Some(encode::timestamp(happened_at)),
            kind: plan::kind(chosen.kind).into(),
            subject_name: chosen.subject_name.clone(),
            place_name,
            expected_at,
            zone: chosen.zone.clone(),
            next_word_by: next_word_by.map(encode::timestamp),
            hand_over_by: hand_over_by.map(encode::timestamp),
            likely_by: self.likely_by(),
            visit: None,
        };
        work.emit(plan.plan_id, self.version, &told);
        // The event of whoever did it is on the timeline.
        None
    }

    /// By when the need is likely met: known as long as everything goes as it was planned.
    fn likely_by(&self) -> Option<prost_types::Timestamp> {
        let likely_by =
            self.plan.chosen.likely_by.filter(|_| self.plan.expected_at == self.plan.chosen.arrival);
        likely_by.map(encode::timestamp)
    }

    fn promise_changed(
        &self,
        work: &mut Work,
        (old, old_promised_at): (meridian_types::PromiseId, Timestamp),
        (new, promised_at): (meridian_types::PromiseId, Timestamp),
        reason: Disruption,
    ) -> Option<(String, String)> {
        let (plan_id, case_id, revision) = self.ids();
        let told = pb::PromiseChanged {
            promise_id: new.to_string(),
            replaces_promise_id: old.to_string(),
            case_id,
            plan_id,
            revision,
            old_promised_at: Some(encode::timestamp(old_promised_at)),
            promised_at: Some(encode::timestamp(promised_at)),
            zone: self.plan.chosen.zone.clone(),
            reason: plan::disruption(reason).into(),
            likely_by: self.likely_by(),
        };
        let text = format!(
            "Promised date corrected from {} to {}: {}",
            self.wall(old_promised_at),
            self.wall(promised_at),
            plan::disruption_text(reason)
        );
        self.emit_as(work, new, &told, text)
    }

    fn taken_back(
        &self,
        work: &mut Work,
        promise: meridian_types::PromiseId,
        text: &str,
    ) -> Option<(String, String)> {
        let (plan_id, case_id, revision) = self.ids();
        let told = pb::PromiseTakenBack { promise_id: promise.to_string(), case_id, plan_id, revision };
        self.emit_as(work, promise, &told, text.to_owned())
    }
}

/// An instant as the timeline tells it, on the clock of an IANA zone.
pub(super) fn wall(at: Timestamp, zone: &str) -> String {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    at.to_zoned(zone).strftime("%a %-d %b %Y %H:%M %Z").to_string()
}

pub(super) const fn milestone(milestone: CustomerMilestone) -> pb::CustomerMilestone {
    match milestone {
        CustomerMilestone::PlanAgreed => pb::CustomerMilestone::PlanAgreed,
        CustomerMilestone::Shipped => pb::CustomerMilestone::Shipped,
        CustomerMilestone::InCustoms => pb::CustomerMilestone::InCustoms,
        CustomerMilestone::Arrived => pb::CustomerMilestone::Arrived,
        CustomerMilestone::LoanerArrived => pb::CustomerMilestone::LoanerArrived,
        CustomerMilestone::ExchangeArrived => pb::CustomerMilestone::ExchangeArrived,
        CustomerMilestone::EngineerOnTheWay => pb::CustomerMilestone::EngineerOnTheWay,
        CustomerMilestone::Repaired => pb::CustomerMilestone::Repaired,
        CustomerMilestone::InstrumentShipped => pb::CustomerMilestone::InstrumentShipped,
        CustomerMilestone::StillLooking => pb::CustomerMilestone::StillLooking,
        CustomerMilestone::Done => pb::CustomerMilestone::Done,
        CustomerMilestone::VisitScheduled => pb::CustomerMilestone::VisitScheduled,
        CustomerMilestone::VisitMoved => pb::CustomerMilestone::VisitMoved,
        CustomerMilestone::VisitCalledOff => pb::CustomerMilestone::VisitCalledOff,
        CustomerMilestone::VisitFinished => pb::CustomerMilestone::VisitFinished,
        CustomerMilestone::VisitUnsolved => pb::CustomerMilestone::VisitUnsolved,
    }
}
