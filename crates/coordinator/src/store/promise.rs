//! Dates told to customers.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use meridian_types::{CaseId, PlanId, PromiseId};
use sqlx::PgConnection;
use uuid::Uuid;

/// A date told to a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Promise {
    pub(crate) promise_id: PromiseId,
    pub(crate) case_id: CaseId,
    pub(crate) plan_id: PlanId,
    pub(crate) revision: i32,
    pub(crate) promised_at: Timestamp,
    /// Zone the customer reads it in.
    pub(crate) zone: String,
    /// "open", "kept", "corrected", "broken" or "withdrawn".
    pub(crate) state: String,
    pub(crate) replaces: Option<PromiseId>,
    pub(crate) made_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct Row {
    promise_id: Uuid,
    case_id: Uuid,
    plan_id: Uuid,
    revision: i32,
    promised_at: jiff_sqlx::Timestamp,
    zone: String,
    state: String,
    replaces: Option<Uuid>,
    made_at: jiff_sqlx::Timestamp,
}

impl Row {
    fn promise(self) -> Promise {
        Promise {
            promise_id: PromiseId::from_uuid(self.promise_id),
            case_id: CaseId::from_uuid(self.case_id),
            plan_id: PlanId::from_uuid(self.plan_id),
            revision: self.revision,
            promised_at: self.promised_at.to_jiff(),
            zone: self.zone,
            state: self.state,
            replaces: self.replaces.map(PromiseId::from_uuid),
            made_at: self.made_at.to_jiff(),
        }
    }
}

/// Adds a promise.
pub(crate) async fn insert(conn: &mut PgConnection, promise: &Promise) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO promise (promise_id, case_id, plan_id, revision, promised_at, zone, state, replaces, made_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(promise.promise_id.uuid())
    .bind(promise.case_id.uuid())
    .bind(promise.plan_id.uuid())
    .bind(promise.revision)
    .bind(promise.promised_at.to_sqlx())
    .bind(&promise.zone)
    .bind(&promise.state)
    .bind(promise.replaces.map(PromiseId::uuid))
    .bind(promise.made_at.to_sqlx())
    .execute(conn)
    .await?;
    Ok(())
}

/// Ends an open promise. One that has ended stays as it ended.
pub(crate) async fn settle(
    conn: &mut PgConnection,
    promise: PromiseId,
    state: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE promise SET state = $2 WHERE promise_id = $1 AND state = 'open'")
        .bind(promise.uuid())
        .bind(state)
        .execute(conn)
        .await?;
    Ok(())
}

/// A place in the list of promises.
pub(crate) type Place = (Timestamp, PromiseId);

/// Promises, oldest first, after a place, perhaps of one case or in one state.
pub(crate) async fn page(
    conn: &mut PgConnection,
    case: Option<CaseId>,
    state: Option<&str>,
    after: Option<Place>,
    limit: i64,
) -> Result<Vec<Promise>, sqlx::Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT promise_id, case_id, plan_id, revision, promised_at, zone, state, replaces, made_at FROM promise
          WHERE ($1::uuid IS NULL OR case_id = $1) AND ($2::text IS NULL OR state = $2)
            AND ($3::timestamptz IS NULL OR (made_at, promise_id) > ($3, $4))
          ORDER BY made_at, promise_id LIMIT $5",
    )
    .bind(case.map(CaseId::uuid))
    .bind(state)
    .bind(after.map(|(at, _)| at.to_sqlx()))
    .bind(after.map(|(_, promise)| promise.uuid()))
    .bind(limit)
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(Row::promise).collect())
}

/// Promises by state.
pub(crate) async fn count(conn: &mut PgConnection) -> Result<Vec<(String, i64)>, sqlx::Error> {
    sqlx::query_as("SELECT state, count(*) FROM promise GROUP BY state ORDER BY state").fetch_all(conn).await
}
