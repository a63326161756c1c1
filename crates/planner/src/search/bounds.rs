//! What at least it takes from everywhere to a target: one backward search per criterion.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use super::labels::{Counts, Payload, Sums, Unfit};
use crate::compile::{Board, BoardLane, Bundle, Compiled, Minute, Rows, Service, Traffic};

/// Instead of a number of minutes where no way leads to the target.
pub(super) const NO_WAY: Minute = Minute::MAX;

/// What a payload spends on each arc, or that the lane does not take it.
#[derive(Debug)]
pub(super) struct Terms {
    /// By arc; [`Terms::UNFIT`] where the lane refuses.
    pub(super) arcs: Vec<Sums>,
    /// The least that the arcs of each bundle spend, criterion by criterion.
    pub(super) least: Vec<Sums>,
    /// The first lane that refuses the payload, for each kind of refusal.
    pub(super) unfit: Vec<(Unfit, u32)>,
    /// The arcs that refuse it.
    pub(super) refusing: Vec<u32>,
}

/// Least minutes, risk and lanes from each site to a target: the same for all payloads that the same arcs refuse,
/// whatever they weigh.
#[derive(Debug)]
pub(super) struct Weightless {
    /// [`NO_WAY`] where no way leads to the target.
    pub(super) minutes: Vec<Minute>,
    risk_micro: Vec<i64>,
    legs: Vec<i64>,
}

impl Weightless {
    pub(super) fn new(rows: &Rows, terms: &Terms, minutes: Vec<Minute>, target: u32) -> Self {
        let risk_micro = least_sums(rows, terms, target, |sums| sums.risk_micro);
        Self { minutes, risk_micro, legs: least_sums(rows, terms, target, |_| 1) }
    }
}

impl Terms {
    pub(super) const UNFIT: Sums =
        Sums { cost: i64::MAX, co2_g: i64::MAX, risk_micro: i64::MAX, legs: i64::MAX };

    pub(super) fn new(net: &Compiled, payload: &Payload, counts: Counts) -> Self {
        let mut unfit: Vec<(Unfit, u32)> = Vec::new();
        let mut sums = |&lane: &u32| match payload.terms(net.lane(lane)) {
            Ok((cost, co2_g)) => {
                let risk_micro = net.lanes[lane as usize].risk_micro;
                counts.of(Sums { cost, co2_g, risk_micro, legs: 0 }).least(&Sums::MOST)
            }
            Err(refusal) => {
                if unfit.iter().all(|(known, _)| *known != refusal) {
                    unfit.push((refusal, lane));
                }
                Self::UNFIT
            }
        };
        let rows = &net.graph(payload.traffic).rows;
        let arcs: Vec<Sums> = rows.lanes().iter().map(&mut sums).collect();
        let of = |bundle: &Bundle| &arcs[bundle.arcs.start as usize..bundle.arcs.end as usize];
        let least = rows.bundles().iter().map(|bundle| of(bundle).iter().fold(Self::UNFIT, Sums::least));
        let refusing =
            (0..).zip(&arcs).filter(|(_, sums)| **sums == Self::UNFIT).map(|(arc, _)| arc).collect();
        Self { least: least.collect(), arcs, unfit, refusing }
    }
}

/// The least that is spent from each site to a target, criterion by criterion; [`Terms::UNFIT`] where no way leads.
pub(super) fn spending(rows: &Rows, terms: &Terms, weightless: &Weightless, target: u32) -> Vec<Sums> {
    let cost = least_sums(rows, terms, target, |sums| sums.cost);
    let co2_g = least_sums(rows, terms, target, |sums| sums.co2_g);
    let (risk_micro, legs) = (&weightless.risk_micro, &weightless.legs);
    let sums = |(((cost, co2_g), risk_micro), legs): (((i64, i64), &i64), &i64)| Sums {
        cost,
        co2_g,
        risk_micro: *risk_micro,
        legs: *legs,
    };
    cost.into_iter().zip(co2_g).zip(risk_micro).zip(legs).map(sums).collect()
}

/// The least of one criterion from each site to a target; `i64::MAX` where no way leads.
fn least_sums(rows: &Rows, terms: &Terms, target: u32, criterion: fn(&Sums) -> i64) -> Vec<i64> {
    least(rows, target, |bundle| {
        let least = &terms.least[bundle as usize];
        (*least != Terms::UNFIT).then(|| criterion(least))
    })
}

/// The least minutes from each site to a target: a lane takes at least what the quickest of its departures takes
/// from hand-over to readiness. [`NO_WAY`] where no way leads.
pub(super) fn minutes(rows: &Rows, terms: &Terms, boards: &[Arc<Board>], target: u32) -> Vec<Minute> {
    let compiled = |bundle: &Bundle, arc: u32| {
        let place = arc - rows.first(bundle.from);
        let minutes_min = boards[bundle.from as usize].lanes[place as usize].minutes_min;
        (minutes_min != BoardLane::NEVER).then_some(minutes_min)
    };
    least_minutes(rows, terms, compiled, target)
}

/// The same whatever is changed about customs, cut-offs and opening hours: a lane takes at least what the quickest
/// of its runs takes from departure to arrival.
pub(super) fn minutes_under_changes(net: &Compiled, terms: &Terms, target: u32) -> Vec<Minute> {
    let rows = &net.graph(Traffic::Goods).rows;
    let on_the_way = |_: &Bundle, arc: u32| match &net.lanes[rows.lanes()[arc as usize] as usize].service {
        Service::Timetable(runs) => runs.iter().map(|run| run.arrive - run.depart).min(),
        Service::OnDemand { duration, .. } => Some(*duration),
    };
    least_minutes(rows, terms, on_the_way, target)
}

fn least_minutes(
    rows: &Rows,
    terms: &Terms,
    minutes: impl Fn(&Bundle, u32) -> Option<Minute>,
    target: u32,
) -> Vec<Minute> {
    let travel = |index: u32| {
        let bundle = &rows.bundles()[index as usize];
        let fits = |arc: &u32| terms.arcs[*arc as usize] != Terms::UNFIT;
        bundle.arcs.clone().filter(fits).filter_map(|arc| minutes(bundle, arc)).min().map(i64::from)
    };
    let least = least(rows, target, travel);
    least.into_iter().map(|minutes| Minute::try_from(minutes).unwrap_or(NO_WAY)).collect()
}

/// Dijkstra's algorithm against the direction of the bundles; `i64::MAX` for sites that are not reached.
fn least(rows: &Rows, target: u32, weight: impl Fn(u32) -> Option<i64>) -> Vec<i64> {
    let mut least = vec![i64::MAX; rows.sites()];
    let mut heap = BinaryHeap::from([Reverse((0, target))]);
    least[target as usize] = 0;
    while let Some(Reverse((sum, site))) = heap.pop() {
        if sum > least[site as usize] {
            continue;
        }
        for &bundle in rows.bundles_into(site) {
            let Some(weight) = weight(bundle) else { continue };
            let sum = sum.saturating_add(weight);
            let from = rows.bundles()[bundle as usize].from;
            if sum < least[from as usize] {
                least[from as usize] = sum;
                heap.push(Reverse((sum, from)));
            }
        }
    }
    least
}
