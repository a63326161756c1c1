//! `meridian replay`: real deliveries, planned, held, shipped and delivered on the dates that really happened.
//!
//! The records are the delivery history of the Supply Chain Management System project. They say what was delivered
//! where, when it should have been and when it was; not when it left, nor where exactly places are. What is assumed
//! for that stands in `geography`.

mod carriers;
mod delivery;
mod geography;
mod network;
mod news;
mod progress;
mod reckoning;
mod records;
mod report;

use std::fs::File;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context as _, Result};
use meridian_chassis::config::{ClockSource, TelemetryConfig};
use meridian_chassis::telemetry;
use meridian_types::RegionId;

use self::progress::Progress;
use crate::cli::Replay;
use crate::load;
use crate::output::line;
use crate::world::{World, WorldOptions};

/// Replays a file; fails when a check does not hold.
pub(crate) async fn run(options: Replay, json: bool) -> Result<ExitCode> {
    let file = File::open(&options.file).with_context(|| options.file.display().to_string())?;
    let records = records::read(file, options.limit)?;
    let first = records.deliveries.first().context("no row of the file could be understood")?.opened_at();
    let telemetry = telemetry::init(
        &TelemetryConfig { log: "error".to_owned(), ..TelemetryConfig::default() },
        "meridian",
        &RegionId::parse("all").expect("a valid code"),
    )?;
    let temporary = tempfile::Builder::new().prefix("meridian-replay-").tempdir()?;
    let world = World::start(
        WorldOptions {
            data_dir: options.data_dir.unwrap_or_else(|| temporary.path().to_owned()),
            tools_dir: PathBuf::from(".local"),
            port: None,
            clock: ClockSource::Driven,
            clock_start: Some(first),
        },
        |doing: &str| eprintln!("{doing} ..."),
    )
    .await?;
    let replayed = replay(&world, &records).await;
    let stopped = world.stop().await;
    telemetry.shutdown().await;
    let report = replayed?;
    stopped?;
    let text = serde_json::to_string_pretty(&report)?;
    if let Some(path) = options.report {
        std::fs::write(&path, &text).with_context(|| path.display().to_string())?;
    }
    line(if json { text } else { report.to_string() });
    Ok(if report.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn replay(world: &World, records: &records::Records) -> Result<report::Report> {
    let network = network::build(&records.deliveries)?;
    let addresses = world.addresses();
    eprintln!("loading the network made from {} deliveries ...", records.deliveries.len());
    load::send(&network, &load::grpc_addresses(&addresses)).await?;
    let began = Instant::now();
    let mut progress = Progress::begin(records.deliveries.len());
    let replayed = carriers::deliver_all(&addresses, &records.deliveries, &mut progress).await?;
    progress.finish();
    reckoning::report(world, &replayed, records, began.elapsed()).await
}
