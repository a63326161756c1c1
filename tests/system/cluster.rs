//! Three regions as operators run them: a PostgreSQL, a nats-server and a service process each, joined by links that
//! can be cut.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use jiff::Timestamp;
use meridian::world::Addresses;
use meridian_chassis::client::connect_lazy;
use meridian_embedded::{Nats, NatsOptions, Postgres, PostgresOptions, testing};
use meridian_proto::region::v1::GetTimeRequest;
use meridian_proto::region::v1::clock_service_client::ClockServiceClient;
use meridian_types::RegionId;
use tempfile::TempDir;
use tokio::sync::{Mutex, MutexGuard};

use crate::link::Link;
use crate::wait;

/// The regions, in the order of their names.
pub(crate) const REGIONS: [&str; 3] = ["africa", "eu", "us"];

const DATABASE: &str = "meridian";
const LOG: &str = "services.log";

/// What can be killed in a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// The process of the services.
    Services,
    /// nats-server.
    Nats,
    /// PostgreSQL with all its processes.
    Postgres,
}

impl Part {
    /// Everything that can be killed.
    pub(crate) const ALL: [Self; 3] = [Self::Services, Self::Nats, Self::Postgres];
}

struct Node {
    postgres: Postgres,
    nats: Nats,
    services: Option<Child>,
    port: u16,
    dir: PathBuf,
}

/// One cluster at a time: the machine is what the tests would otherwise fight over.
static MACHINE: Mutex<()> = Mutex::const_new(());

/// The machine, for as long as the guard lives.
pub(crate) async fn machine() -> MutexGuard<'static, ()> {
    MACHINE.lock().await
}

/// The running regions. Everything ends when it is dropped.
pub(crate) struct Cluster {
    nodes: BTreeMap<&'static str, Node>,
    links: BTreeMap<(&'static str, &'static str), [Link; 2]>,
    _dir: TempDir,
    /// Given back last, when everything has ended.
    _machine: MutexGuard<'static, ()>,
}

impl Cluster {
    /// Starts everything; every region's business clock stands at `start`.
    pub(crate) async fn start(start: Timestamp) -> Self {
        Self::start_with(start, "").await
    }

    /// Starts everything with more lines in the `[telemetry]` table of the configuration.
    pub(crate) async fn start_with(start: Timestamp, telemetry: &str) -> Self {
        let machine = machine().await;
        let dir = TempDir::with_prefix("meridian-system-").unwrap();
        let mut nodes = BTreeMap::new();
        for region in REGIONS {
            nodes.insert(region, Node::start(&dir.path().join(region)));
        }
        let mut links = BTreeMap::new();
        for from in REGIONS {
            for to in REGIONS.into_iter().filter(|to| *to != from) {
                let nats = Link::to(format!("127.0.0.1:{}", nodes[to].nats.port())).await;
                let grpc = Link::to(format!("127.0.0.1:{}", nodes[to].port)).await;
                links.insert((from, to), [nats, grpc]);
            }
        }
        for region in REGIONS {
            let node = nodes.get_mut(region).unwrap();
            node.write_configuration(region, start, telemetry, &links);
            node.start_services();
        }
        let cluster = Self { nodes, links, _dir: dir, _machine: machine };
        cluster.answers().await;
        cluster
    }

    /// Where the regions can be reached.
    pub(crate) fn addresses(&self) -> BTreeMap<RegionId, Addresses> {
        let addresses = |node: &Node| Addresses { grpc: node.grpc(), nats: node.nats.url() };
        self.nodes.iter().map(|(region, node)| (RegionId::parse(region).unwrap(), addresses(node))).collect()
    }

    /// Folder of the mails that a region has sent.
    pub(crate) fn mails(&self, region: &str) -> PathBuf {
        self.nodes[region].dir.join("mail")
    }

    /// gRPC address of a region.
    pub(crate) fn grpc(&self, region: &str) -> String {
        self.nodes[region].grpc()
    }

    /// What a region's services have logged.
    pub(crate) fn log(&self, region: &str) -> String {
        fs::read_to_string(self.nodes[region].dir.join(LOG)).unwrap()
    }

    /// URL of a region's database.
    pub(crate) fn database(&self, region: &str) -> String {
        self.nodes[region].postgres.url(DATABASE)
    }

    /// Waits until every region answers.
    pub(crate) async fn answers(&self) {
        for (region, node) in &self.nodes {
            let client = connect_lazy(&node.grpc()).unwrap();
            wait::until(&format!("{region} answers"), Duration::from_secs(60), async || {
                ClockServiceClient::new(client.clone()).get_time(GetTimeRequest {}).await.is_ok()
            })
            .await;
        }
    }

    /// Kills a part with SIGKILL.
    pub(crate) fn kill(&mut self, region: &str, part: Part) {
        let node = self.nodes.get_mut(region).unwrap();
        match part {
            Part::Services => node.kill_services(),
            Part::Nats => node.nats.kill(),
            Part::Postgres => node.postgres.kill(),
        }
    }

    /// Starts a killed part again.
    pub(crate) fn restart(&mut self, region: &str, part: Part) {
        let node = self.nodes.get_mut(region).unwrap();
        match part {
            Part::Services => node.start_services(),
            Part::Nats => node.nats.restart().unwrap(),
            Part::Postgres => node.postgres.restart().unwrap(),
        }
        // A service process that gave up in between is started by whoever runs it; here that is us.
        if node.services.as_mut().is_none_or(|child| child.try_wait().unwrap().is_some()) {
            node.start_services();
        }
    }

    /// Starts again whatever was killed and not started since.
    pub(crate) fn restart_what_is_down(&mut self) {
        for region in REGIONS {
            let node = &self.nodes[region];
            let is_down = [
                (Part::Postgres, node.postgres.pid().is_none()),
                (Part::Nats, node.nats.pid().is_none()),
                (Part::Services, node.services.is_none()),
            ];
            for (part, _) in is_down.into_iter().filter(|(_, is_down)| *is_down) {
                self.restart(region, part);
            }
        }
    }

    /// Deletes everything that a region's NATS has stored, while the rest runs on.
    pub(crate) fn wipe_nats(&mut self, region: &str) {
        self.nodes.get_mut(region).unwrap().nats.wipe().unwrap();
    }

    /// Cuts a region off from all others, both ways.
    pub(crate) fn cut_off(&self, region: &str) {
        self.links_of(region).for_each(Link::cut);
    }

    /// Joins it again.
    pub(crate) fn join(&self, region: &str) {
        self.links_of(region).for_each(Link::mend);
    }

    fn links_of(&self, region: &str) -> impl Iterator<Item = &Link> {
        self.links
            .iter()
            .filter(move |((from, to), _)| *from == region || *to == region)
            .flat_map(|(_, it)| it)
    }
}

impl Node {
    fn start(dir: &Path) -> Self {
        fs::create_dir_all(dir).unwrap();
        let binaries = testing::binaries();
        let postgres = Postgres::start(binaries, &dir.join("postgres"), PostgresOptions::default()).unwrap();
        let nats = Nats::start(binaries, &dir.join("nats"), NatsOptions::default()).unwrap();
        Self { postgres, nats, services: None, port: free_port(), dir: dir.to_owned() }
    }

    fn grpc(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn write_configuration(
        &self,
        region: &str,
        start: Timestamp,
        telemetry: &str,
        links: &BTreeMap<(&'static str, &'static str), [Link; 2]>,
    ) {
        let database_url = self.postgres.create_database(DATABASE).unwrap();
        let mut text = format!(
            "region = \"{region}\"\nlisten = \"127.0.0.1:{}\"\ndatabase_url = \"{database_url}\"\nnats_url = \"{}\"\n\
             clock = \"driven\"\nclock_start = \"{start}\"\nshutdown_grace_ms = 3000\n\
             [telemetry]\nlog = \"warn\"\n{telemetry}\n[notification]\nmail_dir = \"{}\"\n",
            self.port,
            self.nats.url(),
            self.dir.join("mail").display()
        );
        for ((_, to), [nats, grpc]) in links.iter().filter(|((from, _), _)| *from == region) {
            text.push_str(&format!(
                "[peers.{to}]\nnats_url = \"nats://{}\"\ngrpc_url = \"http://{}\"\n",
                nats.address(),
                grpc.address()
            ));
        }
        fs::write(self.configuration(), text).unwrap();
    }

    fn configuration(&self) -> PathBuf {
        self.dir.join("meridian.toml")
    }

    fn start_services(&mut self) {
        let log = File::options().create(true).append(true).open(self.dir.join(LOG)).unwrap();
        // The parent's end must not leave processes behind, whatever ends it.
        let child = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", "--", env!("CARGO_BIN_EXE_meridian"), "serve", "--config"])
            .arg(self.configuration())
            .env("RUST_BACKTRACE", "1")
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        self.services = Some(child);
    }

    fn kill_services(&mut self) {
        if let Some(mut child) = self.services.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.kill_services();
    }
}

/// A port below those that the kernel gives to outgoing connections, so that a killed process finds it free again.
fn free_port() -> u16 {
    let first = 10_000 + (std::process::id() % 500) as u16 * 16;
    (first..first + 8_000)
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok_and(|_| claim(*port)))
        .expect("no free port")
}

fn claim(port: u16) -> bool {
    use std::collections::BTreeSet;
    use std::sync::Mutex;
    static CLAIMED: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    CLAIMED.lock().unwrap().insert(port)
}
