//! What it takes to bring what is still missing: at least, and from which contested pools.

use std::collections::BTreeMap;

use super::cover::Offer;
use crate::compile::Minute;
use crate::draft::Spent;

/// Most states for which bounds are worked out. Where there are more, units beyond a number of them are not told
/// apart.
const STATES_MAX: usize = 2_048;

/// The least that somebody who brings all that is missing, or more, comes to, each measure by itself.
pub(super) struct Completion {
    /// Units of each lot that are told apart.
    caps: Vec<i64>,
    /// By state; nothing where it can't be brought.
    least: Vec<Option<(Minute, Spent)>>,
}

/// Some units of each lot, and the least that bringing them at once comes to.
pub(super) type Brings = (Vec<i64>, (Minute, Spent));

/// The least of those of `offers` that give the same.
pub(super) fn brings<'o>(offers: impl Iterator<Item = &'o Offer>) -> Vec<Brings> {
    let mut least = BTreeMap::new();
    for offer in offers {
        let one = (offer.ready, offer.spent);
        least.entry(&offer.gives).and_modify(|known| *known = both(*known, one)).or_insert(one);
    }
    least.into_iter().map(|(gives, least)| (gives.clone(), least)).collect()
}

impl Completion {
    /// Where `free` can be sent as often as one likes.
    pub(super) fn of_free(needs: &[i64], free: &[Brings]) -> Self {
        let mut caps: Vec<i64> = needs.to_vec();
        let states = |caps: &[i64]| {
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
                .reduce(both);
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
            sent.chain(self.least[state]).reduce(both)
        };
        Self { caps: self.caps.clone(), least: (0..self.least.len()).map(least).collect() }
    }

    /// For what is missing.
    pub(super) fn least(&self, missing: &[i64]) -> Option<(Minute, Spent)> {
        let state = self.caps.iter().zip(missing).fold(0, |state, (cap, missing)| {
            state * Self::digits(*cap) + usize::try_from(*cap.min(missing)).unwrap_or(0)
        });
        self.least[state]
    }

    fn at(&self, missing: &[i64], gives: &[i64]) -> Option<(Minute, Spent)> {
        let left = missing.iter().zip(gives).map(|(missing, gives)| (missing - gives).max(0));
        let state =
            self.caps.iter().zip(left).fold(0, |state, (cap, left)| {
                state * Self::digits(*cap) + usize::try_from(left).unwrap_or(0)
            });
        self.least[state]
    }

    fn missing(&self, mut state: usize) -> Vec<i64> {
        let mut missing = vec![0; self.caps.len()];
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
pub(super) fn both(a: (Minute, Spent), b: (Minute, Spent)) -> (Minute, Spent) {
    let (x, y) = (a.1, b.1);
    let spent = Spent {
        cost_minor: x.cost_minor.min(y.cost_minor),
        co2_g: x.co2_g.min(y.co2_g),
        risk_micro: x.risk_micro.min(y.risk_micro),
    };
    (a.0.min(b.0), spent)
}

/// What both come to together.
pub(super) fn with(a: (Minute, Spent), b: (Minute, Spent)) -> (Minute, Spent) {
    (a.0.max(b.0), a.1 + b.1)
}

/// Which contested pools some offers take from, by what they give.
pub(super) struct Taking(BTreeMap<Vec<i64>, Vec<bool>>);

impl Taking {
    pub(super) fn of<'o>(offers: impl Iterator<Item = &'o Offer>) -> Self {
        let mut by_gives: BTreeMap<Vec<i64>, Vec<bool>> = BTreeMap::new();
        for offer in offers.filter(|offer| offer.takes.iter().any(|units| *units > 0)) {
            let pools = by_gives.entry(offer.gives.clone()).or_insert_with(|| vec![false; offer.takes.len()]);
            pools.iter_mut().zip(&offer.takes).for_each(|(pool, units)| *pool |= *units > 0);
        }
        Self(by_gives)
    }

    /// The pools from which something that is `missing` could be taken.
    pub(super) fn counting(&self, missing: &[i64], pools: usize) -> Vec<bool> {
        let mut counting = vec![false; pools];
        for (_, pools) in self.0.iter().filter(|(gives, _)| fits(missing, gives)) {
            counting.iter_mut().zip(pools).for_each(|(counts, takes)| *counts |= takes);
        }
        counting
    }
}

/// Whether what is given is no more than what is missing.
pub(super) fn fits(missing: &[i64], gives: &[i64]) -> bool {
    missing.iter().zip(gives).all(|(missing, gives)| gives <= missing)
}
