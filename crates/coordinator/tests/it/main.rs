//! The coordinator with the real services of two regions, a real PostgreSQL and a real nats-server.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod appointments;
mod assigning;
mod commits;
mod company;
mod constraints;
mod disruptions;
mod finding;
mod harness;
mod idempotency;
mod left_behind;
mod lists;
mod loans;
mod network;
mod office;
mod parties;
mod repairs;
mod requests;
mod restarts;
mod sharing;
mod supplies;
mod unknown_codes;
mod unreachable;
mod watching;
