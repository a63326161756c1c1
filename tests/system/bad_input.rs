//! Bad input at the public interface of a running region: refusals that name the field, never a defect of ours.

use std::collections::BTreeMap;
use std::time::Duration;

use http::uri::PathAndQuery;
use meridian::field::{Field, RegionClients};
use meridian::load;
use meridian_chassis::client::connect_lazy;
use meridian_chassis::status;
use meridian_proto::coordinator::v1::FindSolutionsRequest;
use meridian_proto::dispatch::v1::HoldVisitRequest;
use meridian_proto::intake::v1::{GetCaseRequest, ItemsNeed, Need, NeedLine, OpenCaseRequest, need};
use meridian_proto::inventory::v1::{
    AdjustReason, AdjustStockRequest, FindStockRequest, HoldLine, PlaceHoldRequest, Pool,
};
use meridian_proto::messaging::v1::ListDeadLettersRequest;
use meridian_proto::types::v1::LocalDateTime;
use meridian_types::{CaseId, HoldId, SystemIds};
use prost_reflect::{DescriptorPool, DynamicMessage, MethodDescriptor};
use tonic::client::Grpc;
use tonic::{Code, Request, Response, Status};
use tonic_prost::ProstCodec;

use crate::cluster::Cluster;
use crate::garbage::Garbage;
use crate::network;
use crate::workload;

const START: &str = "2026-06-01T08:00:00Z";
/// Messages for each method.
const MESSAGES: usize = 60;
const SEED: u64 = 7;
const MESSAGE_BYTES_MAX: usize = 4 * 1024 * 1024;

async fn region(cluster: &Cluster) -> (Field, RegionClients) {
    let addresses = cluster.addresses();
    load::send(&network::network(10), &load::grpc_addresses(&addresses)).await.unwrap();
    let field = Field::begin(&addresses, START.parse().unwrap()).await.unwrap();
    let eu = field.region("eu");
    (field, eu)
}

/// The refusal has this code and reason, and names exactly these fields.
fn refused<T: std::fmt::Debug>(
    what: &str,
    outcome: Result<Response<T>, Status>,
    expected: (Code, &str),
    fields: &[&str],
) {
    let refusal = outcome.expect_err(what);
    let problem = status::problem(&refusal);
    assert_eq!((refusal.code(), &*problem.reason), expected, "{what}: {problem}");
    let named: Vec<_> = problem.violations.iter().map(|it| it.field.as_str()).collect();
    assert_eq!(named, fields, "{what}: {problem}");
}

const INVALID: (Code, &str) = (Code::InvalidArgument, "INVALID_REQUEST");

fn opening(id: &str, item_id: &str, quantity: i64) -> OpenCaseRequest {
    let line = NeedLine { item_id: item_id.to_owned(), quantity, unit: String::new() };
    let items = ItemsNeed { lines: vec![line], deliver_to_site_id: network::site_of("eu") };
    OpenCaseRequest {
        request_id: format!("bad-{id}"),
        person_id: network::person_of("eu"),
        need: Some(Need { kind: Some(need::Kind::Items(items)), ..Need::default() }),
        office: network::office_of("eu"),
        ..OpenCaseRequest::default()
    }
}

fn holding(id: &str, lines: &[(&str, i64)]) -> PlaceHoldRequest {
    let line = |(item_id, quantity): &(&str, i64)| HoldLine {
        item_id: (*item_id).to_owned(),
        warehouse_site_id: "warehouse-eu".to_owned(),
        quantity: *quantity,
        pool: Pool::Stock.into(),
        ..HoldLine::default()
    };
    PlaceHoldRequest {
        request_id: format!("bad-{id}"),
        hold_id: HoldId::fresh(&SystemIds).to_string(),
        case_id: CaseId::fresh(&SystemIds).to_string(),
        lines: lines.iter().map(line).collect(),
        expires_in_minutes: 30,
    }
}

fn by(local: &str, zone: &str, id: &str) -> OpenCaseRequest {
    let deadline = LocalDateTime { local: local.to_owned(), zone: zone.to_owned(), offset: String::new() };
    OpenCaseRequest { deadline_local: Some(deadline), ..opening(id, "part-eu", 1) }
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_is_refused_by_field() {
    let cluster = Cluster::start(START.parse().unwrap()).await;
    let (_, eu) = region(&cluster).await;
    ids_and_codes(&eu).await;
    quantities(&eu).await;
    times(&eu).await;
    messages(&cluster, &eu).await;
    assert_sound(&cluster, &eu).await;
}

async fn ids_and_codes(eu: &RegionClients) {
    let case_id = CaseId::fresh(&SystemIds).to_string();
    let unknown = GetCaseRequest { case_id: case_id.clone() };
    refused("unknown case", eu.intake().get_case(unknown).await, (Code::NotFound, "CASE_NOT_FOUND"), &[]);
    let unknown = FindSolutionsRequest { case_id, ..FindSolutionsRequest::default() };
    let found = eu.coordinator().find_solutions(unknown).await;
    refused("solutions of an unknown case", found, (Code::NotFound, "CASE_NOT_FOUND"), &[]);
    let malformed = GetCaseRequest { case_id: "case_7".to_owned() };
    refused("malformed id", eu.intake().get_case(malformed).await, INVALID, &["case_id"]);
    let nobody = OpenCaseRequest { person_id: "nobody".to_owned(), ..opening("nobody", "part-eu", 1) };
    let opened = eu.intake().open_case(nobody).await;
    refused("unknown person", opened, (Code::NotFound, "PERSON_NOT_FOUND"), &[]);
    for (index, item_id) in ["part.eu", "part*", "part>", "part eu", "part\0", ""].iter().enumerate() {
        let asked = FindStockRequest { item_ids: vec![(*item_id).to_owned()], ..FindStockRequest::default() };
        refused(item_id, eu.inventory().find_stock(asked).await, INVALID, &["item_ids[0]"]);
        let request = holding(&format!("sku-{index}"), &[(item_id, 1)]);
        refused(item_id, eu.inventory().place_hold(request).await, INVALID, &["lines[0].item_id"]);
        let request = opening(&format!("sku-open-{index}"), item_id, 1);
        refused(item_id, eu.intake().open_case(request).await, INVALID, &["need.items.lines[0].item_id"]);
    }
}

async fn quantities(eu: &RegionClients) {
    for (index, quantity) in [0, -1, i64::MIN, i64::MAX].into_iter().enumerate() {
        let request = holding(&format!("quantity-{index}"), &[("part-eu", quantity)]);
        let held = eu.inventory().place_hold(request).await;
        refused(&format!("hold {quantity}"), held, INVALID, &["lines[0].quantity"]);
        let request = opening(&format!("quantity-open-{index}"), "part-eu", quantity);
        let opened = eu.intake().open_case(request).await;
        refused(&format!("need {quantity}"), opened, INVALID, &["need.items.lines[0].quantity"]);
    }
    let adjusting = |id: &str, delta, unit: &str| AdjustStockRequest {
        request_id: format!("bad-{id}"),
        item_id: network::item_of("eu"),
        warehouse_site_id: "warehouse-eu".to_owned(),
        pool: Pool::Stock.into(),
        delta,
        reason: AdjustReason::Receipt.into(),
        unit: unit.to_owned(),
    };
    let adjusted = eu.inventory().adjust_stock(adjusting("unit", 1, "litre")).await;
    refused("wrong unit", adjusted, (Code::InvalidArgument, "UNIT_MISMATCH"), &["unit"]);
    for delta in [i64::MAX, i64::MIN] {
        let adjusted = eu.inventory().adjust_stock(adjusting("sum", delta, "")).await;
        refused(&format!("adjust by {delta}"), adjusted, INVALID, &["delta"]);
    }
}

async fn times(eu: &RegionClients) {
    for (id, local, zone, field) in [
        ("past", "2020-01-01T10:00", "Europe/Berlin", "deadline_local"),
        ("gap", "2027-03-28T02:30", "Europe/Berlin", "deadline_local"),
        ("fold", "2026-10-25T02:30", "Europe/Berlin", "deadline_local"),
        ("zone", "2026-07-01T10:00", "Mars/Olympus", "deadline_local"),
        ("text", "tomorrow", "Europe/Berlin", "deadline_local.local"),
    ] {
        refused(id, eu.intake().open_case(by(local, zone, id)).await, INVALID, &[field]);
    }
    let expires = PlaceHoldRequest { expires_in_minutes: -5, ..holding("expiry", &[("part-eu", 1)]) };
    refused("expiry", eu.inventory().place_hold(expires).await, INVALID, &["expires_in_minutes"]);
    let request = HoldVisitRequest { request_id: "bad-visit".to_owned(), ..HoldVisitRequest::default() };
    let held = eu.dispatch().hold_visit(request).await.unwrap_err();
    let problem = status::problem(&held);
    assert!(problem.violations.iter().any(|it| it.field.starts_with("visit")), "{problem}");
}

async fn messages(cluster: &Cluster, eu: &RegionClients) {
    let asked =
        FindStockRequest { item_ids: vec!["x".repeat(MESSAGE_BYTES_MAX)], ..FindStockRequest::default() };
    let found = eu.inventory().find_stock(asked).await;
    refused("4 MiB and more", found, (Code::InvalidArgument, "REQUEST_TOO_LARGE"), &["(message)"]);

    let client = connect_lazy(&cluster.grpc("eu")).unwrap().without_deadline();
    let mut inventory =
        meridian_proto::inventory::v1::inventory_service_client::InventoryServiceClient::new(client);
    let asked = FindStockRequest { item_ids: vec![network::item_of("eu")], ..FindStockRequest::default() };
    let found = inventory.find_stock(asked).await;
    refused("no deadline", found, (Code::InvalidArgument, "DEADLINE_REQUIRED"), &["grpc-timeout"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_in_every_field_of_every_method_is_never_a_defect() {
    let cluster = Cluster::start(START.parse().unwrap()).await;
    let (mut field, eu) = region(&cluster).await;
    let pool = DescriptorPool::decode(meridian_proto::DESCRIPTORS).unwrap();
    let mut garbage = Garbage::new(SEED);
    let mut codes: BTreeMap<String, usize> = BTreeMap::new();
    for service in pool.services() {
        for method in service.methods().filter(|it| it.name() != "SetTime") {
            for _ in 0..MESSAGES {
                let message = garbage.message(&method.input());
                let code = call(&cluster, &method, message.clone()).await;
                assert!(
                    !matches!(code, Code::Internal | Code::Unknown | Code::DataLoss | Code::Unimplemented),
                    "{}: {code:?} for {message}",
                    method.full_name(),
                );
                *codes.entry(format!("{code:?}")).or_default() += 1;
            }
        }
    }
    println!("{codes:?}");
    assert_sound(&cluster, &eu).await;
    let cases = workload::open_from(&field, "us", "us", 3, "after-garbage").await.unwrap();
    workload::carry_out(&mut field, &cases, &workload::Progress::default()).await.unwrap();
}

/// Sends a message to its method; for a stream, what becomes of its beginning.
async fn call(cluster: &Cluster, method: &MethodDescriptor, message: DynamicMessage) -> Code {
    let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
    let path = PathAndQuery::try_from(path).unwrap();
    let client = connect_lazy(&cluster.grpc("eu")).unwrap().with_deadline(Duration::from_secs(10));
    let mut client = Grpc::new(client);
    client.ready().await.unwrap();
    let codec = ProstCodec::<DynamicMessage, ()>::default();
    let outcome = if method.is_server_streaming() {
        client.server_streaming(Request::new(message), path, codec).await.map(|_| ())
    } else {
        client.unary(Request::new(message), path, codec).await.map(|_| ())
    };
    outcome.map_or_else(|status| status.code(), |()| Code::Ok)
}

/// The region still works: nothing has panicked, and what was accepted is not a dead letter anywhere.
async fn assert_sound(cluster: &Cluster, eu: &RegionClients) {
    let asked = FindStockRequest { item_ids: vec![network::item_of("eu")], ..FindStockRequest::default() };
    eu.inventory().find_stock(asked).await.unwrap();
    for region in crate::cluster::REGIONS {
        let log = cluster.log(region);
        let panics: Vec<_> = log.lines().filter(|line| line.contains("panic")).collect();
        assert_eq!(panics, [""; 0], "{region}");
    }
    let letters = eu.event_log().list_dead_letters(ListDeadLettersRequest::default()).await.unwrap();
    assert_eq!(letters.into_inner().dead_letters, []);
}
