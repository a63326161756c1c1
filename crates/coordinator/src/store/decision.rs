//! What was asked, known and answered.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use meridian_planner::Horizon;
use meridian_planner::model::{Answer, Network, Request, World};
use meridian_types::CaseId;
use sqlx::types::Json;
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

/// A decision with everything it followed from, but the network.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Decision {
    pub(crate) decision_id: Uuid,
    pub(crate) case_id: Option<CaseId>,
    pub(crate) found_at: Timestamp,
    pub(crate) policy_version: i32,
    pub(crate) network_version: i64,
    pub(crate) horizon: Horizon,
    pub(crate) world: World,
    /// Absent for what is not ours to do.
    pub(crate) request: Option<Request>,
    pub(crate) answer: Option<Answer>,
}

/// Whether a version of the network is kept.
pub(crate) async fn has_network(executor: impl PgExecutor<'_>, version: i64) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("SELECT EXISTS (SELECT FROM network_snapshot WHERE version = $1)")
        .bind(version)
        .fetch_one(executor)
        .await
}

/// Keeps a version of the network.
pub(crate) async fn keep_network(
    conn: &mut PgConnection,
    version: i64,
    network: &Network,
) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO network_snapshot (version, network) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(version)
        .bind(Json(network))
        .execute(conn)
        .await?;
    Ok(())
}

/// Keeps a decision.
pub(crate) async fn insert(conn: &mut PgConnection, decision: &Decision) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO decision (decision_id, case_id, found_at, policy_version, network_version, horizon, world,
                               request, answer)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(decision.decision_id)
    .bind(decision.case_id.map(CaseId::uuid))
    .bind(decision.found_at.to_sqlx())
    .bind(decision.policy_version)
    .bind(decision.network_version)
    .bind(Json(decision.horizon))
    .bind(Json(&decision.world))
    .bind(decision.request.as_ref().map(Json))
    .bind(decision.answer.as_ref().map(Json))
    .execute(conn)
    .await?;
    Ok(())
}
