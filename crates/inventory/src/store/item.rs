//! Table `item`.

use meridian_types::{InstrumentModel, ItemId};
use sqlx::PgConnection;
use sqlx::types::Json;

use crate::domain::item::Item;

/// Creates or replaces items, unless another region owns the stored record. Returns those that are now stored
/// otherwise than before, with their new versions.
pub(crate) async fn replace(
    conn: &mut PgConnection,
    items: &[&Item],
) -> Result<Vec<(Item, i64)>, sqlx::Error> {
    let replaced: Vec<(Json<Item>, i64)> = sqlx::query_as(
        "INSERT INTO item (item_id, region, model, version, record)
         SELECT item_id, region, model, 1, record
           FROM unnest($1::text[], $2::text[], $3::text[], $4::jsonb[]) AS i (item_id, region, model, record)
          ORDER BY item_id
         ON CONFLICT (item_id) DO UPDATE
            SET model = excluded.model, record = excluded.record, version = item.version + 1
          WHERE item.region = excluded.region AND item.record IS DISTINCT FROM excluded.record
         RETURNING record, version",
    )
    .bind(items.iter().map(|item| item.item_id.as_str()).collect::<Vec<_>>())
    .bind(items.iter().map(|item| item.region.as_str()).collect::<Vec<_>>())
    .bind(items.iter().map(|item| item.model.as_ref().map(InstrumentModel::as_str)).collect::<Vec<_>>())
    .bind(items.iter().map(Json).collect::<Vec<_>>())
    .fetch_all(conn)
    .await?;
    Ok(replaced.into_iter().map(|(Json(item), version)| (item, version)).collect())
}

/// Stores copies of items that other regions own, where nothing is known of them yet: what their owner says
/// counts more.
pub(crate) async fn insert_copies(conn: &mut PgConnection, items: &[&Item]) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO item (item_id, region, model, version, record)
         SELECT item_id, region, model, 1, record
           FROM unnest($1::text[], $2::text[], $3::text[], $4::jsonb[]) AS i (item_id, region, model, record)
          ORDER BY item_id
         ON CONFLICT DO NOTHING",
    )
    .bind(items.iter().map(|item| item.item_id.as_str()).collect::<Vec<_>>())
    .bind(items.iter().map(|item| item.region.as_str()).collect::<Vec<_>>())
    .bind(items.iter().map(|item| item.model.as_ref().map(InstrumentModel::as_str)).collect::<Vec<_>>())
    .bind(items.iter().map(Json).collect::<Vec<_>>())
    .execute(conn)
    .await?;
    Ok(())
}

/// Those of the items that are known, by id.
pub(crate) async fn find<'a>(
    conn: &mut PgConnection,
    item_ids: impl IntoIterator<Item = &'a ItemId>,
) -> Result<Vec<Item>, sqlx::Error> {
    let items: Vec<Json<Item>> =
        sqlx::query_scalar("SELECT record FROM item WHERE item_id = ANY ($1) ORDER BY item_id")
            .bind(item_ids.into_iter().map(ItemId::as_str).collect::<Vec<_>>())
            .fetch_all(conn)
            .await?;
    Ok(items.into_iter().map(|Json(item)| item).collect())
}

/// Codes of all items.
pub(crate) async fn codes(conn: &mut PgConnection) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar("SELECT item_id FROM item").fetch_all(conn).await
}

/// The items whose units are instruments of these models.
pub(crate) async fn of_models(
    conn: &mut PgConnection,
    models: &[InstrumentModel],
) -> Result<Vec<Item>, sqlx::Error> {
    let items: Vec<Json<Item>> =
        sqlx::query_scalar("SELECT record FROM item WHERE model = ANY ($1) ORDER BY item_id")
            .bind(models.iter().map(InstrumentModel::as_str).collect::<Vec<_>>())
            .fetch_all(conn)
            .await?;
    Ok(items.into_iter().map(|Json(item)| item).collect())
}
