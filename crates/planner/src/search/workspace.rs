//! The buffers of a search. They are used again by the next one, so a search allocates next to nothing.

use super::labels::Sums;
use super::queue::Queue;
use crate::compile::Minute;

/// A way to a site: 40 bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    /// What it comes to at least when it is at the target.
    pub(super) sums: Sums,
    pub(super) at: Minute,
    pub(super) site: u32,
    /// The arc it came by, or [`Node::NONE`] for a seed.
    pub(super) arc: u32,
    /// The node it continues; of a seed, which one it is.
    pub(super) parent: u32,
}

impl Node {
    pub(super) const NONE: u32 = u32::MAX;
}

/// What the ways settled so far at one site come to at least at the target, as far as none of them beats another in
/// that, which is the same as in what they have spent: at one site the difference is the same for all. Ways are
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

    /// How many ways stand for all that were settled.
    pub(super) fn kept(&self) -> usize {
        self.0.len()
    }

    /// Adds what the bag does not beat, and drops what that beats.
    pub(super) fn add(&mut self, sums: Sums) {
        self.0.retain(|settled| !sums.dominates(settled));
        self.0.push(sums);
    }
}

#[derive(Debug, Default)]
pub(super) struct Workspace {
    pub(super) nodes: Vec<Node>,
    /// Nodes by the earliest they can be at the target.
    queue: Queue,
    pub(super) bags: Vec<Bag>,
    /// Sites with something in their bag.
    touched: Vec<u32>,
    pub(super) settled: usize,
}

impl Workspace {
    /// Makes ready for a search among so many sites, between two minutes.
    pub(super) fn clear(&mut self, sites: usize, (start, end): (Minute, Minute)) {
        for site in self.touched.drain(..) {
            self.bags[site as usize].0.clear();
        }
        self.nodes.clear();
        self.queue.clear(start, end);
        self.bags.resize_with(sites, Bag::default);
        self.settled = 0;
    }

    /// To be called before something is added to the bag of a site.
    pub(super) fn touch(&mut self, site: u32) {
        if self.bags[site as usize].0.is_empty() {
            self.touched.push(site);
        }
    }

    /// Queues a way that can be at the target at `arrival` at the earliest.
    pub(super) fn push(&mut self, node: Node, arrival: Minute) {
        self.nodes.push(node);
        self.queue.add(arrival);
    }

    /// The queued node that can be at the target first.
    pub(super) fn pop(&mut self) -> Option<(u32, Node)> {
        let index = self.queue.take()?;
        Some((index, self.nodes[index as usize]))
    }
}
