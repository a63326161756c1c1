//! Events of the own region, turned into what customers hear.

use async_trait::async_trait;
use jiff::Timestamp;
use meridian_chassis::decode;
use meridian_messaging::{Event, Handler, Work};
use meridian_proto::coordinator::v1::{
    self as pb, CustomerMilestone, CustomerVisit, DisruptionReason, MilestoneReached, PromiseChanged,
    PromiseMade, PromiseTakenBack, SolutionKind,
};
use meridian_proto::intake::v1 as intake;
use meridian_proto::intake::v1::{
    CaseClosed, CaseOpened, ReferralAccepted, ReferralOffered, ReferralReturned, ReturnCause,
};
use meridian_types::{
    CaseId, CustomerId, PersonId, PlanId, Problem, PromiseId, ReferralId, Violations, VisitId,
};

use crate::domain::milestone::Milestone;
use crate::domain::overtaking::Told;
use crate::domain::view::{CustomerText, Reason, Resolution, SafeView, VisitTime};
use crate::operations::learn_case::learn_case;
use crate::operations::promise::promise;
use crate::operations::tell::tell;
use crate::store::customer_case::Party;

/// Which milestone customers hear of for which of the coordinator's.
const MILESTONES: [(CustomerMilestone, Milestone); 16] = [
    (CustomerMilestone::PlanAgreed, Milestone::PlanAgreed),
    (CustomerMilestone::Shipped, Milestone::Shipped),
    (CustomerMilestone::InCustoms, Milestone::InCustoms),
    (CustomerMilestone::Arrived, Milestone::Arrived),
    (CustomerMilestone::LoanerArrived, Milestone::LoanerArrived),
    (CustomerMilestone::ExchangeArrived, Milestone::ExchangeArrived),
    (CustomerMilestone::EngineerOnTheWay, Milestone::EngineerOnTheWay),
    (CustomerMilestone::Repaired, Milestone::Repaired),
    (CustomerMilestone::InstrumentShipped, Milestone::InstrumentShipped),
    (CustomerMilestone::StillLooking, Milestone::StillLooking),
    (CustomerMilestone::Done, Milestone::Done),
    (CustomerMilestone::VisitScheduled, Milestone::VisitScheduled),
    (CustomerMilestone::VisitMoved, Milestone::VisitMoved),
    (CustomerMilestone::VisitCalledOff, Milestone::VisitCalledOff),
    (CustomerMilestone::VisitFinished, Milestone::VisitFinished),
    (CustomerMilestone::VisitUnsolved, Milestone::VisitUnsolved),
];

/// What customers understand of a disruption. Everything else takes longer than planned.
const REASONS: [(DisruptionReason, Reason); 12] = [
    (DisruptionReason::HoldRefused, Reason::Unavailable),
    (DisruptionReason::HoldExpired, Reason::Unavailable),
    (DisruptionReason::PickFailed, Reason::Unavailable),
    (DisruptionReason::CustomsHold, Reason::Customs),
    (DisruptionReason::ShipmentLost, Reason::Lost),
    (DisruptionReason::ShipmentLate, Reason::Late),
    (DisruptionReason::EngineerUnavailable, Reason::Engineer),
    (DisruptionReason::Unsolved, Reason::Unsolved),
    (DisruptionReason::ReferralReturned, Reason::Partner),
    (DisruptionReason::PartyDeclined, Reason::Partner),
    (DisruptionReason::NeededEarlier, Reason::Earlier),
    (DisruptionReason::NeedChanged, Reason::Changed),
];

const RESOLUTIONS: [(intake::Resolution, Resolution); 3] = [
    (intake::Resolution::Solved, Resolution::Solved),
    (intake::Resolution::Referred, Resolution::Referred),
    (intake::Resolution::Withdrawn, Resolution::Withdrawn),
];

/// Applies the events of the region's intake and coordinator.
#[derive(Debug)]
pub(crate) struct Events;

#[async_trait]
impl Handler for Events {
    async fn handle(&self, work: &mut Work, event: &Event) -> Result<(), Problem> {
        if event.is::<CaseOpened>() {
            case_opened(work, &event.decode()?, event.time).await
        } else if event.is::<CaseClosed>() {
            case_closed(work, &event.decode()?, event.time).await
        } else if event.is::<ReferralOffered>() {
            referral_offered(work, &event.decode()?, event.time).await
        } else if event.is::<ReferralAccepted>() {
            referral_accepted(work, &event.decode()?, event.time).await
        } else if event.is::<ReferralReturned>() {
            referral_returned(work, &event.decode()?, event.time).await
        } else if event.is::<MilestoneReached>() {
            milestone_reached(work, &event.decode()?, event.time).await
        } else if event.is::<PromiseMade>() {
            promise_made(work, &event.decode()?).await
        } else if event.is::<PromiseChanged>() {
            promise_changed(work, &event.decode()?, event.time).await
        } else if event.is::<PromiseTakenBack>() {
            promise_taken_back(work, &event.decode()?).await
        } else {
            Ok(())
        }
    }
}

/// A milestone that belongs to no plan.
fn of_no_plan(milestone: Milestone, occurrence: String, view: SafeView) -> Told {
    Told { milestone, plan_id: None, revision: 0, occurrence, view }
}

async fn case_opened(work: &mut Work, event: &CaseOpened, at: Timestamp) -> Result<(), Problem> {
    let mut v = Violations::new();
    let case_id = decode::parsed::<CaseId>(&mut v, "case_id", &event.case_id);
    let customer_id = decode::parsed::<CustomerId>(&mut v, "customer_id", &event.customer_id);
    let person_id = decode::parsed::<PersonId>(&mut v, "person_id", &event.person_id);
    let parsed = case_id.zip(customer_id).zip(person_id);
    let ((case_id, customer_id), person_id) = decode::complete(v, parsed)?;
    let party = Party { customer_id: customer_id.into(), person_id: person_id.into() };
    let missing = Some(u32::try_from(event.missing_facts).unwrap_or(0));
    let view = SafeView { happened_at: Some(at), missing, ..SafeView::default() };
    let opened = of_no_plan(Milestone::CaseOpened, String::new(), view);
    Ok(learn_case(work, case_id, &party, opened).await?)
}

async fn case_closed(work: &mut Work, event: &CaseClosed, at: Timestamp) -> Result<(), Problem> {
    let mut v = Violations::new();
    let case_id = decode::parsed::<CaseId>(&mut v, "case_id", &event.case_id);
    let resolution = mapped(&mut v, "resolution", event.resolution, event.resolution(), &RESOLUTIONS);
    let (case_id, resolution) = decode::complete(v, case_id.zip(resolution))?;
    let resolution = if event.by_plan { Resolution::SolvedByPlan } else { resolution };
    let view = SafeView { happened_at: Some(at), resolution: Some(resolution), ..SafeView::default() };
    Ok(tell(work, case_id, of_no_plan(Milestone::Closed, String::new(), view)).await?)
}

/// The case and the referral that an event is about.
fn referred(v: &mut Violations, case_id: &str, referral_id: &str) -> Option<(CaseId, ReferralId)> {
    let case_id = decode::parsed(v, "case_id", case_id);
    let referral_id = decode::parsed(v, "referral_id", referral_id);
    case_id.zip(referral_id)
}

async fn referral_offered(work: &mut Work, event: &ReferralOffered, at: Timestamp) -> Result<(), Problem> {
    let mut v = Violations::new();
    let ids = referred(&mut v, &event.case_id, &event.referral_id);
    let answer_by = decode::timestamp_if_set(&mut v, "accept_by", event.accept_by);
    let (case_id, referral_id) = decode::complete(v, ids)?;
    let party = CustomerText::new(&event.party_name);
    let view = SafeView { happened_at: Some(at), answer_by, party, ..SafeView::default() };
    Ok(tell(work, case_id, of_no_plan(Milestone::ReferralOffered, referral_id.to_string(), view)).await?)
}

async fn referral_accepted(work: &mut Work, event: &ReferralAccepted, at: Timestamp) -> Result<(), Problem> {
    let mut v = Violations::new();
    let ids = referred(&mut v, &event.case_id, &event.referral_id);
    let happened_at = decode::timestamp_if_set(&mut v, "accepted_at", event.accepted_at);
    let (case_id, referral_id) = decode::complete(v, ids)?;
    let party = CustomerText::new(&event.party_name);
    let view = SafeView { happened_at: Some(happened_at.unwrap_or(at)), party, ..SafeView::default() };
    Ok(tell(work, case_id, of_no_plan(Milestone::Referred, referral_id.to_string(), view)).await?)
}

async fn referral_returned(work: &mut Work, event: &ReferralReturned, at: Timestamp) -> Result<(), Problem> {
    let mut v = Violations::new();
    let ids = referred(&mut v, &event.case_id, &event.referral_id);
    let (case_id, referral_id) = decode::complete(v, ids)?;
    // What we took back, or never offered, is no word of the party's.
    if matches!(event.cause(), ReturnCause::Withdrawn | ReturnCause::NotOffered) {
        return Ok(());
    }
    let view = SafeView { happened_at: Some(at), ..SafeView::default() };
    Ok(tell(work, case_id, of_no_plan(Milestone::ReferralReturned, referral_id.to_string(), view)).await?)
}

async fn milestone_reached(work: &mut Work, event: &MilestoneReached, at: Timestamp) -> Result<(), Problem> {
    if let Some(visit) = &event.visit {
        return visit_told(work, event, visit, at).await;
    }
    let mut v = Violations::new();
    let ids = planned(&mut v, &event.case_id, &event.plan_id, event.revision);
    let milestone = mapped(&mut v, "milestone", event.milestone, event.milestone(), &MILESTONES);
    let happened_at = decode::timestamp_if_set(&mut v, "happened_at", event.happened_at);
    let promised_at = decode::timestamp_if_set(&mut v, "expected_at", event.expected_at);
    let next_word_by = decode::timestamp_if_set(&mut v, "next_word_by", event.next_word_by);
    let hand_over_by = decode::timestamp_if_set(&mut v, "hand_over_by", event.hand_over_by);
    let likely_by = decode::timestamp_if_set(&mut v, "likely_by", event.likely_by);
    let ((case_id, plan_id, revision), milestone) = decode::complete(v, ids.zip(milestone))?;
    let occurrence = match (milestone, next_word_by) {
        // Each word that was promised is news.
        (Milestone::StillLooking, Some(next_word_by)) => next_word_by.to_string(),
        _ => plan_id.to_string(),
    };
    let view = SafeView {
        thing: CustomerText::new(&event.subject_name),
        place: CustomerText::new(&event.place_name),
        happened_at: Some(happened_at.unwrap_or(at)),
        promised_at,
        likely_by,
        next_word_by,
        hand_over_by,
        // An exchange is done when their own instrument has come back.
        own_is_back: milestone == Milestone::Done && event.kind() == SolutionKind::AdvanceExchange,
        zone: zone(&event.zone),
        ..SafeView::default()
    };
    Ok(tell(work, case_id, Told { milestone, plan_id: Some(plan_id), revision, occurrence, view }).await?)
}

/// Something that customers hear of a visit of a work order.
async fn visit_told(
    work: &mut Work,
    event: &MilestoneReached,
    visit: &CustomerVisit,
    at: Timestamp,
) -> Result<(), Problem> {
    let mut v = Violations::new();
    let case_id = decode::parsed::<CaseId>(&mut v, "case_id", &event.case_id);
    let order = decode::parsed::<VisitId>(&mut v, "visit.work_order_id", &visit.work_order_id);
    let revision = decode::within(&mut v, "revision", event.revision, 1..=i32::MAX);
    let milestone = mapped(&mut v, "milestone", event.milestone, event.milestone(), &MILESTONES);
    let happened_at = decode::timestamp_if_set(&mut v, "happened_at", event.happened_at);
    let time = visit.time.and_then(|time| visit_time(&mut v, "visit.time", time));
    let before = visit.time_before.and_then(|time| visit_time(&mut v, "visit.time_before", time));
    let parsed = case_id.zip(order).zip(revision.zip(milestone));
    let ((case_id, order), (revision, milestone)) = decode::complete(v, parsed)?;
    let view = SafeView {
        place: CustomerText::new(&event.place_name),
        happened_at: Some(happened_at.unwrap_or(at)),
        visit: time,
        old_visit: before,
        is_planned_again: visit.planned_again,
        zone: zone(&event.zone),
        reason: Some(reason(visit.reason())),
        ..SafeView::default()
    };
    let told = Told { milestone, plan_id: None, revision, occurrence: order.to_string(), view };
    Ok(tell(work, case_id, told).await?)
}

fn visit_time(v: &mut Violations, field: &str, time: pb::VisitTime) -> Option<VisitTime> {
    let from = decode::timestamp(v, &format!("{field}.from"), time.from);
    let until = decode::timestamp_if_set(v, &format!("{field}.until"), time.until);
    Some(VisitTime { from: from?, until })
}

async fn promise_made(work: &mut Work, event: &PromiseMade) -> Result<(), Problem> {
    let mut v = Violations::new();
    let case_id = decode::parsed::<CaseId>(&mut v, "case_id", &event.case_id);
    let promised_at = decode::timestamp(&mut v, "promised_at", event.promised_at);
    let (case_id, promised_at) = decode::complete(v, case_id.zip(promised_at))?;
    Ok(promise(work, case_id, Some(promised_at)).await?)
}

async fn promise_taken_back(work: &mut Work, event: &PromiseTakenBack) -> Result<(), Problem> {
    let mut v = Violations::new();
    let case_id = decode::parsed::<CaseId>(&mut v, "case_id", &event.case_id);
    let case_id = decode::complete(v, case_id)?;
    Ok(promise(work, case_id, None).await?)
}

async fn promise_changed(work: &mut Work, event: &PromiseChanged, at: Timestamp) -> Result<(), Problem> {
    let mut v = Violations::new();
    let ids = planned(&mut v, &event.case_id, &event.plan_id, event.revision);
    let promise_id = decode::parsed::<PromiseId>(&mut v, "promise_id", &event.promise_id);
    let old_promised_at = decode::timestamp(&mut v, "old_promised_at", event.old_promised_at);
    let promised_at = decode::timestamp(&mut v, "promised_at", event.promised_at);
    let likely_by = decode::timestamp_if_set(&mut v, "likely_by", event.likely_by);
    let parsed = ids.zip(promise_id).zip(promised_at);
    let (((case_id, plan_id, revision), promise_id), promised_at) = decode::complete(v, parsed)?;
    let view = SafeView {
        happened_at: Some(at),
        promised_at: Some(promised_at),
        likely_by,
        old_promised_at,
        zone: zone(&event.zone),
        reason: Some(reason(event.reason())),
        ..SafeView::default()
    };
    promise(work, case_id, Some(promised_at)).await?;
    let (milestone, occurrence) = (Milestone::DateChanged, promise_id.to_string());
    Ok(tell(work, case_id, Told { milestone, plan_id: Some(plan_id), revision, occurrence, view }).await?)
}

/// The case, the plan and its revision that an event is about.
fn planned(v: &mut Violations, case_id: &str, plan_id: &str, revision: i32) -> Option<(CaseId, PlanId, i32)> {
    let case_id = decode::parsed(v, "case_id", case_id);
    let plan_id = decode::parsed(v, "plan_id", plan_id);
    let revision = decode::within(v, "revision", revision, 0..=i32::MAX);
    case_id.zip(plan_id).zip(revision).map(|((case_id, plan_id), revision)| (case_id, plan_id, revision))
}

/// What customers understand of a disruption.
fn reason(disruption: DisruptionReason) -> Reason {
    let known = REASONS.iter().find(|(theirs, _)| *theirs == disruption);
    known.map_or(Reason::Other, |(_, ours)| *ours)
}

/// Our word for theirs, by a table.
fn mapped<T: PartialEq, O: Copy>(
    v: &mut Violations,
    field: &str,
    number: i32,
    theirs: T,
    table: &[(T, O)],
) -> Option<O> {
    let found = table.iter().find(|(key, _)| *key == theirs).map(|(_, ours)| *ours);
    if found.is_none() {
        v.add(field, number, "one of the values that customers hear of");
    }
    found
}

fn zone(name: &str) -> Option<String> {
    (!name.is_empty()).then(|| name.to_owned())
}
