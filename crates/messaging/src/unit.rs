//! Running units of work: detached from the caller, repeated on conflict, idempotent by request id.

use std::future::Future;
use std::time::Duration;

use futures::future::BoxFuture;
use meridian_chassis::status;
use meridian_types::{Problem, ProblemKind};
use tracing::Instrument;

use crate::backoff::Backoff;
use crate::fault::{OUTCOME_UNKNOWN, TRANSACTION_CONFLICT, database_problem, is_passing};
use crate::idempotency::{self, Key};
use crate::{Journal, Work};

/// How often one unit is tried before its conflict is the caller's.
const ATTEMPTS: u32 = 6;
/// Longest that a unit may take. The limits of the database end what takes too long much earlier, unless its machine
/// vanished.
const UNIT_MAX: Duration = Duration::from_secs(120);
/// How long a unit with a key goes on asking for its own outcome while the database is away.
const OUTCOME_WAIT: Duration = Duration::from_secs(5);

impl Journal {
    /// Runs a unit of work on behalf of a request, once per `request_id`.
    ///
    /// The same id with the same request is given the stored answer, also when that was a refusal; concurrent
    /// duplicates wait for the first. State, answer, events and timers are committed together before this
    /// returns. Dropping the returned future does not stop the unit.
    ///
    /// `operation` runs again, in a new transaction, when another transaction interfered.
    ///
    /// # Errors
    /// What the operation refused (stored when it [is a decision](Problem::is_decision)); `REQUEST_ID_REUSED` for
    /// the same id with another request; `Unavailable` when the database is, with `OUTCOME_UNKNOWN` when the
    /// caller has to repeat the same request to learn what became of it.
    pub async fn execute<Req, R, F>(
        &self,
        request_id: &str,
        request: &Req,
        operation: F,
    ) -> Result<R, Problem>
    where
        Req: prost::Message + prost::Name,
        R: prost::Message + prost::Name + Default + 'static,
        F: for<'w> Fn(&'w mut Work) -> BoxFuture<'w, Result<R, Problem>> + Send + Sync + 'static,
    {
        let key = Key::new(request_id, request)?;
        let journal = self.clone();
        detached(async move { execute(&journal, &key, &operation).await }).await
    }

    /// Whether an answer is stored for a request id: what is checked before the unit of work no longer matters then.
    ///
    /// # Errors
    /// A request id that is none; `Unavailable` when the database is.
    pub async fn is_answered<Req>(&self, request_id: &str, request: &Req) -> Result<bool, Problem>
    where
        Req: prost::Message + prost::Name,
    {
        let key = Key::new(request_id, request)?;
        let stored = idempotency::find(self.pool(), &key).await.map_err(|error| database_problem(&error))?;
        Ok(stored.is_some())
    }

    /// Runs a unit of work that no request asked for: nothing remembers that it ran.
    ///
    /// `name` appears in logs. `operation` runs again, in a new transaction, when another transaction
    /// interfered.
    ///
    /// # Errors
    /// What the operation refused, or `Unavailable` when the database is.
    pub async fn write<R, F>(&self, name: &'static str, operation: F) -> Result<R, Problem>
    where
        R: Send + 'static,
        F: for<'w> Fn(&'w mut Work) -> BoxFuture<'w, Result<R, Problem>> + Send + Sync + 'static,
    {
        let journal = self.clone();
        let span = tracing::info_span!("unit of work", name);
        detached(async move { write(&journal, &operation).await }.instrument(span)).await
    }
}

/// Runs `unit` in a task of its own, so that a caller who goes away cannot drop it half-way: a dropped future
/// would leave its pooled connection inside an open transaction. One that takes too long is dropped: the pool closes
/// its connection, because nobody answers there.
pub(crate) async fn detached<R, U>(unit: U) -> Result<R, Problem>
where
    R: Send + 'static,
    U: Future<Output = Result<R, Problem>> + Send + 'static,
{
    match tokio::spawn(tokio::time::timeout(UNIT_MAX, unit).in_current_span()).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_)) => Err(outcome_unknown()),
        Err(error) if error.is_panic() => Err(status::internal(&error)),
        Err(_) => {
            Err(Problem::new(ProblemKind::Unavailable, "SHUTTING_DOWN", "the service is shutting down"))
        }
    }
}

/// It may have been committed.
pub(crate) fn outcome_unknown() -> Problem {
    Problem::new(ProblemKind::Unavailable, OUTCOME_UNKNOWN, "it is unknown whether this took effect")
}

async fn execute<R, F>(journal: &Journal, key: &Key, operation: &F) -> Result<R, Problem>
where
    R: prost::Message + Default,
    F: for<'w> Fn(&'w mut Work) -> BoxFuture<'w, Result<R, Problem>>,
{
    let started = tokio::time::Instant::now();
    let mut backoff = Backoff::new();
    let mut attempt = 1;
    let mut unknown: Option<Problem> = None;
    loop {
        let problem = match execute_once(journal, key, operation).await {
            Err(problem) if !problem.is_decision() => problem,
            answer => return answer,
        };
        if problem.reason == OUTCOME_UNKNOWN {
            unknown = Some(problem);
        } else if problem.reason == TRANSACTION_CONFLICT && attempt < ATTEMPTS {
            attempt += 1;
        } else if unknown.is_none() || !is_passing(&problem) {
            return Err(problem);
        }
        // The row with the key knows what became of the commit: the next attempt finds it, or runs afresh.
        if let Some(unknown) = unknown.take_if(|_| started.elapsed() > OUTCOME_WAIT) {
            return Err(unknown);
        }
        tokio::time::sleep(backoff.next_pause()).await;
    }
}

async fn execute_once<R, F>(journal: &Journal, key: &Key, operation: &F) -> Result<R, Problem>
where
    R: prost::Message + Default,
    F: for<'w> Fn(&'w mut Work) -> BoxFuture<'w, Result<R, Problem>>,
{
    let mut work = Work::begin(journal).await?;
    match claim_or_find(&mut work, key).await {
        Ok(None) => {}
        Ok(Some(stored)) => {
            work.rollback().await;
            return stored.answer(key);
        }
        Err(error) => {
            work.rollback().await;
            return Err(database_problem(&error));
        }
    }
    match operation(&mut work).await {
        Ok(response) => {
            let encoded = response.encode_to_vec();
            if let Err(error) = idempotency::store_response(work.conn(), key, encoded).await {
                work.rollback().await;
                return Err(database_problem(&error));
            }
            work.commit().await?;
            journal.announce_commit();
            Ok(response)
        }
        Err(refusal) => {
            work.rollback().await;
            if !refusal.is_decision() {
                return Err(refusal);
            }
            refuse(journal, key, &refusal)
                .await
                .map_err(|error| database_problem(&error))?
                .map_or_else(|| Err(conflict("the stored answer vanished")), |stored| stored.answer(key))
        }
    }
}

/// `None` when the key is this transaction's now, otherwise what was answered before.
async fn claim_or_find(work: &mut Work, key: &Key) -> Result<Option<idempotency::Stored>, sqlx::Error> {
    loop {
        if idempotency::claim(work.conn(), key).await? {
            return Ok(None);
        }
        // Absent only when it was removed for its age in between.
        if let Some(stored) = idempotency::find(work.conn(), key).await? {
            return Ok(Some(stored));
        }
    }
}

async fn refuse(
    journal: &Journal,
    key: &Key,
    refusal: &Problem,
) -> Result<Option<idempotency::Stored>, sqlx::Error> {
    idempotency::store_refusal(journal.pool(), key, refusal).await?;
    idempotency::find(journal.pool(), key).await
}

fn conflict(message: &str) -> Problem {
    Problem::new(ProblemKind::Aborted, TRANSACTION_CONFLICT, message)
}

async fn write<R, F>(journal: &Journal, operation: &F) -> Result<R, Problem>
where
    F: for<'w> Fn(&'w mut Work) -> BoxFuture<'w, Result<R, Problem>>,
{
    let mut backoff = Backoff::new();
    let mut attempt = 1;
    loop {
        match write_once(journal, operation).await {
            Err(problem) if problem.reason == TRANSACTION_CONFLICT && attempt < ATTEMPTS => attempt += 1,
            outcome => return outcome,
        }
        tokio::time::sleep(backoff.next_pause()).await;
    }
}

async fn write_once<R, F>(journal: &Journal, operation: &F) -> Result<R, Problem>
where
    F: for<'w> Fn(&'w mut Work) -> BoxFuture<'w, Result<R, Problem>>,
{
    let mut work = Work::begin(journal).await?;
    match operation(&mut work).await {
        Ok(outcome) => {
            work.commit().await?;
            journal.announce_commit();
            Ok(outcome)
        }
        Err(problem) => {
            work.rollback().await;
            Err(problem)
        }
    }
}
