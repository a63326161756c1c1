//! The sender of a channel: takes on what is due, hands it over, writes down how that ended.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::FutureExt;
use meridian_chassis::tasks::Tasks;
use meridian_chassis::trace;
use meridian_messaging::Journal;
use meridian_types::Problem;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::domain::back_off;
use crate::domain::notice::{Channel, Claimed, Outcome};
use crate::operations::claim::claim;
use crate::operations::settle::settle;
use crate::settings::Pace;
use crate::store::delivery;

/// Notices under way at one time.
const UNDER_WAY_MAX: usize = 32;
/// Fewer are not worth a claim.
const CLAIM_MIN: usize = 8;
/// Longest time for which a notice of another process, or one that comes due, is not seen.
const POLL: Duration = Duration::from_millis(200);
/// Pause after the database was away.
const FAULT_PAUSE: Duration = Duration::from_millis(500);

/// Where the notices of one channel go.
#[async_trait]
pub(crate) trait Outlet: Send + Sync + 'static {
    /// The channel.
    fn channel(&self) -> Channel;

    /// Hands a notice over. Tried again, it carries the same id, so that the receiver can tell.
    async fn hand_over(&self, notice: &Claimed) -> Outcome;
}

/// Sends the notices of one channel until the tasks are asked to stop. Any number of replicas share the work.
pub(crate) fn spawn_sender(tasks: &Tasks, journal: &Journal, outlet: Arc<dyn Outlet>, pace: Pace) {
    let name = match outlet.channel() {
        Channel::Email => "mail sender",
        Channel::Webhook => "webhook sender",
    };
    let sender = Arc::new(Sender { journal: journal.clone(), outlet, pace });
    let stop = tasks.stop_token();
    tasks.spawn(name, async move {
        sender.run(&stop).await;
        Ok(())
    });
}

struct Sender {
    journal: Journal,
    outlet: Arc<dyn Outlet>,
    pace: Pace,
}

impl Sender {
    async fn run(self: &Arc<Self>, stop: &CancellationToken) {
        let mut commits = self.journal.committed();
        let mut under_way = JoinSet::new();
        while !stop.is_cancelled() {
            commits.mark_unchanged();
            let free = UNDER_WAY_MAX - under_way.len();
            let pause = match self.take_on(free).await {
                Ok(taken) => {
                    for notice in taken {
                        under_way.spawn(Arc::clone(self).send(notice));
                    }
                    POLL
                }
                Err(problem) => {
                    tracing::warn!(%problem, channel = self.outlet.channel().name(), "nothing can be sent now");
                    FAULT_PAUSE
                }
            };
            // Whatever ends the wait, the next round looks at everything again.
            tokio::select! {
                () = stop.cancelled() => {}
                _ = commits.changed() => {}
                Some(_) = under_way.join_next() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
        // What is under way is finished, within the grace of the process.
        while under_way.join_next().await.is_some() {}
    }

    async fn take_on(&self, free: usize) -> Result<Vec<Claimed>, Problem> {
        let channel = self.outlet.channel();
        let look = delivery::is_due(self.journal.pool(), channel);
        if free < CLAIM_MIN || !look.await.map_err(crate::store::failed)? {
            return Ok(Vec::new());
        }
        let lease = self.pace.lease;
        self.journal
            .write("claim notices", move |work| {
                async move { Ok(claim(work, channel, lease, free).await?) }.boxed()
            })
            .await
    }

    /// One attempt.
    async fn send(self: Arc<Self>, notice: Claimed) {
        let span = tracing::info_span!(
            parent: None,
            "notice",
            notice_id = %notice.notice_id,
            case_id = %notice.case_id,
            milestone = notice.milestone.name(),
            channel = self.outlet.channel().name(),
        );
        if let Some(traceparent) = &notice.traceparent {
            trace::set_parent(&span, traceparent);
        }
        async move {
            // Half of the lease: the other half is for writing the outcome down.
            let limit = self.pace.lease / 2;
            let outcome = tokio::time::timeout(limit, self.outlet.hand_over(&notice)).await;
            let outcome = outcome.unwrap_or_else(|_| Outcome::failed("time-out"));
            self.write_down(notice, outcome).await;
        }
        .instrument(span)
        .await;
    }

    /// Writes the outcome down. While the database is away this is tried until the lease ends; then the notice is
    /// claimed again, and sent again with the same id.
    async fn write_down(&self, notice: Claimed, outcome: Outcome) {
        let pause = match &outcome {
            Outcome::Failed { retry_after, .. } => {
                back_off::pause(&self.pace.retry_pauses, notice.attempt, *retry_after, fastrand::f64())
            }
            _ => None,
        };
        match &outcome {
            Outcome::Delivered(_) | Outcome::Withdrawn => {
                tracing::debug!(attempt = notice.attempt, outcome = outcome.code(), "notice settled");
            }
            Outcome::Failed { .. } if pause.is_some() => {
                tracing::info!(attempt = notice.attempt, outcome = outcome.code(), "notice is tried again");
            }
            _ => tracing::warn!(attempt = notice.attempt, outcome = outcome.code(), "notice failed"),
        }
        let channel = self.outlet.channel();
        let settled = Arc::new((notice, outcome));
        let deadline = tokio::time::Instant::now() + self.pace.lease / 2;
        while tokio::time::Instant::now() < deadline {
            let settled = Arc::clone(&settled);
            let written = self.journal.write("settle a notice", move |work| {
                let settled = Arc::clone(&settled);
                async move { Ok(settle(work, channel, &settled.0, &settled.1, pause).await?) }.boxed()
            });
            match written.await {
                Ok(()) => return,
                Err(problem) => tracing::warn!(%problem, "the outcome of an attempt is not written down yet"),
            }
            tokio::time::sleep(FAULT_PAUSE).await;
        }
    }
}
