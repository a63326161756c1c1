//! Publishing many events at once without losing the order within an aggregate.

use std::collections::{HashMap, VecDeque};

use async_nats::jetstream::Context;
use async_nats::jetstream::context::PublishError;
use async_nats::jetstream::publish::PublishAck;
use futures::StreamExt;
use futures::stream::FuturesUnordered;

use crate::envelope::Delivered;
use crate::relay_cursor::Mark;

/// Publishes waiting for their acknowledgement at once.
const WINDOW: usize = 256;

/// One message to publish.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) subject: String,
    pub(crate) delivered: Delivered,
}

/// What became of a batch.
#[derive(Debug)]
pub(crate) struct Published {
    /// How many from the front are acknowledged without a gap.
    pub(crate) acknowledged: usize,
    /// The highest place among those in the stream.
    pub(crate) mark: Option<Mark>,
    /// A new message got a place no higher than one acknowledged before: the stream has lost its end.
    pub(crate) went_back: bool,
    /// The first failure: that message, and those not yet sent, are unknown.
    pub(crate) failure: Option<PublishError>,
}

/// Publishes in order within each aggregate, with at most one of each in flight: were the first of two to time out
/// and be repeated, it would be stored after the second. Stops at the first failure and waits for what is on its way.
///
/// `highest` is the highest place acknowledged so far.
pub(crate) async fn publish(context: &Context, batch: &[Outgoing], highest: u64) -> Published {
    let (mut ready, successor) = chains(batch);
    let mut acknowledgements: Vec<Option<PublishAck>> = vec![None; batch.len()];
    let mut failure = None;
    let mut in_flight = FuturesUnordered::new();
    loop {
        while failure.is_none() && in_flight.len() < WINDOW {
            let Some(index) = ready.pop_front() else { break };
            in_flight.push(async move { (index, send(context, &batch[index]).await) });
        }
        match in_flight.next().await {
            None => break,
            Some((index, Ok(acknowledgement))) => {
                acknowledgements[index] = Some(acknowledgement);
                ready.extend(successor[index]);
            }
            Some((_, Err(error))) => {
                failure.get_or_insert(error);
            }
        }
    }
    drop(in_flight);
    let mut published = Published { acknowledged: 0, mark: None, went_back: false, failure };
    for (outgoing, acknowledgement) in batch.iter().zip(acknowledgements) {
        let Some(acknowledgement) = acknowledgement else { break };
        let stream_seq = acknowledgement.sequence;
        let mark = Mark { stream_seq, event_id: outgoing.delivered.event.id.uuid() };
        published.acknowledged += 1;
        published.mark = Mark::highest(published.mark, Some(mark));
        published.went_back |= !acknowledgement.duplicate && stream_seq <= highest;
    }
    published
}

/// Which messages may be sent at once, and which one each releases.
fn chains(batch: &[Outgoing]) -> (VecDeque<usize>, Vec<Option<usize>>) {
    let mut ready = VecDeque::new();
    let mut successor = vec![None; batch.len()];
    let mut last_of: HashMap<(&str, &str), usize> = HashMap::new();
    for (index, outgoing) in batch.iter().enumerate() {
        let event = &outgoing.delivered.event;
        match last_of.insert((&event.aggregate, &event.aggregate_id), index) {
            Some(before) => successor[before] = Some(index),
            None => ready.push_back(index),
        }
    }
    (ready, successor)
}

async fn send(context: &Context, outgoing: &Outgoing) -> Result<PublishAck, PublishError> {
    let Outgoing { subject, delivered } = outgoing;
    context
        .publish_with_headers(subject.clone(), delivered.headers(), delivered.event.body.clone())
        .await?
        .await
}
