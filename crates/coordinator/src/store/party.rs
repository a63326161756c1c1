//! Who takes over what we cannot do, and who sells or repairs for us.

use meridian_proto::json;
use sqlx::PgConnection;

use super::corrupt;
use crate::offer::Party;

/// Creates or replaces a party.
pub(crate) async fn put(conn: &mut PgConnection, party: &Party) -> Result<(), sqlx::Error> {
    let countries: Vec<&str> = party.countries.iter().map(|country| country.as_str()).collect();
    let offers: Result<Vec<String>, _> = party.offers.iter().map(json::to_string).collect();
    let offers = offers.map_err(|error| sqlx::Error::Encode(error.into()))?;
    sqlx::query(
        "INSERT INTO party (party_id, name, categories, countries, accept_within_minutes, offers)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (party_id) DO UPDATE
            SET name = excluded.name, categories = excluded.categories, countries = excluded.countries,
                accept_within_minutes = excluded.accept_within_minutes, offers = excluded.offers",
    )
    .bind(party.party_id.as_str())
    .bind(&party.name)
    .bind(&party.categories)
    .bind(countries)
    .bind(party.accept_within_minutes)
    .bind(offers)
    .execute(conn)
    .await?;
    Ok(())
}

/// All parties.
pub(crate) async fn all(conn: &mut PgConnection) -> Result<Vec<Party>, sqlx::Error> {
    type Row = (String, String, Vec<String>, Vec<String>, i32, Vec<String>);
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT party_id, name, categories, countries, accept_within_minutes, offers
           FROM party ORDER BY party_id",
    )
    .fetch_all(conn)
    .await?;
    let party = |(party_id, name, categories, countries, accept_within_minutes, offers): Row| {
        Ok(Party {
            party_id: party_id.parse().map_err(|rule| corrupt(&rule))?,
            name,
            categories,
            countries: countries
                .iter()
                .map(|country| country.parse().map_err(|rule| corrupt(&rule)))
                .collect::<Result<_, _>>()?,
            accept_within_minutes,
            offers: offers
                .iter()
                .map(|offer| {
                    json::from_slice(offer.as_bytes()).map_err(|error| sqlx::Error::Decode(error.into()))
                })
                .collect::<Result<_, _>>()?,
        })
    };
    rows.into_iter().map(party).collect()
}
