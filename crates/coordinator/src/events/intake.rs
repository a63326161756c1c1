//! What the region's intake says about cases, referrals, parties and orders with them.

use async_trait::async_trait;
use meridian_messaging::{Event, Handler, Work};
use meridian_proto::intake::v1 as pb;
use meridian_types::{CaseId, PartyOrderId, Problem, ReferralId, Violations};

use super::{instant, instant_if_set, parsed, said};
use crate::domain::{Input, OrderMilestone};
use crate::offer::Party;
use crate::operations::learn::{
    learn_case_closed, learn_case_opened, learn_case_updated, learn_case_with_party, learn_of_case,
    learn_of_task, learn_party,
};
use crate::store::plan;
use crate::wire::need;

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
            let need = told.need.unwrap_or_default();
            let deadline = instant_if_set("need.deadline", need.deadline)?;
            // As long as facts are missing, nothing can be planned for it.
            let asked = need::missing_facts(&need).is_empty();
            let asked = asked.then(|| need::decode(&mut Violations::new(), "need", &need)).flatten();
            let need = (asked.map(|asked| asked.gist()), deadline);
            Ok(learn_case_updated(work, case_id, need, said::<pb::CaseUpdated>(event, text)).await?)
        } else if event.is::<pb::CaseClosed>() {
            let told: pb::CaseClosed = event.decode()?;
            let case_id: CaseId = parsed("case_id", &told.case_id)?;
            let how = told.resolution().as_str_name().trim_start_matches("RESOLUTION_").to_lowercase();
            let said = said::<pb::CaseClosed>(event, format!("Case closed: {how}"));
            Ok(learn_case_closed(work, case_id, said).await?)
        } else if event.is::<pb::PartyDefined>() {
            let told: pb::PartyDefined = event.decode()?;
            Ok(learn_party(work, &party(told)?).await?)
        } else if event.is::<pb::PartyOrderProgressed>() {
            order(work, event).await
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
        offers: told.offers,
    })
}

async fn order(work: &mut Work, event: &Event) -> Result<(), Problem> {
    let told: pb::PartyOrderProgressed = event.decode()?;
    let order: PartyOrderId = parsed("order_id", &told.order_id)?;
    let expected_at = instant("expected_at", told.expected_at)?;
    let (milestone, what) = match told.state() {
        pb::PartyOrderState::Asked => (OrderMilestone::Asked, "was asked whether it takes an order"),
        pb::PartyOrderState::Accepted => (OrderMilestone::Accepted, "takes the order"),
        pb::PartyOrderState::Declined => (OrderMilestone::Declined, "does not do what was ordered"),
        pb::PartyOrderState::Placed => (OrderMilestone::Placed, "has the order for good"),
        pb::PartyOrderState::Delivered => (OrderMilestone::Delivered, "has done what was ordered"),
        pb::PartyOrderState::Cancelled => (OrderMilestone::Cancelled, "need not do what was ordered"),
        pb::PartyOrderState::Unspecified => return Ok(()),
    };
    let name = if told.party_name.is_empty() { &told.party_id } else { &told.party_name };
    let by = if told.told_by.is_empty() { String::new() } else { format!(" ({})", told.told_by) };
    let said = said::<pb::PartyOrderProgressed>(event, format!("{name} {what}{by}"));
    let version = event.aggregate_version;
    let input = Input::OrderProgressed { order, version, milestone, expected_at };
    Ok(learn_of_task(work, order.uuid(), said, Some(input)).await?)
}

async fn referral(work: &mut Work, event: &Event) -> Result<(), Problem> {
    let (referral_id, case_id, said, input): (_, _, _, fn(ReferralId, jiff::Timestamp) -> Input);
    let (mut until, mut accepted) = (event.time, None);
    if event.is::<pb::ReferralOffered>() {
        let told: pb::ReferralOffered = event.decode()?;
        until = instant("accept_by", told.accept_by)?;
        accepted = Some(false);
        said =
            super::said::<pb::ReferralOffered>(event, format!("{} was asked to take over", told.party_name));
        (referral_id, case_id, input) = (told.referral_id, told.case_id, Input::ReferralOffered);
    } else if event.is::<pb::ReferralAccepted>() {
        let told: pb::ReferralAccepted = event.decode()?;
        accepted = Some(true);
        let text = format!("{} has taken over ({})", told.party_name, told.accepted_by);
        said = super::said::<pb::ReferralAccepted>(event, text);
        (referral_id, case_id, input) = (told.referral_id, told.case_id, |id, _| Input::ReferralAccepted(id));
    } else if event.is::<pb::ReferralReturned>() {
        let told: pb::ReferralReturned = event.decode()?;
        let (how, returned) = returned(told.cause());
        said = super::said::<pb::ReferralReturned>(event, format!("{} {how}", told.party_id));
        (referral_id, case_id, input) = (told.referral_id, told.case_id, returned);
    } else {
        return Ok(());
    }
    let referral: ReferralId = parsed("referral_id", &referral_id)?;
    let case_id: CaseId = parsed("case_id", &case_id)?;
    // An office may refer a case without a plan.
    let task = plan::of_task(work.conn(), referral.uuid()).await.map_err(crate::error::Error::from)?;
    match task {
        Some(_) => learn_of_task(work, referral.uuid(), said, Some(input(referral, until))).await?,
        None => learn_of_case(work, case_id, said).await?,
    }
    if let Some(accepted) = accepted {
        learn_case_with_party(work, case_id, accepted).await?;
    }
    Ok(())
}

/// Why a party does not take over: in plain English, and for the plan that asked it.
fn returned(cause: pb::ReturnCause) -> (&'static str, fn(ReferralId, jiff::Timestamp) -> Input) {
    match cause {
        pb::ReturnCause::Declined => ("declined", |id, _| Input::ReferralReturned(id)),
        pb::ReturnCause::TimedOut => ("did not answer in time", |id, _| Input::ReferralReturned(id)),
        pb::ReturnCause::Withdrawn => ("need not answer any more", |id, _| Input::ReferralWithdrawn(id)),
        pb::ReturnCause::NotOffered => ("could not be asked", |id, _| Input::ReferralWithdrawn(id)),
        pb::ReturnCause::Unspecified => ("did not take over", |id, _| Input::ReferralReturned(id)),
    }
}
