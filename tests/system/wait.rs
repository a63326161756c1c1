//! Waiting for conditions.

use std::time::Duration;

use meridian_embedded::testing;

/// Waits until `holds` says so.
///
/// # Panics
/// When it does not within `limit`.
pub(crate) async fn until(what: &str, limit: Duration, mut holds: impl AsyncFnMut() -> bool) {
    testing::until(what, limit, async || holds().await.then_some(())).await;
}
