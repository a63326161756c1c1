//! Engineers of this region.

use meridian_proto::dispatch::v1 as pb;
use meridian_scheduler::workforce::Engineer;
use meridian_types::{EngineerId, RegionId};
use prost::Message;
use sqlx::PgConnection;

use super::record;
use crate::wire;

/// Locks an engineer's row, which whoever changes the engineer or what takes their time must hold.
pub(crate) async fn lock(
    conn: &mut PgConnection,
    id: &EngineerId,
    region: &RegionId,
) -> sqlx::Result<Option<Engineer>> {
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
) -> sqlx::Result<Option<Engineer>> {
    let encoded: Option<Vec<u8>> = sqlx::query_scalar("SELECT record FROM engineer WHERE engineer_id = $1")
        .bind(id.as_str())
        .fetch_optional(conn)
        .await?;
    encoded.map(|encoded| read(&encoded, region)).transpose()
}

/// Stores the engineer. Returns the new version, or `None` when nothing is different.
pub(crate) async fn put(conn: &mut PgConnection, engineer: &Engineer) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar(
        "INSERT INTO engineer (engineer_id, record) VALUES ($1, $2)
         ON CONFLICT (engineer_id) DO UPDATE SET record = excluded.record, version = engineer.version + 1
          WHERE engineer.record <> excluded.record
         RETURNING version",
    )
    .bind(engineer.id.as_str())
    .bind(wire::engineer::encode(engineer).encode_to_vec())
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

/// All of them, by id.
pub(crate) async fn all(conn: &mut PgConnection, region: &RegionId) -> sqlx::Result<Vec<Engineer>> {
    let encoded: Vec<Vec<u8>> =
        sqlx::query_scalar("SELECT record FROM engineer ORDER BY engineer_id").fetch_all(conn).await?;
    encoded.iter().map(|encoded| read(encoded, region)).collect()
}

fn read(encoded: &[u8], region: &RegionId) -> sqlx::Result<Engineer> {
    record(encoded, |v, message: pb::Engineer| wire::engineer::decode(v, "engineer", message, region))
}
