//! The inventory against a real PostgreSQL and a real nats-server, through its calls and its messages.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bad_input;
mod catalogue;
mod commands;
mod contention;
mod harness;
mod holds;
mod idempotency;
mod kits;
mod lives;
mod model;
mod receipts;
mod requests;
mod transfers;
mod two_regions;
mod upgrade;
mod world;
