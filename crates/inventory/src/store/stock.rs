//! Tables `stock` and `ledger`, which change together.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;

use super::{LevelRow, ShelfColumns, ShelfRow};
use crate::domain::ledger::Reason;
use crate::domain::stock::{Change, Level, ON_HAND_MAX, Shelf};

/// Applies all changes or none, each guarded by what stands on its shelf, and writes a ledger entry for each that
/// changes it. Returns the new levels; none when a shelf does not allow its change or does not exist.
///
/// Changes name every shelf once. `reason` is given exactly when shelves themselves change. More than one shelf must be
/// [locked](lock) before: this statement alone would lock them in any order.
pub(crate) async fn book(
    conn: &mut PgConnection,
    changes: &[Change],
    reason: Option<Reason>,
    reference: &str,
    now: Timestamp,
) -> Result<Vec<Level>, sqlx::Error> {
    let shelves: ShelfColumns = changes.iter().map(|change| &change.shelf).collect();
    let rows: Vec<LevelRow> = sqlx::query_as(
        "WITH change AS (
             SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[])
                        AS c (item_id, warehouse_site_id, pool, on_hand, held)
         ), changed AS (
             UPDATE stock s
                SET on_hand = s.on_hand + c.on_hand, held = s.held + c.held, version = s.version + 1, as_of = $8
               FROM change c
              WHERE (s.item_id, s.warehouse_site_id, s.pool) = (c.item_id, c.warehouse_site_id, c.pool)
                AND s.held + c.held BETWEEN 0 AND s.on_hand + c.on_hand
                AND s.on_hand + c.on_hand <= $9
                AND NOT EXISTS (
                    SELECT FROM change o LEFT JOIN stock t USING (item_id, warehouse_site_id, pool)
                     WHERE (t.held + o.held BETWEEN 0 AND t.on_hand + o.on_hand
                            AND t.on_hand + o.on_hand <= $9) IS NOT TRUE)
             RETURNING s.item_id, s.warehouse_site_id, s.pool, s.on_hand, s.held, s.version, s.as_of,
                       c.on_hand AS delta
         ), entry AS (
             INSERT INTO ledger (item_id, warehouse_site_id, pool, delta, reason, reference, at)
             SELECT item_id, warehouse_site_id, pool, delta, $6, $7, $8 FROM changed WHERE delta <> 0
         )
         SELECT item_id, warehouse_site_id, pool, on_hand, held, version, as_of FROM changed
          ORDER BY item_id, warehouse_site_id, pool",
    )
    .bind(shelves.item_ids)
    .bind(shelves.warehouse_site_ids)
    .bind(shelves.pools)
    .bind(changes.iter().map(|change| change.on_hand).collect::<Vec<_>>())
    .bind(changes.iter().map(|change| change.held).collect::<Vec<_>>())
    .bind(reason.map(Reason::as_str))
    .bind(reference)
    .bind(now.to_sqlx())
    .bind(ON_HAND_MAX)
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Locks shelves, always in the same order, and returns their levels. Shelves that don't exist are left out.
pub(crate) async fn lock<'a>(
    conn: &mut PgConnection,
    shelves: impl IntoIterator<Item = &'a Shelf>,
) -> Result<Vec<Level>, sqlx::Error> {
    let shelves: ShelfColumns = shelves.into_iter().collect();
    let rows: Vec<LevelRow> = sqlx::query_as(
        "SELECT s.item_id, s.warehouse_site_id, s.pool, s.on_hand, s.held, s.version, s.as_of
           FROM stock s
           JOIN unnest($1::text[], $2::text[], $3::text[]) AS c (item_id, warehouse_site_id, pool)
             USING (item_id, warehouse_site_id, pool)
          ORDER BY s.item_id, s.warehouse_site_id, s.pool FOR UPDATE OF s",
    )
    .bind(shelves.item_ids)
    .bind(shelves.warehouse_site_ids)
    .bind(shelves.pools)
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Makes empty shelves of those that don't exist yet, in their order.
pub(crate) async fn open<'a>(
    conn: &mut PgConnection,
    shelves: impl IntoIterator<Item = &'a Shelf>,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    let shelves: ShelfColumns = shelves.into_iter().collect();
    sqlx::query(
        "INSERT INTO stock (item_id, warehouse_site_id, pool, on_hand, held, version, as_of)
         SELECT item_id, warehouse_site_id, pool, 0, 0, 0, $4
           FROM unnest($1::text[], $2::text[], $3::text[]) AS c (item_id, warehouse_site_id, pool)
          ORDER BY item_id, warehouse_site_id, pool
         ON CONFLICT DO NOTHING",
    )
    .bind(shelves.item_ids)
    .bind(shelves.warehouse_site_ids)
    .bind(shelves.pools)
    .bind(now.to_sqlx())
    .execute(conn)
    .await?;
    Ok(())
}

/// Sum of the ledger's opening entries of shelves that have any.
pub(crate) async fn opened<'a>(
    conn: &mut PgConnection,
    shelves: impl IntoIterator<Item = &'a Shelf>,
) -> Result<Vec<(Shelf, i64)>, sqlx::Error> {
    #[derive(sqlx::FromRow)]
    struct Row {
        #[sqlx(flatten)]
        shelf: ShelfRow,
        units: i64,
    }
    let shelves: ShelfColumns = shelves.into_iter().collect();
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT item_id, warehouse_site_id, pool, sum(delta)::bigint AS units
           FROM ledger
           JOIN unnest($1::text[], $2::text[], $3::text[]) AS c (item_id, warehouse_site_id, pool)
             USING (item_id, warehouse_site_id, pool)
          WHERE reason = $4
          GROUP BY item_id, warehouse_site_id, pool",
    )
    .bind(shelves.item_ids)
    .bind(shelves.warehouse_site_ids)
    .bind(shelves.pools)
    .bind(Reason::Opening.as_str())
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(|row| Ok((row.shelf.try_into()?, row.units))).collect()
}
