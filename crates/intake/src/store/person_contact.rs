//! Table `person_contact`.

use std::collections::HashMap;

use meridian_types::PersonId;
use sqlx::PgConnection;

use super::{readable, unknown};
use crate::domain::contact::{Email, ExternalId, Phone};
use crate::domain::directory::Person;
use crate::domain::recognition::{Caller, Contact, KnownContact};
use crate::error::Error;

/// Most contacts compared with one caller.
const COMPARED_MAX: i64 = 500;

/// The contacts of one person, preferred first.
#[derive(Debug, Default)]
pub(crate) struct Contacts {
    pub(crate) phones: Vec<Phone>,
    pub(crate) emails: Vec<Email>,
    pub(crate) external_ids: Vec<ExternalId>,
}

#[derive(sqlx::FromRow)]
struct Row {
    person_id: String,
    kind: String,
    value: String,
    untagged: Option<String>,
}

impl Row {
    fn contact(self) -> Result<Contact, Error> {
        match self.kind.as_str() {
            "phone" => Ok(Contact::Phone(Phone::stored(self.value))),
            "email" => Ok(Contact::Email(Email::stored(self.value, self.untagged.unwrap_or_default()))),
            "external" => Ok(Contact::External(ExternalId::stored(self.value))),
            kind => Err(unknown("person_contact.kind", kind)),
        }
    }
}

/// The contacts of people, by person id.
pub(super) async fn of_people(
    conn: &mut PgConnection,
    person_ids: &[&str],
) -> Result<HashMap<String, Contacts>, Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT person_id, kind, value, untagged FROM person_contact
          WHERE person_id = ANY($1) ORDER BY person_id, kind, position",
    )
    .bind(person_ids)
    .fetch_all(conn)
    .await?;
    let mut contacts: HashMap<String, Contacts> = HashMap::new();
    for row in rows {
        let of_person = contacts.entry(row.person_id.clone()).or_default();
        match row.contact()? {
            Contact::Phone(phone) => of_person.phones.push(phone),
            Contact::Email(email) => of_person.emails.push(email),
            Contact::External(id) => of_person.external_ids.push(id),
        }
    }
    Ok(contacts)
}

/// The contacts that may be the caller's: equal ones first, then those that are alike.
pub(crate) async fn like(conn: &mut PgConnection, caller: &Caller) -> Result<Vec<KnownContact>, Error> {
    let phone = caller.phone.as_ref().map(|phone| phone.e164().reveal().as_str());
    let trunk = caller.phone.as_ref().and_then(Phone::trunk);
    let beginning = trunk.as_ref().map(|trunk| trunk.reveal().as_str()).or(phone);
    let email = caller.email.as_ref().map(|email| email.address().reveal().as_str());
    let untagged = caller.email.as_ref().map(|email| email.untagged().reveal().as_str());
    let external = caller.external_id.as_ref().map(|id| id.id().reveal().as_str());
    // Compared byte by byte, as the index is sorted; ':' comes right after the digits.
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT person_id, kind, value, untagged FROM person_contact
          WHERE (kind = 'phone' AND value ~>=~ $1 AND value ~<~ ($1 || ':'))
             OR (kind = 'email' AND untagged = $2)
             OR (kind = 'external' AND value = $3)
          ORDER BY (kind, value) IN (('phone', $4), ('email', $5), ('external', $3)) DESC NULLS LAST,
                   person_id, kind, value
          LIMIT $6",
    )
    .bind(beginning)
    .bind(untagged)
    .bind(external)
    .bind(phone)
    .bind(email)
    .bind(COMPARED_MAX)
    .fetch_all(conn)
    .await?;
    let known = rows.into_iter().map(|row| {
        let person_id = readable("person_contact.person_id", PersonId::parse(&row.person_id))?;
        Ok(KnownContact { person_id, contact: row.contact()? })
    });
    known.collect()
}

/// Replaces all contacts of people.
pub(super) async fn replace(conn: &mut PgConnection, people: &[Person]) -> Result<(), Error> {
    sqlx::query("DELETE FROM person_contact WHERE person_id = ANY($1)")
        .bind(people.iter().map(|person| person.person_id.as_str()).collect::<Vec<_>>())
        .execute(&mut *conn)
        .await?;
    let mut columns = Columns::default();
    for person in people {
        columns.add(person);
    }
    sqlx::query(
        "INSERT INTO person_contact (person_id, kind, value, untagged, position)
         SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int2[])
         ON CONFLICT DO NOTHING",
    )
    .bind(columns.person_id)
    .bind(columns.kind)
    .bind(columns.value)
    .bind(columns.untagged)
    .bind(columns.position)
    .execute(conn)
    .await?;
    Ok(())
}

#[derive(Default)]
struct Columns<'a> {
    person_id: Vec<&'a str>,
    kind: Vec<&'static str>,
    value: Vec<&'a str>,
    untagged: Vec<Option<&'a str>>,
    position: Vec<i16>,
}

impl<'a> Columns<'a> {
    fn add(&mut self, person: &'a Person) {
        let phones = person.phones.iter().map(|phone| ("phone", phone.e164(), None));
        let emails = person.emails.iter().map(|email| ("email", email.address(), Some(email.untagged())));
        let external = person.external_ids.iter().map(|id| ("external", id.id(), None));
        for (position, (kind, value, untagged)) in (0..).zip(phones.chain(emails).chain(external)) {
            self.person_id.push(person.person_id.as_str());
            self.kind.push(kind);
            self.value.push(value.reveal());
            self.untagged.push(untagged.map(|untagged| untagged.reveal().as_str()));
            self.position.push(position);
        }
    }
}
