//! What the region's intake says about cases, referrals and parties.

use async_trait::async_trait;
use meridian_messaging::{Event, Handler, Work};
use meridian_proto::intake::v1 as pb;
use meridian_types::{CaseId, Problem, ReferralId};

use super::{instant, parsed, said};
use crate::domain::Input;
use crate::offer::Party;
use crate::operations::learn::{
    learn_case_closed, learn_case_opened, learn_of_case, learn_of_task, learn_party,
};
use crate::store::plan;

/// Listens to the intake of the same region.
pub(crate) struct IntakeEvents;

#[async_trait]
impl Handler for IntakeEvents {
    async fn handle(&self, work: &mut Work, event: &Event) -> Result<(), Problem> {
        if event.is::<pb::CaseOpened>() {
            let told: pb::CaseOpened = event.decode()?;
            let case_id: CaseId = parsed("case_id", &told.case_id)?;
            let said = said::<pb::CaseOpened>(event, format!("Case opened by {}", told.office));
            Ok(learn_case_opened(work, case_id, &told.office, said).await?)
        } else if event.is::<pb::CaseUpdated>() {
            let told: pb::CaseUpdated = event.decode()?;
            let case_id: CaseId = parsed("case_id", &told.case_id)?;
            let text = match told.missing_facts {
                0 => "All that is needed is known".to_owned(),
                missing => format!("More is known; {missing} facts are still missing"),
            };
            Ok(learn_of_case(work, case_id, said::<pb::CaseUpdated>(event, text)).await?)
        } else if event.is::<pb::CaseClosed>() {
            let told: pb::CaseClosed = event.decode()?;
            let case_id: CaseId = parsed("case_id", &told.case_id)?;
            let resolution = told.resolution();
            let how = resolution.as_str_name().trim_start_matches("RESOLUTION_").to_lowercase();
            let said = said::<pb::CaseClosed>(event, format!("Case closed: {how}"));
            let withdrawn = resolution == pb::Resolution::Withdrawn;
            Ok(learn_case_closed(work, case_id, withdrawn, said).await?)
        } else if event.is::<pb::PartyDefined>() {
            let told: pb::PartyDefined = event.decode()?;
            Ok(learn_party(work, &party(told)?).await?)
        } else {
            referral(work, event).await
        }
    }
}

fn party(told: pb::PartyDefined) -> Result<Party, Problem> {
    let countries = told.countries.iter().map(|country| parsed("countries", country));
    Ok(Party {
        party_id: parsed("party_id", &told.party_id)?,
        name: told.name,
        categories: told.categories,
        countries: countries.collect::<Result<_, _>>()?,
        accept_within_minutes: told.accept_within_minutes.max(1),
    })
}

async fn referral(work: &mut Work, event: &Event) -> Result<(), Problem> {
    let (referral_id, case_id, said, input): (_, _, _, fn(ReferralId, jiff::Timestamp) -> Input);
    let mut until = event.time;
    if event.is::<pb::ReferralOffered>() {
        let told: pb::ReferralOffered = event.decode()?;
        until = instant("accept_by", told.accept_by)?;
        said =
            super::said::<pb::ReferralOffered>(event, format!("{} was asked to take over", told.party_name));
        (referral_id, case_id, input) = (told.referral_id, told.case_id, Input::ReferralOffered);
    } else if event.is::<pb::ReferralAccepted>() {
        let told: pb::ReferralAccepted = event.decode()?;
        let text = format!("{} has taken over ({})", told.party_name, told.accepted_by);
        said = super::said::<pb::ReferralAccepted>(event, text);
        (referral_id, case_id, input) = (told.referral_id, told.case_id, |id, _| Input::ReferralAccepted(id));
    } else if event.is::<pb::ReferralReturned>() {
        let told: pb::ReferralReturned = event.decode()?;
        let how = if told.declined { "declined" } else { "did not answer in time" };
        said = super::said::<pb::ReferralReturned>(event, format!("{} {how}", told.party_id));
        (referral_id, case_id, input) = (told.referral_id, told.case_id, |id, _| Input::ReferralReturned(id));
    } else {
        return Ok(());
    }
    let referral: ReferralId = parsed("referral_id", &referral_id)?;
    let case_id: CaseId = parsed("case_id", &case_id)?;
    // An office may refer a case without a plan.
    let task = plan::of_task(work.conn(), referral.uuid()).await.map_err(crate::error::Error::from)?;
    match task {
        Some(_) => Ok(learn_of_task(work, referral.uuid(), said, Some(input(referral, until))).await?),
        None => Ok(learn_of_case(work, case_id, said).await?),
    }
}
