//! When engineers are away.

use jiff_sqlx::{Timestamp, ToSqlx};
use meridian_scheduler::workforce::Spans;
use meridian_types::{EngineerId, Interval};
use sqlx::PgConnection;
use uuid::Uuid;

use super::interval;
use crate::domain::absence::{Absence, AbsenceReason};

/// Stores an absence.
pub(crate) async fn insert(conn: &mut PgConnection, id: Uuid, absence: &Absence) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO absence (absence_id, engineer_id, during, reason)
         VALUES ($1, $2, tstzrange($3, $4, '[)'), $5)",
    )
    .bind(id)
    .bind(absence.engineer.as_str())
    .bind(absence.during.start().to_sqlx())
    .bind(absence.during.end().to_sqlx())
    .bind(match absence.reason {
        AbsenceReason::Ill => "ill",
        AbsenceReason::Leave => "leave",
        AbsenceReason::Other => "other",
    })
    .execute(conn)
    .await?;
    Ok(())
}

/// The absences of one engineer that touch `window`.
pub(crate) async fn overlapping(
    conn: &mut PgConnection,
    engineer: &EngineerId,
    window: Interval,
) -> sqlx::Result<Spans> {
    let bounds: Vec<(Timestamp, Timestamp)> = sqlx::query_as(
        "SELECT lower(during), upper(during) FROM absence
          WHERE engineer_id = $1 AND during && tstzrange($2, $3, '[)')",
    )
    .bind(engineer.as_str())
    .bind(window.start().to_sqlx())
    .bind(window.end().to_sqlx())
    .fetch_all(conn)
    .await?;
    bounds.into_iter().map(|(start, end)| interval("during", start, end)).collect()
}
