//! Table `notice`: one message to one recipient through one channel.

use jiff::Timestamp;
use jiff_sqlx::{Timestamp as SqlTimestamp, ToSqlx};
use meridian_types::{CaseId, NoticeId};
use sqlx::{FromRow, PgConnection, PgExecutor, Row as _, postgres::PgRow};
use uuid::Uuid;

use super::expected;
use super::milestone::Recorded;
use crate::domain::notice::{Channel, NoticeState};

/// A notice to be written down.
#[derive(Debug)]
pub(crate) struct NewNotice<'a> {
    pub(crate) notice_id: NoticeId,
    pub(crate) case_id: CaseId,
    pub(crate) recorded: &'a Recorded,
    pub(crate) recipient: &'a str,
    pub(crate) channel: Channel,
    pub(crate) state: NoticeState,
    pub(crate) created_at: Timestamp,
}

/// A notice as the API shows it.
#[derive(Debug)]
pub(crate) struct NoticeRow {
    pub(crate) seq: i64,
    pub(crate) notice_id: NoticeId,
    pub(crate) case_id: CaseId,
    pub(crate) milestone: String,
    pub(crate) revision: i32,
    pub(crate) recipient: String,
    pub(crate) channel: Channel,
    pub(crate) state: NoticeState,
    pub(crate) language: String,
    pub(crate) subject: String,
    pub(crate) body: String,
    pub(crate) attempts: i32,
    pub(crate) created_at: Timestamp,
    pub(crate) sent_at: Option<Timestamp>,
}

impl FromRow<'_, PgRow> for NoticeRow {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let (channel, state): (&str, &str) = (row.try_get("channel")?, row.try_get("state")?);
        Ok(Self {
            seq: row.try_get("seq")?,
            notice_id: NoticeId::from_uuid(row.try_get::<Uuid, _>("notice_id")?),
            case_id: CaseId::from_uuid(row.try_get::<Uuid, _>("case_id")?),
            milestone: row.try_get("milestone")?,
            revision: row.try_get("revision")?,
            recipient: row.try_get("recipient")?,
            channel: expected(Channel::named(channel), "notice", "channel", channel)?,
            state: expected(NoticeState::named(state), "notice", "state", state)?,
            language: row.try_get("language")?,
            subject: row.try_get("subject")?,
            body: row.try_get("body")?,
            attempts: row.try_get("attempts")?,
            created_at: row.try_get::<SqlTimestamp, _>("created_at")?.to_jiff(),
            sent_at: row.try_get::<Option<SqlTimestamp>, _>("sent_at")?.map(SqlTimestamp::to_jiff),
        })
    }
}

/// Writes a notice down, unless the same was written before.
pub(crate) async fn insert(conn: &mut PgConnection, notice: &NewNotice<'_>) -> Result<(), sqlx::Error> {
    let told = &notice.recorded.told;
    sqlx::query(
        "INSERT INTO notice (notice_id, milestone_seq, case_id, milestone, revision, occurrence, recipient,
                             channel, state, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT (case_id, milestone, revision, occurrence, recipient, channel) DO NOTHING",
    )
    .bind(notice.notice_id.uuid())
    .bind(notice.recorded.seq)
    .bind(notice.case_id.uuid())
    .bind(told.milestone.name())
    .bind(told.revision)
    .bind(&told.occurrence)
    .bind(notice.recipient)
    .bind(notice.channel.name())
    .bind(notice.state.name())
    .bind(notice.created_at.to_sqlx())
    .execute(conn)
    .await?;
    Ok(())
}

/// Notices after a place in their order, oldest first.
pub(crate) async fn list(
    executor: impl PgExecutor<'_>,
    case_id: Option<CaseId>,
    state: Option<NoticeState>,
    after_seq: i64,
    limit: i64,
) -> Result<Vec<NoticeRow>, sqlx::Error> {
    sqlx::query_as(
        "SELECT seq, notice_id, case_id, milestone, revision, recipient, channel, state, language, subject, body,
                attempts, created_at, sent_at
           FROM notice
          WHERE seq > $1 AND ($2::uuid IS NULL OR case_id = $2) AND ($3::text IS NULL OR state = $3)
          ORDER BY seq LIMIT $4",
    )
    .bind(after_seq)
    .bind(case_id.map(CaseId::uuid))
    .bind(state.map(NoticeState::name))
    .bind(limit)
    .fetch_all(executor)
    .await
}

/// How many notices stand in each state.
pub(crate) async fn count(executor: impl PgExecutor<'_>) -> Result<Vec<(NoticeState, i64)>, sqlx::Error> {
    let rows: Vec<(String, i64)> =
        sqlx::query_as("SELECT state, count(*) FROM notice GROUP BY state").fetch_all(executor).await?;
    rows.into_iter()
        .map(|(name, notices)| Ok((expected(NoticeState::named(&name), "notice", "state", &name)?, notices)))
        .collect()
}

/// Notices beyond the first of the same thing to the same recipient through the same channel. The unique key says
/// that there are none; this looks.
pub(crate) async fn duplicates(executor: impl PgExecutor<'_>) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT coalesce(sum(copies - 1), 0)::bigint
           FROM (SELECT count(*) AS copies FROM notice
                  GROUP BY case_id, milestone, revision, occurrence, recipient, channel) AS told",
    )
    .fetch_one(executor)
    .await
}
