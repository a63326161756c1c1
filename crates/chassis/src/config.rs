//! Configuration of a region's processes: defaults < TOML file < environment.
//!
//! The variable of a key is `MERIDIAN_` and its path in upper case, joined by two underscores:
//! `MERIDIAN_LIMITS__DEADLINE_MAX_MS=30000`, `MERIDIAN_PEERS__US__NATS_URL=nats://us:4222`. Unknown keys are refused.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use config::{Config, Environment, File, FileFormat};
use jiff::Timestamp;
use meridian_types::{Problem, RegionId, Rule, ServiceName};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

pub use secret::Secret;

mod rules;
mod secret;
mod sources;

/// Everything a process of a region needs to know. Prints and serialises with secrets as `***`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegionConfig {
    /// The region this process belongs to.
    #[serde(deserialize_with = "parsed")]
    pub region: RegionId,
    /// First token of every subject; keeps systems apart that share a NATS server.
    #[serde(default = "subject_prefix")]
    pub subject_prefix: String,
    /// Address of the gRPC listener. Port 0 takes any free one; who binds it puts the real one here, for
    /// [`RegionConfig::endpoint`].
    #[serde(default = "listen")]
    pub listen: SocketAddr,
    /// Permits a listener beyond loopback although nothing on it is encrypted or authenticated.
    #[serde(default)]
    pub allow_insecure_listen: bool,
    /// PostgreSQL of the region: `postgres://user:password@host:port/database`.
    pub database_url: Secret,
    /// NATS of the region: `nats://user:password@host:port`.
    pub nats_url: Secret,
    /// Monitoring listener of that NATS, `host:port`: the only place that tells whether it syncs every message to disk.
    #[serde(default)]
    pub nats_monitor: Option<String>,
    /// Replicas of each of the region's streams: 1 for a single nats-server, 3 for a cluster.
    #[serde(default = "stream_replicas")]
    pub stream_replicas: usize,
    /// The other regions, as tables named by region: `[peers.us]`.
    #[serde(default, deserialize_with = "peers_from_map", serialize_with = "peers_to_map")]
    pub peers: Vec<Peer>,
    /// gRPC addresses of services that another process of the region runs, by service name.
    #[serde(default)]
    pub endpoints: BTreeMap<ServiceName, String>,
    /// Where business time comes from.
    #[serde(default, deserialize_with = "parsed")]
    pub clock: ClockSource,
    /// Where a driven clock stands when its database is new; the real time, going on, when absent.
    #[serde(default)]
    pub clock_start: Option<Timestamp>,
    /// Logs and traces.
    #[serde(default)]
    pub telemetry: TelemetryConfig,
    /// Limits of the gRPC listener.
    #[serde(default)]
    pub limits: LimitsConfig,
    /// How customers are told.
    #[serde(default)]
    pub notification: NotificationConfig,
    /// How long a stopping process may take to finish what it does, milliseconds.
    #[serde(default = "shutdown_grace_ms")]
    pub shutdown_grace_ms: u64,
}

/// Another region: what is read from there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// Its code.
    pub region: RegionId,
    /// Its NATS, whose streams are read.
    pub nats_url: Secret,
    /// Its gRPC address, for queries and backfill.
    pub grpc_url: String,
    /// gRPC addresses of services that stand elsewhere in that region, by service name.
    pub endpoints: BTreeMap<ServiceName, String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PeerUrls {
    nats_url: Secret,
    grpc_url: String,
    #[serde(default)]
    endpoints: BTreeMap<ServiceName, String>,
}

impl Peer {
    /// A region all of whose services stand at one address.
    #[must_use]
    pub fn new(region: RegionId, nats_url: &str, grpc_url: &str) -> Self {
        let (nats_url, grpc_url) = (Secret::new(nats_url), grpc_url.to_owned());
        Self { region, nats_url, grpc_url, endpoints: BTreeMap::new() }
    }

    /// gRPC address of a service of that region: its own endpoint, or else the region's.
    #[must_use]
    pub fn endpoint(&self, service: &ServiceName) -> &str {
        self.endpoints.get(service).unwrap_or(&self.grpc_url)
    }
}

/// Where business time comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ClockSource {
    /// The machine's clock.
    #[default]
    System,
    /// A row of the region's database that is set by hand: demonstrations and tests.
    Driven,
}

impl FromStr for ClockSource {
    type Err = Rule;

    fn from_str(text: &str) -> Result<Self, Rule> {
        match text {
            "system" => Ok(Self::System),
            "driven" => Ok(Self::Driven),
            _ => Err(Rule::new("system or driven")),
        }
    }
}

/// Logs and traces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TelemetryConfig {
    /// OTLP/gRPC collector for traces: `http://host:4317`. Without it no trace leaves the process.
    pub otlp_endpoint: Option<String>,
    /// Which log lines are written: a level, or `target=level` pairs separated by commas.
    pub log: String,
    /// One JSON object per log line instead of text.
    pub json: bool,
}

impl Default for TelemetryConfig {
    fn default() -> Self {
        Self { otlp_endpoint: None, log: "info".to_owned(), json: false }
    }
}

/// Limits of the gRPC listener.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsConfig {
    /// Largest message, received or sent, after decompression.
    pub max_message_bytes: usize,
    /// Calls at one time on one connection; further ones wait at the client.
    pub concurrency_per_connection: u32,
    /// Calls being answered at one time in the process; further ones are refused, to be retried.
    pub concurrency: usize,
    /// Calls without an end (watches, health watches) at one time in the process; further ones are refused, to be
    /// retried.
    pub watches: usize,
    /// Longest deadline; a caller's longer one is cut to it.
    pub deadline_max_ms: u64,
    /// Age at which a connection is closed gracefully, so that callers spread over replicas.
    pub connection_age_max_ms: Option<u64>,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            max_message_bytes: 4 * 1024 * 1024,
            concurrency_per_connection: 256,
            concurrency: 1024,
            watches: 256,
            deadline_max_ms: 60_000,
            connection_age_max_ms: None,
        }
    }
}

/// How customers are told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NotificationConfig {
    /// Mail server: `smtp://user:password@host:port`.
    pub smtp_url: Option<Secret>,
    /// Folder that gets every mail as a file instead.
    pub mail_dir: Option<PathBuf>,
    /// Sender of every mail.
    pub from_address: String,
    /// Permits webhooks over plain HTTP, on any port, and to private addresses: demonstrations and tests.
    pub allow_private_webhooks: bool,
}

impl Default for NotificationConfig {
    fn default() -> Self {
        Self {
            smtp_url: None,
            mail_dir: None,
            from_address: "meridian@localhost".to_owned(),
            allow_private_webhooks: false,
        }
    }
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A source cannot be read. Of a file that is no TOML only the place is told: the line may hold a password.
    #[error("{}", without_lines(.0))]
    Unreadable(#[from] config::ConfigError),
    /// Values that are missing, of another type or unknown, or break rules; all of them, one a line.
    #[error("the configuration is wrong:{}", lines(.0))]
    Invalid(Problem),
}

fn without_lines(error: &config::ConfigError) -> String {
    let text = error.to_string();
    text.lines().filter(|line| !line.contains('|')).collect::<Vec<_>>().join(": ")
}

fn lines(problem: &Problem) -> String {
    problem.violations.iter().map(|violation| format!("\n  {violation}")).collect()
}

fn subject_prefix() -> String {
    "meridian".to_owned()
}

fn listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 7400))
}

const fn stream_replicas() -> usize {
    1
}

const fn shutdown_grace_ms() -> u64 {
    10_000
}

impl RegionConfig {
    /// The defaults around the three values that have none.
    #[must_use]
    pub fn new(region: RegionId, database_url: &str, nats_url: &str) -> Self {
        Self {
            region,
            subject_prefix: subject_prefix(),
            listen: listen(),
            allow_insecure_listen: false,
            database_url: Secret::new(database_url),
            nats_url: Secret::new(nats_url),
            nats_monitor: None,
            stream_replicas: stream_replicas(),
            peers: Vec::new(),
            endpoints: BTreeMap::new(),
            clock: ClockSource::default(),
            clock_start: None,
            telemetry: TelemetryConfig::default(),
            limits: LimitsConfig::default(),
            notification: NotificationConfig::default(),
            shutdown_grace_ms: shutdown_grace_ms(),
        }
    }

    /// Reads `file` (TOML) and the `MERIDIAN_` variables of `environment`, and checks the result.
    ///
    /// # Errors
    /// What cannot be read, or every value that is wrong, with its key, its variable if that holds it, and its rule.
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let variables: HashMap<_, _> = environment.into_iter().collect();
        let variables = Environment::with_prefix("MERIDIAN")
            .prefix_separator("_")
            .separator("__")
            .source(Some(variables.into_iter().collect()));
        let mut builder = Config::builder();
        if let Some(path) = file {
            builder = builder.add_source(File::from(path).format(FileFormat::Toml));
        }
        sources::read(&builder.add_source(variables).build()?).map_err(ConfigError::Invalid)
    }

    /// gRPC address of a service of this region: its own endpoint, or else this process's listener.
    #[must_use]
    pub fn endpoint(&self, service: &ServiceName) -> String {
        self.endpoints.get(service).cloned().unwrap_or_else(|| format!("http://{}", self.listen))
    }
}

/// A value with a rule of its own.
fn parsed<'de, D: Deserializer<'de>, T: FromStr<Err = Rule>>(deserializer: D) -> Result<T, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(D::Error::custom)
}

fn peers_from_map<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Peer>, D::Error> {
    let map = BTreeMap::<RegionId, PeerUrls>::deserialize(deserializer)?;
    Ok(map
        .into_iter()
        .map(|(region, urls)| {
            let PeerUrls { nats_url, grpc_url, endpoints } = urls;
            Peer { region, nats_url, grpc_url, endpoints }
        })
        .collect())
}

fn peers_to_map<S: Serializer>(peers: &[Peer], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(peers.iter().map(|peer| {
        let Peer { region, nats_url, grpc_url, endpoints } = peer.clone();
        (region, PeerUrls { nats_url, grpc_url, endpoints })
    }))
}
