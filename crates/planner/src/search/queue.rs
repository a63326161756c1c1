//! A queue by minute: one stack per minute of the horizon, found again by a bitmap. Adding and taking cost the same
//! however much is queued, which a heap's do not.

use crate::compile::Minute;

/// Numbers `0..` in the order in which they were added, queued by minute.
#[derive(Debug, Default)]
pub(super) struct Queue {
    first_minute: Minute,
    /// The entry on top of each minute's stack, or [`Queue::NONE`].
    tops: Vec<u32>,
    /// Which minutes have entries, 64 in a word.
    filled: Vec<u64>,
    /// The entry below each entry.
    below: Vec<u32>,
    /// No word before this one has a bit.
    word: usize,
    /// How many numbers are queued.
    queued: usize,
}

impl Queue {
    const NONE: u32 = u32::MAX;

    /// Makes an empty queue for these minutes.
    pub(super) fn clear(&mut self, first: Minute, last: Minute) {
        while self.take().is_some() {}
        let minutes = last.saturating_sub(first).max(0) as usize + 1;
        self.first_minute = first;
        self.tops.resize(minutes, Self::NONE);
        self.filled.resize(minutes.div_ceil(64), 0);
        self.below.clear();
        self.word = 0;
    }

    /// Adds the next number at a minute that is not before the one last taken from.
    pub(super) fn add(&mut self, minute: Minute) {
        let minute = (minute - self.first_minute) as usize;
        let number = u32::try_from(self.below.len()).unwrap_or(Self::NONE);
        self.queued += 1;
        self.below.push(std::mem::replace(&mut self.tops[minute], number));
        self.filled[minute / 64] |= 1 << (minute % 64);
    }

    /// Takes a number of the first minute that has any.
    pub(super) fn take(&mut self) -> Option<u32> {
        self.queued = self.queued.checked_sub(1)?;
        let ahead = self.filled.get(self.word..)?;
        self.word += ahead.iter().position(|word| *word != 0)?;
        let minute = self.word * 64 + self.filled[self.word].trailing_zeros() as usize;
        let number = self.tops[minute];
        self.tops[minute] = self.below[number as usize];
        if self.tops[minute] == Self::NONE {
            self.filled[self.word] &= self.filled[self.word] - 1;
        }
        Some(number)
    }
}
