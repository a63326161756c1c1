//! Table `world_stock`, and the levels of the whole world.

use jiff_sqlx::ToSqlx;
use meridian_types::{ItemId, RegionId};
use sqlx::PgConnection;

use super::{LevelRow, parsed};
use crate::domain::stock::{Level, WorldLevel};

#[derive(sqlx::FromRow)]
struct WorldRow {
    #[sqlx(flatten)]
    level: LevelRow,
    region: String,
    age_ms: i64,
}

/// Remembers what another region said of a shelf, unless it has said something later.
pub(crate) async fn learn(
    conn: &mut PgConnection,
    region: &RegionId,
    level: &Level,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO world_stock AS w (item_id, region, warehouse_site_id, pool, on_hand, held, version, as_of,
                                       learned_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, clock_timestamp())
         ON CONFLICT (item_id, region, warehouse_site_id, pool) DO UPDATE
            SET on_hand = excluded.on_hand, held = excluded.held, version = excluded.version,
                as_of = excluded.as_of, learned_at = excluded.learned_at
          WHERE w.version < excluded.version",
    )
    .bind(level.shelf.item_id.as_str())
    .bind(region.as_str())
    .bind(level.shelf.warehouse_site_id.as_str())
    .bind(level.shelf.pool.as_str())
    .bind(level.on_hand)
    .bind(level.held)
    .bind(level.version)
    .bind(level.as_of.to_sqlx())
    .execute(conn)
    .await?;
    Ok(())
}

/// Levels of the items in every region, `own` included, in the order of item, region, warehouse and pool.
pub(crate) async fn levels<'a>(
    conn: &mut PgConnection,
    own: &RegionId,
    item_ids: impl IntoIterator<Item = &'a ItemId>,
    include_empty: bool,
) -> Result<Vec<WorldLevel>, sqlx::Error> {
    let rows: Vec<WorldRow> = sqlx::query_as(
        "SELECT * FROM (
             SELECT item_id, $2 AS region, warehouse_site_id, pool, on_hand, held, version, as_of, 0::bigint AS age_ms
               FROM stock WHERE item_id = ANY ($1)
             UNION ALL
             SELECT item_id, region, warehouse_site_id, pool, on_hand, held, version, as_of,
                    greatest(0, extract(epoch FROM clock_timestamp() - learned_at) * 1000)::bigint
               FROM world_stock WHERE item_id = ANY ($1)) AS level
          WHERE $3 OR on_hand > held
          ORDER BY item_id, region, warehouse_site_id, pool",
    )
    .bind(item_ids.into_iter().map(ItemId::as_str).collect::<Vec<_>>())
    .bind(own.as_str())
    .bind(include_empty)
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(WorldLevel { region: parsed(&row.region)?, level: row.level.try_into()?, age_ms: row.age_ms })
        })
        .collect()
}
