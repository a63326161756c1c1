//! Table `customer`.

use meridian_types::{CountryCode, CustomerId};
use sqlx::PgConnection;

use super::readable;
use crate::domain::directory::Customer;
use crate::error::Error;

#[derive(sqlx::FromRow)]
struct Row {
    customer_id: String,
    name: String,
    country: String,
}

impl Row {
    fn customer(self) -> Result<Customer, Error> {
        Ok(Customer {
            customer_id: readable("customer.customer_id", CustomerId::parse(&self.customer_id))?,
            name: self.name,
            country: readable("customer.country", CountryCode::parse(&self.country))?,
        })
    }
}

/// Those of the customers that exist.
pub(crate) async fn find_all(conn: &mut PgConnection, ids: &[&CustomerId]) -> Result<Vec<Customer>, Error> {
    let ids: Vec<_> = ids.iter().map(|id| id.as_str()).collect();
    let rows: Vec<Row> =
        sqlx::query_as("SELECT customer_id, name, country FROM customer WHERE customer_id = ANY($1)")
            .bind(ids)
            .fetch_all(conn)
            .await?;
    rows.into_iter().map(Row::customer).collect()
}

/// One customer.
pub(crate) async fn find(conn: &mut PgConnection, id: &CustomerId) -> Result<Option<Customer>, Error> {
    Ok(find_all(conn, &[id]).await?.pop())
}

/// Creates or replaces customers.
pub(crate) async fn put(conn: &mut PgConnection, customers: &[Customer]) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO customer (customer_id, name, country)
         SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) ORDER BY 1
         ON CONFLICT (customer_id) DO UPDATE SET name = excluded.name, country = excluded.country",
    )
    .bind(customers.iter().map(|customer| customer.customer_id.as_str()).collect::<Vec<_>>())
    .bind(customers.iter().map(|customer| customer.name.as_str()).collect::<Vec<_>>())
    .bind(customers.iter().map(|customer| customer.country.as_str()).collect::<Vec<_>>())
    .execute(conn)
    .await?;
    Ok(())
}
