//! Hourly tidying: tomorrow's partition, days and answers that are old enough to go.

use std::time::Duration;

use meridian_chassis::tasks::Tasks;

use crate::{Journal, idempotency, outbox};

const INTERVAL: Duration = Duration::from_secs(60 * 60);
const RETRY_INTERVAL: Duration = Duration::from_secs(60);

/// Tidies the journal every hour until the tasks are asked to stop.
pub(crate) fn spawn(tasks: &Tasks, journal: &Journal) {
    let journal = journal.clone();
    let stop = tasks.stop_token();
    tasks.spawn("upkeep", async move {
        while !stop.is_cancelled() {
            let pause = if tidy(&journal).await { INTERVAL } else { RETRY_INTERVAL };
            // The time-out is the pause.
            let _ = tokio::time::timeout(pause, stop.cancelled()).await;
        }
        Ok(())
    });
}

/// Does all that can be done; returns whether that was everything.
async fn tidy(journal: &Journal) -> bool {
    let pool = journal.pool();
    let failures = [
        outbox::create_partitions(pool).await.err(),
        outbox::drop_partitions(pool).await.err(),
        idempotency::remove_old(pool).await.err(),
    ];
    for error in failures.iter().flatten() {
        tracing::warn!(%error, "upkeep of the journal failed; it is tried again");
    }
    failures.iter().all(Option::is_none)
}
