//! Visits of work orders, and what customers know of them.

use meridian_types::{CaseId, VisitId};
use sqlx::PgConnection;
use sqlx::types::Json;

use crate::domain::Appointment;

/// What is known of a work order of a case.
pub(crate) async fn find(
    conn: &mut PgConnection,
    case: CaseId,
    order: VisitId,
) -> Result<Option<Appointment>, sqlx::Error> {
    let body: Option<Json<Appointment>> =
        sqlx::query_scalar("SELECT body FROM appointment WHERE case_id = $1 AND order_id = $2")
            .bind(case.uuid())
            .bind(order.uuid())
            .fetch_optional(conn)
            .await?;
    Ok(body.map(|body| body.0))
}

/// What is known of all work orders of a case.
pub(crate) async fn of_case(conn: &mut PgConnection, case: CaseId) -> Result<Vec<Appointment>, sqlx::Error> {
    let bodies: Vec<Json<Appointment>> =
        sqlx::query_scalar("SELECT body FROM appointment WHERE case_id = $1 ORDER BY order_id")
            .bind(case.uuid())
            .fetch_all(conn)
            .await?;
    Ok(bodies.into_iter().map(|body| body.0).collect())
}

/// Remembers what is known of a work order now.
pub(crate) async fn put(conn: &mut PgConnection, appointment: &Appointment) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO appointment (case_id, order_id, body) VALUES ($1, $2, $3)
         ON CONFLICT (case_id, order_id) DO UPDATE SET body = excluded.body",
    )
    .bind(appointment.case_id.uuid())
    .bind(appointment.order.uuid())
    .bind(Json(appointment))
    .execute(conn)
    .await?;
    Ok(())
}

/// Forgets a work order.
pub(crate) async fn forget(conn: &mut PgConnection, case: CaseId, order: VisitId) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM appointment WHERE case_id = $1 AND order_id = $2")
        .bind(case.uuid())
        .bind(order.uuid())
        .execute(conn)
        .await?;
    Ok(())
}
