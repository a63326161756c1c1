//! The services' own code that runs inside units of work of this crate.

use std::future::Future;
use std::panic::AssertUnwindSafe;

use async_trait::async_trait;
use futures::FutureExt;
use meridian_chassis::status;
use meridian_types::Problem;

use crate::{Event, Work};

/// What a service does with the events of one source.
#[async_trait]
pub trait Handler: Send + Sync + 'static {
    /// Applies one event: changes state and emits through `work`, which also moves the reader's position, so that
    /// each event takes effect exactly once. Events of no concern are answered with `Ok`.
    ///
    /// # Errors
    /// A passing fault (`Unavailable`, `Aborted`, `DeadlineExceeded`) is tried again for ever. Anything else is
    /// tried three times and then set aside as a dead letter, with the later events of the same aggregate. A
    /// refusal that the sender should hear of is not an error: emit it as an event and return `Ok`.
    async fn handle(&self, work: &mut Work, event: &Event) -> Result<(), Problem>;

    /// Whether [`handle`](Self::handle) may do anything about an event. Where no event of a batch is of concern, the
    /// reader passes it over without a transaction: whoever reads a busy stream for few of its events should say so.
    fn concerns(&self, event: &Event) -> bool {
        let _ = event;
        true
    }
}

/// The outcome of `code`, where a panic is a defect like any other.
pub(crate) async fn shielded(code: impl Future<Output = Result<(), Problem>>) -> Result<(), Problem> {
    match AssertUnwindSafe(code).catch_unwind().await {
        Ok(outcome) => outcome,
        Err(panic) => {
            let text = panic
                .downcast_ref::<&'static str>()
                .copied()
                .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
            Err(status::internal(&Panicked(text.unwrap_or("no message").to_owned())))
        }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("a handler panicked: {0}")]
struct Panicked(String);
