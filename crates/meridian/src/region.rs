//! The services of one region in this process.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use meridian_chassis::clock::RegionClock;
use meridian_chassis::clock_service::ClockGrpc;
use meridian_chassis::config::RegionConfig;
use meridian_chassis::limited;
use meridian_chassis::server::{Readiness, ServerBuilder};
use meridian_chassis::tasks::Tasks;
use meridian_coordinator::Coordinator;
use meridian_dispatch::Dispatch;
use meridian_intake::Intake;
use meridian_inventory::Inventory;
use meridian_messaging::{Cell, EventLog, Journal};
use meridian_notification::Notification;
use meridian_proto::messaging::v1::event_log_service_server::EventLogServiceServer;
use meridian_proto::region::v1::clock_service_server::ClockServiceServer;
use meridian_types::{ServiceName, SystemIds};
use tokio::net::TcpListener;

/// Watches have no deadline: they go on until the caller has enough, or what is watched has ended.
const WATCHES: [&str; 2] = [
    "/meridian.coordinator.v1.CoordinatorService/WatchCase",
    "/meridian.dispatch.v1.DispatchService/WatchOptimisation",
];

/// Running services of one region.
pub(crate) struct Region {
    /// Where its gRPC listener is.
    pub(crate) address: SocketAddr,
    /// Its tasks, to be stopped or watched.
    pub(crate) tasks: Tasks,
    grace: Duration,
}

impl Region {
    /// Opens the databases, starts the services and serves them on `listener`.
    ///
    /// # Errors
    /// The database, the NATS server or the configuration does not do.
    pub(crate) async fn start(
        mut config: RegionConfig,
        services: &[ServiceName],
        listener: TcpListener,
    ) -> Result<Self> {
        let address = listener.local_addr()?;
        config.listen = address;
        let grace = Duration::from_millis(config.shutdown_grace_ms);
        let tasks = Tasks::new();
        let started = serve(config, services, listener, &tasks).await;
        match started {
            Ok(readiness) => readiness.ready().await,
            Err(error) => {
                let _ = tasks.stop(grace).await;
                return Err(error);
            }
        }
        Ok(Self { address, tasks, grace })
    }

    /// Finishes what is running and stops.
    ///
    /// # Errors
    /// A task failed.
    pub(crate) async fn stop(self) -> Result<()> {
        Ok(self.tasks.stop(self.grace).await?)
    }
}

async fn serve(
    config: RegionConfig,
    services: &[ServiceName],
    listener: TcpListener,
    tasks: &Tasks,
) -> Result<Readiness> {
    let clock = RegionClock::open(&config, tasks).await.context("business clock")?;
    let cell = Cell::connect(config, Arc::new(clock.clone()), Arc::new(SystemIds)).await?;
    let mut builder = ServerBuilder::new(&cell.config);
    for path in WATCHES {
        builder = builder.watch(path);
    }
    let limits = builder.limits();
    let mut journals = Vec::new();
    for service in services {
        let opened;
        (builder, opened) =
            mount(service, &cell, builder, tasks).await.with_context(|| format!("{service} service"))?;
        journals.push(opened);
    }
    let event_log = EventLogServiceServer::new(EventLog::new(journals));
    let clock = ClockServiceServer::new(ClockGrpc::new(clock));
    let builder = builder.add_service(limited!(limits, event_log)).add_service(limited!(limits, clock));
    Ok(builder.serve(listener, tasks).await?)
}

async fn mount(
    service: &ServiceName,
    cell: &Cell,
    builder: ServerBuilder,
    tasks: &Tasks,
) -> Result<(ServerBuilder, Journal)> {
    let limits = builder.limits();
    macro_rules! mounted {
        ($service:ty) => {{
            let service = <$service>::from_config(cell).await?;
            service.spawn(tasks, cell)?;
            let journal = service.journal().clone();
            (builder.add_service(limited!(limits, service.grpc())), journal)
        }};
    }
    Ok(match service.as_str() {
        "intake" => mounted!(Intake),
        "inventory" => mounted!(Inventory),
        "dispatch" => mounted!(Dispatch),
        "coordinator" => mounted!(Coordinator),
        "notification" => mounted!(Notification),
        other => anyhow::bail!("there is no service {other:?}"),
    })
}
