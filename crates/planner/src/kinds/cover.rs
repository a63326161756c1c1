//! Which consignments together cover everything that is missing: exact dynamic programming over what is still
//! missing. A state is what each lot still lacks; each state keeps every choice that no other beats.

use std::collections::BTreeMap;

use crate::compile::Minute;
use crate::draft::{Spent, unbeaten};

/// Most choices that one state keeps. The fastest, the cheapest, the greenest and the safest are always kept.
const CHOICES_MAX: usize = 128;

/// One consignment on one way.
#[derive(Debug, Clone)]
pub(super) struct Offer {
    /// How much of each lot it brings.
    pub(super) gives: Vec<i64>,
    pub(super) ready: Minute,
    pub(super) spent: Spent,
    /// What it takes from each contested pool.
    pub(super) takes: Vec<i64>,
    /// The caller's index of the way.
    pub(super) way: usize,
}

/// Consignments chosen together.
#[derive(Debug, Clone)]
pub(super) struct Choice {
    pub(super) ready: Minute,
    pub(super) spent: Spent,
    pub(super) takes: Vec<i64>,
    pub(super) ways: Vec<usize>,
}

impl Choice {
    /// Nothing chosen yet.
    pub(super) fn nothing(pools: usize) -> Self {
        Self { ready: Minute::MIN, spent: Spent::default(), takes: vec![0; pools], ways: Vec::new() }
    }

    /// Both together, unless they take more than there is.
    pub(super) fn and(&self, other: &Self, limits: &[i64]) -> Option<Self> {
        let takes: Vec<i64> = self.takes.iter().zip(&other.takes).map(|(a, b)| a + b).collect();
        let enough = takes.iter().zip(limits).all(|(takes, limit)| takes <= limit);
        enough.then(|| Self {
            ready: self.ready.max(other.ready),
            spent: self.spent + other.spent,
            takes,
            ways: [self.ways.as_slice(), &other.ways].concat(),
        })
    }

    /// The same with one more consignment, unless they take more than there is.
    fn with(&self, offer: &Offer, limits: &[i64]) -> Option<Self> {
        let takes: Vec<i64> = self.takes.iter().zip(&offer.takes).map(|(a, b)| a + b).collect();
        let enough = takes.iter().zip(limits).all(|(takes, limit)| takes <= limit);
        enough.then(|| {
            let mut ways = Vec::with_capacity(self.ways.len() + 1);
            ways.extend(&self.ways);
            ways.push(offer.way);
            Self { ready: self.ready.max(offer.ready), spent: self.spent + offer.spent, takes, ways }
        })
    }

    /// Whether another is no better in anything.
    const fn beats(&self, ready: Minute, spent: Spent) -> bool {
        let (a, b) = (&self.spent, &spent);
        self.ready <= ready
            && a.cost_minor <= b.cost_minor
            && a.co2_g <= b.co2_g
            && a.risk_micro <= b.risk_micro
    }
}

/// Every choice of `offers` that brings exactly `needs` and that no other beats, where all choices together take
/// at most `limits` from the contested pools.
pub(super) fn cover(needs: Vec<i64>, offers: &[Offer], limits: &[i64]) -> Vec<Choice> {
    // Each choice is built in one order only: the next consignment brings some of the first lot that is missing.
    let by_first: Vec<Vec<&Offer>> =
        (0..needs.len()).map(|lot| offers.iter().filter(|offer| offer.gives[lot] > 0).collect()).collect();
    let nothing = Choice::nothing(limits.len());
    let whole = offers.iter().filter(|offer| offer.gives == needs);
    let complete = whole.filter_map(|offer| nothing.with(offer, limits)).collect();
    let mut complete = unbeaten(complete, |choice: &Choice| (choice.ready, choice.spent));
    let mut states = BTreeMap::from([(needs, vec![nothing])]);
    while let Some((missing, choices)) = states.pop_last() {
        // What was taken counts as long as something that is missing could be taken from there.
        let counts: Vec<bool> = (0..limits.len())
            .map(|pool| offers.iter().any(|offer| offer.takes[pool] > 0 && fits(&missing, &offer.gives)))
            .collect();
        let choices = unbeaten_by_takes(choices, &counts);
        let Some(first) = missing.iter().position(|units| *units > 0) else { return choices };
        for offer in &by_first[first] {
            if !fits(&missing, &offer.gives) {
                continue;
            }
            let left: Vec<i64> = missing.iter().zip(&offer.gives).map(|(a, b)| a - b).collect();
            let done = left.iter().all(|units| *units == 0);
            // What a complete choice beats will never be better than it.
            let hopeless = |choice: &&Choice| {
                let (ready, spent) = (choice.ready.max(offer.ready), choice.spent + offer.spent);
                complete.iter().any(|known| known.beats(ready, spent))
            };
            let hopeful = choices.iter().filter(|choice| done || !hopeless(choice));
            let longer: Vec<Choice> = hopeful.filter_map(|choice| choice.with(offer, limits)).collect();
            if done {
                complete.extend(longer.iter().cloned());
                complete = unbeaten(complete, |choice| (choice.ready, choice.spent));
            }
            if !longer.is_empty() {
                states.entry(left).or_default().extend(longer);
            }
        }
    }
    Vec::new()
}

fn fits(missing: &[i64], gives: &[i64]) -> bool {
    missing.iter().zip(gives).all(|(missing, gives)| gives <= missing)
}

/// What no other choice beats that takes no more from the contested pools that count.
pub(super) fn unbeaten_by_takes(choices: Vec<Choice>, counts: &[bool]) -> Vec<Choice> {
    let mut groups: BTreeMap<Vec<i64>, Vec<Choice>> = BTreeMap::new();
    for choice in choices {
        let takes = choice.takes.iter().zip(counts).map(|(takes, counts)| if *counts { *takes } else { 0 });
        groups.entry(takes.collect()).or_default().push(choice);
    }
    let mut kept: Vec<(Vec<i64>, Vec<Choice>)> = Vec::with_capacity(groups.len());
    // Whoever takes no more comes first in this order.
    for (takes, group) in groups {
        let modest = |other: &&(Vec<i64>, Vec<Choice>)| other.0.iter().zip(&takes).all(|(a, b)| a <= b);
        let beaten = |choice: &Choice| {
            kept.iter()
                .filter(modest)
                .flat_map(|(_, group)| group)
                .any(|other| other.beats(choice.ready, choice.spent))
        };
        let group = unbeaten(group, |choice| (choice.ready, choice.spent));
        let group: Vec<Choice> = group.into_iter().filter(|choice| !beaten(choice)).collect();
        kept.push((takes, group));
    }
    thinned(kept.into_iter().flat_map(|(_, group)| group).collect())
}

fn thinned(choices: Vec<Choice>) -> Vec<Choice> {
    if choices.len() <= CHOICES_MAX {
        return choices;
    }
    let best = |measure: &dyn Fn(&Choice) -> i64| (0..choices.len()).min_by_key(|&i| measure(&choices[i]));
    let mut kept: Vec<usize> = [
        best(&|choice| i64::from(choice.ready)),
        best(&|choice| choice.spent.cost_minor),
        best(&|choice| choice.spent.co2_g),
        best(&|choice| choice.spent.risk_micro),
    ]
    .into_iter()
    .flatten()
    .collect();
    let step = choices.len().div_ceil(CHOICES_MAX - kept.len());
    kept.extend((0..choices.len()).step_by(step));
    kept.sort_unstable();
    kept.dedup();
    kept.into_iter().map(|index| choices[index].clone()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Every subset of the offers, written out.
    fn enumerated(needs: &[i64], offers: &[Offer], limits: &[i64]) -> Vec<(Minute, i64)> {
        let mut found = Vec::new();
        for subset in 0..1u32 << offers.len() {
            let chosen: Vec<&Offer> =
                offers.iter().enumerate().filter(|(i, _)| subset & (1 << i) != 0).map(|(_, o)| o).collect();
            let sum = |of: &dyn Fn(&Offer) -> i64| chosen.iter().map(|offer| of(offer)).sum::<i64>();
            let exact = (0..needs.len()).all(|lot| sum(&|offer| offer.gives[lot]) == needs[lot]);
            let within = (0..limits.len()).all(|pool| sum(&|offer| offer.takes[pool]) <= limits[pool]);
            if exact && within {
                let ready = chosen.iter().map(|offer| offer.ready).max().unwrap();
                found.push((ready, sum(&|offer| offer.spent.cost_minor)));
            }
        }
        found.sort_unstable();
        let mut least = i64::MAX;
        found.retain(|(_, cost)| {
            let better = *cost < least;
            least = least.min(*cost);
            better
        });
        found
    }

    fn offer() -> impl Strategy<Value = Offer> {
        let gives =
            prop::collection::vec(0..3i64, 3).prop_filter("brings something", |g| g.iter().sum::<i64>() > 0);
        (gives, 0..20i32, 0..50i64, prop::collection::vec(0..3i64, 2)).prop_map(
            |(gives, ready, cost, takes)| Offer {
                gives,
                ready,
                spent: Spent { cost_minor: cost, ..Spent::default() },
                takes,
                way: 0,
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]
        #[test]
        fn the_front_is_what_writing_out_every_subset_gives(
            needs in prop::collection::vec(1..4i64, 3),
            // At most 126 of the subsets of nine offers can bring the same: no state keeps fewer choices than it has.
            offers in prop::collection::vec(offer(), 1..10),
            limits in prop::collection::vec(1..6i64, 2),
        ) {
            // An offer is there once: a contested pool of its own says so.
            let count = offers.len();
            let offers: Vec<Offer> = offers.into_iter().enumerate().map(|(index, mut offer)| {
                offer.way = index;
                offer.takes.extend((0..count).map(|own| i64::from(own == index)));
                offer
            }).collect();
            let limits: Vec<i64> = limits.into_iter().chain(std::iter::repeat_n(1, count)).collect();
            let found = cover(needs.clone(), &offers, &limits);
            let best = unbeaten(found, |choice| (choice.ready, choice.spent));
            let best: Vec<_> = best.iter().map(|choice| (choice.ready, choice.spent.cost_minor)).collect();
            prop_assert_eq!(best, enumerated(&needs, &offers, &limits));
        }
    }
}
