//! Reading the directory.

use meridian_types::{CustomerId, PersonId, SerialNumber};
use sqlx::PgConnection;

use crate::domain::case::Case;
use crate::domain::directory::{Customer, Instrument, Person};
use crate::error::Error;
use crate::store;

/// Most open cases shown with an instrument.
const OPEN_CASES_MAX: i64 = 50;

pub(crate) async fn customer(conn: &mut PgConnection, id: &CustomerId) -> Result<Customer, Error> {
    store::customer::find(conn, id).await?.ok_or_else(|| Error::CustomerNotFound(id.clone()))
}

/// A person with their organisation.
pub(crate) async fn person(conn: &mut PgConnection, id: PersonId) -> Result<(Person, Customer), Error> {
    let person = store::person::find(conn, &id).await?.ok_or(Error::PersonNotFound(id))?;
    let customer = customer(conn, &person.customer_id).await?;
    Ok((person, customer))
}

/// An instrument with its owner and the open cases about it.
pub(crate) async fn instrument(
    conn: &mut PgConnection,
    serial_number: SerialNumber,
) -> Result<(Instrument, Customer, Vec<Case>), Error> {
    let found = store::instrument::find(conn, &serial_number).await?;
    let instrument = found.ok_or(Error::InstrumentNotFound(serial_number))?;
    let customer = customer(conn, &instrument.customer_id).await?;
    let cases =
        store::support_case::open_of_instrument(conn, &instrument.serial_number, OPEN_CASES_MAX).await?;
    Ok((instrument, customer, cases))
}

/// Those of the customers that are on record.
pub(crate) async fn customers(conn: &mut PgConnection, ids: &[CustomerId]) -> Result<Vec<Customer>, Error> {
    store::customer::find_all(conn, &ids.iter().collect::<Vec<_>>()).await
}
