//! Three regions in one process, beside a PostgreSQL and three nats-servers of their own: what `up`, `demo` and
//! `replay` run on.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::{Context as _, Result, anyhow};
use futures::future::{join_all, try_join_all};
use jiff::Timestamp;
use meridian_chassis::config::{ClockSource, Peer, RegionConfig};
use meridian_embedded::{Binaries, LocateOptions, Nats, NatsOptions, Postgres, PostgresOptions};
use meridian_types::RegionId;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::task::spawn_blocking;

use crate::region::Region;
use crate::serve::all_services;

/// The regions of the sample company.
pub(crate) const REGIONS: [&str; 3] = ["eu", "us", "africa"];
/// Steps between the gRPC ports of the regions, and between those and their NATS ports.
const PORT_STEP: u16 = 10;
const NATS_PORT_OFFSET: u16 = 1;
const ADDRESSES_FILE: &str = "addresses.json";

/// How to run the regions.
pub(crate) struct WorldOptions {
    /// Folder of everything they keep.
    pub(crate) data_dir: PathBuf,
    /// Folder of the pinned servers.
    pub(crate) tools_dir: PathBuf,
    /// gRPC port of the first region; free ports when absent.
    pub(crate) port: Option<u16>,
    /// Where business time comes from.
    pub(crate) clock: ClockSource,
    /// Where a driven clock starts; the real time when absent.
    pub(crate) clock_start: Option<Timestamp>,
}

/// Where a region can be reached.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Addresses {
    /// gRPC.
    pub grpc: String,
    /// NATS.
    pub nats: String,
}

/// The running regions and their servers.
pub(crate) struct World {
    regions: BTreeMap<RegionId, (Region, Addresses)>,
    servers: Servers,
    data_dir: PathBuf,
}

struct Servers {
    postgres: Postgres,
    nats: BTreeMap<RegionId, Nats>,
}

impl World {
    /// Starts the servers, then the regions. `progress` hears what is being done.
    ///
    /// # Errors
    /// A server or a region does not start.
    pub(crate) async fn start(
        options: WorldOptions,
        progress: impl Fn(&str) + Send + Clone + 'static,
    ) -> Result<Self> {
        let servers = {
            let (data_dir, tools_dir, port) =
                (options.data_dir.clone(), options.tools_dir.clone(), options.port);
            let progress = progress.clone();
            spawn_blocking(move || Servers::start(&data_dir, tools_dir, port, &progress)).await??
        };
        progress("starting the services of three regions");
        let mut listeners = Vec::new();
        for (index, region) in region_ids().into_iter().enumerate() {
            let port = options.port.map_or(0, |port| port + PORT_STEP * index as u16);
            let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], port)))
                .await
                .with_context(|| format!("listen on port {port} for region {region}"))?;
            let address = listener.local_addr()?;
            listeners.push((region, listener, address));
        }
        let addresses: BTreeMap<RegionId, Addresses> = listeners
            .iter()
            .map(|(region, _, address)| {
                let nats = servers.nats[region].url();
                (region.clone(), Addresses { grpc: format!("http://{address}"), nats })
            })
            .collect();
        let starts = listeners.into_iter().map(async |(region, listener, _)| {
            let config = servers.config(&region, &addresses, &options)?;
            let running = Region::start(config, &all_services(), listener)
                .await
                .with_context(|| format!("region {region}"))?;
            let own = addresses[&region].clone();
            Ok::<_, anyhow::Error>((region, (running, own)))
        });
        let regions = try_join_all(starts).await?.into_iter().collect();
        fs::write(options.data_dir.join(ADDRESSES_FILE), serde_json::to_vec_pretty(&addresses)?)?;
        Ok(Self { regions, servers, data_dir: options.data_dir })
    }

    /// Where each region can be reached.
    pub(crate) fn addresses(&self) -> BTreeMap<RegionId, Addresses> {
        self.regions.iter().map(|(region, (_, addresses))| (region.clone(), addresses.clone())).collect()
    }

    /// Mails that a region has handed over.
    ///
    /// # Errors
    /// Its folder cannot be read.
    pub(crate) fn mails(&self, region: &RegionId) -> Result<i64> {
        let folder = mail_dir(&self.data_dir, region);
        let files = fs::read_dir(&folder).with_context(|| folder.display().to_string())?;
        let is_mail = |file: &fs::DirEntry| file.path().extension().is_some_and(|it| it == "eml");
        Ok(files.filter(|file| file.as_ref().is_ok_and(is_mail)).count() as i64)
    }

    /// Resolves when a task of a region has failed.
    pub(crate) async fn failure(&self) -> anyhow::Error {
        let failures = self.regions.iter().map(|(region, (running, _))| {
            Box::pin(async move { anyhow!("region {region}: {}", running.tasks.failure().await) })
        });
        futures::future::select_all(failures).await.0
    }

    /// Stops the regions, then the servers.
    ///
    /// # Errors
    /// A task failed while stopping.
    pub(crate) async fn stop(self) -> Result<()> {
        let Self { regions, servers, .. } = self;
        // All of them, whatever becomes of one: the servers go last.
        let stopped = join_all(regions.into_values().map(|(region, _)| region.stop())).await;
        spawn_blocking(move || drop(servers)).await?;
        stopped.into_iter().collect()
    }
}

/// Where the regions of a running `meridian up` with this data folder can be reached.
///
/// # Errors
/// None has ever run with it.
pub(crate) fn addresses_in(data_dir: &Path) -> Result<BTreeMap<RegionId, Addresses>> {
    let file = data_dir.join(ADDRESSES_FILE);
    let text = fs::read(&file).with_context(|| {
        format!("{}: no regions run from this folder; start `meridian up` or give --region", file.display())
    })?;
    Ok(serde_json::from_slice(&text)?)
}

fn mail_dir(data_dir: &Path, region: &RegionId) -> PathBuf {
    data_dir.join(format!("mail-{region}"))
}

fn region_ids() -> [RegionId; 3] {
    REGIONS.map(|region| RegionId::parse(region).expect("the sample's regions are valid codes"))
}

impl Servers {
    fn start(
        data_dir: &Path,
        tools_dir: PathBuf,
        port: Option<u16>,
        progress: &(impl Fn(&str) + ?Sized),
    ) -> Result<Self> {
        fs::create_dir_all(data_dir).with_context(|| data_dir.display().to_string())?;
        let data_dir = data_dir.canonicalize()?;
        progress("looking for PostgreSQL and nats-server (pinned ones are fetched when missing)");
        let binaries = Binaries::locate_or_install(&LocateOptions { tools_dir, ..LocateOptions::default() })?;
        progress(&format!(
            "starting PostgreSQL {} and three nats-servers {}",
            binaries.postgres_version(),
            binaries.nats_version()
        ));
        thread::scope(|scope| {
            let postgres = scope
                .spawn(|| Postgres::start(&binaries, &data_dir.join("postgres"), PostgresOptions::default()));
            let mut nats = BTreeMap::new();
            for (index, region) in region_ids().into_iter().enumerate() {
                let port = port.map(|port| port + PORT_STEP * index as u16 + NATS_PORT_OFFSET);
                let options = NatsOptions { port, ..NatsOptions::default() };
                let server = Nats::start(&binaries, &data_dir.join(format!("nats-{region}")), options)?;
                nats.insert(region, server);
            }
            let postgres = postgres.join().map_err(|_| anyhow!("starting PostgreSQL panicked"))??;
            Ok(Self { postgres, nats })
        })
    }

    fn config(
        &self,
        region: &RegionId,
        addresses: &BTreeMap<RegionId, Addresses>,
        options: &WorldOptions,
    ) -> Result<RegionConfig> {
        let database_url = self.postgres.create_database(region.as_str())?;
        let mut config = RegionConfig::new(region.clone(), &database_url, &self.nats[region].url());
        config.clock = options.clock;
        config.clock_start = options.clock_start;
        config.notification.mail_dir = Some(mail_dir(&options.data_dir, region));
        config.peers = addresses
            .iter()
            .filter(|(other, _)| *other != region)
            .map(|(other, addresses)| Peer::new(other.clone(), &addresses.nats, &addresses.grpc))
            .collect();
        Ok(config)
    }
}
