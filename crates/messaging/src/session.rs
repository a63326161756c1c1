//! One subscription of a reader, from a stored position on.

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::stream::Stream;
use futures::FutureExt;
use meridian_types::Problem;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::apply::{Batch, Failure, Outcome, apply, set_aside};
use crate::envelope::Delivered;
use crate::feed::{Feed, Placed};
use crate::reader::{Memory, ReadError, Reader};
use crate::reader_cursor::{ReaderCursor, StreamHint};
use crate::reorder::Reorder;
use crate::stream;

/// Events applied in one transaction.
const BATCH: usize = 200;
/// Deliveries taken in before the next batch is applied.
const INTAKE: usize = 1000;
/// How often an event that fails is tried before it is set aside.
const ATTEMPTS: i32 = 3;
const TICK: Duration = Duration::from_millis(250);
/// How often the stream is compared with what was received.
const CHECK_INTERVAL: Duration = Duration::from_secs(2);
/// How long a position that moved over events of no concern may stand in memory only.
const STORE_INTERVAL: Duration = Duration::from_secs(5);

/// A reader at work.
pub(crate) struct Session<'a> {
    pub(crate) reader: &'a Reader,
    pub(crate) memory: &'a mut Memory,
    pub(crate) stream: Stream,
    pub(crate) reorder: Reorder,
    /// The position as it stands in the database.
    pub(crate) cursor: ReaderCursor,
    feed: Feed,
    created_us: i64,
    /// Place in the stream of what was delivered last.
    received: u64,
    at_check: Check,
    checked: Instant,
    /// Whether the last look found nothing more in the stream.
    has_all: bool,
    /// Since when events of no concern have been passed over: everything after the stored position.
    passed_over: Option<Instant>,
}

/// What the last look at the stream saw.
#[derive(Default)]
struct Check {
    received: u64,
    last_sequence: u64,
}

impl<'a> Session<'a> {
    /// Subscribes to the stream from the place `first` on.
    pub(crate) async fn open(
        reader: &'a Reader,
        memory: &'a mut Memory,
        cursor: ReaderCursor,
        stream: Stream,
        first: u64,
    ) -> Result<Self, ReadError> {
        Ok(Self {
            reader,
            memory,
            reorder: Reorder::new(cursor.epoch.clone(), cursor.pub_seq),
            cursor,
            feed: Feed::open(&stream, first, false).await?,
            created_us: stream::created_us(stream.cached_info()),
            stream,
            received: first.saturating_sub(1),
            at_check: Check::default(),
            checked: Instant::now(),
            has_all: false,
            passed_over: None,
        })
    }

    /// Reads and applies until asked to stop or until something fails.
    pub(crate) async fn run(&mut self, stop: &CancellationToken) -> Result<(), ReadError> {
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
                    self.store_position().await?;
                }
            }
            self.apply_ready(stop).await?;
            if stop.is_cancelled() {
                return Ok(());
            }
            if std::mem::take(&mut self.has_all) && self.reorder.gap().is_none() {
                self.reader.journal.note_whether_read(&self.reader.source, true);
            }
            if self.reorder.has_evicted() && self.reorder.gap().is_none() {
                // What found no room is still in the stream, after the stored hint.
                return Err(ReadError::NoRoom);
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
            let Some(last) = ready.last() else { return Ok(()) };
            if !ready.iter().any(|delivered| self.reader.handler.concerns(&delivered.event)) {
                self.reorder.advance_to(last.event.pub_seq);
                self.passed_over.get_or_insert_with(Instant::now);
                continue;
            }
            match apply(self.batch(&ready)).await {
                Ok(outcome) => self.settle(&ready, outcome)?,
                Err(Failure::Passing(problem)) => self.wait_for_better_times(&problem, stop).await,
                Err(Failure::Event(_)) => {
                    for event in ready {
                        // Another replica may have gone on beyond it in the meantime.
                        if event.event.pub_seq > self.reorder.applied() {
                            self.apply_singly(&[event], stop).await?;
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// Stores a position behind events that were passed over. Until then a restart merely reads them again.
    async fn store_position(&mut self) -> Result<(), ReadError> {
        if self.passed_over.is_none_or(|since| since.elapsed() < STORE_INTERVAL) {
            return Ok(());
        }
        match apply(self.batch(&[])).await {
            Ok(outcome) => self.settle(&[], outcome),
            // The next events store it too, and the next tick tries again.
            Err(Failure::Passing(_) | Failure::Event(_)) => Ok(()),
        }
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
            Outcome::Applied => {
                self.cursor = self.batch(events).after;
                self.passed_over = None;
            }
            Outcome::Moved(actual) => {
                // Another replica may have stored a position before what was passed over here.
                let stored = self.cursor.pub_seq.min(self.reorder.applied());
                let is_ahead = actual.epoch.id == self.reorder.epoch().id && actual.pub_seq >= stored;
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
        self.has_all = self.received >= info.state.last_sequence;
        self.at_check = Check { received: self.received, last_sequence: info.state.last_sequence };
        Ok(())
    }
}
