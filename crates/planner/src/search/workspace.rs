//! The buffers of a search. They are used again by the next one, so a search allocates next to nothing.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::labels::Sums;
use crate::compile::{Minute, Runs};

/// A way to a site: 40 bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    pub(super) sums: Sums,
    pub(super) at: Minute,
    pub(super) site: u32,
    /// The lane it came by, or [`Node::NONE`] for a seed.
    pub(super) lane: u32,
    /// The node it continues; of a seed, which one it is.
    pub(super) parent: u32,
}

impl Node {
    pub(super) const NONE: u32 = u32::MAX;
}

/// What the ways settled so far at one site have spent, as far as none of them beats another in that. Ways are
/// settled by arrival, so whatever comes later and spends no less is beaten.
#[derive(Debug, Default)]
pub(super) struct Bag(Vec<Sums>);

impl Bag {
    /// Whether something in the bag spends no more. What does moves towards the front: it will do so again.
    pub(super) fn beats(&mut self, sums: &Sums) -> bool {
        let Some(index) = self.0.iter().position(|settled| settled.dominates(sums)) else { return false };
        if index > 0 {
            self.0.swap(index, index / 2);
        }
        true
    }

    /// Adds what the bag does not beat, and drops what that beats.
    pub(super) fn add(&mut self, sums: Sums) {
        self.0.retain(|settled| !sums.dominates(settled));
        self.0.push(sums);
    }
}

/// A lane as one search sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arc {
    pub(super) spends: Sums,
    /// What it spends with the least from its end to the target.
    pub(super) spends_to_target: Sums,
    pub(super) runs: Runs,
    pub(super) lane: u32,
    pub(super) to: u32,
    /// Least minutes from its end to the target.
    pub(super) minutes_left: Minute,
}

#[derive(Debug, Default)]
pub(super) struct Workspace {
    pub(super) nodes: Vec<Node>,
    /// Nodes by the earliest they can be at the target, then in the order in which they were found.
    heap: BinaryHeap<Reverse<u64>>,
    pub(super) bags: Vec<Bag>,
    pub(super) arcs: Vec<Arc>,
    /// The arcs out of each site, once the search came there.
    pub(super) rows: Vec<Option<(u32, u32)>>,
    /// Sites with a row or something in their bag.
    touched: Vec<u32>,
    pub(super) settled: usize,
}

impl Workspace {
    /// Makes ready for a search among so many sites.
    pub(super) fn clear(&mut self, sites: usize) {
        for site in self.touched.drain(..) {
            self.bags[site as usize].0.clear();
            self.rows[site as usize] = None;
        }
        self.nodes.clear();
        self.heap.clear();
        self.arcs.clear();
        self.bags.resize_with(sites, Bag::default);
        self.rows.resize(sites, None);
        self.settled = 0;
    }

    pub(super) fn touch(&mut self, site: u32) {
        self.touched.push(site);
    }

    /// Queues a way that can be at the target at `arrival` at the earliest.
    pub(super) fn push(&mut self, node: Node, arrival: Minute) {
        let index = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        let key = u64::from(arrival.abs_diff(Minute::MIN)) << 32 | u64::from(index);
        self.nodes.push(node);
        self.heap.push(Reverse(key));
    }

    /// The queued node that can be at the target first.
    pub(super) fn pop(&mut self) -> Option<(u32, Node)> {
        let Reverse(key) = self.heap.pop()?;
        let index = (key & u64::from(u32::MAX)) as u32;
        Some((index, self.nodes[index as usize]))
    }
}
