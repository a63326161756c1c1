//! When something happens, each moment with its probability.

use super::timetable::Minute;

/// Beyond so many moments every second one is counted as the next: later, so never too good.
const MOMENTS_MAX: usize = 512;

/// Moments, the earliest first. What is missing from 1 does not happen in time for anything.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Chances(Vec<(Minute, f64)>);

impl Chances {
    /// At one moment for certain.
    pub(super) fn at(minute: Minute) -> Self {
        Self(vec![(minute, 1.0)])
    }

    /// At one moment, or a day later with a probability of `late`.
    pub(super) fn or_a_day_later(minute: Minute, late: f64) -> Self {
        Self::of(vec![(minute, 1.0 - late), (minute + 1440, late)])
    }

    /// Moments in any order.
    pub(super) fn of(mut moments: Vec<(Minute, f64)>) -> Self {
        moments.sort_by_key(|(at, _)| *at);
        let mut sums: Vec<(Minute, f64)> = Vec::with_capacity(moments.len());
        for (at, chance) in moments {
            match sums.last_mut() {
                Some(last) if last.0 == at => last.1 += chance,
                _ if chance > 0.0 => sums.push((at, chance)),
                _ => {}
            }
        }
        while sums.len() > MOMENTS_MAX {
            let pair = |pair: &[(Minute, f64)]| {
                let (at, _) = pair[pair.len() - 1];
                (at, pair.iter().map(|(_, chance)| chance).sum())
            };
            sums = sums.chunks(2).map(pair).collect();
        }
        Self(sums)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (Minute, f64)> + '_ {
        self.0.iter().copied()
    }

    /// What follows from each moment; nothing from some.
    pub(super) fn then(&self, mut what: impl FnMut(Minute) -> Option<Minute>) -> Self {
        Self::of(self.iter().filter_map(|(at, chance)| Some((what(at)?, chance))).collect())
    }

    /// The same if something succeeds that has to.
    pub(super) fn if_succeeds(&self, chance: f64) -> Self {
        Self(self.iter().map(|(at, known)| (at, known * chance)).collect())
    }

    /// When the later of two things happens that have nothing to do with each other: every pair of their moments.
    pub(super) fn and(&self, other: &Self) -> Self {
        let pairs = self.iter().flat_map(|(a, p)| other.iter().map(move |(b, q)| (a.max(b), p * q)));
        Self::of(pairs.collect())
    }

    /// The probability that it has happened by `minute`.
    pub(super) fn by(&self, minute: Minute) -> f64 {
        self.iter().take_while(|(at, _)| *at <= minute).map(|(_, chance)| chance).sum()
    }
}
