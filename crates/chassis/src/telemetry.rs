//! Logs to stderr, traces to an OTLP collector.

use std::io::{self, IsTerminal};
use std::time::Duration;

use meridian_types::RegionId;
use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing::subscriber::SetGlobalDefaultError;
use tracing_subscriber::filter::{EnvFilter, ParseError, Targets};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, Registry};

use crate::config::TelemetryConfig;

/// Without these the exporter would trace its own calls.
const NOT_TRACED: [&str; 5] = ["h2", "hyper", "tonic", "tower", "opentelemetry"];
const SHUTDOWN_WAIT: Duration = Duration::from_secs(5);

/// Why telemetry cannot be installed.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// `telemetry.log` is not a filter.
    #[error("telemetry.log: {0}")]
    Filter(#[from] ParseError),
    /// `telemetry.otlp_endpoint` is not an endpoint.
    #[error("telemetry.otlp_endpoint: {0}")]
    Exporter(#[from] ExporterBuildError),
    /// A subscriber is installed already.
    #[error(transparent)]
    Installed(#[from] SetGlobalDefaultError),
}

/// The installed telemetry. Shut it down last, so that the end of everything else is still reported.
#[derive(Debug)]
pub struct Telemetry(SdkTracerProvider);

/// Installs logs and traces for the whole process. Needs a tokio runtime.
///
/// # Errors
/// The configuration is not usable, or telemetry is installed already.
pub fn init(
    config: &TelemetryConfig,
    service: &'static str,
    region: &RegionId,
) -> Result<Telemetry, TelemetryError> {
    let (subscriber, telemetry) = subscriber(config, service, region, io::stderr)?;
    tracing::subscriber::set_global_default(subscriber)?;
    Ok(telemetry)
}

/// The subscriber that [`init`] installs, with log lines going to `writer`.
///
/// Spans have ids also without a collector, so that trace context travels on and errors can be referred to.
///
/// # Errors
/// The configuration is not usable.
pub fn subscriber<W>(
    config: &TelemetryConfig,
    service: &'static str,
    region: &RegionId,
    writer: W,
) -> Result<(impl Subscriber + Send + Sync, Telemetry), TelemetryError>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let provider = provider(config, service, region)?;
    let tracer = provider.tracer("meridian");
    let traced = Targets::new()
        .with_default(LevelFilter::INFO)
        .with_targets(NOT_TRACED.map(|target| (target, LevelFilter::OFF)));
    let traces = tracing_opentelemetry::layer().with_tracer(tracer).with_filter(traced);
    let logs = logs(config.json, writer).with_filter(EnvFilter::try_new(&config.log)?);
    Ok((Registry::default().with(logs).with(traces), Telemetry(provider)))
}

fn logs<S, W>(json: bool, writer: W) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'s> LookupSpan<'s>,
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let layer = tracing_subscriber::fmt::layer().with_writer(writer);
    if json {
        layer.json().flatten_event(true).with_current_span(true).with_span_list(false).boxed()
    } else {
        layer.with_ansi(io::stderr().is_terminal()).boxed()
    }
}

fn provider(
    config: &TelemetryConfig,
    service: &'static str,
    region: &RegionId,
) -> Result<SdkTracerProvider, ExporterBuildError> {
    let resource = Resource::builder()
        .with_service_name(service)
        .with_attribute(KeyValue::new("service.namespace", "meridian"))
        .with_attribute(KeyValue::new("meridian.region", region.to_string()))
        .build();
    let provider = SdkTracerProvider::builder().with_resource(resource);
    Ok(match &config.otlp_endpoint {
        Some(endpoint) => {
            let exporter = SpanExporter::builder().with_tonic().with_endpoint(endpoint).build()?;
            provider.with_batch_exporter(exporter).build()
        }
        None => provider.build(),
    })
}

impl Telemetry {
    /// Sends what has been collected so far.
    pub async fn flush(&self) {
        let provider = self.0.clone();
        blocking("flush", move || provider.force_flush()).await;
    }

    /// Sends what is left, and ends. Takes up to 5 s where the collector does not answer.
    pub async fn shutdown(self) {
        blocking("shutdown", move || self.0.shutdown_with_timeout(SHUTDOWN_WAIT)).await;
    }
}

/// The provider blocks its thread, and its exporter needs the runtime meanwhile.
async fn blocking<E, F>(what: &'static str, call: F)
where
    E: std::fmt::Display + Send + 'static,
    F: FnOnce() -> Result<(), E> + Send + 'static,
{
    match tokio::task::spawn_blocking(call).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, what, "traces were lost"),
        Err(error) => tracing::warn!(%error, what, "traces were lost"),
    }
}
