//! Solutions in the making: in minutes and indices, before they are told.

use std::rc::Rc;

use meridian_types::{ExportClass, GateId, PartyId};

use crate::compile::{IntervalSet, Minute};
use crate::duty::Pace;
use crate::kinds::Admission;
use crate::model::{Claim, Engineer, Line, PartyOffer, RepairTask, SolutionKind, Subject};
use crate::search::Leg;

/// Something on its way from one site to another, or kept where it is.
#[derive(Debug, Clone)]
pub(crate) struct Shipment {
    pub(crate) subject: Rc<Subject>,
    pub(crate) origin: Origin,
    pub(crate) from: u32,
    pub(crate) to: u32,
    /// When picking can begin.
    pub(crate) start: Minute,
    pub(crate) picked: Minute,
    pub(crate) licence: Option<Licence>,
    pub(crate) legs: Vec<Leg>,
    /// When it is received at its destination.
    pub(crate) ready: Minute,
    /// For everything in it: what it took to have it where it starts is counted too.
    pub(crate) spent: Spent,
    /// Everything that must be held for it, parts of kits too.
    pub(crate) claims: Rc<[Claim]>,
}

/// Where something comes from before it is picked.
#[derive(Debug, Clone)]
pub(crate) enum Origin {
    /// It is where it starts.
    There,
    /// Some of it is expected, or put together first.
    Prepared {
        /// When the last of what is expected should have come.
        supplied: Option<Minute>,
        assemblies: Vec<Rc<Assembly>>,
    },
    /// A party brings it; nothing is picked.
    Party { party: PartyId, lead_working_days: i32 },
}

impl Origin {
    pub(crate) fn assemblies(&self) -> &[Rc<Assembly>] {
        match self {
            Self::Prepared { assemblies, .. } => assemblies,
            Self::There | Self::Party { .. } => &[],
        }
    }
}

/// Units of a kit, put together from parts that lie at the site or are brought there.
#[derive(Debug, Clone)]
pub(crate) struct Assembly {
    pub(crate) kit: Line,
    pub(crate) site: u32,
    pub(crate) parts: Vec<Line>,
    pub(crate) inbound: Vec<Rc<Shipment>>,
    pub(crate) start: Minute,
    pub(crate) end: Minute,
    pub(crate) work_minutes: Minute,
    /// Parts, their ways, and the work.
    pub(crate) spent: Spent,
}

/// An export licence on its way.
#[derive(Debug, Clone)]
pub(crate) struct Licence {
    pub(crate) gate: GateId,
    pub(crate) working_days: i32,
    pub(crate) in_hand: Minute,
    /// The class, when declaring the use of the goods would decide whether it is needed.
    pub(crate) undeclared: Option<ExportClass>,
}

/// Work on the instrument, with the travel it takes.
#[derive(Debug, Clone)]
pub(crate) struct Visit<'a> {
    pub(crate) engineer: &'a Engineer,
    pub(crate) task: &'a RepairTask,
    pub(crate) site: u32,
    pub(crate) out: Vec<Leg>,
    pub(crate) back: Vec<Leg>,
    /// Spans of work without a pause; at least one.
    pub(crate) work: Vec<(Minute, Minute)>,
    /// When work is possible, within the stretch of time the engineer can give.
    pub(crate) windows: Rc<IntervalSet>,
    /// The earliest moment at which the engineer could be there.
    pub(crate) there: Minute,
    /// The stretch of time the engineer can give.
    pub(crate) stretch: (Minute, Minute),
    /// From when on the engineer may work there.
    pub(crate) admission: Admission,
    pub(crate) pace: Pace,
    /// Whether the engineer stays at home and guides the customer.
    pub(crate) remote: bool,
    pub(crate) spent: Spent,
}

impl Visit<'_> {
    pub(crate) fn start(&self) -> Minute {
        self.work.first().map_or(Minute::MIN, |span| span.0)
    }

    pub(crate) fn end(&self) -> Minute {
        self.work.last().map_or(Minute::MIN, |span| span.1)
    }

    pub(crate) fn work_minutes(&self) -> Minute {
        self.work.iter().map(|span| span.1 - span.0).sum()
    }

    /// What must be booked: from leaving home to being back, or each span of work of somebody who is there anyway.
    pub(crate) fn booked(&self) -> Vec<(Minute, Minute)> {
        match (self.out.first(), self.back.last()) {
            (Some(out), Some(back)) => vec![(out.hand_over, back.ready)],
            _ => self.work.clone(),
        }
    }

    /// Everything that is duty, in order.
    pub(crate) fn duties(&self) -> Vec<(Minute, Minute)> {
        let leg = |leg: &Leg| (leg.hand_over, leg.arrive);
        let out = self.out.iter().map(leg);
        out.chain(self.work.iter().copied()).chain(self.back.iter().map(leg)).collect()
    }
}

/// A repair by another party where the instrument stands.
#[derive(Debug, Clone)]
pub(crate) struct Outsourced<'a> {
    pub(crate) offer: &'a PartyOffer,
    pub(crate) site: u32,
    /// By when the party must accept.
    pub(crate) answer_due: Minute,
    pub(crate) done: Minute,
    pub(crate) spent: Spent,
}

/// What goes back once the need is met.
#[derive(Debug, Clone)]
pub(crate) struct Return {
    pub(crate) subject: Subject,
    pub(crate) from: u32,
    /// Since when it waits for that.
    pub(crate) since: Minute,
    /// Until when.
    pub(crate) until: Minute,
    /// Its way; absent when that lies beyond the horizon.
    pub(crate) shipment: Option<Shipment>,
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
    pub(crate) const fn is_no_more_than(&self, other: &Self) -> bool {
        // Without a branch for each: which of them decides is anybody's guess.
        (self.cost_minor <= other.cost_minor)
            & (self.co2_g <= other.co2_g)
            & (self.risk_micro <= other.risk_micro)
    }
}

impl Spent {
    /// One of both for each measure by itself.
    pub(crate) fn each(&self, other: &Self, of: impl Fn(i64, i64) -> i64) -> Self {
        Self {
            cost_minor: of(self.cost_minor, other.cost_minor),
            co2_g: of(self.co2_g, other.co2_g),
            risk_micro: of(self.risk_micro, other.risk_micro),
        }
    }

    /// What came to it since `before`.
    pub(crate) const fn since(&self, before: &Self) -> Self {
        Self {
            cost_minor: self.cost_minor.saturating_sub(before.cost_minor),
            co2_g: self.co2_g.saturating_sub(before.co2_g),
            risk_micro: self.risk_micro.saturating_sub(before.risk_micro),
        }
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
    pub(crate) inbound: Vec<Rc<Shipment>>,
    pub(crate) visit: Option<Rc<Visit<'a>>>,
    pub(crate) outsourced: Option<Outsourced<'a>>,
    pub(crate) onward: Option<Shipment>,
    /// What happens after the arrival: it costs and emits, and its lateness hurts nobody who waits.
    pub(crate) after: Option<Return>,
    /// Cost beside moving and working.
    pub(crate) extra_cost_minor: i64,
    pub(crate) arrival: Minute,
}

impl<'a> Draft<'a> {
    /// Goods come in and that is all.
    pub(crate) fn delivery(kind: SolutionKind, inbound: Vec<Rc<Shipment>>, extra_cost_minor: i64) -> Self {
        let arrival = ready(&inbound);
        let (visit, outsourced, onward, after) = (None, None, None, None);
        Self { kind, inbound, visit, outsourced, onward, after, extra_cost_minor, arrival }
    }

    /// Things come in and an engineer works.
    pub(crate) fn work(kind: SolutionKind, inbound: Vec<Rc<Shipment>>, visit: Rc<Visit<'a>>) -> Self {
        let arrival = visit.end();
        Self { visit: Some(visit), arrival, ..Self::delivery(kind, inbound, 0) }
    }

    /// Where the instrument is once it works.
    pub(crate) fn repaired_at(&self) -> Option<u32> {
        let outsourced = self.outsourced.as_ref().map(|outsourced| outsourced.site);
        self.visit.as_ref().map(|visit| visit.site).or(outsourced)
    }

    pub(crate) fn spent(&self) -> Spent {
        let inbound = self.inbound.iter().map(|shipment| shipment.spent);
        let onward = self.onward.iter().map(|shipment| shipment.spent);
        let visit = self.visit.iter().map(|visit| visit.spent);
        let outsourced = self.outsourced.iter().map(|outsourced| outsourced.spent);
        let after = self.after.iter().flat_map(|back| &back.shipment);
        let after = after.map(|shipment| Spent { risk_micro: 0, ..shipment.spent });
        let extra = Spent { cost_minor: self.extra_cost_minor, ..Spent::default() };
        inbound.chain(onward).chain(visit).chain(outsourced).chain(after).sum::<Spent>() + extra
    }
}

/// When all shipments are there.
pub(crate) fn ready(shipments: &[Rc<Shipment>]) -> Minute {
    shipments.iter().map(|shipment| shipment.ready).max().unwrap_or(Minute::MIN)
}

/// Drafts that no other of them beats in time, cost, CO2 and risk; of equals the first that came.
#[derive(Debug, Default)]
pub(crate) struct Best<'a>(Vec<(Minute, Spent, Draft<'a>)>);

impl<'a> Best<'a> {
    /// Adds the draft that `make` gives, which arrives at `at` and comes to `spent`, unless it is beaten; whether it
    /// was added.
    pub(crate) fn add(&mut self, (at, spent): (Minute, Spent), make: impl FnOnce() -> Draft<'a>) -> bool {
        let beaten = self.0.iter().any(|known| known.0 <= at && known.1.is_no_more_than(&spent));
        if !beaten {
            self.0.retain(|known| !(at <= known.0 && spent.is_no_more_than(&known.1)));
            self.0.push((at, spent, make()));
        }
        !beaten
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// When the first of them arrives.
    pub(crate) fn earliest(&self) -> Option<Minute> {
        self.0.iter().map(|known| known.0).min()
    }

    /// Whether one of them comes to no more than `least` in anything.
    pub(crate) fn any_within(&self, least: &Spent) -> bool {
        self.0.iter().any(|known| known.1.is_no_more_than(least))
    }

    /// The drafts, the earliest first.
    pub(crate) fn into_drafts(mut self) -> Vec<Draft<'a>> {
        self.0.sort_by_key(|(at, spent, _)| (*at, spent.cost_minor, spent.risk_micro, spent.co2_g));
        self.0.into_iter().map(|(_, _, draft)| draft).collect()
    }
}

/// Those of `ways` that no other beats in time, cost, CO2 and risk, the earliest first, of equals the first;
/// `score` gives all four.
pub(crate) fn unbeaten<T>(mut ways: Vec<T>, score: impl Fn(&T) -> (Minute, Spent)) -> Vec<T> {
    if ways.len() < 2 {
        return ways;
    }
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
