//! `meridian up`: everything in one process, until interrupted.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use meridian_chassis::config::{ClockSource, TelemetryConfig};
use meridian_chassis::telemetry;
use meridian_types::RegionId;
use tokio::signal::unix::{SignalKind, signal};

use crate::cli::Up;
use crate::load;
use crate::output::line;
use crate::world::{World, WorldOptions};

/// Says that the sample company has been loaded into a data folder.
const LOADED_FILE: &str = "sample-loaded";

/// Runs until SIGINT or SIGTERM, or until a region fails.
pub(crate) async fn run(options: Up) -> Result<ExitCode> {
    let config = TelemetryConfig { log: options.log, ..TelemetryConfig::default() };
    let all = RegionId::parse("all").expect("a valid code");
    let telemetry = telemetry::init(&config, "meridian", &all)?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let clock = if options.driven_clock { ClockSource::Driven } else { ClockSource::System };
    let world = World::start(
        WorldOptions {
            data_dir: options.data_dir.clone(),
            tools_dir: PathBuf::from(".local"),
            port: Some(options.port),
            clock,
            clock_start: None,
        },
        |doing: &str| eprintln!("{doing} ..."),
    )
    .await?;
    let addresses = world.addresses();
    let loaded = options.data_dir.join(LOADED_FILE);
    if options.sample && !loaded.exists() {
        load::send(&load::sample()?, &load::grpc_addresses(&addresses)).await?;
        fs::write(&loaded, "")?;
        line("Loaded the sample company (fictitious).");
    }
    for (region, addresses) in &addresses {
        line(format!("{:<8} gRPC {}   NATS {}", region.as_str(), addresses.grpc, addresses.nats));
    }
    line(format!("Data in {}. Ctrl-C stops.", options.data_dir.display()));
    let failure = tokio::select! {
        _ = interrupt.recv() => None,
        _ = terminate.recv() => None,
        failure = world.failure() => Some(failure),
    };
    eprintln!("stopping ...");
    let stopped = world.stop().await;
    telemetry.shutdown().await;
    match failure {
        Some(failure) => Err(failure),
        None => stopped.map(|()| ExitCode::SUCCESS),
    }
}
