//! Plans.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use meridian_types::{CaseId, PlanId};
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::domain::{Plan, PlanState, Responsibility, Stage, TaskWork};

/// A plan as it stands in the database.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stored {
    pub(crate) plan: Plan,
    /// Grows with every change.
    pub(crate) version: i64,
    pub(crate) opened_at: Timestamp,
    /// When all was held for the first time.
    pub(crate) committed_at: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct Row {
    version: i64,
    opened_at: jiff_sqlx::Timestamp,
    committed_at: Option<jiff_sqlx::Timestamp>,
    body: Json<Plan>,
}

impl Row {
    fn stored(self) -> Stored {
        Stored {
            plan: self.body.0,
            version: self.version,
            opened_at: self.opened_at.to_jiff(),
            committed_at: self.committed_at.map(jiff_sqlx::Timestamp::to_jiff),
        }
    }
}

/// The word for a state in the database.
pub(crate) const fn word(state: &PlanState) -> &'static str {
    match state {
        PlanState::Open(Stage::Holding, _) => "holding",
        PlanState::Open(Stage::Executing, _) => "executing",
        PlanState::Open(Stage::Replanning { .. }, _) => "replanning",
        PlanState::Open(Stage::Parked { .. }, _) => "parked",
        PlanState::Completed => "completed",
        PlanState::Ended => "ended",
    }
}

const fn responsibility(plan: &Plan) -> Option<&Responsibility> {
    match &plan.state {
        PlanState::Open(_, responsibility) => Some(responsibility),
        PlanState::Completed | PlanState::Ended => None,
    }
}

fn parked_at(plan: &Plan) -> Option<jiff_sqlx::Timestamp> {
    match plan.stage() {
        Some(Stage::Parked { since, .. }) => Some(since.to_sqlx()),
        _ => None,
    }
}

/// Stores a new plan of a case that has no open one.
pub(crate) async fn insert(conn: &mut PgConnection, stored: &Stored) -> Result<(), sqlx::Error> {
    let Stored { plan, version, opened_at, committed_at } = stored;
    let responsibility = responsibility(plan);
    sqlx::query(
        "INSERT INTO plan (plan_id, case_id, state, revision, owner, next_action, due_at, parked_at, opened_at,
                           committed_at, version, body)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(plan.plan_id.uuid())
    .bind(plan.case_id.uuid())
    .bind(word(&plan.state))
    .bind(plan.revision)
    .bind(responsibility.map(|it| it.owner.as_str()))
    .bind(responsibility.map(|it| it.next_action.as_str()))
    .bind(responsibility.map(|it| it.due.to_sqlx()))
    .bind(parked_at(plan))
    .bind(opened_at.to_sqlx())
    .bind(committed_at.map(ToSqlx::to_sqlx))
    .bind(version)
    .bind(Json(plan))
    .execute(&mut *conn)
    .await?;
    index_tasks(conn, plan).await
}

/// Stores a plan that was locked and changed.
pub(crate) async fn update(conn: &mut PgConnection, stored: &Stored) -> Result<(), sqlx::Error> {
    let Stored { plan, version, committed_at, .. } = stored;
    let responsibility = responsibility(plan);
    sqlx::query(
        "UPDATE plan SET state = $2, revision = $3, owner = $4, next_action = $5, due_at = $6, parked_at = $7,
                         committed_at = $8, version = $9, body = $10
          WHERE plan_id = $1",
    )
    .bind(plan.plan_id.uuid())
    .bind(word(&plan.state))
    .bind(plan.revision)
    .bind(responsibility.map(|it| it.owner.as_str()))
    .bind(responsibility.map(|it| it.next_action.as_str()))
    .bind(responsibility.map(|it| it.due.to_sqlx()))
    .bind(parked_at(plan))
    .bind(committed_at.map(ToSqlx::to_sqlx))
    .bind(version)
    .bind(Json(plan))
    .execute(&mut *conn)
    .await?;
    index_tasks(conn, plan).await
}

/// Remembers which tasks are the plan's, those taken over from the one before included.
async fn index_tasks(conn: &mut PgConnection, plan: &Plan) -> Result<(), sqlx::Error> {
    let ids: Vec<Uuid> = plan.tasks.iter().map(|task| task_uuid(&task.work)).collect();
    sqlx::query(
        "INSERT INTO plan_task (task_id, plan_id) SELECT task_id, $2 FROM unnest($1::uuid[]) AS task_id
         ON CONFLICT (task_id) DO UPDATE SET plan_id = excluded.plan_id WHERE plan_task.plan_id <> excluded.plan_id",
    )
    .bind(ids)
    .bind(plan.plan_id.uuid())
    .execute(conn)
    .await?;
    Ok(())
}

const fn task_uuid(work: &TaskWork) -> Uuid {
    match work {
        TaskWork::Hold { hold, .. } => hold.uuid(),
        TaskWork::Send { transfer, .. } | TaskWork::MoveInstrument { transfer, .. } => transfer.uuid(),
        TaskWork::Visit { visit, .. } => visit.uuid(),
        TaskWork::Order { order, .. } => order.uuid(),
        TaskWork::Refer { referral, .. } => referral.uuid(),
    }
}

/// The plan and the case that a task belongs to.
pub(crate) async fn of_task(
    conn: &mut PgConnection,
    task: Uuid,
) -> Result<Option<(PlanId, CaseId)>, sqlx::Error> {
    let row: Option<(Uuid, Uuid)> =
        sqlx::query_as("SELECT plan_id, case_id FROM plan_task JOIN plan USING (plan_id) WHERE task_id = $1")
            .bind(task)
            .fetch_optional(conn)
            .await?;
    Ok(row.map(|(plan, case)| (PlanId::from_uuid(plan), CaseId::from_uuid(case))))
}

/// A plan.
pub(crate) async fn find(conn: &mut PgConnection, plan: PlanId) -> Result<Option<Stored>, sqlx::Error> {
    let row: Option<Row> =
        sqlx::query_as("SELECT version, opened_at, committed_at, body FROM plan WHERE plan_id = $1")
            .bind(plan.uuid())
            .fetch_optional(conn)
            .await?;
    Ok(row.map(Row::stored))
}

/// The plan of a case: the open one, else the last.
pub(crate) async fn of_case(conn: &mut PgConnection, case: CaseId) -> Result<Option<Stored>, sqlx::Error> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT version, opened_at, committed_at, body FROM plan WHERE case_id = $1
          ORDER BY state IN ('completed', 'ended'), opened_at DESC, plan_id DESC LIMIT 1",
    )
    .bind(case.uuid())
    .fetch_optional(conn)
    .await?;
    Ok(row.map(Row::stored))
}

/// Every plan of a case, the newest first.
pub(crate) async fn all_of_case(conn: &mut PgConnection, case: CaseId) -> Result<Vec<Stored>, sqlx::Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT version, opened_at, committed_at, body FROM plan WHERE case_id = $1
          ORDER BY opened_at DESC, plan_id DESC",
    )
    .bind(case.uuid())
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(Row::stored).collect())
}

/// Open plans, the newest first.
pub(crate) async fn open(conn: &mut PgConnection, limit: i64) -> Result<Vec<Stored>, sqlx::Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT version, opened_at, committed_at, body FROM plan
          WHERE state NOT IN ('completed', 'ended') ORDER BY opened_at DESC, plan_id DESC LIMIT $1",
    )
    .bind(limit)
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(Row::stored).collect())
}

/// A place in a list of plans: an instant and a plan.
pub(crate) type Place = (Timestamp, PlanId);

/// Plans, newest first, after a place, perhaps of one state.
pub(crate) async fn page(
    conn: &mut PgConnection,
    state: Option<&str>,
    after: Option<Place>,
    limit: i64,
) -> Result<Vec<Stored>, sqlx::Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT version, opened_at, committed_at, body FROM plan
          WHERE ($1::text IS NULL OR state = $1)
            AND ($2::timestamptz IS NULL OR (opened_at, plan_id) < ($2, $3))
          ORDER BY opened_at DESC, plan_id DESC LIMIT $4",
    )
    .bind(state)
    .bind(after.map(|(at, _)| at.to_sqlx()))
    .bind(after.map(|(_, plan)| plan.uuid()))
    .bind(limit)
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(Row::stored).collect())
}

/// Parked plans, the oldest first, after a place.
pub(crate) async fn parked_page(
    conn: &mut PgConnection,
    after: Option<Place>,
    limit: i64,
) -> Result<Vec<Stored>, sqlx::Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT version, opened_at, committed_at, body FROM plan
          WHERE state = 'parked' AND ($1::timestamptz IS NULL OR (parked_at, plan_id) > ($1, $2))
          ORDER BY parked_at, plan_id LIMIT $3",
    )
    .bind(after.map(|(at, _)| at.to_sqlx()))
    .bind(after.map(|(_, plan)| plan.uuid()))
    .bind(limit)
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(Row::stored).collect())
}

/// Plans by state.
pub(crate) async fn count(conn: &mut PgConnection) -> Result<Vec<(String, i64)>, sqlx::Error> {
    sqlx::query_as("SELECT state, count(*) FROM plan GROUP BY state ORDER BY state").fetch_all(conn).await
}

/// Open plans without owner, next action or due time: 0, as a constraint sees to.
pub(crate) async fn count_without_responsibility(conn: &mut PgConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT count(*) FROM plan
          WHERE state NOT IN ('completed', 'ended') AND num_nonnulls(owner, next_action, due_at) < 3",
    )
    .fetch_one(conn)
    .await
}
