//! What complete choices come to: whatever comes to no less than one of them need not be looked at.

use crate::compile::Minute;
use crate::draft::Spent;

/// When everything is there, and what was spent.
type Score = (Minute, Spent);

/// Complete choices that are known, none of them beaten.
#[derive(Debug, Default)]
pub(super) struct Rivals {
    /// What complete choices come to.
    complete: Vec<Score>,
    /// What could be found instead: see [`incumbents`](super::incumbents).
    incumbents: Vec<Score>,
}

impl Rivals {
    pub(super) const fn new(complete: Vec<Score>, incumbents: Vec<Score>) -> Self {
        Self { complete, incumbents }
    }

    /// Whether one of them beats what comes to no less than this. What does moves towards the front: it will do so
    /// again.
    pub(super) fn beat(&mut self, score: &Score) -> bool {
        let found = |known: &mut [Score], index: usize| known.swap(index, index / 2);
        if let Some(index) = self.complete.iter().position(|known| is_no_more(known, score)) {
            found(&mut self.complete, index);
            return true;
        }
        // What comes to as much as an incumbent may be what the incumbent stands for.
        let beats = |known: &Score| is_no_more(known, score) && known != score;
        let index = self.incumbents.iter().position(beats);
        index.inspect(|index| found(&mut self.incumbents, *index)).is_some()
    }

    pub(super) fn add(&mut self, score: Score) {
        self.complete.retain(|known| !is_no_more(&score, known));
        self.incumbents.retain(|known| !is_no_more(&score, known));
        self.complete.push(score);
    }

    /// Becomes those of `all` that could beat something that comes to no more than `most`.
    pub(super) fn select(&mut self, all: &Self, most: &Score) {
        let select = |some: &mut Vec<Score>, all: &[Score]| {
            some.clear();
            some.extend(all.iter().filter(|known| is_no_more(known, most)));
        };
        select(&mut self.complete, &all.complete);
        select(&mut self.incumbents, &all.incumbents);
    }
}

/// Whether `other` comes to no less in anything.
const fn is_no_more((ready, spent): &Score, other: &Score) -> bool {
    *ready <= other.0 && spent.is_no_more_than(&other.1)
}
