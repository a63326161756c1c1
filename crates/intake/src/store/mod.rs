//! The SQL, one module for each table. The functions run on whatever connection they are given.

pub(crate) mod case_fact;
pub(crate) mod customer;
pub(crate) mod instrument;
pub(crate) mod party;
pub(crate) mod party_order;
pub(crate) mod person;
pub(crate) mod person_contact;
pub(crate) mod public_weekend;
pub(crate) mod referral;
pub(crate) mod support_case;

use meridian_types::Rule;

use crate::error::Error;

/// A stored value as the type it was stored from.
pub(crate) fn readable<T>(column: &'static str, value: Result<T, Rule>) -> Result<T, Error> {
    value.map_err(|rule| Error::Corrupt { column, rule: rule.to_string() })
}

/// A stored word that no variant stands for.
pub(crate) fn unknown(column: &'static str, word: &str) -> Error {
    Error::Corrupt { column, rule: format!("{word:?} is not one of its words") }
}
