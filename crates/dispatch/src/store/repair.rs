//! Repair profiles and depots of every region.

use meridian_proto::dispatch::v1 as pb;
use meridian_types::{InstrumentModel, Symptom};
use prost::Message;
use sqlx::PgConnection;

use super::{parsed, record};
use crate::domain::repair::{Depot, RepairProfile};
use crate::wire::repair::{decode_depot, decode_profile, encode_depot, encode_profile};

/// Stores a profile of this region. Returns the new version, or `None` when nothing is different.
pub(crate) async fn put_profile(
    conn: &mut PgConnection,
    profile: &RepairProfile,
) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar(
        "INSERT INTO repair_profile (region, model, symptom, record, version) VALUES ($1, $2, $3, $4, 1)
         ON CONFLICT (model, symptom, region) DO UPDATE
            SET record = excluded.record, version = repair_profile.version + 1
          WHERE repair_profile.record <> excluded.record
         RETURNING version",
    )
    .bind(profile.region.as_str())
    .bind(profile.model.as_str())
    .bind(profile.symptom.as_ref().map_or("", Symptom::as_str))
    .bind(encode_profile(profile).encode_to_vec())
    .fetch_optional(conn)
    .await
}

/// Stores a profile of another region, unless a newer one is known.
pub(crate) async fn learn_profile(
    conn: &mut PgConnection,
    profile: &RepairProfile,
    version: i64,
) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO repair_profile (region, model, symptom, record, version) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (model, symptom, region) DO UPDATE SET record = excluded.record, version = excluded.version
          WHERE repair_profile.version < excluded.version",
    )
    .bind(profile.region.as_str())
    .bind(profile.model.as_str())
    .bind(profile.symptom.as_ref().map_or("", Symptom::as_str))
    .bind(encode_profile(profile).encode_to_vec())
    .bind(version)
    .execute(conn)
    .await?;
    Ok(())
}

/// The profiles of a model.
pub(crate) async fn profiles(
    conn: &mut PgConnection,
    model: &InstrumentModel,
) -> sqlx::Result<Vec<RepairProfile>> {
    let rows: Vec<(String, Vec<u8>)> =
        sqlx::query_as("SELECT region, record FROM repair_profile WHERE model = $1")
            .bind(model.as_str())
            .fetch_all(conn)
            .await?;
    let read = |(region, encoded): (String, Vec<u8>)| {
        let region = parsed("region", &region)?;
        record(&encoded, |v, message: pb::RepairProfile| decode_profile(v, "profile", message, &region))
    };
    rows.into_iter().map(read).collect()
}

/// Stores a depot of this region. Returns the new version, or `None` when nothing is different.
pub(crate) async fn put_depot(conn: &mut PgConnection, depot: &Depot) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar(
        "INSERT INTO depot (region, site_id, models, record, version) VALUES ($1, $2, $3, $4, 1)
         ON CONFLICT (region, site_id) DO UPDATE
            SET models = excluded.models, record = excluded.record, version = depot.version + 1
          WHERE depot.record <> excluded.record
         RETURNING version",
    )
    .bind(depot.region.as_str())
    .bind(depot.site.as_str())
    .bind(models(depot))
    .bind(encode_depot(depot).encode_to_vec())
    .fetch_optional(conn)
    .await
}

/// Stores a depot of another region, unless a newer one is known.
pub(crate) async fn learn_depot(conn: &mut PgConnection, depot: &Depot, version: i64) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO depot (region, site_id, models, record, version) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (region, site_id) DO UPDATE
            SET models = excluded.models, record = excluded.record, version = excluded.version
          WHERE depot.version < excluded.version",
    )
    .bind(depot.region.as_str())
    .bind(depot.site.as_str())
    .bind(models(depot))
    .bind(encode_depot(depot).encode_to_vec())
    .bind(version)
    .execute(conn)
    .await?;
    Ok(())
}

fn models(depot: &Depot) -> Vec<String> {
    depot.models.iter().map(ToString::to_string).collect()
}

/// The depots that repair a model, by region and site.
pub(crate) async fn depots(conn: &mut PgConnection, model: &InstrumentModel) -> sqlx::Result<Vec<Depot>> {
    let rows: Vec<(String, Vec<u8>)> =
        sqlx::query_as("SELECT region, record FROM depot WHERE models @> ARRAY[$1] ORDER BY region, site_id")
            .bind(model.as_str())
            .fetch_all(conn)
            .await?;
    let read = |(region, encoded): (String, Vec<u8>)| {
        let region = parsed("region", &region)?;
        record(&encoded, |v, message: pb::Depot| decode_depot(v, "depot", message, &region))
    };
    rows.into_iter().map(read).collect()
}
