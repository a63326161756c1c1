//! SQL, one file per table or question.

pub(crate) mod absence;
pub(crate) mod engineer;
pub(crate) mod free_busy;
pub(crate) mod optimisation;
pub(crate) mod order;
pub(crate) mod repair;
pub(crate) mod visit;
pub(crate) mod world;

use std::fmt::Display;
use std::str::FromStr;

use jiff_sqlx::Timestamp;
use meridian_types::{Interval, Violations};
use prost::Message;
use sqlx::PgConnection;

/// A column that holds something else than this service writes.
#[derive(Debug, thiserror::Error)]
#[error("column {column}: {cause}")]
struct Unreadable {
    column: &'static str,
    cause: String,
}

fn unreadable(column: &'static str, cause: impl Display) -> sqlx::Error {
    sqlx::Error::Decode(Box::new(Unreadable { column, cause: cause.to_string() }))
}

/// A code or a state from its column.
fn parsed<T: FromStr<Err: Display>>(column: &'static str, text: &str) -> sqlx::Result<T> {
    text.parse().map_err(|error| unreadable(column, error))
}

/// A span of time from its bounds.
fn interval(column: &'static str, start: Timestamp, end: Timestamp) -> sqlx::Result<Interval> {
    Interval::new(start.to_jiff(), end.to_jiff()).map_err(|error| unreadable(column, error))
}

/// Makes all reads of a transaction that has not begun to read see one moment.
pub(crate) async fn see_one_moment(conn: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ").execute(conn).await?;
    Ok(())
}

/// A valid value from the encoded message in column `record`.
fn record<M: Message + Default, T>(
    encoded: &[u8],
    decode: impl FnOnce(&mut Violations, M) -> Option<T>,
) -> sqlx::Result<T> {
    let message = M::decode(encoded).map_err(|error| unreadable("record", error))?;
    let mut violations = Violations::new();
    let decoded = decode(&mut violations, message);
    violations.finish().map_err(|problem| unreadable("record", problem))?;
    decoded.ok_or_else(|| unreadable("record", "a field was lost while decoding"))
}
