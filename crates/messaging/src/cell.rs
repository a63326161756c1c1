//! A region as a service sees it: its database, its clock, and the streams of all regions.

use std::collections::BTreeMap;
use std::sync::Arc;

use meridian_chassis::client::{Client, connect_lazy};
use meridian_chassis::config::RegionConfig;
use meridian_chassis::tasks::Tasks;
use meridian_types::{Clock, IdSource, Problem, RegionId, Rule, ServiceName};
use sqlx::migrate::Migrator;

use crate::{
    EventLogClient, Handler, Journal, JournalOptions, Nats, NatsError, NatsOptions, OpenError, Origin,
    SourceEndpoint, SubjectPrefix, spawn_reader, spawn_relay,
};

/// Pooled connections of one service.
const CONNECTIONS_MAX: u32 = 8;

/// What the services of one process share: configuration, clock, ids, and a connection to each region's NATS.
#[derive(Debug, Clone)]
pub struct Cell {
    /// Configuration of the process; `listen` is the address it really listens on.
    pub config: RegionConfig,
    /// Business time of the region.
    pub clock: Arc<dyn Clock>,
    /// Fresh ids.
    pub ids: Arc<dyn IdSource>,
    prefix: SubjectPrefix,
    nats: BTreeMap<RegionId, Nats>,
}

/// Why a cell cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum CellError {
    /// The subject prefix is not a token.
    #[error("subject_prefix: {0}")]
    Prefix(Rule),
    /// A NATS server is refused: the region's own without JetStream, or a URL that cannot be read.
    #[error(transparent)]
    Nats(#[from] NatsError),
}

impl Cell {
    /// Connects to the NATS servers of the region and its peers. A server that is away is connected to later.
    ///
    /// # Errors
    /// See [`CellError`].
    pub async fn connect(
        config: RegionConfig,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
    ) -> Result<Self, CellError> {
        let prefix = SubjectPrefix::parse(&config.subject_prefix).map_err(CellError::Prefix)?;
        let own = (config.region.clone(), &config.nats_url);
        let peers = config.peers.iter().map(|peer| (peer.region.clone(), &peer.nats_url));
        let connects = std::iter::once(own).chain(peers).map(async |(region, url)| {
            let client_name = format!("meridian-{}", config.region);
            // What is wrong with a peer must not stop this region.
            let is_own = region == config.region;
            let options = NatsOptions {
                client_name,
                stream_replicas: config.stream_replicas,
                monitor: config.nats_monitor.clone().filter(|_| is_own),
                requires_jetstream: is_own,
            };
            Ok::<_, CellError>((region, Nats::connect(url.reveal(), options).await?))
        });
        let nats = futures::future::try_join_all(connects).await?.into_iter().collect();
        Ok(Self { config, clock, ids, prefix, nats })
    }

    /// All regions, the own one first.
    pub fn regions(&self) -> impl Iterator<Item = &RegionId> {
        std::iter::once(&self.config.region).chain(self.config.peers.iter().map(|peer| &peer.region))
    }

    /// The other regions.
    pub fn peers(&self) -> impl Iterator<Item = &RegionId> {
        self.config.peers.iter().map(|peer| &peer.region)
    }

    /// Opens the journal of a service of this region.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn journal(
        &self,
        service: ServiceName,
        migrations: &'static Migrator,
    ) -> Result<Journal, OpenError> {
        let origin = Origin { prefix: self.prefix.clone(), region: self.config.region.clone(), service };
        let options = JournalOptions {
            database_url: self.config.database_url.reveal().to_owned(),
            origin,
            clock: Arc::clone(&self.clock),
            ids: Arc::clone(&self.ids),
            max_connections: CONNECTIONS_MAX,
        };
        Journal::open(options, migrations).await
    }

    /// Publishes what a journal commits to the region's own NATS.
    pub fn spawn_relay(&self, tasks: &Tasks, journal: &Journal) {
        spawn_relay(tasks, journal, self.nats[&self.config.region].clone());
    }

    /// Applies what `service` of `region` publishes. A region that is not configured is not read.
    ///
    /// # Errors
    /// The gRPC address of the region is not one.
    pub fn spawn_reader(
        &self,
        tasks: &Tasks,
        journal: &Journal,
        region: &RegionId,
        service: ServiceName,
        handler: Arc<dyn Handler>,
    ) -> Result<(), Problem> {
        let Some(nats) = self.nats.get(region).cloned() else { return Ok(()) };
        let url = match self.config.peers.iter().find(|peer| peer.region == *region) {
            Some(peer) => peer.endpoint(&service).to_owned(),
            None => self.config.endpoint(&service),
        };
        let event_log = Some(EventLogClient::new(connect_lazy(&url)?));
        let source = SourceEndpoint { region: region.clone(), service, nats, event_log };
        spawn_reader(tasks, journal, source, handler);
        Ok(())
    }

    /// A client of a service of this region.
    ///
    /// # Errors
    /// The configured address is not one.
    pub fn client(&self, service: &ServiceName) -> Result<Client, Problem> {
        connect_lazy(&self.config.endpoint(service))
    }
}
