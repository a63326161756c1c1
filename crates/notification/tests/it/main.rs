//! The service against a real database, and against receivers that misbehave.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod calls;
mod facts;
mod idempotency;
mod mail;
mod order;
mod smtp_sink;
mod story;
mod stream;
mod webhook_sink;
mod webhooks;
mod world;
