//! Solutions in the making: in minutes and indices, before they are told.

use std::rc::Rc;

use meridian_types::GateId;

use crate::compile::{IntervalSet, Minute};
use crate::model::{Claim, Engineer, RepairTask, SolutionKind, Subject};
use crate::search::Leg;

/// Something on its way from one site to another, or kept where it is.
#[derive(Debug, Clone)]
pub(crate) struct Shipment {
    pub(crate) subject: Subject,
    pub(crate) from: u32,
    pub(crate) to: u32,
    /// When picking can begin.
    pub(crate) start: Minute,
    pub(crate) picked: Minute,
    pub(crate) licence: Option<Licence>,
    pub(crate) legs: Vec<Leg>,
    /// When it is received at its destination.
    pub(crate) ready: Minute,
    pub(crate) spent: Spent,
    pub(crate) claims: Vec<Claim>,
}

/// An export licence on its way.
#[derive(Debug, Clone)]
pub(crate) struct Licence {
    pub(crate) gate: GateId,
    pub(crate) working_days: i32,
    pub(crate) in_hand: Minute,
}

/// Work on the instrument, with the travel it takes.
#[derive(Debug, Clone)]
pub(crate) struct Visit<'a> {
    pub(crate) engineer: &'a Engineer,
    pub(crate) task: &'a RepairTask,
    pub(crate) site: u32,
    pub(crate) out: Vec<Leg>,
    pub(crate) back: Vec<Leg>,
    pub(crate) start: Minute,
    pub(crate) end: Minute,
    pub(crate) work_minutes: Minute,
    /// When work is possible, within the stretch of time the engineer can give.
    pub(crate) windows: Rc<IntervalSet>,
    /// The earliest moment at which the engineer could be there.
    pub(crate) there: Minute,
    /// The stretch of time the engineer can give.
    pub(crate) stretch: (Minute, Minute),
    pub(crate) spent: Spent,
}

impl Visit<'_> {
    /// From leaving home to being back.
    pub(crate) fn booked(&self) -> (Minute, Minute) {
        let start = self.out.first().map_or(self.start, |leg| leg.hand_over);
        let end = self.back.last().map_or(self.end, |leg| leg.ready);
        (start, end)
    }
}

/// What adds up along a solution.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Spent {
    pub(crate) cost_minor: i64,
    pub(crate) co2_g: i64,
    pub(crate) risk_micro: i64,
}

impl Spent {
    /// Whether `other` is no better in anything.
    const fn is_no_more_than(&self, other: &Self) -> bool {
        self.cost_minor <= other.cost_minor
            && self.co2_g <= other.co2_g
            && self.risk_micro <= other.risk_micro
    }
}

impl std::ops::Add for Spent {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self {
            cost_minor: self.cost_minor.saturating_add(other.cost_minor),
            co2_g: self.co2_g.saturating_add(other.co2_g),
            risk_micro: self.risk_micro.saturating_add(other.risk_micro),
        }
    }
}

impl std::iter::Sum for Spent {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        parts.fold(Self::default(), std::ops::Add::add)
    }
}

/// A way to meet the need: things come in, work is done, the instrument goes on; each part where it applies.
#[derive(Debug, Clone)]
pub(crate) struct Draft<'a> {
    pub(crate) kind: SolutionKind,
    pub(crate) inbound: Vec<Shipment>,
    pub(crate) visit: Option<Visit<'a>>,
    pub(crate) onward: Option<Shipment>,
    /// Cost beside moving and working.
    pub(crate) extra_cost_minor: i64,
    pub(crate) arrival: Minute,
}

impl Draft<'_> {
    /// Goods come in and that is all.
    pub(crate) fn delivery(kind: SolutionKind, inbound: Vec<Shipment>, extra_cost_minor: i64) -> Self {
        let arrival = ready(&inbound);
        Self { kind, inbound, visit: None, onward: None, extra_cost_minor, arrival }
    }

    pub(crate) fn spent(&self) -> Spent {
        let shipments = self.inbound.iter().chain(&self.onward).map(|shipment| shipment.spent);
        let visit = self.visit.iter().map(|visit| visit.spent);
        let extra = Spent { cost_minor: self.extra_cost_minor, ..Spent::default() };
        shipments.chain(visit).sum::<Spent>() + extra
    }
}

/// When all shipments are there.
pub(crate) fn ready(shipments: &[Shipment]) -> Minute {
    shipments.iter().map(|shipment| shipment.ready).max().unwrap_or(Minute::MIN)
}

/// Those of `ways` that no other beats in time, cost, CO2 and risk, the earliest first, of equals the first;
/// `score` gives all four.
pub(crate) fn unbeaten<T>(mut ways: Vec<T>, score: impl Fn(&T) -> (Minute, Spent)) -> Vec<T> {
    ways.sort_by_cached_key(|way| {
        let (at, spent) = score(way);
        (at, spent.cost_minor, spent.risk_micro, spent.co2_g)
    });
    // What comes later in this order never beats what comes earlier.
    let mut kept: Vec<Spent> = Vec::new();
    ways.retain(|way| {
        let spent = score(way).1;
        let beaten = kept.iter().any(|kept| kept.is_no_more_than(&spent));
        if !beaten {
            kept.push(spent);
        }
        !beaten
    });
    ways
}

/// One shipment from each of `fronts`, all combinations that no other beats.
pub(crate) fn join(fronts: Vec<Vec<Shipment>>) -> Vec<Vec<Shipment>> {
    let nothing = (Minute::MIN, Spent::default(), Vec::new());
    let sets = fronts.iter().fold(vec![nothing], |sets, front| {
        let extend = |(at, spent, chosen): &(Minute, Spent, Vec<usize>)| {
            let (at, spent, chosen) = (*at, *spent, chosen.clone());
            front.iter().enumerate().map(move |(index, shipment)| {
                let chosen = chosen.iter().copied().chain([index]).collect();
                (at.max(shipment.ready), spent + shipment.spent, chosen)
            })
        };
        unbeaten(sets.iter().flat_map(extend).collect(), |(at, spent, _)| (*at, *spent))
    });
    let set = |(_, _, chosen): (Minute, Spent, Vec<usize>)| {
        chosen.into_iter().zip(&fronts).map(|(index, front)| front[index].clone()).collect()
    };
    sets.into_iter().map(set).collect()
}
