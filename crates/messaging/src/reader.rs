//! The reader: applies the events of one source, each exactly once, in the order in which they were published.

use std::sync::Arc;

use async_nats::jetstream::stream::{InfoError, Stream};
use meridian_chassis::tasks::Tasks;
use meridian_types::{RegionId, ServiceName};
use tokio_util::sync::CancellationToken;

use crate::backfill::EventLogClient;
use crate::backoff::Backoff;
use crate::envelope::Delivered;
use crate::feed::FeedError;
use crate::gap::GapAttempts;
use crate::reader_cursor::{self, ReaderCursor};
use crate::session::Session;
use crate::stream::{self, StreamError};
use crate::{Handler, Journal, Nats, Origin, Source};

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
pub(crate) enum ReadError {
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
    #[error("more events waited than there is room for")]
    NoRoom,
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

pub(crate) struct Reader {
    pub(crate) journal: Journal,
    pub(crate) source: Source,
    pub(crate) endpoint: SourceEndpoint,
    pub(crate) handler: Arc<dyn Handler>,
}

/// What is known between two starts.
pub(crate) struct Memory {
    pub(crate) backoff: Backoff,
    pub(crate) is_reported: bool,
    /// What was tried to close the gap that is open.
    pub(crate) gap_attempts: Option<GapAttempts>,
    pub(crate) reads_again: bool,
}

impl Reader {
    async fn run(&self, stop: &CancellationToken) {
        let mut memory =
            Memory { backoff: Backoff::new(), is_reported: false, gap_attempts: None, reads_again: false };
        while let Err(error) = self.session(&mut memory, stop).await {
            let (reader, source) = (&self.journal.origin().service, &self.source);
            self.journal.note_whether_read(source, false);
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
        Session::open(self, memory, cursor, stream, first).await?.run(stop).await
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
