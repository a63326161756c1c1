//! The backward pass: from the moment that must be kept to the latest moment of everything before it.

use std::rc::Rc;

use crate::compile::{Minute, Traffic};
use crate::draft::{Assembly, Draft, Origin, Shipment, Visit};
use crate::kinds::purchase;
use crate::problem::Problem;
use crate::search::{Leg, View};

/// The latest moments of a shipment.
#[derive(Debug, Clone)]
pub(crate) struct ShipmentLatest {
    /// To begin picking, or to order from a party.
    pub(crate) begin: Minute,
    /// To be picked, and to have the licence.
    pub(crate) picked: Minute,
    /// To apply for the licence.
    pub(crate) apply: Option<Minute>,
    pub(crate) legs: Vec<LegLatest>,
    pub(crate) ready: Minute,
    /// One for each assembly of its origin.
    pub(crate) assemblies: Vec<AssemblyLatest>,
}

impl ShipmentLatest {
    /// To decide.
    fn decision(&self) -> Minute {
        let parts = self.assemblies.iter().flat_map(|assembly| &assembly.inbound);
        parts.map(Self::decision).chain(self.apply).fold(self.begin, Minute::min)
    }
}

/// The latest moments of an assembly.
#[derive(Debug, Clone)]
pub(crate) struct AssemblyLatest {
    pub(crate) start: Minute,
    pub(crate) end: Minute,
    pub(crate) inbound: Vec<ShipmentLatest>,
}

/// The latest moments of a leg.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LegLatest {
    pub(crate) hand_over: Minute,
    pub(crate) arrive: Minute,
    pub(crate) ready: Minute,
}

/// The latest moments of everything in a draft.
#[derive(Debug, Clone)]
pub(crate) struct Latest {
    pub(crate) inbound: Vec<ShipmentLatest>,
    pub(crate) out: Vec<LegLatest>,
    pub(crate) work: Option<(Minute, Minute)>,
    pub(crate) back: Vec<LegLatest>,
    pub(crate) onward: Option<ShipmentLatest>,
    /// To decide.
    pub(crate) decision: Minute,
}

/// Works backwards from the deadline or, when there is none or it is missed, from the arrival.
pub(crate) fn latest(problem: &Problem<'_>, view: &View<'_>, draft: &Draft<'_>) -> Latest {
    let target = problem.deadline.filter(|deadline| draft.arrival <= *deadline).unwrap_or(draft.arrival);
    let target = target.min(problem.net.end);
    let onward = draft.onward.as_ref().map(|shipment| self::shipment(problem, view, shipment, target));
    let work_done = onward.as_ref().map_or(target, |latest| latest.begin);
    let back = draft.visit.as_ref().map(|visit| legs(view, &visit.back, Traffic::People, visit.stretch.1));
    let work = draft.visit.as_ref().map(|visit| work(visit, work_done, back.as_deref().unwrap_or_default()));
    let needed = work.map_or(work_done, |(start, _)| start);
    let inbound: Vec<ShipmentLatest> =
        draft.inbound.iter().map(|shipment| self::shipment(problem, view, shipment, needed)).collect();
    let out = draft.visit.as_ref().map(|visit| legs(view, &visit.out, Traffic::People, needed));
    let out = out.unwrap_or_default();
    let begins = inbound.iter().map(ShipmentLatest::decision);
    let leaves = out.first().map(|leg| leg.hand_over);
    let applies = onward.as_ref().and_then(|latest| latest.apply);
    let decision = begins.chain(leaves).chain(applies).fold(needed, Minute::min).max(problem.now);
    Latest { inbound, out, work, back: back.unwrap_or_default(), onward, decision }
}

/// The latest legs that are ready by `by`. What is planned is always late enough.
fn legs(view: &View<'_>, legs: &[Leg], traffic: Traffic, by: Minute) -> Vec<LegLatest> {
    let mut by = by;
    let mut latest: Vec<LegLatest> = legs
        .iter()
        .rev()
        .map(|leg| {
            let (hand_over, arrive) =
                view.latest(leg.lane, traffic, by).unwrap_or((leg.hand_over, leg.arrive));
            let latest = LegLatest { hand_over, arrive: arrive.max(leg.arrive), ready: by };
            by = hand_over;
            latest
        })
        .collect();
    latest.reverse();
    latest
}

fn shipment(problem: &Problem<'_>, view: &View<'_>, shipment: &Shipment, by: Minute) -> ShipmentLatest {
    if let Origin::Party { lead_working_days, .. } = shipment.origin {
        let begin = purchase::order_by(problem, shipment.to, lead_working_days, by);
        let (legs, assemblies) = (Vec::new(), Vec::new());
        return ShipmentLatest { begin, picked: begin, apply: None, legs, ready: by, assemblies };
    }
    let legs = legs(view, &shipment.legs, Traffic::Goods, by);
    let open = view.open(shipment.from);
    let picked = match legs.first() {
        Some(leg) => leg.hand_over,
        None => open.last_open(by).unwrap_or(shipment.picked).max(shipment.picked),
    };
    let pick_minutes = problem.net.sites[shipment.from as usize].pick_minutes;
    let begin = open.sub_working(picked, pick_minutes).unwrap_or(shipment.start).max(shipment.start);
    let apply = shipment.licence.as_ref().map(|licence| {
        let days = problem.net.working_days(shipment.from);
        days.apply_by(picked, licence.working_days).unwrap_or(problem.now)
    });
    let assembly = |assembly: &Rc<Assembly>| self::assembly(problem, view, assembly, begin);
    let assemblies = shipment.origin.assemblies().iter().map(assembly).collect();
    ShipmentLatest { begin, picked, apply, legs, ready: by, assemblies }
}

fn assembly(problem: &Problem<'_>, view: &View<'_>, assembly: &Assembly, end: Minute) -> AssemblyLatest {
    let start = view.open(assembly.site).sub_working(end, assembly.work_minutes);
    let start = start.unwrap_or(assembly.start).max(assembly.start);
    let inbound = assembly.inbound.iter().map(|part| shipment(problem, view, part, start)).collect();
    AssemblyLatest { start, end, inbound }
}

/// The latest start and end of the work, so that it is done by `by` and the engineer gets home in time.
fn work(visit: &Visit<'_>, by: Minute, back: &[LegLatest]) -> (Minute, Minute) {
    let end = back.first().map_or(visit.stretch.1, |leg| leg.hand_over).min(by).max(visit.end);
    let start = visit.windows.sub_working(end, visit.work_minutes).unwrap_or(visit.start).max(visit.start);
    (start, end)
}
