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

/// Place of a row in publication order: transaction, then sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) xid: i64,
    pub(crate) seq: i64,
}

/// A committed event.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct OutboxRow {
    #[sqlx(flatten)]
    place: PlaceRow,
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

#[derive(Debug, sqlx::FromRow)]
struct PlaceRow {
    xid: i64,
    seq: i64,
}

impl OutboxRow {
    pub(crate) const fn place(&self) -> Place {
        Place { xid: self.place.xid, seq: self.place.seq }
    }

    pub(crate) fn occurred_at(&self) -> Timestamp {
        self.occurred_at.to_jiff()
    }
}

/// Appends the events to the open transaction, in their order, by one statement.
pub(crate) async fn append(
    conn: &mut PgConnection,
    occurred_at: Timestamp,
    emitted: &[Emitted],
) -> Result<(), sqlx::Error> {
    let column = |value: fn(&Emitted) -> &str| emitted.iter().map(value).collect::<Vec<_>>();
    sqlx::query(
        "INSERT INTO outbox (event_id, type_name, aggregate, event, aggregate_id, aggregate_version,
                             body, traceparent, occurred_at)
         SELECT *, $9 FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[],
                                  $7::text[], $8::text[])",
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

/// The next committed rows after a place whose order is final.
///
/// A row counts only when every transaction up to its own has ended (the snapshot's horizon): a transaction that
/// commits later can then no longer appear before it.
pub(crate) async fn read_after(
    executor: impl PgExecutor<'_>,
    after: Place,
    limit: i64,
) -> Result<Vec<OutboxRow>, sqlx::Error> {
    sqlx::query_as(
        "SELECT xid::text::bigint AS xid, seq, event_id, type_name, aggregate, event, aggregate_id,
                aggregate_version, occurred_at, body, traceparent
           FROM outbox
          WHERE (xid, seq) > ($1::bigint::text::xid8, $2) AND xid < pg_snapshot_xmin(pg_current_snapshot())
          ORDER BY xid, seq LIMIT $3",
    )
    .bind(after.xid)
    .bind(after.seq)
    .bind(limit)
    .fetch_all(executor)
    .await
}

/// The first rows between two places, the latter included.
pub(crate) async fn read_between(
    executor: impl PgExecutor<'_>,
    after: Place,
    through: Place,
    limit: i64,
) -> Result<Vec<OutboxRow>, sqlx::Error> {
    sqlx::query_as(
        "SELECT xid::text::bigint AS xid, seq, event_id, type_name, aggregate, event, aggregate_id,
                aggregate_version, occurred_at, body, traceparent
           FROM outbox
          WHERE (xid, seq) > ($1::bigint::text::xid8, $2) AND (xid, seq) <= ($3::bigint::text::xid8, $4)
          ORDER BY xid, seq LIMIT $5",
    )
    .bind(after.xid)
    .bind(after.seq)
    .bind(through.xid)
    .bind(through.seq)
    .bind(limit)
    .fetch_all(executor)
    .await
}

/// The last `limit` rows of those between `floor` (excluded) and `cursor` (included), the youngest first, after
/// skipping the `skipped` youngest.
pub(crate) async fn read_back(
    executor: impl PgExecutor<'_>,
    floor: Place,
    cursor: Place,
    skipped: i64,
    limit: i64,
) -> Result<Vec<OutboxRow>, sqlx::Error> {
    sqlx::query_as(
        "SELECT xid::text::bigint AS xid, seq, event_id, type_name, aggregate, event, aggregate_id,
                aggregate_version, occurred_at, body, traceparent
           FROM outbox
          WHERE (xid, seq) > ($1::bigint::text::xid8, $2) AND (xid, seq) <= ($3::bigint::text::xid8, $4)
          ORDER BY xid DESC, seq DESC LIMIT $5 OFFSET $6",
    )
    .bind(floor.xid)
    .bind(floor.seq)
    .bind(cursor.xid)
    .bind(cursor.seq)
    .bind(limit)
    .bind(skipped)
    .fetch_all(executor)
    .await
}

/// Whether one of the rows after `place` is the event.
pub(crate) async fn holds_after(
    executor: impl PgExecutor<'_>,
    place: Place,
    event_id: Uuid,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM outbox WHERE (xid, seq) > ($1::bigint::text::xid8, $2) AND event_id = $3)",
    )
    .bind(place.xid)
    .bind(place.seq)
    .bind(event_id)
    .fetch_one(executor)
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

/// The next transaction id and the highest in the outbox, when the former is not above the latter: new rows would
/// then stand before old ones.
pub(crate) async fn counter_behind(pool: &PgPool) -> Result<Option<(i64, i64)>, sqlx::Error> {
    let (next, highest): (i64, i64) = sqlx::query_as(
        "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint,
                coalesce((SELECT xid::text::bigint FROM outbox ORDER BY xid DESC LIMIT 1), 0)",
    )
    .fetch_one(pool)
    .await?;
    Ok((next <= highest).then_some((next, highest)))
}
