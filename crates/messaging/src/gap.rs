//! Getting the events that a stream does not deliver.

use std::time::Duration;

use tokio::time::Instant;

use crate::backfill;
use crate::reader::ReadError;
use crate::reorder::Gap;
use crate::session::Session;

/// How long a missing event may be late before something is done about it.
const GAP_PATIENCE: Duration = Duration::from_millis(1500);
/// Longest time between two attempts to close the same gap.
const GAP_PATIENCE_MAX: Duration = Duration::from_secs(30);

/// Attempts to get events that are missing.
#[derive(Clone, Copy)]
pub(crate) struct GapAttempts {
    /// Number after which they are missing.
    applied: u64,
    is_first: bool,
    next: Instant,
    patience: Duration,
}

impl Session<'_> {
    /// Does something about events that are missing for too long: asks their owner, else reads the stream again, else
    /// finds out whether they are gone.
    pub(crate) async fn close_gap(&mut self) -> Result<(), ReadError> {
        let Some(gap) = self.reorder.gap() else {
            self.memory.gap_attempts = None;
            return Ok(());
        };
        let (applied, now) = (self.reorder.applied(), Instant::now());
        let attempts =
            self.memory.gap_attempts.filter(|attempts| attempts.applied == applied).unwrap_or(GapAttempts {
                applied,
                is_first: true,
                next: gap.since + GAP_PATIENCE,
                patience: GAP_PATIENCE,
            });
        if now < attempts.next {
            return Ok(());
        }
        let patience = (attempts.patience * 2).min(GAP_PATIENCE_MAX);
        self.memory.gap_attempts =
            Some(GapAttempts { applied, is_first: false, next: now + patience, patience });
        tracing::warn!(source = %self.reader.source, missing = ?gap.missing, "events are missing");
        let owners_floor = self.backfill(&gap).await;
        let is_smaller = self.reorder.gap().is_none_or(|rest| rest.missing != gap.missing);
        if is_smaller {
            return Ok(());
        }
        if attempts.is_first {
            return Err(ReadError::ReadAgain);
        }
        self.give_up_what_is_gone(owners_floor.max(self.reorder.floor()).min(*gap.missing.end()))
    }

    /// Takes in what the owner has of the missing events. Returns the number up to which it keeps nothing any more.
    async fn backfill(&mut self, gap: &Gap) -> u64 {
        let Some(client) = &self.reader.endpoint.event_log else { return 0 };
        let (first, last) = (*gap.missing.start(), *gap.missing.end());
        match backfill::read(client, &self.reader.source, first, last).await {
            Ok((events, floor)) => {
                events.into_iter().for_each(|delivered| self.reorder.accept(delivered, None));
                floor
            }
            Err(problem) => {
                tracing::warn!(source = %self.reader.source, %problem, "backfill failed");
                0
            }
        }
    }

    /// Goes on without the events that the owner no longer keeps, or, where nothing was read before, without those
    /// that the stream no longer keeps.
    fn give_up_what_is_gone(&mut self, floor: u64) -> Result<(), ReadError> {
        let applied = self.reorder.applied();
        let first_kept = self.stream.cached_info().state.first_sequence;
        let last_gone = match self.reorder.gap() {
            Some(gap) if self.cursor.epoch.id.is_empty() && first_kept > 1 => *gap.missing.end(),
            _ => floor,
        };
        if last_gone > applied {
            tracing::error!(
                source = %self.reader.source, first = applied + 1, last = last_gone,
                "events are gone for good: they are older than what their owner keeps"
            );
            self.reorder.advance_to(last_gone);
            return Ok(());
        }
        Err(ReadError::ReadAgain)
    }
}
