//! `meridian load`: a network from files into the regions that own its records.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use jiff::Timestamp;
use meridian_chassis::client::{Client, connect_lazy};
use meridian_chassis::status;
use meridian_coordinator::Grounds;
use meridian_network::{LoadError, LoadErrors, Network, RegionRecords, SAMPLE};
use meridian_proto::coordinator::v1::coordinator_service_client::CoordinatorServiceClient;
use meridian_proto::coordinator::v1::{LookUpSitesRequest, PutNetworkRequest};
use meridian_proto::dispatch::v1::PutWorkforceRequest;
use meridian_proto::dispatch::v1::dispatch_service_client::DispatchServiceClient;
use meridian_proto::intake::v1::PutDirectoryRequest;
use meridian_proto::intake::v1::intake_service_client::IntakeServiceClient;
use meridian_proto::inventory::v1::inventory_service_client::InventoryServiceClient;
use meridian_proto::inventory::v1::{GetItemsRequest, PutCatalogueRequest};
use meridian_types::{Clock as _, RegionId, ServiceName, SystemClock};
use tokio::time::{Instant, sleep};

use crate::cli::{Global, Load, RegionAddress};
use crate::client::request_id;
use crate::output::line;
use crate::solve;
use crate::world::{Addresses, addresses_in};

/// How long a region may take to learn of another's items.
const SPREAD_WAIT: Duration = Duration::from_secs(30);
/// What stands for the sample company where a folder is asked for.
const SAMPLE_NAME: &str = "sample";
/// Records of one kind in one request: keeps requests far below the message limit.
const RECORDS_MAX: usize = 500;
/// Codes in one question whether they are known.
const LOOKED_UP_MAX: usize = 200;

/// Loads a folder, or the sample.
pub(crate) async fn run(options: Load, global: &Global) -> Result<ExitCode> {
    let network = if options.network == Path::new(SAMPLE_NAME) {
        sample()?
    } else {
        match meridian_network::load_folder(&options.network) {
            Ok(network) => network,
            Err(errors) => {
                if global.json {
                    let found: Vec<_> = errors.errors.iter().map(as_json).collect();
                    line(serde_json::json!({ "errors": found, "further": errors.further }).to_string());
                } else {
                    eprintln!("{errors}");
                }
                eprintln!("meridian: nothing was changed");
                return Ok(ExitCode::FAILURE);
            }
        }
    };
    let records: usize = network.regions.values().map(count).sum();
    let warnings = warnings(&network, SystemClock.now());
    for warning in &warnings {
        eprintln!("meridian: warning: {warning}");
    }
    if options.check {
        if global.json {
            let found = serde_json::json!({
                "name": network.name, "records": records, "errors": [], "warnings": warnings,
            });
            line(found.to_string());
        } else {
            line(format!("{}: {records} records, no error", network.name));
        }
        return Ok(ExitCode::SUCCESS);
    }
    let addresses = if options.regions.is_empty() {
        grpc_addresses(&addresses_in(Path::new("data"))?)
    } else {
        places(options.regions)
    };
    let stored = send(&network, &addresses).await?;
    if global.json {
        let done = serde_json::json!({ "name": network.name, "records": stored, "warnings": warnings });
        line(done.to_string());
    } else {
        line(format!("{}: {stored} records loaded into {} regions", network.name, network.regions.len()));
    }
    Ok(ExitCode::SUCCESS)
}

/// What is no error, but should be known by whoever plans with the network from `now` on.
fn warnings(network: &Network, now: Timestamp) -> Vec<String> {
    let Grounds { network, horizon, .. } = solve::company(network, now);
    network.holidays_ending_before(horizon.end).iter().map(ToString::to_string).collect()
}

fn as_json(error: &LoadError) -> serde_json::Value {
    let LoadError { file, line, field, value, rule } = error;
    serde_json::json!({ "file": file, "line": line, "field": field, "value": value, "rule": rule })
}

/// The sample company.
///
/// # Errors
/// Its files are broken.
pub fn sample() -> Result<Network> {
    meridian_network::from_files(SAMPLE.iter().copied()).map_err(|errors| anyhow::anyhow!("{errors}"))
}

/// The network of a folder, or the sample company.
pub(crate) fn network(folder: &Path) -> Result<Network> {
    read(folder, meridian_network::load_folder)
}

/// The same as if nothing had been learned of its lanes yet.
pub(crate) fn unlearned(folder: &Path) -> Result<Network> {
    read(folder, meridian_network::load_unlearned)
}

fn read(folder: &Path, load: impl Fn(&Path) -> Result<Network, LoadErrors>) -> Result<Network> {
    if folder == Path::new(SAMPLE_NAME) {
        return sample();
    }
    load(folder).map_err(|errors| anyhow::anyhow!("{errors}"))
}

/// Where the services of a region are.
#[derive(Debug, Clone, Default)]
pub struct Place {
    /// gRPC address of every service that has none of its own.
    pub grpc: Option<String>,
    /// gRPC addresses of single services, by name.
    pub services: BTreeMap<ServiceName, String>,
}

impl Place {
    fn client(&self, service: &str) -> Result<Client> {
        let url = self.services.iter().find(|(name, _)| name.as_str() == service).map(|(_, url)| url);
        let url =
            url.or(self.grpc.as_ref()).with_context(|| format!("no address of its {service} is given"))?;
        Ok(connect_lazy(url)?)
    }
}

/// One address for each region.
pub fn grpc_addresses(addresses: &BTreeMap<RegionId, Addresses>) -> BTreeMap<RegionId, Place> {
    let place = |it: &Addresses| Place { grpc: Some(it.grpc.clone()), ..Place::default() };
    addresses.iter().map(|(region, it)| (region.clone(), place(it))).collect()
}

fn places(addresses: Vec<RegionAddress>) -> BTreeMap<RegionId, Place> {
    let mut places = BTreeMap::<RegionId, Place>::new();
    for RegionAddress { region, service, url } in addresses {
        let place = places.entry(region).or_default();
        match service {
            Some(service) => drop(place.services.insert(service, url)),
            None => place.grpc = Some(url),
        }
    }
    places
}

/// Sends each region its records and says how many there were, once every region knows the sites and items of all: a
/// caller may name them anywhere. Sending them again changes nothing.
///
/// # Errors
/// A region of the network has no address, or refuses a record.
pub async fn send(network: &Network, places: &BTreeMap<RegionId, Place>) -> Result<usize> {
    if let Some(region) = network.regions.keys().find(|region| !places.contains_key(region)) {
        bail!("the network has a region {region}, but no address of it is given (--region {region}=URL)");
    }
    for (region, records) in &network.regions {
        send_definitions(&places[region], records).await.with_context(|| format!("region {region}"))?;
    }
    for (region, records) in &network.regions {
        send_stock(&places[region], &records.catalogue).await.with_context(|| format!("region {region}"))?;
    }
    wait_until_known(network, places).await?;
    Ok(network.regions.values().map(count).sum())
}

/// Waits until the sites and items of all regions have spread; a region that is cut off from others learns them later.
async fn wait_until_known(network: &Network, places: &BTreeMap<RegionId, Place>) -> Result<()> {
    let records = || network.regions.values();
    let sites = records().flat_map(|it| &it.network.sites).map(|site| site.site_id.clone());
    let items = records().flat_map(|it| &it.catalogue.items).map(|item| item.item_id.clone());
    let (sites, items): (Vec<_>, Vec<_>) = (sites.collect(), items.collect());
    let started = Instant::now();
    for region in network.regions.keys() {
        let mut coordinator = CoordinatorServiceClient::new(places[region].client("coordinator")?);
        let mut inventory = InventoryServiceClient::new(places[region].client("inventory")?);
        // What is known once stays known.
        let (mut sites, mut items) = (sites.clone(), items.clone());
        loop {
            sites = unknown_sites(&mut coordinator, sites).await?;
            items = unknown_items(&mut inventory, items).await?;
            let unknown = sites.len() + items.len();
            if unknown == 0 {
                break;
            }
            if started.elapsed() > SPREAD_WAIT {
                eprintln!(
                    "meridian: warning: region {region} has yet to learn of {unknown} sites and items of others"
                );
                break;
            }
            sleep(Duration::from_millis(100)).await;
        }
    }
    Ok(())
}

async fn unknown_sites(
    coordinator: &mut CoordinatorServiceClient<Client>,
    sites: Vec<String>,
) -> Result<Vec<String>> {
    let mut unknown = Vec::new();
    for part in sites.chunks(LOOKED_UP_MAX) {
        let request = LookUpSitesRequest { site_ids: part.to_vec() };
        let answer = coordinator.look_up_sites(request).await?.into_inner();
        unknown.extend(answer.unknown.into_iter().map(|site| site.site_id));
    }
    Ok(unknown)
}

async fn unknown_items(
    inventory: &mut InventoryServiceClient<Client>,
    items: Vec<String>,
) -> Result<Vec<String>> {
    let mut unknown = Vec::new();
    for part in items.chunks(LOOKED_UP_MAX) {
        let request = GetItemsRequest { item_ids: part.to_vec() };
        let answer = inventory.get_items(request).await?.into_inner();
        unknown.extend(answer.unknown.into_iter().map(|item| item.item_id));
    }
    Ok(unknown)
}

macro_rules! in_parts {
    ($service:ident.$method:ident, $request:ident from $source:expr, $($field:ident),+) => {$(
        for part in $source.$field.chunks(RECORDS_MAX) {
            let request = $request { request_id: request_id(), $field: part.to_vec(), ..$request::default() };
            $service.$method(request).await?;
        }
    )+};
}

async fn send_definitions(place: &Place, records: &RegionRecords) -> Result<()> {
    let mut coordinator = CoordinatorServiceClient::new(place.client("coordinator")?);
    let mut inventory = InventoryServiceClient::new(place.client("inventory")?);
    let mut dispatch = DispatchServiceClient::new(place.client("dispatch")?);
    let mut intake = IntakeServiceClient::new(place.client("intake")?);
    in_parts!(coordinator.put_network, PutNetworkRequest from records.network, calendars, public_calendars, sites, customs_rules, gates, lanes);
    in_parts!(inventory.put_catalogue, PutCatalogueRequest from records.catalogue, items, warehouses);
    in_parts!(dispatch.put_workforce, PutWorkforceRequest from records.workforce, engineers, repair_profiles, depots);
    in_parts!(intake.put_directory, PutDirectoryRequest from records.directory, customers, people, instruments, parties);
    Ok(())
}

/// A warehouse may stock items of another region, whose definitions are on their way.
async fn send_stock(place: &Place, catalogue: &PutCatalogueRequest) -> Result<()> {
    let mut inventory = InventoryServiceClient::new(place.client("inventory")?);
    for part in catalogue.opening_stock.chunks(RECORDS_MAX) {
        let started = Instant::now();
        loop {
            let opening_stock = part.to_vec();
            let request = PutCatalogueRequest {
                request_id: request_id(),
                opening_stock,
                ..PutCatalogueRequest::default()
            };
            match inventory.put_catalogue(request).await {
                Ok(_) => break,
                Err(refusal) if is_not_known_yet(&refusal) && started.elapsed() < SPREAD_WAIT => {
                    sleep(Duration::from_millis(100)).await;
                }
                Err(refusal) => return Err(refusal.into()),
            }
        }
    }
    Ok(())
}

fn is_not_known_yet(refusal: &tonic::Status) -> bool {
    status::problem(refusal).reason == "UNKNOWN_REFERENCE"
}

fn count(records: &RegionRecords) -> usize {
    let RegionRecords { network, catalogue, workforce, directory } = records;
    network.calendars.len()
        + network.public_calendars.len()
        + network.sites.len()
        + network.customs_rules.len()
        + network.gates.len()
        + network.lanes.len()
        + catalogue.items.len()
        + catalogue.warehouses.len()
        + catalogue.opening_stock.len()
        + workforce.engineers.len()
        + workforce.repair_profiles.len()
        + workforce.depots.len()
        + directory.customers.len()
        + directory.people.len()
        + directory.instruments.len()
        + directory.parties.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holidays_that_end_before_what_is_planned_for_are_warned_of_and_others_are_not() {
        let sample = sample().unwrap();
        let told = |now: &str| warnings(&sample, now.parse().unwrap());
        // Planned for 120 days, with holidays until the end of 2028.
        assert!(told("2028-09-02T00:00:00Z").is_empty());
        let warned = told("2028-09-03T00:00:01Z");
        assert!(warned[0].contains("BR, DE, DE-BE") && warned[0].contains("end of 2028"), "{warned:?}");
        assert_eq!(warned.len(), 1, "{warned:?}");
    }
}
