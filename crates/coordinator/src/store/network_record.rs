//! Records of the network, of all regions.

use meridian_proto::coordinator::v1 as pb;
use meridian_proto::json;
use meridian_types::{RegionId, SiteId};
use prost::{Message, Name};
use sqlx::PgConnection;

use super::corrupt;
use crate::world::network::Records;

/// A record to be stored.
#[derive(Debug)]
pub(crate) struct Put<'a, M> {
    /// "site", "calendar", "public_calendar", "lane", "customs_rule" or "gate".
    pub(crate) kind: &'static str,
    pub(crate) id: &'a str,
    /// Who owns it.
    pub(crate) region: &'a RegionId,
    pub(crate) record: &'a M,
}

/// Creates or replaces a record and returns its version. `None` when it belongs to another region.
pub(crate) async fn put<M: Message + Name>(
    conn: &mut PgConnection,
    put: &Put<'_, M>,
) -> Result<Option<i64>, sqlx::Error> {
    let body = json::to_string(put.record).map_err(|error| sqlx::Error::Encode(error.into()))?;
    sqlx::query_scalar(
        "INSERT INTO network_record (kind, id, region, version, body) VALUES ($1, $2, $3, 1, $4::jsonb)
         ON CONFLICT (kind, id) DO UPDATE SET version = network_record.version + 1, body = excluded.body
            WHERE network_record.region = excluded.region
         RETURNING version",
    )
    .bind(put.kind)
    .bind(put.id)
    .bind(put.region.as_str())
    .bind(body)
    .fetch_optional(conn)
    .await
}

/// Says that a record has changed.
pub(crate) async fn bump_version(conn: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE network_version SET version = version + 1").execute(conn).await?;
    Ok(())
}

/// Which state of the network this is.
pub(crate) async fn version(conn: &mut PgConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT version FROM network_version").fetch_one(conn).await
}

/// Currency of the prices of lanes, if there is a lane with a price.
pub(crate) async fn currency(conn: &mut PgConnection) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT coalesce(body #>> '{fixedCost,currencyCode}', body #>> '{costPerKg,currencyCode}')
           FROM network_record
          WHERE kind = 'lane' AND (body ? 'fixedCost' OR body ? 'costPerKg') LIMIT 1",
    )
    .fetch_optional(conn)
    .await
}

/// All records, in the order of their codes, and their version.
pub(crate) async fn all(conn: &mut PgConnection) -> Result<Records, sqlx::Error> {
    // One statement, so that version and records belong together.
    let rows: Vec<(i64, Option<String>, Option<String>)> = sqlx::query_as(
        "SELECT version.version, record.kind, record.body::text
           FROM network_version AS version LEFT JOIN network_record AS record ON true
          ORDER BY record.kind, record.id",
    )
    .fetch_all(conn)
    .await?;
    let mut records = Records::default();
    for (version, kind, body) in rows {
        records.version = version;
        if let (Some(kind), Some(body)) = (kind, body) {
            add(&mut records, &kind, body.as_bytes())?;
        }
    }
    Ok(records)
}

fn read<M: Message + Name + Default>(body: &[u8]) -> Result<M, sqlx::Error> {
    json::from_slice(body).map_err(|error| sqlx::Error::Decode(error.into()))
}

fn add(records: &mut Records, kind: &str, body: &[u8]) -> Result<(), sqlx::Error> {
    match kind {
        "site" => records.sites.push(read::<pb::Site>(body)?),
        "calendar" => records.calendars.push(read::<pb::Calendar>(body)?),
        "public_calendar" => records.public_calendars.push(read::<pb::PublicCalendar>(body)?),
        "lane" => records.lanes.push(read::<pb::Lane>(body)?),
        "customs_rule" => records.customs_rules.push(read::<pb::CustomsRule>(body)?),
        _ => records.gates.push(read::<pb::Gate>(body)?),
    }
    Ok(())
}

/// A site, if it is known.
pub(crate) async fn site(conn: &mut PgConnection, id: &SiteId) -> Result<Option<pb::Site>, sqlx::Error> {
    let body: Option<String> =
        sqlx::query_scalar("SELECT body::text FROM network_record WHERE kind = 'site' AND id = $1")
            .bind(id.as_str())
            .fetch_optional(conn)
            .await?;
    body.map(|body| read(body.as_bytes())).transpose()
}

/// Codes of all sites.
pub(crate) async fn sites(conn: &mut PgConnection) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar("SELECT id FROM network_record WHERE kind = 'site'").fetch_all(conn).await
}

/// Who owns a record.
pub(crate) async fn owner(conn: &mut PgConnection, kind: &str, id: &str) -> Result<RegionId, sqlx::Error> {
    let region: String = sqlx::query_scalar("SELECT region FROM network_record WHERE kind = $1 AND id = $2")
        .bind(kind)
        .bind(id)
        .fetch_one(conn)
        .await?;
    region.parse().map_err(|rule| corrupt(&rule))
}
