//! A stream read as a log, from one place on, message by message without a gap.

use std::time::Duration;

use async_nats::HeaderMap;
use async_nats::jetstream::consumer::pull::{self, MessagesError};
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, StreamError};
use async_nats::jetstream::stream::{ConsumerError, Stream};
use bytes::Bytes;
use futures::StreamExt;

/// Messages asked for at once.
const PULL_MESSAGES: usize = 500;
const PULL_EXPIRES: Duration = Duration::from_secs(10);
/// Silence for twice as long means that the consumer or the server is gone.
const HEARTBEAT: Duration = Duration::from_secs(2);
/// The server forgets a consumer that nobody pulls from for so long.
const INACTIVE_THRESHOLD: Duration = Duration::from_secs(30);

/// Why a feed ended. Open another one.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FeedError {
    #[error("consumer cannot be made: {0}")]
    Consumer(#[from] ConsumerError),
    #[error("consumer cannot be pulled from: {0}")]
    Pull(#[from] StreamError),
    #[error("pulling failed: {0}")]
    Messages(#[from] MessagesError),
    #[error("a message without its place in the stream: {0}")]
    Place(String),
    #[error("a delivery was lost on the way")]
    Lost,
    #[error("the server ended the delivery")]
    Ended,
}

/// A message and its place in the stream.
#[derive(Debug)]
pub(crate) struct Placed {
    pub(crate) stream_seq: u64,
    pub(crate) headers: Option<HeaderMap>,
    pub(crate) body: Bytes,
}

/// An ephemeral, unacknowledged pull consumer: the position is kept by the reader.
pub(crate) struct Feed {
    messages: pull::Stream,
    deliveries: u64,
}

impl Feed {
    /// Reads from `first` on; with `headers_only`, bodies are left out.
    pub(crate) async fn open(stream: &Stream, first: u64, headers_only: bool) -> Result<Self, FeedError> {
        let deliver_policy = match first {
            0 | 1 => DeliverPolicy::All,
            start_sequence => DeliverPolicy::ByStartSequence { start_sequence },
        };
        let consumer = stream
            .create_consumer(pull::Config {
                deliver_policy,
                headers_only,
                ack_policy: AckPolicy::None,
                inactive_threshold: INACTIVE_THRESHOLD,
                memory_storage: true,
                num_replicas: 1,
                ..pull::Config::default()
            })
            .await?;
        let messages = consumer
            .stream()
            .max_messages_per_batch(PULL_MESSAGES)
            .expires(PULL_EXPIRES)
            .heartbeat(HEARTBEAT)
            .messages()
            .await?;
        Ok(Self { messages, deliveries: 0 })
    }

    /// The next message. Dropping the future loses nothing.
    pub(crate) async fn next(&mut self) -> Result<Placed, FeedError> {
        let message = self.messages.next().await.ok_or(FeedError::Ended)??;
        let info = message.info().map_err(|error| FeedError::Place(error.to_string()))?;
        let (stream_seq, delivery) = (info.stream_sequence, info.consumer_sequence);
        self.deliveries += 1;
        if delivery != self.deliveries {
            return Err(FeedError::Lost);
        }
        let async_nats::Message { headers, payload, .. } = message.message;
        Ok(Placed { stream_seq, headers, body: payload })
    }
}
