//! Putting what a stream delivers (late, twice, out of order, from several epochs) back into the order of
//! publication.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

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
            self.waiting.insert(pub_seq, Waiting { delivered, stream_seq });
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

    /// The missing numbers that hold up what waits.
    pub(crate) fn gap(&self) -> Option<RangeInclusive<u64>> {
        let lowest = *self.waiting.keys().next()?;
        (lowest > self.applied + 1).then(|| self.applied + 1..=lowest - 1)
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
