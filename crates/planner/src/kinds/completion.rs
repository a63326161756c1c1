//! What it takes to bring what is still missing: at least, and from which contested pools.

use std::collections::BTreeMap;

use super::offer::{Offer, Units, fits, less};
use crate::compile::Minute;
use crate::draft::Spent;

/// Most states for which bounds are worked out. Where there are more, units beyond a number of them are not told
/// apart.
const STATES_MAX: usize = 2_048;

/// The least that somebody who brings all that is missing, or more, comes to, each measure by itself.
pub(super) struct Completion {
    /// Units of each lot that are told apart.
    caps: Units,
    /// By state; nothing where it can't be brought.
    least: Vec<Option<(Minute, Spent)>>,
}

/// Some units of each lot, and the least that bringing them at once comes to.
pub(super) type Brings = (Units, (Minute, Spent));

/// The least of those of `offers` that give the same.
pub(super) fn brings<'o>(offers: impl Iterator<Item = &'o Offer>) -> Vec<Brings> {
    let mut least = BTreeMap::new();
    for offer in offers {
        let one = (offer.ready, offer.spent);
        least.entry(offer.gives).and_modify(|known| *known = lower(*known, one)).or_insert(one);
    }
    least.into_iter().collect()
}

impl Completion {
    /// Where `free` can be sent as often as one likes.
    pub(super) fn of_free(needs: &Units, free: &[Brings]) -> Self {
        let mut caps = *needs;
        let states = |caps: &Units| {
            caps.iter().fold(1_usize, |all, cap| {
                all.saturating_mul(usize::try_from(*cap).unwrap_or(usize::MAX).saturating_add(1))
            })
        };
        while states(&caps) > STATES_MAX {
            let Some(largest) = caps.iter_mut().max() else { break };
            *largest /= 2;
        }
        let mut completion = Self { least: vec![None; states(&caps)], caps };
        completion.least[0] = Some((Minute::MIN, Spent::default()));
        for state in 1..completion.least.len() {
            let missing = completion.missing(state);
            let first = missing.iter().position(|units| *units > 0).unwrap_or(0);
            completion.least[state] = free
                .iter()
                .filter(|(gives, _)| gives[first] > 0)
                .filter_map(|(gives, one)| Some(with(completion.at(&missing, gives)?, *one)))
                .reduce(lower);
        }
        completion
    }

    /// The same where one of `plans` can be sent first, or none.
    pub(super) fn preceded(&self, plans: &[Brings]) -> Self {
        let least = |state: usize| {
            let missing = self.missing(state);
            let helpful = plans.iter().filter(|(gives, _)| {
                gives.iter().zip(&missing).any(|(gives, missing)| gives.min(missing) > &0)
            });
            let sent = helpful.filter_map(|(gives, one)| Some(with(self.at(&missing, gives)?, *one)));
            sent.chain(self.least[state]).reduce(lower)
        };
        Self { caps: self.caps, least: (0..self.least.len()).map(least).collect() }
    }

    /// For what is missing.
    pub(super) fn least(&self, missing: &Units) -> Option<(Minute, Spent)> {
        let state = self.caps.iter().zip(missing).fold(0, |state, (cap, missing)| {
            state * Self::digits(*cap) + usize::try_from(*cap.min(missing)).unwrap_or(0)
        });
        self.least[state]
    }

    fn at(&self, missing: &Units, gives: &Units) -> Option<(Minute, Spent)> {
        self.least(&less(missing, gives).map(|units| units.max(0)))
    }

    fn missing(&self, mut state: usize) -> Units {
        let mut missing = Units::default();
        for (missing, cap) in missing.iter_mut().zip(&self.caps).rev() {
            let digits = Self::digits(*cap);
            *missing = i64::try_from(state % digits).unwrap_or(0);
            state /= digits;
        }
        missing
    }

    fn digits(cap: i64) -> usize {
        usize::try_from(cap).unwrap_or(0) + 1
    }
}

/// The least of both, each measure by itself.
pub(super) fn lower(a: (Minute, Spent), b: (Minute, Spent)) -> (Minute, Spent) {
    (a.0.min(b.0), a.1.each(&b.1, i64::min))
}

/// The most of both, each measure by itself.
pub(super) fn upper(a: (Minute, Spent), b: (Minute, Spent)) -> (Minute, Spent) {
    (a.0.max(b.0), a.1.each(&b.1, i64::max))
}

/// What both come to together.
pub(super) fn with(a: (Minute, Spent), b: (Minute, Spent)) -> (Minute, Spent) {
    (a.0.max(b.0), a.1 + b.1)
}

/// Which contested pools some offers take from, by what they give.
pub(super) struct Taking(BTreeMap<Units, Vec<bool>>);

impl Taking {
    pub(super) fn of<'o>(offers: impl Iterator<Item = &'o Offer>) -> Self {
        let mut by_gives: BTreeMap<Units, Vec<bool>> = BTreeMap::new();
        for offer in offers.filter(|offer| offer.takes.iter().any(|units| *units > 0)) {
            let pools = by_gives.entry(offer.gives).or_insert_with(|| vec![false; offer.takes.len()]);
            pools.iter_mut().zip(&offer.takes).for_each(|(pool, units)| *pool |= *units > 0);
        }
        Self(by_gives)
    }

    /// The pools from which something that is `missing` could be taken.
    pub(super) fn counting(&self, missing: &Units, pools: usize) -> Vec<bool> {
        let mut counting = vec![false; pools];
        for (_, pools) in self.0.iter().filter(|(gives, _)| fits(missing, gives)) {
            counting.iter_mut().zip(pools).for_each(|(counts, takes)| *counts |= takes);
        }
        counting
    }
}
