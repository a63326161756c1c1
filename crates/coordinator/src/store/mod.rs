//! SQL, one file for each table.

pub(crate) mod appointment;
pub(crate) mod commit_answer;
pub(crate) mod decision;
pub(crate) mod network_record;
pub(crate) mod offered_solution;
pub(crate) mod party;
pub(crate) mod plan;
pub(crate) mod promise;
pub(crate) mod search_job;
pub(crate) mod served_case;
pub(crate) mod timeline;

use meridian_types::Rule;

/// A column that does not hold what the service wrote into it.
pub(crate) fn corrupt(rule: &Rule) -> sqlx::Error {
    sqlx::Error::Decode(rule.to_string().into())
}
