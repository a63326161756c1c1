//! Supervised background tasks: one that ends by itself ends the whole group.

use std::any::Any;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures::FutureExt;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long aborted tasks may take to be dropped. Longer means that one never yields; it is left behind.
const ABORT_WAIT: Duration = Duration::from_secs(1);

/// Why a group of tasks did not end well: the first task that failed, and how.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("task {task} {cause}")]
pub struct TaskFailure {
    /// Name given at [`Tasks::spawn`].
    pub task: &'static str,
    /// What happened, with the whole chain of causes.
    pub cause: String,
}

/// A group of tasks that live and die together.
///
/// A task is expected to run until the [stop token](Tasks::stop_token) is cancelled, and to return `Ok` soon
/// afterwards. A task that returns earlier, returns an error or panics asks the whole group to stop and makes
/// the run fail; the first failure is kept. Clones share one group.
#[derive(Debug, Clone, Default)]
pub struct Tasks(Arc<Group>);

#[derive(Debug, Default)]
struct Group {
    tracker: TaskTracker,
    stop: CancellationToken,
    abort: CancellationToken,
    failed: CancellationToken,
    failure: OnceLock<TaskFailure>,
}

impl Tasks {
    /// A group without tasks.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts a task in the group. `name` appears in logs and failures.
    pub fn spawn(&self, name: &'static str, task: impl Future<Output = anyhow::Result<()>> + Send + 'static) {
        let group = Arc::clone(&self.0);
        self.0.tracker.spawn(async move {
            let end = tokio::select! {
                end = AssertUnwindSafe(task).catch_unwind() => end,
                () = group.abort.cancelled() => {
                    group.fail(name, "did not stop within the grace period and was aborted".to_owned());
                    return;
                }
            };
            match end {
                Ok(Ok(())) if group.stop.is_cancelled() => tracing::debug!(task = name, "task stopped"),
                Ok(Ok(())) => group.fail(name, "ended although nobody asked it to stop".to_owned()),
                Ok(Err(error)) => group.fail(name, format!("failed: {error:#}")),
                Err(panic) => group.fail(name, format!("panicked: {}", panic_text(&*panic))),
            }
        });
    }

    /// Cancelled when the group shall stop: finish what you do and return `Ok`.
    #[must_use]
    pub fn stop_token(&self) -> CancellationToken {
        self.0.stop.clone()
    }

    /// Asks every task to stop, waits up to `grace`, and aborts those that are left.
    ///
    /// # Errors
    /// The first failure of the group, which may have happened long before; a task that had to be aborted
    /// counts as one.
    pub async fn stop(&self, grace: Duration) -> Result<(), TaskFailure> {
        self.0.stop.cancel();
        self.0.tracker.close();
        if tokio::time::timeout(grace, self.0.tracker.wait()).await.is_err() {
            self.0.abort.cancel();
            if tokio::time::timeout(ABORT_WAIT, self.0.tracker.wait()).await.is_err() {
                self.0.fail("(unnamed)", "blocks its thread and cannot be aborted".to_owned());
            }
        }
        self.0.failure.get().map_or(Ok(()), |failure| Err(failure.clone()))
    }

    /// Waits until some task has failed; pending for ever while all is well.
    pub async fn failure(&self) -> TaskFailure {
        self.0.failed.cancelled().await;
        match self.0.failure.get() {
            Some(failure) => failure.clone(),
            None => std::future::pending().await,
        }
    }
}

impl Group {
    /// Logs the failure, keeps it when it is the first, and stops the group.
    fn fail(&self, task: &'static str, cause: String) {
        tracing::error!(task, cause, "task failed");
        // A later failure is usually a consequence of the first; it is in the log.
        drop(self.failure.set(TaskFailure { task, cause }));
        self.failed.cancel();
        self.stop.cancel();
    }
}

/// The message of a panic, when it has one.
pub(crate) fn panic_text(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&'static str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("(no message)")
}
