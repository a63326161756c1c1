//! What stands in `deploy/` is as good as it can be without an engine: every configuration is one, and the compose file
//! has every service of every region.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use meridian_chassis::config::RegionConfig;

const REGIONS: [&str; 3] = ["eu", "us", "africa"];
const SERVICES: [&str; 5] = ["intake", "inventory", "dispatch", "coordinator", "notification"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[test]
fn every_configuration_of_a_region_is_good_and_names_the_others() -> Result<()> {
    for region in REGIONS {
        let file = root().join(format!("deploy/config/{region}.toml"));
        let config = RegionConfig::load(Some(&file), []).with_context(|| file.display().to_string())?;
        ensure!(
            config.region.as_str() == region,
            "{} is the file of region {}",
            file.display(),
            config.region
        );
        let mut peers: Vec<_> = config.peers.iter().map(|peer| peer.region.as_str()).collect();
        peers.push(region);
        peers.sort_unstable();
        ensure!(peers == ["africa", "eu", "us"], "{}: {peers:?}", file.display());
        let peers = config.peers.iter().map(|peer| &peer.endpoints);
        for endpoints in peers.chain([&config.endpoints]) {
            ensure!(endpoints.len() == SERVICES.len(), "{}: endpoints", file.display());
        }
    }
    Ok(())
}

#[test]
fn the_compose_file_runs_every_service_of_every_region() -> Result<()> {
    let text = fs::read_to_string(root().join("docker-compose.yml"))?;
    for region in REGIONS {
        for service in SERVICES.into_iter().chain(["postgres", "nats"]) {
            ensure!(text.contains(&format!("\n  {region}-{service}:\n")), "{region}-{service} is missing");
        }
        for service in SERVICES {
            let command =
                format!("command: [\"serve\", \"{service}\", \"--config\", \"/etc/meridian/{region}.toml\"]");
            ensure!(text.contains(&command), "{command} is missing");
        }
    }
    ensure!(text.contains("not yet"), "nobody has run it yet, and it says so");
    Ok(())
}
