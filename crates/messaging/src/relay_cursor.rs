//! How far a relay has published.

use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

use crate::envelope::Epoch;

/// The relay's position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RelayCursor {
    pub(crate) epoch: Epoch,
    /// Outbox row published last.
    pub(crate) seq: i64,
    /// Its number.
    pub(crate) pub_seq: u64,
    pub(crate) floor: Floor,
    pub(crate) mark: Option<Mark>,
}

impl RelayCursor {
    /// Whether its epoch is one of the database with this [history](database_history).
    pub(crate) fn is_of(&self, history: &str) -> bool {
        let rest = self.epoch.id.strip_prefix(history);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    }
}

/// Last row of those that were dropped for their age.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Floor {
    pub(crate) seq: i64,
    pub(crate) pub_seq: u64,
}

/// The highest acknowledged place in the stream, and the event that stands there. While it does, the stream has
/// everything up to the cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) stream_seq: u64,
    pub(crate) event_id: Uuid,
}

impl Mark {
    /// The higher of the two.
    pub(crate) fn highest(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        one.into_iter().chain(other).max_by_key(|mark| mark.stream_seq)
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    epoch: String,
    epoch_base: i64,
    epoch_started: jiff_sqlx::Timestamp,
    seq: i64,
    pub_seq: i64,
    floor_seq: i64,
    floor_pub_seq: i64,
    stream_seq: Option<i64>,
    stream_event: Option<Uuid>,
}

impl From<Row> for RelayCursor {
    fn from(row: Row) -> Self {
        Self {
            epoch: Epoch {
                id: row.epoch,
                base: row.epoch_base.cast_unsigned(),
                started: row.epoch_started.to_jiff(),
            },
            seq: row.seq,
            pub_seq: row.pub_seq.cast_unsigned(),
            floor: Floor { seq: row.floor_seq, pub_seq: row.floor_pub_seq.cast_unsigned() },
            mark: row
                .stream_seq
                .zip(row.stream_event)
                .map(|(seq, event_id)| Mark { stream_seq: seq.cast_unsigned(), event_id }),
        }
    }
}

/// The position as it stands in the database.
pub(crate) async fn load(executor: impl PgExecutor<'_>) -> Result<Option<RelayCursor>, sqlx::Error> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT epoch, epoch_base, epoch_started, seq, pub_seq, floor_seq, floor_pub_seq, stream_seq, stream_event
           FROM relay_cursor",
    )
    .fetch_optional(executor)
    .await?;
    Ok(row.map(RelayCursor::from))
}

/// The position, made at the very beginning of `history` where there is none.
pub(crate) async fn load_or_create(
    conn: &mut PgConnection,
    history: &str,
) -> Result<RelayCursor, sqlx::Error> {
    sqlx::query(
        "INSERT INTO relay_cursor (epoch, epoch_base, epoch_started, seq, pub_seq)
         VALUES ($1, 0, now(), 0, 0) ON CONFLICT DO NOTHING",
    )
    .bind(history)
    .execute(&mut *conn)
    .await?;
    load(conn).await?.ok_or(sqlx::Error::RowNotFound)
}

/// Begins an epoch although the history is the same: the database stands at an earlier point than the stream (a
/// copied volume, say).
pub(crate) async fn begin_epoch_within(
    conn: &mut PgConnection,
    history: &str,
) -> Result<RelayCursor, sqlx::Error> {
    let moment: String =
        sqlx::query_scalar("SELECT to_char(now(), 'YYYYMMDDHH24MISSUS')").fetch_one(&mut *conn).await?;
    begin_epoch(conn, &format!("{history}-{moment}")).await
}

/// Begins an epoch at the position.
pub(crate) async fn begin_epoch(conn: &mut PgConnection, id: &str) -> Result<RelayCursor, sqlx::Error> {
    sqlx::query(
        "UPDATE relay_cursor
            SET epoch = $1, epoch_base = pub_seq,
                epoch_started = greatest(now(), epoch_started + interval '1 microsecond')",
    )
    .bind(id)
    .execute(&mut *conn)
    .await?;
    load(conn).await?.ok_or(sqlx::Error::RowNotFound)
}

/// `<system identifier>-<timeline>`: another one after every restore. The timeline is read from the log position,
/// because the control file learns of a new one only at the next checkpoint.
pub(crate) async fn database_history(conn: &mut PgConnection) -> Result<String, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT system_identifier || '-' || ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int
           FROM pg_control_system()",
    )
    .fetch_one(conn)
    .await
}

/// Moves the position from `from` to `to`, if nobody else did meanwhile. Returns whether it was moved.
pub(crate) async fn advance(
    conn: &mut PgConnection,
    from: &RelayCursor,
    to: &RelayCursor,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE relay_cursor
            SET seq = $1, pub_seq = $2, stream_seq = $3, stream_event = $4
          WHERE epoch = $5 AND pub_seq = $6 AND stream_seq IS NOT DISTINCT FROM $7",
    )
    .bind(to.seq)
    .bind(to.pub_seq.cast_signed())
    .bind(to.mark.map(|mark| mark.stream_seq.cast_signed()))
    .bind(to.mark.map(|mark| mark.event_id))
    .bind(&from.epoch.id)
    .bind(from.pub_seq.cast_signed())
    .bind(from.mark.map(|mark| mark.stream_seq.cast_signed()))
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_mark_wins() {
        let mark = |stream_seq| Some(Mark { stream_seq, event_id: Uuid::nil() });
        assert_eq!(Mark::highest(mark(3), mark(7)), mark(7));
        assert_eq!(Mark::highest(None, mark(7)), mark(7));
        assert_eq!(Mark::highest(None, None), None);
    }
}
