//! Table `receipt`, and what awaits units of one.

use jiff_sqlx::ToSqlx;
use meridian_types::{HoldId, ItemId, Quantity, ReceiptId, SiteId};
use sqlx::PgConnection;
use sqlx::types::Uuid;

use super::parsed;
use crate::domain::receipt::Receipt;
use crate::domain::stock::{Pool, Shelf};

/// The columns of a receipt.
#[derive(sqlx::FromRow)]
pub(super) struct ReceiptRow {
    receipt_id: String,
    item_id: String,
    warehouse_site_id: String,
    quantity: i64,
    held: i64,
    expected_at: jiff_sqlx::Timestamp,
    late_probability: f64,
    state: String,
    version: i64,
}

impl TryFrom<ReceiptRow> for Receipt {
    type Error = sqlx::Error;
    fn try_from(row: ReceiptRow) -> Result<Self, sqlx::Error> {
        let (item_id, warehouse_site_id): (ItemId, SiteId) =
            (parsed(&row.item_id)?, parsed(&row.warehouse_site_id)?);
        Ok(Self {
            id: parsed(&row.receipt_id)?,
            shelf: Shelf { item_id, warehouse_site_id, pool: Pool::Stock },
            quantity: Quantity::new(row.quantity).map_err(|rule| sqlx::Error::Decode(Box::new(rule)))?,
            held: row.held,
            expected_at: row.expected_at.to_jiff(),
            late_probability: row.late_probability,
            state: parsed(&row.state)?,
            version: row.version,
        })
    }
}

/// Stores a new receipt that nobody claims yet. `false` when its id is taken.
pub(crate) async fn insert(conn: &mut PgConnection, receipt: &Receipt) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "INSERT INTO receipt (receipt_id, item_id, warehouse_site_id, quantity, held, expected_at, late_probability,
                              state, version)
         VALUES ($1, $2, $3, $4, 0, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
    )
    .bind(receipt.id.as_str())
    .bind(receipt.shelf.item_id.as_str())
    .bind(receipt.shelf.warehouse_site_id.as_str())
    .bind(receipt.quantity.units())
    .bind(receipt.expected_at.to_sqlx())
    .bind(receipt.late_probability)
    .bind(receipt.state.as_str())
    .bind(receipt.version)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Stores what became of a locked receipt.
pub(crate) async fn update(conn: &mut PgConnection, receipt: &Receipt) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE receipt
            SET quantity = $2, held = $3, expected_at = $4, late_probability = $5, state = $6, version = $7
          WHERE receipt_id = $1",
    )
    .bind(receipt.id.as_str())
    .bind(receipt.quantity.units())
    .bind(receipt.held)
    .bind(receipt.expected_at.to_sqlx())
    .bind(receipt.late_probability)
    .bind(receipt.state.as_str())
    .bind(receipt.version)
    .execute(conn)
    .await?;
    Ok(())
}

/// Claims so many units of each receipt, or gives them back where the number is negative: all or none, each guarded by
/// what is expected and claimed already. Returns the receipts as they are then; none when one does not allow it.
///
/// Every receipt is named once, and all are [locked](lock) before.
pub(crate) async fn claim(
    conn: &mut PgConnection,
    claims: &[(ReceiptId, i64)],
) -> Result<Vec<Receipt>, sqlx::Error> {
    let rows: Vec<ReceiptRow> = sqlx::query_as(
        "WITH claim AS (SELECT * FROM unnest($1::text[], $2::bigint[]) AS c (receipt_id, units))
         UPDATE receipt r SET held = r.held + c.units, version = r.version + 1
           FROM claim c
          WHERE r.receipt_id = c.receipt_id
            AND NOT EXISTS (
                SELECT FROM claim o LEFT JOIN receipt t USING (receipt_id)
                 WHERE (t.state = 'expected' AND t.held + o.units BETWEEN 0 AND t.quantity) IS NOT TRUE)
         RETURNING r.*",
    )
    .bind(claims.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>())
    .bind(claims.iter().map(|(_, units)| *units).collect::<Vec<_>>())
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Receipts that nobody else can change or claim until the transaction ends, always locked in the same order. Those
/// that don't exist are left out.
pub(crate) async fn lock<'a>(
    conn: &mut PgConnection,
    ids: impl IntoIterator<Item = &'a ReceiptId>,
) -> Result<Vec<Receipt>, sqlx::Error> {
    read(conn, ids, "SELECT * FROM receipt WHERE receipt_id = ANY ($1) ORDER BY receipt_id FOR UPDATE").await
}

/// Receipts as they are. Those that don't exist are left out.
pub(crate) async fn find<'a>(
    conn: &mut PgConnection,
    ids: impl IntoIterator<Item = &'a ReceiptId>,
) -> Result<Vec<Receipt>, sqlx::Error> {
    read(conn, ids, "SELECT * FROM receipt WHERE receipt_id = ANY ($1) ORDER BY receipt_id").await
}

async fn read<'a>(
    conn: &mut PgConnection,
    ids: impl IntoIterator<Item = &'a ReceiptId>,
    query: &'static str,
) -> Result<Vec<Receipt>, sqlx::Error> {
    let ids: Vec<&str> = ids.into_iter().map(ReceiptId::as_str).collect();
    // Most holds await nothing.
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<ReceiptRow> = sqlx::query_as(query).bind(ids).fetch_all(conn).await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// The receipts whose units a hold awaits. It may await fewer by the time they are locked, never others.
pub(crate) async fn awaited_by(
    conn: &mut PgConnection,
    hold_id: HoldId,
) -> Result<Vec<ReceiptId>, sqlx::Error> {
    let ids: Vec<String> =
        sqlx::query_scalar("SELECT DISTINCT receipt_id FROM hold_line WHERE hold_id = $1 AND awaited")
            .bind(hold_id.uuid())
            .fetch_all(conn)
            .await?;
    ids.iter().map(|id| parsed(id)).collect()
}

/// The other receipts whose units are awaited by holds that await units of this one.
pub(crate) async fn awaited_beside(
    conn: &mut PgConnection,
    id: &ReceiptId,
) -> Result<Vec<ReceiptId>, sqlx::Error> {
    let ids: Vec<String> = sqlx::query_scalar(
        "SELECT DISTINCT other.receipt_id
           FROM hold_line line JOIN hold USING (hold_id) JOIN hold_line other USING (hold_id)
          WHERE line.receipt_id = $1 AND line.awaited AND hold.state IN ('held', 'confirmed') AND other.awaited
            AND other.receipt_id <> $1",
    )
    .bind(id.as_str())
    .fetch_all(conn)
    .await?;
    ids.iter().map(|id| parsed(id)).collect()
}

/// The open holds that await units of a receipt, in the order in which they were placed, and how many units.
pub(crate) async fn claimants(
    conn: &mut PgConnection,
    id: &ReceiptId,
) -> Result<Vec<(HoldId, i64)>, sqlx::Error> {
    let rows: Vec<(Uuid, i64)> = sqlx::query_as(
        "SELECT hold_id, quantity FROM hold_line JOIN hold USING (hold_id)
          WHERE receipt_id = $1 AND awaited AND state IN ('held', 'confirmed') ORDER BY seq",
    )
    .bind(id.as_str())
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|(hold_id, units)| (HoldId::from_uuid(hold_id), units)).collect())
}
