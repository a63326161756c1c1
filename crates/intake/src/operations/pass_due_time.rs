//! What happens when the due time of a case passes.

use meridian_messaging::Work;
use meridian_types::CaseId;

use super::settle;
use crate::domain::case::Progress;
use crate::error::Error;
use crate::store;

pub(crate) async fn pass_due_time(work: &mut Work, case_id: CaseId) -> Result<(), Error> {
    let Some(before) = store::support_case::find_for_update(work.conn(), case_id).await? else {
        return Ok(());
    };
    let mut case = before.clone();
    case.due_passed(work.now());
    if let Progress::Active { responsibility, .. } = &before.progress
        && case != before
    {
        let (owner, due) = (responsibility.owner(), responsibility.due());
        tracing::warn!(%case_id, owner, %due, office = %case.office, "a case is overdue; its office must act");
    }
    settle::changed(work, &before, case).await?;
    Ok(())
}
