//! Table `preference`: how people want to be told.

use meridian_types::PersonId;
use sqlx::{PgConnection, PgExecutor};

/// How a person wants to be told.
#[derive(Debug, Clone, Default, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct Preference {
    /// Code of a language; empty for the person's own.
    pub(crate) language: String,
    /// Tell only what is promised, changed and done.
    pub(crate) essentials_only: bool,
}

/// Stores a preference in place of an earlier one.
pub(crate) async fn put(
    conn: &mut PgConnection,
    person_id: &PersonId,
    preference: &Preference,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO preference (person_id, language, essentials_only) VALUES ($1, $2, $3)
         ON CONFLICT (person_id) DO UPDATE SET language = $2, essentials_only = $3",
    )
    .bind(person_id.as_str())
    .bind(&preference.language)
    .bind(preference.essentials_only)
    .execute(conn)
    .await?;
    Ok(())
}

/// What the person asked for, or the default.
pub(crate) async fn of(executor: impl PgExecutor<'_>, person_id: &str) -> Result<Preference, sqlx::Error> {
    let found = sqlx::query_as("SELECT language, essentials_only FROM preference WHERE person_id = $1")
        .bind(person_id)
        .fetch_optional(executor)
        .await?;
    Ok(found.unwrap_or_default())
}
