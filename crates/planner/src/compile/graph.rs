//! Which lanes lead out of and into each site, in compressed rows, with the boards of all sites.

use std::sync::Arc;

use super::board::Board;

/// The lanes that carry one kind of traffic. An *arc* is the place of a lane among them, sorted by origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Graph {
    pub(crate) rows: Arc<Rows>,
    pub(crate) boards: Arc<Vec<Arc<Board>>>,
}

/// Arcs by origin and by destination.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Rows {
    /// First arc out of each site, and the end.
    first: Vec<u32>,
    /// The lane of each arc.
    lanes: Vec<u32>,
    /// The arc of each lane, or [`Rows::NONE`].
    arcs: Vec<u32>,
    /// First entry of `into` for each site, and the end.
    first_into: Vec<u32>,
    /// Arcs by destination, with their origins.
    into: Vec<(u32, u32)>,
}

impl Rows {
    const NONE: u32 = u32::MAX;

    /// Rows of the lanes, given by index with their two ends.
    pub(super) fn new(sites: usize, lanes: usize, used: impl Iterator<Item = (u32, u32, u32)>) -> Self {
        let mut by_origin: Vec<(u32, u32, u32)> = used.map(|(lane, from, to)| (from, lane, to)).collect();
        by_origin.sort_unstable();
        let mut by_destination: Vec<(u32, u32, u32)> =
            by_origin.iter().zip(0..).map(|(&(from, _, to), arc)| (to, arc, from)).collect();
        by_destination.sort_unstable();
        let mut arcs = vec![Self::NONE; lanes];
        for (&(_, lane, _), arc) in by_origin.iter().zip(0..) {
            arcs[lane as usize] = arc;
        }
        let first = |ends: &[(u32, u32, u32)]| {
            let first_of = |site| ends.partition_point(|(end, _, _)| (*end as usize) < site) as u32;
            (0..=sites).map(first_of).collect()
        };
        Self {
            first: first(&by_origin),
            lanes: by_origin.iter().map(|(_, lane, _)| *lane).collect(),
            arcs,
            first_into: first(&by_destination),
            into: by_destination.into_iter().map(|(_, arc, from)| (arc, from)).collect(),
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

    /// The arcs into a site, with their origins.
    pub(crate) fn incoming(&self, site: u32) -> &[(u32, u32)] {
        let site = site as usize;
        &self.into[self.first_into[site] as usize..self.first_into[site + 1] as usize]
    }

    /// The place of a lane on the board of its origin `from`, if it carries this traffic.
    pub(crate) fn place(&self, lane: u32, from: u32) -> Option<usize> {
        let arc = self.arcs[lane as usize];
        (arc != Self::NONE).then(|| (arc - self.first(from)) as usize)
    }

    pub(super) fn bytes(&self) -> usize {
        let single = self.first.len() + self.lanes.len() + self.arcs.len() + self.first_into.len();
        size_of::<u32>() * (single + 2 * self.into.len())
    }
}
