//! Table `world_receipt`, and the receipts that are expected in the whole world.

use jiff_sqlx::ToSqlx;
use meridian_types::{ItemId, RegionId};
use sqlx::PgConnection;

use super::parsed;
use super::receipt::ReceiptRow;
use crate::domain::receipt::{Receipt, WorldReceipt};

#[derive(sqlx::FromRow)]
struct WorldRow {
    #[sqlx(flatten)]
    receipt: ReceiptRow,
    region: String,
}

/// Remembers what another region said of a receipt, unless it has said something later.
pub(crate) async fn learn(
    conn: &mut PgConnection,
    region: &RegionId,
    receipt: &Receipt,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO world_receipt AS w (region, receipt_id, item_id, warehouse_site_id, quantity, held, expected_at,
                                         late_probability, state, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT (region, receipt_id) DO UPDATE
            SET quantity = excluded.quantity, held = excluded.held, expected_at = excluded.expected_at,
                late_probability = excluded.late_probability, state = excluded.state, version = excluded.version
          WHERE w.version < excluded.version",
    )
    .bind(region.as_str())
    .bind(receipt.id.as_str())
    .bind(receipt.shelf.item_id.as_str())
    .bind(receipt.shelf.warehouse_site_id.as_str())
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

/// Receipts of the items that are expected in any region, `own` included, in the order of item, region, warehouse and
/// date.
pub(crate) async fn expected<'a>(
    conn: &mut PgConnection,
    own: &RegionId,
    item_ids: impl IntoIterator<Item = &'a ItemId>,
    include_empty: bool,
) -> Result<Vec<WorldReceipt>, sqlx::Error> {
    let rows: Vec<WorldRow> = sqlx::query_as(
        "SELECT * FROM (
             SELECT $2 AS region, receipt_id, item_id, warehouse_site_id, quantity, held, expected_at, late_probability,
                    state, version
               FROM receipt WHERE item_id = ANY ($1) AND state = 'expected'
             UNION ALL
             SELECT region, receipt_id, item_id, warehouse_site_id, quantity, held, expected_at, late_probability,
                    state, version
               FROM world_receipt WHERE item_id = ANY ($1) AND state = 'expected') AS receipt
          WHERE $3 OR quantity > held
          ORDER BY item_id, region, warehouse_site_id, expected_at, receipt_id",
    )
    .bind(item_ids.into_iter().map(ItemId::as_str).collect::<Vec<_>>())
    .bind(own.as_str())
    .bind(include_empty)
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| Ok(WorldReceipt { region: parsed(&row.region)?, receipt: row.receipt.try_into()? }))
        .collect()
}
