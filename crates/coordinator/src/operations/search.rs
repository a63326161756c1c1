//! Looking for another way on behalf of plans: planning happens outside of any transaction, its result is one input.
//!
//! Plans that one event disturbs look for a way at the same moment. They share what is scarce instead of racing for it:
//! each hears first of the way that was assigned to it, and who was assigned one speaks first. What has changed since
//! refuses a hold, as ever, and the plan looks again.

mod contention;

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use meridian_chassis::tasks::Tasks;
use meridian_messaging::{Journal, database_problem};
use meridian_types::Problem;
use tokio_util::sync::CancellationToken;

use super::advance::advance;
use super::find_solutions::{Finder, Left, Question};
use crate::domain::Input;
use crate::store::search_job::{self, SearchJob};
use crate::wire::need::NeedKind;
use crate::world::question::{self, Limits};
use contention::Looked;

/// How often is looked for searches that another replica, or nobody, was told of.
const POLL: Duration = Duration::from_millis(500);
/// Plans that are disturbed together hear of it one after another: so long is waited for the others.
const GATHERING: Duration = Duration::from_millis(200);
/// Most searches that are done together.
const BATCH_MAX: i64 = 32;
/// Of these, so many at a time.
const AT_ONCE: usize = 4;
/// Searches that were begun and never ended are begun again after so long.
const LEASE_SECONDS: i32 = 20;
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
        match search_waiting(journal, finder).await {
            Ok(true) => {}
            Ok(false) => {
                // The time-out is the poll.
                let _ = tokio::time::timeout(POLL, commits.changed()).await;
            }
            Err(problem) => {
                tracing::warn!(%problem, "searches for other solutions failed; they are tried again");
                tokio::time::sleep(FAILURE_PAUSE).await;
            }
        }
    }
}

/// Does the searches that wait. `false` when none does. One that fails waits for the end of its lease.
async fn search_waiting(journal: &Journal, finder: &Finder) -> Result<bool, Problem> {
    // Looking costs a read; taking would announce a commit, and wake everybody who waits for one.
    if !search_job::is_waiting(journal.pool()).await.map_err(|error| database_problem(&error))? {
        return Ok(false);
    }
    tokio::time::sleep(GATHERING).await;
    let taken = journal.write("take searches", |work| {
        Box::pin(async move {
            let taken = search_job::take(work.conn(), BATCH_MAX, LEASE_SECONDS).await;
            taken.map_err(|error| database_problem(&error))
        })
    });
    let looking = futures::stream::iter(taken.await?).map(|job| async {
        // Planning needs much room.
        let looked = Box::pin(look(finder, &job)).await;
        (job, looked)
    });
    let looked: Vec<_> = looking.buffered(AT_ONCE).collect().await;
    let found = looked.into_iter().filter_map(|(job, looked)| match looked {
        Ok(looked) => Some((job, looked)),
        Err(problem) => {
            tracing::warn!(%problem, case_id = %job.case_id, "a search for another solution failed; it is tried again");
            None
        }
    });
    for (job, outcome) in contention::outcomes(journal, found.collect()).await? {
        let case_id = job.case_id;
        if let Err(problem) = finish(journal, job, outcome).await {
            tracing::warn!(%problem, %case_id, "what a search found could not be used; it is done again");
        }
    }
    Ok(true)
}

/// What there is for a plan: the ways, or that none is needed. For a case that nothing can be found for, because it is
/// closed or what it needs is not known, there are none.
async fn look(finder: &Finder, job: &SearchJob) -> Result<Looked, Problem> {
    let search = &job.search;
    let found = async {
        let mut case = finder.case(job.case_id).await?;
        // What its own plan has left is part of the search.
        case.left.retain(|left| left.plan_id != job.plan_id);
        if let NeedKind::Items { .. } = case.asked.kind {
            // What another one has sent is not watched by it before it is there.
            let there = |left: &mut Left| left.at_hand.retain(|goods| goods.from.is_none());
            case.left.iter_mut().for_each(there);
        }
        let limits = Limits {
            exclusions: search.exclusions.clone(),
            engineers: Vec::new(),
            sites: Vec::new(),
            instrument_at: search.instrument_at.clone(),
            at_hand: search.at_hand.clone(),
            has_loaner: search.has_loaner,
            in_time_until: search.in_time_until,
        };
        let priority = case.priority;
        let question = Question {
            own_stock: search.own_stock.clone(),
            own_visits: search.own_visits.clone(),
            ..Question::about(job.case_id, case, limits)
        };
        let is_met = |until| question::is_met(&question.asked, &question.limits.at_hand, until);
        if is_met(search.in_time_until) {
            let is_there = is_met(None);
            return Ok(Looked::Settled(Input::NothingNeeded { search: search.search, is_there }));
        }
        finder.find(&question).await.map(|found| Looked::Found { found, priority })
    };
    match found.await.map_err(Problem::from) {
        Err(problem) if problem.is_decision() => {
            tracing::info!(%problem, case_id = %job.case_id, "nothing can be found for the case");
            Ok(Looked::Settled(Input::OptionsFound { search: search.search, options: Vec::new() }))
        }
        looked => looked,
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
