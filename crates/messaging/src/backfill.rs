//! Asking the owner for events that its stream does not deliver.

use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use meridian_proto::messaging::v1::event_log_service_client::EventLogServiceClient;
use meridian_proto::messaging::v1::{PublishedEvent, ReadEventsRequest};
use meridian_types::{EventId, Problem, ProblemKind};
use uuid::Uuid;

use crate::envelope::{Delivered, Epoch};
use crate::{Event, Source};

/// A client of another region's [`EventLog`](crate::EventLog).
pub type EventLogClient = EventLogServiceClient<meridian_chassis::client::Client>;

const EVENTS_MAX: u64 = 1000;

/// The owner's events from `first` on, at most up to `last` and 1000 of them.
pub(crate) async fn read(
    client: &EventLogClient,
    source: &Source,
    first: u64,
    last: u64,
) -> Result<(Vec<Delivered>, u64), Problem> {
    let wanted = (last - first + 1).min(EVENTS_MAX);
    let request = ReadEventsRequest {
        service: source.service.to_string(),
        from_pub_seq: first,
        page_size: i32::try_from(wanted).unwrap_or(i32::MAX),
    };
    let answer = client
        .clone()
        .read_events(request)
        .await
        .map_err(|status| meridian_chassis::status::problem(&status))?
        .into_inner();
    let malformed = |what: &str| {
        Problem::new(
            ProblemKind::Internal,
            "EVENT_LOG_MALFORMED",
            format!("{source} answered with a malformed {what}"),
        )
    };
    let started = answer.epoch_start_time.as_ref().and_then(instant).ok_or_else(|| malformed("epoch"))?;
    let epoch = Epoch { id: answer.epoch, base: answer.epoch_base, started };
    let floor = answer.oldest_pub_seq.saturating_sub(1);
    let events = answer
        .events
        .into_iter()
        .map(|event| {
            let event = event_of(event, source).ok_or_else(|| malformed("event"))?;
            Ok(Delivered { event: Arc::new(event), epoch: epoch.clone(), floor })
        })
        .collect::<Result<_, Problem>>()?;
    Ok((events, floor))
}

fn event_of(event: PublishedEvent, source: &Source) -> Option<Event> {
    Some(Event {
        id: EventId::from_uuid(event.event_id.parse::<Uuid>().ok()?),
        source: source.clone(),
        time: instant(&event.time?)?,
        type_name: event.type_name,
        epoch: event.epoch,
        pub_seq: event.pub_seq,
        aggregate: event.aggregate,
        aggregate_id: event.aggregate_id,
        aggregate_version: event.aggregate_version,
        traceparent: Some(event.traceparent).filter(|text| !text.is_empty()),
        body: Bytes::from(event.body_json),
    })
}

fn instant(time: &prost_types::Timestamp) -> Option<Timestamp> {
    Timestamp::new(time.seconds, time.nanos).ok()
}
