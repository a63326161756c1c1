//! Engineers of this region.

use meridian_proto::dispatch::v1 as pb;
use meridian_types::{EngineerId, RegionId};
use prost::Message;
use sqlx::PgConnection;

use super::{parsed, record, unreadable};
use crate::domain::technician::Technician;
use crate::wire;

/// Locks an engineer's row, which whoever changes the engineer or what takes their time must hold.
pub(crate) async fn lock(
    conn: &mut PgConnection,
    id: &EngineerId,
    region: &RegionId,
) -> sqlx::Result<Option<Technician>> {
    let encoded: Option<Vec<u8>> =
        sqlx::query_scalar("SELECT record FROM engineer WHERE engineer_id = $1 FOR NO KEY UPDATE")
            .bind(id.as_str())
            .fetch_optional(conn)
            .await?;
    encoded.map(|encoded| read(&encoded, region)).transpose()
}

/// An engineer of this region.
pub(crate) async fn find(
    conn: &mut PgConnection,
    id: &EngineerId,
    region: &RegionId,
) -> sqlx::Result<Option<Technician>> {
    let encoded: Option<Vec<u8>> = sqlx::query_scalar("SELECT record FROM engineer WHERE engineer_id = $1")
        .bind(id.as_str())
        .fetch_optional(conn)
        .await?;
    encoded.map(|encoded| read(&encoded, region)).transpose()
}

/// Stores the engineer. Returns the new version, or `None` when nothing is different.
pub(crate) async fn put(conn: &mut PgConnection, technician: &Technician) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar(
        "INSERT INTO engineer (engineer_id, record) VALUES ($1, $2)
         ON CONFLICT (engineer_id) DO UPDATE SET record = excluded.record, version = engineer.version + 1
          WHERE engineer.record <> excluded.record
         RETURNING version",
    )
    .bind(technician.engineer.id.as_str())
    .bind(wire::engineer::encode(technician).encode_to_vec())
    .fetch_optional(conn)
    .await
}

/// Counts a change of what takes the engineer's time. Returns the new version.
pub(crate) async fn bump(conn: &mut PgConnection, id: &EngineerId) -> sqlx::Result<i64> {
    sqlx::query_scalar("UPDATE engineer SET version = version + 1 WHERE engineer_id = $1 RETURNING version")
        .bind(id.as_str())
        .fetch_one(conn)
        .await
}

/// The first of these that is none of them.
pub(crate) async fn unknown(
    conn: &mut PgConnection,
    ids: &[&EngineerId],
) -> sqlx::Result<Option<EngineerId>> {
    let ids: Vec<&str> = ids.iter().map(|id| id.as_str()).collect();
    let unknown: Option<String> = sqlx::query_scalar(
        "SELECT id FROM unnest($1::text[]) AS named (id)
          WHERE NOT EXISTS (SELECT FROM engineer WHERE engineer_id = id) ORDER BY id LIMIT 1",
    )
    .bind(ids)
    .fetch_optional(conn)
    .await?;
    unknown.map(|id| parsed("engineer_id", &id)).transpose()
}

/// The currency in which the first of them is paid; none when there is nobody.
pub(crate) async fn currency(conn: &mut PgConnection) -> sqlx::Result<Option<String>> {
    let encoded: Option<Vec<u8>> =
        sqlx::query_scalar("SELECT record FROM engineer ORDER BY engineer_id LIMIT 1")
            .fetch_optional(conn)
            .await?;
    let Some(encoded) = encoded else { return Ok(None) };
    let message = pb::Engineer::decode(&*encoded).map_err(|error| unreadable("record", error))?;
    Ok(message.hourly_cost.map(|cost| cost.currency_code))
}

/// All of them, by id.
pub(crate) async fn all(conn: &mut PgConnection, region: &RegionId) -> sqlx::Result<Vec<Technician>> {
    let encoded: Vec<Vec<u8>> =
        sqlx::query_scalar("SELECT record FROM engineer ORDER BY engineer_id").fetch_all(conn).await?;
    encoded.iter().map(|encoded| read(encoded, region)).collect()
}

fn read(encoded: &[u8], region: &RegionId) -> sqlx::Result<Technician> {
    record(encoded, |v, message: pb::Engineer| wire::engineer::decode(v, "engineer", message, region))
}
