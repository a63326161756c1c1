//! Forgetting decisions that nobody will ask about any more: each holds all that was known when it was taken.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use meridian_chassis::tasks::Tasks;
use meridian_messaging::{Journal, database_problem};
use meridian_types::Problem;

use crate::store::decision;

/// How long decisions are kept of which no plan is carried out or was, in business time.
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);
/// How often is looked for older ones.
const INTERVAL: Duration = Duration::from_secs(60 * 60);
/// Most that are forgotten in one transaction.
const BATCH_MAX: i64 = 200;

/// Forgets every hour what is old, until the tasks are asked to stop. Any number of replicas may run it.
pub(crate) fn spawn(tasks: &Tasks, journal: &Journal) {
    let (journal, stop) = (journal.clone(), tasks.stop_token());
    tasks.spawn("old decisions", async move {
        while !stop.is_cancelled() {
            match forget(&journal).await {
                Ok(0) => {}
                Ok(count) => tracing::info!(count, "old decisions were forgotten"),
                Err(problem) => {
                    tracing::warn!(%problem, "old decisions could not be forgotten; it is tried again");
                }
            }
            // The time-out is the pause.
            let _ = tokio::time::timeout(INTERVAL, stop.cancelled()).await;
        }
        Ok(())
    });
}

/// Forgets all that is old; how much that was.
async fn forget(journal: &Journal) -> Result<u64, Problem> {
    let before: Timestamp = journal.clock().now() - KEPT;
    let mut forgotten = 0;
    loop {
        let batch = journal.write("forget decisions", move |work| {
            Box::pin(async move {
                decision::forget(work.conn(), before, BATCH_MAX)
                    .await
                    .map_err(|error| database_problem(&error))
            })
        });
        let count = batch.await?;
        forgotten += count;
        if count == 0 {
            return Ok(forgotten);
        }
    }
}
