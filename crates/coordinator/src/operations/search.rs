//! Looking for another way on behalf of plans: planning happens outside of any transaction, its result is one input.

use std::sync::Arc;
use std::time::Duration;

use meridian_chassis::tasks::Tasks;
use meridian_messaging::{Journal, database_problem};
use meridian_types::Problem;
use tokio_util::sync::CancellationToken;

use super::advance::advance;
use super::find_solutions::{Finder, Question};
use crate::domain::{Chosen, Input};
use crate::store::search_job::{self, SearchJob};
use crate::world::question::{self, Limits};

/// How often is looked for searches that another replica, or nobody, was told of.
const POLL: Duration = Duration::from_millis(500);
/// A search that was begun and never ended is begun again after so long.
const LEASE_SECONDS: i32 = 10;
/// Pause after a failure.
const FAILURE_PAUSE: Duration = Duration::from_millis(500);

/// Does the searches that plans wait for, until the tasks are asked to stop. Any number of replicas may run it.
pub(crate) fn spawn(tasks: &Tasks, journal: &Journal, finder: &Finder) {
    let (journal, finder, stop) = (journal.clone(), finder.clone(), tasks.stop_token());
    tasks.spawn("searches", async move {
        stop.run_until_cancelled(run(&journal, &finder, &stop)).await;
        Ok(())
    });
}

async fn run(journal: &Journal, finder: &Finder, stop: &CancellationToken) {
    let mut commits = journal.committed();
    while !stop.is_cancelled() {
        commits.mark_unchanged();
        match search_next(journal, finder).await {
            Ok(true) => {}
            Ok(false) => {
                // The time-out is the poll.
                let _ = tokio::time::timeout(POLL, commits.changed()).await;
            }
            Err(problem) => {
                tracing::warn!(%problem, "a search for another solution failed; it is tried again");
                tokio::time::sleep(FAILURE_PAUSE).await;
            }
        }
    }
}

/// Does one search. `false` when none waits.
async fn search_next(journal: &Journal, finder: &Finder) -> Result<bool, Problem> {
    // Looking costs a read; taking would announce a commit, and wake everybody who waits for one.
    if !search_job::is_waiting(journal.pool()).await.map_err(|error| database_problem(&error))? {
        return Ok(false);
    }
    let taken = journal.write("take search", |work| {
        Box::pin(async move {
            search_job::take(work.conn(), LEASE_SECONDS).await.map_err(|error| database_problem(&error))
        })
    });
    let Some(job) = taken.await? else { return Ok(false) };
    // Planning needs much room.
    let outcome = Box::pin(outcome(finder, &job)).await?;
    finish(journal, job, outcome).await?;
    Ok(true)
}

/// What the plan hears: the ways there are, or that none is needed. For a case that nothing can be found for, because
/// it is closed or what it needs is not known, there are none.
async fn outcome(finder: &Finder, job: &SearchJob) -> Result<Input, Problem> {
    let search = &job.search;
    let options_found = |options: Vec<Chosen>| Input::OptionsFound { search: search.search, options };
    let found = async {
        let case = finder.case(job.case_id).await?;
        if question::is_met(&case.asked, &search.at_hand) {
            return Ok(Input::NothingNeeded { search: search.search });
        }
        let limits = Limits {
            exclusions: search.exclusions.clone(),
            engineers: Vec::new(),
            sites: Vec::new(),
            instrument_at: search.instrument_at.clone(),
            at_hand: search.at_hand.clone(),
        };
        let question = Question {
            own_stock: search.own_stock.clone(),
            own_visits: search.own_visits.clone(),
            ..Question::about(job.case_id, case, limits)
        };
        finder.find(&question).await.map(|found| options_found(found.chosen()))
    };
    match found.await.map_err(Problem::from) {
        Err(problem) if problem.is_decision() => {
            tracing::info!(%problem, case_id = %job.case_id, "nothing can be found for the case");
            Ok(options_found(Vec::new()))
        }
        outcome => outcome,
    }
}

async fn finish(journal: &Journal, job: SearchJob, outcome: Input) -> Result<(), Problem> {
    let (job, outcome) = (Arc::new(job), Arc::new(outcome));
    journal
        .write("options found", move |work| {
            let (job, outcome) = (Arc::clone(&job), Arc::clone(&outcome));
            Box::pin(async move {
                let SearchJob { plan_id, case_id, search } = &*job;
                // The plan first: whoever changes it has its case locked, and may put another search.
                advance(work, (*plan_id, *case_id), (*outcome).clone()).await?;
                search_job::remove(work.conn(), *plan_id, search.search)
                    .await
                    .map_err(|error| database_problem(&error))?;
                Ok(())
            })
        })
        .await
}
