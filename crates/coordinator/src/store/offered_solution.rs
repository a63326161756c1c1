//! Solutions that were offered for cases.

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use meridian_proto::coordinator::v1 as pb;
use meridian_proto::json;
use meridian_types::{CaseId, SolutionId};
use sqlx::types::Json;
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

use crate::domain::Chosen;
use crate::offer::Offer;

/// An offer, as far as committing it is concerned.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Offered {
    pub(crate) case_id: CaseId,
    pub(crate) valid_until: Timestamp,
    pub(crate) deadline: Option<Timestamp>,
    pub(crate) chosen: Chosen,
}

/// Keeps an offer.
pub(crate) async fn insert(
    conn: &mut PgConnection,
    case: CaseId,
    decision: Uuid,
    deadline: Option<Timestamp>,
    offer: &Offer,
) -> Result<(), sqlx::Error> {
    let solution = json::to_string(&offer.solution).map_err(|error| sqlx::Error::Encode(error.into()))?;
    sqlx::query(
        "INSERT INTO offered_solution (solution_id, case_id, decision_id, valid_until, deadline, solution, chosen)
         VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7)",
    )
    .bind(offer.chosen.solution_id.uuid())
    .bind(case.uuid())
    .bind(decision)
    .bind(offer.valid_until.to_sqlx())
    .bind(deadline.map(ToSqlx::to_sqlx))
    .bind(solution)
    .bind(Json(&offer.chosen))
    .execute(conn)
    .await?;
    Ok(())
}

/// What is offered for a case will be committed for another deadline.
pub(crate) async fn set_deadline(
    conn: &mut PgConnection,
    case: CaseId,
    deadline: Option<Timestamp>,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE offered_solution SET deadline = $2 WHERE case_id = $1 AND deadline IS DISTINCT FROM $2",
    )
    .bind(case.uuid())
    .bind(deadline.map(ToSqlx::to_sqlx))
    .execute(conn)
    .await?;
    Ok(())
}

/// What was offered for a case is offered no more from `now` on, unless it is for the need `but_for`.
pub(crate) async fn expire(
    conn: &mut PgConnection,
    case: CaseId,
    but_for: Option<&str>,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    let until = before(now);
    sqlx::query(
        "UPDATE offered_solution SET valid_until = $3
          WHERE case_id = $1 AND valid_until > $3
            AND ($2 IS NULL OR coalesce(chosen ->> 'need', '') NOT IN ('', $2))",
    )
    .bind(case.uuid())
    .bind(but_for)
    .bind(until.to_sqlx())
    .execute(conn)
    .await?;
    Ok(())
}

/// The last instant before another one: until then something was offered that is void now.
pub(crate) fn before(now: Timestamp) -> Timestamp {
    now - SignedDuration::from_micros(1)
}

/// An offer.
pub(crate) async fn find(
    conn: &mut PgConnection,
    solution: SolutionId,
) -> Result<Option<Offered>, sqlx::Error> {
    type Row = (Uuid, jiff_sqlx::Timestamp, Option<jiff_sqlx::Timestamp>, Json<Chosen>);
    let row: Option<Row> = sqlx::query_as(
        "SELECT case_id, valid_until, deadline, chosen FROM offered_solution WHERE solution_id = $1",
    )
    .bind(solution.uuid())
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|(case, valid_until, deadline, Json(chosen))| Offered {
        case_id: CaseId::from_uuid(case),
        valid_until: valid_until.to_jiff(),
        deadline: deadline.map(jiff_sqlx::Timestamp::to_jiff),
        chosen,
    }))
}

/// A solution as callers see it.
pub(crate) async fn message(
    executor: impl PgExecutor<'_>,
    solution: SolutionId,
) -> Result<Option<pb::Solution>, sqlx::Error> {
    let text: Option<String> =
        sqlx::query_scalar("SELECT solution::text FROM offered_solution WHERE solution_id = $1")
            .bind(solution.uuid())
            .fetch_optional(executor)
            .await?;
    text.map(|text| json::from_slice(text.as_bytes()).map_err(|error| sqlx::Error::Decode(error.into())))
        .transpose()
}
