//! Table `warehouse`.

use std::collections::HashSet;

use meridian_types::SiteId;
use sqlx::PgConnection;

use super::parsed;

/// Makes places with stock of those that are none yet, in their order.
pub(crate) async fn insert<'a>(
    conn: &mut PgConnection,
    site_ids: impl IntoIterator<Item = &'a SiteId>,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO warehouse (site_id) SELECT * FROM unnest($1::text[]) AS s (site_id) ORDER BY site_id
         ON CONFLICT DO NOTHING",
    )
    .bind(site_ids.into_iter().map(SiteId::as_str).collect::<Vec<_>>())
    .execute(conn)
    .await?;
    Ok(())
}

/// Those of the sites that are warehouses of this region.
pub(crate) async fn known<'a>(
    conn: &mut PgConnection,
    site_ids: impl IntoIterator<Item = &'a SiteId>,
) -> Result<HashSet<SiteId>, sqlx::Error> {
    let known: Vec<String> = sqlx::query_scalar("SELECT site_id FROM warehouse WHERE site_id = ANY ($1)")
        .bind(site_ids.into_iter().map(SiteId::as_str).collect::<Vec<_>>())
        .fetch_all(conn)
        .await?;
    known.iter().map(|site_id| parsed(site_id)).collect()
}
