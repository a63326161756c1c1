//! Tables `world_hold` and `world_hold_line`, and who holds stock in the whole world.

use std::collections::HashMap;

use meridian_types::{CaseId, HoldId, ItemId, RegionId};
use sqlx::PgConnection;
use sqlx::types::Uuid;

use super::{ShelfColumns, ShelfRow, parsed, quantities};
use crate::domain::stock::{CaseHold, Line, Shelf};

/// Most holds that are told of one level.
const HOLDS_MAX: i32 = 20;

/// Remembers what a hold of another region claims of shelves, unless something later is known. `lines` are those that
/// stand on shelves.
pub(crate) async fn learn(
    conn: &mut PgConnection,
    region: &RegionId,
    (hold_id, case_id): (HoldId, CaseId),
    version: i64,
    lines: &[Line],
) -> Result<(), sqlx::Error> {
    let is_news: bool = sqlx::query_scalar(
        "WITH known AS (
             INSERT INTO world_hold AS w (hold_id, region, case_id, version) VALUES ($1, $2, $3, $4)
             ON CONFLICT (hold_id) DO UPDATE SET version = excluded.version
                WHERE w.version < excluded.version AND w.region = excluded.region
             RETURNING hold_id
         ), outdated AS (
             DELETE FROM world_hold_line WHERE hold_id IN (SELECT hold_id FROM known)
         )
         SELECT count(*) > 0 FROM known",
    )
    .bind(hold_id.uuid())
    .bind(region.as_str())
    .bind(case_id.uuid())
    .bind(version)
    .fetch_one(&mut *conn)
    .await?;
    if !is_news || lines.is_empty() {
        return Ok(());
    }
    let shelves: ShelfColumns = lines.iter().map(|line| &line.shelf).collect();
    sqlx::query(
        "INSERT INTO world_hold_line (hold_id, item_id, warehouse_site_id, pool, quantity)
         SELECT $1, l.* FROM unnest($2::text[], $3::text[], $4::text[], $5::bigint[]) AS l",
    )
    .bind(hold_id.uuid())
    .bind(shelves.item_ids)
    .bind(shelves.warehouse_site_ids)
    .bind(shelves.pools)
    .bind(quantities(lines))
    .execute(conn)
    .await?;
    Ok(())
}

/// Forgets what a hold of another region claims, for ever: no hold opens again.
pub(crate) async fn end(
    conn: &mut PgConnection,
    region: &RegionId,
    hold: (HoldId, CaseId),
) -> Result<(), sqlx::Error> {
    learn(conn, region, hold, i64::MAX, &[]).await
}

/// Who claims units of the shelves of these items, in every region, `own` included: the largest claims of each shelf.
pub(crate) async fn by_shelf<'a>(
    conn: &mut PgConnection,
    own: &RegionId,
    item_ids: impl IntoIterator<Item = &'a ItemId>,
) -> Result<HashMap<(RegionId, Shelf), Vec<CaseHold>>, sqlx::Error> {
    #[derive(sqlx::FromRow)]
    struct Row {
        region: String,
        #[sqlx(flatten)]
        shelf: ShelfRow,
        case_id: Uuid,
        units: i64,
    }
    let rows: Vec<Row> = sqlx::query_as(
        "WITH claim AS (
             SELECT $2 AS region, item_id, warehouse_site_id, pool, case_id, quantity
               FROM hold JOIN hold_line USING (hold_id)
              WHERE state IN ('held', 'confirmed') AND item_id = ANY ($1) AND NOT awaited
             UNION ALL
             SELECT region, item_id, warehouse_site_id, pool, case_id, quantity
               FROM world_hold JOIN world_hold_line USING (hold_id) WHERE item_id = ANY ($1)
         ), ranked AS (
             SELECT region, item_id, warehouse_site_id, pool, case_id, sum(quantity)::bigint AS units,
                    row_number() OVER (PARTITION BY region, item_id, warehouse_site_id, pool
                                       ORDER BY sum(quantity) DESC, case_id) AS rank
               FROM claim GROUP BY region, item_id, warehouse_site_id, pool, case_id
         )
         SELECT region, item_id, warehouse_site_id, pool, case_id, units FROM ranked WHERE rank <= $3
          ORDER BY region, item_id, warehouse_site_id, pool, rank",
    )
    .bind(item_ids.into_iter().map(ItemId::as_str).collect::<Vec<_>>())
    .bind(own.as_str())
    .bind(HOLDS_MAX)
    .fetch_all(conn)
    .await?;
    let mut holds: HashMap<(RegionId, Shelf), Vec<CaseHold>> = HashMap::new();
    for row in rows {
        let hold = CaseHold { case_id: CaseId::from_uuid(row.case_id), units: row.units };
        holds.entry((parsed(&row.region)?, row.shelf.try_into()?)).or_default().push(hold);
    }
    Ok(holds)
}
