//! The outbox: what was emitted and committed, in publication order.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use meridian_types::EventId;
use sqlx::postgres::types::PgInterval;
use sqlx::{PgConnection, PgExecutor, PgPool};
use uuid::Uuid;

use crate::stream;

/// An event that a unit of work wants published.
#[derive(Debug)]
pub(crate) struct Emitted {
    pub(crate) id: EventId,
    pub(crate) type_name: String,
    pub(crate) aggregate: &'static str,
    pub(crate) event: &'static str,
    pub(crate) aggregate_id: String,
    pub(crate) aggregate_version: i64,
    pub(crate) body: String,
    pub(crate) traceparent: Option<String>,
}

/// A committed event.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct OutboxRow {
    /// Orders the rows.
    pub(crate) seq: i64,
    pub(crate) event_id: Uuid,
    pub(crate) type_name: String,
    pub(crate) aggregate: String,
    pub(crate) event: String,
    pub(crate) aggregate_id: String,
    pub(crate) aggregate_version: i64,
    occurred_at: jiff_sqlx::Timestamp,
    pub(crate) body: String,
    pub(crate) traceparent: Option<String>,
}

impl OutboxRow {
    pub(crate) fn occurred_at(&self) -> Timestamp {
        self.occurred_at.to_jiff()
    }
}

/// Appends the events to the open transaction, in their order, by one statement.
///
/// The transaction id comes out of a subquery of its own, so that it is given out before a sequence number is drawn.
pub(crate) async fn append(
    conn: &mut PgConnection,
    occurred_at: Timestamp,
    emitted: &[Emitted],
) -> Result<(), sqlx::Error> {
    let column = |value: fn(&Emitted) -> &str| emitted.iter().map(value).collect::<Vec<_>>();
    sqlx::query(
        "INSERT INTO outbox (xid, occurred_at, event_id, type_name, aggregate, event, aggregate_id, aggregate_version,
                             body, traceparent)
         SELECT own.xid, $9, events.*
           FROM (SELECT pg_current_xact_id() AS xid OFFSET 0) AS own,
                unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[],
                       $8::text[]) AS events",
    )
    .bind(emitted.iter().map(|event| event.id.uuid()).collect::<Vec<_>>())
    .bind(column(|event| &event.type_name))
    .bind(column(|event| event.aggregate))
    .bind(column(|event| event.event))
    .bind(column(|event| &event.aggregate_id))
    .bind(emitted.iter().map(|event| event.aggregate_version).collect::<Vec<_>>())
    .bind(column(|event| &event.body))
    .bind(emitted.iter().map(|event| event.traceparent.as_deref()).collect::<Vec<_>>())
    .bind(occurred_at.to_sqlx())
    .execute(conn)
    .await?;
    Ok(())
}

/// The first rows after `after`, up to and including `through`.
pub(crate) async fn read_between(
    executor: impl PgExecutor<'_>,
    after: i64,
    through: i64,
    limit: i64,
) -> Result<Vec<OutboxRow>, sqlx::Error> {
    sqlx::query_as(
        "SELECT seq, event_id, type_name, aggregate, event, aggregate_id, aggregate_version, occurred_at, body,
                traceparent
           FROM outbox WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT $3",
    )
    .bind(after)
    .bind(through)
    .bind(limit)
    .fetch_all(executor)
    .await
}

/// The last rows after `after`, up to and including `through`, the youngest first; the `skipped` youngest are left
/// out.
pub(crate) async fn read_back(
    executor: impl PgExecutor<'_>,
    after: i64,
    through: i64,
    skipped: i64,
    limit: i64,
) -> Result<Vec<OutboxRow>, sqlx::Error> {
    sqlx::query_as(
        "SELECT seq, event_id, type_name, aggregate, event, aggregate_id, aggregate_version, occurred_at, body,
                traceparent
           FROM outbox WHERE seq > $1 AND seq <= $2 ORDER BY seq DESC LIMIT $3 OFFSET $4",
    )
    .bind(after)
    .bind(through)
    .bind(limit)
    .bind(skipped)
    .fetch_all(executor)
    .await
}

/// Makes the partitions of today and tomorrow.
pub(crate) async fn create_partitions(pool: &PgPool) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT outbox_create_partitions()").execute(pool).await?;
    Ok(())
}

/// Drops the days that are older than the stream keeps messages and fully published.
pub(crate) async fn drop_partitions(pool: &PgPool) -> Result<(), sqlx::Error> {
    let kept = PgInterval { months: 0, days: i32::from(stream::KEPT_DAYS), microseconds: 0 };
    while let Some(day) = sqlx::query_scalar::<_, Option<String>>("SELECT outbox_drop_partition($1)")
        .bind(kept)
        .fetch_one(pool)
        .await?
    {
        tracing::info!(day, "dropped a day of the outbox");
    }
    Ok(())
}
