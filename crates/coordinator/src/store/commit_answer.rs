//! Final answers to commits.

use meridian_types::PlanId;
use sqlx::{PgConnection, PgExecutor};

/// The answer that was given, encoded.
pub(crate) async fn find(
    executor: impl PgExecutor<'_>,
    plan: PlanId,
) -> Result<Option<Vec<u8>>, sqlx::Error> {
    sqlx::query_scalar("SELECT response FROM commit_answer WHERE plan_id = $1")
        .bind(plan.uuid())
        .fetch_optional(executor)
        .await
}

/// Keeps an answer, unless one was given before. Returns the one that counts.
pub(crate) async fn keep(
    conn: &mut PgConnection,
    plan: PlanId,
    response: &[u8],
) -> Result<Vec<u8>, sqlx::Error> {
    sqlx::query("INSERT INTO commit_answer (plan_id, response) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(plan.uuid())
        .bind(response)
        .execute(&mut *conn)
        .await?;
    Ok(find(conn, plan).await?.unwrap_or_default())
}
