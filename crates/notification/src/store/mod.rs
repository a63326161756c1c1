//! SQL, one module per table.

use meridian_messaging::database_problem;
use meridian_types::Problem;

pub(crate) mod customer_case;
pub(crate) mod delivery;
pub(crate) mod milestone;
pub(crate) mod notice;
pub(crate) mod preference;
pub(crate) mod webhook;

/// The problem behind an error of a query that no rule explains.
#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
pub(crate) fn failed(error: sqlx::Error) -> Problem {
    database_problem(&error)
}

/// A value of a row that this service can't have written.
#[derive(Debug, thiserror::Error)]
#[error("{table}.{column} holds {value:?}")]
pub(crate) struct Inconsistency {
    pub(crate) table: &'static str,
    pub(crate) column: &'static str,
    pub(crate) value: String,
}

/// The value, or the error that says where it stood.
fn expected<T>(
    value: Option<T>,
    table: &'static str,
    column: &'static str,
    text: &str,
) -> Result<T, sqlx::Error> {
    value
        .ok_or_else(|| sqlx::Error::Decode(Box::new(Inconsistency { table, column, value: text.to_owned() })))
}
