//! The whole system under faults: real processes, real servers, killed, cut off and wiped.

mod cluster;
mod cut_off;
mod interfaces;
mod link;
mod network;
mod nothing_lost;
mod wait;
mod wiped;
mod workload;
