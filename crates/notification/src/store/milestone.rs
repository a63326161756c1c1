//! Table `milestone`: what happened to cases that customers hear about.

use meridian_types::{CaseId, PlanId};
use sqlx::types::Json;
use sqlx::{FromRow, PgConnection, Row as _, postgres::PgRow};
use uuid::Uuid;

use super::expected;
use crate::domain::milestone::Milestone;
use crate::domain::overtaking::Told;
use crate::domain::view::SafeView;

/// Whether a milestone was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MilestoneState {
    /// The case is not known yet.
    Waiting,
    /// Told.
    Told,
    /// Old news when it came.
    Overtaken,
}

impl MilestoneState {
    const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "WAITING",
            Self::Told => "TOLD",
            Self::Overtaken => "OVERTAKEN",
        }
    }
}

/// A recorded milestone.
#[derive(Debug)]
pub(crate) struct Recorded {
    /// Its place in the order of recording.
    pub(crate) seq: i64,
    /// The milestone.
    pub(crate) told: Told,
}

impl FromRow<'_, PgRow> for Recorded {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let name: &str = row.try_get("milestone")?;
        let told = Told {
            milestone: expected(Milestone::named(name), "milestone", "milestone", name)?,
            plan_id: row.try_get::<Option<Uuid>, _>("plan_id")?.map(PlanId::from_uuid),
            revision: row.try_get("revision")?,
            occurrence: row.try_get("occurrence")?,
            view: row.try_get::<Json<SafeView>, _>("view")?.0,
        };
        Ok(Self { seq: row.try_get("seq")?, told })
    }
}

/// Records a milestone, waiting. `None` when it was recorded before.
pub(crate) async fn insert(
    conn: &mut PgConnection,
    case_id: CaseId,
    told: &Told,
    traceparent: Option<&str>,
) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar(
        "INSERT INTO milestone (case_id, milestone, plan_id, revision, occurrence, view, state, traceparent)
         VALUES ($1, $2, $3, $4, $5, $6, 'WAITING', $7)
         ON CONFLICT DO NOTHING RETURNING seq",
    )
    .bind(case_id.uuid())
    .bind(told.milestone.name())
    .bind(told.plan_id.map(PlanId::uuid))
    .bind(told.revision)
    .bind(&told.occurrence)
    .bind(Json(&told.view))
    .bind(traceparent)
    .fetch_optional(conn)
    .await
}

/// The milestones of a case in one state, in the order of recording.
pub(crate) async fn of_case(
    conn: &mut PgConnection,
    case_id: CaseId,
    state: MilestoneState,
) -> Result<Vec<Recorded>, sqlx::Error> {
    sqlx::query_as(
        "SELECT seq, milestone, plan_id, revision, occurrence, view FROM milestone
          WHERE case_id = $1 AND state = $2 ORDER BY seq",
    )
    .bind(case_id.uuid())
    .bind(state.name())
    .fetch_all(conn)
    .await
}

/// Writes down what became of a milestone.
pub(crate) async fn set_state(
    conn: &mut PgConnection,
    seq: i64,
    state: MilestoneState,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE milestone SET state = $2 WHERE seq = $1")
        .bind(seq)
        .bind(state.name())
        .execute(conn)
        .await?;
    Ok(())
}
