//! What every service shares around gRPC and process life.

pub mod status;
pub mod tasks;
pub mod trace;
