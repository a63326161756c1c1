//! Table `customer_case`: for whom a case is, and which date was told last.

use jiff::Timestamp;
use jiff_sqlx::{Timestamp as SqlTimestamp, ToSqlx};
use meridian_types::CaseId;
use sqlx::PgConnection;

/// For whom a case is.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct Party {
    /// Customer organisation.
    pub(crate) customer_id: String,
    /// Person who is told.
    pub(crate) person_id: String,
}

/// What is known of a case.
#[derive(Debug)]
pub(crate) struct CustomerCase {
    /// For whom it is; absent until that was read.
    pub(crate) party: Option<Party>,
    /// The date that was told last and still stands.
    pub(crate) promised_at: Option<Timestamp>,
}

/// A row of the table: customer, person, date told last.
type Row = (Option<String>, Option<String>, Option<SqlTimestamp>);

/// Locks the case until the unit of work ends; makes its row when there is none.
pub(crate) async fn lock(conn: &mut PgConnection, case_id: CaseId) -> Result<CustomerCase, sqlx::Error> {
    let (customer_id, person_id, promised_at) = loop {
        if let Some(row) = lock_existing(conn, case_id).await? {
            break row;
        }
        sqlx::query("INSERT INTO customer_case (case_id) VALUES ($1) ON CONFLICT DO NOTHING")
            .bind(case_id.uuid())
            .execute(&mut *conn)
            .await?;
    };
    let party = customer_id.zip(person_id).map(|(customer_id, person_id)| Party { customer_id, person_id });
    Ok(CustomerCase { party, promised_at: promised_at.map(SqlTimestamp::to_jiff) })
}

async fn lock_existing(conn: &mut PgConnection, case_id: CaseId) -> Result<Option<Row>, sqlx::Error> {
    sqlx::query_as(
        "SELECT customer_id, person_id, promised_at FROM customer_case WHERE case_id = $1 FOR UPDATE",
    )
    .bind(case_id.uuid())
    .fetch_optional(conn)
    .await
}

/// Writes down for whom a case is.
pub(crate) async fn set_party(
    conn: &mut PgConnection,
    case_id: CaseId,
    party: &Party,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE customer_case SET customer_id = $2, person_id = $3 WHERE case_id = $1")
        .bind(case_id.uuid())
        .bind(&party.customer_id)
        .bind(&party.person_id)
        .execute(conn)
        .await?;
    Ok(())
}

/// Writes down the date that was told last and still stands.
pub(crate) async fn set_promise(
    conn: &mut PgConnection,
    case_id: CaseId,
    promised_at: Option<Timestamp>,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE customer_case SET promised_at = $2 WHERE case_id = $1")
        .bind(case_id.uuid())
        .bind(promised_at.map(ToSqlx::to_sqlx))
        .execute(conn)
        .await?;
    Ok(())
}
