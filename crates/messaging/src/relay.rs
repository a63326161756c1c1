//! The relay: publishes committed events, in a gapless order, at least once.

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::context::PublishError;
use bytes::Bytes;
use meridian_chassis::tasks::Tasks;
use meridian_types::{EventId, Rule};
use sqlx::PgConnection;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::backoff::Backoff;
use crate::envelope::{Delivered, Event};
use crate::fault::answered;
use crate::feed::FeedError;
use crate::horizon::Horizon;
use crate::outbox::{self, OutboxRow};
use crate::publish::{Outgoing, publish};
use crate::relay_cursor::{self, Mark, RelayCursor};
use crate::stream::StreamError;
use crate::{Journal, Nats, upkeep};

/// Rows published between two moves of the cursor.
pub(crate) const BATCH: i64 = 512;
/// Longest time for which a commit of another process, or one beyond the horizon, is not seen.
const POLL: Duration = Duration::from_millis(100);
const POLL_FIRST: Duration = Duration::from_millis(4);
/// How often the stream is checked for losses while all seems well.
const VERIFY_INTERVAL: Duration = Duration::from_secs(2);
/// How often a waiting replica tries to take over.
const TAKE_OVER_INTERVAL: Duration = Duration::from_millis(500);

/// Why a relay starts over.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RelayError {
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Stream(#[from] StreamError),
    #[error("publish: {0}")]
    Publish(#[from] PublishError),
    #[error(transparent)]
    Feed(#[from] FeedError),
    #[error("the stream delivers nothing")]
    Silent,
    #[error("the stream lost its end")]
    WentBack,
    #[error("another relay moved the cursor")]
    Fenced,
    #[error("an outbox row with a malformed subject: {0}")]
    Subject(Rule),
}

/// Publishes what the journal's units of work emit, until the tasks are asked to stop, and keeps the journal tidy.
///
/// Any number of replicas may run it; one at a time publishes. It goes on for ever, whichever server is away.
pub fn spawn_relay(tasks: &Tasks, journal: &Journal, nats: Nats) {
    let relay = Relay { journal: journal.clone(), nats };
    let stop = tasks.stop_token();
    tasks.spawn("relay", async move {
        relay.run(&stop).await;
        Ok(())
    });
    upkeep::spawn(tasks, journal);
}

/// The publisher of one journal.
pub(crate) struct Relay {
    pub(crate) journal: Journal,
    pub(crate) nats: Nats,
}

impl Relay {
    async fn run(&self, stop: &CancellationToken) {
        let source = self.journal.origin().source();
        let mut backoff = Backoff::new();
        let mut is_reported = false;
        while let Err(error) = self.session(stop, &mut backoff, &mut is_reported).await {
            if is_reported {
                tracing::debug!(%source, %error, "relay starts over");
            } else {
                tracing::warn!(%source, %error, "relay starts over, and will until it works");
                is_reported = true;
            }
            backoff.pause(stop).await;
        }
    }

    /// Publishes until asked to stop or until something fails.
    async fn session(
        &self,
        stop: &CancellationToken,
        backoff: &mut Backoff,
        is_reported: &mut bool,
    ) -> Result<(), RelayError> {
        let mut commits = self.journal.committed();
        let Some(mut conn) = self.take_over(stop).await? else { return Ok(()) };
        let mut cursor = self.resume(&mut conn).await?;
        self.verify(&mut conn, &mut cursor, stop).await?;
        let mut verified = Instant::now();
        let mut horizon = Horizon::at(cursor.seq);
        // Numbers that were drawn and rolled back leave the cursor behind what is settled.
        let mut read_through = cursor.seq;
        let mut pause = POLL_FIRST;
        backoff.reset();
        *is_reported = false;
        while !stop.is_cancelled() {
            if verified.elapsed() >= VERIFY_INTERVAL {
                self.verify(&mut conn, &mut cursor, stop).await?;
                verified = Instant::now();
            }
            let settled = answered(horizon.look(&mut conn)).await?;
            if settled > read_through {
                let rows = answered(outbox::read_between(&mut conn, cursor.seq, settled, BATCH)).await?;
                read_through = rows.last().map_or(settled, |last| last.seq);
                if !rows.is_empty() {
                    self.publish_rows(&mut conn, &mut cursor, &rows).await?;
                    pause = POLL_FIRST;
                    continue;
                }
            }
            tokio::select! {
                () = stop.cancelled() => {}
                _ = commits.changed() => pause = POLL_FIRST,
                () = tokio::time::sleep(pause) => pause = (pause * 2).min(POLL),
            }
        }
        Ok(())
    }

    /// A connection that holds the lock of this journal's relay, or `None` when asked to stop. The lock is the
    /// session's: whoever loses the connection has lost the lock.
    async fn take_over(&self, stop: &CancellationToken) -> Result<Option<PgConnection>, RelayError> {
        let mut conn = answered(self.journal.connect()).await?;
        while !stop.is_cancelled() {
            let locked = sqlx::query_scalar(
                "SELECT pg_try_advisory_lock(hashtext('meridian relay'), hashtext(current_schema()))",
            );
            if answered(locked.fetch_one(&mut conn)).await? {
                return Ok(Some(conn));
            }
            // The time-out is the pause.
            let _ = tokio::time::timeout(TAKE_OVER_INTERVAL, stop.cancelled()).await;
        }
        Ok(None)
    }

    async fn publish_rows(
        &self,
        conn: &mut PgConnection,
        cursor: &mut RelayCursor,
        rows: &[OutboxRow],
    ) -> Result<(), RelayError> {
        let batch = (cursor.pub_seq + 1..)
            .zip(rows)
            .map(|(pub_seq, row)| self.outgoing(row, pub_seq, cursor))
            .collect::<Result<Vec<_>, _>>()?;
        let highest = cursor.mark.map_or(0, |mark| mark.stream_seq);
        let published = publish(self.nats.context(), &batch, highest).await;
        if published.went_back {
            // Nothing moves: after the stream has healed, these are published again under the same ids.
            return Err(RelayError::WentBack);
        }
        if let Some(last) = published.acknowledged.checked_sub(1) {
            let moved = RelayCursor {
                seq: rows[last].seq,
                pub_seq: cursor.pub_seq + published.acknowledged as u64,
                mark: Mark::highest(cursor.mark, published.mark),
                ..cursor.clone()
            };
            self.advance(conn, cursor, moved).await?;
        }
        published.failure.map_or(Ok(()), |error| Err(error.into()))
    }

    /// Moves the cursor in the database and in memory.
    pub(crate) async fn advance(
        &self,
        conn: &mut PgConnection,
        cursor: &mut RelayCursor,
        to: RelayCursor,
    ) -> Result<(), RelayError> {
        if !answered(relay_cursor::advance(conn, cursor, &to)).await? {
            return Err(RelayError::Fenced);
        }
        *cursor = to;
        Ok(())
    }

    /// The message of a row.
    pub(crate) fn outgoing(
        &self,
        row: &OutboxRow,
        pub_seq: u64,
        cursor: &RelayCursor,
    ) -> Result<Outgoing, RelayError> {
        let origin = self.journal.origin();
        let subject = origin.subject(&row.aggregate, &row.event).map_err(RelayError::Subject)?;
        Ok(Outgoing { subject, delivered: delivered(row, pub_seq, cursor, &self.journal) })
    }
}

/// The event of a row, as its readers see it.
pub(crate) fn delivered(row: &OutboxRow, pub_seq: u64, cursor: &RelayCursor, journal: &Journal) -> Delivered {
    let event = Event {
        id: EventId::from_uuid(row.event_id),
        source: journal.origin().source(),
        type_name: row.type_name.clone(),
        time: row.occurred_at(),
        epoch: cursor.epoch.id.clone(),
        pub_seq,
        aggregate: row.aggregate.clone(),
        aggregate_id: row.aggregate_id.clone(),
        aggregate_version: row.aggregate_version,
        traceparent: row.traceparent.clone(),
        body: Bytes::from(row.body.clone()),
    };
    Delivered { event: Arc::new(event), epoch: cursor.epoch.clone(), floor: cursor.floor.pub_seq }
}
