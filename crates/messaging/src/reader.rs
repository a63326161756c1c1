//! The reader: applies the events of one source, each exactly once, in the order in which they were published.

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::stream::{InfoError, Stream};
use futures::FutureExt;
use meridian_chassis::tasks::Tasks;
use meridian_types::{Problem, RegionId, ServiceName};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::apply::{Batch, Failure, Outcome, apply, set_aside};
use crate::backfill::{self, EventLogClient};
use crate::backoff::Backoff;
use crate::envelope::Delivered;
use crate::feed::{Feed, FeedError, Placed};
use crate::reader_cursor::{self, ReaderCursor, StreamHint};
use crate::reorder::{Gap, Reorder};
use crate::stream::{self, StreamError};
use crate::{Handler, Journal, Nats, Origin, Source};

/// Events applied in one transaction.
const BATCH: usize = 200;
/// Deliveries taken in before the next batch is applied.
const INTAKE: usize = 1000;
/// How often an event that fails is tried before it is set aside.
const ATTEMPTS: i32 = 3;
const TICK: Duration = Duration::from_millis(250);
/// How often the stream is compared with what was received.
const CHECK_INTERVAL: Duration = Duration::from_secs(2);
/// How long a missing event may be late before something is done about it.
const GAP_PATIENCE: Duration = Duration::from_millis(1500);
/// Longest time between two attempts to close the same gap.
const GAP_PATIENCE_MAX: Duration = Duration::from_secs(30);

/// Whose events to read, and where they are.
#[derive(Debug, Clone)]
pub struct SourceEndpoint {
    /// Region that publishes.
    pub region: RegionId,
    /// Service that publishes.
    pub service: ServiceName,
    /// That region's NATS server.
    pub nats: Nats,
    /// That region's event log, for what its stream lost. Without it, the reader waits for the stream to heal.
    pub event_log: Option<EventLogClient>,
}

/// Why a reader starts over from its stored position.
#[derive(Debug, thiserror::Error)]
enum ReadError {
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Stream(#[from] StreamError),
    #[error("there is no stream yet")]
    NoStream,
    #[error("stream cannot be looked at: {0}")]
    Info(#[from] InfoError),
    #[error(transparent)]
    Feed(#[from] FeedError),
    #[error("the stream was made anew")]
    Replaced,
    #[error("the stream has more than it delivers")]
    Stalled,
    #[error("the position was changed by somebody else")]
    Moved,
    #[error("events are missing; the stream is read again from its beginning")]
    ReadAgain,
}

/// Applies the events of `source` through `handler` until the tasks are asked to stop.
///
/// Any number of replicas may run it: the lock on the reader's position decides whose batch counts. It goes on for
/// ever, whichever server is away.
pub fn spawn_reader(tasks: &Tasks, journal: &Journal, source: SourceEndpoint, handler: Arc<dyn Handler>) {
    let name = Source { region: source.region.clone(), service: source.service.clone() };
    journal.register(name.clone(), Arc::clone(&handler));
    let reader = Reader { journal: journal.clone(), source: name, endpoint: source, handler };
    let stop = tasks.stop_token();
    tasks.spawn("reader", async move {
        reader.run(&stop).await;
        Ok(())
    });
}

struct Reader {
    journal: Journal,
    source: Source,
    endpoint: SourceEndpoint,
    handler: Arc<dyn Handler>,
}

/// What is known between two starts.
struct Memory {
    backoff: Backoff,
    is_reported: bool,
    /// What was tried to close the gap that is open.
    gap_attempts: Option<GapAttempts>,
    reads_again: bool,
}

/// Attempts to get events that are missing.
#[derive(Clone, Copy)]
struct GapAttempts {
    /// Number after which they are missing.
    applied: u64,
    is_first: bool,
    next: Instant,
    patience: Duration,
}

impl Reader {
    async fn run(&self, stop: &CancellationToken) {
        let mut memory =
            Memory { backoff: Backoff::new(), is_reported: false, gap_attempts: None, reads_again: false };
        while let Err(error) = self.session(&mut memory, stop).await {
            let (reader, source) = (&self.journal.origin().service, &self.source);
            memory.reads_again = matches!(error, ReadError::ReadAgain);
            if memory.is_reported || matches!(error, ReadError::NoStream) {
                tracing::debug!(%reader, %source, %error, "reader starts over");
            } else {
                tracing::warn!(%reader, %source, %error, "reader starts over, and will until it works");
                memory.is_reported = true;
            }
            memory.backoff.pause(stop).await;
        }
    }

    /// Reads until asked to stop or until something fails.
    async fn session(&self, memory: &mut Memory, stop: &CancellationToken) -> Result<(), ReadError> {
        let cursor = reader_cursor::load_or_create(self.journal.pool(), &self.source).await?;
        let origin = Origin {
            prefix: self.journal.origin().prefix.clone(),
            region: self.source.region.clone(),
            service: self.source.service.clone(),
        };
        let context = self.endpoint.nats.context();
        let stream = stream::find(context, &origin).await?.ok_or(ReadError::NoStream)?;
        let first =
            if std::mem::take(&mut memory.reads_again) { 1 } else { first_unread(&stream, &cursor).await? };
        let feed = Feed::open(&stream, first, false).await?;
        let created_us = stream::created_us(stream.cached_info());
        let now = Instant::now();
        let mut session = Session {
            reader: self,
            memory,
            stream,
            feed,
            created_us,
            received: first.saturating_sub(1),
            at_check: Check::default(),
            checked: now,
            reorder: Reorder::new(cursor.epoch.clone(), cursor.pub_seq),
            cursor,
        };
        session.run(stop).await
    }
}

/// Where to begin in the stream: after the hint while it is good, otherwise at the beginning.
async fn first_unread(stream: &Stream, cursor: &ReaderCursor) -> Result<u64, ReadError> {
    let info = stream.cached_info();
    let hint = cursor.hint;
    if hint.created_us != stream::created_us(info) || hint.stream_seq > info.state.last_sequence {
        return Ok(1);
    }
    if hint.stream_seq < info.state.first_sequence {
        return Ok(hint.stream_seq + 1);
    }
    let message = stream::message_at(stream, hint.stream_seq).await?;
    let seen = message.and_then(|message| Delivered::read(Some(&message.headers), message.payload).ok());
    let is_good =
        seen.is_some_and(|seen| seen.epoch.id != cursor.epoch.id || seen.event.pub_seq <= cursor.pub_seq);
    Ok(if is_good { hint.stream_seq + 1 } else { 1 })
}

/// One subscription, from a stored position on.
struct Session<'a> {
    reader: &'a Reader,
    memory: &'a mut Memory,
    stream: Stream,
    feed: Feed,
    created_us: i64,
    /// Place in the stream of what was delivered last.
    received: u64,
    at_check: Check,
    checked: Instant,
    reorder: Reorder,
    /// The position as it stands in the database.
    cursor: ReaderCursor,
}

/// What the last look at the stream saw.
#[derive(Default)]
struct Check {
    received: u64,
    last_sequence: u64,
}

impl Session<'_> {
    async fn run(&mut self, stop: &CancellationToken) -> Result<(), ReadError> {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                placed = self.feed.next() => self.take_in(placed?)?,
                _ = tick.tick() => {
                    if let Some(placed) = self.feed.next().now_or_never() {
                        self.take_in(placed?)?;
                    }
                    self.check_stream().await?;
                    self.close_gap().await?;
                }
            }
            self.apply_ready(stop).await?;
            if stop.is_cancelled() {
                return Ok(());
            }
            if self.reorder.has_evicted() && self.reorder.gap().is_none() {
                // What found no room is still in the stream, after the stored hint.
                return Err(ReadError::Moved);
            }
        }
    }

    /// Takes in a delivery and those that wait behind it.
    fn take_in(&mut self, first: Placed) -> Result<(), ReadError> {
        let mut next = Some(first);
        for _ in 0..INTAKE {
            let Some(placed) = next else { break };
            self.received = placed.stream_seq;
            match Delivered::read(placed.headers.as_ref(), placed.body) {
                Ok(delivered) if delivered.event.source == self.reader.source => {
                    self.reorder.accept(delivered, Some(placed.stream_seq));
                }
                Ok(delivered) => {
                    tracing::error!(stream_seq = placed.stream_seq, source = %delivered.event.source, "foreign event ignored");
                }
                Err(error) => {
                    tracing::error!(stream_seq = placed.stream_seq, %error, "message that is no event ignored");
                }
            }
            next = self.feed.next().now_or_never().transpose()?;
        }
        Ok(())
    }

    /// Applies what is contiguous, batch by batch.
    async fn apply_ready(&mut self, stop: &CancellationToken) -> Result<(), ReadError> {
        while !stop.is_cancelled() {
            let ready = self.reorder.ready(BATCH);
            if ready.is_empty() {
                return Ok(());
            }
            match apply(self.batch(&ready)).await {
                Ok(outcome) => self.settle(&ready, outcome)?,
                Err(Failure::Passing(problem)) => self.wait_for_better_times(&problem, stop).await,
                Err(Failure::Event(_)) => {
                    for event in ready {
                        self.apply_singly(&[event], stop).await?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Applies one event, or sets it aside after some attempts.
    async fn apply_singly(&mut self, event: &[Delivered], stop: &CancellationToken) -> Result<(), ReadError> {
        let mut attempts = 0;
        let mut last: Option<Problem> = None;
        while !stop.is_cancelled() {
            let batch = self.batch(event);
            let outcome = match last.take_if(|_| attempts >= ATTEMPTS) {
                Some(problem) => {
                    let outcome = set_aside(batch, &problem, attempts).await;
                    last = Some(problem);
                    outcome
                }
                None => apply(batch).await,
            };
            match outcome {
                Ok(outcome) => return self.settle(event, outcome),
                Err(Failure::Passing(problem)) => self.wait_for_better_times(&problem, stop).await,
                Err(Failure::Event(problem)) => {
                    attempts += 1;
                    last = Some(problem);
                    self.memory.backoff.pause(stop).await;
                }
            }
        }
        Ok(())
    }

    fn batch(&self, events: &[Delivered]) -> Batch {
        let pub_seq = events.last().map_or(self.reorder.applied(), |last| last.event.pub_seq);
        let stream_seq = self.reorder.settled_after(pub_seq, self.received);
        let hint = StreamHint { created_us: self.created_us, stream_seq };
        Batch {
            journal: self.reader.journal.clone(),
            source: self.reader.source.clone(),
            handler: Arc::clone(&self.reader.handler),
            before: self.cursor.clone(),
            after: ReaderCursor { epoch: self.reorder.epoch().clone(), pub_seq, hint },
            events: events.iter().map(|delivered| Arc::clone(&delivered.event)).collect(),
        }
    }

    /// Takes over what a transaction said about the position.
    fn settle(&mut self, events: &[Delivered], outcome: Outcome) -> Result<(), ReadError> {
        match outcome {
            Outcome::Applied => self.cursor = self.batch(events).after,
            Outcome::Moved(actual) => {
                let is_ahead =
                    actual.epoch.id == self.reorder.epoch().id && actual.pub_seq >= self.reorder.applied();
                if !is_ahead {
                    return Err(ReadError::Moved);
                }
                self.cursor = actual;
            }
        }
        self.reorder.advance_to(self.cursor.pub_seq);
        self.memory.backoff.reset();
        self.memory.is_reported = false;
        Ok(())
    }

    async fn wait_for_better_times(&mut self, problem: &Problem, stop: &CancellationToken) {
        if !self.memory.is_reported {
            tracing::warn!(source = %self.reader.source, %problem, "events cannot be applied at the moment");
            self.memory.is_reported = true;
        }
        self.memory.backoff.pause(stop).await;
    }

    /// Notices a stream that was replaced, lost its end, or delivers nothing although it has something.
    async fn check_stream(&mut self) -> Result<(), ReadError> {
        if self.checked.elapsed() < CHECK_INTERVAL {
            return Ok(());
        }
        let info = self.stream.get_info().await?;
        self.checked = Instant::now();
        if stream::created_us(&info) != self.created_us || info.state.last_sequence < self.received {
            return Err(ReadError::Replaced);
        }
        let is_silent = self.received == self.at_check.received;
        if is_silent && self.at_check.last_sequence > self.received {
            return Err(ReadError::Stalled);
        }
        self.at_check = Check { received: self.received, last_sequence: info.state.last_sequence };
        Ok(())
    }

    /// Does something about events that are missing for too long: asks their owner, else reads the stream again, else
    /// finds out whether they are gone.
    async fn close_gap(&mut self) -> Result<(), ReadError> {
        let Some(gap) = self.reorder.gap() else {
            self.memory.gap_attempts = None;
            return Ok(());
        };
        let (applied, now) = (self.reorder.applied(), Instant::now());
        let attempts =
            self.memory.gap_attempts.filter(|attempts| attempts.applied == applied).unwrap_or(GapAttempts {
                applied,
                is_first: true,
                next: gap.since + GAP_PATIENCE,
                patience: GAP_PATIENCE,
            });
        if now < attempts.next {
            return Ok(());
        }
        let patience = (attempts.patience * 2).min(GAP_PATIENCE_MAX);
        self.memory.gap_attempts =
            Some(GapAttempts { applied, is_first: false, next: now + patience, patience });
        tracing::warn!(source = %self.reader.source, missing = ?gap.missing, "events are missing");
        let owners_floor = self.backfill(&gap).await;
        let is_smaller = self.reorder.gap().is_none_or(|rest| rest.missing != gap.missing);
        if is_smaller {
            return Ok(());
        }
        if attempts.is_first {
            return Err(ReadError::ReadAgain);
        }
        self.give_up_what_is_gone(owners_floor.max(self.reorder.floor()).min(*gap.missing.end()))
    }

    /// Takes in what the owner has of the missing events. Returns the number up to which it keeps nothing any more.
    async fn backfill(&mut self, gap: &Gap) -> u64 {
        let Some(client) = &self.reader.endpoint.event_log else { return 0 };
        let (first, last) = (*gap.missing.start(), *gap.missing.end());
        match backfill::read(client, &self.reader.source, first, last).await {
            Ok((events, floor)) => {
                events.into_iter().for_each(|delivered| self.reorder.accept(delivered, None));
                floor
            }
            Err(problem) => {
                tracing::warn!(source = %self.reader.source, %problem, "backfill failed");
                0
            }
        }
    }

    /// Goes on without the events that the owner no longer keeps, or, where nothing was read before, without those
    /// that the stream no longer keeps.
    fn give_up_what_is_gone(&mut self, floor: u64) -> Result<(), ReadError> {
        let applied = self.reorder.applied();
        let first_kept = self.stream.cached_info().state.first_sequence;
        let last_gone = match self.reorder.gap() {
            Some(gap) if self.cursor.epoch.id.is_empty() && first_kept > 1 => *gap.missing.end(),
            _ => floor,
        };
        if last_gone > applied {
            tracing::error!(
                source = %self.reader.source, first = applied + 1, last = last_gone,
                "events are gone for good: they are older than what their owner keeps"
            );
            self.reorder.advance_to(last_gone);
            return Ok(());
        }
        Err(ReadError::ReadAgain)
    }
}
