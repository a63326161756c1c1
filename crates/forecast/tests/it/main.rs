//! What forecasts keep to, whatever the history.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod freight;
mod histories;
mod lateness;
