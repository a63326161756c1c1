//! Regions of the tests: every service of each behind one listener, and short ways to call them.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use meridian_chassis::client::{Client, connect_lazy};
use meridian_chassis::config::{Peer, RegionConfig};
use meridian_chassis::limited;
use meridian_chassis::server::ServerBuilder;
use meridian_chassis::status::problem;
use meridian_chassis::tasks::Tasks;
use meridian_coordinator::Coordinator;
use meridian_dispatch::Dispatch;
use meridian_embedded::testing;
use meridian_intake::Intake;
use meridian_inventory::Inventory;
use meridian_messaging::{Announced, Cell, EventLog, Journal};
use meridian_proto::coordinator::v1::coordinator_service_client::CoordinatorServiceClient;
use meridian_proto::dispatch::v1::dispatch_service_client::DispatchServiceClient;
use meridian_proto::intake::v1::intake_service_client::IntakeServiceClient;
use meridian_proto::inventory::v1::inventory_service_client::InventoryServiceClient;
use meridian_proto::messaging::v1::event_log_service_server::EventLogServiceServer;
use meridian_types::{Clock, ManualClock, Problem, RegionId, SystemIds};
use tokio::net::TcpListener;
use tonic::{Response, Status};

/// Monday 08:00 UTC, when the business clocks of the tests start.
pub(crate) const START: Timestamp = Timestamp::constant(1_795_420_800, 0);
/// Longest time any condition may take, on a machine that is busy with other things.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);
const WATCH: &str = "/meridian.coordinator.v1.CoordinatorService/WatchCase";

/// Two regions, eu and us, on one NATS server and two databases, with one business clock.
pub(crate) struct World {
    clock: Arc<ManualClock>,
    pub(crate) eu: Region,
    pub(crate) us: Region,
}

impl World {
    /// Both regions, running.
    pub(crate) async fn start(hint: &str) -> Self {
        let clock = Arc::new(ManualClock::new(START));
        let prefix = testing::prefix();
        let (eu_listener, us_listener) = (bind(None).await, bind(None).await);
        let addresses = [eu_listener.local_addr().unwrap(), us_listener.local_addr().unwrap()];
        let place = |own: usize| {
            let names = ["eu", "us"];
            let peer = (names[1 - own], addresses[1 - own]);
            let hint = format!("{hint}{}", names[own]);
            Arc::new(Place::new(names[own], &hint, &prefix, addresses[own], peer, &clock))
        };
        let (eu, us) = (place(0), place(1));
        let us = us.start(us_listener).await;
        Self { clock, eu: eu.start(eu_listener).await, us }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Lets time pass up to a second of Unix time, if it has not passed yet.
    pub(crate) fn advance_to(&self, second: i64) {
        let ahead = SignedDuration::from_secs(second) - self.now().as_duration();
        if ahead.is_positive() {
            self.clock.advance(ahead);
        }
    }

    pub(crate) fn advance(&self, minutes: i64) {
        self.clock.advance(SignedDuration::from_mins(minutes));
    }
}

async fn bind(address: Option<SocketAddr>) -> TcpListener {
    TcpListener::bind(address.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 0)))).await.unwrap()
}

/// Where a region is, whether or not it runs.
struct Place {
    config: RegionConfig,
    clock: Arc<ManualClock>,
}

impl Place {
    fn new(
        name: &str,
        hint: &str,
        prefix: &str,
        listen: SocketAddr,
        peer: (&str, SocketAddr),
        clock: &Arc<ManualClock>,
    ) -> Self {
        let nats_url = testing::nats().url();
        let mut config = RegionConfig::new(region(name), &testing::database(hint), &nats_url);
        prefix.clone_into(&mut config.subject_prefix);
        config.listen = listen;
        config.peers = vec![Peer::new(region(peer.0), &nats_url, &format!("http://{}", peer.1))];
        Self { config, clock: Arc::clone(clock) }
    }

    async fn start(self: &Arc<Self>, listener: TcpListener) -> Region {
        let tasks = Tasks::new();
        let clock: Arc<dyn Clock> = Arc::<ManualClock>::clone(&self.clock);
        let cell = Cell::connect(self.config.clone(), clock, Arc::new(SystemIds)).await.unwrap();
        let mut builder = ServerBuilder::new(&cell.config).watch(WATCH);
        let limits = builder.limits();
        let mut journals: Vec<Journal> = Vec::new();
        macro_rules! mount {
            ($($service:ty),+) => {$({
                let service = <$service>::from_config(&cell).await.unwrap();
                service.spawn(&tasks, &cell).unwrap();
                journals.push(service.journal().clone());
                builder = builder.add_service(limited!(limits, service.grpc()));
            })+};
        }
        mount!(Intake, Inventory, Dispatch, Coordinator);
        let journal = journals[journals.len() - 1].clone();
        let event_log = EventLogServiceServer::new(EventLog::new(journals.clone()));
        builder.add_service(limited!(limits, event_log)).serve(listener, &tasks).await.unwrap().ready().await;
        let url = format!("http://{}", self.config.listen);
        Region { place: Arc::clone(self), tasks, journal, journals, client: connect_lazy(&url).unwrap() }
    }
}

/// A region, with all its services in this process.
pub(crate) struct Region {
    place: Arc<Place>,
    tasks: Tasks,
    /// The coordinator's.
    pub(crate) journal: Journal,
    /// Of every service.
    journals: Vec<Journal>,
    client: Client,
}

impl Region {
    /// Stops every service of the region. What it has committed stays.
    pub(crate) async fn stop(&self) {
        self.tasks.stop(Duration::from_secs(20)).await.unwrap();
        self.let_go_of_the_database().await;
    }

    /// Ends every service of the region in the middle of what it does.
    pub(crate) async fn kill(&self) {
        // Tasks that had to be aborted are what is wanted here.
        let _ = self.tasks.stop(Duration::ZERO).await;
        self.let_go_of_the_database().await;
    }

    async fn let_go_of_the_database(&self) {
        for journal in &self.journals {
            journal.pool().close().await;
        }
    }

    /// Starts a stopped region again, on the same database and address.
    pub(crate) async fn start(&mut self) {
        *self = self.place.start(bind(Some(self.place.config.listen)).await).await;
    }

    /// A service of the region says something.
    pub(crate) async fn say<M: Announced + Clone + 'static>(
        &self,
        service: &str,
        (id, version): (&str, i64),
        event: M,
    ) {
        let is_its = |journal: &&Journal| journal.origin().service.as_str() == service;
        let journal = self.journals.iter().find(is_its).unwrap();
        let id = id.to_owned();
        let said = journal.write("say", move |work| {
            let (id, event) = (id.clone(), event.clone());
            Box::pin(async move {
                work.emit(id, version, &event);
                Ok(())
            })
        });
        said.await.unwrap();
    }

    pub(crate) fn coordinator(&self) -> CoordinatorServiceClient<Client> {
        CoordinatorServiceClient::new(self.client.clone())
    }

    /// The coordinator, for calls that must be answered within so long.
    pub(crate) fn coordinator_within(&self, deadline: Duration) -> CoordinatorServiceClient<Client> {
        CoordinatorServiceClient::new(self.client.clone().with_deadline(deadline))
    }

    /// The coordinator, for watching.
    pub(crate) fn watch(&self) -> CoordinatorServiceClient<Client> {
        CoordinatorServiceClient::new(self.client.clone().without_deadline())
    }

    pub(crate) fn inventory(&self) -> InventoryServiceClient<Client> {
        InventoryServiceClient::new(self.client.clone())
    }

    pub(crate) fn dispatch(&self) -> DispatchServiceClient<Client> {
        DispatchServiceClient::new(self.client.clone())
    }

    pub(crate) fn intake(&self) -> IntakeServiceClient<Client> {
        IntakeServiceClient::new(self.client.clone())
    }
}

pub(crate) fn region(name: &str) -> RegionId {
    name.parse().unwrap()
}

/// The answer, or the problem behind the status.
pub(crate) async fn answered<M>(
    call: impl Future<Output = Result<Response<M>, Status>>,
) -> Result<M, Problem> {
    call.await.map(Response::into_inner).map_err(|status| problem(&status))
}

/// Waits until `look` finds something.
pub(crate) async fn until<T>(what: &str, look: impl AsyncFnMut() -> Option<T>) -> T {
    testing::until(what, DEADLINE, look).await
}
