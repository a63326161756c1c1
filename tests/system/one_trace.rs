//! One trace from the caller's request to the notice, through every service and region that takes part.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use meridian::field::{Field, patiently};
use meridian::load;
use meridian_proto::coordinator::v1::{CommitOutcome, CommitSolutionRequest, FindSolutionsRequest};
use meridian_proto::intake::v1::{ItemsNeed, Need, NeedLine, OpenCaseRequest, need};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value::Value};
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status};

use crate::cluster::Cluster;
use crate::{network, wait};

const START: &str = "2026-06-01T08:00:00Z";
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";
/// Stock and network spread to the region that plans, and spans arrive in batches, within this time.
const SPREAD: Duration = Duration::from_secs(60);

/// An OTLP receiver that keeps what it gets.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<ExportTraceServiceRequest>>>);

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        self.0.lock().unwrap().push(request.into_inner());
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

impl Collector {
    async fn start() -> (Self, String) {
        let collector = Self::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = tonic::transport::Server::builder()
            .add_service(TraceServiceServer::new(collector.clone()))
            .serve_with_incoming(TcpListenerStream::new(listener));
        tokio::spawn(server);
        (collector, url)
    }

    /// Region and name of every span of the trace; an event's name is the event's type.
    fn spans(&self) -> BTreeSet<(String, String)> {
        let received = self.0.lock().unwrap();
        let mut spans = BTreeSet::new();
        for resource in received.iter().flat_map(|request| &request.resource_spans) {
            let attributes = resource.resource.iter().flat_map(|it| &it.attributes);
            let region = text(attributes, "meridian.region").unwrap_or_default();
            for span in resource.scope_spans.iter().flat_map(|scope| &scope.spans) {
                let trace: String = span.trace_id.iter().map(|byte| format!("{byte:02x}")).collect();
                if trace == TRACE {
                    let name = text(&span.attributes, "type").unwrap_or_else(|| span.name.clone());
                    spans.insert((region.clone(), name));
                }
            }
        }
        spans
    }
}

fn text<'a>(attributes: impl IntoIterator<Item = &'a KeyValue>, key: &str) -> Option<String> {
    let found = attributes.into_iter().find(|it| it.key == key)?;
    match found.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => Some(text.clone()),
        _ => None,
    }
}

/// A request of the caller whose trace it is.
fn traced<T>(message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("traceparent", format!("00-{TRACE}-{PARENT}-01").parse().unwrap());
    request
}

#[tokio::test(flavor = "multi_thread")]
async fn one_trace_leads_from_the_call_through_two_regions_stock_to_the_notice() {
    let (collector, url) = Collector::start().await;
    let telemetry = format!("otlp_endpoint = \"{url}\"");
    let cluster = Cluster::start_with(START.parse().unwrap(), &telemetry).await;
    let addresses = cluster.addresses();
    load::send(&network::network(10), &load::grpc_addresses(&addresses)).await.unwrap();
    let field = Field::begin(&addresses, START.parse().unwrap()).await.unwrap();
    let africa = field.region("africa");

    // Two items that only two other regions have.
    let line = |region| NeedLine { item_id: network::item_of(region), quantity: 1, unit: String::new() };
    let items =
        ItemsNeed { lines: vec![line("eu"), line("us")], deliver_to_site_id: network::site_of("africa") };
    let request = OpenCaseRequest {
        request_id: "traced-open".to_owned(),
        person_id: network::person_of("africa"),
        need: Some(Need { kind: Some(need::Kind::Items(items)), ..Need::default() }),
        office: network::office_of("africa"),
        ..OpenCaseRequest::default()
    };
    let opened = patiently(async || africa.intake().open_case(traced(request.clone())).await).await.unwrap();
    let case_id = opened.case.unwrap().case_id;
    let mut solution_id = String::new();
    wait::until("there is a solution", SPREAD, async || {
        let request = FindSolutionsRequest { case_id: case_id.clone(), ..FindSolutionsRequest::default() };
        let found =
            patiently(async || africa.coordinator().find_solutions(traced(request.clone())).await).await;
        solution_id = found.unwrap().solutions.first().map(|it| it.solution_id.clone()).unwrap_or_default();
        !solution_id.is_empty()
    })
    .await;
    let request = CommitSolutionRequest {
        request_id: "traced-commit".to_owned(),
        case_id,
        solution_id,
        approved: false,
    };
    let committed = patiently(async || africa.coordinator().commit_solution(traced(request.clone())).await)
        .await
        .unwrap();
    assert_eq!(committed.outcome(), CommitOutcome::Committed);

    let span = |region: &str, name: &str| (region.to_owned(), name.to_owned());
    let expected = BTreeSet::from([
        span("africa", "rpc.IntakeService/OpenCase"),
        span("africa", "rpc.CoordinatorService/CommitSolution"),
        span("eu", "meridian.coordinator.v1.HoldStockRequested"),
        span("us", "meridian.coordinator.v1.HoldStockRequested"),
        span("africa", "meridian.inventory.v1.HoldPlaced"),
        span("africa", "meridian.coordinator.v1.PlanCommitted"),
        span("africa", "notice"),
    ]);
    wait::until("the trace is complete", SPREAD, async || {
        let spans = collector.spans();
        let missing: Vec<_> = expected.difference(&spans).collect();
        println!("spans still missing: {missing:?}");
        missing.is_empty()
    })
    .await;
}
