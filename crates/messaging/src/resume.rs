//! Going on where the last relay ended: with what it published beyond its cursor, and in the right epoch.
//!
//! A relay publishes before it moves its cursor, so the stream may be ahead of the cursor, and readers may have applied
//! what it holds. Those numbers stand.

use std::collections::BTreeMap;

use sqlx::PgConnection;

use crate::fault::answered;
use crate::heal::read_headers;
use crate::outbox;
use crate::relay::{BATCH, Relay, RelayError};
use crate::relay_cursor::{self, Mark, RelayCursor};
use crate::stream;

impl Relay {
    /// The cursor to go on from.
    ///
    /// A new epoch begins when the database was restored: it is another system or timeline, or it knows nothing of
    /// events that the stream holds (it was put back in a way that kept both). Numbers given out then must not be
    /// given out again in the same epoch, or readers would take the new events for the old ones. Events that both
    /// have keep their numbers, or readers would apply them a second time.
    pub(crate) async fn resume(&self, conn: &mut PgConnection) -> Result<RelayCursor, RelayError> {
        let history = answered(relay_cursor::database_history(conn)).await?;
        let mut cursor = answered(relay_cursor::load_or_create(conn, &history)).await?;
        let is_lost = self.catch_up(conn, &mut cursor).await?;
        if !cursor.is_of(&history) {
            tracing::warn!(
                before = cursor.epoch.id,
                now = history,
                "the database was restored; a new epoch begins"
            );
            return Ok(answered(relay_cursor::begin_epoch(conn, &history)).await?);
        }
        if is_lost {
            tracing::error!(
                database_pub_seq = cursor.pub_seq,
                "the database stands at an earlier point than its stream; a new epoch begins"
            );
            return Ok(answered(relay_cursor::begin_epoch_within(conn, &history)).await?);
        }
        Ok(cursor)
    }

    /// Moves the cursor over what was published beyond it. Returns whether the stream holds what the database has
    /// lost.
    async fn catch_up(&self, conn: &mut PgConnection, cursor: &mut RelayCursor) -> Result<bool, RelayError> {
        let ahead = self.published_beyond(cursor).await?;
        let rows = answered(outbox::read_between(&mut *conn, cursor.seq, i64::MAX, BATCH)).await?;
        let numbered: BTreeMap<u64, _> = (cursor.pub_seq + 1..).zip(&rows).collect();
        let is_known = |pub_seq: &u64, mark: &Mark| {
            numbered.get(pub_seq).is_some_and(|row| row.event_id == mark.event_id)
        };
        let mut reached = cursor.clone();
        for ((pub_seq, mark), expected) in ahead.iter().zip(cursor.pub_seq + 1..) {
            if *pub_seq != expected || !is_known(pub_seq, mark) {
                break;
            }
            reached.pub_seq = *pub_seq;
            reached.seq = numbered[pub_seq].seq;
            reached.mark = Mark::highest(reached.mark, Some(*mark));
        }
        let is_lost = !ahead.iter().all(|(pub_seq, mark)| is_known(pub_seq, mark));
        if reached != *cursor {
            self.advance(conn, cursor, reached).await?;
        }
        Ok(is_lost)
    }

    /// What the stream holds of the cursor's epoch beyond the cursor, by number.
    async fn published_beyond(&self, cursor: &RelayCursor) -> Result<BTreeMap<u64, Mark>, RelayError> {
        let mut ahead = BTreeMap::new();
        let Some(stream) = stream::find(self.nats.context(), self.journal.origin()).await? else {
            return Ok(ahead);
        };
        let last = stream.cached_info().state.last_sequence;
        // Those of one batch are stored in any order. A mark beyond the end is that of a stream that was wiped.
        let first = cursor.mark.map(|mark| mark.stream_seq).filter(|seq| *seq <= last).unwrap_or_default();
        read_headers(&stream, first.saturating_sub(BATCH.cast_unsigned()), |mark, delivered| {
            if delivered.epoch.id == cursor.epoch.id && delivered.event.pub_seq > cursor.pub_seq {
                ahead.insert(delivered.event.pub_seq, mark);
            }
        })
        .await?;
        Ok(ahead)
    }
}
