//! Engineers of the other regions, as they last told.

use meridian_proto::dispatch::v1 as pb;
use meridian_scheduler::workforce::FreeBusy;
use meridian_types::{EngineerId, RegionId};
use prost::Message;
use sqlx::PgConnection;

use super::{parsed, record};
use crate::domain::technician::Technician;
use crate::wire;

/// An engineer of another region.
#[derive(Debug)]
pub(crate) struct KnownEngineer {
    pub(crate) technician: Technician,
    pub(crate) taken: FreeBusy,
    /// Real time since the last word from their region about them.
    pub(crate) age_ms: i64,
}

/// Stores what an engineer is, unless something newer is known.
pub(crate) async fn learn_engineer(
    conn: &mut PgConnection,
    technician: &Technician,
    version: i64,
) -> sqlx::Result<()> {
    let engineer = &technician.engineer;
    sqlx::query(
        "INSERT INTO world_engineer (region, engineer_id, record, version) VALUES ($1, $2, $3, $4)
         ON CONFLICT (region, engineer_id) DO UPDATE
            SET record = excluded.record, version = excluded.version, learned_at = excluded.learned_at
          WHERE world_engineer.version < excluded.version",
    )
    .bind(engineer.region.as_str())
    .bind(engineer.id.as_str())
    .bind(wire::engineer::encode(technician).encode_to_vec())
    .bind(version)
    .execute(conn)
    .await?;
    Ok(())
}

/// Stores what takes an engineer's time, unless something newer is known.
pub(crate) async fn learn_free_busy(
    conn: &mut PgConnection,
    region: &RegionId,
    engineer: &EngineerId,
    taken: &FreeBusy,
    version: i64,
) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO world_free_busy (region, engineer_id, record, version) VALUES ($1, $2, $3, $4)
         ON CONFLICT (region, engineer_id) DO UPDATE
            SET record = excluded.record, version = excluded.version, learned_at = excluded.learned_at
          WHERE world_free_busy.version < excluded.version",
    )
    .bind(region.as_str())
    .bind(engineer.as_str())
    .bind(wire::free_busy::encode(engineer, taken, version).encode_to_vec())
    .bind(version)
    .execute(conn)
    .await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct Row {
    region: String,
    record: Vec<u8>,
    free_busy: Option<Vec<u8>>,
    age_ms: i64,
}

/// All of them, by region and id.
pub(crate) async fn engineers(conn: &mut PgConnection) -> sqlx::Result<Vec<KnownEngineer>> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT region, e.record, b.record AS free_busy,
                (extract(epoch FROM clock_timestamp() - greatest(e.learned_at, b.learned_at)) * 1000)::bigint AS age_ms
           FROM world_engineer e LEFT JOIN world_free_busy b USING (region, engineer_id)
          ORDER BY region, engineer_id",
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Row::known).collect()
}

impl Row {
    fn known(self) -> sqlx::Result<KnownEngineer> {
        let region = parsed("region", &self.region)?;
        let technician = record(&self.record, |v, message: pb::Engineer| {
            wire::engineer::decode(v, "engineer", message, &region)
        })?;
        let taken = self.free_busy.map(|encoded| {
            record(&encoded, |v, message: pb::FreeBusyChanged| wire::free_busy::decode(v, message))
        });
        Ok(KnownEngineer {
            technician,
            taken: taken.transpose()?.map(|(_, taken)| taken).unwrap_or_default(),
            age_ms: self.age_ms.max(0),
        })
    }
}
