//! Runs PostgreSQL and nats-server without containers: finds their programs or installs pinned ones, and runs
//! them in a data folder. Used by `meridian up`, the demo, and every integration test.
//!
//! ```no_run
//! use std::path::Path;
//! use meridian_embedded::{Binaries, LocateOptions, Nats, NatsOptions, Postgres, PostgresOptions};
//!
//! let binaries = Binaries::locate_or_install(&LocateOptions::default())?;
//! let postgres = Postgres::start(&binaries, Path::new("data/postgres"), PostgresOptions::default())?;
//! let nats = Nats::start(&binaries, Path::new("data/nats"), NatsOptions::default())?;
//! let database_url = postgres.create_database("meridian")?;
//! let nats_url = nats.url();
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The API blocks; asynchronous callers use `spawn_blocking`.
//!
//! # Invariants
//!
//! - **Which programs.** Folders named explicitly, then the pinned wheels in the tools folder, then the search path; never
//!   one that is too old. The pinned ones come before the search path so that every machine runs the same.
//! - **What is installed is what was pinned.** pip checks every wheel against the hashes in `tools-requirements.txt`;
//!   an installation appears under its final name only when it is complete.
//! - **Durability is real, in tests too.** PostgreSQL syncs every commit, JetStream every message, before they say so.
//! - **One owner.** A data folder is locked by its owner and, separately, by the server's processes. A server starts only
//!   when both locks are free, so no process of an earlier server can still write there.
//! - **Nothing is left behind.** Servers shut down when the handle is dropped and, on Linux, when this process ends however
//!   it does.
//! - **Ports are kept.** A folder's server comes back on its port, so clients reconnect.
//! - **Root is not needed and does no harm.** PostgreSQL refuses root; then it runs in a user namespace as nobody, or as
//!   the account nobody where namespaces are off (its folder must then be reachable for everybody).
//!
//! # In a data folder
//!
//! `owner.lock`, `server.lock`, `port`; `postgres.log`, `password` (0600), `cluster/`; `nats.log`, `nats.conf`, `store/`.
//!
//! # The commonest change
//!
//! A newer server: raise the version and the hashes in `tools-requirements.txt` at the root of the repository (the
//! folder's name follows), and [`Tool::oldest_accepted`] if older ones no longer do. Then run this crate's tests. A new
//! major version of PostgreSQL does not read old data folders; [`StartError::OtherMajorVersion`] says so.

#[cfg(not(unix))]
compile_error!("PostgreSQL and nats-server are run on Unix only; on Windows use WSL or containers");

mod error;
mod folder;
mod install;
mod locate;
mod nats;
mod port;
mod postgres;
mod process;
mod report;
pub mod testing;
mod version;

pub use error::StartError;
pub use install::InstallError;
pub use locate::{Binaries, LocateError, LocateOptions};
pub use nats::{Nats, NatsOptions};
pub use postgres::{Postgres, PostgresOptions};
pub use report::{Candidate, Report, Source, Tool, ToolReport};
pub use version::Version;
