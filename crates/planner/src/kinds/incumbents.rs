//! Some complete choices, found quickly: what comes to more than one of them need not be looked at.

use std::collections::BTreeMap;

use super::completion::with;
use super::offer::{Offer, Units, first, fits, less};
use crate::compile::Minute;
use crate::draft::Spent;

/// Most states of what is missing for which it is worth while.
const STATES_MAX: usize = 2_048;
/// Arrivals by which the best by each measure is looked for.
const ARRIVALS: usize = 2;

/// What is to be as little as possible, the first before the second.
type Measure = fn(&(Minute, Spent)) -> [i64; 2];

const FASTEST: Measure = |(ready, spent)| [i64::from(*ready), spent.cost_minor];
const OTHERS: [Measure; 3] = [
    |(_, spent)| [spent.cost_minor, spent.risk_micro],
    |(_, spent)| [spent.co2_g, spent.cost_minor],
    |(_, spent)| [spent.risk_micro, spent.cost_minor],
];

/// What complete choices of `offers` come to that are good by one measure each, for several arrivals: not the best,
/// for one choice is kept for each state of what is missing. None takes more than `limits` from the contested pools.
pub(super) fn incumbents(needs: &Units, offers: &[&Offer], limits: &[i64]) -> Vec<(Minute, Spent)> {
    let Some(states) = states(needs) else { return Vec::new() };
    let mut alike = Alike::new(needs, states, offers, limits);
    let mut by_ready = offers.to_vec();
    by_ready.sort_by_key(|offer| offer.ready);
    by_ready.iter().for_each(|offer| alike.add(offer, FASTEST));
    let mut found: Vec<(Minute, Spent)> = alike.best(FASTEST).into_iter().collect();
    let Some((earliest, _)) = found.first() else { return found };
    let soon = by_ready.partition_point(|offer| offer.ready <= *earliest);
    let later = by_ready.len() - soon;
    for measure in OTHERS {
        alike.offers.fill(None);
        let mut from = 0;
        for arrival in 0..=ARRIVALS {
            let to = soon + later * arrival / ARRIVALS;
            by_ready[from..to].iter().for_each(|offer| alike.add(offer, measure));
            found.extend((from < to).then(|| alike.best(measure)).flatten());
            from = to;
        }
    }
    found.sort_by_key(|(ready, spent)| (*ready, spent.cost_minor, spent.co2_g, spent.risk_micro));
    found.dedup();
    found
}

/// By when everything can be there that does not come in one consignment, if it can.
pub(super) fn in_several(needs: &Units, offers: &[Offer], limits: &[i64]) -> Option<Minute> {
    let parts: Vec<&Offer> = offers.iter().filter(|offer| offer.gives != *needs).collect();
    let mut alike = Alike::new(needs, states(needs)?, &parts, limits);
    parts.iter().for_each(|offer| alike.add(offer, FASTEST));
    alike.best(FASTEST).map(|(ready, _)| ready)
}

/// How many states of what is missing there are, unless they are too many.
fn states(needs: &Units) -> Option<usize> {
    let states = needs
        .iter()
        .try_fold(1_usize, |states, units| states.checked_mul(usize::try_from(*units).ok()?.checked_add(1)?));
    states.filter(|states| *states <= STATES_MAX)
}

/// The best of those offers that bring the same from the same place, and a good choice of them.
struct Alike<'o> {
    needs: &'o Units,
    limits: &'o [i64],
    groups: BTreeMap<(u32, &'o Units), usize>,
    /// The groups that bring some of each lot.
    by_first: Vec<Vec<usize>>,
    /// By group.
    offers: Vec<Option<&'o Offer>>,
    /// The best so far by state, with what is missing.
    known: Vec<Option<(Units, (Minute, Spent))>>,
    /// What that takes from each contested pool, state after state.
    taken: Vec<i64>,
}

impl<'o> Alike<'o> {
    fn new(needs: &'o Units, states: usize, offers: &[&'o Offer], limits: &'o [i64]) -> Self {
        let mut groups: BTreeMap<(u32, &Units), usize> =
            offers.iter().map(|offer| ((offer.place, &offer.gives), 0)).collect();
        groups.values_mut().zip(0..).for_each(|(group, number)| *group = number);
        let bring = |lot: usize| {
            groups.iter().filter(|((_, gives), _)| gives[lot] > 0).map(|(_, group)| *group).collect()
        };
        Self {
            needs,
            limits,
            by_first: (0..needs.len()).map(bring).collect(),
            offers: vec![None; groups.len()],
            groups,
            known: vec![None; states],
            taken: vec![0; states * limits.len()],
        }
    }

    fn add(&mut self, offer: &'o Offer, measure: Measure) {
        let Some(group) = self.groups.get(&(offer.place, &offer.gives)) else { return };
        let known = &mut self.offers[*group];
        if known.is_none_or(|known| measure(&offer.score()) < measure(&known.score())) {
            *known = Some(offer);
        }
    }

    /// Which state it is when so much is missing.
    fn state(&self, missing: &Units) -> usize {
        let state =
            missing.iter().zip(self.needs).fold(0, |state, (missing, need)| state * (need + 1) + missing);
        usize::try_from(state).unwrap_or(0)
    }

    fn best(&mut self, measure: Measure) -> Option<(Minute, Spent)> {
        let pools = self.limits.len();
        self.known.fill(None);
        self.taken.fill(0);
        *self.known.last_mut()? = Some((*self.needs, (Minute::MIN, Spent::default())));
        for state in (1..self.known.len()).rev() {
            let Some((missing, so_far)) = self.known[state] else { continue };
            for group in &self.by_first[first(&missing)?] {
                let Some(offer) = self.offers[*group] else { continue };
                let taken = &self.taken[state * pools..][..pools];
                let mut takes = offer.takes.iter().zip(taken).zip(self.limits);
                if !fits(&missing, &offer.gives) || takes.any(|((more, taken), limit)| more + taken > *limit)
                {
                    continue;
                }
                let (left, longer) = (less(&missing, &offer.gives), with(so_far, offer.score()));
                let then = self.state(&left);
                if self.known[then].is_none_or(|(_, known)| measure(&longer) < measure(&known)) {
                    self.known[then] = Some((left, longer));
                    self.taken.copy_within(state * pools..(state + 1) * pools, then * pools);
                    let taken = self.taken[then * pools..].iter_mut();
                    taken.zip(&offer.takes).for_each(|(taken, more)| *taken += more);
                }
            }
        }
        self.known[0].map(|(_, score)| score)
    }
}
