//! Table `case_fact`.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use meridian_types::CaseId;
use serde::Deserialize;
use sqlx::PgConnection;

use super::{readable, unknown};
use crate::domain::fact::{FactName, Statement};
use crate::domain::fact_book::{Fact, FactBook, FactSource, FactStanding};
use crate::error::Error;

/// A row as PostgreSQL writes it in JSON.
#[derive(Deserialize)]
pub(super) struct Row {
    name: String,
    value: String,
    source: String,
    stated_by: String,
    stated_at: Timestamp,
    verified: bool,
    standing: String,
}

impl Row {
    fn fact(self) -> Result<(Fact, FactStanding), Error> {
        let name = readable("case_fact.name", FactName::parse(&self.name))?;
        let fact = Fact {
            statement: readable("case_fact.value", Statement::parse(&name, &self.value))?,
            source: match self.source.as_str() {
                "caller" => FactSource::Caller,
                "record" => FactSource::Record,
                "office" => FactSource::Office,
                source => return Err(unknown("case_fact.source", source)),
            },
            stated_by: self.stated_by,
            stated_at: self.stated_at,
            verified: self.verified,
        };
        let standing = match self.standing.as_str() {
            "current" => FactStanding::Current,
            "disputed" => FactStanding::Disputed,
            standing => return Err(unknown("case_fact.standing", standing)),
        };
        Ok((fact, standing))
    }
}

/// What is known about a case, from its rows without history.
pub(super) fn book(rows: Vec<Row>) -> Result<FactBook, Error> {
    let facts: Vec<_> = rows.into_iter().map(Row::fact).collect::<Result<_, _>>()?;
    Ok(FactBook::stored(facts))
}

/// Adds a statement; those it replaces become history.
pub(crate) async fn add(
    conn: &mut PgConnection,
    case_id: CaseId,
    fact: &Fact,
    standing: FactStanding,
) -> Result<(), Error> {
    let name = fact.statement.name();
    sqlx::query(
        "UPDATE case_fact SET standing = 'history'
          WHERE case_id = $1 AND name = $2 AND (standing = 'disputed' OR standing = $3)",
    )
    .bind(case_id.uuid())
    .bind(name.as_str())
    .bind(word(standing))
    .execute(&mut *conn)
    .await?;
    sqlx::query(
        "INSERT INTO case_fact (case_id, name, value, source, stated_by, stated_at, verified, standing)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(case_id.uuid())
    .bind(name.as_str())
    .bind(fact.statement.value().reveal())
    .bind(match fact.source {
        FactSource::Caller => "caller",
        FactSource::Record => "record",
        FactSource::Office => "office",
    })
    .bind(&fact.stated_by)
    .bind(fact.stated_at.to_sqlx())
    .bind(fact.verified)
    .bind(word(standing))
    .execute(conn)
    .await?;
    Ok(())
}

const fn word(standing: FactStanding) -> &'static str {
    match standing {
        FactStanding::Current => "current",
        FactStanding::Disputed => "disputed",
        FactStanding::History => "history",
    }
}
