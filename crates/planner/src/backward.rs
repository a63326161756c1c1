//! The backward pass: from the moment that must be kept to the latest moment of everything before it.

use std::rc::Rc;

use crate::compile::{Minute, Traffic, floor};
use crate::draft::{Assembly, Draft, Origin, Outsourced, Shipment, Visit};
use crate::model::{Claim, Reason};
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

/// The latest moments of a visit, each if nothing else changes but what comes after it.
#[derive(Debug, Clone, Default)]
pub(crate) struct VisitLatest {
    pub(crate) out: Vec<LegLatest>,
    /// The latest start and end of each span of work.
    pub(crate) work: Vec<(Minute, Minute)>,
    pub(crate) back: Vec<LegLatest>,
}

/// The latest moments of everything in a draft.
#[derive(Debug, Clone)]
pub(crate) struct Latest {
    pub(crate) inbound: Vec<ShipmentLatest>,
    pub(crate) visit: VisitLatest,
    /// To order from another party, and for it to be done.
    pub(crate) outsourced: Option<(Minute, Minute)>,
    pub(crate) onward: Option<ShipmentLatest>,
    pub(crate) after: Option<ShipmentLatest>,
    /// To decide.
    pub(crate) decision: Minute,
}

/// Works backwards from the deadline or, when there is none or it is missed, from the arrival.
pub(crate) fn latest(problem: &Problem<'_>, view: &View<'_>, draft: &Draft<'_>) -> Latest {
    let target = problem.deadline.filter(|deadline| draft.arrival <= *deadline).unwrap_or(draft.arrival);
    let target = target.min(problem.net.end);
    let onward = draft.onward.as_ref().map(|shipment| self::shipment(problem, view, shipment, target));
    let work_done = onward.as_ref().map_or(target, |latest| latest.begin);
    let visit = draft.visit.as_ref().map(|visit| self::visit(view, visit, work_done)).unwrap_or_default();
    let needed = visit.work.first().map_or(work_done, |(start, _)| *start);
    let inbound: Vec<ShipmentLatest> =
        draft.inbound.iter().map(|shipment| self::shipment(problem, view, shipment, needed)).collect();
    let outsourced = draft.outsourced.as_ref().map(|job| outsourced(problem, job, work_done));
    // What happens afterwards keeps nobody waiting.
    let after = draft.after.as_ref().and_then(|after| after.shipment.as_ref());
    let after = after.map(|shipment| self::shipment(problem, view, shipment, problem.net.end));
    let begins = inbound.iter().map(ShipmentLatest::decision);
    let leaves = visit.out.first().map(|leg| leg.hand_over);
    let applies = onward.as_ref().and_then(|latest| latest.apply);
    let orders = outsourced.map(|(order, _)| order);
    let work = visit.work.first().map_or(needed, |latest| latest.0);
    let permits = draft.visit.as_ref().and_then(|visit| permit((problem, view), visit, work));
    let expected = draft.inbound.iter().filter_map(|shipment| expected(problem, shipment));
    let moments = begins.chain(leaves).chain(applies).chain(orders).chain(permits).chain(expected);
    let decision = moments.fold(needed, Minute::min).max(problem.now);
    Latest { inbound, visit, outsourced, onward, after, decision }
}

/// Until when the first receipt that a shipment counts on is expected: then it is there, or it can't be counted on.
fn expected(problem: &Problem<'_>, shipment: &Shipment) -> Option<Minute> {
    let expected = shipment.claims.iter().filter_map(|claim| problem.receipt(claim));
    expected.map(|record| floor(record.expected)).min()
}

/// The last moment to order, so that the party is done by `by`; never later than its answer allows.
fn outsourced(problem: &Problem<'_>, job: &Outsourced<'_>, by: Minute) -> (Minute, Minute) {
    let by = by.max(job.done);
    (order(problem, (job.site, job.offer.lead_working_days), job.answer_due, by), by)
}

/// The last moment to order what takes so many working days at a site, so that it is there by `by`. The party may
/// take as long to answer as it may now, when it must answer by `answer_due`.
fn order(
    problem: &Problem<'_>,
    (site, lead_working_days): (u32, i32),
    answer_due: Minute,
    by: Minute,
) -> Minute {
    let days = problem.net.working_days(site).apply_by(by, lead_working_days);
    let answered = by.saturating_sub(answer_due - problem.now);
    days.unwrap_or(problem.now).min(answered).max(problem.now)
}

/// The last moment to ask for the right to work, or to announce a visit, so that the work can begin by `by`. Who
/// waits for it decides at once: a later decision may cost whole days.
fn permit((problem, view): (&Problem<'_>, &View<'_>), visit: &Visit<'_>, by: Minute) -> Option<Minute> {
    match &visit.admission.because {
        None => None,
        Some(Reason::PermitPending { working_days, .. }) => {
            let applied = problem.net.working_days(visit.site).apply_by(by, *working_days);
            let announced = view.open(visit.site).sub_working(by, visit.admission.notice);
            applied.zip(announced).map(|(applied, announced)| applied.min(announced)).or(Some(problem.now))
        }
        Some(_) => Some(problem.now),
    }
}

/// The latest moments of a visit: the work done by `by`, home within the stretch, and rests as planned. A stretch of
/// duty ends at the latest where it would if it began as planned.
fn visit(view: &View<'_>, visit: &Visit<'_>, by: Minute) -> VisitLatest {
    let (duties, pace) = (visit.duties(), visit.pace);
    let ends: Vec<Minute> =
        pace.stretches(&duties).iter().map(|since| since.saturating_add(pace.duty_max)).collect();
    let mut latest = VisitLatest::default();
    let mut next = visit.stretch.1;
    for (index, duty) in duties.iter().enumerate().rev() {
        let rest = duties.get(index + 1).is_some_and(|next| pace.rests(duty.1, next.0));
        let limit = (next - if rest { pace.rest } else { 0 }).min(ends[index]);
        let at_work = index.checked_sub(visit.out.len()).filter(|at| *at < visit.work.len());
        if let Some(at) = at_work {
            let end = if at + 1 == visit.work.len() { limit.min(by) } else { limit }.max(duty.1);
            let minutes = duty.1 - duty.0;
            let windows = &visit.windows;
            // Guidance from afar knows no pause.
            let start = if visit.remote {
                let last =
                    |(from, to): (Minute, Minute)| Some(end.min(to) - minutes).filter(|at| from <= *at);
                windows.iter().filter_map(last).last()
            } else {
                windows.sub_working(end, minutes)
            };
            let start = start.unwrap_or(duty.0).max(duty.0);
            latest.work.push((start, end));
            next = start;
        } else {
            let leg = visit
                .out
                .get(index)
                .unwrap_or_else(|| &visit.back[index - visit.out.len() - visit.work.len()]);
            let leg_latest = self::leg(view, leg, Traffic::People, limit);
            next = leg_latest.hand_over;
            let side = if index < visit.out.len() { &mut latest.out } else { &mut latest.back };
            side.push(leg_latest);
        }
    }
    latest.out.reverse();
    latest.work.reverse();
    latest.back.reverse();
    latest
}

/// The latest legs that are ready by `by`.
fn legs(view: &View<'_>, legs: &[Leg], traffic: Traffic, by: Minute) -> Vec<LegLatest> {
    let mut by = by;
    let latest = |leg: &Leg| {
        let latest = self::leg(view, leg, traffic, by);
        by = latest.hand_over;
        latest
    };
    let mut latest: Vec<LegLatest> = legs.iter().rev().map(latest).collect();
    latest.reverse();
    latest
}

/// The latest run of a leg that is ready by `by`. What is planned is always late enough.
fn leg(view: &View<'_>, leg: &Leg, traffic: Traffic, by: Minute) -> LegLatest {
    let by = by.max(leg.ready);
    let (hand_over, arrive) = view.latest(leg.lane, traffic, by).unwrap_or((leg.hand_over, leg.arrive));
    LegLatest { hand_over: hand_over.max(leg.hand_over), arrive: arrive.max(leg.arrive), ready: by }
}

fn shipment(problem: &Problem<'_>, view: &View<'_>, shipment: &Shipment, by: Minute) -> ShipmentLatest {
    if let Origin::Party { lead_working_days, .. } = shipment.origin {
        let due = shipment.claims.iter().filter_map(|claim| match claim {
            Claim::Party { answer_due, .. } => Some(floor(*answer_due)),
            _ => None,
        });
        let answer_due = due.fold(problem.now, Minute::max);
        let begin = order(problem, (shipment.to, lead_working_days), answer_due, by);
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
