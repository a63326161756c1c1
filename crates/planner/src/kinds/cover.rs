//! Which consignments together cover everything that is missing: dynamic programming over what is still missing.
//! A state is what each lot still lacks; each state keeps every choice that no other beats.
//!
//! Consignments that take from contested pools are decided place by place: what each place could send is worked out
//! first, and what it took is forgotten where no place after it takes from the same pools. All others come in the
//! end, as often as one likes.
//!
//! What some quickly found choices beat is not looked at (see `incumbents`).
//!
//! Without kits it is exact as long as no state has more than [`THERE`] choices. Of more, whatever is the cheapest,
//! the greenest or the safest for its arrival is always kept, so that the best by each of these is exact always,
//! whatever the deadline, and more offers never make it worse. Only places with very many contested pools of their
//! own come to so many ways of taking that some are dropped.
//!
//! Kits come on top: their parts lie anywhere, so that everything is in the way of everything else. They can only
//! add to what was found without them, and are looked at as far as [`PREPARED`] goes.

use std::collections::BTreeMap;

use super::completion::{Brings, Completion, Taking, brings, lower, upper, with};
use super::incumbents::incumbents;
use super::offer::{Offer, Units, first, fits, less};
use super::rivals::Rivals;
use super::thinning::{PREPARED, Room, THERE, unbeaten_groups};
use crate::compile::Minute;
use crate::draft::{Spent, unbeaten};

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
/// From so many parts on it pays to look first for what could beat any of them.
const MANY: usize = 3;

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
type States = BTreeMap<Units, Vec<Part>>;

/// Parts that more is added to.
struct Base {
    parts: Vec<Part>,
    /// Where the first of them stands in [`Covering::chosen`].
    before: u32,
    /// The least and the most that any of them comes to, each measure by itself.
    least: (Minute, Spent),
    most: (Minute, Spent),
}

/// What is added to parts.
#[derive(Debug, Clone)]
struct Step {
    score: (Minute, Spent),
    takes: Vec<i64>,
    last: Last,
}

/// What is to come after a step.
#[derive(Debug, Clone, Copy)]
struct Rest {
    /// What it comes to at least.
    least: (Minute, Spent),
    /// Whether nothing is missing any more.
    done: bool,
}

/// Choices in the making.
struct Covering<'o> {
    needs: &'o Units,
    offers: &'o [Offer],
    limits: &'o [i64],
    room: Room,
    /// What choices take from the contested pools; each of these once.
    takes: Vec<Vec<i64>>,
    /// Where each of these stands.
    places: BTreeMap<Vec<i64>, u32>,
    /// Parts that something was added to.
    chosen: Vec<Part>,
    rivals: Rivals,
    /// Those that could beat what is being extended.
    near: Rivals,
}

/// Every choice of `offers` that brings exactly `needs` and that no other beats, where all choices together take
/// at most `limits` from the contested pools.
pub(super) fn cover(needs: &Units, offers: &[Offer], limits: &[i64]) -> Vec<Choice> {
    let (prepared, there): (Vec<u32>, Vec<u32>) =
        (0..).zip(offers).map(|(index, _)| index).partition(|index: &u32| offers[*index as usize].prepared);
    let among: Vec<&Offer> = there.iter().map(|&offer| &offers[offer as usize]).collect();
    let rivals = Rivals::new(Vec::new(), incumbents(needs, &among, limits));
    let mut found = Covering::new(needs, offers, limits, THERE, rivals).run(&there);
    if !prepared.is_empty() {
        let complete = found.iter().map(|choice| (choice.ready, choice.spent)).collect();
        let rivals = Rivals::new(complete, Vec::new());
        let covering = Covering::new(needs, offers, limits, PREPARED, rivals);
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
    fn new(needs: &'o Units, offers: &'o [Offer], limits: &'o [i64], room: Room, rivals: Rivals) -> Self {
        let (takes, places, chosen) = (Vec::new(), BTreeMap::new(), Vec::new());
        let near = Rivals::default();
        let mut covering = Self { needs, offers, limits, room, takes, places, chosen, rivals, near };
        covering.place(vec![0; limits.len()]);
        covering
    }

    /// Every choice among some of the offers.
    fn run(mut self, among: &[u32]) -> Vec<Choice> {
        let (stages, free) = stages(self.offers, among);
        let offers = self.offers;
        let of =
            |offers: &'o [Offer], some: &[u32]| brings(some.iter().map(|&offer| &offers[offer as usize]));
        let taking = |stages: &mut dyn Iterator<Item = &Vec<u32>>| {
            Taking::of(stages.flatten().map(|&offer| &offers[offer as usize]))
        };
        // Every offer can be sent at most as often as one likes.
        let any = Completion::of_free(self.needs, &of(offers, among));
        let mut plans = Vec::with_capacity(stages.len());
        for (at, stage) in stages.iter().enumerate() {
            let others = taking(&mut stages[..at].iter().chain(&stages[at + 1..]));
            plans.push(self.plans(stage, &any, &others));
        }
        // What it takes at least to bring the rest after each stage, the last one first.
        let mut bounds = vec![Completion::of_free(self.needs, &of(offers, &free))];
        for plans in plans.iter().skip(1).rev() {
            let least = |(gives, plans): (&Units, &Vec<Part>)| -> Option<Brings> {
                Some((*gives, plans.iter().map(Part::score).reduce(lower)?))
            };
            let brings: Vec<Brings> = plans.iter().filter_map(least).collect();
            bounds.extend(bounds.last().map(|later| later.preceded(&brings)));
        }
        let mut states = BTreeMap::from([(*self.needs, vec![Part::NOTHING])]);
        for (at, plans) in plans.into_iter().enumerate() {
            let later = taking(&mut stages[at + 1..].iter());
            states = self.stage(states, plans, &bounds[stages.len() - 1 - at], &later);
        }
        self.freely(states, &free, &bounds[0])
    }

    /// Every set of consignments that one place can send and no other of its sets beats, by what they bring, as far
    /// as it could come to something with `any` others. Of what they take, only what `others` could take too is noted.
    ///
    /// Each set is built in one order: what is added brings nothing of a lot after the first that is brought.
    fn plans(&mut self, stage: &[u32], any: &Completion, others: &Taking) -> States {
        let (mut plans, mut longer) = (States::new(), Vec::new());
        let mut open: States = BTreeMap::from([(Units::default(), vec![Part::NOTHING])]);
        while let Some((gives, parts)) = open.pop_first() {
            let parts = self.unbeaten(parts, &vec![true; self.limits.len()]);
            let begun = first(&gives);
            let base = self.base(parts);
            for &offer in stage {
                let one = &self.offers[offer as usize];
                let sum = std::array::from_fn(|lot| gives[lot] + one.gives[lot]);
                let in_order = begun.is_none_or(|begun| first(&one.gives) <= Some(begun));
                if !in_order || !fits(self.needs, &sum) {
                    continue;
                }
                let Some(least) = any.least(&less(self.needs, &sum)) else { continue };
                let step = Step { score: one.score(), takes: one.takes.clone(), last: Last::Offer(offer) };
                self.extend(&base, &step, Rest { least, done: false }, &mut longer);
                if !longer.is_empty() {
                    open.entry(sum).or_default().append(&mut longer);
                }
            }
            if begun.is_some() {
                let parts = self.unbeaten(base.parts, &others.counting(self.needs, self.limits.len()));
                plans.insert(gives, parts);
            }
        }
        plans
    }

    /// `states` with all that one place sends, or nothing, as far as it could still come to something.
    fn stage(&mut self, states: States, plans: States, bound: &Completion, later: &Taking) -> States {
        let (mut next, mut longer) = (States::new(), Vec::new());
        let mut steps: Vec<(Units, Vec<Step>)> = Vec::with_capacity(plans.len());
        for (gives, plans) in plans {
            let Base { parts, before, .. } = self.base(plans);
            let takes = |plan: &Part| self.takes[plan.takes as usize].clone();
            let step = |(plan, place): (&Part, u32)| Step {
                score: plan.score(),
                takes: takes(plan),
                last: Last::Plan(place),
            };
            steps.push((gives, parts.iter().zip(before..).map(step).collect()));
        }
        for (missing, parts) in states {
            let base = self.base(parts);
            for (gives, steps) in steps.iter().filter(|(gives, _)| fits(&missing, gives)) {
                let left = less(&missing, gives);
                let Some(least) = bound.least(&left) else { continue };
                let rest = Rest { least, done: first(&left).is_none() };
                steps.iter().for_each(|step| self.extend(&base, step, rest, &mut longer));
                if !longer.is_empty() {
                    next.entry(left).or_default().append(&mut longer);
                }
            }
            if let Some(least) = bound.least(&missing) {
                let done = first(&missing).is_none();
                let hopeful = |part: &Part| done || !self.rivals.beat(&with(part.score(), least));
                next.entry(missing).or_default().extend(base.parts.into_iter().filter(hopeful));
            }
        }
        let unbeaten = |(missing, parts): (Units, Vec<Part>)| {
            let counts = later.counting(&missing, self.limits.len());
            (missing, self.unbeaten(parts, &counts))
        };
        next.into_iter().map(unbeaten).collect()
    }

    /// What comes of `states` when `free` offers bring what is missing.
    ///
    /// Each choice is built in one order only: the next consignment brings some of the first lot that is missing.
    fn freely(&mut self, mut states: States, free: &[u32], bound: &Completion) -> Vec<Choice> {
        let steps = |lot: usize| {
            let brings = |offer: &&u32| self.offers[**offer as usize].gives[lot] > 0;
            let step = |&offer: &u32| {
                let one = &self.offers[offer as usize];
                (one.gives, Step { score: one.score(), takes: Vec::new(), last: Last::Offer(offer) })
            };
            free.iter().filter(brings).map(step).collect()
        };
        let by_first: Vec<Vec<(Units, Step)>> = (0..self.needs.len()).map(steps).collect();
        let mut longer = Vec::new();
        while let Some((missing, parts)) = states.pop_last() {
            let parts = self.unbeaten(parts, &vec![false; self.limits.len()]);
            let Some(first_lot) = first(&missing) else {
                return parts.iter().map(|part| self.choice(part)).collect();
            };
            let base = self.base(parts);
            for alike in by_first[first_lot].chunk_by(|(one, _), (other, _)| one == other) {
                let gives = &alike[0].0;
                if !fits(&missing, gives) {
                    continue;
                }
                let left = less(&missing, gives);
                let Some(least) = bound.least(&left) else { continue };
                let rest = Rest { least, done: first(&left).is_none() };
                alike.iter().for_each(|(_, step)| self.extend(&base, step, rest, &mut longer));
                if !longer.is_empty() {
                    states.entry(left).or_default().append(&mut longer);
                }
            }
        }
        Vec::new()
    }

    fn base(&mut self, parts: Vec<Part>) -> Base {
        let before = u32::try_from(self.chosen.len()).unwrap_or(NONE);
        self.chosen.extend(&parts);
        let least = parts.iter().map(Part::score).reduce(lower).unwrap_or_default();
        let most = parts.iter().map(Part::score).reduce(upper).unwrap_or_default();
        Base { parts, before, least, most }
    }

    /// Adds the parts of `base` with one `step` more to `longer`, as far as they take no more than there is and
    /// nothing known beats them even if they are completed with no more than the `rest`.
    fn extend(&mut self, base: &Base, step: &Step, rest: Rest, longer: &mut Vec<Part>) {
        let to_come = with(step.score, rest.least);
        if base.parts.len() > 1 && self.rivals.beat(&with(base.least, to_come)) {
            return;
        }
        let many = base.parts.len() >= MANY;
        if many {
            self.near.select(&self.rivals, &with(base.most, to_come));
        }
        let mut known: Option<(u32, Option<u32>)> = None;
        for (part, before) in base.parts.iter().zip(base.before..) {
            let rivals = if many { &mut self.near } else { &mut self.rivals };
            if rivals.beat(&with(part.score(), to_come)) {
                continue;
            }
            let takes = match known {
                Some((of, takes)) if of == part.takes => takes,
                _ => self.taking(part.takes, &step.takes),
            };
            known = Some((part.takes, takes));
            if let Some(takes) = takes {
                let (ready, spent) = with(part.score(), step.score);
                longer.push(Part { ready, spent, takes, before, last: step.last });
                if rest.done {
                    self.rivals.add((ready, spent));
                    if many {
                        self.near.add((ready, spent));
                    }
                }
            }
        }
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

    /// Those that no other beats that takes no more from the pools that count.
    fn unbeaten(&mut self, mut parts: Vec<Part>, counts: &[bool]) -> Vec<Part> {
        parts.sort_by_key(|part| part.takes);
        let mut known = None;
        for part in &mut parts {
            let counted = match known {
                Some((takes, counted)) if takes == part.takes => counted,
                _ => self.counted(part.takes, counts),
            };
            known = Some((part.takes, counted));
            part.takes = counted;
        }
        let takes = |part: &Part| self.takes[part.takes as usize].as_slice();
        if parts.iter().all(|part| part.takes == parts[0].takes) {
            let group = parts.first().map(takes).map(|takes| (takes, std::mem::take(&mut parts)));
            return unbeaten_groups(group.into_iter(), Part::score, self.room);
        }
        // Whoever takes no more comes first in this order.
        parts.sort_by_cached_key(|part| (takes(part).iter().sum::<i64>(), takes(part)));
        let groups = parts.chunk_by(|one, other| one.takes == other.takes);
        unbeaten_groups(groups.map(|group| (takes(&group[0]), group.to_vec())), Part::score, self.room)
    }

    /// What is taken from the pools that count.
    fn counted(&mut self, takes: u32, counts: &[bool]) -> u32 {
        let all = &self.takes[takes as usize];
        if all.iter().zip(counts).all(|(units, counts)| *counts || *units == 0) {
            return takes;
        }
        self.place(all.iter().zip(counts).map(|(units, counts)| if *counts { *units } else { 0 }).collect())
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
    let mut by_takes: BTreeMap<(i64, Vec<i64>), Vec<Choice>> = BTreeMap::new();
    for choice in choices {
        by_takes.entry((choice.takes.iter().sum(), choice.takes.clone())).or_default().push(choice);
    }
    let takes: Vec<Vec<i64>> = by_takes.keys().map(|(_, takes)| takes.clone()).collect();
    let groups = takes.iter().map(Vec::as_slice).zip(by_takes.into_values());
    unbeaten_groups(groups, |choice| (choice.ready, choice.spent), THERE)
}
