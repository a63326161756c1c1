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
use jiff::{SignedDuration, Timestamp};
use meridian_chassis::config::{ClockSource, TelemetryConfig};
use meridian_chassis::telemetry;
use meridian_proto::coordinator::v1::FindSolutionsRequest;
use meridian_proto::inventory::v1::FindStockRequest;
use meridian_types::RegionId;
use tokio::time::{Instant, sleep};
use tonic::Code;

use crate::cli::Demo;
use crate::field::{Case, Field, Twist};
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
    let part = part_abroad::begin(&mut field).await.context("story 1")?;
    let mut rest = Rest { cases: part.cases(), surprises: Surprises::default(), part, repair: None };
    rest.goes_on(&mut field, cast::repair_call()).await?;
    heading("Story 2: the weekend repair");
    let repair = weekend_repair::begin(&mut field).await.context("story 2")?;
    rest.cases.push(repair.case());
    rest.repair = Some(repair);
    rest.goes_on(&mut field, cast::other_call()).await?;
    heading("Story 3: not ours");
    not_ours::play(&mut field, &mut rest).await.context("story 3")?;

    heading("The days pass");
    let until = field.now() + SignedDuration::from_hours(24 * 30);
    rest.goes_on(&mut field, until).await?;
    let Rest { part, repair, surprises, .. } = rest;
    let repair = repair.context("story 2 has begun")?;
    heading("Story 1: what came of it");
    part_abroad::end(&field, &part, surprises.customs_held).await.context("story 1")?;
    heading("Story 2: what came of it");
    weekend_repair::end(&field, &repair, surprises.fell_ill).await.context("story 2")?;
    heading("What must hold");
    checks::run(world, &field).await
}

/// The rest of the world while a story is told: the cases that are being carried out, and their surprises.
pub(crate) struct Rest {
    cases: Vec<Case>,
    part: part_abroad::Story,
    repair: Option<weekend_repair::Story>,
    surprises: Surprises,
}

impl Rest {
    /// Lets everything happen that happens until `until`.
    async fn goes_on(&mut self, field: &mut Field, until: Timestamp) -> Result<()> {
        let Self { cases, part, repair, surprises } = self;
        field
            .carry_out(cases, until, |case, next| {
                let ill = || repair.as_ref().and_then(|repair| repair.engineer_ill(case, next));
                surprises
                    .customs(part.held_by_customs(case, next))
                    .or_else(|| surprises.illness(ill()))
                    .unwrap_or(Twist::AsPlanned)
            })
            .await
    }
}

/// What nobody planned: customs hold a parcel back, an engineer falls ill.
#[derive(Default)]
struct Surprises {
    customs_held: bool,
    fell_ill: bool,
}

impl Surprises {
    fn customs(&mut self, twist: Option<Twist>) -> Option<Twist> {
        let twist = twist.filter(|_| !self.customs_held)?;
        self.customs_held = true;
        narrator::say("Surprise: customs in Frankfurt hold the lamp from Boston back, for three days.");
        Some(twist)
    }

    fn illness(&mut self, twist: Option<Twist>) -> Option<Twist> {
        let twist = twist.filter(|_| !self.fell_ill)?;
        self.fell_ill = true;
        narrator::say("Surprise: on Saturday the engineer who should set out is ill.");
        Some(twist)
    }
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
        let stock = FindStockRequest { item_ids: vec![cast::LAMP.to_owned()], ..FindStockRequest::default() };
        let stock = region.inventory().find_stock(stock).await?.into_inner();
        if !stock.unknown_item_ids.is_empty() || stock.levels.is_empty() {
            return Ok(false);
        }
        for need in [cast::lamp_to(cast::PART_SITE), cast::repair_need()] {
            let find = FindSolutionsRequest { need: Some(need.clone()), ..FindSolutionsRequest::default() };
            match region.coordinator().find_solutions(find).await {
                Ok(found) if cast::is_known(found.get_ref(), &need) => {}
                Ok(_) => return Ok(false),
                // A site or an item of another region is not known here yet.
                Err(status)
                    if matches!(
                        status.code(),
                        Code::NotFound | Code::InvalidArgument | Code::FailedPrecondition
                    ) =>
                {
                    return Ok(false);
                }
                Err(status) => return Err(status.into()),
            }
        }
    }
    Ok(true)
}
