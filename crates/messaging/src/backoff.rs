//! Pauses between attempts that nobody gives up.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

const FIRST: Duration = Duration::from_millis(20);
const LONGEST: Duration = Duration::from_secs(1);

/// Pauses that double from 20 ms up to 1 s, each shortened at random by up to half, so that those who failed
/// together do not return together.
#[derive(Debug)]
pub(crate) struct Backoff(Duration);

impl Backoff {
    pub(crate) const fn new() -> Self {
        Self(FIRST)
    }

    /// Starts over: something worked.
    pub(crate) const fn reset(&mut self) {
        self.0 = FIRST;
    }

    /// The next pause.
    pub(crate) fn next_pause(&mut self) -> Duration {
        let pause = self.0.mul_f64(0.5 + fastrand::f64() / 2.0);
        self.0 = (self.0 * 2).min(LONGEST);
        pause
    }

    /// Pauses, or returns at once when `stop` is cancelled.
    pub(crate) async fn pause(&mut self, stop: &CancellationToken) {
        let pause = self.next_pause();
        // Ending early is all that the token can do here.
        let _ = tokio::time::timeout(pause, stop.cancelled()).await;
    }
}
