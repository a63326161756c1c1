//! `meridian load`: a network from files into the regions that own its records.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use meridian_chassis::client::{Client, connect_lazy};
use meridian_chassis::status;
use meridian_network::{Network, RegionRecords, SAMPLE};
use meridian_proto::coordinator::v1::PutNetworkRequest;
use meridian_proto::coordinator::v1::coordinator_service_client::CoordinatorServiceClient;
use meridian_proto::dispatch::v1::PutWorkforceRequest;
use meridian_proto::dispatch::v1::dispatch_service_client::DispatchServiceClient;
use meridian_proto::intake::v1::PutDirectoryRequest;
use meridian_proto::intake::v1::intake_service_client::IntakeServiceClient;
use meridian_proto::inventory::v1::PutCatalogueRequest;
use meridian_proto::inventory::v1::inventory_service_client::InventoryServiceClient;
use meridian_types::RegionId;
use tokio::time::{Instant, sleep};

use crate::cli::{Global, Load};
use crate::client::request_id;
use crate::output::line;
use crate::world::{Addresses, addresses_in};

/// How long a region may take to learn of another's items.
const SPREAD_WAIT: Duration = Duration::from_secs(30);
/// Records of one kind in one request: keeps requests far below the message limit.
const RECORDS_MAX: usize = 500;

/// Loads a folder, or the sample.
pub(crate) async fn run(options: Load, global: &Global) -> Result<ExitCode> {
    let network = if options.network == Path::new("sample") {
        sample()?
    } else {
        match meridian_network::load_folder(&options.network) {
            Ok(network) => network,
            Err(errors) => {
                eprintln!("{errors}");
                eprintln!("meridian: nothing was changed");
                return Ok(ExitCode::FAILURE);
            }
        }
    };
    let records: usize = network.regions.values().map(count).sum();
    if options.check {
        line(format!("{}: {records} records, no error", network.name));
        return Ok(ExitCode::SUCCESS);
    }
    let addresses = if options.regions.is_empty() {
        grpc_addresses(&addresses_in(Path::new("data"))?)
    } else {
        options.regions.into_iter().collect()
    };
    let stored = send(&network, &addresses).await?;
    if global.json {
        line(serde_json::json!({ "name": network.name, "records": stored }).to_string());
    } else {
        line(format!("{}: {stored} records loaded into {} regions", network.name, network.regions.len()));
    }
    Ok(ExitCode::SUCCESS)
}

/// The sample company.
///
/// # Errors
/// Its files are broken.
pub fn sample() -> Result<Network> {
    meridian_network::from_files(SAMPLE.iter().copied()).map_err(|errors| anyhow::anyhow!("{errors}"))
}

/// The gRPC address of each region.
pub fn grpc_addresses(addresses: &BTreeMap<RegionId, Addresses>) -> BTreeMap<RegionId, String> {
    addresses.iter().map(|(region, it)| (region.clone(), it.grpc.clone())).collect()
}

/// Sends each region its records and says how many there were. Sending them again changes nothing.
///
/// # Errors
/// A region of the network has no address, or refuses a record.
pub async fn send(network: &Network, addresses: &BTreeMap<RegionId, String>) -> Result<usize> {
    if let Some(region) = network.regions.keys().find(|region| !addresses.contains_key(region)) {
        bail!("the network has a region {region}, but no address of it is given (--region {region}=URL)");
    }
    for (region, records) in &network.regions {
        let client = connect_lazy(&addresses[region])?;
        send_definitions(client, records).await.with_context(|| format!("region {region}"))?;
    }
    for (region, records) in &network.regions {
        let client = connect_lazy(&addresses[region])?;
        send_stock(client, &records.catalogue).await.with_context(|| format!("region {region}"))?;
    }
    Ok(network.regions.values().map(count).sum())
}

macro_rules! in_parts {
    ($service:ident.$method:ident, $request:ident from $source:expr, $($field:ident),+) => {$(
        for part in $source.$field.chunks(RECORDS_MAX) {
            let request = $request { request_id: request_id(), $field: part.to_vec(), ..$request::default() };
            $service.$method(request).await?;
        }
    )+};
}

async fn send_definitions(client: Client, records: &RegionRecords) -> Result<()> {
    let mut coordinator = CoordinatorServiceClient::new(client.clone());
    let mut inventory = InventoryServiceClient::new(client.clone());
    let mut dispatch = DispatchServiceClient::new(client.clone());
    let mut intake = IntakeServiceClient::new(client);
    in_parts!(coordinator.put_network, PutNetworkRequest from records.network, calendars, sites, customs_rules, gates, lanes);
    in_parts!(inventory.put_catalogue, PutCatalogueRequest from records.catalogue, items, warehouses);
    in_parts!(dispatch.put_workforce, PutWorkforceRequest from records.workforce, engineers, repair_profiles, depots);
    in_parts!(intake.put_directory, PutDirectoryRequest from records.directory, customers, people, instruments, parties);
    Ok(())
}

/// A warehouse may stock items of another region, whose definitions are on their way.
async fn send_stock(client: Client, catalogue: &PutCatalogueRequest) -> Result<()> {
    let mut inventory = InventoryServiceClient::new(client);
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
