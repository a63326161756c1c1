//! Which lanes lead out of and into each site, in compressed rows, with the boards of all sites.

use std::ops::Range;
use std::sync::Arc;

use super::board::Board;

/// The lanes that carry one kind of traffic. An *arc* is the place of a lane among them, sorted by origin and then
/// by destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Graph {
    pub(crate) rows: Arc<Rows>,
    pub(crate) boards: Arc<Vec<Arc<Board>>>,
}

/// Arcs by origin, and bundles by origin and by destination.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Rows {
    /// First arc out of each site, and the end.
    first: Vec<u32>,
    /// The lane of each arc.
    lanes: Vec<u32>,
    /// The arc of each lane, or [`Rows::NONE`].
    arcs: Vec<u32>,
    bundles: Vec<Bundle>,
    /// First bundle out of each site, and the end.
    first_out: Vec<u32>,
    /// First entry of `into` for each site, and the end.
    first_into: Vec<u32>,
    /// Bundles by destination.
    into: Vec<u32>,
}

/// All arcs from one site to another: what holds for the least of them holds for all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bundle {
    pub(crate) from: u32,
    pub(crate) to: u32,
    pub(crate) arcs: Range<u32>,
}

impl Rows {
    const NONE: u32 = u32::MAX;

    /// Rows of the lanes, given by index with their two ends.
    pub(super) fn new(sites: usize, lanes: usize, used: impl Iterator<Item = (u32, u32, u32)>) -> Self {
        let mut sorted: Vec<(u32, u32, u32)> = used.map(|(lane, from, to)| (from, to, lane)).collect();
        sorted.sort_unstable();
        let mut arcs = vec![Self::NONE; lanes];
        let mut bundles: Vec<Bundle> = Vec::new();
        for (&(from, to, lane), arc) in sorted.iter().zip(0..) {
            arcs[lane as usize] = arc;
            match bundles.last_mut() {
                Some(last) if (last.from, last.to) == (from, to) => last.arcs.end = arc + 1,
                _ => bundles.push(Bundle { from, to, arcs: arc..arc + 1 }),
            }
        }
        let mut into: Vec<(u32, u32)> =
            bundles.iter().zip(0..).map(|(bundle, index)| (bundle.to, index)).collect();
        into.sort_unstable();
        let firsts = |before: &dyn Fn(usize) -> usize| (0..=sites).map(|site| before(site) as u32).collect();
        Self {
            first: firsts(&|site| sorted.partition_point(|(from, ..)| (*from as usize) < site)),
            lanes: sorted.iter().map(|(_, _, lane)| *lane).collect(),
            arcs,
            first_out: firsts(&|site| bundles.partition_point(|bundle| (bundle.from as usize) < site)),
            first_into: firsts(&|site| into.partition_point(|(to, _)| (*to as usize) < site)),
            into: into.into_iter().map(|(_, bundle)| bundle).collect(),
            bundles,
        }
    }

    /// How many sites there are.
    pub(crate) fn sites(&self) -> usize {
        self.first.len() - 1
    }

    /// The lanes of all arcs.
    pub(crate) fn lanes(&self) -> &[u32] {
        &self.lanes
    }

    /// The first arc out of a site.
    pub(crate) fn first(&self, site: u32) -> u32 {
        self.first[site as usize]
    }

    /// The lanes out of a site, in the order of its board.
    pub(crate) fn outgoing(&self, site: u32) -> &[u32] {
        let site = site as usize;
        &self.lanes[self.first[site] as usize..self.first[site + 1] as usize]
    }

    /// All bundles.
    pub(crate) fn bundles(&self) -> &[Bundle] {
        &self.bundles
    }

    /// The bundles out of a site, by index.
    pub(crate) fn bundles_out(&self, site: u32) -> Range<usize> {
        let site = site as usize;
        self.first_out[site] as usize..self.first_out[site + 1] as usize
    }

    /// The bundles into a site, by index.
    pub(crate) fn bundles_into(&self, site: u32) -> &[u32] {
        let site = site as usize;
        &self.into[self.first_into[site] as usize..self.first_into[site + 1] as usize]
    }

    /// The place of a lane on the board of its origin `from`, if it carries this traffic.
    pub(crate) fn place(&self, lane: u32, from: u32) -> Option<usize> {
        let arc = self.arcs[lane as usize];
        (arc != Self::NONE).then(|| (arc - self.first(from)) as usize)
    }

    pub(super) fn bytes(&self) -> usize {
        let of_sites = self.first.len() + self.first_out.len() + self.first_into.len();
        let of_lanes = self.lanes.len() + self.arcs.len();
        size_of::<u32>() * (of_sites + of_lanes + self.into.len()) + size_of::<Bundle>() * self.bundles.len()
    }
}
