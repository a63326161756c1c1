//! One trace spans the whole way, from the request to the last effect.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use meridian_chassis::trace;
use meridian_messaging::{Event, Handler, Work};
use meridian_types::Problem;
use opentelemetry::trace::TracerProvider;
use tracing::Instrument;
use tracing_subscriber::layer::SubscriberExt;

use crate::harness::{Noted, Pair, until};

/// Notes the trace in which each event is handled, and passes the word on.
#[derive(Default)]
struct NoteTraces(Mutex<Vec<Option<String>>>);

#[async_trait]
impl Handler for NoteTraces {
    async fn handle(&self, work: &mut Work, event: &Event) -> Result<(), Problem> {
        self.0.lock().unwrap().push(trace::trace_id());
        work.emit(&event.aggregate_id, event.aggregate_version, &event.decode::<Noted>()?);
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_is_handled_in_the_trace_of_its_cause() {
    let provider = opentelemetry_sdk::trace::SdkTracerProvider::builder().build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layer)).unwrap();

    let pair = Pair::new("traces").await;
    meridian_messaging::spawn_relay(&pair.tasks, &pair.writer, pair.nats.clone());
    let traces = Arc::new(NoteTraces::default());
    pair.read_with(Arc::clone(&traces) as Arc<dyn Handler>);
    let span = tracing::info_span!("request");
    let cause = async {
        pair.add("n", "x").await;
        trace::trace_id().unwrap()
    };
    let cause = cause.instrument(span).await;
    until("the event is handled", || async { !traces.0.lock().unwrap().is_empty() }).await;
    assert_eq!(*traces.0.lock().unwrap(), [Some(cause.clone())]);
    until("the word is passed on", || async {
        let passed_on: Option<String> = sqlx::query_scalar("SELECT traceparent FROM outbox")
            .fetch_optional(pair.reader.pool())
            .await
            .unwrap();
        passed_on.is_some_and(|traceparent| traceparent.contains(&cause))
    })
    .await;
    pair.stop().await;
}
