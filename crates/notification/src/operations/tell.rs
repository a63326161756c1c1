//! Something happened that customers hear about.

use meridian_chassis::trace;
use meridian_messaging::Work;
use meridian_types::{CaseId, NoticeId, WebhookId};

use crate::domain::language::Language;
use crate::domain::letter::{self, Addressee};
use crate::domain::notice::{Channel, NoticeState};
use crate::domain::overtaking::{Told, is_overtaken};
use crate::error::Error;
use crate::store::customer_case::{self, Party};
use crate::store::milestone::{self, MilestoneState, Recorded};
use crate::store::notice::{self, NewNotice};
use crate::store::{failed, preference, webhook};

/// Records a milestone and writes a notice to everybody who is to hear of it. Recorded before, it changes nothing. For
/// a case that is not known yet, the milestone waits.
///
/// # Errors
/// The milestone lacks what its text is about.
pub(crate) async fn tell(work: &mut Work, case_id: CaseId, mut told: Told) -> Result<(), Error> {
    let case = customer_case::lock(work.conn(), case_id).await.map_err(failed)?;
    if told.plan_id.is_some() {
        // The date to tell is the one that is kept count of; the coordinator's expectation only without one.
        told.view.promised_at = case.promised_at.or(told.view.promised_at);
    }
    let nobody = Addressee { name: None, language: Language::En, zone: "" };
    letter::write(told.milestone, case_id, &told.view, nobody)?;
    let traceparent = trace::traceparent();
    let inserted = milestone::insert(work.conn(), case_id, &told, traceparent.as_deref()).await;
    let Some(seq) = inserted.map_err(failed)? else { return Ok(()) };
    match case.party {
        Some(party) => announce(work, case_id, &party, &Recorded { seq, told }).await,
        None => Ok(()),
    }
}

/// Writes the notices about a recorded milestone; suppressed ones when it is old news.
pub(crate) async fn announce(
    work: &mut Work,
    case_id: CaseId,
    party: &Party,
    recorded: &Recorded,
) -> Result<(), Error> {
    let earlier = milestone::of_case(work.conn(), case_id, MilestoneState::Told).await.map_err(failed)?;
    let earlier: Vec<_> = earlier.into_iter().map(|earlier| earlier.told).collect();
    let (milestone_state, state) = if is_overtaken(&recorded.told, &earlier) {
        (MilestoneState::Overtaken, NoticeState::Suppressed)
    } else {
        (MilestoneState::Told, NoticeState::Pending)
    };
    milestone::set_state(work.conn(), recorded.seq, milestone_state).await.map_err(failed)?;
    for (recipient, channel) in recipients(work, party, recorded).await? {
        let notice = NewNotice {
            notice_id: NoticeId::fresh(work.ids()),
            case_id,
            recorded,
            recipient: &recipient,
            channel,
            state,
            created_at: work.now(),
        };
        notice::insert(work.conn(), &notice).await.map_err(failed)?;
    }
    Ok(())
}

/// The person, unless they don't want to hear of such things, and the endpoints of their organisation.
async fn recipients(
    work: &mut Work,
    party: &Party,
    recorded: &Recorded,
) -> Result<Vec<(String, Channel)>, Error> {
    let mut recipients = Vec::new();
    let wish = preference::of(work.conn(), &party.person_id).await.map_err(failed)?;
    if recorded.told.milestone.is_essential() || !wish.essentials_only {
        recipients.push((party.person_id.clone(), Channel::Email));
    }
    let webhooks = webhook::of_customer(work.conn(), &party.customer_id).await.map_err(failed)?;
    let enabled = webhooks.into_iter().filter(|webhook| !webhook.is_disabled);
    let id = |webhook_id: WebhookId| (webhook_id.to_string(), Channel::Webhook);
    recipients.extend(enabled.map(|webhook| id(webhook.webhook_id)));
    Ok(recipients)
}
