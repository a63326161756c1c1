//! How far a service has applied the events of one source.

use jiff_sqlx::ToSqlx;
use sqlx::{PgConnection, PgExecutor, PgPool};

use crate::Source;
use crate::envelope::Epoch;

/// The position of a reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReaderCursor {
    pub(crate) epoch: Epoch,
    /// Number applied last.
    pub(crate) pub_seq: u64,
    pub(crate) hint: StreamHint,
}

/// Where in which stream to go on: everything up to this place is applied. Only a hint, for streams are wiped and
/// made anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StreamHint {
    pub(crate) created_us: i64,
    pub(crate) stream_seq: u64,
}

impl ReaderCursor {
    /// Whether both stand behind the same event.
    pub(crate) fn is_at(&self, other: &Self) -> bool {
        self.epoch.id == other.epoch.id && self.pub_seq == other.pub_seq
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    epoch: String,
    epoch_base: i64,
    epoch_started: jiff_sqlx::Timestamp,
    pub_seq: i64,
    stream_created_us: i64,
    stream_seq: i64,
}

impl From<Row> for ReaderCursor {
    fn from(row: Row) -> Self {
        Self {
            epoch: Epoch {
                id: row.epoch,
                base: row.epoch_base.cast_unsigned(),
                started: row.epoch_started.to_jiff(),
            },
            pub_seq: row.pub_seq.cast_unsigned(),
            hint: StreamHint {
                created_us: row.stream_created_us,
                stream_seq: row.stream_seq.cast_unsigned(),
            },
        }
    }
}

/// The position, made at the very beginning where there is none.
pub(crate) async fn load_or_create(pool: &PgPool, source: &Source) -> Result<ReaderCursor, sqlx::Error> {
    sqlx::query(
        "INSERT INTO reader_cursor (source_region, source_service) VALUES ($1, $2) ON CONFLICT DO NOTHING",
    )
    .bind(source.region.as_str())
    .bind(source.service.as_str())
    .execute(pool)
    .await?;
    let row: Row = sqlx::query_as(
        "SELECT epoch, epoch_base, epoch_started, pub_seq, stream_created_us, stream_seq FROM reader_cursor
          WHERE source_region = $1 AND source_service = $2",
    )
    .bind(source.region.as_str())
    .bind(source.service.as_str())
    .fetch_one(pool)
    .await?;
    Ok(row.into())
}

/// The position, locked until the transaction ends: whoever holds the lock is the reader.
pub(crate) async fn lock(conn: &mut PgConnection, source: &Source) -> Result<ReaderCursor, sqlx::Error> {
    let row: Row = sqlx::query_as(
        "SELECT epoch, epoch_base, epoch_started, pub_seq, stream_created_us, stream_seq FROM reader_cursor
          WHERE source_region = $1 AND source_service = $2 FOR UPDATE",
    )
    .bind(source.region.as_str())
    .bind(source.service.as_str())
    .fetch_one(conn)
    .await?;
    Ok(row.into())
}

/// Stores the position.
pub(crate) async fn store(
    executor: impl PgExecutor<'_>,
    source: &Source,
    cursor: &ReaderCursor,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE reader_cursor
            SET epoch = $3, epoch_base = $4, epoch_started = $5, pub_seq = $6, stream_created_us = $7,
                stream_seq = $8
          WHERE source_region = $1 AND source_service = $2",
    )
    .bind(source.region.as_str())
    .bind(source.service.as_str())
    .bind(&cursor.epoch.id)
    .bind(cursor.epoch.base.cast_signed())
    .bind(cursor.epoch.started.to_sqlx())
    .bind(cursor.pub_seq.cast_signed())
    .bind(cursor.hint.created_us)
    .bind(cursor.hint.stream_seq.cast_signed())
    .execute(executor)
    .await?;
    Ok(())
}
