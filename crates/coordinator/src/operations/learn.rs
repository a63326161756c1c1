//! What other services say: about the tasks of plans, about cases, and about the network.

use jiff::Timestamp;
use meridian_messaging::Work;
use meridian_types::CaseId;
use uuid::Uuid;

use super::advance::advance;
use super::keep_appointment::tell_remembered;
use crate::domain::Input;
use crate::error::Error;
use crate::offer::Party;
use crate::store::timeline::Entry;
use crate::store::{offered_solution, party, plan, served_case, timeline};

/// Something that was said, and where it comes from.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    /// Business time at which it was said.
    pub(crate) time: Timestamp,
    pub(crate) region: String,
    pub(crate) service: String,
    /// Name of the event, such as "hold.placed".
    pub(crate) event: String,
    /// In plain English.
    pub(crate) text: String,
}

impl Said {
    pub(super) fn entry(self) -> Entry {
        let Self { time, region, service, event, text } = self;
        Entry { position: 0, time, region, service, event, text }
    }
}

/// News of a hold, transfer, visit or referral: a line of the timeline and inputs to its plan. News of nobody's plan
/// is of no concern.
pub(crate) async fn learn_of_task(
    work: &mut Work,
    task: Uuid,
    said: Said,
    inputs: impl IntoIterator<Item = Input>,
) -> Result<(), Error> {
    let Some((_, case_id)) = plan::of_task(work.conn(), task).await? else { return Ok(()) };
    served_case::lock_several(work.conn()).await?;
    served_case::lock(work.conn(), case_id).await?;
    // Until now the case's next plan may have taken it over.
    let Some((plan_id, _)) = plan::of_task(work.conn(), task).await? else { return Ok(()) };
    timeline::append(work.conn(), case_id, &said.entry()).await?;
    for input in inputs {
        advance(work, (plan_id, case_id), input).await?;
    }
    Ok(())
}

/// A line for the timeline of a case of this region.
pub(crate) async fn learn_of_case(work: &mut Work, case_id: CaseId, said: Said) -> Result<(), Error> {
    served_case::lock_several(work.conn()).await?;
    timeline::append(work.conn(), case_id, &said.entry()).await?;
    Ok(())
}

/// A case was opened, and this office owns it. Visits may have been planned for it by now.
pub(crate) async fn learn_case_opened(
    work: &mut Work,
    case_id: CaseId,
    office: &str,
    said: Said,
) -> Result<(), Error> {
    served_case::lock_several(work.conn()).await?;
    served_case::set_office(work.conn(), case_id, office).await?;
    let opened_at = said.time;
    timeline::append(work.conn(), case_id, &said.entry()).await?;
    tell_remembered(work, case_id, opened_at).await
}

/// The need of a case changed, or more is known of it. Its plan hears what should be met, as far as that is known, and by
/// when, the present plan or the next; what was offered for another need is offered no more.
pub(crate) async fn learn_case_updated(
    work: &mut Work,
    case_id: CaseId,
    (need, deadline): (Option<String>, Option<Timestamp>),
    said: Said,
) -> Result<(), Error> {
    learn_of_case(work, case_id, said).await?;
    offered_solution::set_deadline(work.conn(), case_id, deadline).await?;
    tell_open_plan(work, case_id, Input::DeadlineMoved(deadline)).await?;
    let Some(need) = need else { return Ok(()) };
    let now = work.now();
    offered_solution::expire(work.conn(), case_id, Some(&need), now).await?;
    tell_open_plan(work, case_id, Input::NeedStated(need)).await
}

/// A case was closed, however: nothing more is to be done for it.
pub(crate) async fn learn_case_closed(work: &mut Work, case_id: CaseId, said: Said) -> Result<(), Error> {
    served_case::lock_several(work.conn()).await?;
    served_case::close(work.conn(), case_id).await?;
    timeline::append(work.conn(), case_id, &said.entry()).await?;
    tell_open_plan(work, case_id, Input::Withdrawn).await
}

/// A party has the case, or is asked to take it. What a party has accepted is no longer ours to do.
pub(crate) async fn learn_case_with_party(
    work: &mut Work,
    case_id: CaseId,
    accepted: bool,
) -> Result<(), Error> {
    served_case::lock_several(work.conn()).await?;
    served_case::set_referred(work.conn(), case_id, accepted).await?;
    if accepted {
        tell_open_plan(work, case_id, Input::Withdrawn).await?;
    }
    Ok(())
}

async fn tell_open_plan(work: &mut Work, case_id: CaseId, input: Input) -> Result<(), Error> {
    let last = plan::of_case(work.conn(), case_id).await?;
    if let Some(open) = last.filter(|last| last.plan.stage().is_some()) {
        advance(work, (open.plan.plan_id, case_id), input).await?;
    }
    Ok(())
}

/// Somebody can take over, or can do so otherwise than before.
pub(crate) async fn learn_party(work: &mut Work, known: &Party) -> Result<(), Error> {
    Ok(party::put(work.conn(), known).await?)
}
