//! Deadlines of calls: read from `grpc-timeout`, clamped, told to handlers, passed on to further calls.

use std::time::Duration;

use http::HeaderMap;
use meridian_types::{Problem, ProblemKind};
use tokio::time::Instant;

/// The header of a gRPC deadline: up to eight digits and a unit.
pub(crate) const GRPC_TIMEOUT: &str = "grpc-timeout";
const GRPC_TIMEOUT_RULE: &str = "1 to 8 digits and one of H, M, S, m, u, n, at least 1 in all";
/// Part of the time, at most this much, that is kept for the answer to travel.
const MARGIN_MAX: Duration = Duration::from_millis(100);

/// The moment by which a handler should have its answer: a little before the caller gives up.
///
/// Every call that has a deadline carries it as a request extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(pub Instant);

tokio::task_local! {
    static CURRENT: Deadline;
}

impl Deadline {
    /// The deadline of a request; `None` for a watch without one.
    #[must_use]
    pub fn of<T>(request: &tonic::Request<T>) -> Option<Self> {
        request.extensions().get().copied()
    }

    /// The deadline of the call being answered by the current task, which [`crate::client`] passes on.
    #[must_use]
    pub fn current() -> Option<Self> {
        CURRENT.try_with(|deadline| *deadline).ok()
    }

    /// Time left; zero when it has passed.
    #[must_use]
    pub fn remaining(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// Runs a handler under this deadline.
    pub(crate) async fn scope<F: Future>(self, handler: F) -> F::Output {
        CURRENT.scope(self, handler).await
    }
}

/// When the handler should answer, and when we answer in its place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cut {
    pub(crate) deadline: Deadline,
    pub(crate) at: Instant,
}

impl Cut {
    /// For a caller that waits `timeout` from now.
    pub(crate) fn after(timeout: Duration) -> Self {
        let margin = (timeout / 10).min(MARGIN_MAX);
        let now = Instant::now();
        Self { deadline: Deadline(now + timeout - margin), at: now + timeout - margin / 2 }
    }
}

/// The caller's time-out, when it sent one.
pub(crate) fn read(headers: &HeaderMap) -> Result<Option<Duration>, Problem> {
    let Some(header) = headers.get(GRPC_TIMEOUT) else { return Ok(None) };
    let text = header.to_str().unwrap_or_default();
    parse(text).map(Some).ok_or_else(|| Problem::invalid_field(GRPC_TIMEOUT, text, GRPC_TIMEOUT_RULE))
}

fn parse(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if !(1..=8).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let count: u64 = digits.parse().ok().filter(|count| *count > 0)?;
    Some(match unit {
        "H" => Duration::from_secs(count * 3600),
        "M" => Duration::from_secs(count * 60),
        "S" => Duration::from_secs(count),
        "m" => Duration::from_millis(count),
        "u" => Duration::from_micros(count),
        "n" => Duration::from_nanos(count),
        _ => return None,
    })
}

/// The header's value for a time-out, in the finest unit that fits; never zero.
pub(crate) fn format(timeout: Duration) -> String {
    const DIGITS_MAX: u128 = 99_999_999;
    let micros = timeout.as_micros().max(1);
    match (micros, micros / 1000) {
        (micros, _) if micros <= DIGITS_MAX => format!("{micros}u"),
        (_, millis) if millis <= DIGITS_MAX => format!("{millis}m"),
        _ => format!("{}S", timeout.as_secs().min(99_999_999)),
    }
}

/// The refusal of a call that named no deadline.
pub(crate) fn required(deadline_max: Duration) -> Problem {
    let rule = format!("a deadline up to {} ms must be set", deadline_max.as_millis());
    Problem { reason: "DEADLINE_REQUIRED".into(), ..Problem::invalid_field(GRPC_TIMEOUT, "", rule) }
}

/// The answer to a call whose handler did not make it in time.
pub(crate) fn exceeded() -> Problem {
    Problem::new(
        ProblemKind::DeadlineExceeded,
        "DEADLINE_EXCEEDED",
        "no answer within the deadline; whether the call took effect is unknown, repeat it with the same request_id",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_reads_back_as_it_was_written() {
        for timeout in [Duration::from_micros(1), Duration::from_millis(1500), Duration::from_secs(7200)] {
            assert_eq!(parse(&format(timeout)), Some(timeout));
        }
        assert_eq!(format(Duration::ZERO), "1u");
    }

    #[test]
    fn a_malformed_timeout_is_none() {
        for text in ["", "S", "1", "-1S", "1 S", "123456789S", "1s", "0S", "1é", "1.5S"] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }
}
