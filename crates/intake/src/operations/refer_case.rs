//! Offering a case to a party: by an office, or because a plan asks for it.

use jiff::Timestamp;
use meridian_messaging::Work;
use meridian_proto::intake::v1::{ReferralReturned, ReturnCause};
use meridian_types::{CaseId, PartyId, ReferralId};

use super::{directory, read_case, settle};
use crate::domain::case::Case;
use crate::domain::referral::{Offer, OfferedBy};
use crate::error::Error;
use crate::store;

/// Why a plan refers a case.
const PLANNED: &str = "Nothing of our own meets the need";
/// Who hears that a case which is not here cannot be referred.
const REQUESTER: &str = "coordinator";

/// An office's wish to hand a case to a party.
#[derive(Debug, Clone)]
pub(crate) struct ReferCase {
    pub(crate) case_id: CaseId,
    pub(crate) party_id: PartyId,
    pub(crate) reason: String,
    pub(crate) accept_by: Option<Timestamp>,
}

/// A plan's wish to hand a case to a party.
#[derive(Debug, Clone)]
pub(crate) struct RequestedReferral {
    pub(crate) referral_id: ReferralId,
    pub(crate) case_id: CaseId,
    pub(crate) party_id: PartyId,
}

pub(crate) async fn refer_case(work: &mut Work, wish: ReferCase) -> Result<Case, Error> {
    let ReferCase { case_id, party_id, reason, accept_by } = wish;
    let before = read_case::for_update(work.conn(), case_id).await?;
    let party = store::party::find(work.conn(), &party_id).await?.ok_or(Error::PartyNotFound(party_id))?;
    let referral_id = ReferralId::fresh(work.ids());
    let offered_by = OfferedBy::Office;
    offer(work, before, Offer { referral_id, party, reason, accept_by, offered_by }).await
}

/// Carries out the command of a plan. A refusal is an answer too: the referral comes back.
pub(crate) async fn refer_for_plan(work: &mut Work, wish: RequestedReferral) -> Result<(), Error> {
    if store::referral::find(work.conn(), wish.referral_id).await?.is_some() {
        return Ok(());
    }
    let Some(before) = store::support_case::find_for_update(work.conn(), wish.case_id).await? else {
        give_back(work, &wish, REQUESTER.to_owned(), &Error::CaseNotFound(wish.case_id));
        return Ok(());
    };
    let owner = before.office.to_string();
    let Some(party) = store::party::find(work.conn(), &wish.party_id).await? else {
        give_back(work, &wish, owner, &Error::PartyNotFound(wish.party_id.clone()));
        return Ok(());
    };
    let (referral_id, reason, offered_by) = (wish.referral_id, PLANNED.to_owned(), OfferedBy::Plan);
    let offer = offer(work, before, Offer { referral_id, party, reason, accept_by: None, offered_by }).await;
    match offer {
        Ok(_) => Ok(()),
        Err(error @ (Error::Database(_) | Error::Corrupt { .. })) => Err(error),
        Err(refusal) => {
            give_back(work, &wish, owner, &refusal);
            Ok(())
        }
    }
}

async fn offer(work: &mut Work, before: Case, offer: Offer) -> Result<Case, Error> {
    let customer = directory::customer(work.conn(), &before.customer_id).await?;
    let mut case = before.clone();
    case.offer(offer, &customer.country, work.now())?;
    settle::changed(work, &before, case).await
}

fn give_back(work: &mut Work, wish: &RequestedReferral, owner: String, why: &Error) {
    tracing::info!(case_id = %wish.case_id, referral_id = %wish.referral_id, %why, "referral refused");
    let event = ReferralReturned {
        referral_id: wish.referral_id.to_string(),
        case_id: wish.case_id.to_string(),
        party_id: wish.party_id.to_string(),
        cause: ReturnCause::NotOffered.into(),
        owner,
    };
    work.emit(wish.referral_id, 1, &event);
}
