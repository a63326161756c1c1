//! Multi-label search, led to its target by lower bounds.
//!
//! Ways are settled by the earliest moment at which they could be at the target. That order is also the order of
//! arrival at each site, since the bound obeys the triangle inequality; so everything in a bag arrived no later
//! than what is compared with it, and only what was spent needs comparing. The same holds at the target for the
//! bounds of a way that is not there yet. Lanes between the same two sites are judged together first: what is not
//! worth the least of them is worth none.
//!
//! Exact because every lane is first in, first out (see `LaneTable`), no lane spends less than nothing, and no
//! bound is too high.

use std::collections::BTreeMap;

use super::bounds::{NO_WAY, Terms};
use super::labels::{Counts, Label, Payload, Seed, Sums, Unfit};
use super::memory::Bounds;
use super::view::View;
use super::workspace::{Node, Workspace};
use crate::compile::{Board, Compiled, Minute, Runs, Traffic};
use crate::draft::{Spent, unbeaten};

/// A cut-off missed by more than this is not worth asking a carrier to wait.
const MISSED_MINUTES_MAX: Minute = 180;

/// Most ways that are kept at one site: nine times as many as the widest front of the benches has; and most that are
/// settled: three times as many as the widest search of the benches settles.
const KEPT_MAX: usize = 4_096;
const SETTLED_MAX: usize = 1 << 20;

/// All ways to one site that nothing beats, by arrival.
#[derive(Debug, Default)]
pub(crate) struct Front {
    ways: Vec<Label>,
    lanes: Vec<u32>,
    /// The first lane that refused the payload, for each kind of refusal.
    pub(crate) unfit: Vec<(Unfit, u32)>,
    /// Ways that were settled to find these.
    pub(crate) settled: usize,
}

/// Cut-offs that were missed narrowly, by lane: the smallest number of minutes.
pub(crate) type Missed = BTreeMap<u32, Minute>;

impl Front {
    /// The ways to the target, the earliest first.
    pub(crate) fn ways(&self) -> impl Iterator<Item = &Label> {
        self.ways.iter()
    }

    /// The lanes of a way, first to last.
    pub(crate) fn lanes(&self, way: &Label) -> Vec<u32> {
        self.lanes[way.lanes.0 as usize..way.lanes.1 as usize].to_vec()
    }
}

struct Search<'v, 'a> {
    view: &'v View<'a>,
    traffic: Traffic,
    target: u32,
    counts: Counts,
    bounds: &'v Bounds,
    missed: Option<&'v mut Missed>,
    /// Nodes at the target.
    found: Vec<u32>,
    /// What one lane counts: nothing, unless their number is limited.
    leg: i64,
    legs_max: i64,
}

/// All ways from any of `seeds` to `target` that nothing beats in arrival, cost, CO2 and risk. Of ways that are
/// equal in all four the first found is kept.
///
/// When there are too many of them, the search is cut short, which the view remembers: then the
/// earliest, the cheapest, the greenest and the safest are found one criterion at a time, and others may be missing.
pub(crate) fn front(
    view: &View<'_>,
    payload: &Payload,
    seeds: &[Seed],
    target: u32,
    mut missed: Option<&mut Missed>,
) -> Front {
    let mut front = Front::default();
    let asked = (payload, seeds, target);
    if !front.search(view, asked, Counts::Everything, missed.as_deref_mut()) {
        view.cut();
        for counts in Counts::SINGLY {
            front.search(view, asked, counts, missed.as_deref_mut());
        }
        front.ways = unbeaten(std::mem::take(&mut front.ways), |way| {
            (way.at, Spent { cost_minor: way.cost, co2_g: way.co2_g, risk_micro: way.risk_micro })
        });
    }
    front
}

impl Search<'_, '_> {
    fn sow(&self, seeds: &[Seed], work: &mut Workspace) {
        for (seed, index) in seeds.iter().zip(0..) {
            let minutes = self.bounds.weightless.minutes[seed.site as usize];
            // Nothing is planned before the horizon begins.
            let at = seed.at.max(self.view.net.start);
            let arrival = at.saturating_add(minutes);
            if minutes != NO_WAY && arrival <= self.view.net.end {
                let Seed { cost, co2_g, risk_micro, .. } = *seed;
                let spent = self.counts.of(Sums { cost, co2_g, risk_micro, legs: 0 }).least(&Sums::MOST);
                let sums = spent.plus(&self.left(seed.site));
                let node = Node { sums, at, site: seed.site, arc: Node::NONE, parent: index };
                work.push(node, arrival);
            }
        }
    }

    fn settle(&mut self, index: u32, node: &Node, work: &mut Workspace) {
        let (site, target) = (node.site as usize, self.target as usize);
        if work.bags[target].beats(&node.sums) || work.bags[site].beats(&node.sums) {
            return;
        }
        work.settled += 1;
        work.touch(node.site);
        if site == target {
            // There, the number of lanes no longer counts.
            work.bags[site].add(Sums { legs: 0, ..node.sums });
            self.arrive(index, node, work);
            return;
        }
        work.bags[site].add(node.sums);
        let (terms, minutes) = (&*self.bounds.terms, &self.bounds.weightless.minutes);
        let rows = &self.view.net.graph(self.traffic).rows;
        let board = self.view.board(node.site, self.traffic);
        let spent = node.sums.minus(&self.left(node.site)).plus(&Sums { legs: self.leg, ..Sums::default() });
        for bundle in rows.bundles_out(node.site) {
            let least = &terms.least[bundle];
            let bundle = &rows.bundles()[bundle];
            let minutes_left = minutes[bundle.to as usize];
            if minutes_left == NO_WAY || *least == Terms::UNFIT {
                continue;
            }
            let without = spent.plus(&self.left(bundle.to));
            if bundle.arcs.len() > 1 && self.is_hopeless(&without.plus(least), bundle.to, work) {
                continue;
            }
            for arc in bundle.arcs.clone() {
                let spends = &terms.arcs[arc as usize];
                if *spends == Terms::UNFIT {
                    continue;
                }
                let sums = without.plus(spends);
                if self.is_hopeless(&sums, bundle.to, work) {
                    continue;
                }
                let Some(at) = self.ready(board, (arc, rows.first(node.site)), node.at) else { continue };
                let arrival = at.saturating_add(minutes_left);
                if arrival <= self.view.net.end {
                    work.push(Node { sums, at, site: bundle.to, arc, parent: index }, arrival);
                }
            }
        }
    }

    /// Whether a way to a site that comes to so much at the target is beaten.
    fn is_hopeless(&self, sums: &Sums, site: u32, work: &mut Workspace) -> bool {
        sums.legs > self.legs_max
            || work.bags[self.target as usize].beats(sums)
            || work.bags[site as usize].beats(sums)
    }

    /// The least that is spent from a site to the target; with the number of lanes, where that counts.
    fn left(&self, site: u32) -> Sums {
        let left = self.bounds.spending[site as usize];
        Sums { legs: self.leg * left.legs, ..left }
    }

    /// Keeps a way to the target. What arrives at the same moment and was found earlier may be beaten by it.
    fn arrive(&mut self, index: u32, node: &Node, work: &Workspace) {
        let same = self.found.iter().rposition(|found| work.nodes[*found as usize].at < node.at);
        for place in (same.map_or(0, |before| before + 1)..self.found.len()).rev() {
            if (Sums { legs: 0, ..node.sums }).dominates(&work.nodes[self.found[place] as usize].sums) {
                self.found.remove(place);
            }
        }
        self.found.push(index);
    }

    /// When what is at the origin of an arc at `at` is ready at its other end; `first` is the first arc from there.
    fn ready(&mut self, board: &Board, (arc, first): (u32, u32), at: Minute) -> Option<Minute> {
        let rows = &self.view.net.graph(self.traffic).rows;
        let lane = rows.lanes()[arc as usize];
        match &board.lanes[(arc - first) as usize].runs {
            Runs::Timetable(slots) => {
                let (before, next) = board.around(slots, at);
                if let (Some(missed), Some(before)) = (&mut self.missed, before)
                    && at - before.hand_over <= MISSED_MINUTES_MAX
                {
                    remember(missed, self.view, lane, at);
                }
                Some(next?.ready)
            }
            Runs::OnDemand(index) => self.view.on_demand(lane, self.traffic, board.on_demand(*index), at),
        }
    }
}

fn remember(missed: &mut Missed, view: &View<'_>, lane: u32, at: Minute) {
    if let Some((hand_over, true)) = view.missed(lane, Traffic::Goods, at) {
        let least = missed.entry(lane).or_insert(Minute::MAX);
        *least = (at - hand_over).min(*least);
    }
}

impl Front {
    /// Adds the ways that nothing beats in arrival and in what counts; whether these are all of them.
    fn search(
        &mut self,
        view: &View<'_>,
        (payload, seeds, target): (&Payload, &[Seed], u32),
        counts: Counts,
        missed: Option<&mut Missed>,
    ) -> bool {
        let bounds = view.bounds(payload, target, counts);
        self.unfit.clone_from(&bounds.terms.unfit);
        let work = &mut *view.memory.workspace.borrow_mut();
        work.clear(view.net.sites.len(), (view.net.start, view.net.end));
        let (traffic, found) = (payload.traffic, Vec::new());
        let (leg, legs_max) = view.legs_max.map_or((0, i64::MAX), |legs_max| (1, i64::from(legs_max)));
        let bounds = &bounds;
        let mut search = Search { view, traffic, target, counts, bounds, missed, found, leg, legs_max };
        search.sow(seeds, work);
        let mut whole = true;
        while whole && let Some((index, node)) = work.pop() {
            search.settle(index, &node, work);
            whole = work.settled < SETTLED_MAX && work.bags[node.site as usize].kept() <= KEPT_MAX;
        }
        self.settled += work.settled;
        // Of ways that differ in one thing only, there may be one for every minute.
        let every = search.found.len().div_ceil(KEPT_MAX).max(1);
        let last = search.found.len().saturating_sub(1);
        for (place, node) in search.found.into_iter().enumerate() {
            if place % every == 0 || place == last {
                self.add((view.net, payload), seeds, work, node);
            }
        }
        whole
    }

    /// Adds the way that ends in a node, with all that it spends.
    fn add(&mut self, (net, payload): (&Compiled, &Payload), seeds: &[Seed], work: &Workspace, node: u32) {
        let node = &work.nodes[node as usize];
        let first = self.lanes.len();
        let mut step = node;
        while step.arc != Node::NONE {
            self.lanes.push(net.graph(payload.traffic).rows.lanes()[step.arc as usize]);
            step = &work.nodes[step.parent as usize];
        }
        self.lanes[first..].reverse();
        let place = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
        let lanes = (place(first), place(self.lanes.len()));
        let Seed { tag, cost, co2_g, risk_micro, .. } = seeds[step.parent as usize];
        let mut way = Label { at: node.at, tag, cost, co2_g, risk_micro, lanes };
        for &lane in &self.lanes[first..] {
            let (cost, co2_g) = payload.terms(net.lane(lane)).unwrap_or_default();
            way.cost = way.cost.saturating_add(cost);
            way.co2_g = way.co2_g.saturating_add(co2_g);
            way.risk_micro = way.risk_micro.saturating_add(net.lanes[lane as usize].risk_micro);
        }
        self.ways.push(way);
    }
}
