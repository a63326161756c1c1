//! Searches for another solution that plans are waiting for.

use meridian_types::{CaseId, PlanId};
use sqlx::types::Json;
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

use crate::domain::Search;

/// A search to be done.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SearchJob {
    pub(crate) plan_id: PlanId,
    pub(crate) case_id: CaseId,
    pub(crate) search: Search,
}

/// Asks for a search, in place of an earlier one of the plan.
pub(crate) async fn put(conn: &mut PgConnection, plan: PlanId, search: &Search) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO search_job (plan_id, search, body) VALUES ($1, $2, $3)
         ON CONFLICT (plan_id) DO UPDATE
            SET search = excluded.search, body = excluded.body, leased_until = '-infinity'",
    )
    .bind(plan.uuid())
    .bind(search.search)
    .bind(Json(search))
    .execute(conn)
    .await?;
    Ok(())
}

/// Whether a search waits for a worker.
pub(crate) async fn is_waiting(executor: impl PgExecutor<'_>) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("SELECT EXISTS (SELECT FROM search_job WHERE leased_until < now())")
        .fetch_one(executor)
        .await
}

/// Takes at most `limit` searches for so many seconds; afterwards they wait again.
pub(crate) async fn take(
    conn: &mut PgConnection,
    limit: i64,
    lease_seconds: i32,
) -> Result<Vec<SearchJob>, sqlx::Error> {
    let rows: Vec<(Uuid, Uuid, Json<Search>)> = sqlx::query_as(
        "UPDATE search_job SET leased_until = now() + make_interval(secs => $1)
           FROM plan
          WHERE plan.plan_id = search_job.plan_id AND search_job.plan_id IN (
                    SELECT plan_id FROM search_job WHERE leased_until < now()
                     ORDER BY leased_until, plan_id LIMIT $2 FOR UPDATE SKIP LOCKED)
         RETURNING plan.plan_id, plan.case_id, search_job.body",
    )
    .bind(f64::from(lease_seconds))
    .bind(limit)
    .fetch_all(conn)
    .await?;
    let job = |(plan, case, Json(search))| SearchJob {
        plan_id: PlanId::from_uuid(plan),
        case_id: CaseId::from_uuid(case),
        search,
    };
    let mut jobs: Vec<SearchJob> = rows.into_iter().map(job).collect();
    jobs.sort_by_key(|job| job.plan_id);
    Ok(jobs)
}

/// Removes a search that was done. `false` when the plan asks for another one by now.
pub(crate) async fn remove(conn: &mut PgConnection, plan: PlanId, search: i32) -> Result<bool, sqlx::Error> {
    let removed = sqlx::query("DELETE FROM search_job WHERE plan_id = $1 AND search = $2")
        .bind(plan.uuid())
        .bind(search)
        .execute(conn)
        .await?;
    Ok(removed.rows_affected() > 0)
}
