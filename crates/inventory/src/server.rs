//! Assembling the service.

use std::sync::Arc;

use async_trait::async_trait;
use meridian_chassis::tasks::Tasks;
use meridian_messaging::{Cell, FiredTimer, Handler, Journal, TimerHandler, Work, spawn_timers};
use meridian_proto::inventory::v1::inventory_service_server::InventoryServiceServer;
use meridian_types::{HoldId, Problem, RegionId, ServiceName};

use crate::events::{CoordinatorEvents, InventoryEvents};
use crate::grpc::InventoryGrpc;
use crate::operations::expire_hold::{HOLD_EXPIRY, expire_hold};
use crate::regions::Regions;

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!();

/// The inventory service of one region. Clones share it.
#[derive(Debug, Clone)]
pub struct Inventory {
    journal: Journal,
    regions: Arc<Regions>,
}

impl Inventory {
    /// The migrations of the service's schema, for [`Journal::open`].
    #[must_use]
    pub fn migrations() -> &'static sqlx::migrate::Migrator {
        &MIGRATIONS
    }

    /// Opens the journal of the service in the region's database.
    ///
    /// # Errors
    /// The database cannot be reached or brought up to date.
    pub async fn from_config(cell: &Cell) -> anyhow::Result<Self> {
        let journal = cell.journal(service("inventory"), &MIGRATIONS).await?;
        Ok(Self::from_parts(journal, cell.peers().cloned()))
    }

    /// The service on an open journal, which says what region it is, beside the other regions.
    pub fn from_parts(journal: Journal, peers: impl IntoIterator<Item = RegionId>) -> Self {
        let regions = Arc::new(Regions::new(journal.origin().region.clone(), peers));
        Self { journal, regions }
    }

    /// The gRPC service to mount.
    #[must_use]
    pub fn grpc(&self) -> InventoryServiceServer<InventoryGrpc> {
        InventoryServiceServer::new(InventoryGrpc::new(self.journal.clone(), Arc::clone(&self.regions)))
    }

    /// Starts publishing, reading and the timers, until `tasks` is asked to stop.
    ///
    /// # Errors
    /// The configured address of a region is not one.
    pub fn spawn(&self, tasks: &Tasks, cell: &Cell) -> Result<(), Problem> {
        cell.spawn_relay(tasks, &self.journal);
        let commands: Arc<dyn Handler> = Arc::new(CoordinatorEvents::new(Arc::clone(&self.regions)));
        for region in cell.regions() {
            let commands = Arc::clone(&commands);
            cell.spawn_reader(tasks, &self.journal, region, service("coordinator"), commands)?;
        }
        let told: Arc<dyn Handler> = Arc::new(InventoryEvents::new(Arc::clone(&self.regions)));
        for region in cell.peers() {
            cell.spawn_reader(tasks, &self.journal, region, service("inventory"), Arc::clone(&told))?;
        }
        self.spawn_timers(tasks);
        Ok(())
    }

    /// Starts the timers alone.
    pub fn spawn_timers(&self, tasks: &Tasks) {
        spawn_timers(tasks, &self.journal, Arc::new(Timers(Arc::clone(&self.regions))));
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

/// Ends holds whose time has run out.
struct Timers(Arc<Regions>);

#[async_trait]
impl TimerHandler for Timers {
    async fn fire(&self, work: &mut Work, timer: &FiredTimer) -> Result<(), Problem> {
        if timer.kind == HOLD_EXPIRY
            && let Ok(hold_id) = timer.key.parse::<HoldId>()
        {
            expire_hold(work, &self.0, hold_id).await?;
        }
        Ok(())
    }
}
