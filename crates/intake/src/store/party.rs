//! Table `party`.

use meridian_types::{CountryCode, PartyId};
use sqlx::PgConnection;
use sqlx::types::Json;

use super::readable;
use crate::domain::directory::{Party, PartyCategory};
use crate::domain::party_offer::PartyOffer;
use crate::error::Error;

#[derive(sqlx::FromRow)]
struct Row {
    party_id: String,
    name: String,
    categories: Vec<String>,
    countries: Vec<String>,
    accept_within_minutes: i32,
    offers: Json<Vec<PartyOffer>>,
}

impl Row {
    fn party(self) -> Result<Party, Error> {
        let categories =
            self.categories.iter().map(|text| readable("party.categories", PartyCategory::parse(text)));
        let countries =
            self.countries.iter().map(|text| readable("party.countries", CountryCode::parse(text)));
        Ok(Party {
            party_id: readable("party.party_id", PartyId::parse(&self.party_id))?,
            name: self.name,
            categories: categories.collect::<Result<_, _>>()?,
            countries: countries.collect::<Result<_, _>>()?,
            accept_within_minutes: self.accept_within_minutes,
            offers: self.offers.0,
        })
    }
}

/// One party.
pub(crate) async fn find(conn: &mut PgConnection, id: &PartyId) -> Result<Option<Party>, Error> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT party_id, name, categories, countries, accept_within_minutes, offers
           FROM party WHERE party_id = $1",
    )
    .bind(id.as_str())
    .fetch_optional(conn)
    .await?;
    row.map(Row::party).transpose()
}

/// Creates or replaces a party. Returns its version.
pub(crate) async fn put(conn: &mut PgConnection, party: &Party) -> Result<i64, Error> {
    let version = sqlx::query_scalar(
        "INSERT INTO party (party_id, name, categories, countries, accept_within_minutes, offers, version)
         VALUES ($1, $2, $3, $4, $5, $6, 1)
         ON CONFLICT (party_id) DO UPDATE
            SET name = excluded.name, categories = excluded.categories, countries = excluded.countries,
                accept_within_minutes = excluded.accept_within_minutes, offers = excluded.offers,
                version = party.version + 1
         RETURNING version",
    )
    .bind(party.party_id.as_str())
    .bind(&party.name)
    .bind(party.categories.iter().map(PartyCategory::as_str).collect::<Vec<_>>())
    .bind(party.countries.iter().map(CountryCode::as_str).collect::<Vec<_>>())
    .bind(party.accept_within_minutes)
    .bind(Json(&party.offers))
    .fetch_one(conn)
    .await?;
    Ok(version)
}
