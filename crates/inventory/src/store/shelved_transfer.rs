//! Table `shelved_transfer`.

use meridian_types::{CaseId, TransferId};
use sqlx::PgConnection;

/// Whether what the transfer brought was put onto a shelf here.
pub(crate) async fn exists(conn: &mut PgConnection, id: TransferId) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("SELECT EXISTS (SELECT FROM shelved_transfer WHERE transfer_id = $1)")
        .bind(id.uuid())
        .fetch_one(conn)
        .await
}

/// Remembers that what the transfer brought is on a shelf here.
pub(crate) async fn insert(
    conn: &mut PgConnection,
    id: TransferId,
    case_id: CaseId,
) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO shelved_transfer (transfer_id, case_id) VALUES ($1, $2)")
        .bind(id.uuid())
        .bind(case_id.uuid())
        .execute(conn)
        .await?;
    Ok(())
}
