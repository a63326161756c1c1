//! The bare search, for benchmarks and tests.

use jiff::Timestamp;
use meridian_types::{LaneId, SiteId};

use crate::compile::{Compiled, Traffic, ceil, instant};
use crate::search::{Payload, Seed, View, front};

/// Goods whose ways are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Freight {
    /// Weight of the consignment in grams, 0 or more.
    pub weight_g: i64,
    /// Whether it is dangerous goods.
    pub dangerous_goods: bool,
    /// Whether it must be kept cold.
    pub cold_chain: bool,
}

/// Where goods are, from when on, and what was spent before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// The site.
    pub site: SiteId,
    /// From when on.
    pub at: Timestamp,
    /// Minor units of the network's currency, 0 or more.
    pub cost_minor: i64,
}

/// A way that no other beats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// Index of the start it grew from.
    pub start: usize,
    /// Its lanes, first to last.
    pub lanes: Vec<LaneId>,
    /// When the goods are received.
    pub arrival: Timestamp,
    /// Minor units of the network's currency, with what was spent before.
    pub cost_minor: i64,
    /// Grams of CO2.
    pub co2_g: i64,
}

/// All ways from any of `starts` to `to` that no other beats in arrival and cost, the earliest first. Sites that
/// the network does not know lead nowhere. Export rules and picking are not considered.
#[must_use]
pub fn fronts(net: &Compiled, freight: Freight, starts: &[Start], to: &SiteId) -> Vec<Way> {
    let payload = Payload {
        traffic: Traffic::Goods,
        weight_g: freight.weight_g.max(0),
        dangerous_goods: freight.dangerous_goods,
        cold_chain: freight.cold_chain,
    };
    let seed = |(start, tag): (&Start, u32)| {
        let site = net.index_of(&start.site)?;
        Some(Seed { site, at: ceil(start.at), cost: start.cost_minor.max(0), tag })
    };
    let seeds: Vec<Seed> = starts.iter().zip(0..).filter_map(seed).collect();
    let Some(target) = net.index_of(to) else { return Vec::new() };
    let found = front(&View::new(net), &payload, &seeds, target, None);
    let lane = |lane: u32| net.lane(lane).id.clone();
    let way = |way: &crate::search::Label| Way {
        start: way.tag as usize,
        lanes: found.lanes(way).into_iter().map(lane).collect(),
        arrival: instant(way.at),
        cost_minor: way.cost,
        co2_g: way.co2_g,
    };
    found.ways().map(way).collect()
}
