//! The guarantees against a real PostgreSQL and a real nats-server.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod dead_letters;
mod event_log;
mod harness;
mod journal;
mod outbox;
mod readers;
mod relays;
mod servers;
mod timers;
mod traces;
mod units;
mod vanished;
