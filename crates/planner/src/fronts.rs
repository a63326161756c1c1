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
    /// Grams of CO2, 0 or more.
    pub co2_g: i64,
    /// Risk of lateness, 0 or more; see [`Way::risk_micro`].
    pub risk_micro: i64,
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
    /// Grams of CO2, with what was emitted before.
    pub co2_g: i64,
    /// Risk of lateness in millionths: the sum of -ln(1 - p) over its lanes, p being the probability that a lane
    /// is late, and the risk before.
    pub risk_micro: i64,
}

/// All ways from any of `starts` to `to` that no other beats in arrival, cost, CO2 and risk of lateness, the
/// earliest first; of equals one. However many lanes a way takes, it is considered: what bounds ways is that each
/// lane costs time or money. Sites that the network does not know lead nowhere. Export rules and picking are not
/// considered. Where thousands of ways are unbeaten, some are missing; see [`Search::is_cut`].
#[must_use]
pub fn fronts(net: &Compiled, freight: Freight, starts: &[Start], to: &SiteId) -> Vec<Way> {
    Search::new(net).fronts(freight, starts, to)
}

/// Searches over one network, one after the other. Buffers and lower bounds are kept from one to the next.
#[derive(Debug)]
pub struct Search<'a> {
    view: View<'a>,
    settled: usize,
}

impl<'a> Search<'a> {
    /// Searches over `net`.
    #[must_use]
    pub fn new(net: &'a Compiled) -> Self {
        Self { view: View::new(net), settled: 0 }
    }

    /// The same without ways of more than `legs_max` lanes. Fronts are exact among those that remain: a way is
    /// kept although a longer one beats it. Without this, and in every answer to a request, the number of lanes
    /// is not limited.
    #[must_use]
    pub fn with_legs_max(mut self, legs_max: u32) -> Self {
        self.view = self.view.with_legs_max(legs_max);
        self
    }

    /// Computes the lower bounds that searches to `to` need, unless they are known. [`Search::fronts`] does the
    /// same where necessary.
    pub fn prepare(&mut self, freight: Freight, to: &SiteId) {
        self.fronts(freight, &[], to);
    }

    /// As [`fronts`].
    pub fn fronts(&mut self, freight: Freight, starts: &[Start], to: &SiteId) -> Vec<Way> {
        let payload = Payload {
            traffic: Traffic::Goods,
            weight_g: freight.weight_g.max(0),
            dangerous_goods: freight.dangerous_goods,
            cold_chain: freight.cold_chain,
        };
        let net = self.view.net;
        let seed = |(start, tag): (&Start, u32)| {
            Some(Seed {
                site: net.index_of(&start.site)?,
                at: ceil(start.at),
                cost: start.cost_minor.max(0),
                co2_g: start.co2_g.max(0),
                risk_micro: start.risk_micro.max(0),
                tag,
            })
        };
        let seeds: Vec<Seed> = starts.iter().zip(0..).filter_map(seed).collect();
        let Some(target) = net.index_of(to) else { return Vec::new() };
        let found = front(&self.view, &payload, &seeds, target, None);
        self.settled = found.settled;
        let lane = |lane: u32| net.lane(lane).id.clone();
        let way = |way: &crate::search::Label| Way {
            start: way.tag as usize,
            lanes: found.lanes(way).into_iter().map(lane).collect(),
            arrival: instant(way.at),
            cost_minor: way.cost,
            co2_g: way.co2_g,
            risk_micro: way.risk_micro,
        };
        found.ways().map(way).collect()
    }

    /// Whether a search so far was cut short, because there are too many ways that nothing beats. Then it gave the
    /// earliest, the cheapest, the greenest and the safest, and others that nothing beats may be missing.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.view.is_cut()
    }

    /// How many partial ways the last search settled.
    #[must_use]
    pub const fn settled(&self) -> usize {
        self.settled
    }
}
