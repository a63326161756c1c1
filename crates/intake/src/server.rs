//! Assembling the service.

use std::sync::Arc;

use meridian_chassis::tasks::Tasks;
use meridian_messaging::{Cell, Handler, Journal, spawn_timers};
use meridian_proto::intake::v1::intake_service_server::IntakeServiceServer;
use meridian_types::{Problem, ServiceName};

use crate::clients::InRegion;
use crate::events::{CoordinatorEvents, Timers, WeekendEvents};
use crate::grpc::IntakeGrpc;

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!();

/// The intake service of one region. Clones share it.
#[derive(Debug, Clone)]
pub struct Intake {
    journal: Journal,
    clients: InRegion,
}

impl Intake {
    /// The migrations of the service's schema, for [`Journal::open`].
    #[must_use]
    pub fn migrations() -> &'static sqlx::migrate::Migrator {
        &MIGRATIONS
    }

    /// Opens the journal of the service in the region's database.
    ///
    /// # Errors
    /// The database cannot be reached or brought up to date, or an address is not one.
    pub async fn from_config(cell: &Cell) -> anyhow::Result<Self> {
        let client = |name| cell.client(&service(name));
        let clients = InRegion::new(client("coordinator")?, client("inventory")?);
        Ok(Self::from_parts(cell.journal(service("intake"), &MIGRATIONS).await?, clients))
    }

    /// The service on an open journal, which says what region it is, beside the other services of the region.
    #[must_use]
    pub const fn from_parts(journal: Journal, clients: InRegion) -> Self {
        Self { journal, clients }
    }

    /// The gRPC service to mount.
    #[must_use]
    pub fn grpc(&self) -> IntakeServiceServer<IntakeGrpc> {
        IntakeServiceServer::new(IntakeGrpc::new(self.journal.clone(), self.clients.clone()))
    }

    /// What applies the events of the region's own coordinator.
    #[must_use]
    pub fn coordinator_events(&self) -> Arc<dyn Handler> {
        Arc::new(CoordinatorEvents)
    }

    /// What applies the public calendars of the coordinators of other regions.
    #[must_use]
    pub fn weekend_events(&self) -> Arc<dyn Handler> {
        Arc::new(WeekendEvents)
    }

    /// Starts publishing, reading and the timers, until `tasks` is asked to stop.
    ///
    /// # Errors
    /// The configured address of a coordinator is not one.
    pub fn spawn(&self, tasks: &Tasks, cell: &Cell) -> Result<(), Problem> {
        cell.spawn_relay(tasks, &self.journal);
        let own_region = self.journal.origin().region.clone();
        let plans = self.coordinator_events();
        cell.spawn_reader(tasks, &self.journal, &own_region, service("coordinator"), plans)?;
        for region in cell.peers() {
            let weekends = self.weekend_events();
            cell.spawn_reader(tasks, &self.journal, region, service("coordinator"), weekends)?;
        }
        self.spawn_timers(tasks);
        Ok(())
    }

    /// Starts the timers alone.
    pub fn spawn_timers(&self, tasks: &Tasks) {
        spawn_timers(tasks, &self.journal, Arc::new(Timers));
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
