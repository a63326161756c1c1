//! Searching for the best plan, outside of any transaction; one optimisation at a time in each replica, on all processors
//! but one.
//!
//! A search is leased: whoever does it says every half second how far it has come, and learns whether it shall stop. One
//! whose replica was killed is begun again by another when the lease has run out; should the first one come back, it finds
//! that it has lost it.

use std::collections::BTreeSet;
use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use meridian_chassis::tasks::Tasks;
use meridian_messaging::{Journal, database_problem};
use meridian_proto::dispatch::v1 as pb;
use meridian_scheduler::Progress;
use meridian_scheduler::workload::{Seeds, WorkloadError, optimise};
use meridian_types::{Problem, VisitId};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::survey::survey;
use crate::domain::scene::Known;
use crate::domain::terms::Terms;
use crate::error::{no_scene_reason, workload_reason};
use crate::store;
use crate::store::optimisation::{End, Stored};
use crate::wire;

/// How often is looked for searches that another replica was told of.
const POLL: Duration = Duration::from_millis(500);
/// How often a search says how far it has come.
const REPORT: Duration = Duration::from_millis(400);
/// A search of which so long nothing was heard is begun again.
const LEASE_SECONDS: i32 = 15;
/// So often a search is begun; one that always takes its replica with it is given up.
const ATTEMPTS_MAX: i32 = 5;
/// Most searches side by side: ever more of them find ever less.
const SEARCHES_MAX: NonZeroU32 = NonZeroU32::new(8).unwrap();
/// Pause after a failure.
const FAILURE_PAUSE: Duration = Duration::from_millis(500);

/// Does the searches that were asked for, until the tasks are asked to stop. Any number of replicas may run it.
pub(crate) fn spawn(tasks: &Tasks, journal: &Journal) {
    let (journal, stop) = (journal.clone(), tasks.stop_token());
    tasks.spawn("optimisations", async move {
        // Planning needs much room.
        stop.run_until_cancelled(Box::pin(run(&journal, &stop))).await;
        Ok(())
    });
}

async fn run(journal: &Journal, stop: &CancellationToken) {
    let mut commits = journal.committed();
    while !stop.is_cancelled() {
        commits.mark_unchanged();
        match search_waiting(journal).await {
            Ok(true) => {}
            Ok(false) => {
                // The time-out is the poll.
                let _ = tokio::time::timeout(POLL, commits.changed()).await;
            }
            Err(problem) => {
                tracing::warn!(%problem, "an optimisation failed; it is tried again");
                tokio::time::sleep(FAILURE_PAUSE).await;
            }
        }
    }
}

/// Does the search that waits longest. `false` when none does.
async fn search_waiting(journal: &Journal) -> Result<bool, Problem> {
    // Looking costs a read; taking would announce a commit, and wake everybody who waits for one.
    if !store::optimisation::is_waiting(journal.pool()).await.map_err(|error| database_problem(&error))? {
        return Ok(false);
    }
    let taken = journal.write("take an optimisation", |work| {
        Box::pin(async move {
            let taken = store::optimisation::take(work.conn(), LEASE_SECONDS).await;
            taken.map_err(|error| database_problem(&error))
        })
    });
    let Some(stored) = taken.await? else { return Ok(true) };
    if stored.attempt > ATTEMPTS_MAX {
        let failure = failure("GIVEN_UP", format!("it was begun {ATTEMPTS_MAX} times and never ended"));
        finish(journal, &stored, stored.progress, End::Failure(failure)).await?;
        return Ok(true);
    }
    let terms = wire::optimisation::terms(&stored.request)?;
    let known = survey(journal, terms.window).await?;
    search(journal, stored, known, terms).await?;
    Ok(true)
}

/// What a search and those who wait for it tell each other.
#[derive(Debug, Default)]
struct Signals {
    is_stopped: AtomicBool,
    progress: Mutex<pb::OptimisationProgress>,
}

impl Signals {
    fn progress(&self) -> pb::OptimisationProgress {
        // A progress is whole, whoever panicked.
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers how far the search has come. Returns which part of its budget is spent.
    fn spent(&self, progress: &Progress, share: f64) -> f64 {
        let mut told = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        // The best of the searches side by side.
        if told.rounds == 0 || progress.cost <= told.cost {
            told.cost = progress.cost;
            told.unplanned = i32::try_from(progress.absent).unwrap_or(i32::MAX);
        }
        told.rounds = told.rounds.max(i64::try_from(progress.rounds).unwrap_or(i64::MAX));
        told.share = share.min(1.0);
        if self.is_stopped.load(Ordering::Relaxed) { 1.0 } else { share }
    }
}

/// Ends a search whose result nobody waits for any more.
struct StopOnDrop(Arc<Signals>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.is_stopped.store(true, Ordering::Relaxed);
    }
}

async fn search(journal: &Journal, stored: Stored, known: Known, terms: Terms) -> Result<(), Problem> {
    let signals = Arc::new(Signals::default());
    let _guard = StopOnDrop(Arc::clone(&signals));
    let budget = Duration::from_millis(u64::try_from(stored.request.budget_ms).unwrap_or(0));
    let seeds = Seeds::side_by_side(stored.request.seed.cast_unsigned(), searches());
    let versions = known.orders.iter().map(|stored| (stored.order.id(), stored.version)).collect();
    let mut planning = tokio::task::spawn_blocking({
        let signals = Arc::clone(&signals);
        move || {
            let begun = Instant::now();
            let share = || begun.elapsed().as_secs_f64() / budget.as_secs_f64();
            plan(&known, &terms, &seeds, |progress| signals.spent(progress, share()))
        }
    });
    let mut is_cancelled = false;
    let planned = loop {
        tokio::select! {
            planned = &mut planning => break planned,
            () = tokio::time::sleep(REPORT) => {}
        }
        match report(journal, &stored, signals.progress()).await {
            Ok(Some(false)) => {}
            Ok(Some(true)) => {
                is_cancelled = true;
                signals.is_stopped.store(true, Ordering::Relaxed);
            }
            Ok(None) => return Ok(()),
            Err(problem) => tracing::warn!(%problem, "how far an optimisation has come could not be told"),
        }
    };
    let end = match planned {
        Ok(Ok(draft)) => End::Draft { draft: Box::new(draft), versions, is_cancelled },
        Ok(Err(failure)) => End::Failure(failure),
        Err(error) => {
            tracing::error!(%error, optimisation_id = %stored.id, "the scheduler failed");
            End::Failure(failure("INTERNAL", "the scheduler failed".to_owned()))
        }
    };
    finish(journal, &stored, signals.progress(), end).await
}

/// How many searches are made side by side: one processor stays free for those who call.
fn searches() -> NonZeroU32 {
    let processors = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    u32::try_from(processors - 1).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MIN).min(SEARCHES_MAX)
}

/// The best plan under the terms. Appointments that should stay and cannot are left as they are, and not planned.
fn plan(
    known: &Known,
    terms: &Terms,
    seeds: &Seeds,
    spent: impl Fn(&Progress) -> f64 + Sync,
) -> Result<pb::Draft, pb::OptimisationFailure> {
    let mut aside: BTreeSet<VisitId> = BTreeSet::new();
    loop {
        let scene =
            known.scene(terms, &aside).map_err(|none| failure(no_scene_reason(&none), none.to_string()))?;
        match optimise(&scene.workload, seeds.clone(), &spent) {
            Ok(plan) => {
                let told = (&scene.workload, &scene.left);
                return Ok(wire::draft::encode(&plan, told, &terms.trips));
            }
            Err(WorkloadError::NotKept { order, .. }) if aside.insert(order) => {}
            Err(error) => return Err(failure(workload_reason(&error), error.to_string())),
        }
    }
}

fn failure(reason: &str, message: String) -> pb::OptimisationFailure {
    pb::OptimisationFailure { reason: reason.to_owned(), message }
}

/// Says how far the search has come. Returns whether it shall stop; `None` when somebody else does it by now.
async fn report(
    journal: &Journal,
    stored: &Stored,
    progress: pb::OptimisationProgress,
) -> Result<Option<bool>, Problem> {
    let holder = (stored.id, stored.attempt);
    let told = journal.write("progress of an optimisation", move |work| {
        Box::pin(async move {
            let told = store::optimisation::report(work.conn(), holder, &progress, LEASE_SECONDS).await;
            told.map_err(|error| database_problem(&error))
        })
    });
    told.await
}

async fn finish(
    journal: &Journal,
    stored: &Stored,
    progress: pb::OptimisationProgress,
    end: End,
) -> Result<(), Problem> {
    let holder = (stored.id, stored.attempt);
    let progress = match &end {
        End::Draft { is_cancelled: false, .. } => pb::OptimisationProgress { share: 1.0, ..progress },
        End::Draft { .. } | End::Failure(_) => progress,
    };
    let planned = match &end {
        End::Draft { draft, .. } => {
            let visits = draft.visits.iter().map(|visit| &visit.visit_id);
            let ids = visits.chain(draft.outsourced.iter().map(|order| &order.visit_id));
            ids.filter_map(|id| id.parse().ok()).collect()
        }
        End::Failure(_) => Vec::new(),
    };
    let (end, planned): (Arc<End>, Arc<[VisitId]>) = (Arc::new(end), planned.into());
    let finished = journal.write("end of an optimisation", move |work| {
        let (end, planned) = (Arc::clone(&end), Arc::clone(&planned));
        Box::pin(async move {
            let ended = store::optimisation::finish(work.conn(), holder, &progress, &end).await;
            if ended.map_err(|error| database_problem(&error))? {
                let drafted = store::order::draft(work.conn(), holder.0, &planned).await;
                drafted.map_err(|error| database_problem(&error))?;
            }
            Ok(())
        })
    });
    finished.await
}
