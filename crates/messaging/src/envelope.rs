//! An event on its way: a CloudEvents 1.0 envelope in message headers around a body in protobuf JSON.

use std::cmp::Ordering;
use std::sync::Arc;

use async_nats::HeaderMap;
use async_nats::header::NATS_MESSAGE_ID;
use bytes::Bytes;
use jiff::Timestamp;
use meridian_chassis::trace::TRACEPARENT;
use meridian_types::{EventId, Problem, ProblemKind};
use uuid::Uuid;

use crate::{Announced, Source};

const ID: &str = "ce-id";
const SOURCE: &str = "ce-source";
const TYPE: &str = "ce-type";
const SPEC_VERSION: &str = "ce-specversion";
const TIME: &str = "ce-time";
const SUBJECT: &str = "ce-subject";
const CONTENT_TYPE: &str = "ce-datacontenttype";
const EPOCH: &str = "meridian-epoch";
const EPOCH_BASE: &str = "meridian-epoch-base";
const EPOCH_STARTED: &str = "meridian-epoch-started";
const FLOOR: &str = "meridian-floor";
const PUB_SEQ: &str = "meridian-pub-seq";
const AGGREGATE: &str = "meridian-aggregate";
const AGGREGATE_VERSION: &str = "meridian-aggregate-version";

/// One event as its readers see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The event's own id: the same in every copy and every delivery.
    pub id: EventId,
    /// Region and service that published it.
    pub source: Source,
    /// Full protobuf message name of the body.
    pub type_name: String,
    /// Business time at which it happened.
    pub time: Timestamp,
    /// History of the owner's database that it belongs to.
    pub epoch: String,
    /// Gapless number within source and epoch, from 1.
    pub pub_seq: u64,
    /// Kind of aggregate ("hold").
    pub aggregate: String,
    /// Which one.
    pub aggregate_id: String,
    /// Version of the aggregate after the event.
    pub aggregate_version: i64,
    /// W3C trace context of what caused it.
    pub traceparent: Option<String>,
    /// The message in canonical protobuf JSON.
    pub body: Bytes,
}

impl Event {
    /// Whether the body is an `M`.
    #[must_use]
    pub fn is<M: Announced>(&self) -> bool {
        self.type_name == M::full_name()
    }

    /// The body as an `M`. Fields that this build does not know are skipped.
    ///
    /// # Errors
    /// `EVENT_NOT_UNDERSTOOD` when the event is of another type or its body cannot be read.
    pub fn decode<M: Announced + Default>(&self) -> Result<M, Problem> {
        let not_understood = |why: String| {
            Problem::new(ProblemKind::Invalid, "EVENT_NOT_UNDERSTOOD", why)
                .with("event_id", self.id)
                .with("type", &self.type_name)
        };
        if !self.is::<M>() {
            return Err(not_understood(format!("not a {}", M::full_name())));
        }
        meridian_proto::json::from_slice(&self.body).map_err(|error| not_understood(error.to_string()))
    }
}

/// One unbroken history of an owner's database. A restore to an earlier point begins another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Epoch {
    /// `<system identifier>-<timeline>` of the database cluster; empty for a reader that has read nothing yet.
    pub(crate) id: String,
    /// Last number that this history shares with the one before it.
    pub(crate) base: u64,
    /// When its relay noticed that it had begun (real time); orders epochs.
    pub(crate) started: Timestamp,
}

impl Epoch {
    /// Whether this one began before, is, or began after `other`.
    pub(crate) fn age_cmp(&self, other: &Self) -> Ordering {
        if self.id == other.id {
            Ordering::Equal
        } else {
            self.started.cmp(&other.started).then_with(|| self.id.cmp(&other.id))
        }
    }
}

/// An event together with what its reader needs to place it.
#[derive(Debug, Clone)]
pub(crate) struct Delivered {
    pub(crate) event: Arc<Event>,
    pub(crate) epoch: Epoch,
    /// Numbers up to this one were no longer kept by the owner when the event was sent.
    pub(crate) floor: u64,
}

impl Delivered {
    /// The headers of the message that carries the event; its payload is the body.
    ///
    /// No value can hold a line break: ids, names and tokens were checked when the event was emitted.
    pub(crate) fn headers(&self) -> HeaderMap {
        let Self { event, epoch, floor } = self;
        let id = event.id.uuid().to_string();
        let mut headers = HeaderMap::new();
        headers.insert(NATS_MESSAGE_ID, id.as_str());
        headers.insert(ID, id.as_str());
        headers.insert(SOURCE, event.source.to_string());
        headers.insert(TYPE, event.type_name.as_str());
        headers.insert(SPEC_VERSION, "1.0");
        headers.insert(TIME, event.time.to_string());
        headers.insert(SUBJECT, event.aggregate_id.as_str());
        headers.insert(CONTENT_TYPE, "application/json");
        headers.insert(EPOCH, epoch.id.as_str());
        headers.insert(EPOCH_BASE, epoch.base.to_string());
        headers.insert(EPOCH_STARTED, epoch.started.to_string());
        headers.insert(FLOOR, floor.to_string());
        headers.insert(PUB_SEQ, event.pub_seq.to_string());
        headers.insert(AGGREGATE, event.aggregate.as_str());
        headers.insert(AGGREGATE_VERSION, event.aggregate_version.to_string());
        if let Some(traceparent) = &event.traceparent {
            headers.insert(TRACEPARENT, traceparent.as_str());
        }
        headers
    }

    /// Reads a message back.
    ///
    /// # Errors
    /// The header that is missing or malformed: such a message was not published by a relay.
    pub(crate) fn read(headers: Option<&HeaderMap>, body: Bytes) -> Result<Self, MalformedHeader> {
        let headers = Headers(headers);
        let event = Event {
            id: EventId::from_uuid(headers.parse::<Uuid>(ID)?),
            source: Source::parse(headers.text(SOURCE)?).ok_or(MalformedHeader(SOURCE))?,
            type_name: headers.text(TYPE)?.to_owned(),
            time: headers.parse(TIME)?,
            epoch: headers.text(EPOCH)?.to_owned(),
            pub_seq: headers.parse(PUB_SEQ)?,
            aggregate: headers.text(AGGREGATE)?.to_owned(),
            aggregate_id: headers.text(SUBJECT)?.to_owned(),
            aggregate_version: headers.parse(AGGREGATE_VERSION)?,
            traceparent: headers.text(TRACEPARENT).ok().map(ToOwned::to_owned),
            body,
        };
        let epoch = Epoch {
            id: event.epoch.clone(),
            base: headers.parse(EPOCH_BASE)?,
            started: headers.parse(EPOCH_STARTED)?,
        };
        Ok(Self { event: Arc::new(event), epoch, floor: headers.parse(FLOOR)? })
    }
}

/// A header that a relay would have written is missing or malformed.
#[derive(Debug, thiserror::Error)]
#[error("header {0} is missing or malformed")]
pub(crate) struct MalformedHeader(&'static str);

struct Headers<'a>(Option<&'a HeaderMap>);

impl<'a> Headers<'a> {
    fn text(&self, name: &'static str) -> Result<&'a str, MalformedHeader> {
        let value = self.0.and_then(|headers| headers.get(name)).ok_or(MalformedHeader(name))?;
        Ok(value.as_str())
    }

    fn parse<T: std::str::FromStr>(&self, name: &'static str) -> Result<T, MalformedHeader> {
        self.text(name)?.parse().map_err(|_| MalformedHeader(name))
    }
}
