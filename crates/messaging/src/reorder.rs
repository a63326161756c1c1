//! Putting what a stream delivers (late, twice, out of order, from several epochs) back into the order of
//! publication.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use tokio::time::Instant;

use crate::envelope::{Delivered, Epoch};

/// Events that may wait for an earlier one.
const WAITING_MAX: usize = 4096;

/// The position in one source's history, and the events beyond it that wait for their turn.
#[derive(Debug)]
pub(crate) struct Reorder {
    epoch: Epoch,
    applied: u64,
    waiting: BTreeMap<u64, Waiting>,
    /// Lowest place in the stream of an event that found no room.
    evicted: Option<u64>,
}

#[derive(Debug)]
struct Waiting {
    delivered: Delivered,
    /// Place in the stream; `None` for what came from the owner itself.
    stream_seq: Option<u64>,
    since: Instant,
}

/// Missing events that hold up others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Gap {
    pub(crate) missing: RangeInclusive<u64>,
    /// When the event behind them arrived.
    pub(crate) since: Instant,
}

impl Reorder {
    pub(crate) const fn new(epoch: Epoch, applied: u64) -> Self {
        Self { epoch, applied, waiting: BTreeMap::new(), evicted: None }
    }

    pub(crate) const fn epoch(&self) -> &Epoch {
        &self.epoch
    }

    /// Number applied last.
    pub(crate) const fn applied(&self) -> u64 {
        self.applied
    }

    /// Takes in one event. What was applied before, or belongs to a history that was given up, is dropped.
    pub(crate) fn accept(&mut self, delivered: Delivered, stream_seq: Option<u64>) {
        if self.epoch.id.is_empty() {
            // The first event ever read. At the head of its stream, what is missing before it is what its owner
            // no longer keeps; elsewhere it may be late, and the reader waits.
            self.epoch = delivered.epoch.clone();
            if stream_seq == Some(1) {
                self.applied = delivered.floor;
            }
        }
        let pub_seq = delivered.event.pub_seq;
        match delivered.epoch.age_cmp(&self.epoch) {
            Ordering::Equal => {}
            Ordering::Greater => self.change_epoch(&delivered.epoch),
            Ordering::Less if pub_seq <= self.epoch.base => {}
            Ordering::Less => return,
        }
        if pub_seq > self.applied && !self.waiting.contains_key(&pub_seq) {
            self.waiting.insert(pub_seq, Waiting { delivered, stream_seq, since: Instant::now() });
            self.evict();
        }
    }

    /// The owner was restored to the point `epoch.base`: what it published beyond is not part of its history any
    /// more, and its numbers are given out anew.
    fn change_epoch(&mut self, epoch: &Epoch) {
        tracing::warn!(
            from = self.epoch.id,
            to = epoch.id,
            applied = self.applied,
            base = epoch.base,
            "the owner's database was restored"
        );
        self.applied = self.applied.min(epoch.base);
        self.waiting.retain(|pub_seq, _| *pub_seq <= epoch.base);
        self.epoch = epoch.clone();
    }

    fn evict(&mut self) {
        if self.waiting.len() > WAITING_MAX
            && let Some((_, evicted)) = self.waiting.pop_last()
        {
            self.evicted = self.evicted.into_iter().chain(evicted.stream_seq).min();
        }
    }

    /// Up to `limit` events whose turn it is.
    pub(crate) fn ready(&self, limit: usize) -> Vec<Delivered> {
        (self.applied + 1..)
            .zip(&self.waiting)
            .take_while(|(expected, (pub_seq, _))| expected == *pub_seq)
            .take(limit)
            .map(|(_, (_, waiting))| waiting.delivered.clone())
            .collect()
    }

    /// Notes that everything up to `pub_seq` is applied, or lost for good.
    pub(crate) fn advance_to(&mut self, pub_seq: u64) {
        self.applied = self.applied.max(pub_seq);
        self.waiting = self.waiting.split_off(&(self.applied + 1));
    }

    /// What is missing before the first event that waits.
    pub(crate) fn gap(&self) -> Option<Gap> {
        let (lowest, behind) = self.waiting.first_key_value()?;
        (*lowest > self.applied + 1)
            .then(|| Gap { missing: self.applied + 1..=lowest - 1, since: behind.since })
    }

    /// Highest number that the owner of the waiting events no longer keeps.
    pub(crate) fn floor(&self) -> u64 {
        self.waiting.values().map(|waiting| waiting.delivered.floor).max().unwrap_or(0)
    }

    /// Whether events had to be left out, so that the stream has to be read again.
    pub(crate) const fn has_evicted(&self) -> bool {
        self.evicted.is_some()
    }

    /// The place up to which the stream holds nothing that is still to be applied after `pub_seq`, when it has been
    /// read up to `received`.
    pub(crate) fn settled_after(&self, pub_seq: u64, received: u64) -> u64 {
        let waiting = self.waiting.range(pub_seq + 1..).filter_map(|(_, waiting)| waiting.stream_seq).min();
        waiting.into_iter().chain(self.evicted).min().map_or(received, |lowest| lowest - 1)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bytes::Bytes;
    use jiff::Timestamp;
    use meridian_types::EventId;
    use uuid::Uuid;

    use super::*;
    use crate::{Event, Source};

    fn epoch(id: &str, base: u64, started: i64) -> Epoch {
        Epoch { id: id.to_owned(), base, started: Timestamp::from_second(started).unwrap() }
    }

    fn delivered(epoch: &Epoch, pub_seq: u64, floor: u64) -> Delivered {
        let event = Event {
            id: EventId::from_uuid(Uuid::from_u128(u128::from(pub_seq))),
            source: Source::parse("/eu/writer").unwrap(),
            type_name: String::new(),
            time: Timestamp::UNIX_EPOCH,
            epoch: epoch.id.clone(),
            pub_seq,
            aggregate: String::new(),
            aggregate_id: String::new(),
            aggregate_version: 0,
            traceparent: None,
            body: Bytes::new(),
        };
        Delivered { event: Arc::new(event), epoch: epoch.clone(), floor }
    }

    fn ready(reorder: &Reorder) -> Vec<(String, u64)> {
        let events = reorder.ready(usize::MAX).into_iter();
        events.map(|delivered| (delivered.event.epoch.clone(), delivered.event.pub_seq)).collect()
    }

    fn numbers(reorder: &Reorder) -> Vec<u64> {
        ready(reorder).into_iter().map(|(_, pub_seq)| pub_seq).collect()
    }

    #[test]
    fn whatever_the_order_of_arrival_each_comes_out_once_and_in_order() {
        let one = epoch("1", 0, 1);
        for seed in 0..200 {
            let mut random = fastrand::Rng::with_seed(seed);
            let mut arrivals: Vec<u64> = (1..=100).chain((0..100).map(|_| random.u64(1..=100))).collect();
            random.shuffle(&mut arrivals);
            let mut reorder = Reorder::new(one.clone(), 0);
            let mut seen = Vec::new();
            for (place, pub_seq) in (1..).zip(arrivals) {
                reorder.accept(delivered(&one, pub_seq, 0), Some(place));
                seen.extend(numbers(&reorder));
                reorder.advance_to(seen.last().copied().unwrap_or(0));
                let unapplied_lies_beyond = reorder.settled_after(reorder.applied(), place) <= place;
                assert!(
                    unapplied_lies_beyond
                        && reorder.gap().is_none_or(|gap| *gap.missing.start() == seen.len() as u64 + 1)
                );
            }
            assert_eq!(seen, (1..=100).collect::<Vec<_>>(), "seed {seed}");
        }
    }

    #[test]
    fn a_newer_epoch_gives_out_the_numbers_after_its_base_anew() {
        let (old, new) = (epoch("1-1", 0, 1), epoch("1-2", 5, 2));
        let mut reorder = Reorder::new(old.clone(), 7);
        reorder.accept(delivered(&old, 9, 0), Some(9));
        reorder.accept(delivered(&new, 7, 0), Some(11));
        reorder.accept(delivered(&new, 6, 0), Some(10));
        // Stragglers of the history that was given up.
        reorder.accept(delivered(&old, 8, 0), Some(12));
        assert_eq!(ready(&reorder), [("1-2".to_owned(), 6), ("1-2".to_owned(), 7)]);
        assert_eq!(reorder.epoch(), &new);
    }

    #[test]
    fn a_reader_that_lags_behind_a_restore_takes_the_shared_history_from_either_epoch() {
        let (old, new) = (epoch("1-1", 0, 1), epoch("1-2", 5, 2));
        let mut reorder = Reorder::new(old.clone(), 3);
        reorder.accept(delivered(&new, 6, 0), Some(8));
        reorder.accept(delivered(&old, 4, 0), Some(4));
        reorder.accept(delivered(&new, 5, 0), Some(7));
        assert_eq!(numbers(&reorder), [4, 5, 6]);
    }

    #[test]
    fn a_first_reader_begins_where_the_owner_does_but_only_at_the_head_of_the_stream() {
        let one = epoch("1", 0, 1);
        let mut at_head = Reorder::new(epoch("", 0, 0), 0);
        at_head.accept(delivered(&one, 42, 40), Some(1));
        assert_eq!((numbers(&at_head), at_head.gap().map(|gap| gap.missing)), (vec![], Some(41..=41)));
        at_head.accept(delivered(&one, 41, 40), Some(2));
        assert_eq!(numbers(&at_head), [41, 42]);
        let mut later = Reorder::new(epoch("", 0, 0), 0);
        later.accept(delivered(&one, 42, 40), Some(17));
        assert_eq!(later.gap().map(|gap| gap.missing), Some(1..=41));
    }

    #[test]
    fn what_finds_no_room_stays_beyond_the_settled_place() {
        let one = epoch("1", 0, 1);
        let mut reorder = Reorder::new(one.clone(), 0);
        let highest = WAITING_MAX as u64 + 10;
        for pub_seq in 2..=highest {
            reorder.accept(delivered(&one, pub_seq, 0), Some(pub_seq));
        }
        reorder.accept(delivered(&one, 1, 0), Some(highest + 1));
        let last = reorder.ready(usize::MAX).last().map_or(0, |last| last.event.pub_seq);
        assert!(reorder.has_evicted() && last < highest);
        assert_eq!(reorder.settled_after(last, highest + 1), last);
    }
}
