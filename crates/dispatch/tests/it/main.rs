//! Dispatch behind a real listener, on real PostgreSQL and NATS.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod absences;
mod bad_input;
mod commands;
mod double_booking;
mod explaining;
mod harness;
mod neighbours;
mod optimising;
mod orders;
mod outsourcing;
mod planning;
mod publishing;
mod questions;
mod repetition;
mod sample;
mod terms;
mod trips;
mod visits;
mod workforce;
mod world;
