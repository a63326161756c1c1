//! Table `meridian.business_clock`: the driven clock of a region, one row.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::postgres::PgRow;
use sqlx::{PgPool, Row};

/// The clock as the database sees it at one moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading {
    /// Business time.
    pub(crate) now: Timestamp,
    /// Business seconds per real second.
    pub(crate) rate: f64,
}

/// Creates the table and its row where they are missing. A new clock stands at `start`, or goes on from the real
/// time at rate 1.
///
/// Processes of a region start together and `IF NOT EXISTS` does not keep two of them apart, hence the lock.
pub(crate) async fn create(pool: &PgPool, start: Option<Timestamp>) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(
        "SELECT pg_advisory_xact_lock(hashtext('meridian.business_clock'));
        CREATE SCHEMA IF NOT EXISTS meridian;
        CREATE TABLE IF NOT EXISTS meridian.business_clock (
            one boolean PRIMARY KEY DEFAULT true CHECK (one),
            value timestamptz NOT NULL,
            set_at timestamptz NOT NULL,
            rate double precision NOT NULL CHECK (rate BETWEEN 0 AND 1000000)
        );
        COMMENT ON TABLE meridian.business_clock IS
            'business time now = value + (clock_timestamp() - set_at) * rate; never goes backwards';",
    )
    .execute(pool)
    .await?;
    sqlx::query(
        "INSERT INTO meridian.business_clock (value, set_at, rate)
        VALUES (COALESCE($1, now()), now(), CASE WHEN $1 IS NULL THEN 1 ELSE 0 END)
        ON CONFLICT DO NOTHING",
    )
    .bind(start.map(|start| start.to_sqlx()))
    .execute(pool)
    .await?;
    Ok(())
}

/// Reads the clock.
pub(crate) async fn read(pool: &PgPool) -> Result<Reading, sqlx::Error> {
    let row = sqlx::query(
        "SELECT LEAST(value + (clock_timestamp() - set_at) * rate, '9999-12-30') AS now, rate
        FROM meridian.business_clock",
    )
    .fetch_one(pool)
    .await?;
    reading(&row)
}

/// Sets the clock, unless that would turn it back: then `None`.
pub(crate) async fn set(pool: &PgPool, value: Timestamp, rate: f64) -> Result<Option<Reading>, sqlx::Error> {
    let row = sqlx::query(
        "UPDATE meridian.business_clock SET value = $1, set_at = clock_timestamp(), rate = $2
        WHERE value + (clock_timestamp() - set_at) * rate <= $1
        RETURNING value AS now, rate",
    )
    .bind(value.to_sqlx())
    .bind(rate)
    .fetch_optional(pool)
    .await?;
    row.as_ref().map(reading).transpose()
}

fn reading(row: &PgRow) -> Result<Reading, sqlx::Error> {
    let now: jiff_sqlx::Timestamp = row.try_get("now")?;
    Ok(Reading { now: now.to_jiff(), rate: row.try_get("rate")? })
}
