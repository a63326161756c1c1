//! Finds the servers' programs, and has the pinned ones installed when there are none.

use std::cmp::Reverse;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use crate::install::{self, InstallError};
use crate::report::{Report, Source};
use crate::version::Version;

/// Where to look. The default looks for pinned servers in `./.local`, then on the `PATH`.
#[derive(Clone, Debug)]
pub struct LocateOptions {
    /// The folder that holds `postgres`. When given, no other is tried.
    pub postgres_bin_dir: Option<PathBuf>,
    /// The folder that holds `nats-server`. When given, no other is tried.
    pub nats_bin_dir: Option<PathBuf>,
    /// Where the pinned servers are installed.
    pub tools_dir: PathBuf,
    /// The folders tried after the pinned servers: those of the `PATH`, then the usual homes of PostgreSQL.
    pub search_path: Vec<PathBuf>,
    /// The Python that installs the pinned servers.
    pub python: PathBuf,
}

impl Default for LocateOptions {
    fn default() -> Self {
        let mut search_path: Vec<PathBuf> =
            env::var_os("PATH").iter().flat_map(|path| env::split_paths(path).collect::<Vec<_>>()).collect();
        search_path.extend(packaged_postgres());
        Self {
            postgres_bin_dir: None,
            nats_bin_dir: None,
            tools_dir: PathBuf::from(".local"),
            search_path,
            python: PathBuf::from("python3"),
        }
    }
}

/// Debian keeps PostgreSQL off the `PATH`, a folder per major version. Newest first.
fn packaged_postgres() -> Vec<PathBuf> {
    let entries = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<(Version, PathBuf)> = entries
        .filter_map(|entry| Some((Version::find_in(entry.file_name().to_str()?)?, entry.path().join("bin"))))
        .collect();
    found.sort_by_key(|(version, _)| Reverse(*version));
    found.into_iter().map(|(_, dir)| dir).collect()
}

/// Why there are no servers to run.
#[derive(Debug, thiserror::Error)]
pub enum LocateError {
    /// At least one server was not found, or only ones that will not do.
    #[error("{0}")]
    Missing(Box<Report>),
    /// At least one server was not found and installing the pinned ones failed.
    #[error("{report}{install}")]
    Install {
        /// What was found before.
        report: Box<Report>,
        /// Why the installation failed.
        install: InstallError,
    },
}

/// The programs of servers that are there and new enough.
#[derive(Clone, Debug)]
pub struct Binaries {
    postgres: PathBuf,
    postgres_version: Version,
    nats_server: PathBuf,
    nats_version: Version,
}

impl Binaries {
    /// Finds the servers: named folders, then pinned ones, then the search path.
    ///
    /// # Errors
    /// [`LocateError::Missing`] with the whole report.
    pub fn locate(options: &LocateOptions) -> Result<Self, LocateError> {
        let report = Report::new(options);
        match (report.postgres.chosen(), report.nats.chosen()) {
            (Some((postgres, postgres_version)), Some((nats, nats_version))) => Ok(Self {
                postgres: postgres.program.clone(),
                postgres_version,
                nats_server: nats.program.clone(),
                nats_version,
            }),
            _ => Err(LocateError::Missing(Box::new(report))),
        }
    }

    /// Finds the servers, or installs the pinned ones into `tools_dir`. Safe to call from several processes at once.
    /// A named folder that will not do is an error: it is never silently replaced.
    ///
    /// # Errors
    /// [`LocateError::Install`] says what was found and why the installation failed.
    pub fn locate_or_install(options: &LocateOptions) -> Result<Self, LocateError> {
        let report = match Self::locate(options) {
            Err(LocateError::Missing(report)) => report,
            other => return other,
        };
        let named_fails = [&report.postgres, &report.nats].into_iter().any(|tool| {
            tool.chosen().is_none() && tool.candidates.first().is_some_and(|c| c.source == Source::Named)
        });
        if named_fails {
            return Err(LocateError::Missing(report));
        }
        match install::install(&options.tools_dir, &options.python) {
            Ok(()) => Self::locate(options),
            Err(install) => Err(LocateError::Install { report, install }),
        }
    }

    /// PostgreSQL's version.
    pub fn postgres_version(&self) -> Version {
        self.postgres_version
    }

    /// The NATS server's version.
    pub fn nats_version(&self) -> Version {
        self.nats_version
    }

    /// The `nats-server` program.
    pub fn nats_server(&self) -> &Path {
        &self.nats_server
    }

    /// A program of PostgreSQL by name, e.g. `initdb`, `psql`.
    pub fn postgres_program(&self, name: &str) -> PathBuf {
        self.postgres.with_file_name(name)
    }
}
