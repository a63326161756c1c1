//! Which consignments together cover everything that is missing: dynamic programming over what is still missing.
//! A state is what each lot still lacks; each state keeps every choice that no other beats.
//!
//! Consignments that take from contested pools are decided place by place: what each place could send is worked out
//! first, and what it took is forgotten where no place after it takes from the same pools. All others come in the
//! end, as often as one likes.
//!
//! Without kits it is exact as long as no state has more than [`THERE`] choices. Of more, whatever is the cheapest,
//! the greenest or the safest for its arrival is always kept, so that the best by each of these is exact always,
//! whatever the deadline, and more offers never make it worse. Only places with very many contested pools of their
//! own come to so many ways of taking that some are dropped.
//!
//! Kits come on top: their parts lie anywhere, so that everything is in the way of everything else. They can only
//! add to what was found without them, and are looked at as far as [`PREPARED`] goes.

use std::collections::BTreeMap;

use super::completion::{Brings, Completion, Taking, both, brings, fits, with};
use super::thinning::{PREPARED, Room, THERE, unbeaten_groups};
use crate::compile::Minute;
use crate::draft::{Spent, unbeaten};

/// One consignment on one way.
#[derive(Debug, Clone)]
pub(super) struct Offer {
    /// How much of each lot it brings.
    pub(super) gives: Vec<i64>,
    pub(super) ready: Minute,
    pub(super) spent: Spent,
    /// What it takes from each contested pool.
    pub(super) takes: Vec<i64>,
    /// Whose consignment it is: what takes from contested pools is decided place by place.
    pub(super) place: u32,
    /// Whether something in it is put together first.
    pub(super) prepared: bool,
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

/// What some consignments come to, not written out: which they are is found by following `before` and `last`.
#[derive(Debug, Clone, Copy)]
struct Part {
    ready: Minute,
    spent: Spent,
    /// What they take where something that is missing could be taken from, an index into [`Covering::takes`].
    takes: u32,
    /// The same without the last, an index into [`Covering::chosen`].
    before: u32,
    last: Last,
}

/// What was added last.
#[derive(Debug, Clone, Copy)]
enum Last {
    Nothing,
    Offer(u32),
    /// All that a place sends, an index into [`Covering::chosen`].
    Plan(u32),
}

const NONE: u32 = u32::MAX;

impl Part {
    const NOTHING: Self = Self {
        ready: Minute::MIN,
        spent: Spent { cost_minor: 0, co2_g: 0, risk_micro: 0 },
        takes: 0,
        before: NONE,
        last: Last::Nothing,
    };

    const fn score(&self) -> (Minute, Spent) {
        (self.ready, self.spent)
    }
}

/// Choices by what is missing, or what they bring.
type States = BTreeMap<Vec<i64>, Vec<Part>>;

/// Choices in the making.
struct Covering<'o> {
    needs: &'o [i64],
    offers: &'o [Offer],
    limits: &'o [i64],
    room: Room,
    /// What choices take from the contested pools; each of these once.
    takes: Vec<Vec<i64>>,
    /// Where each of these stands.
    places: BTreeMap<Vec<i64>, u32>,
    /// Parts that something was added to.
    chosen: Vec<Part>,
    /// What complete choices come to, none of them beaten.
    complete: Vec<(Minute, Spent)>,
}

/// Every choice of `offers` that brings exactly `needs` and that no other beats, where all choices together take
/// at most `limits` from the contested pools.
pub(super) fn cover(needs: &[i64], offers: &[Offer], limits: &[i64]) -> Vec<Choice> {
    let (prepared, there): (Vec<u32>, Vec<u32>) =
        (0..).zip(offers).map(|(index, _)| index).partition(|index: &u32| offers[*index as usize].prepared);
    let mut found = Covering::new(needs, offers, limits, THERE).run(&there);
    if !prepared.is_empty() {
        let mut covering = Covering::new(needs, offers, limits, PREPARED);
        covering.complete = found.iter().map(|choice| (choice.ready, choice.spent)).collect();
        found.extend(covering.run(&[there, prepared].concat()));
    }
    unbeaten(found, |choice| (choice.ready, choice.spent))
}

/// Those of `offers` in `among` that take from contested pools, place by place, and all others.
fn stages(offers: &[Offer], among: &[u32]) -> (Vec<Vec<u32>>, Vec<u32>) {
    let (mut stages, mut free) = (BTreeMap::<u32, Vec<u32>>::new(), Vec::new());
    for &index in among {
        let offer = &offers[index as usize];
        if offer.takes.iter().any(|units| *units > 0) {
            stages.entry(offer.place).or_default().push(index);
        } else {
            free.push(index);
        }
    }
    (stages.into_values().collect(), free)
}

impl<'o> Covering<'o> {
    fn new(needs: &'o [i64], offers: &'o [Offer], limits: &'o [i64], room: Room) -> Self {
        let (takes, places) = (Vec::new(), BTreeMap::new());
        let (chosen, complete) = (Vec::new(), Vec::new());
        let mut covering = Self { needs, offers, limits, room, takes, places, chosen, complete };
        covering.place(vec![0; limits.len()]);
        covering
    }

    /// Every choice among some of the offers.
    fn run(mut self, among: &[u32]) -> Vec<Choice> {
        let (stages, free) = stages(self.offers, among);
        let offers = self.offers;
        let taking = |stages: &mut dyn Iterator<Item = &Vec<u32>>| {
            Taking::of(stages.flatten().map(|&offer| &offers[offer as usize]))
        };
        let mut plans = Vec::with_capacity(stages.len());
        for (at, stage) in stages.iter().enumerate() {
            let others = taking(&mut stages[..at].iter().chain(&stages[at + 1..]));
            plans.push(self.plans(stage, &others));
        }
        let of_free = brings(free.iter().map(|&offer| &offers[offer as usize]));
        // What it takes at least to bring the rest after each stage, the last one first.
        let mut bounds = vec![Completion::of_free(self.needs, &of_free)];
        for plans in plans.iter().skip(1).rev() {
            let least = |(gives, plans): (&Vec<i64>, &Vec<Part>)| -> Option<Brings> {
                Some((gives.clone(), plans.iter().map(Part::score).reduce(both)?))
            };
            let brings: Vec<Brings> = plans.iter().filter_map(least).collect();
            bounds.extend(bounds.last().map(|later| later.preceded(&brings)));
        }
        let mut states = BTreeMap::from([(self.needs.to_vec(), vec![Part::NOTHING])]);
        for (at, plans) in plans.iter().enumerate() {
            let later = taking(&mut stages[at + 1..].iter());
            states = self.stage(states, plans, &bounds[stages.len() - 1 - at], &later);
        }
        self.freely(states, &free, &bounds[0])
    }

    /// Every set of consignments that one place can send and no other of its sets beats, by what they bring. Of
    /// what they take, only what `others` could take too is noted.
    ///
    /// Each set is built in one order: what is added brings nothing of a lot after the first that is brought.
    fn plans(&mut self, stage: &[u32], others: &Taking) -> States {
        let (mut plans, nothing) = (States::new(), vec![0; self.needs.len()]);
        let mut open: States = BTreeMap::from([(nothing, vec![Part::NOTHING])]);
        while let Some((gives, parts)) = open.pop_first() {
            let parts = self.unbeaten(parts, &vec![true; self.limits.len()]);
            let before = self.chosen.len();
            self.chosen.extend(&parts);
            let first = gives.iter().position(|units| *units > 0).unwrap_or(self.needs.len());
            for &offer in stage {
                let one = &self.offers[offer as usize];
                let sum: Vec<i64> = gives.iter().zip(&one.gives).map(|(a, b)| a + b).collect();
                let in_order = one.gives.iter().position(|units| *units > 0) <= Some(first);
                if in_order && fits(self.needs, &sum) {
                    let longer =
                        self.longer(&parts, before, (one.ready, one.spent), &one.takes, Last::Offer(offer));
                    open.entry(sum).or_default().extend(longer);
                }
            }
            if first < self.needs.len() {
                let parts = self.unbeaten(parts, &others.counting(self.needs, self.limits.len()));
                plans.insert(gives, parts);
            }
        }
        plans
    }

    /// `states` with all that one place sends, or nothing, as far as it could still come to something.
    fn stage(&mut self, states: States, plans: &States, bound: &Completion, later: &Taking) -> States {
        let mut next = States::new();
        for (missing, parts) in states {
            let before = self.chosen.len();
            self.chosen.extend(&parts);
            for (gives, plans) in plans.iter().filter(|(gives, _)| fits(&missing, gives)) {
                let left: Vec<i64> = missing.iter().zip(gives).map(|(a, b)| a - b).collect();
                let Some(rest) = bound.least(&left) else { continue };
                let done = left.iter().all(|units| *units == 0);
                for plan in plans {
                    let place = u32::try_from(self.chosen.len()).unwrap_or(NONE);
                    self.chosen.push(*plan);
                    let takes = self.takes[plan.takes as usize].clone();
                    let longer = self.longer(&parts, before, plan.score(), &takes, Last::Plan(place));
                    let hopeful = self.hopeful(longer, rest, done);
                    if !hopeful.is_empty() {
                        next.entry(left.clone()).or_default().extend(hopeful);
                    }
                }
            }
            if let Some(rest) = bound.least(&missing) {
                let done = missing.iter().all(|units| *units == 0);
                let parts = if done { parts } else { self.hopeful(parts, rest, done) };
                next.entry(missing).or_default().extend(parts);
            }
        }
        let unbeaten = |(missing, parts): (Vec<i64>, Vec<Part>)| {
            let counts = later.counting(&missing, self.limits.len());
            let parts = self.unbeaten(parts, &counts);
            (missing, parts)
        };
        next.into_iter().map(unbeaten).collect()
    }

    /// What comes of `states` when `free` offers bring what is missing.
    ///
    /// Each choice is built in one order only: the next consignment brings some of the first lot that is missing.
    fn freely(&mut self, mut states: States, free: &[u32], bound: &Completion) -> Vec<Choice> {
        let by_first: Vec<Vec<u32>> = (0..self.needs.len())
            .map(|lot| {
                free.iter().filter(|one| self.offers[**one as usize].gives[lot] > 0).copied().collect()
            })
            .collect();
        while let Some((missing, parts)) = states.pop_last() {
            let parts = self.unbeaten(parts, &vec![false; self.limits.len()]);
            let Some(first) = missing.iter().position(|units| *units > 0) else {
                return parts.iter().map(|part| self.choice(part)).collect();
            };
            let before = self.chosen.len();
            self.chosen.extend(&parts);
            for &offer in &by_first[first] {
                let one = &self.offers[offer as usize];
                if !fits(&missing, &one.gives) {
                    continue;
                }
                let left: Vec<i64> = missing.iter().zip(&one.gives).map(|(a, b)| a - b).collect();
                let Some(rest) = bound.least(&left) else { continue };
                let done = left.iter().all(|units| *units == 0);
                let longer = self.longer(&parts, before, (one.ready, one.spent), &[], Last::Offer(offer));
                let hopeful = self.hopeful(longer, rest, done);
                if !hopeful.is_empty() {
                    states.entry(left).or_default().extend(hopeful);
                }
            }
        }
        Vec::new()
    }

    /// `parts`, which are chosen already from `before` on, with more each, as far as they take no more than there
    /// is.
    fn longer(
        &mut self,
        parts: &[Part],
        before: usize,
        more: (Minute, Spent),
        takes: &[i64],
        last: Last,
    ) -> Vec<Part> {
        let before = u32::try_from(before).unwrap_or(NONE);
        let mut longer = Vec::with_capacity(parts.len());
        let mut known: Option<(u32, Option<u32>)> = None;
        for (part, before) in parts.iter().zip(before..) {
            let takes = match known {
                Some((of, takes)) if of == part.takes => takes,
                _ => self.taking(part.takes, takes),
            };
            known = Some((part.takes, takes));
            if let Some(takes) = takes {
                let (ready, spent) = with(part.score(), more);
                longer.push(Part { ready, spent, takes, before, last });
            }
        }
        longer
    }

    /// Those that no complete choice beats even if they are completed with no more than `rest`. Whoever is `done`
    /// is complete.
    fn hopeful(&mut self, mut parts: Vec<Part>, rest: (Minute, Spent), done: bool) -> Vec<Part> {
        parts.retain(|part| {
            let hopeful = !self.is_hopeless(with(part.score(), rest));
            if hopeful && done {
                self.complete(part.score());
            }
            hopeful
        });
        parts
    }

    /// What is taken with some more, unless that is more than there is.
    fn taking(&mut self, takes: u32, more: &[i64]) -> Option<u32> {
        if more.iter().all(|units| *units == 0) {
            return Some(takes);
        }
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
        self.complete.retain(|known| !(ready <= known.0 && spent.is_no_more_than(&known.1)));
        self.complete.push((ready, spent));
    }

    /// Those that no other beats that takes no more from the pools that count.
    fn unbeaten(&mut self, parts: Vec<Part>, counts: &[bool]) -> Vec<Part> {
        let mut alike: BTreeMap<u32, Vec<Part>> = BTreeMap::new();
        for part in parts {
            alike.entry(part.takes).or_default().push(part);
        }
        let mut groups: BTreeMap<Vec<i64>, Vec<Part>> = BTreeMap::new();
        for (takes, parts) in alike {
            let takes = self.takes[takes as usize].iter().zip(counts);
            let takes: Vec<i64> = takes.map(|(takes, counts)| if *counts { *takes } else { 0 }).collect();
            let place = self.place(takes.clone());
            let counted = parts.into_iter().map(|part| Part { takes: place, ..part });
            groups.entry(takes).or_default().extend(counted);
        }
        unbeaten_groups(groups, Part::score, self.room)
    }

    /// A part written out.
    fn choice(&self, part: &Part) -> Choice {
        let mut offers = Vec::new();
        let mut open = vec![*part];
        while let Some(part) = open.pop() {
            open.extend(self.chosen.get(part.before as usize));
            match part.last {
                Last::Nothing => {}
                Last::Offer(offer) => offers.extend(self.offers.get(offer as usize)),
                Last::Plan(plan) => open.extend(self.chosen.get(plan as usize)),
            }
        }
        let ways = offers.iter().map(|offer| offer.way).collect();
        let of_pool = |pool: usize| offers.iter().map(|offer| offer.takes[pool]).sum();
        let takes = (0..self.limits.len()).map(of_pool).collect();
        Choice { ready: part.ready, spent: part.spent, takes, ways }
    }
}

/// What no other choice beats that takes no more from the contested pools.
pub(super) fn unbeaten_by_takes(choices: Vec<Choice>) -> Vec<Choice> {
    let mut groups: BTreeMap<Vec<i64>, Vec<Choice>> = BTreeMap::new();
    for choice in choices {
        groups.entry(choice.takes.clone()).or_default().push(choice);
    }
    unbeaten_groups(groups, |choice| (choice.ready, choice.spent), THERE)
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
                place: 0,
                prepared: false,
                way: 0,
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]
        #[test]
        fn the_front_is_what_writing_out_every_subset_gives(
            needs in prop::collection::vec(1..4i64, 3),
            offers in prop::collection::vec(offer(), 1..8),
            limits in prop::collection::vec(1..6i64, 2),
            (places, prepared) in (prop::collection::vec(0..3u32, 8), any::<bool>()),
        ) {
            // An offer is there once: a contested pool of its own says so.
            let count = offers.len();
            let offers: Vec<Offer> = offers.into_iter().enumerate().map(|(index, mut offer)| {
                offer.way = index;
                (offer.place, offer.prepared) = (places[index], prepared && index == 0);
                offer.takes.extend((0..count).map(|own| i64::from(own == index)));
                offer
            }).collect();
            let limits: Vec<i64> = limits.into_iter().chain(std::iter::repeat_n(1, count)).collect();
            let found = cover(&needs, &offers, &limits);
            let best = unbeaten(found, |choice| (choice.ready, choice.spent));
            let best: Vec<_> = best.iter().map(|choice| (choice.ready, choice.spent.cost_minor)).collect();
            prop_assert_eq!(best, enumerated(&needs, &offers, &limits));
        }
    }
}
