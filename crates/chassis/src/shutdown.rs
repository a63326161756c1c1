//! The end of a process: on a signal, or when one of its tasks fails.

use std::future::pending;
use std::time::Duration;
use std::{fs, io};

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::tasks::{TaskFailure, Tasks};

const SIGINT: u8 = 2;
const SIGTERM: u8 = 15;

/// Why a process ended badly.
#[derive(Debug, thiserror::Error)]
pub enum ShutdownError {
    /// A task failed, or had to be aborted.
    #[error(transparent)]
    Task(#[from] TaskFailure),
    /// Signals cannot be received.
    #[error("cannot listen for signals: {0}")]
    Signals(#[from] io::Error),
}

/// A signal that asks a process to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// SIGINT: somebody pressed Ctrl-C.
    Interrupted,
    /// SIGTERM.
    Terminated,
}

impl Ending {
    /// Name of the signal.
    #[must_use]
    pub const fn signal(self) -> &'static str {
        match self {
            Self::Interrupted => "SIGINT",
            Self::Terminated => "SIGTERM",
        }
    }

    /// What a command that is ended by it answers: 128 and the number of the signal, as shells tell it.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Interrupted => 128 + SIGINT,
            Self::Terminated => 128 + SIGTERM,
        }
    }
}

/// The signals that ask this process to end, from when this is made.
///
/// SIGINT stays ignored where the process was started that way: shells do so with what they run in the background, for
/// Ctrl-C to end only what stands in front.
#[derive(Debug)]
pub struct Endings {
    interrupt: Option<Signal>,
    terminate: Signal,
}

impl Endings {
    /// Listens from now on.
    ///
    /// # Errors
    /// Signals cannot be received.
    pub fn listen() -> io::Result<Self> {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let interrupt = if ignores(&status, SIGINT) { None } else { Some(signal(SignalKind::interrupt())?) };
        Ok(Self { interrupt, terminate: signal(SignalKind::terminate())? })
    }

    /// The next one.
    pub async fn next(&mut self) -> Ending {
        let interrupted = async {
            match &mut self.interrupt {
                Some(interrupt) => interrupt.recv().await,
                None => pending().await,
            }
        };
        tokio::select! {
            _ = interrupted => Ending::Interrupted,
            _ = self.terminate.recv() => Ending::Terminated,
        }
    }
}

/// Whether a process ignores a signal, by its status as Linux writes it down; not, where that is not known.
fn ignores(status: &str, signal: u8) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

/// Waits for SIGINT, SIGTERM or the failure of a task, then stops the group within `grace`. A second signal
/// ends the grace at once.
///
/// # Errors
/// The first failure of the group.
pub async fn run(tasks: &Tasks, grace: Duration) -> Result<(), ShutdownError> {
    let mut endings = Endings::listen()?;
    tokio::select! {
        ending = endings.next() => tracing::info!(signal = ending.signal(), "stopping"),
        failure = tasks.failure() => tracing::error!(%failure, "stopping because a task failed"),
    }
    let stopping = tasks.stop(grace);
    tokio::select! {
        stopped = stopping => Ok(stopped?),
        ending = endings.next() => {
            tracing::warn!(signal = ending.signal(), "stopping at once");
            Ok(tasks.stop(Duration::ZERO).await?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_runs_in_the_background_ignores_ctrl_c_and_nothing_else() {
        let status = |before: &str| {
            let command = format!("{before} exec cat /proc/self/status");
            let output = std::process::Command::new("sh").args(["-c", &command]).output().unwrap();
            String::from_utf8(output.stdout).unwrap()
        };
        let deaf = status("trap '' INT;");
        assert!(ignores(&deaf, SIGINT) && !ignores(&deaf, SIGTERM), "{deaf}");
        let hears = status("trap '' TERM;");
        assert!(ignores(&hears, SIGTERM), "{hears}");
        assert!(!ignores("", SIGINT));
    }
}
