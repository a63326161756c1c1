//! The chassis against real sockets, a real database and a real OTLP receiver.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(unreachable_pub, reason = "the modules of a test binary have no other reader")]

mod clock;
mod config;
mod deadline;
mod decode;
mod drain;
mod limits;
mod probe;
mod status;
mod streams;
mod tasks;
mod trace;
