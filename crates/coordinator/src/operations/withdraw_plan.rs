//! Calling a plan off.

use meridian_messaging::Work;
use meridian_types::PlanId;

use super::advance::advance;
use crate::domain::Input;
use crate::error::Error;
use crate::store::plan::Stored;
use crate::store::timeline::Entry;
use crate::store::{plan, served_case, timeline};

/// Ends the plan and gives back what it holds. A plan that has ended already stays as it is.
///
/// # Errors
/// `PlanNotFound`.
pub(crate) async fn withdraw_plan(work: &mut Work, plan_id: PlanId, reason: &str) -> Result<Stored, Error> {
    let not_found = || Error::PlanNotFound(plan_id.to_string());
    let case_id = plan::find(work.conn(), plan_id).await?.ok_or_else(not_found)?.plan.case_id;
    served_case::lock(work.conn(), case_id).await?;
    let stored = plan::find(work.conn(), plan_id).await?.ok_or_else(not_found)?;
    if stored.plan.stage().is_none() {
        return Ok(stored);
    }
    let text = if reason.is_empty() {
        "Called off by the office".to_owned()
    } else {
        format!("Called off by the office: {reason}")
    };
    let entry = Entry {
        position: 0,
        time: work.now(),
        region: stored.plan.region.to_string(),
        service: "coordinator".to_owned(),
        event: "plan.withdrawn".to_owned(),
        text,
    };
    timeline::append(work.conn(), case_id, &entry).await?;
    advance(work, (plan_id, case_id), Input::CalledOff).await?.ok_or_else(not_found)
}
