//! What happened to cases.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use meridian_types::CaseId;
use sqlx::PgConnection;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) position: i64,
    pub(crate) time: Timestamp,
    pub(crate) region: String,
    pub(crate) service: String,
    pub(crate) event: String,
    pub(crate) text: String,
}

#[derive(sqlx::FromRow)]
struct Row {
    position: i64,
    time: jiff_sqlx::Timestamp,
    region: String,
    service: String,
    event: String,
    text: String,
}

/// Adds an entry at the end; its own position is not read. Positions of a case are without a gap, and appear in order.
pub(crate) async fn append(conn: &mut PgConnection, case: CaseId, entry: &Entry) -> Result<(), sqlx::Error> {
    sqlx::query(
        "WITH next AS (
             INSERT INTO served_case (case_id, entries) VALUES ($1, 1)
             ON CONFLICT (case_id) DO UPDATE SET entries = served_case.entries + 1
             RETURNING case_id, entries)
         INSERT INTO timeline (case_id, position, time, region, service, event, text)
         SELECT case_id, entries, $2, $3, $4, $5, $6 FROM next",
    )
    .bind(case.uuid())
    .bind(entry.time.to_sqlx())
    .bind(&entry.region)
    .bind(&entry.service)
    .bind(&entry.event)
    .bind(&entry.text)
    .execute(conn)
    .await?;
    Ok(())
}

/// Entries after a position, in order, at most `limit`.
pub(crate) async fn after(
    conn: &mut PgConnection,
    case: CaseId,
    position: i64,
    limit: i64,
) -> Result<Vec<Entry>, sqlx::Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT position, time, region, service, event, text FROM timeline
          WHERE case_id = $1 AND position > $2 ORDER BY position LIMIT $3",
    )
    .bind(case.uuid())
    .bind(position)
    .bind(limit)
    .fetch_all(conn)
    .await?;
    let entry = |row: Row| {
        let Row { position, time, region, service, event, text } = row;
        Entry { position, time: time.to_jiff(), region, service, event, text }
    };
    Ok(rows.into_iter().map(entry).collect())
}
