//! Table `instrument`.

use jiff_sqlx::ToSqlx;
use meridian_types::{CustomerId, InstrumentModel, SerialNumber, SiteId};
use sqlx::PgConnection;

use super::readable;
use crate::domain::directory::Instrument;
use crate::error::Error;

#[derive(sqlx::FromRow)]
struct Row {
    serial_number: String,
    model: String,
    customer_id: String,
    site_id: String,
    warranty_until: Option<jiff_sqlx::Timestamp>,
    revision: Option<String>,
}

impl Row {
    fn instrument(self) -> Result<Instrument, Error> {
        Ok(Instrument {
            serial_number: readable("instrument.serial_number", SerialNumber::parse(&self.serial_number))?,
            model: readable("instrument.model", InstrumentModel::parse(&self.model))?,
            customer_id: readable("instrument.customer_id", CustomerId::parse(&self.customer_id))?,
            site_id: readable("instrument.site_id", SiteId::parse(&self.site_id))?,
            warranty_until: self.warranty_until.map(jiff_sqlx::Timestamp::to_jiff),
            revision: self.revision,
        })
    }
}

/// One instrument.
pub(crate) async fn find(
    conn: &mut PgConnection,
    serial_number: &SerialNumber,
) -> Result<Option<Instrument>, Error> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT serial_number, model, customer_id, site_id, warranty_until, revision
           FROM instrument WHERE serial_number = $1",
    )
    .bind(serial_number.as_str())
    .fetch_optional(conn)
    .await?;
    row.map(Row::instrument).transpose()
}

/// The instruments of customers by serial number, at most `limit` of each customer.
pub(crate) async fn of_customers(
    conn: &mut PgConnection,
    customers: &[&CustomerId],
    limit: i64,
) -> Result<Vec<Instrument>, Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT i.serial_number, i.model, i.customer_id, i.site_id, i.warranty_until, i.revision
           FROM unnest($1::text[]) AS wanted (customer_id)
          CROSS JOIN LATERAL (
                SELECT * FROM instrument
                 WHERE instrument.customer_id = wanted.customer_id
                 ORDER BY serial_number LIMIT $2) AS i
          ORDER BY i.customer_id, i.serial_number",
    )
    .bind(customers.iter().map(|id| id.as_str()).collect::<Vec<_>>())
    .bind(limit)
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Row::instrument).collect()
}

/// Sites where a customer has instruments; at most two, since more than one already leaves a choice.
pub(crate) async fn sites_of_customer(
    conn: &mut PgConnection,
    customer: &CustomerId,
) -> Result<Vec<SiteId>, Error> {
    let sites: Vec<String> = sqlx::query_scalar(
        "SELECT DISTINCT site_id FROM instrument WHERE customer_id = $1 ORDER BY 1 LIMIT 2",
    )
    .bind(customer.as_str())
    .fetch_all(conn)
    .await?;
    sites.iter().map(|site| readable("instrument.site_id", SiteId::parse(site))).collect()
}

/// Creates or replaces instruments.
pub(crate) async fn put(conn: &mut PgConnection, instruments: &[Instrument]) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO instrument (serial_number, model, customer_id, site_id, warranty_until, revision)
         SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::text[])
          ORDER BY 1
         ON CONFLICT (serial_number) DO UPDATE
            SET model = excluded.model, customer_id = excluded.customer_id, site_id = excluded.site_id,
                warranty_until = excluded.warranty_until, revision = excluded.revision",
    )
    .bind(instruments.iter().map(|one| one.serial_number.as_str()).collect::<Vec<_>>())
    .bind(instruments.iter().map(|one| one.model.as_str()).collect::<Vec<_>>())
    .bind(instruments.iter().map(|one| one.customer_id.as_str()).collect::<Vec<_>>())
    .bind(instruments.iter().map(|one| one.site_id.as_str()).collect::<Vec<_>>())
    .bind(instruments.iter().map(|one| one.warranty_until.map(|until| until.to_sqlx())).collect::<Vec<_>>())
    .bind(instruments.iter().map(|one| one.revision.as_deref()).collect::<Vec<_>>())
    .execute(conn)
    .await?;
    Ok(())
}
