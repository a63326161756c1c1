//! Tables `notice` and `attempt`, as senders use them: claim, try, settle.

use std::time::Duration;

use jiff::Timestamp;
use jiff_sqlx::{Timestamp as SqlTimestamp, ToSqlx};
use meridian_types::{CaseId, NoticeId};
use sqlx::types::Json;
use sqlx::{FromRow, PgConnection, PgExecutor, Row as _, postgres::PgRow};
use uuid::Uuid;

use super::expected;
use crate::domain::milestone::Milestone;
use crate::domain::notice::{Channel, Claimed, NoticeState, Text};
use crate::domain::view::SafeView;

impl FromRow<'_, PgRow> for Claimed {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let name: &str = row.try_get("milestone")?;
        Ok(Self {
            notice_id: NoticeId::from_uuid(row.try_get::<Uuid, _>("notice_id")?),
            case_id: CaseId::from_uuid(row.try_get::<Uuid, _>("case_id")?),
            milestone: expected(Milestone::named(name), "notice", "milestone", name)?,
            revision: row.try_get("revision")?,
            recipient: row.try_get("recipient")?,
            attempt: row.try_get("attempts")?,
            created_at: row.try_get::<SqlTimestamp, _>("created_at")?.to_jiff(),
            view: row.try_get::<Json<SafeView>, _>("view")?.0,
            traceparent: row.try_get("traceparent")?,
        })
    }
}

/// Whether anything can be claimed in a channel: a look that costs no transaction.
pub(crate) async fn is_due(executor: impl PgExecutor<'_>, channel: Channel) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT EXISTS (
             SELECT FROM notice n
              WHERE n.state = 'PENDING' AND n.channel = $1 AND n.due_at <= clock_timestamp()
                AND NOT EXISTS (
                    SELECT FROM notice earlier
                     WHERE earlier.state = 'PENDING' AND earlier.case_id = n.case_id
                       AND earlier.recipient = n.recipient AND earlier.channel = n.channel
                       AND earlier.seq < n.seq))",
    )
    .bind(channel.name())
    .fetch_one(executor)
    .await
}

/// Takes up to `limit` due notices for the length of a lease, and writes the attempt down for each. Of the notices
/// about one case to one recipient only the oldest can be taken: the next waits until that one is settled.
pub(crate) async fn claim(
    conn: &mut PgConnection,
    channel: Channel,
    lease: Duration,
    limit: i64,
) -> Result<Vec<Claimed>, sqlx::Error> {
    sqlx::query_as(
        "WITH next AS (
             SELECT n.notice_id FROM notice n
              WHERE n.state = 'PENDING' AND n.channel = $1 AND n.due_at <= clock_timestamp()
                AND NOT EXISTS (
                    SELECT FROM notice earlier
                     WHERE earlier.state = 'PENDING' AND earlier.case_id = n.case_id
                       AND earlier.recipient = n.recipient AND earlier.channel = n.channel
                       AND earlier.seq < n.seq)
              ORDER BY n.due_at, n.seq LIMIT $3
                FOR UPDATE SKIP LOCKED
         ), claimed AS (
             UPDATE notice n
                SET attempts = attempts + 1, due_at = clock_timestamp() + $2 * interval '1 millisecond'
               FROM next WHERE n.notice_id = next.notice_id
             RETURNING n.*
         ), tried AS (
             INSERT INTO attempt (notice_id, number) SELECT notice_id, attempts FROM claimed
         )
         SELECT c.notice_id, c.case_id, c.milestone, c.revision, c.recipient, c.attempts, c.created_at,
                m.view, m.traceparent
           FROM claimed c JOIN milestone m ON m.seq = c.milestone_seq
          ORDER BY c.seq",
    )
    .bind(channel.name())
    .bind(millis(lease))
    .bind(limit)
    .fetch_all(conn)
    .await
}

/// Locks a notice and says whether this claim still counts: nobody settled it or claimed it again.
pub(crate) async fn is_current(conn: &mut PgConnection, notice: &Claimed) -> Result<bool, sqlx::Error> {
    let found: Option<i32> = sqlx::query_scalar(
        "SELECT attempts FROM notice WHERE notice_id = $1 AND state = 'PENDING' AND attempts = $2 FOR UPDATE",
    )
    .bind(notice.notice_id.uuid())
    .bind(notice.attempt)
    .fetch_optional(conn)
    .await?;
    Ok(found.is_some())
}

/// Writes down how the attempt ended.
pub(crate) async fn end_attempt(
    conn: &mut PgConnection,
    notice: &Claimed,
    outcome: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE attempt SET ended_at = clock_timestamp(), outcome = $3 WHERE notice_id = $1 AND number = $2",
    )
    .bind(notice.notice_id.uuid())
    .bind(notice.attempt)
    .bind(outcome)
    .execute(conn)
    .await?;
    Ok(())
}

/// The notice was handed over, as this text.
pub(crate) async fn sent(
    conn: &mut PgConnection,
    notice_id: NoticeId,
    text: &Text,
    sent_at: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE notice SET state = 'SENT', language = $2, subject = $3, body = $4, sent_at = $5
          WHERE notice_id = $1",
    )
    .bind(notice_id.uuid())
    .bind(&text.language)
    .bind(&text.subject)
    .bind(&text.body)
    .bind(sent_at.to_sqlx())
    .execute(conn)
    .await?;
    Ok(())
}

/// The notice will not be sent any more.
pub(crate) async fn given_up(
    conn: &mut PgConnection,
    notice_id: NoticeId,
    state: NoticeState,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE notice SET state = $2 WHERE notice_id = $1")
        .bind(notice_id.uuid())
        .bind(state.name())
        .execute(conn)
        .await?;
    Ok(())
}

/// The notice is tried again after a pause.
pub(crate) async fn postponed(
    conn: &mut PgConnection,
    notice_id: NoticeId,
    pause: Duration,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE notice SET due_at = clock_timestamp() + $2 * interval '1 millisecond' WHERE notice_id = $1",
    )
    .bind(notice_id.uuid())
    .bind(millis(pause))
    .execute(conn)
    .await?;
    Ok(())
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
