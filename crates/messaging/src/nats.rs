//! The connection to one region's NATS server.

use std::time::Duration;

use async_nats::connection::State;
use async_nats::jetstream::context::{AccountErrorKind, ContextBuilder};
use async_nats::jetstream::{Context, ErrorCode};
use async_nats::{Client, ConnectOptions, ServerAddr};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A dead link is noticed after about three of these.
const PING_INTERVAL: Duration = Duration::from_secs(5);
/// Without an answer for so long the outcome of a request or a publish counts as unknown.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);
/// How long `connect` waits for a server before it leaves the connecting to the background.
const CONNECT_WAIT: Duration = Duration::from_secs(2);
const RECONNECT_PAUSE_MS_MAX: u64 = 500;
const MONITOR_TIMEOUT: Duration = Duration::from_secs(2);

/// How to connect.
#[derive(Debug, Clone)]
pub struct NatsOptions {
    /// Name of this client, as the server shows it.
    pub client_name: String,
    /// Replicas of each stream: 1 for a single server, 3 for a cluster.
    pub stream_replicas: usize,
    /// Address (`host:port`) of the server's monitoring listener, where there is one: the only place that tells
    /// whether the server syncs every message to disk.
    pub monitor: Option<String>,
    /// Refuses a server that offers no JetStream. Otherwise that is only said in the log.
    pub requires_jetstream: bool,
}

impl Default for NatsOptions {
    fn default() -> Self {
        Self {
            client_name: "meridian".to_owned(),
            stream_replicas: 1,
            monitor: None,
            requires_jetstream: true,
        }
    }
}

/// Why a server is refused.
#[derive(Debug, thiserror::Error)]
pub enum NatsError {
    /// The URL cannot be read.
    #[error("the NATS URL cannot be read: {0}")]
    Url(#[source] std::io::Error),
    /// The client cannot be set up.
    #[error("cannot connect to NATS: {0}")]
    Connect(#[from] async_nats::ConnectError),
    /// The server offers no JetStream to this account.
    #[error("the NATS server at {server} offers no JetStream: start it with `jetstream` enabled")]
    NoJetStream {
        /// Where the server is: `host:port`.
        server: String,
    },
}

/// A connection to one region's NATS server. Clones share it.
#[derive(Debug, Clone)]
pub struct Nats {
    context: Context,
    stream_replicas: usize,
}

impl Nats {
    /// Connects to `url` (`nats://host:port`). A server that is away is no error: the connection is made, and made
    /// again, in the background. A server that is there is checked.
    ///
    /// # Errors
    /// [`NatsError`]: a malformed URL, or a server without the JetStream that is required.
    pub async fn connect(url: &str, options: NatsOptions) -> Result<Self, NatsError> {
        let address: ServerAddr = url.parse().map_err(NatsError::Url)?;
        // What may be shown of the URL: it can hold a password.
        let server = format!("{}:{}", address.host(), address.port());
        let client = ConnectOptions::new()
            .name(&options.client_name)
            .ping_interval(PING_INTERVAL)
            .request_timeout(Some(ANSWER_TIMEOUT))
            .retry_on_initial_connect()
            .max_reconnects(None)
            .reconnect_delay_callback(reconnect_pause)
            .event_callback(|event| async move { tracing::info!(%event, "NATS connection") })
            .connect(address)
            .await?;
        let context = ContextBuilder::new().timeout(ANSWER_TIMEOUT).build(client.clone());
        if connected(&client).await {
            match context.query_account().await {
                Ok(_) => {}
                Err(error) if options.requires_jetstream && is_without_jetstream(&error.kind()) => {
                    return Err(NatsError::NoJetStream { server });
                }
                Err(error) => tracing::warn!(server, %error, "the NATS server's JetStream does not answer"),
            }
            warn_where_sync_is_lazy(&server, options.monitor.as_deref()).await;
        } else {
            tracing::warn!(server, "the NATS server is away; connecting in the background");
        }
        Ok(Self { context, stream_replicas: options.stream_replicas })
    }

    /// The client behind it, for subscriptions of one's own.
    #[must_use]
    pub fn client(&self) -> Client {
        self.context.client()
    }

    /// Whether the server can be reached at the moment.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.context.client().connection_state() == State::Connected
    }

    pub(crate) const fn context(&self) -> &Context {
        &self.context
    }

    pub(crate) const fn stream_replicas(&self) -> usize {
        self.stream_replicas
    }
}

/// Whether the server has no JetStream; a cluster that has no leader at the moment has one.
fn is_without_jetstream(kind: &AccountErrorKind) -> bool {
    match kind {
        AccountErrorKind::JetStreamUnavailable => true,
        AccountErrorKind::JetStream(cause) => {
            [ErrorCode::JETSTREAM_NOT_ENABLED, ErrorCode::JETSTREAM_NOT_ENABLED_FOR_ACCOUNT]
                .contains(&cause.error_code())
        }
        AccountErrorKind::TimedOut | AccountErrorKind::Other => false,
    }
}

/// 20 ms, 40 ms, ... up to half a second, each shortened at random.
fn reconnect_pause(attempts: usize) -> Duration {
    let doublings = u32::try_from(attempts).unwrap_or(u32::MAX).min(5);
    let longest_ms = (10_u64 << doublings).min(RECONNECT_PAUSE_MS_MAX);
    Duration::from_millis(fastrand::u64(longest_ms / 2..=longest_ms))
}

async fn connected(client: &Client) -> bool {
    let wait = async {
        while client.connection_state() != State::Connected {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(CONNECT_WAIT, wait).await.is_ok()
}

/// A server that acknowledges before it syncs can lose acknowledged messages in a power failure. They heal from
/// the outbox, but other systems' subscribers may miss them.
async fn warn_where_sync_is_lazy(server: &str, monitor: Option<&str>) {
    let Some(monitor) = monitor else { return };
    match tokio::time::timeout(MONITOR_TIMEOUT, syncs_always(monitor)).await {
        Ok(Ok(true)) => {}
        Ok(Ok(false)) => tracing::warn!(
            server,
            "THE NATS SERVER SYNCS LAZILY: acknowledged messages can be lost in a power failure; \
             set `jetstream {{ sync_interval: always }}`"
        ),
        Ok(Err(error)) => {
            tracing::warn!(server, monitor, %error, "cannot see whether the NATS server syncs every message")
        }
        Err(_) => {
            tracing::warn!(server, monitor, "the monitoring listener of the NATS server does not answer")
        }
    }
}

async fn syncs_always(monitor: &str) -> std::io::Result<bool> {
    let mut connection = TcpStream::connect(monitor).await?;
    connection.write_all(b"GET /jsz HTTP/1.0\r\n\r\n").await?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await?;
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    let settings: serde_json::Value = serde_json::from_str(body)?;
    Ok(settings.pointer("/config/sync_always").and_then(serde_json::Value::as_bool).unwrap_or(false))
}
