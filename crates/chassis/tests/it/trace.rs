use std::io;
use std::sync::{Arc, Mutex};

use meridian_chassis::config::TelemetryConfig;
use meridian_chassis::telemetry::{self, Telemetry};
use meridian_chassis::trace;
use meridian_proto::region::v1::GetTimeRequest;
use meridian_proto::region::v1::clock_service_client::ClockServiceClient;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status};
use tracing::Instrument;
use tracing::subscriber::DefaultGuard;

use crate::probe::{Probe, Served, config, region};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

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

    /// Trace, parent and name of every span received, with the region it came from.
    fn spans(&self) -> Vec<(String, String, String)> {
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let received = self.0.lock().unwrap();
        let resources = received.iter().flat_map(|request| &request.resource_spans);
        let spans = resources.flat_map(|resource| &resource.scope_spans).flat_map(|scope| &scope.spans);
        spans.map(|span| (hex(&span.trace_id), hex(&span.parent_span_id), span.name.clone())).collect()
    }
}

/// Installs telemetry for the current test's thread.
fn install(otlp_endpoint: Option<String>) -> (Telemetry, DefaultGuard) {
    let config = TelemetryConfig { otlp_endpoint, ..TelemetryConfig::default() };
    let (subscriber, telemetry) = telemetry::subscriber(&config, "probe", &region(), io::sink).unwrap();
    (telemetry, tracing::subscriber::set_default(subscriber))
}

#[tokio::test]
async fn the_trace_of_a_caller_is_continued_and_exported() {
    let (collector, url) = Collector::start().await;
    let (telemetry, _installed) = install(Some(url));
    let served = Served::probe(&config(), Probe::prompt()).await;
    let mut request = Request::new(GetTimeRequest {});
    request.metadata_mut().insert("traceparent", format!("00-{TRACE}-{PARENT}-01").parse().unwrap());
    request.metadata_mut().insert("grpc-timeout", "10S".parse().unwrap());
    ClockServiceClient::new(served.channel()).get_time(request).await.unwrap();
    telemetry.flush().await;
    let expected = (TRACE.to_owned(), PARENT.to_owned(), "rpc.ClockService/GetTime".to_owned());
    let spans = collector.spans();
    assert!(spans.contains(&expected), "{spans:?}");
    telemetry.shutdown().await;
}

#[tokio::test]
async fn a_client_passes_its_trace_on_to_the_server_and_a_row_passes_it_on_to_later_work() {
    let (_telemetry, _installed) = install(None);
    let seen = Arc::new(Mutex::new(None));
    let seen_by_handler = Arc::clone(&seen);
    let probe = Probe::new(move |_| {
        *seen_by_handler.lock().unwrap() = trace::traceparent();
        async { Ok(()) }
    });
    let served = Served::probe(&config(), probe).await;
    let mut client = served.client();
    let caller = async move {
        client.get_time(GetTimeRequest {}).await.unwrap();
        trace::trace_id()
    };
    let trace_id = caller.instrument(tracing::info_span!("caller")).await.unwrap();
    let stored = seen.lock().unwrap().take().unwrap();
    assert!(stored.starts_with(&format!("00-{trace_id}-")), "{stored} is not of trace {trace_id}");

    let later = tracing::info_span!("later");
    trace::set_parent(&later, &stored);
    assert_eq!(later.in_scope(trace::trace_id), Some(trace_id));
}

#[test]
fn a_malformed_trace_context_is_ignored() {
    let (_telemetry, _installed) = tokio::runtime::Runtime::new().unwrap().block_on(async { install(None) });
    for text in ["", "00", "00-0-0-0", "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "\u{0}"] {
        let span = tracing::info_span!("span");
        trace::set_parent(&span, text);
        assert!(span.in_scope(trace::trace_id).is_some(), "{text:?}");
    }
}

#[test]
fn there_is_no_trace_outside_any_span() {
    assert_eq!(trace::traceparent(), None);
}

#[tokio::test]
async fn a_log_line_is_text_or_json_as_configured() {
    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);
    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let written = |json| {
        let lines = Lines::default();
        let writer = lines.clone();
        let config = TelemetryConfig { json, ..TelemetryConfig::default() };
        let (subscriber, _telemetry) =
            telemetry::subscriber(&config, "probe", &region(), move || writer.clone()).unwrap();
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(item_id = "PUMP-7", "held");
            tracing::debug!("not shown");
        });
        let bytes = lines.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    };
    let line: serde_json::Value = serde_json::from_str(&written(true)).unwrap();
    assert_eq!((line["message"].as_str(), line["item_id"].as_str()), (Some("held"), Some("PUMP-7")));
    let text = written(false);
    assert!(text.contains("held item_id=\"PUMP-7\"") && !text.contains('\u{1b}'), "{text}");
}
