//! The end of a process: on a signal, or when one of its tasks fails.

use std::io;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::tasks::{TaskFailure, Tasks};

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

/// Waits for SIGINT, SIGTERM or the failure of a task, then stops the group within `grace`. A second signal
/// ends the grace at once.
///
/// # Errors
/// The first failure of the group.
pub async fn run(tasks: &Tasks, grace: Duration) -> Result<(), ShutdownError> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        name = either(&mut interrupt, &mut terminate) => tracing::info!(signal = name, "stopping"),
        failure = tasks.failure() => tracing::error!(%failure, "stopping because a task failed"),
    }
    let stopping = tasks.stop(grace);
    tokio::select! {
        stopped = stopping => Ok(stopped?),
        name = either(&mut interrupt, &mut terminate) => {
            tracing::warn!(signal = name, "stopping at once");
            Ok(tasks.stop(Duration::ZERO).await?)
        }
    }
}

async fn either(interrupt: &mut Signal, terminate: &mut Signal) -> &'static str {
    tokio::select! {
        _ = interrupt.recv() => "SIGINT",
        _ = terminate.recv() => "SIGTERM",
    }
}
