//! What an error of the database means to a caller, and what its silence means.

use std::io;
use std::time::Duration;

use meridian_chassis::status;
use meridian_types::{Problem, ProblemKind};

/// Two transactions got in each other's way; the unit of work runs again by itself.
pub(crate) const TRANSACTION_CONFLICT: &str = "TRANSACTION_CONFLICT";
/// The connection was lost while committing: committed or not, nobody knows yet.
pub(crate) const OUTCOME_UNKNOWN: &str = "OUTCOME_UNKNOWN";
const RETRY_AFTER_MS: u64 = 500;
/// The sessions' own limits end what takes too long earlier; a database silent for so long is not there any more.
const SILENCE_MAX: Duration = Duration::from_secs(20);

/// The problem behind a database error that no rule of the service explains.
///
/// Passing faults (server away, pool exhausted, time-outs, conflicts) become `Unavailable` or `Aborted`, so that
/// callers and readers try again; everything else is a defect, logged here once.
#[must_use]
pub fn database_problem(error: &sqlx::Error) -> Problem {
    use sqlx::Error;
    let unavailable = |reason, message: &str| {
        tracing::debug!(%error, reason, "the database did not serve a query");
        Problem::new(ProblemKind::Unavailable, reason, message).retry_after_ms(RETRY_AFTER_MS)
    };
    match error {
        Error::PoolTimedOut => unavailable("OVERLOADED", "too many requests wait for the database"),
        Error::Io(_) | Error::Tls(_) | Error::PoolClosed | Error::WorkerCrashed => {
            unavailable("DATABASE_UNAVAILABLE", "the database cannot be reached")
        }
        Error::Database(cause) => match cause.code().as_deref().unwrap_or_default() {
            // serialization_failure, deadlock_detected
            "40001" | "40P01" => {
                Problem::new(ProblemKind::Aborted, TRANSACTION_CONFLICT, "another transaction interfered")
            }
            // lock_not_available, query_canceled (statement_timeout)
            "55P03" | "57014" => unavailable("DATABASE_BUSY", "the database took too long"),
            // idle_in_transaction_session_timeout, read_only_sql_transaction (a former primary)
            "25P03" | "25006" => unavailable("DATABASE_UNAVAILABLE", "the database ended the transaction"),
            // connection exceptions, insufficient resources, operator intervention
            code if ["08", "53", "57"].iter().any(|class| code.starts_with(class)) => {
                unavailable("DATABASE_UNAVAILABLE", "the database does not serve at the moment")
            }
            _ => status::internal(error),
        },
        _ => status::internal(error),
    }
}

/// Whether the same attempt may well succeed later: not a verdict on what was attempted.
pub(crate) fn is_passing(problem: &Problem) -> bool {
    !problem.is_decision() && problem.kind != ProblemKind::Internal
}

/// The outcome of `query`, or an error when the database says nothing. A server whose machine vanished cannot close
/// the connection, and the client would wait for ever. The connection must not be used after such an error.
pub(crate) async fn answered<T>(
    query: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    let silence = |_| Err(sqlx::Error::Io(io::Error::from(io::ErrorKind::TimedOut)));
    tokio::time::timeout(SILENCE_MAX, query).await.unwrap_or_else(silence)
}
