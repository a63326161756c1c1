//! The streams, declared in code.

use std::time::Duration;

use async_nats::jetstream::context::{
    CreateStreamError, GetStreamError, GetStreamErrorKind, UpdateStreamError,
};
use async_nats::jetstream::message::StreamMessage;
use async_nats::jetstream::stream::{
    Config, DiscardPolicy, Info, RawMessageError, RawMessageErrorKind, RetentionPolicy, StorageType, Stream,
};
use async_nats::jetstream::{Context, ErrorCode};

use crate::Origin;

/// How long a stream keeps its messages. The outbox keeps its rows at least as long.
pub(crate) const KEPT_DAYS: u16 = 14;
/// Largest message, headers included.
pub(crate) const MESSAGE_BYTES_MAX: i32 = 256 * 1024;
/// How long the server knows a repeated `Nats-Msg-Id`.
const DUPLICATE_WINDOW: Duration = Duration::from_secs(120);

/// Why a stream could not be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StreamError {
    #[error("stream cannot be looked up: {0}")]
    Get(#[from] GetStreamError),
    #[error("stream cannot be created: {0}")]
    Create(#[from] CreateStreamError),
    #[error("stream cannot be updated: {0}")]
    Update(UpdateStreamError),
    #[error("message cannot be looked up: {0}")]
    Message(#[from] RawMessageError),
}

/// How the stream of an origin is set up.
///
/// `discard new` makes a full stream refuse and the outbox grow, loudly; `discard old` would lose events of
/// slow readers silently.
fn config(origin: &Origin, replicas: usize) -> Config {
    Config {
        name: origin.stream_name(),
        subjects: vec![origin.subjects()],
        storage: StorageType::File,
        retention: RetentionPolicy::Limits,
        discard: DiscardPolicy::New,
        max_age: Duration::from_secs(u64::from(KEPT_DAYS) * 24 * 60 * 60),
        duplicate_window: DUPLICATE_WINDOW,
        max_message_size: MESSAGE_BYTES_MAX,
        deny_delete: true,
        deny_purge: true,
        num_replicas: replicas,
        ..Config::default()
    }
}

/// The stream of an origin, or `None` where it does not exist.
pub(crate) async fn find(context: &Context, origin: &Origin) -> Result<Option<Stream>, StreamError> {
    match context.get_stream(origin.stream_name()).await {
        Ok(stream) => Ok(Some(stream)),
        Err(error) => match error.kind() {
            GetStreamErrorKind::JetStream(cause) if cause.error_code() == ErrorCode::STREAM_NOT_FOUND => {
                Ok(None)
            }
            _ => Err(error.into()),
        },
    }
}

/// The stream of an origin, created when it is missing and brought up to date when it is set up otherwise.
pub(crate) async fn ensure(
    context: &Context,
    origin: &Origin,
    replicas: usize,
) -> Result<Stream, StreamError> {
    let wanted = config(origin, replicas);
    let Some(stream) = find(context, origin).await? else {
        tracing::info!(stream = wanted.name, "creating the stream");
        return Ok(context.create_stream(wanted).await?);
    };
    if !is_set_up(&stream.cached_info().config, &wanted) {
        tracing::info!(stream = wanted.name, "updating the stream's settings");
        context.update_stream(&wanted).await.map_err(StreamError::Update)?;
    }
    Ok(stream)
}

fn is_set_up(actual: &Config, wanted: &Config) -> bool {
    actual.subjects == wanted.subjects
        && actual.discard == wanted.discard
        && actual.max_age == wanted.max_age
        && actual.duplicate_window == wanted.duplicate_window
        && actual.max_message_size == wanted.max_message_size
        && actual.deny_delete == wanted.deny_delete
        && actual.deny_purge == wanted.deny_purge
        && actual.num_replicas == wanted.num_replicas
}

/// When a stream was made, in microseconds since 1970: tells a stream from its successor of the same name.
pub(crate) fn created_us(info: &Info) -> i64 {
    i64::try_from(info.created.unix_timestamp_nanos() / 1000).unwrap_or(i64::MAX)
}

/// The message at a place of the stream, if there is one.
pub(crate) async fn message_at(
    stream: &Stream,
    stream_seq: u64,
) -> Result<Option<StreamMessage>, StreamError> {
    if stream_seq == 0 {
        return Ok(None);
    }
    match stream.get_raw_message(stream_seq).await {
        Ok(message) => Ok(Some(message)),
        Err(error) => match error.kind() {
            RawMessageErrorKind::NoMessageFound => Ok(None),
            RawMessageErrorKind::JetStream(cause) if cause.error_code() == ErrorCode::NO_MESSAGE_FOUND => {
                Ok(None)
            }
            _ => Err(error.into()),
        },
    }
}
