//! W3C trace context (`traceparent`): from spans into headers and rows, and back.

use http::{HeaderMap, HeaderValue};
use opentelemetry::Context;
use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::TraceContextExt;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// Name of the header, in gRPC metadata and in messages.
pub const TRACEPARENT: &str = "traceparent";

/// The trace context of the current span in W3C form (`00-<trace>-<span>-<flags>`); `None` outside any span
/// or where telemetry is not installed.
#[must_use]
pub fn traceparent() -> Option<String> {
    let context = Span::current().context();
    let span = context.span();
    let span = span.span_context();
    span.is_valid()
        .then(|| format!("00-{}-{}-{:02x}", span.trace_id(), span.span_id(), span.trace_flags().to_u8()))
}

/// The trace id of the current span: 32 hex digits.
#[must_use]
pub fn trace_id() -> Option<String> {
    traceparent().and_then(|text| text.split('-').nth(1).map(ToOwned::to_owned))
}

/// Makes the span behind `traceparent` the parent of `span`, which must not have been entered yet. A malformed
/// value is ignored, as the W3C recommendation asks: the span then starts a trace of its own.
pub fn set_parent(span: &Span, traceparent: &str) {
    let context = TraceContextPropagator::new().extract_with_context(&Context::new(), &Carrier(traceparent));
    if context.span().span_context().is_valid()
        && let Err(error) = span.set_parent(context)
    {
        tracing::debug!(%error, "trace context not attached");
    }
}

/// Writes the trace context of the current span into gRPC or HTTP headers.
pub fn inject(headers: &mut HeaderMap) {
    if let Some(value) = traceparent().and_then(|text| HeaderValue::try_from(text).ok()) {
        headers.insert(TRACEPARENT, value);
    }
}

/// Makes the trace context in the headers, if there is one, the parent of `span`.
pub fn extract(span: &Span, headers: &HeaderMap) {
    if let Some(value) = headers.get(TRACEPARENT).and_then(|value| value.to_str().ok()) {
        set_parent(span, value);
    }
}

struct Carrier<'a>(&'a str);

impl Extractor for Carrier<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        (key == TRACEPARENT).then_some(self.0)
    }

    fn keys(&self) -> Vec<&str> {
        vec![TRACEPARENT]
    }
}
