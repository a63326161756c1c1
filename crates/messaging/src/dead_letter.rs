//! Events that could not be applied: set aside, listed, replayed.

use std::collections::HashSet;
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use meridian_types::{EventId, Problem, RegionId, ServiceName};
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

use crate::fault::database_problem;
use crate::handler::shielded;
use crate::unit::detached;
use crate::{Event, Journal, Source, Work, reader_cursor};

/// Longest stored error text.
const ERROR_CHARS_MAX: usize = 2000;

/// An event that could not be applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DeadLetter {
    /// Orders dead letters by when they were set aside.
    pub(crate) id: i64,
    pub(crate) event: Event,
    pub(crate) error: String,
    /// 0 for one that only follows another of its aggregate.
    pub(crate) attempts: i32,
    /// Real time.
    pub(crate) failed_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    source_region: String,
    source_service: String,
    epoch: String,
    pub_seq: i64,
    event_id: Uuid,
    type_name: String,
    aggregate: String,
    aggregate_id: String,
    aggregate_version: i64,
    occurred_at: jiff_sqlx::Timestamp,
    body: Vec<u8>,
    traceparent: Option<String>,
    error: String,
    attempts: i32,
    failed_at: jiff_sqlx::Timestamp,
}

impl TryFrom<Row> for DeadLetter {
    type Error = sqlx::Error;

    fn try_from(row: Row) -> Result<Self, sqlx::Error> {
        let decode = |rule: meridian_types::Rule| sqlx::Error::Decode(rule.into());
        let source = Source {
            region: RegionId::parse(&row.source_region).map_err(decode)?,
            service: ServiceName::parse(&row.source_service).map_err(decode)?,
        };
        let event = Event {
            id: EventId::from_uuid(row.event_id),
            source,
            type_name: row.type_name,
            time: row.occurred_at.to_jiff(),
            epoch: row.epoch,
            pub_seq: row.pub_seq.cast_unsigned(),
            aggregate: row.aggregate,
            aggregate_id: row.aggregate_id,
            aggregate_version: row.aggregate_version,
            traceparent: row.traceparent,
            body: Bytes::from(row.body),
        };
        let Row { id, error, attempts, failed_at, .. } = row;
        Ok(Self { id, event, error, attempts, failed_at: failed_at.to_jiff() })
    }
}

/// Those aggregates of the events that have dead letters: their later events have to wait behind them.
pub(crate) async fn held_up(
    conn: &mut PgConnection,
    source: &Source,
    events: &[Arc<Event>],
) -> Result<HashSet<(String, String)>, sqlx::Error> {
    let aggregates: Vec<(String, String)> = sqlx::query_as(
        "SELECT DISTINCT aggregate, aggregate_id FROM dead_letter
          WHERE source_region = $1 AND source_service = $2
            AND (aggregate, aggregate_id) IN (SELECT * FROM unnest($3::text[], $4::text[]))",
    )
    .bind(source.region.as_str())
    .bind(source.service.as_str())
    .bind(events.iter().map(|event| event.aggregate.as_str()).collect::<Vec<_>>())
    .bind(events.iter().map(|event| event.aggregate_id.as_str()).collect::<Vec<_>>())
    .fetch_all(conn)
    .await?;
    Ok(aggregates.into_iter().collect())
}

/// Sets an event aside in the open transaction.
pub(crate) async fn insert(
    conn: &mut PgConnection,
    event: &Event,
    error: &str,
    attempts: i32,
) -> Result<(), sqlx::Error> {
    let error: String = error.chars().filter(|c| *c != '\0').take(ERROR_CHARS_MAX).collect();
    sqlx::query(
        "INSERT INTO dead_letter (source_region, source_service, epoch, pub_seq, event_id, type_name, aggregate,
                                  aggregate_id, aggregate_version, occurred_at, body, traceparent, error, attempts)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
         ON CONFLICT DO NOTHING",
    )
    .bind(event.source.region.as_str())
    .bind(event.source.service.as_str())
    .bind(&event.epoch)
    .bind(event.pub_seq.cast_signed())
    .bind(event.id.uuid())
    .bind(&event.type_name)
    .bind(&event.aggregate)
    .bind(&event.aggregate_id)
    .bind(event.aggregate_version)
    .bind(event.time.to_sqlx())
    .bind(event.body.as_ref())
    .bind(&event.traceparent)
    .bind(error)
    .bind(attempts)
    .execute(conn)
    .await?;
    Ok(())
}

/// Dead letters set aside after the one called `after`, oldest first.
pub(crate) async fn list(
    executor: impl PgExecutor<'_>,
    after: i64,
    limit: i64,
) -> Result<Vec<DeadLetter>, sqlx::Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT id, source_region, source_service, epoch, pub_seq, event_id, type_name, aggregate, aggregate_id,
                aggregate_version, occurred_at, body, traceparent, error, attempts, failed_at
           FROM dead_letter WHERE id > $1 ORDER BY id LIMIT $2",
    )
    .bind(after)
    .bind(limit)
    .fetch_all(executor)
    .await?;
    rows.into_iter().map(DeadLetter::try_from).collect()
}

/// What became of a replay.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Replayed {
    pub(crate) applied: i32,
    pub(crate) failed: i32,
}

/// Applies dead letters again (`only` one event, or all), oldest first, each in a unit of work that removes it. Where
/// one fails, it and the later ones of its aggregate stay.
pub(crate) async fn replay(journal: &Journal, only: Option<EventId>) -> Result<Replayed, Problem> {
    let mut replayed = Replayed::default();
    let mut stuck = HashSet::new();
    let mut after = 0;
    loop {
        let page = list(journal.pool(), after, 200).await.map_err(|error| database_problem(&error))?;
        let Some(last) = page.last() else { return Ok(replayed) };
        after = last.id;
        for letter in page {
            let event = &letter.event;
            let aggregate = (event.source.clone(), event.aggregate.clone(), event.aggregate_id.clone());
            let is_wanted = only.is_none_or(|only| only == event.id);
            // One that was left out holds up the later ones of its aggregate, too.
            if !is_wanted || stuck.contains(&aggregate) {
                stuck.insert(aggregate);
                replayed.failed += i32::from(is_wanted);
                continue;
            }
            match replay_one(journal, letter).await {
                Ok(was_there) => replayed.applied += i32::from(was_there),
                Err(problem)
                    if problem.is_decision() || problem.kind == meridian_types::ProblemKind::Internal =>
                {
                    replayed.failed += 1;
                    stuck.insert(aggregate);
                }
                Err(problem) => return Err(problem),
            }
        }
    }
}

/// Applies one dead letter and removes it. `false` when somebody else did meanwhile.
async fn replay_one(journal: &Journal, letter: DeadLetter) -> Result<bool, Problem> {
    let Some(handler) = journal.handler(&letter.event.source) else {
        tracing::warn!(source = %letter.event.source, "nobody applies the events of this source any more");
        return Err(Problem::not_found("READER_NOT_FOUND", "reader of", &letter.event.source));
    };
    let journal = journal.clone();
    detached(async move {
        let mut work = Work::begin(&journal).await?;
        let outcome = remove(&mut work, &letter).await.map_err(|error| database_problem(&error));
        let applied = match outcome {
            Ok(true) => shielded(handler.handle(&mut work, &letter.event)).await,
            Ok(false) => {
                work.rollback().await;
                return Ok(false);
            }
            Err(problem) => Err(problem),
        };
        match applied {
            Ok(()) => {
                work.commit().await?;
                journal.announce_commit();
                Ok(true)
            }
            Err(problem) => {
                work.rollback().await;
                let noted = note_failure(journal.pool(), letter.id, &problem).await;
                noted.map_err(|error| database_problem(&error))?;
                Err(problem)
            }
        }
    })
    .await
}

/// Takes the reader's lock, so that no later event of the aggregate overtakes, and removes the letter.
async fn remove(work: &mut Work, letter: &DeadLetter) -> Result<bool, sqlx::Error> {
    reader_cursor::lock(work.conn(), &letter.event.source).await?;
    let done =
        sqlx::query("DELETE FROM dead_letter WHERE id = $1").bind(letter.id).execute(work.conn()).await?;
    Ok(done.rows_affected() == 1)
}

async fn note_failure(executor: impl PgExecutor<'_>, id: i64, problem: &Problem) -> Result<(), sqlx::Error> {
    let error: String = problem.to_string().chars().filter(|c| *c != '\0').take(ERROR_CHARS_MAX).collect();
    sqlx::query(
        "UPDATE dead_letter SET attempts = attempts + 1, error = $2, failed_at = now() WHERE id = $1",
    )
    .bind(id)
    .bind(error)
    .execute(executor)
    .await?;
    Ok(())
}
