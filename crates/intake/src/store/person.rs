//! Table `person`.

use std::collections::HashMap;

use meridian_types::{CustomerId, PersonId, Personal};
use sqlx::PgConnection;

use super::person_contact::{self, Contacts};
use super::readable;
use crate::domain::directory::{Language, Person, Zone};
use crate::error::Error;

#[derive(sqlx::FromRow)]
struct Row {
    person_id: String,
    customer_id: String,
    name: String,
    language: String,
    zone: String,
}

impl Row {
    fn person(self, contacts: Contacts) -> Result<Person, Error> {
        let Contacts { phones, emails, external_ids } = contacts;
        Ok(Person {
            person_id: readable("person.person_id", PersonId::parse(&self.person_id))?,
            customer_id: readable("person.customer_id", CustomerId::parse(&self.customer_id))?,
            name: Personal::new(self.name),
            phones,
            emails,
            external_ids,
            language: readable("person.language", Language::parse(&self.language))?,
            zone: readable("person.zone", Zone::parse(&self.zone))?,
        })
    }
}

/// Those of the people who exist, with their contacts, by id.
pub(crate) async fn find_all(
    conn: &mut PgConnection,
    ids: &[&PersonId],
) -> Result<HashMap<PersonId, Person>, Error> {
    let texts: Vec<_> = ids.iter().map(|id| id.as_str()).collect();
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT person_id, customer_id, name, language, zone FROM person WHERE person_id = ANY($1)",
    )
    .bind(&texts)
    .fetch_all(&mut *conn)
    .await?;
    let mut contacts = person_contact::of_people(conn, &texts).await?;
    let people = rows.into_iter().map(|row| {
        let contacts = contacts.remove(&row.person_id).unwrap_or_default();
        row.person(contacts).map(|person| (person.person_id.clone(), person))
    });
    people.collect()
}

/// One person.
pub(crate) async fn find(conn: &mut PgConnection, id: &PersonId) -> Result<Option<Person>, Error> {
    Ok(find_all(conn, &[id]).await?.remove(id))
}

/// Creates or replaces people with their contacts.
pub(crate) async fn put(conn: &mut PgConnection, people: &[Person]) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO person (person_id, customer_id, name, language, zone)
         SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) ORDER BY 1
         ON CONFLICT (person_id) DO UPDATE
            SET customer_id = excluded.customer_id, name = excluded.name, language = excluded.language,
                zone = excluded.zone",
    )
    .bind(people.iter().map(|person| person.person_id.as_str()).collect::<Vec<_>>())
    .bind(people.iter().map(|person| person.customer_id.as_str()).collect::<Vec<_>>())
    .bind(people.iter().map(|person| person.name.reveal().as_str()).collect::<Vec<_>>())
    .bind(people.iter().map(|person| person.language.code()).collect::<Vec<_>>())
    .bind(people.iter().map(|person| person.zone.name()).collect::<Vec<_>>())
    .execute(&mut *conn)
    .await?;
    person_contact::replace(conn, people).await
}
