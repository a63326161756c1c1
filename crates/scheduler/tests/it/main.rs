//! What schedules promise, one file per promise.
#![expect(clippy::unwrap_used, reason = "a test fails where something is missing")]

mod bad_input;
mod enumerated;
mod enumeration;
mod exact;
mod fixture;
mod mixed_integer;
mod rules;
mod tampering;
mod teams;
mod ties;
mod ties_enumerated;
mod ties_fixture;
mod workload;
