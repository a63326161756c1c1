//! Table `transfer`.

use jiff_sqlx::ToSqlx;
use meridian_types::{CaseId, HoldId, ReceiptId, TransferId};
use sqlx::PgConnection;
use sqlx::types::{Json, Uuid};

use super::parsed;
use crate::domain::stock::Line;
use crate::domain::transfer::{Cargo, KitOrder, Transfer, TransferState};

#[derive(sqlx::FromRow)]
struct TransferRow {
    transfer_id: Uuid,
    seq: i64,
    case_id: Uuid,
    hold_id: Option<Uuid>,
    lines: Json<Vec<Line>>,
    kits: Json<Vec<KitOrder>>,
    serial_number: Option<String>,
    from_site_id: String,
    to_site_id: String,
    to_region: Option<String>,
    for_case: bool,
    state: String,
    expected_at: Option<jiff_sqlx::Timestamp>,
    due_back: Option<jiff_sqlx::Timestamp>,
    version: i64,
}

impl TryFrom<TransferRow> for Transfer {
    type Error = sqlx::Error;
    fn try_from(row: TransferRow) -> Result<Self, sqlx::Error> {
        let cargo = match row.serial_number {
            Some(serial_number) => Cargo::Instrument(parsed(&serial_number)?),
            None => {
                let mut lines = row.lines.0;
                lines.sort();
                Cargo::Goods { hold_id: row.hold_id.map(HoldId::from_uuid), lines, kits: row.kits.0 }
            }
        };
        Ok(Self {
            id: TransferId::from_uuid(row.transfer_id),
            case_id: CaseId::from_uuid(row.case_id),
            cargo,
            from_site_id: parsed(&row.from_site_id)?,
            to_site_id: parsed(&row.to_site_id)?,
            to_region: row.to_region.as_deref().map(parsed).transpose()?,
            for_case: row.for_case,
            state: parsed(&row.state)?,
            expected_at: row.expected_at.map(|at| at.to_jiff()),
            due_back: row.due_back.map(|at| at.to_jiff()),
            version: row.version,
        })
    }
}

/// Stores a new transfer. `false` when its id is taken.
pub(crate) async fn insert(conn: &mut PgConnection, transfer: &Transfer) -> Result<bool, sqlx::Error> {
    let (kits, serial_number) = match &transfer.cargo {
        Cargo::Goods { kits, .. } => (kits.as_slice(), None),
        Cargo::Instrument(serial_number) => (&[][..], Some(serial_number.as_str())),
    };
    let done = sqlx::query(
        "INSERT INTO transfer (transfer_id, case_id, hold_id, kits, serial_number, from_site_id, to_site_id, to_region,
                               for_case, state, expected_at, due_back, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
         ON CONFLICT (transfer_id) DO NOTHING",
    )
    .bind(transfer.id.uuid())
    .bind(transfer.case_id.uuid())
    .bind(transfer.cargo.hold_id().map(HoldId::uuid))
    .bind(Json(kits))
    .bind(serial_number)
    .bind(transfer.from_site_id.as_str())
    .bind(transfer.to_site_id.as_str())
    .bind(transfer.to_region.as_ref().map(|region| region.as_str()))
    .bind(transfer.for_case)
    .bind(transfer.state.as_str())
    .bind(transfer.expected_at.map(ToSqlx::to_sqlx))
    .bind(transfer.due_back.map(ToSqlx::to_sqlx))
    .bind(transfer.version)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Stores where a transfer stands now.
pub(crate) async fn update(conn: &mut PgConnection, transfer: &Transfer) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE transfer SET state = $2, expected_at = $3, version = $4 WHERE transfer_id = $1")
        .bind(transfer.id.uuid())
        .bind(transfer.state.as_str())
        .bind(transfer.expected_at.map(ToSqlx::to_sqlx))
        .bind(transfer.version)
        .execute(conn)
        .await?;
    Ok(())
}

/// Transfers with their lines as JSON: those that are meant.
macro_rules! select_transfers {
    ($meant:literal) => {
        concat!(
            "SELECT t.*, (SELECT coalesce(jsonb_agg(to_jsonb(l) - 'hold_id'), '[]') FROM hold_line l
                           WHERE l.hold_id = t.hold_id) AS lines
               FROM transfer t ",
            $meant
        )
    };
}

/// A transfer.
pub(crate) async fn find(conn: &mut PgConnection, id: TransferId) -> Result<Option<Transfer>, sqlx::Error> {
    query(conn, select_transfers!("WHERE transfer_id = $1"), id).await
}

/// A transfer that nobody else can change until the transaction ends.
pub(crate) async fn lock(conn: &mut PgConnection, id: TransferId) -> Result<Option<Transfer>, sqlx::Error> {
    query(conn, select_transfers!("WHERE transfer_id = $1 FOR UPDATE OF t"), id).await
}

async fn query(
    conn: &mut PgConnection,
    statement: &'static str,
    id: TransferId,
) -> Result<Option<Transfer>, sqlx::Error> {
    let row: Option<TransferRow> = sqlx::query_as(statement).bind(id.uuid()).fetch_optional(conn).await?;
    row.map(TryInto::try_into).transpose()
}

/// Locks the transfers of open holds that await units of a receipt, always in the same order.
pub(crate) async fn lock_awaiting(conn: &mut PgConnection, id: &ReceiptId) -> Result<(), sqlx::Error> {
    sqlx::query(
        "SELECT FROM transfer
          WHERE state = 'requested'
            AND hold_id IN (SELECT hold_id FROM hold_line WHERE receipt_id = $1 AND awaited)
          ORDER BY transfer_id FOR UPDATE",
    )
    .bind(id.as_str())
    .execute(conn)
    .await?;
    Ok(())
}

/// The transfer that moves the goods of a hold.
pub(crate) async fn id_of_hold(
    conn: &mut PgConnection,
    hold_id: HoldId,
) -> Result<Option<TransferId>, sqlx::Error> {
    let id: Option<Uuid> = sqlx::query_scalar("SELECT transfer_id FROM transfer WHERE hold_id = $1")
        .bind(hold_id.uuid())
        .fetch_optional(conn)
        .await?;
    Ok(id.map(TransferId::from_uuid))
}

/// Which transfers to list.
#[derive(Debug)]
pub(crate) struct Listing {
    /// Only in one of these states; empty: in any.
    pub(crate) states: Vec<TransferState>,
    /// Only of this case.
    pub(crate) case_id: Option<CaseId>,
    /// Only those that were ordered before the one with this number.
    pub(crate) before_seq: i64,
    pub(crate) limit: usize,
}

/// Transfers, newest first, each with its number.
pub(crate) async fn list(
    conn: &mut PgConnection,
    listing: &Listing,
) -> Result<Vec<(i64, Transfer)>, sqlx::Error> {
    let rows: Vec<TransferRow> = sqlx::query_as(select_transfers!(
        "WHERE (cardinality($1::text[]) = 0 OR state = ANY ($1))
            AND ($2::uuid IS NULL OR case_id = $2) AND seq < $3
          ORDER BY seq DESC LIMIT $4"
    ))
    .bind(listing.states.iter().map(|state| state.as_str()).collect::<Vec<_>>())
    .bind(listing.case_id.map(CaseId::uuid))
    .bind(listing.before_seq)
    .bind(i64::try_from(listing.limit).unwrap_or(i64::MAX))
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(|row| Ok((row.seq, row.try_into()?))).collect()
}
