//! Keeping the stream whole: noticing that it lost its end, or all of it, and publishing again what is missing.

use std::collections::BTreeMap;
use std::time::Duration;

use async_nats::jetstream::stream::{Info, Stream};
use sqlx::{PgConnection, PgExecutor};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::envelope::Delivered;
use crate::fault::answered;
use crate::feed::Feed;
use crate::outbox::{self, OutboxRow};
use crate::publish::publish;
use crate::relay::{BATCH, Relay, RelayError};
use crate::relay_cursor::{self, Mark, RelayCursor};
use crate::stream;

/// A stream that delivers nothing for so long is not being read.
const SCAN_PATIENCE: Duration = Duration::from_secs(5);

impl Relay {
    /// Makes sure that the stream exists and holds everything that was published and is still kept.
    pub(crate) async fn verify(
        &self,
        conn: &mut PgConnection,
        cursor: &mut RelayCursor,
        stop: &CancellationToken,
    ) -> Result<(), RelayError> {
        let nats = &self.nats;
        let stream = stream::ensure(nats.context(), self.journal.origin(), nats.stream_replicas()).await?;
        if is_whole(&stream, stream.cached_info(), cursor).await? {
            return Ok(());
        }
        self.heal(conn, cursor, &stream, stop).await
    }

    async fn heal(
        &self,
        conn: &mut PgConnection,
        cursor: &mut RelayCursor,
        stream: &Stream,
        stop: &CancellationToken,
    ) -> Result<(), RelayError> {
        let stored = load(conn).await?;
        if (&stored.epoch, stored.pub_seq) != (&cursor.epoch, cursor.pub_seq) {
            return Err(RelayError::Fenced);
        }
        *cursor = stored;
        let (present, last) = scan(stream, cursor).await?;
        let mut healed = RelayCursor { mark: last, ..cursor.clone() };
        let mut republished = 0;
        let mut pub_seq = present.first_absent_after(cursor.floor.pub_seq);
        let mut after = seq_before(conn, cursor, pub_seq).await?;
        while pub_seq <= cursor.pub_seq && !stop.is_cancelled() {
            let rows = answered(outbox::read_between(&mut *conn, after, cursor.seq, BATCH)).await?;
            // Had upkeep dropped a day meanwhile, these rows would be others than those that are counted here.
            if load(conn).await?.floor != cursor.floor {
                return Err(RelayError::Fenced);
            }
            let Some(last) = rows.last() else { break };
            after = last.seq;
            let missing = (pub_seq..)
                .zip(&rows)
                .filter(|(pub_seq, _)| !present.contains(*pub_seq))
                .map(|(pub_seq, row)| self.outgoing(row, pub_seq, cursor))
                .collect::<Result<Vec<_>, _>>()?;
            pub_seq += rows.len() as u64;
            let published = publish(self.nats.context(), &missing, 0).await;
            republished += published.acknowledged;
            healed.mark = Mark::highest(healed.mark, published.mark);
            if let Some(error) = published.failure {
                return Err(error.into());
            }
        }
        if stop.is_cancelled() {
            return Ok(());
        }
        tracing::warn!(
            republished,
            pub_seq = cursor.pub_seq,
            "the stream had lost events; it is whole again"
        );
        self.advance(conn, cursor, healed).await
    }
}

async fn load(conn: &mut PgConnection) -> Result<RelayCursor, sqlx::Error> {
    answered(relay_cursor::load(conn)).await?.ok_or(sqlx::Error::RowNotFound)
}

/// The outbox row before the one numbered `pub_seq`.
async fn seq_before(conn: &mut PgConnection, cursor: &RelayCursor, pub_seq: u64) -> Result<i64, sqlx::Error> {
    let before = answered(numbered(conn, cursor, pub_seq - 1, pub_seq - 1)).await?;
    Ok(before.first().map_or(cursor.floor.seq, |(_, row)| row.seq))
}

/// The published rows numbered `first` to `last` that are still kept, in order. Numbers are counted backward from
/// the cursor: the order below it is final.
pub(crate) async fn numbered(
    executor: impl PgExecutor<'_>,
    cursor: &RelayCursor,
    first: u64,
    last: u64,
) -> Result<Vec<(u64, OutboxRow)>, sqlx::Error> {
    let first = first.max(cursor.floor.pub_seq + 1);
    let last = last.min(cursor.pub_seq);
    if first > last {
        return Ok(Vec::new());
    }
    let skipped = (cursor.pub_seq - last).cast_signed();
    let wanted = (last - first + 1).cast_signed();
    let rows = outbox::read_back(executor, cursor.floor.seq, cursor.seq, skipped, wanted).await?;
    Ok((first..=last).rev().zip(rows).collect::<Vec<_>>().into_iter().rev().collect())
}

/// Whether the stream still holds the message that the cursor remembers as its last. JetStream stores in order, so
/// then it holds everything before it, too.
async fn is_whole(stream: &Stream, info: &Info, cursor: &RelayCursor) -> Result<bool, RelayError> {
    let Some(mark) = cursor.mark else { return Ok(cursor.pub_seq == cursor.floor.pub_seq) };
    if mark.stream_seq > info.state.last_sequence {
        return Ok(false);
    }
    if mark.stream_seq < info.state.first_sequence {
        // It is gone for its age.
        return Ok(true);
    }
    let message = stream::message_at(stream, mark.stream_seq).await?;
    Ok(message.is_some_and(|message| event_id(&message.headers) == Some(mark.event_id)))
}

fn event_id(headers: &async_nats::HeaderMap) -> Option<Uuid> {
    headers.get(async_nats::header::NATS_MESSAGE_ID)?.as_str().parse().ok()
}

/// Which numbers of the cursor's history the stream holds, and its last message.
async fn scan(stream: &Stream, cursor: &RelayCursor) -> Result<(Numbers, Option<Mark>), RelayError> {
    let mut present = Numbers::default();
    let mut last = None;
    read_headers(stream, 1, |mark, delivered| {
        let pub_seq = delivered.event.pub_seq;
        if delivered.epoch.id == cursor.epoch.id || pub_seq <= cursor.epoch.base {
            present.insert(pub_seq);
        }
        last = Some(mark);
    })
    .await?;
    Ok((present, last))
}

/// Shows every event of the stream from the place `first` on, without its body, to `visit`.
pub(crate) async fn read_headers(
    stream: &Stream,
    first: u64,
    mut visit: impl FnMut(Mark, Delivered),
) -> Result<(), RelayError> {
    let state = &stream.cached_info().state;
    if state.messages == 0 || first > state.last_sequence {
        return Ok(());
    }
    let mut feed = Feed::open(stream, first, true).await?;
    loop {
        let message =
            tokio::time::timeout(SCAN_PATIENCE, feed.next()).await.map_err(|_| RelayError::Silent)??;
        if let Ok(delivered) = Delivered::read(message.headers.as_ref(), message.body) {
            visit(Mark { stream_seq: message.stream_seq, event_id: delivered.event.id.uuid() }, delivered);
        }
        if message.stream_seq >= state.last_sequence {
            return Ok(());
        }
    }
}

/// A set of numbers, mostly consecutive: first to last of each run.
#[derive(Debug, Default)]
struct Numbers(BTreeMap<u64, u64>);

impl Numbers {
    fn run_of(&self, number: u64) -> Option<(u64, u64)> {
        let (first, last) = self.0.range(..=number).next_back()?;
        (number <= *last).then_some((*first, *last))
    }

    fn contains(&self, number: u64) -> bool {
        self.run_of(number).is_some()
    }

    fn insert(&mut self, number: u64) {
        if self.contains(number) {
            return;
        }
        let first = number.checked_sub(1).and_then(|before| self.run_of(before)).map_or(number, |run| run.0);
        let last = self.0.remove(&(number + 1)).unwrap_or(number);
        self.0.insert(first, last);
    }

    /// The lowest number above `number` that is not in the set.
    fn first_absent_after(&self, number: u64) -> u64 {
        self.run_of(number + 1).map_or(number + 1, |(_, last)| last + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_know_their_gaps_whatever_the_order_of_insertion() {
        let mut numbers = Numbers::default();
        for number in [5, 1, 2, 9, 3, 6, 2, 8] {
            numbers.insert(number);
        }
        assert_eq!(numbers.0.clone().into_iter().collect::<Vec<_>>(), [(1, 3), (5, 6), (8, 9)]);
        assert_eq!(
            [0, 1, 3, 4, 5, 6, 7, 9].map(|n| numbers.first_absent_after(n)),
            [4, 4, 4, 7, 7, 7, 10, 10]
        );
        numbers.insert(4);
        numbers.insert(7);
        assert_eq!(numbers.0.into_iter().collect::<Vec<_>>(), [(1, 9)]);
    }
}
