//! What every service shares around gRPC and process life: configuration, telemetry, the listener, clients, the
//! mapping between problems and statuses, supervised tasks, shutdown, and the business clock.
//!
//! *Invariants.*
//! - A problem becomes a gRPC status in [`status`] alone, and every answer that is not OK carries `ErrorInfo`, also
//!   those that tonic itself makes ([`server`]).
//! - A call of a Meridian service has a deadline, or is a watch that ends when the process stops.
//! - A background task is spawned through [`tasks`]; one that ends by itself ends the process.
//! - Secrets print as `***` ([`config`]).
//!
//! *The commonest change: a new configuration value.* Add a documented field with a default to [`config`], its rule
//! to `config/rules.rs`, and a line to the configuration file under `deploy/`.

mod answers;
mod boundary;
pub mod client;
pub mod clock;
pub mod clock_service;
pub mod config;
pub mod deadline;
pub mod decode;
pub mod encode;
pub mod server;
pub mod shutdown;
pub mod status;
mod store {
    pub(crate) mod business_clock;
}
pub mod tasks;
pub mod telemetry;
pub mod trace;
