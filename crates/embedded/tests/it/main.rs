//! Real servers, started, killed and started again.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod lifetime;
mod locate;
mod nats;
mod postgres;
