//! Assembles dispatch.

use std::sync::Arc;

use meridian_chassis::tasks::Tasks;
use meridian_messaging::{Cell, Journal, spawn_timers};
use meridian_proto::dispatch::v1::dispatch_service_server::DispatchServiceServer;
use meridian_types::{Problem, ServiceName};
use sqlx::migrate::Migrator;

use crate::events::{Commands, Expiries, World};
use crate::grpc::DispatchGrpc;
use crate::operations::search;

/// The tables of dispatch.
static MIGRATIONS: Migrator = sqlx::migrate!();

/// The dispatch of one region. Clones share one journal.
#[derive(Debug, Clone)]
pub struct Dispatch {
    journal: Journal,
}

impl Dispatch {
    /// Opens the journal of the region's dispatch.
    ///
    /// # Errors
    /// The database cannot be opened or brought up to date.
    pub async fn from_config(cell: &Cell) -> anyhow::Result<Self> {
        Ok(Self::from_parts(cell.journal(service("dispatch"), &MIGRATIONS).await?))
    }

    /// The dispatch that `journal` belongs to; the region is the journal's.
    #[must_use]
    pub const fn from_parts(journal: Journal) -> Self {
        Self { journal }
    }

    /// The service to mount on a listener. `WatchOptimisation` goes on until the optimisation has ended.
    #[must_use]
    pub fn grpc(&self) -> DispatchServiceServer<DispatchGrpc> {
        DispatchServiceServer::new(DispatchGrpc::new(self.journal.clone()))
    }

    /// Publishes events, obeys the commands of every region's coordinator, learns from the other regions'
    /// dispatch, gives expired claims back, and does the optimisations that were asked for, until the tasks are asked to stop.
    ///
    /// # Errors
    /// The gRPC address of a region is not one.
    pub fn spawn(&self, tasks: &Tasks, cell: &Cell) -> Result<(), Problem> {
        cell.spawn_relay(tasks, &self.journal);
        spawn_timers(tasks, &self.journal, Arc::new(Expiries));
        search::spawn(tasks, &self.journal);
        let own = &self.journal.origin().region;
        for region in cell.regions() {
            let commands = Arc::new(Commands { region: own.clone() });
            cell.spawn_reader(tasks, &self.journal, region, service("coordinator"), commands)?;
        }
        for region in cell.peers() {
            cell.spawn_reader(tasks, &self.journal, region, service("dispatch"), Arc::new(World))?;
        }
        Ok(())
    }

    /// The journal that everything is written to.
    #[must_use]
    pub const fn journal(&self) -> &Journal {
        &self.journal
    }
}

fn service(name: &'static str) -> ServiceName {
    ServiceName::parse(name).expect("the names of services are lower-case letters")
}
