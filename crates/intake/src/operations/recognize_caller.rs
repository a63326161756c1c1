//! Recognising a caller.

use meridian_types::CustomerId;
use sqlx::PgConnection;

use crate::domain::case::Case;
use crate::domain::directory::{Customer, Instrument, Person};
use crate::domain::recognition::{Caller, Recognition, rank};
use crate::error::Error;
use crate::store;

/// Most instruments and open cases shown of one organisation.
const SHOWN_MAX: i64 = 50;

/// Somebody who may be calling, with everything that need not be asked.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    pub(crate) recognition: Recognition,
    pub(crate) person: Person,
    pub(crate) customer: Customer,
    pub(crate) instruments: Vec<Instrument>,
    pub(crate) open_cases: Vec<Case>,
}

/// The possible callers, the likeliest first.
pub(crate) async fn recognize_caller(
    conn: &mut PgConnection,
    caller: &Caller,
) -> Result<Vec<Candidate>, Error> {
    let known = store::person_contact::like(conn, caller).await?;
    let ranked = rank(caller, &known);
    let ids: Vec<_> = ranked.iter().map(|one| &one.person_id).collect();
    let mut people = store::person::find_all(conn, &ids).await?;
    let mut customer_ids: Vec<_> = people.values().map(|person| person.customer_id.clone()).collect();
    customer_ids.sort();
    customer_ids.dedup();
    let customer_ids: Vec<&CustomerId> = customer_ids.iter().collect();
    let customers = store::customer::find_all(conn, &customer_ids).await?;
    let instruments = store::instrument::of_customers(conn, &customer_ids, SHOWN_MAX).await?;
    let cases = store::support_case::open_of_customers(conn, &customer_ids, SHOWN_MAX).await?;
    let candidate = |recognition: Recognition| {
        let person = people.remove(&recognition.person_id)?;
        let customer = customers.iter().find(|one| one.customer_id == person.customer_id)?.clone();
        let instruments = instruments.iter().filter(|one| one.customer_id == customer.customer_id);
        let open_cases = cases.iter().filter(|one| one.customer_id == customer.customer_id);
        Some(Candidate {
            instruments: instruments.cloned().collect(),
            open_cases: open_cases.cloned().collect(),
            recognition,
            person,
            customer,
        })
    };
    Ok(ranked.into_iter().filter_map(candidate).collect())
}
