//! Why a server did not start.

use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

use crate::version::Version;

/// Why a server did not start, with the last lines of its log when there are any.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another handle, in this process or another, runs a server there.
    #[error("{folder} is in use by another process")]
    FolderInUse {
        /// The data folder.
        folder: PathBuf,
    },
    /// Processes of an earlier server did not end.
    #[error("a server that was started earlier still runs in {folder}: stop it first")]
    ServerLeft {
        /// The data folder.
        folder: PathBuf,
    },
    /// The data was written by another major version.
    #[error(
        "{folder} holds data of PostgreSQL {found}, this is PostgreSQL {have}: use PostgreSQL {found}, or dump and restore"
    )]
    OtherMajorVersion {
        /// The data folder.
        folder: PathBuf,
        /// The data's major version.
        found: String,
        /// The program's version.
        have: Version,
    },
    /// The given port, or the one that clients know, is taken.
    #[error("port {port} on {address} is taken by another program")]
    PortTaken {
        /// The address to listen on.
        address: IpAddr,
        /// The port.
        port: u16,
    },
    /// No port is free.
    #[error("no free port on {address}")]
    NoFreePort {
        /// The address to listen on.
        address: IpAddr,
    },
    /// A program ended instead of doing its work.
    #[error("{program} ended ({status}); {log}:\n{tail}")]
    Ended {
        /// The program.
        program: String,
        /// How it ended.
        status: ExitStatus,
        /// Its log file.
        log: PathBuf,
        /// The log's last lines.
        tail: String,
    },
    /// The server runs but did not become ready.
    #[error("{program} was not ready after {} s; {log}:\n{tail}", waited.as_secs())]
    NotReady {
        /// The program.
        program: String,
        /// How long was waited.
        waited: Duration,
        /// Its log file.
        log: PathBuf,
        /// The log's last lines.
        tail: String,
    },
    /// A file could not be used or a program not be run.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

impl StartError {
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }
}
