//! `meridian serve`: services of one region against servers given by configuration.

use std::env;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result};
use meridian_chassis::config::RegionConfig;
use meridian_chassis::{shutdown, telemetry};
use meridian_types::ServiceName;
use tokio::net::TcpListener;

use crate::cli::{SERVICES, Serve};
use crate::output;
use crate::region::Region;

/// The configuration is wrong (`EX_USAGE`).
const BAD_CONFIGURATION: u8 = 64;
/// Variables that are options of the command line rather than configuration of a region.
const NOT_CONFIGURATION: [&str; 4] =
    ["MERIDIAN_CONFIG", "MERIDIAN_ADDRESS", "MERIDIAN_EVENTS_URL", "MERIDIAN_DATA"];

/// Runs until a signal comes or a task fails.
pub(crate) async fn run(options: Serve) -> Result<ExitCode> {
    let environment = env::vars().filter(|(name, _)| !NOT_CONFIGURATION.contains(&name.as_str()));
    let config = match RegionConfig::load(options.config.as_deref(), environment) {
        Ok(config) => config,
        Err(error) => {
            eprintln!("meridian: {error}");
            return Ok(ExitCode::from(BAD_CONFIGURATION));
        }
    };
    if options.print_config {
        output::line(serde_json::to_string_pretty(&config)?);
        return Ok(ExitCode::SUCCESS);
    }
    if options.check_config {
        output::line("The configuration is good.");
        return Ok(ExitCode::SUCCESS);
    }
    let services = if options.services.is_empty() { all_services() } else { options.services };
    let telemetry = telemetry::init(&config.telemetry, process_name(&services), &config.region)?;
    let grace = Duration::from_millis(config.shutdown_grace_ms);
    let listener =
        TcpListener::bind(config.listen).await.with_context(|| format!("listen on {}", config.listen))?;
    let region = config.region.clone();
    let running = Region::start(config, &services, listener).await?;
    output::line(format!("{region}: {} on http://{}", names(&services), running.address));
    let outcome = shutdown::run(&running.tasks, grace).await;
    telemetry.shutdown().await;
    outcome?;
    Ok(ExitCode::SUCCESS)
}

/// All five services.
pub(crate) fn all_services() -> Vec<ServiceName> {
    SERVICES.iter().map(|name| ServiceName::parse(name).expect("the names are service names")).collect()
}

fn names(services: &[ServiceName]) -> String {
    services.iter().map(ServiceName::as_str).collect::<Vec<_>>().join(", ")
}

/// What the process is called in traces.
fn process_name(services: &[ServiceName]) -> &'static str {
    match services {
        [one] => SERVICES.into_iter().find(|name| *name == one.as_str()).unwrap_or("meridian"),
        _ => "meridian",
    }
}
