//! Dispatch behind a real listener, on real PostgreSQL and NATS.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod absences;
mod bad_input;
mod commands;
mod double_booking;
mod harness;
mod questions;
mod repetition;
mod sample;
mod visits;
mod workforce;
mod world;
