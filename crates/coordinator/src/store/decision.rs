//! What was asked, known and answered.

use std::fmt;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use meridian_planner::Horizon;
use meridian_planner::model::{Answer, Network, Request, World};
use meridian_types::{CaseId, SolutionId};
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

/// Which decision is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    /// The one that offered a solution.
    Offering(SolutionId),
    /// The latest one about a case.
    About(CaseId),
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Offering(id) => id.fmt(f),
            Self::About(id) => id.fmt(f),
        }
    }
}

type Row = (Json<Network>, Json<Horizon>, Json<World>, Json<Request>, Json<Answer>);

/// A decision that the planner took, as it can be taken again.
pub(crate) async fn read(
    conn: &mut PgConnection,
    which: Which,
) -> Result<Option<meridian_planner::Decision>, sqlx::Error> {
    let (solution, case) = match which {
        Which::Offering(id) => (Some(id.uuid()), None),
        Which::About(id) => (None, Some(id.uuid())),
    };
    let row: Option<Row> = sqlx::query_as(
        "SELECT network, horizon, world, request, answer
           FROM decision JOIN network_snapshot ON version = network_version
          WHERE request IS NOT NULL AND answer IS NOT NULL
            AND (decision_id = (SELECT decision_id FROM offered_solution WHERE solution_id = $1) OR case_id = $2)
          ORDER BY found_at DESC, decision_id DESC LIMIT 1",
    )
    .bind(solution)
    .bind(case)
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|(network, horizon, world, request, answer)| meridian_planner::Decision {
        network: network.0,
        horizon: horizon.0,
        world: world.0,
        request: request.0,
        answer: answer.0,
    }))
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

/// Deletes up to `limit` decisions from before a moment with their offers, and versions of the network that only they
/// followed from. Those that the plan of a case followed from are kept.
pub(crate) async fn forget(
    conn: &mut PgConnection,
    before: Timestamp,
    limit: i64,
) -> Result<u64, sqlx::Error> {
    let forgotten = sqlx::query(
        "WITH old AS (
             SELECT decision_id FROM decision
              WHERE found_at < $1
                AND NOT EXISTS (
                    SELECT FROM offered_solution offered JOIN plan USING (case_id)
                     WHERE offered.decision_id = decision.decision_id
                       AND body -> 'chosen' ->> 'solution_id'
                           = 'sol_' || replace(offered.solution_id::text, '-', ''))
              LIMIT $2),
         offers AS (DELETE FROM offered_solution USING old WHERE offered_solution.decision_id = old.decision_id)
         DELETE FROM decision USING old WHERE decision.decision_id = old.decision_id",
    )
    .bind(before.to_sqlx())
    .bind(limit)
    .execute(&mut *conn)
    .await?
    .rows_affected();
    if forgotten > 0 {
        // What is planned with now is newer than anything a decision followed from.
        sqlx::query(
            "DELETE FROM network_snapshot WHERE version < (SELECT min(network_version) FROM decision)",
        )
        .execute(conn)
        .await?;
    }
    Ok(forgotten)
}
