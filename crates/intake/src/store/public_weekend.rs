//! Table `public_weekend`.

use jiff::civil::Weekday;
use meridian_types::{CountryCode, RegionId, Rule, usual_weekend};
use sqlx::PgConnection;

use super::readable;
use crate::error::Error;

/// Remembers the weekend that a public calendar of a region names. Without days it is the usual one again; what belongs
/// to another region stays.
pub(crate) async fn put(
    conn: &mut PgConnection,
    region: &RegionId,
    country: &CountryCode,
    days: &[Weekday],
) -> Result<(), Error> {
    let days: Vec<i16> = days.iter().map(|day| day.to_monday_one_offset().into()).collect();
    sqlx::query(
        "WITH gone AS (DELETE FROM public_weekend WHERE country = $1 AND region = $2 AND $3 = '{}'::smallint[])
         INSERT INTO public_weekend (country, region, days) SELECT $1, $2, $3 WHERE $3 <> '{}'::smallint[]
         ON CONFLICT (country) DO UPDATE SET days = excluded.days WHERE public_weekend.region = excluded.region",
    )
    .bind(country.as_str())
    .bind(region.as_str())
    .bind(days)
    .execute(conn)
    .await?;
    Ok(())
}

/// The weekend of a country.
pub(crate) async fn find(conn: &mut PgConnection, country: &CountryCode) -> Result<Vec<Weekday>, Error> {
    let days = sqlx::query_scalar("SELECT days FROM public_weekend WHERE country = $1")
        .bind(country.as_str())
        .fetch_optional(conn)
        .await?;
    weekend(days, country)
}

/// The days of a row, or what is usual in the country.
pub(super) fn weekend(days: Option<Vec<i16>>, country: &CountryCode) -> Result<Vec<Weekday>, Error> {
    let day = |day: i16| {
        let named = i8::try_from(day).ok().and_then(|day| Weekday::from_monday_one_offset(day).ok());
        readable("public_weekend.days", named.ok_or(Rule::new("1 to 7")))
    };
    days.map_or_else(|| Ok(usual_weekend(country).to_vec()), |days| days.into_iter().map(day).collect())
}
