//! The intake against a real PostgreSQL and a real nats-server, through its gRPC interface.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bad_input;
mod calls;
mod cases;
mod dead_ends;
mod directory;
mod harness;
mod idempotency;
mod party_orders;
mod plans;
mod privacy;
mod recognition;
mod referrals;
mod requests;
