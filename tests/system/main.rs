//! The whole system under faults: real processes, real servers, killed, cut off and wiped.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bad_input;
mod cancelled;
mod cluster;
mod cut_off;
mod demo;
mod garbage;
mod interfaces;
mod link;
mod network;
mod nothing_lost;
mod one_trace;
mod planning;
mod replay;
mod scheduling;
mod signals;
mod sixty_four;
mod wait;
mod wiped;
mod workload;
