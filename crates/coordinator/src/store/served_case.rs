//! Cases this region's coordinator has to do with.

use meridian_types::CaseId;
use sqlx::PgConnection;

/// Stands before the rows of all cases, for whoever locks several of them.
const SEVERAL_CASES: i64 = 0x006d_6572_6964_6361;

/// Makes the caller the only one to lock several cases, until its transaction ends: two that lock the same cases in
/// different orders would wait for each other.
pub(crate) async fn lock_several(conn: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(SEVERAL_CASES).execute(conn).await?;
    Ok(())
}

/// What is known of a case.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct ServedCase {
    /// Office that owns it, when it is known.
    pub(crate) office: Option<String>,
    pub(crate) closed: bool,
    /// Whether a party has accepted it.
    pub(crate) referred: bool,
    /// How often less lay at hand for it than before.
    pub(crate) offer_epoch: i64,
}

/// Locks the row of a case, making it when there is none.
pub(crate) async fn lock(conn: &mut PgConnection, case: CaseId) -> Result<ServedCase, sqlx::Error> {
    loop {
        let row = sqlx::query_as(
            "SELECT office, closed, referred, offer_epoch FROM served_case WHERE case_id = $1 FOR UPDATE",
        )
        .bind(case.uuid())
        .fetch_optional(&mut *conn)
        .await?;
        if let Some(row) = row {
            return Ok(row);
        }
        sqlx::query("INSERT INTO served_case (case_id) VALUES ($1) ON CONFLICT DO NOTHING")
            .bind(case.uuid())
            .execute(&mut *conn)
            .await?;
    }
}

/// Locks the row of a case unless somebody else has it locked. Returns whether it did.
pub(crate) async fn try_lock(conn: &mut PgConnection, case: CaseId) -> Result<bool, sqlx::Error> {
    let row = sqlx::query("SELECT FROM served_case WHERE case_id = $1 FOR UPDATE SKIP LOCKED")
        .bind(case.uuid())
        .fetch_optional(conn)
        .await?;
    Ok(row.is_some())
}

/// Remembers which office owns a case.
pub(crate) async fn set_office(
    conn: &mut PgConnection,
    case: CaseId,
    office: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO served_case (case_id, office) VALUES ($1, $2)
         ON CONFLICT (case_id) DO UPDATE SET office = excluded.office",
    )
    .bind(case.uuid())
    .bind(office)
    .execute(conn)
    .await?;
    Ok(())
}

/// Remembers which office owns a case of which none is known.
pub(crate) async fn set_office_if_unknown(
    conn: &mut PgConnection,
    case: CaseId,
    office: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO served_case (case_id, office) VALUES ($1, $2)
         ON CONFLICT (case_id) DO UPDATE SET office = excluded.office WHERE served_case.office IS NULL",
    )
    .bind(case.uuid())
    .bind(office)
    .execute(conn)
    .await?;
    Ok(())
}

/// Remembers that a case is closed.
pub(crate) async fn close(conn: &mut PgConnection, case: CaseId) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO served_case (case_id, closed) VALUES ($1, true)
         ON CONFLICT (case_id) DO UPDATE SET closed = true",
    )
    .bind(case.uuid())
    .execute(conn)
    .await?;
    Ok(())
}

/// Remembers whether a party has accepted a case.
pub(crate) async fn set_referred(
    conn: &mut PgConnection,
    case: CaseId,
    referred: bool,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO served_case (case_id, referred) VALUES ($1, $2)
         ON CONFLICT (case_id) DO UPDATE SET referred = excluded.referred",
    )
    .bind(case.uuid())
    .bind(referred)
    .execute(conn)
    .await?;
    Ok(())
}

/// How often less lay at hand for a case than before. Whoever reads what lies at hand reads this first: what is offered
/// counts on no more than there is, if it is the same still.
pub(crate) async fn offer_epoch(conn: &mut PgConnection, case: CaseId) -> Result<i64, sqlx::Error> {
    let known: Option<i64> = sqlx::query_scalar("SELECT offer_epoch FROM served_case WHERE case_id = $1")
        .bind(case.uuid())
        .fetch_optional(conn)
        .await?;
    Ok(known.unwrap_or_default())
}

/// Less lies at hand for a case than before.
pub(crate) async fn begin_offer_epoch(conn: &mut PgConnection, case: CaseId) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE served_case SET offer_epoch = offer_epoch + 1 WHERE case_id = $1")
        .bind(case.uuid())
        .execute(conn)
        .await?;
    Ok(())
}

/// Whether the case was ever heard of.
pub(crate) async fn exists(conn: &mut PgConnection, case: CaseId) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("SELECT EXISTS (SELECT FROM served_case WHERE case_id = $1)")
        .bind(case.uuid())
        .fetch_one(conn)
        .await
}
