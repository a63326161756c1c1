//! Optimisations: what was asked for, how far they have come, and their drafts.

use std::collections::BTreeMap;

use meridian_proto::dispatch::v1 as pb;
use meridian_types::{OptimisationId, VisitId};
use prost::Message;
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

use super::{parsed, unreadable};
use crate::domain::optimisation::State;

/// An optimisation as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub(crate) id: OptimisationId,
    pub(crate) state: State,
    pub(crate) request: pb::OptimiseRequest,
    pub(crate) progress: pb::OptimisationProgress,
    pub(crate) cancel_requested: bool,
    /// Counts those who took it.
    pub(crate) attempt: i32,
    pub(crate) draft: Option<pb::Draft>,
    pub(crate) failure: Option<pb::OptimisationFailure>,
    /// The orders that were looked at, and the versions in which they were.
    pub(crate) versions: BTreeMap<VisitId, i64>,
}

/// How an optimisation ends.
#[derive(Debug, Clone)]
pub(crate) enum End {
    /// With a draft of orders in these versions; before all was spent that might be, if it was cancelled.
    Draft { draft: Box<pb::Draft>, versions: Vec<(VisitId, i64)>, is_cancelled: bool },
    /// Nothing can be planned.
    Failure(pb::OptimisationFailure),
}

#[derive(sqlx::FromRow)]
struct Row {
    optimisation_id: Uuid,
    state: String,
    request: Vec<u8>,
    progress: Vec<u8>,
    cancel_requested: bool,
    attempt: i32,
    draft: Option<Vec<u8>>,
    failure: Option<Vec<u8>>,
    order_ids: Vec<Uuid>,
    order_versions: Vec<i64>,
}

macro_rules! columns {
    ($before:literal, $after:literal) => {
        concat!(
            $before,
            " optimisation_id, state, request, progress, cancel_requested, attempt, draft, failure, \
             order_ids, order_versions ",
            $after
        )
    };
}

impl Row {
    fn stored(self) -> sqlx::Result<Stored> {
        let ids = self.order_ids.into_iter().map(VisitId::from_uuid);
        Ok(Stored {
            id: OptimisationId::from_uuid(self.optimisation_id),
            state: parsed("state", &self.state)?,
            request: message("request", &self.request)?,
            progress: message("progress", &self.progress)?,
            cancel_requested: self.cancel_requested,
            attempt: self.attempt,
            draft: self.draft.map(|draft| message("draft", &draft)).transpose()?,
            failure: self.failure.map(|failure| message("failure", &failure)).transpose()?,
            versions: ids.zip(self.order_versions).collect(),
        })
    }
}

fn message<M: Message + Default>(column: &'static str, encoded: &[u8]) -> sqlx::Result<M> {
    M::decode(encoded).map_err(|error| unreadable(column, error))
}

/// Asks for an optimisation.
pub(crate) async fn insert(
    conn: &mut PgConnection,
    id: OptimisationId,
    request: &pb::OptimiseRequest,
) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO optimisation (optimisation_id, request) VALUES ($1, $2)")
        .bind(id.uuid())
        .bind(request.encode_to_vec())
        .execute(conn)
        .await?;
    Ok(())
}

/// Removes those that ended and are older than so many days; at most a hundred.
pub(crate) async fn remove_old(conn: &mut PgConnection, days: i32) -> sqlx::Result<()> {
    sqlx::query(
        "DELETE FROM optimisation WHERE optimisation_id IN (
             SELECT optimisation_id FROM optimisation
              WHERE state <> 'running' AND created_at < now() - make_interval(days => $1)
              ORDER BY seq LIMIT 100 FOR UPDATE SKIP LOCKED)",
    )
    .bind(days)
    .execute(conn)
    .await?;
    Ok(())
}

/// What stands under the id.
pub(crate) async fn find(executor: impl PgExecutor<'_>, id: OptimisationId) -> sqlx::Result<Option<Stored>> {
    let row: Option<Row> = sqlx::query_as(columns!("SELECT", "FROM optimisation WHERE optimisation_id = $1"))
        .bind(id.uuid())
        .fetch_optional(executor)
        .await?;
    row.map(Row::stored).transpose()
}

/// As [`find`]; nobody else changes it until the end of the transaction.
pub(crate) async fn lock(conn: &mut PgConnection, id: OptimisationId) -> sqlx::Result<Option<Stored>> {
    let row: Option<Row> =
        sqlx::query_as(columns!("SELECT", "FROM optimisation WHERE optimisation_id = $1 FOR NO KEY UPDATE"))
            .bind(id.uuid())
            .fetch_optional(conn)
            .await?;
    row.map(Row::stored).transpose()
}

/// The one that was asked for last.
pub(crate) async fn newest(conn: &mut PgConnection) -> sqlx::Result<Option<Stored>> {
    let row: Option<Row> = sqlx::query_as(columns!("SELECT", "FROM optimisation ORDER BY seq DESC LIMIT 1"))
        .fetch_optional(conn)
        .await?;
    row.map(Row::stored).transpose()
}

/// How many wait or are searched.
pub(crate) async fn running(conn: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar("SELECT count(*) FROM optimisation WHERE state = 'running'").fetch_one(conn).await
}

/// Whether one waits for a worker.
pub(crate) async fn is_waiting(executor: impl PgExecutor<'_>) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM optimisation WHERE state = 'running' AND leased_until < now())",
    )
    .fetch_one(executor)
    .await
}

/// Takes the one that waits longest for so many seconds; afterwards it waits again.
pub(crate) async fn take(conn: &mut PgConnection, lease_seconds: i32) -> sqlx::Result<Option<Stored>> {
    let row: Option<Row> = sqlx::query_as(columns!(
        "UPDATE optimisation SET leased_until = now() + make_interval(secs => $1), attempt = attempt + 1
          WHERE optimisation_id IN (
                    SELECT optimisation_id FROM optimisation
                     WHERE state = 'running' AND leased_until < now()
                     ORDER BY seq LIMIT 1 FOR UPDATE SKIP LOCKED)
         RETURNING",
        ""
    ))
    .bind(f64::from(lease_seconds))
    .fetch_optional(conn)
    .await?;
    row.map(Row::stored).transpose()
}

/// Says how far it has come and keeps it for so many seconds more. Returns whether it was asked to stop; `None` when
/// somebody else has taken it.
pub(crate) async fn report(
    conn: &mut PgConnection,
    (id, attempt): (OptimisationId, i32),
    progress: &pb::OptimisationProgress,
    lease_seconds: i32,
) -> sqlx::Result<Option<bool>> {
    sqlx::query_scalar(
        "UPDATE optimisation SET progress = $3, leased_until = now() + make_interval(secs => $4)
          WHERE optimisation_id = $1 AND attempt = $2 AND state = 'running'
         RETURNING cancel_requested",
    )
    .bind(id.uuid())
    .bind(attempt)
    .bind(progress.encode_to_vec())
    .bind(f64::from(lease_seconds))
    .fetch_optional(conn)
    .await
}

/// Ends it. `false` when somebody else has taken it.
pub(crate) async fn finish(
    conn: &mut PgConnection,
    (id, attempt): (OptimisationId, i32),
    progress: &pb::OptimisationProgress,
    end: &End,
) -> sqlx::Result<bool> {
    let (state, draft, failure, versions) = match end {
        End::Draft { draft, versions, is_cancelled } => {
            let state = if *is_cancelled { State::Cancelled } else { State::Succeeded };
            (state, Some(draft.encode_to_vec()), None, versions.as_slice())
        }
        End::Failure(failure) => (State::Failed, None, Some(failure.encode_to_vec()), &[][..]),
    };
    let (orders, versions): (Vec<Uuid>, Vec<i64>) =
        versions.iter().map(|(order, version)| (order.uuid(), *version)).unzip();
    let done = sqlx::query(
        "UPDATE optimisation
            SET state = $3, draft = $4, failure = $5, order_ids = $6, order_versions = $7, progress = $8
          WHERE optimisation_id = $1 AND attempt = $2 AND state = 'running'",
    )
    .bind(id.uuid())
    .bind(attempt)
    .bind(state.name())
    .bind(draft)
    .bind(failure)
    .bind(orders)
    .bind(versions)
    .bind(progress.encode_to_vec())
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Asks it to stop.
pub(crate) async fn request_cancel(conn: &mut PgConnection, id: OptimisationId) -> sqlx::Result<()> {
    sqlx::query("UPDATE optimisation SET cancel_requested = true WHERE optimisation_id = $1")
        .bind(id.uuid())
        .execute(conn)
        .await?;
    Ok(())
}

/// Remembers that its draft was published.
pub(crate) async fn set_published(conn: &mut PgConnection, id: OptimisationId) -> sqlx::Result<()> {
    sqlx::query("UPDATE optimisation SET state = 'published' WHERE optimisation_id = $1")
        .bind(id.uuid())
        .execute(conn)
        .await?;
    Ok(())
}
