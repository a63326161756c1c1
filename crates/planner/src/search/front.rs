//! Multi-label search: labels are settled by arrival, and a bag per site keeps those that nothing beats.
//!
//! Exact because every lane is first in, first out (see `LaneTable`) and no lane has a negative cost.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use super::labels::{Label, Payload, Seed, Unfit};
use super::view::View;
use crate::compile::{Minute, Traffic};

/// A cut-off missed by more than this is not worth asking a carrier to wait.
const MISSED_MINUTES_MAX: Minute = 180;

/// All ways to one site that nothing beats, by arrival.
#[derive(Debug)]
pub(crate) struct Front {
    labels: Vec<Label>,
    at_target: Vec<u32>,
    /// The first lane that refused the payload, for each kind of refusal.
    pub(crate) unfit: Vec<(Unfit, u32)>,
}

/// Cut-offs that were missed narrowly, by lane: the smallest number of minutes.
pub(crate) type Missed = BTreeMap<u32, Minute>;

impl Front {
    /// The labels at the target, the earliest first; the last one is the cheapest.
    pub(crate) fn ways(&self) -> impl Iterator<Item = &Label> {
        self.at_target.iter().map(|&label| &self.labels[label as usize])
    }

    /// The lanes of a way, first to last.
    pub(crate) fn lanes(&self, way: &Label) -> Vec<u32> {
        let mut lanes = Vec::with_capacity(way.legs as usize);
        let mut label = way;
        while label.parent != Label::NONE {
            lanes.push(label.lane);
            label = &self.labels[label.parent as usize];
        }
        lanes.reverse();
        lanes
    }
}

struct Search<'v, 'a> {
    view: &'v View<'a>,
    payload: &'v Payload,
    /// Settled labels; the heap refers to them as parents.
    labels: Vec<Label>,
    bags: Vec<Vec<u32>>,
    heap: BinaryHeap<Reverse<Label>>,
    unfit: Vec<(Unfit, u32)>,
    missed: Missed,
}

/// All ways from any of `seeds` to `target` that nothing beats.
pub(crate) fn front(
    view: &View<'_>,
    payload: &Payload,
    seeds: &[Seed],
    target: u32,
    missed: Option<&mut Missed>,
) -> Front {
    let bags = vec![Vec::new(); view.net.sites.len()];
    let (labels, unfit) = (Vec::new(), Vec::new());
    let mut search =
        Search { view, payload, labels, bags, heap: BinaryHeap::new(), unfit, missed: Missed::new() };
    for seed in seeds {
        search.heap.push(Reverse(Label {
            at: seed.at,
            cost: seed.cost,
            risk_micro: 0,
            co2_g: 0,
            legs: 0,
            site: seed.site,
            parent: Label::NONE,
            lane: Label::NONE,
            tag: seed.tag,
        }));
    }
    while let Some(Reverse(label)) = search.heap.pop() {
        if search.beaten(&label, label.site) || search.beaten(&label, target) {
            continue;
        }
        let index = u32::try_from(search.labels.len()).unwrap_or(Label::NONE);
        search.bags[label.site as usize].push(index);
        search.labels.push(label);
        if label.site != target {
            search.expand(&label, index);
        }
    }
    if let Some(missed) = missed {
        for (lane, by) in search.missed {
            let least = missed.entry(lane).or_insert(by);
            *least = by.min(*least);
        }
    }
    let at_target = std::mem::take(&mut search.bags[target as usize]);
    Front { labels: search.labels, at_target, unfit: search.unfit }
}

impl Search<'_, '_> {
    fn beaten(&self, label: &Label, site: u32) -> bool {
        self.bags[site as usize].iter().any(|&settled| self.labels[settled as usize].dominates(label))
    }

    fn expand(&mut self, label: &Label, index: u32) {
        let traffic = self.payload.traffic;
        for &lane in self.view.net.outgoing(label.site, traffic) {
            let (cost, co2_g) = match self.payload.terms(self.view.net.lane(lane)) {
                Ok(terms) => terms,
                Err(unfit) => {
                    if self.unfit.iter().all(|(known, _)| *known != unfit) {
                        self.unfit.push((unfit, lane));
                    }
                    continue;
                }
            };
            self.remember_missed(lane, label.at);
            let Some(at) = self.view.ready(lane, traffic, label.at) else { continue };
            let data = &self.view.net.lanes[lane as usize];
            let next = Label {
                at,
                cost: label.cost.saturating_add(cost),
                risk_micro: label.risk_micro.saturating_add(data.risk_micro),
                co2_g: label.co2_g.saturating_add(co2_g),
                legs: label.legs + 1,
                site: data.to,
                parent: index,
                lane,
                tag: label.tag,
            };
            if !self.beaten(&next, data.to) {
                self.heap.push(Reverse(next));
            }
        }
    }

    fn remember_missed(&mut self, lane: u32, at: Minute) {
        if self.payload.traffic == Traffic::Goods
            && let Some((hand_over, could_wait)) = self.view.missed(lane, Traffic::Goods, at)
            && could_wait
            && at - hand_over <= MISSED_MINUTES_MAX
        {
            let least = self.missed.entry(lane).or_insert(Minute::MAX);
            *least = (at - hand_over).min(*least);
        }
    }
}
