//! Committing a solution: all its holds or none, and an answer as soon as the owners have spoken.

use std::sync::Arc;
use std::time::Duration;

use meridian_chassis::status::internal;
use meridian_messaging::{Journal, database_problem};
use meridian_proto::coordinator::v1 as pb;
use meridian_types::{CaseId, PlanId, Problem, RegionId, Violations};
use prost::Message;
use tokio::time::Instant;

use super::advance::advance;
use super::find_solutions::{Finder, Found, Question};
use super::open_plan::{Choice, open_plan};
use super::read_plans;
use crate::domain::{Input, PlanState, Stage};
use crate::error::Error;
use crate::store::plan::Stored;
use crate::store::{commit_answer, plan};
use crate::world::question::{Limits, Ranking};

/// Kept for writing and sending the answer.
const ANSWER_MARGIN: Duration = Duration::from_millis(300);
/// Other replicas' commits are not announced here.
const POLL: Duration = Duration::from_millis(250);
/// Commits that follow each other closely are looked at together.
const PAUSE: Duration = Duration::from_millis(10);

/// Opens a plan and waits for its holds, until `deadline` at the latest. The same request again waits for, or hears
/// the answer of, the same plan.
///
/// # Errors
/// What [`open_plan`] refuses; `REQUEST_ID_REUSED`; or the database does not answer.
pub(crate) async fn commit_solution(
    journal: &Journal,
    finder: &Finder,
    request: pb::CommitSolutionRequest,
    choice: Choice,
    deadline: Instant,
) -> Result<pb::CommitSolutionResponse, Problem> {
    let region = journal.origin().region.clone();
    let opened: pb::Plan =
        journal.execute(&request.request_id, &request, opening(region, choice.clone())).await?;
    let mut violations = Violations::new();
    let plan_id = meridian_chassis::decode::parsed(&mut violations, "plan_id", &opened.plan_id);
    let plan_id = meridian_chassis::decode::complete(violations, plan_id)?;
    let commit = Commit { journal, finder, plan_id, case_id: choice.case_id };
    if let Some(answer) = commit.given_before().await? {
        return Ok(answer);
    }
    let stored = commit.wait(deadline.checked_sub(ANSWER_MARGIN).unwrap_or(deadline)).await?;
    match outcome(&stored) {
        Some(pb::CommitOutcome::Committed) => commit.answer_finally(&commit.committed(&stored).await?).await,
        Some(_) => commit.answer_finally(&commit.refused(&stored).await?).await,
        None => commit.pending(&stored).await,
    }
}

/// The unit of work that opens the plan. Its stored answer names the plan.
fn opening(
    region: RegionId,
    choice: Choice,
) -> impl for<'w> Fn(&'w mut meridian_messaging::Work) -> futures::future::BoxFuture<'w, Result<pb::Plan, Problem>>
+ Send
+ Sync
+ 'static {
    let (region, choice) = (Arc::new(region), Arc::new(choice));
    move |work| {
        let (region, choice) = (Arc::clone(&region), Arc::clone(&choice));
        Box::pin(async move {
            let opened = open_plan(work, &region, &choice).await?;
            Ok(pb::Plan { plan_id: opened.plan.plan_id.to_string(), ..pb::Plan::default() })
        })
    }
}

/// How a commit ended; `None` while answers are open, or another way is looked for.
const fn outcome(stored: &Stored) -> Option<pb::CommitOutcome> {
    match (stored.committed_at, &stored.plan.state) {
        (Some(_), _) => Some(pb::CommitOutcome::Committed),
        (None, PlanState::Ended) => Some(pb::CommitOutcome::Refused),
        (None, _) => None,
    }
}

/// A commit whose plan is open, or was.
struct Commit<'a> {
    journal: &'a Journal,
    finder: &'a Finder,
    plan_id: PlanId,
    case_id: CaseId,
}

impl Commit<'_> {
    async fn given_before(&self) -> Result<Option<pb::CommitSolutionResponse>, Problem> {
        let given = commit_answer::find(self.journal.pool(), self.plan_id).await;
        given.map_err(|error| database_problem(&error))?.map(|bytes| read(&bytes)).transpose()
    }

    async fn stored(&self) -> Result<Stored, Problem> {
        let mut conn = self.journal.pool().acquire().await.map_err(|error| database_problem(&error))?;
        let stored = plan::find(&mut conn, self.plan_id).await.map_err(|error| database_problem(&error))?;
        stored.ok_or_else(|| Error::PlanNotFound(self.plan_id.to_string()).into())
    }

    /// Waits until the plan no longer waits for its first answers. When the time is up, the plan is told that
    /// nobody waits any more: from then on it helps itself.
    async fn wait(&self, until: Instant) -> Result<Stored, Problem> {
        let mut commits = self.journal.committed();
        loop {
            commits.mark_unchanged();
            let stored = self.stored().await?;
            if outcome(&stored).is_some() || stored.plan.stage() != Some(Stage::Holding) {
                return Ok(stored);
            }
            // People answer for parties: nobody waits on the line for that.
            if stored.plan.waits_for_parties() || Instant::now() >= until {
                return self.leave().await;
            }
            // Whatever ends the wait, the plan is looked at again.
            let _ = tokio::time::timeout_at(until.min(Instant::now() + POLL), commits.changed()).await;
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn leave(&self) -> Result<Stored, Problem> {
        let plan = (self.plan_id, self.case_id);
        self.journal
            .write("caller gone", move |work| {
                Box::pin(async move {
                    let stored = advance(work, plan, Input::CallerGone).await?;
                    Ok(stored.ok_or_else(|| Error::PlanNotFound(plan.0.to_string()))?)
                })
            })
            .await
    }

    async fn message(&self, stored: &Stored) -> Result<pb::Plan, Problem> {
        Ok(read_plans::message(self.journal.pool(), stored).await?)
    }

    async fn committed(&self, stored: &Stored) -> Result<pb::CommitSolutionResponse, Problem> {
        Ok(pb::CommitSolutionResponse {
            outcome: pb::CommitOutcome::Committed.into(),
            plan: Some(self.message(stored).await?),
            ..pb::CommitSolutionResponse::default()
        })
    }

    async fn pending(&self, stored: &Stored) -> Result<pb::CommitSolutionResponse, Problem> {
        Ok(pb::CommitSolutionResponse {
            outcome: pb::CommitOutcome::Pending.into(),
            plan: Some(self.message(stored).await?),
            ..pb::CommitSolutionResponse::default()
        })
    }

    /// The refusal, with what could be done instead.
    async fn refused(&self, stored: &Stored) -> Result<pb::CommitSolutionResponse, Problem> {
        let next_best = match self.next_best(stored).await {
            Ok(found) => found,
            // The refusal is the answer; other ways can be asked for again.
            Err(problem) => {
                tracing::warn!(%problem, plan_id = %self.plan_id, "no next best solutions could be found");
                let policy_version = Ranking::default().policy_version();
                Found { policy_version, ..Found::default() }
            }
        };
        Ok(pb::CommitSolutionResponse {
            outcome: pb::CommitOutcome::Refused.into(),
            plan: Some(self.message(stored).await?),
            refusal: refusal(stored),
            next_best: next_best.offers.into_iter().map(|offer| offer.solution).collect(),
            refused: next_best.refused,
        })
    }

    async fn next_best(&self, stored: &Stored) -> Result<Found, Problem> {
        let case = self.finder.case(self.case_id).await?;
        let limits = Limits { exclusions: stored.plan.exclusions.clone(), ..Limits::default() };
        let question = Question::about(self.case_id, case, limits);
        Ok(self.finder.find(&question).await?)
    }

    /// Keeps the answer for a caller who asks again. The one that was kept first counts.
    async fn answer_finally(
        &self,
        answer: &pb::CommitSolutionResponse,
    ) -> Result<pb::CommitSolutionResponse, Problem> {
        let (plan_id, bytes) = (self.plan_id, Arc::new(answer.encode_to_vec()));
        let kept = self.journal.write("commit answer", move |work| {
            let bytes = Arc::clone(&bytes);
            Box::pin(async move {
                commit_answer::keep(work.conn(), plan_id, &bytes)
                    .await
                    .map_err(|error| database_problem(&error))
            })
        });
        read(&kept.await?)
    }
}

fn read(bytes: &[u8]) -> Result<pb::CommitSolutionResponse, Problem> {
    pb::CommitSolutionResponse::decode(bytes).map_err(|error| internal(&error))
}

/// What was refused, in plain English.
fn refusal(stored: &Stored) -> String {
    let exclusions = &stored.plan.exclusions;
    let stock =
        exclusions.stock.iter().map(|(item, site)| format!("{item} at {site} is no longer available"));
    let engineers = exclusions.engineers.iter().map(|(_, engineer)| format!("{engineer} is no longer free"));
    let receipts = exclusions.awaited.iter().map(|receipt| format!("{receipt} is no longer to be had"));
    let parties = exclusions.suppliers.iter().map(|party| format!("{party} does not take the order"));
    let refused: Vec<String> = stock.chain(receipts).chain(engineers).chain(parties).collect();
    if refused.is_empty() { "the plan was called off".to_owned() } else { refused.join("; ") }
}
