//! Which consignments together cover everything that is missing: exact dynamic programming over what is still
//! missing. A state is what each lot still lacks; each state keeps every choice that no other beats.

use std::collections::{BTreeMap, BTreeSet};

use crate::compile::Minute;
use crate::draft::{Spent, unbeaten};

/// Most choices that one state keeps. The fastest, the cheapest, the greenest and the safest are always kept.
const CHOICES_MAX: usize = 64;

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
}

/// What some consignments come to, not written out: which they are is found by following `before`.
#[derive(Debug, Clone, Copy)]
struct Part {
    ready: Minute,
    spent: Spent,
    /// What they take where something that is missing could be taken from, an index into [`Covering::takes`].
    takes: u32,
    /// The same without the last consignment, an index into [`Covering::chosen`].
    before: u32,
    /// The last consignment.
    offer: u32,
}

const NONE: u32 = u32::MAX;

impl Part {
    const fn score(&self) -> (Minute, Spent) {
        (self.ready, self.spent)
    }
}

/// Choices in the making.
struct Covering<'o> {
    offers: &'o [Offer],
    limits: &'o [i64],
    /// What choices take from the contested pools; each of these once.
    takes: Vec<Vec<i64>>,
    /// Where each of these stands.
    places: BTreeMap<Vec<i64>, u32>,
    /// Parts that something was added to.
    chosen: Vec<Part>,
    /// What complete choices come to, none of them beaten.
    complete: Vec<(Minute, Spent)>,
    /// For each lot the least that a consignment with some of it comes to, each measure by itself.
    least: Vec<(Minute, Spent)>,
}

/// Every choice of `offers` that brings exactly `needs` and that no other beats, where all choices together take
/// at most `limits` from the contested pools.
pub(super) fn cover(needs: Vec<i64>, offers: &[Offer], limits: &[i64]) -> Vec<Choice> {
    // Each choice is built in one order only: the next consignment brings some of the first lot that is missing.
    let by_first: Vec<Vec<u32>> = (0..needs.len())
        .map(|lot| (0..).zip(offers).filter(|(_, offer)| offer.gives[lot] > 0).map(|(at, _)| at).collect())
        .collect();
    let mut covering = Covering::new(&needs, offers, limits);
    let nothing = Part { ready: Minute::MIN, spent: Spent::default(), takes: 0, before: NONE, offer: NONE };
    let mut states = BTreeMap::from([(needs, vec![nothing])]);
    while let Some((missing, parts)) = states.pop_last() {
        let parts = covering.unbeaten(parts, &missing);
        let Some(first) = missing.iter().position(|units| *units > 0) else {
            return parts.iter().map(|part| covering.choice(part)).collect();
        };
        let before = u32::try_from(covering.chosen.len()).unwrap_or(NONE);
        covering.chosen.extend(&parts);
        for &offer in &by_first[first] {
            let gives = &offers[offer as usize].gives;
            if fits(&missing, gives) {
                let left: Vec<i64> = missing.iter().zip(gives).map(|(a, b)| a - b).collect();
                let longer = covering.longer(&parts, before, offer, &left);
                if !longer.is_empty() {
                    states.entry(left).or_default().extend(longer);
                }
            }
        }
    }
    Vec::new()
}

impl<'o> Covering<'o> {
    fn new(needs: &[i64], offers: &'o [Offer], limits: &'o [i64]) -> Self {
        let least = |lot: usize| {
            let some = offers.iter().filter(|offer| offer.gives[lot] > 0);
            some.map(|offer| (offer.ready, offer.spent))
                .reduce(|a, b| (a.0.min(b.0), each(a.1, b.1, i64::min)))
                .unwrap_or_default()
        };
        let least = (0..needs.len()).map(least).collect();
        let (takes, places) = (Vec::new(), BTreeMap::new());
        let (chosen, complete) = (Vec::new(), Vec::new());
        let mut covering = Self { offers, limits, takes, places, chosen, complete, least };
        covering.place(vec![0; limits.len()]);
        for whole in offers.iter().filter(|offer| offer.gives == needs) {
            if whole.takes.iter().zip(limits).all(|(takes, limit)| takes <= limit) {
                covering.complete((whole.ready, whole.spent));
            }
        }
        covering
    }

    /// `parts`, which are chosen already from `before` on, with one more consignment each, as far as they take no
    /// more than there is and could still come to something. `left` is missing then.
    fn longer(&mut self, parts: &[Part], before: u32, offer: u32, left: &[i64]) -> Vec<Part> {
        let one = &self.offers[offer as usize];
        let done = left.iter().all(|units| *units == 0);
        // Whoever brings what is left takes at least this.
        let lots = left.iter().zip(&self.least).filter(|(units, _)| **units > 0).map(|(_, least)| *least);
        let rest = lots.reduce(|a, b| (a.0.max(b.0), each(a.1, b.1, i64::max)));
        let rest = rest.unwrap_or((Minute::MIN, Spent::default()));
        let mut longer = Vec::new();
        let mut known: Option<(u32, Option<u32>)> = None;
        for (part, before) in parts.iter().zip(before..) {
            let (ready, spent) = (part.ready.max(one.ready), part.spent + one.spent);
            if !done && self.is_hopeless((ready.max(rest.0), spent + rest.1)) {
                continue;
            }
            let takes = match known {
                Some((of, takes)) if of == part.takes => takes,
                _ => self.taking(part.takes, &one.takes),
            };
            known = Some((part.takes, takes));
            if let Some(takes) = takes {
                longer.push(Part { ready, spent, takes, before, offer });
                if done {
                    self.complete((ready, spent));
                }
            }
        }
        longer
    }

    /// What is taken with some more, unless that is more than there is.
    fn taking(&mut self, takes: u32, more: &[i64]) -> Option<u32> {
        let sum: Vec<i64> = self.takes[takes as usize].iter().zip(more).map(|(a, b)| a + b).collect();
        if sum.iter().zip(self.limits).any(|(takes, limit)| takes > limit) {
            return None;
        }
        Some(self.place(sum))
    }

    fn place(&mut self, takes: Vec<i64>) -> u32 {
        let next = u32::try_from(self.takes.len()).unwrap_or(NONE);
        *self.places.entry(takes).or_insert_with_key(|takes| {
            self.takes.push(takes.clone());
            next
        })
    }

    /// Whether a complete choice beats what comes to no less than this. What does moves towards the front: it will
    /// do so again.
    fn is_hopeless(&mut self, (ready, spent): (Minute, Spent)) -> bool {
        let beats = |known: &(Minute, Spent)| known.0 <= ready && known.1.is_no_more_than(&spent);
        let Some(index) = self.complete.iter().position(beats) else { return false };
        self.complete.swap(index, index / 2);
        true
    }

    fn complete(&mut self, (ready, spent): (Minute, Spent)) {
        if !self.is_hopeless((ready, spent)) {
            self.complete.retain(|known| !(ready <= known.0 && spent.is_no_more_than(&known.1)));
            self.complete.push((ready, spent));
        }
    }

    /// Those that no other beats that takes no more. What was taken counts as long as something that is missing
    /// could be taken from there.
    fn unbeaten(&mut self, parts: Vec<Part>, missing: &[i64]) -> Vec<Part> {
        let useful = || self.offers.iter().filter(|offer| fits(missing, &offer.gives));
        let counts: Vec<bool> =
            (0..self.limits.len()).map(|pool| useful().any(|offer| offer.takes[pool] > 0)).collect();
        let mut alike: BTreeMap<u32, Vec<Part>> = BTreeMap::new();
        for part in parts {
            alike.entry(part.takes).or_default().push(part);
        }
        let mut groups: BTreeMap<Vec<i64>, Vec<Part>> = BTreeMap::new();
        for (takes, parts) in alike {
            let takes = self.takes[takes as usize].iter().zip(&counts);
            let takes: Vec<i64> = takes.map(|(takes, counts)| if *counts { *takes } else { 0 }).collect();
            let place = self.place(takes.clone());
            let counted = parts.into_iter().map(|part| Part { takes: place, ..part });
            groups.entry(takes).or_default().extend(counted);
        }
        unbeaten_groups(groups, Part::score)
    }

    /// A part written out.
    fn choice(&self, part: &Part) -> Choice {
        let earlier = |part: &Part| self.chosen.get(part.before as usize).copied();
        let parts = std::iter::successors(Some(*part), earlier);
        let mut offers: Vec<&Offer> = parts.filter_map(|part| self.offers.get(part.offer as usize)).collect();
        offers.reverse();
        let ways = offers.iter().map(|offer| offer.way).collect();
        let of_pool = |pool: usize| offers.iter().map(|offer| offer.takes[pool]).sum();
        let takes = (0..self.limits.len()).map(of_pool).collect();
        Choice { ready: part.ready, spent: part.spent, takes, ways }
    }
}

/// Two sums measure by measure.
fn each(a: Spent, b: Spent, of: impl Fn(i64, i64) -> i64) -> Spent {
    Spent {
        cost_minor: of(a.cost_minor, b.cost_minor),
        co2_g: of(a.co2_g, b.co2_g),
        risk_micro: of(a.risk_micro, b.risk_micro),
    }
}

fn fits(missing: &[i64], gives: &[i64]) -> bool {
    missing.iter().zip(gives).all(|(missing, gives)| gives <= missing)
}

/// What no other choice beats that takes no more from the contested pools.
pub(super) fn unbeaten_by_takes(choices: Vec<Choice>) -> Vec<Choice> {
    let mut groups: BTreeMap<Vec<i64>, Vec<Choice>> = BTreeMap::new();
    for choice in choices {
        groups.entry(choice.takes.clone()).or_default().push(choice);
    }
    unbeaten_groups(groups, |choice| (choice.ready, choice.spent))
}

/// What nothing beats that takes no more, by what is taken.
fn unbeaten_groups<T>(
    groups: BTreeMap<Vec<i64>, Vec<T>>,
    score: impl Fn(&T) -> (Minute, Spent) + Copy,
) -> Vec<T> {
    let mut kept: Vec<(Vec<i64>, Vec<T>)> = Vec::with_capacity(groups.len());
    // Whoever takes no more comes first in this order.
    for (takes, group) in groups {
        let modest = |other: &&(Vec<i64>, Vec<T>)| other.0.iter().zip(&takes).all(|(a, b)| a <= b);
        let beaten = |one: &T| {
            let (ready, spent) = score(one);
            let mut others = kept.iter().filter(modest).flat_map(|(_, group)| group).map(score);
            others.any(|(known, by)| known <= ready && by.is_no_more_than(&spent))
        };
        let mut group = unbeaten(group, score);
        group.retain(|one| !beaten(one));
        kept.push((takes, group));
    }
    thinned(kept.into_iter().flat_map(|(_, group)| group).collect(), score)
}

fn thinned<T>(choices: Vec<T>, score: impl Fn(&T) -> (Minute, Spent)) -> Vec<T> {
    if choices.len() <= CHOICES_MAX {
        return choices;
    }
    let best = |measure: &dyn Fn((Minute, Spent)) -> i64| {
        (0..choices.len()).min_by_key(|&index| measure(score(&choices[index])))
    };
    let mut kept: BTreeSet<usize> = [
        best(&|(ready, _)| i64::from(ready)),
        best(&|(_, spent)| spent.cost_minor),
        best(&|(_, spent)| spent.co2_g),
        best(&|(_, spent)| spent.risk_micro),
    ]
    .into_iter()
    .flatten()
    .collect();
    let step = choices.len().div_ceil(CHOICES_MAX - kept.len());
    kept.extend((0..choices.len()).step_by(step));
    choices.into_iter().enumerate().filter(|(index, _)| kept.contains(index)).map(|(_, one)| one).collect()
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
            // At most 35 of the subsets of seven offers can bring the same: no state keeps fewer choices than it has.
            offers in prop::collection::vec(offer(), 1..8),
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
