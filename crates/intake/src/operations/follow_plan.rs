//! Taking over what the coordinator says about the plan of a case.

use meridian_messaging::Work;
use meridian_types::CaseId;

use super::settle;
use crate::domain::lifecycle::PlanReport;
use crate::error::Error;
use crate::store;

pub(crate) async fn follow_plan(work: &mut Work, case_id: CaseId, report: PlanReport) -> Result<(), Error> {
    let Some(before) = store::support_case::find_for_update(work.conn(), case_id).await? else {
        tracing::warn!(%case_id, plan_id = %report.plan.plan_id, "a plan serves a case that is not here");
        return Ok(());
    };
    let mut case = before.clone();
    case.follow(report, work.now());
    settle::changed_by_plan(work, &before, case).await?;
    Ok(())
}
