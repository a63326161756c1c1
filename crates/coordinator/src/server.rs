//! Assembling the service.

use std::sync::Arc;

use meridian_chassis::tasks::Tasks;
use meridian_messaging::{Cell, Handler, Journal, spawn_timers};
use meridian_proto::coordinator::v1::coordinator_service_server::CoordinatorServiceServer;
use meridian_types::{Problem, ServiceName};

use crate::clients::InRegion;
use crate::events::{DispatchEvents, IntakeEvents, InventoryEvents, NetworkEvents, Timers};
use crate::grpc::CoordinatorGrpc;
use crate::operations::find_solutions::Finder;
use crate::operations::{forget_decisions, search};

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!();

/// The coordinator of one region. Clones share it.
#[derive(Debug, Clone)]
pub struct Coordinator {
    journal: Journal,
    finder: Finder,
}

impl Coordinator {
    /// The migrations of the service's schema, for [`Journal::open`].
    #[must_use]
    pub fn migrations() -> &'static sqlx::migrate::Migrator {
        &MIGRATIONS
    }

    /// Opens the journal of the service in the region's database, and connects to the services of the region.
    ///
    /// # Errors
    /// The database cannot be reached or brought up to date; the address of a service is not one.
    pub async fn from_config(cell: &Cell) -> anyhow::Result<Self> {
        let journal = cell.journal(service("coordinator"), &MIGRATIONS).await?;
        let client = |name| cell.client(&service(name));
        let clients = InRegion::new(client("intake")?, client("inventory")?, client("dispatch")?);
        Ok(Self::from_parts(journal, clients))
    }

    /// The service on an open journal, which says what region it is, beside the other services of the region.
    #[must_use]
    pub fn from_parts(journal: Journal, clients: InRegion) -> Self {
        let finder = Finder::new(journal.clone(), clients);
        Self { journal, finder }
    }

    /// The gRPC service to mount. `WatchCase` goes on until the caller has enough.
    #[must_use]
    pub fn grpc(&self) -> CoordinatorServiceServer<CoordinatorGrpc> {
        CoordinatorServiceServer::new(CoordinatorGrpc::new(self.journal.clone(), self.finder.clone()))
    }

    /// What applies the events of every region's inventory.
    #[must_use]
    pub fn inventory_events(&self) -> Arc<dyn Handler> {
        Arc::new(InventoryEvents)
    }

    /// What applies the events of every region's dispatch.
    #[must_use]
    pub fn dispatch_events(&self) -> Arc<dyn Handler> {
        Arc::new(DispatchEvents)
    }

    /// What applies the events of the region's own intake.
    #[must_use]
    pub fn intake_events(&self) -> Arc<dyn Handler> {
        Arc::new(IntakeEvents)
    }

    /// What applies the events of the other regions' coordinators.
    #[must_use]
    pub fn network_events(&self) -> Arc<dyn Handler> {
        Arc::new(NetworkEvents)
    }

    /// Starts publishing, reading, the timers and the searches, until `tasks` is asked to stop.
    ///
    /// # Errors
    /// The configured address of a region is not one.
    pub fn spawn(&self, tasks: &Tasks, cell: &Cell) -> Result<(), Problem> {
        cell.spawn_relay(tasks, &self.journal);
        let own = self.journal.origin().region.clone();
        let reader =
            |region, name, handler| cell.spawn_reader(tasks, &self.journal, region, service(name), handler);
        for region in cell.regions() {
            reader(region, "inventory", self.inventory_events())?;
            reader(region, "dispatch", self.dispatch_events())?;
        }
        reader(&own, "intake", self.intake_events())?;
        for region in cell.peers() {
            reader(region, "coordinator", self.network_events())?;
        }
        self.spawn_workers(tasks);
        Ok(())
    }

    /// Starts the timers, the searches and what forgets old decisions alone.
    pub fn spawn_workers(&self, tasks: &Tasks) {
        spawn_timers(tasks, &self.journal, Arc::new(Timers));
        forget_decisions::spawn(tasks, &self.journal);
        search::spawn(tasks, &self.journal, &self.finder);
    }

    /// The service's journal.
    #[must_use]
    pub const fn journal(&self) -> &Journal {
        &self.journal
    }
}

fn service(name: &'static str) -> ServiceName {
    ServiceName::parse(name).expect("the services' names are lower-case words")
}
