//! What the search is measured against: the textbook. Martins' label-setting algorithm over time-dependent arcs
//! with a binary heap of labels in lexicographic order and a bag of labels per site. Labels that the target's
//! bag beats are dropped; there are no lower bounds, no flat arrays, and nothing is kept from search to search.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use jiff::Timestamp;
use meridian_planner::model::Network;
use meridian_planner::{Compiled, Start};
use meridian_types::SiteId;

/// Arrival in minutes, cost, CO2 and risk.
pub(crate) type Point = (i64, i64, i64, i64);

struct Arc {
    to: usize,
    spends: (i64, i64, i64),
    /// Last hand-over and readiness of each departure.
    departures: Vec<(i64, i64)>,
}

/// A network as the textbook keeps it.
pub(crate) struct Baseline {
    sites: BTreeMap<SiteId, usize>,
    arcs: Vec<Vec<Arc>>,
}

pub(crate) fn minute(instant: Timestamp) -> i64 {
    instant.as_second().div_euclid(60)
}

impl Baseline {
    /// Takes over the departures that were compiled; a consignment of 1 kg.
    pub(crate) fn new(network: &Network, compiled: &Compiled) -> Self {
        let sites: BTreeMap<SiteId, usize> =
            network.sites.iter().zip(0..).map(|(site, index)| (site.id.clone(), index)).collect();
        let mut arcs: Vec<Vec<Arc>> = network.sites.iter().map(|_| Vec::new()).collect();
        for (index, lane) in network.lanes.iter().enumerate() {
            let Some(terms) = lane.goods else { continue };
            let departures = compiled.departures(index).into_iter();
            #[expect(clippy::cast_possible_truncation, reason = "millionths of a small number")]
            let risk = (-(1.0 - lane.late_probability).ln() * 1e6).round() as i64;
            arcs[sites[&lane.from]].push(Arc {
                to: sites[&lane.to],
                spends: (terms.fixed_cost_minor + terms.cost_minor_per_kg, terms.co2_g_per_kg, risk),
                departures: departures.map(|(hand_over, ready)| (minute(hand_over), minute(ready))).collect(),
            });
        }
        Self { sites, arcs }
    }

    /// The exact front, sorted.
    pub(crate) fn front(&self, starts: &[Start], to: &SiteId) -> Vec<Point> {
        let target = self.sites[to];
        let mut bags: Vec<Vec<Point>> = vec![Vec::new(); self.arcs.len()];
        let mut heap = BinaryHeap::new();
        for start in starts {
            let point = (minute(start.at), start.cost_minor, start.co2_g, start.risk_micro);
            heap.push(Reverse((point, self.sites[&start.site])));
        }
        while let Some(Reverse((point, site))) = heap.pop() {
            if beaten(&bags[site], &point) || beaten(&bags[target], &point) {
                continue;
            }
            bags[site].push(point);
            if site == target {
                continue;
            }
            for arc in &self.arcs[site] {
                let later = arc.departures.partition_point(|(hand_over, _)| *hand_over < point.0);
                let Some((_, ready)) = arc.departures.get(later) else { continue };
                let (cost, co2, risk) = arc.spends;
                let next = (*ready, point.1 + cost, point.2 + co2, point.3 + risk);
                if !beaten(&bags[arc.to], &next) {
                    heap.push(Reverse((next, arc.to)));
                }
            }
        }
        std::mem::take(&mut bags[target])
    }
}

fn beaten(bag: &[Point], point: &Point) -> bool {
    bag.iter()
        .any(|known| known.0 <= point.0 && known.1 <= point.1 && known.2 <= point.2 && known.3 <= point.3)
}
