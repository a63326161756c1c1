//! Questions over all tables whose answers must agree.

use meridian_types::{ReceiptId, RegionId};
use sqlx::PgConnection;

use super::{ShelfRow, parsed};
use crate::domain::stock::Shelf;

/// A shelf whose counters disagree with what they count.
#[derive(Debug)]
pub(crate) struct Mismatch {
    pub(crate) shelf: Shelf,
    /// Counter.
    pub(crate) on_hand: i64,
    /// Sum of the ledger.
    pub(crate) ledger_sum: i64,
    /// Counter.
    pub(crate) held: i64,
    /// Sum of the open holds.
    pub(crate) holds_sum: i64,
}

#[derive(sqlx::FromRow)]
struct MismatchRow {
    #[sqlx(flatten)]
    shelf: ShelfRow,
    on_hand: i64,
    ledger_sum: i64,
    held: i64,
    holds_sum: i64,
}

/// Every shelf whose counters disagree with the ledger or with the open holds.
pub(crate) async fn mismatches(conn: &mut PgConnection) -> Result<Vec<Mismatch>, sqlx::Error> {
    let rows: Vec<MismatchRow> = sqlx::query_as(
        "SELECT item_id, warehouse_site_id, pool,
                coalesce(s.on_hand, 0) AS on_hand, coalesce(l.units, 0)::bigint AS ledger_sum,
                coalesce(s.held, 0) AS held, coalesce(h.units, 0)::bigint AS holds_sum
           FROM stock s
           FULL JOIN (SELECT item_id, warehouse_site_id, pool, sum(delta) AS units
                        FROM ledger GROUP BY item_id, warehouse_site_id, pool) l
             USING (item_id, warehouse_site_id, pool)
           FULL JOIN (SELECT item_id, warehouse_site_id, pool, sum(quantity) AS units
                        FROM hold_line JOIN hold USING (hold_id)
                       WHERE state IN ('held', 'confirmed') AND NOT awaited
                       GROUP BY item_id, warehouse_site_id, pool) h
             USING (item_id, warehouse_site_id, pool)
          WHERE coalesce(s.on_hand, 0) <> coalesce(l.units, 0) OR coalesce(s.held, 0) <> coalesce(h.units, 0)
          ORDER BY item_id, warehouse_site_id, pool",
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Mismatch {
                shelf: row.shelf.try_into()?,
                on_hand: row.on_hand,
                ledger_sum: row.ledger_sum,
                held: row.held,
                holds_sum: row.holds_sum,
            })
        })
        .collect()
}

/// A receipt whose numbers disagree with what they count.
#[derive(Debug)]
pub(crate) struct ReceiptMismatch {
    pub(crate) receipt_id: ReceiptId,
    /// Units that came; 0 until then.
    pub(crate) received: i64,
    /// Units of it in the ledger.
    pub(crate) ledger_sum: i64,
    /// Counter.
    pub(crate) held: i64,
    /// Sum of the open holds that await its units.
    pub(crate) holds_sum: i64,
}

/// Every receipt whose numbers disagree with the ledger or with the open holds.
pub(crate) async fn receipt_mismatches(conn: &mut PgConnection) -> Result<Vec<ReceiptMismatch>, sqlx::Error> {
    let rows: Vec<(String, i64, i64, i64, i64)> = sqlx::query_as(
        "SELECT receipt_id, received, ledger_sum, held, holds_sum
           FROM (SELECT receipt_id, CASE state WHEN 'received' THEN quantity ELSE 0 END AS received,
                        coalesce(l.units, 0)::bigint AS ledger_sum,
                        coalesce(r.held, 0) AS held, coalesce(h.units, 0)::bigint AS holds_sum
                   FROM receipt r
                   FULL JOIN (SELECT reference AS receipt_id, sum(delta) AS units
                                FROM ledger WHERE reason = 'scheduled_receipt' GROUP BY reference) l
                     USING (receipt_id)
                   FULL JOIN (SELECT receipt_id, sum(quantity) AS units
                                FROM hold_line JOIN hold USING (hold_id)
                               WHERE hold.state IN ('held', 'confirmed') AND awaited GROUP BY receipt_id) h
                     USING (receipt_id)) AS counted
          WHERE received <> ledger_sum OR held <> holds_sum
          ORDER BY receipt_id",
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|(receipt_id, received, ledger_sum, held, holds_sum)| {
            Ok(ReceiptMismatch { receipt_id: parsed(&receipt_id)?, received, ledger_sum, held, holds_sum })
        })
        .collect()
}

/// Where all units are that ever came in: `brought_in = on_hand + in_transit + delivered + written_off + handed_over`.
/// Each summand comes from another table than the sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct Balance {
    /// Ledger: opening, receipts (scheduled or not), counts, arrivals from other regions.
    pub(crate) brought_in: i64,
    /// Counters.
    pub(crate) on_hand: i64,
    /// Transfers that have left a shelf and are not over.
    pub(crate) in_transit: i64,
    /// Transfers received by customers or for cases, less lent units that came back here and what was shelved after it had
    /// come for a case. Below 0 where units come back that another region had lent or sent.
    pub(crate) delivered: i64,
    /// Ledger: damaged or missing; and lost transfers.
    pub(crate) written_off: i64,
    /// Transfers received by warehouses of other regions.
    pub(crate) handed_over: i64,
}

/// The balance of a region, from one snapshot.
pub(crate) async fn balance(conn: &mut PgConnection, own: &RegionId) -> Result<Balance, sqlx::Error> {
    sqlx::query_as(
        "WITH entry AS (
             SELECT coalesce(sum(delta) FILTER (WHERE reason IN
                        ('opening', 'receipt', 'scheduled_receipt', 'count', 'transfer_in')), 0) AS brought_in,
                    coalesce(-sum(delta) FILTER (WHERE reason IN ('damaged', 'missing')), 0) AS written_off,
                    coalesce(sum(delta) FILTER (WHERE reason IN ('loan_return', 'shelved')), 0) AS returned
               FROM ledger
         ), moved AS (
             SELECT coalesce(sum(quantity) FILTER (WHERE state IN
                        ('picked', 'shipped', 'in_customs', 'customs_hold', 'customs_released')), 0) AS in_transit,
                    coalesce(sum(quantity) FILTER (WHERE state = 'lost'), 0) AS lost,
                    coalesce(sum(quantity) FILTER (WHERE state = 'received' AND (for_case OR to_region IS NULL)), 0)
                        AS delivered,
                    coalesce(sum(quantity) FILTER (WHERE state = 'received' AND NOT for_case AND to_region <> $1), 0)
                        AS handed_over
               FROM transfer JOIN hold_line USING (hold_id)
         )
         SELECT brought_in::bigint,
                (SELECT coalesce(sum(on_hand), 0) FROM stock)::bigint AS on_hand,
                in_transit::bigint,
                (delivered - returned)::bigint AS delivered,
                (written_off + lost)::bigint AS written_off,
                handed_over::bigint
           FROM entry, moved",
    )
    .bind(own.as_str())
    .fetch_one(conn)
    .await
}
