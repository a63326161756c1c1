//! A party's answer to a referral.

use meridian_messaging::Work;
use meridian_types::ReferralId;

use super::{read_case, settle};
use crate::domain::case::Case;
use crate::error::Error;
use crate::store;

/// The party takes the case over.
#[derive(Debug, Clone)]
pub(crate) struct AcceptReferral {
    pub(crate) referral_id: ReferralId,
    /// Desk or role.
    pub(crate) accepted_by: String,
}

/// The party refuses.
#[derive(Debug, Clone)]
pub(crate) struct DeclineReferral {
    pub(crate) referral_id: ReferralId,
    /// Desk or role.
    pub(crate) declined_by: String,
    /// May be empty.
    pub(crate) reason: String,
}

pub(crate) async fn accept_referral(work: &mut Work, answer: AcceptReferral) -> Result<Case, Error> {
    let before = referred(work, answer.referral_id).await?;
    let mut case = before.clone();
    case.accept(answer.accepted_by, work.now())?;
    settle::changed(work, &before, case).await
}

pub(crate) async fn decline_referral(work: &mut Work, answer: DeclineReferral) -> Result<Case, Error> {
    let before = referred(work, answer.referral_id).await?;
    let mut case = before.clone();
    case.decline(answer.declined_by, answer.reason, work.now())?;
    settle::changed(work, &before, case).await
}

/// The case with this referral, which need not be its latest.
async fn referred(work: &mut Work, referral_id: ReferralId) -> Result<Case, Error> {
    let not_found = Error::ReferralNotFound(referral_id);
    let Some((case_id, _)) = store::referral::find(work.conn(), referral_id).await? else {
        return Err(not_found);
    };
    let mut case = read_case::for_update(work.conn(), case_id).await?;
    if case.referral.as_ref().is_none_or(|latest| latest.referral_id != referral_id) {
        // An earlier one has had its answer, which says why this one comes too late.
        case.referral = store::referral::find(work.conn(), referral_id).await?.map(|(_, earlier)| earlier);
    }
    Ok(case)
}
