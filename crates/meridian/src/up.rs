//! `meridian up`: everything in one process, until interrupted.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use meridian_chassis::config::{ClockSource, TelemetryConfig};
use meridian_chassis::shutdown::Endings;
use meridian_chassis::telemetry;
use meridian_types::RegionId;

use crate::cli::Up;
use crate::load;
use crate::output::line;
use crate::world::{World, WorldOptions};

/// Says that the sample company has been loaded into a data folder.
const LOADED_FILE: &str = "sample-loaded";

/// Loads the sample company unless `mark` says that it has been loaded; nothing without a mark.
async fn load_once(world: &World, mark: Option<&Path>) -> Result<()> {
    let Some(mark) = mark.filter(|mark| !mark.exists()) else { return Ok(()) };
    load::send(&load::sample()?, &load::grpc_addresses(&world.addresses())).await?;
    fs::write(mark, "")?;
    line("Loaded the sample company (fictitious).");
    Ok(())
}

/// Runs until SIGINT or SIGTERM, or until a region fails.
pub(crate) async fn run(options: Up) -> Result<ExitCode> {
    let config = TelemetryConfig { log: options.log, ..TelemetryConfig::default() };
    let all = RegionId::parse("all").expect("a valid code");
    let telemetry = telemetry::init(&config, "meridian", &all)?;
    let mut endings = Endings::listen()?;
    let clock = if options.driven_clock { ClockSource::Driven } else { ClockSource::System };
    let options_of_world = WorldOptions {
        data_dir: options.data_dir.clone(),
        tools_dir: PathBuf::from(".local"),
        port: Some(options.port),
        clock,
        clock_start: None,
    };
    let sample_for = options.sample.then(|| options.data_dir.join(LOADED_FILE));
    let started = async {
        let world = World::start(options_of_world, |doing: &str| eprintln!("{doing} ...")).await?;
        let loaded = load_once(&world, sample_for.as_deref()).await;
        Ok::<_, anyhow::Error>((world, loaded))
    };
    let (world, loaded) = tokio::select! {
        started = started => started?,
        ending = endings.next() => return Ok(ExitCode::from(ending.exit_code())),
    };
    if let Err(error) = loaded {
        world.stop().await?;
        return Err(error);
    }
    let addresses = world.addresses();
    for (region, addresses) in &addresses {
        line(format!("{:<8} gRPC {}   NATS {}", region.as_str(), addresses.grpc, addresses.nats));
    }
    line(format!("Data in {}. Ctrl-C stops.", options.data_dir.display()));
    let failure = tokio::select! {
        _ = endings.next() => None,
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
