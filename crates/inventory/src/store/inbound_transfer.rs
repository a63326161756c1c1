//! Table `inbound_transfer`.

use meridian_types::{RegionId, SiteId, TransferId};
use sqlx::PgConnection;
use sqlx::types::Json;

use super::parsed;
use crate::domain::stock::Line;

/// Expects goods that another region sends. Known ones stay as they are.
pub(crate) async fn expect(
    conn: &mut PgConnection,
    id: TransferId,
    region: &RegionId,
    to_site_id: &SiteId,
    lines: &[Line],
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO inbound_transfer (transfer_id, region, to_site_id, lines, state)
         VALUES ($1, $2, $3, $4, 'expected') ON CONFLICT DO NOTHING",
    )
    .bind(id.uuid())
    .bind(region.as_str())
    .bind(to_site_id.as_str())
    .bind(Json(lines))
    .execute(conn)
    .await?;
    Ok(())
}

/// Marks expected goods of `region` as received. Returns where they go and what they are, once.
pub(crate) async fn receive(
    conn: &mut PgConnection,
    id: TransferId,
    region: &RegionId,
) -> Result<Option<(SiteId, Vec<Line>)>, sqlx::Error> {
    let row: Option<(String, Json<Vec<Line>>)> = sqlx::query_as(
        "UPDATE inbound_transfer SET state = 'received'
          WHERE transfer_id = $1 AND region = $2 AND state = 'expected' RETURNING to_site_id, lines",
    )
    .bind(id.uuid())
    .bind(region.as_str())
    .fetch_optional(conn)
    .await?;
    row.map(|(to_site_id, Json(lines))| Ok((parsed(&to_site_id)?, lines))).transpose()
}

/// Expects goods of `region` no longer.
pub(crate) async fn end(
    conn: &mut PgConnection,
    id: TransferId,
    region: &RegionId,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE inbound_transfer SET state = 'ended'
          WHERE transfer_id = $1 AND region = $2 AND state = 'expected'",
    )
    .bind(id.uuid())
    .bind(region.as_str())
    .execute(conn)
    .await?;
    Ok(())
}

/// Whether another region has sent goods for our shelves with it.
pub(crate) async fn exists(conn: &mut PgConnection, id: TransferId) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("SELECT EXISTS (SELECT FROM inbound_transfer WHERE transfer_id = $1)")
        .bind(id.uuid())
        .fetch_one(conn)
        .await
}
