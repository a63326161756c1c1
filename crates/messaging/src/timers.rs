//! Timers of business time: set, replaced and cancelled by units of work, fired in units of work of their own.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use meridian_chassis::tasks::Tasks;
use meridian_chassis::trace;
use meridian_types::Problem;
use sqlx::types::Json;
use sqlx::{PgConnection, PgExecutor};
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::backoff::Backoff;
use crate::fault::database_problem;
use crate::handler::shielded;
use crate::unit::detached;
use crate::{Journal, Work};

/// How often the clock is compared with the next timer.
const POLL: Duration = Duration::from_millis(100);
/// Longest time for which a timer that another process set, or one that failed, is not seen.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);
/// Longest pause before a timer that fails is tried again.
const RETRY_SECONDS_MAX: i32 = 60;

/// A timer to be set: fires once at or soon after `due`.
#[derive(Debug, Clone, PartialEq)]
pub struct Timer {
    /// What kind of reminder it is ("hold_expiry").
    pub kind: &'static str,
    /// Which one of its kind; (kind, key) is unique.
    pub key: String,
    /// Business time at which it is due.
    pub due: Timestamp,
    /// What its handler needs to know.
    pub payload: serde_json::Value,
}

/// A timer that is due.
#[derive(Debug, Clone, PartialEq)]
pub struct FiredTimer {
    /// Kind, as scheduled.
    pub kind: String,
    /// Key, as scheduled.
    pub key: String,
    /// Business time at which it was due.
    pub due: Timestamp,
    /// Payload, as scheduled.
    pub payload: serde_json::Value,
    /// How often it failed before.
    pub attempts: i32,
}

/// What a service does when its timers fire.
#[async_trait]
pub trait TimerHandler: Send + Sync + 'static {
    /// Acts on one due timer. It is gone when `work` commits, and may be set again by `work` itself. After a
    /// problem nothing of `work` is kept, and the timer fires again later.
    async fn fire(&self, work: &mut Work, timer: &FiredTimer) -> Result<(), Problem>;
}

/// Fires the timers of the journal until the tasks are asked to stop. Any number of replicas share the work; each
/// timer takes effect once.
pub fn spawn_timers(tasks: &Tasks, journal: &Journal, handler: Arc<dyn TimerHandler>) {
    let journal = journal.clone();
    let stop = tasks.stop_token();
    tasks.spawn("timers", async move {
        run(&journal, &handler, &stop).await;
        Ok(())
    });
}

async fn run(journal: &Journal, handler: &Arc<dyn TimerHandler>, stop: &CancellationToken) {
    let mut commits = journal.committed();
    let mut backoff = Backoff::new();
    let mut is_reported = false;
    while !stop.is_cancelled() {
        if let Err(problem) = fire_due(journal, handler, &mut commits, stop).await {
            if !is_reported {
                tracing::warn!(%problem, "timers cannot be fired at the moment");
            }
            is_reported = true;
            backoff.pause(stop).await;
        } else {
            is_reported = false;
            backoff.reset();
        }
    }
}

/// Fires what is due, and then waits until something else may be.
///
/// The clock is read without a query, however far it jumps; the table is looked at when this process committed
/// something, or else once a second.
async fn fire_due(
    journal: &Journal,
    handler: &Arc<dyn TimerHandler>,
    commits: &mut watch::Receiver<u64>,
    stop: &CancellationToken,
) -> Result<(), Problem> {
    commits.mark_unchanged();
    let next = next_due(journal.pool()).await.map_err(|error| database_problem(&error))?;
    let looked = Instant::now();
    let is_due = || next.is_some_and(|next| next <= journal.clock().now());
    if is_due() {
        while !stop.is_cancelled() && fire_next(journal, handler).await? {}
    }
    loop {
        // The time-out is the pause.
        let _ = tokio::time::timeout(POLL, stop.cancelled()).await;
        // An error would mean that nobody can commit any more: not while the journal is here.
        let is_changed = commits.has_changed().unwrap_or_default();
        if is_due() || is_changed || stop.is_cancelled() || looked.elapsed() >= LOOK_INTERVAL {
            return Ok(());
        }
    }
}

/// Fires the timer that is due longest. `false` when none is due.
async fn fire_next(journal: &Journal, handler: &Arc<dyn TimerHandler>) -> Result<bool, Problem> {
    let journal = journal.clone();
    let handler = Arc::clone(handler);
    detached(async move {
        let mut work = Work::begin(&journal).await?;
        let now = work.now();
        let row = match take_due(work.conn(), now).await {
            Ok(Some(row)) => row,
            nothing => {
                work.rollback().await;
                return nothing.map(|_| false).map_err(|error| database_problem(&error));
            }
        };
        let timer = row.timer();
        let span = tracing::info_span!("timer", kind = timer.kind, key = timer.key);
        if let Some(traceparent) = &row.traceparent {
            trace::set_parent(&span, traceparent);
        }
        let fired = shielded(handler.fire(&mut work, &timer)).instrument(span.clone()).await;
        let done = match fired {
            Ok(()) => work.commit().instrument(span).await,
            Err(problem) => {
                work.rollback().await;
                Err(problem)
            }
        };
        match done {
            Ok(()) => journal.announce_commit(),
            Err(problem) => {
                tracing::warn!(%problem, kind = timer.kind, key = timer.key, "a timer failed; it fires again");
                let postponed = postpone(journal.pool(), &timer).await;
                postponed.map_err(|error| database_problem(&error))?;
            }
        }
        Ok(true)
    })
    .await
}

#[derive(sqlx::FromRow)]
struct TimerRow {
    kind: String,
    key: String,
    due_at: jiff_sqlx::Timestamp,
    payload: Json<serde_json::Value>,
    attempts: i32,
    traceparent: Option<String>,
}

impl TimerRow {
    fn timer(&self) -> FiredTimer {
        FiredTimer {
            kind: self.kind.clone(),
            key: self.key.clone(),
            due: self.due_at.to_jiff(),
            payload: self.payload.0.clone(),
            attempts: self.attempts,
        }
    }
}

/// When the next timer is due.
async fn next_due(executor: impl PgExecutor<'_>) -> Result<Option<Timestamp>, sqlx::Error> {
    let next: Option<jiff_sqlx::Timestamp> =
        sqlx::query_scalar("SELECT min(due_at) FROM timer WHERE retry_at IS NULL OR retry_at <= now()")
            .fetch_one(executor)
            .await?;
    Ok(next.map(|next| next.to_jiff()))
}

/// Removes, in the open transaction, the timer that is due longest and that nobody else is firing.
async fn take_due(conn: &mut PgConnection, now: Timestamp) -> Result<Option<TimerRow>, sqlx::Error> {
    sqlx::query_as(
        "DELETE FROM timer WHERE (kind, key) = (
             SELECT kind, key FROM timer
              WHERE due_at <= $1 AND (retry_at IS NULL OR retry_at <= now())
              ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
         RETURNING kind, key, due_at, payload, attempts, traceparent",
    )
    .bind(now.to_sqlx())
    .fetch_optional(conn)
    .await
}

/// Leaves a timer that failed alone for a while, unless it was set anew meanwhile.
async fn postpone(executor: impl PgExecutor<'_>, timer: &FiredTimer) -> Result<(), sqlx::Error> {
    let pause_seconds = 2_i32.saturating_pow(timer.attempts.unsigned_abs().min(16)).min(RETRY_SECONDS_MAX);
    sqlx::query(
        "UPDATE timer SET attempts = attempts + 1, retry_at = now() + make_interval(secs => $4)
          WHERE kind = $1 AND key = $2 AND due_at = $3",
    )
    .bind(&timer.kind)
    .bind(&timer.key)
    .bind(timer.due.to_sqlx())
    .bind(f64::from(pause_seconds))
    .execute(executor)
    .await?;
    Ok(())
}

/// Sets (`Some`) and cancels (`None`) timers in the open transaction.
pub(crate) async fn write(
    conn: &mut PgConnection,
    timers: &BTreeMap<(&'static str, String), Option<Timer>>,
) -> Result<(), sqlx::Error> {
    let set: Vec<&Timer> = timers.values().flatten().collect();
    let cancelled: Vec<&(&'static str, String)> =
        timers.iter().filter(|(_, timer)| timer.is_none()).map(|(key, _)| key).collect();
    if !cancelled.is_empty() {
        sqlx::query("DELETE FROM timer WHERE (kind, key) IN (SELECT * FROM unnest($1::text[], $2::text[]))")
            .bind(cancelled.iter().map(|(kind, _)| *kind).collect::<Vec<_>>())
            .bind(cancelled.iter().map(|(_, key)| key.as_str()).collect::<Vec<_>>())
            .execute(&mut *conn)
            .await?;
    }
    if !set.is_empty() {
        sqlx::query(
            "INSERT INTO timer (kind, key, due_at, payload, traceparent)
             SELECT *, $5 FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::jsonb[])
             ON CONFLICT (kind, key) DO UPDATE
                SET due_at = excluded.due_at, payload = excluded.payload, traceparent = excluded.traceparent,
                    attempts = 0, retry_at = NULL",
        )
        .bind(set.iter().map(|timer| timer.kind).collect::<Vec<_>>())
        .bind(set.iter().map(|timer| timer.key.as_str()).collect::<Vec<_>>())
        .bind(set.iter().map(|timer| timer.due.to_sqlx()).collect::<Vec<_>>())
        .bind(set.iter().map(|timer| Json(&timer.payload)).collect::<Vec<_>>())
        .bind(trace::traceparent())
        .execute(conn)
        .await?;
    }
    Ok(())
}
