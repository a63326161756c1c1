//! What commits together when a case has changed: its row, new facts, its referral, the events that tell others, and
//! the timer that watches the due time. All of it follows from the case before and after.

use meridian_chassis::encode;
use meridian_messaging::{Timer, Work};
use meridian_proto::intake::v1 as pb;

use crate::domain::case::{Case, Progress};
use crate::domain::referral::{Referral, ReferralState};
use crate::error::Error;
use crate::store;
use crate::wire;

/// Kind of the timer that watches the due time of a case; its key is the case id.
pub(crate) const CASE_DUE: &str = "case_due";

/// Stores a new case and announces it.
pub(crate) async fn opened(work: &mut Work, mut case: Case) -> Result<Case, Error> {
    store_case(work, None, &mut case).await?;
    let event = pb::CaseOpened {
        case_id: case.case_id.to_string(),
        customer_id: case.customer_id.to_string(),
        person_id: case.person_id.to_string(),
        need: Some(wire::need::encode(&case.need)),
        priority: wire::case::encode_priority(case.priority).into(),
        office: case.office.to_string(),
        missing_facts: count(case.missing_facts().len()),
    };
    work.emit(case.case_id, case.version, &event);
    watch(work, &case);
    Ok(case)
}

/// Stores a changed case and announces what changed. `before` must have been read for update in the same unit of work.
pub(crate) async fn changed(work: &mut Work, before: &Case, after: Case) -> Result<Case, Error> {
    change(work, before, after, false).await
}

/// The same, for a case that its plan has changed.
pub(crate) async fn changed_by_plan(work: &mut Work, before: &Case, after: Case) -> Result<Case, Error> {
    change(work, before, after, true).await
}

async fn change(work: &mut Work, before: &Case, mut after: Case, by_plan: bool) -> Result<Case, Error> {
    if after == *before {
        return Ok(after);
    }
    after.version = before.version + 1;
    store_case(work, Some(before), &mut after).await?;
    announce(work, before, &after, by_plan);
    if after.progress != before.progress {
        watch(work, &after);
    }
    Ok(after)
}

async fn store_case(work: &mut Work, before: Option<&Case>, case: &mut Case) -> Result<(), Error> {
    store::support_case::put(work.conn(), case).await?;
    for (fact, standing) in case.facts.take_unsaved() {
        store::case_fact::add(work.conn(), case.case_id, &fact, standing).await?;
    }
    let known = before.and_then(|before| before.referral.as_ref());
    if let Some(referral) = case.referral.as_ref().filter(|referral| Some(*referral) != known) {
        store::referral::put(work.conn(), case.case_id, referral).await?;
    }
    Ok(())
}

fn announce(work: &mut Work, before: &Case, after: &Case, by_plan: bool) {
    let missing = after.missing_facts();
    if after.need != before.need || missing != before.missing_facts() {
        let event = pb::CaseUpdated {
            case_id: after.case_id.to_string(),
            need: Some(wire::need::encode(&after.need)),
            missing_facts: count(missing.len()),
        };
        work.emit(after.case_id, after.version, &event);
    }
    if let Some(referral) =
        after.referral.as_ref().filter(|referral| Some(*referral) != before.referral.as_ref())
    {
        announce_referral(work, after, referral);
    }
    if let (Progress::Active { .. }, Progress::Closed { resolution, .. }) =
        (&before.progress, &after.progress)
    {
        let resolution = wire::case::encode_resolution(*resolution).into();
        let event = pb::CaseClosed { case_id: after.case_id.to_string(), resolution, by_plan };
        work.emit(after.case_id, after.version, &event);
    }
}

fn announce_referral(work: &mut Work, case: &Case, referral: &Referral) {
    let referral_id = referral.referral_id.to_string();
    let case_id = case.case_id.to_string();
    let party_id = referral.party_id.to_string();
    let party_name = referral.party_name.clone();
    let returned = |cause: pb::ReturnCause| pb::ReferralReturned {
        referral_id: referral_id.clone(),
        case_id: case_id.clone(),
        party_id: party_id.clone(),
        cause: cause.into(),
        owner: case.office.to_string(),
    };
    match &referral.state {
        ReferralState::Offered => {
            let accept_by = Some(encode::timestamp(referral.accept_by));
            let event = pb::ReferralOffered { referral_id, case_id, party_id, party_name, accept_by };
            work.emit(referral.referral_id, 1, &event);
        }
        ReferralState::Accepted(signed) => {
            let (accepted_by, accepted_at) = (signed.by.clone(), Some(encode::timestamp(signed.at)));
            let event =
                pb::ReferralAccepted { referral_id, case_id, party_id, party_name, accepted_by, accepted_at };
            work.emit(referral.referral_id, 2, &event);
        }
        ReferralState::Declined(..) => {
            work.emit(referral.referral_id, 2, &returned(pb::ReturnCause::Declined));
        }
        ReferralState::Returned(_) => {
            work.emit(referral.referral_id, 2, &returned(pb::ReturnCause::TimedOut));
        }
        ReferralState::Withdrawn(_) => {
            work.emit(referral.referral_id, 2, &returned(pb::ReturnCause::Withdrawn));
        }
    }
}

fn watch(work: &mut Work, case: &Case) {
    let key = case.case_id.to_string();
    match &case.progress {
        Progress::Active { responsibility, .. } => work.schedule(Timer {
            kind: CASE_DUE,
            key,
            due: responsibility.due(),
            payload: serde_json::Value::Null,
        }),
        Progress::Closed { .. } => work.cancel_timer(CASE_DUE, key),
    }
}

fn count(missing: usize) -> i32 {
    i32::try_from(missing).unwrap_or(i32::MAX)
}
