//! Waiting for conditions.

use std::time::Duration;

use tokio::time::{Instant, sleep};

/// Waits until `holds` says so.
///
/// # Panics
/// When it does not within `limit`.
pub(crate) async fn until(what: &str, limit: Duration, mut holds: impl AsyncFnMut() -> bool) {
    let started = Instant::now();
    while !holds().await {
        assert!(started.elapsed() < limit, "waited {} s in vain until {what}", limit.as_secs());
        sleep(Duration::from_millis(50)).await;
    }
}
