//! Beginning to carry out a solution that was offered for a case.

use meridian_messaging::Work;
use meridian_types::{CaseId, PlanId, RegionId, SolutionId};

use super::advance::carry_out;
use crate::domain::{self, Decision, Effect, Fact, NewPlan, Task, TaskState};
use crate::error::Error;
use crate::store::plan::Stored;
use crate::store::{offered_solution, plan, served_case};

/// Which solution to commit.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    pub(crate) case_id: CaseId,
    pub(crate) solution_id: SolutionId,
    /// The customer has agreed to the substitute.
    pub(crate) approved: bool,
}

/// Opens the plan and asks the owners for everything it needs.
///
/// # Errors
/// `SolutionNotFound`, `SolutionExpired`, `ApprovalRequired`, `CaseClosed`, `CaseReferred`,
/// `PlanExists`, `LoanerOut`, `LoanerCalledOff`.
pub(crate) async fn open_plan(work: &mut Work, region: &RegionId, choice: &Choice) -> Result<Stored, Error> {
    let Choice { case_id, solution_id, approved } = *choice;
    let case = served_case::lock(work.conn(), case_id).await?;
    let offered = offered_solution::find(work.conn(), solution_id).await?;
    let offered = offered.filter(|offered| offered.case_id == case_id);
    let offered = offered.ok_or(Error::SolutionNotFound(solution_id))?;
    let now = work.now();
    if case.closed {
        return Err(Error::CaseClosed(case_id));
    }
    if case.referred {
        return Err(Error::CaseReferred(case_id));
    }
    let before = plan::all_of_case(work.conn(), case_id).await?;
    if let Some(open) = before.iter().find(|known| known.plan.stage().is_some()) {
        return Err(Error::PlanExists { case_id, plan_id: open.plan.plan_id });
    }
    if now > offered.valid_until {
        return Err(Error::SolutionExpired { solution_id, valid_until: offered.valid_until });
    }
    if offered.chosen.approval_required && !approved {
        return Err(Error::ApprovalRequired(solution_id));
    }
    let lends = offered.chosen.stock.iter().any(|claim| claim.on_loan);
    if lends && before.iter().any(|known| known.plan.has_lent(|task| task.state != TaskState::Undoing)) {
        return Err(Error::LoanerOut(case_id));
    }
    if let Some(region) = before.iter().find_map(|known| known.plan.calls_loan_off_in()).filter(|_| lends) {
        return Err(Error::LoanerCalledOff { case_id, region: region.clone() });
    }
    let taken_back = before.first().and_then(|last| last.plan.taken_back);
    let lent = hand_over_loans(work, before).await?;
    let new = NewPlan {
        plan_id: PlanId::fresh(work.ids()),
        case_id,
        region: region.clone(),
        // Until intake has told who owns it, it is the region's intake desk.
        office: case.office.unwrap_or_else(|| format!("intake@{region}")),
        chosen: offered.chosen,
        deadline: offered.deadline,
        lent,
        taken_back,
        attended: true,
    };
    let Decision { plan, effects } = domain::open(new, now);
    let committed = effects.contains(&Effect::Tell(Fact::Committed));
    let stored = Stored { plan, version: 1, opened_at: now, committed_at: committed.then_some(now) };
    plan::insert(work.conn(), &stored).await?;
    carry_out(work, &stored, effects).await?;
    Ok(stored)
}

/// What plans of the case have lent: from now on the next one sees to it.
async fn hand_over_loans(work: &mut Work, before: Vec<Stored>) -> Result<Vec<Task>, Error> {
    let mut lent = Vec::new();
    for mut stored in before {
        let handed_over = stored.plan.hand_over_loans(work.now());
        if !handed_over.is_empty() {
            stored.version += 1;
            plan::update(work.conn(), &stored).await?;
            // Its timer may stand for what it does not see to any more.
            carry_out(work, &stored, Vec::new()).await?;
            lent.extend(handed_over);
        }
    }
    Ok(lent)
}
