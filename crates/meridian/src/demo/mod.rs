//! `meridian demo`: the three stories on three regions with real servers, and what must hold afterwards.

mod cast;
mod checks;
mod narrator;
mod not_ours;
mod part_abroad;
mod weekend_repair;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use meridian_chassis::config::{ClockSource, TelemetryConfig};
use meridian_chassis::telemetry;
use meridian_proto::coordinator::v1::FindSolutionsRequest;
use meridian_proto::inventory::v1::FindStockRequest;
use meridian_types::RegionId;
use tokio::time::{Instant, sleep};

use crate::cli::Demo;
use crate::field::Field;
use crate::load;
use crate::world::{World, WorldOptions};
use narrator::{heading, progress};

/// How long a region may take to learn what the others have loaded.
const SPREAD_WAIT: Duration = Duration::from_secs(30);

/// Plays the stories; fails when a check does not hold.
pub(crate) async fn run(options: Demo) -> Result<ExitCode> {
    let config = TelemetryConfig { log: options.log, ..TelemetryConfig::default() };
    let all = RegionId::parse("all").expect("a valid code");
    let telemetry = telemetry::init(&config, "meridian", &all)?;
    let temporary = tempfile::Builder::new().prefix("meridian-demo-").tempdir()?;
    let data_dir = options.data_dir.unwrap_or_else(|| temporary.path().to_owned());
    let world = World::start(
        WorldOptions {
            data_dir,
            tools_dir: PathBuf::from(".local"),
            port: None,
            clock: ClockSource::Driven,
            clock_start: Some(cast::start()),
        },
        progress,
    )
    .await?;
    let played = play(&world).await;
    let stopped = world.stop().await;
    telemetry.shutdown().await;
    let held = played?;
    stopped?;
    Ok(if held { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn play(world: &World) -> Result<bool> {
    progress("loading the sample company (fictitious)");
    let network = load::sample()?;
    let records = load::send(&network, &load::grpc_addresses(&world.addresses())).await?;
    let mut field = Field::begin(&world.addresses(), cast::start()).await?;
    progress(&format!("{records} records loaded; waiting until every region knows them"));
    wait_until_known(&field).await?;

    heading("Story 1: the part in another country");
    part_abroad::play(&mut field).await.context("story 1")?;
    heading("Story 2: the weekend repair");
    weekend_repair::play(&mut field).await.context("story 2")?;
    heading("Story 3: not ours");
    not_ours::play(&mut field).await.context("story 3")?;
    heading("What must hold");
    checks::run(&field).await
}

/// Availability and reference data are replicated: the stories begin when Europe knows what America has.
async fn wait_until_known(field: &Field) -> Result<()> {
    let started = Instant::now();
    while !all_known(field).await? {
        if started.elapsed() > SPREAD_WAIT {
            bail!("the regions did not learn of each other's records within {} s", SPREAD_WAIT.as_secs());
        }
        sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

async fn all_known(field: &Field) -> Result<bool> {
    for (_, region) in field.regions() {
        let stock = FindStockRequest { item_ids: cast::items(), ..FindStockRequest::default() };
        let stock = region.inventory().find_stock(stock).await?.into_inner();
        if !stock.unknown_item_ids.is_empty() || stock.levels.is_empty() {
            return Ok(false);
        }
        for need in [cast::part_need(), cast::repair_need()] {
            let find = FindSolutionsRequest { need: Some(need), ..FindSolutionsRequest::default() };
            match region.coordinator().find_solutions(find).await {
                Ok(found) if cast::everything_is_found(found.get_ref()) => {}
                Ok(_) => return Ok(false),
                // A site or lane of another region is not known here yet.
                Err(status) if status.code() == tonic::Code::NotFound => return Ok(false),
                Err(status) if status.code() == tonic::Code::InvalidArgument => return Ok(false),
                Err(status) => return Err(status.into()),
            }
        }
    }
    Ok(true)
}
