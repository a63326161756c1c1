//! Drafts told as solutions: steps in instants and codes, with slack.

use meridian_types::{Interval, SiteId};

use crate::backward::{self, AssemblyLatest, LegLatest, ShipmentLatest, VisitLatest};
use crate::compile::{Minute, instant};
use crate::draft::{Assembly, Draft, Origin, Outsourced, Return, Shipment, Visit};
use crate::model::{Action, Claim, GateKind, Reasoning, Solution, Step, Subject, WaitCause};
use crate::problem::Problem;
use crate::rank::Chosen;
use crate::search::{Leg, View};
use crate::sentence;

/// The solution that a chosen draft stands for.
pub(crate) fn solution(problem: &Problem<'_>, view: &View<'_>, chosen: &Chosen<'_, '_>) -> Solution {
    let draft = chosen.draft;
    let latest = backward::latest(problem, view, draft);
    let mut teller = Teller { problem, view, steps: Vec::new(), consignments: 0 };
    for (shipment, latest) in draft.inbound.iter().zip(&latest.inbound) {
        teller.shipment(shipment, latest);
    }
    if let Some(visit) = &draft.visit {
        teller.visit(visit, &latest.visit);
    }
    if let (Some(outsourced), Some(latest)) = (&draft.outsourced, latest.outsourced) {
        teller.outsourced(outsourced, latest);
    }
    if let (Some(shipment), Some(latest)) = (&draft.onward, &latest.onward) {
        teller.shipment(shipment, latest);
    }
    if let Some(after) = &draft.after {
        teller.after(after, latest.after.as_ref());
    }
    teller.steps.sort_by_key(|step| step.start);
    let spent = draft.spent();
    let slack_minutes = problem.deadline.map(|deadline| i64::from(deadline) - i64::from(draft.arrival));
    let merits = chosen.merits.clone();
    let sentence = sentence::option(&merits);
    Solution {
        kind: draft.kind,
        steps: teller.steps,
        arrival: Some(instant(draft.arrival)),
        cost_minor: spent.cost_minor,
        co2_g: spent.co2_g,
        risk: probability(spent.risk_micro),
        in_time_probability: chosen.punctuality.in_time_micro.map(|micro| micro as f64 / 1e6),
        likely_by: chosen.punctuality.likely_by.map(instant),
        slack_minutes,
        meets_deadline: slack_minutes.is_none_or(|slack| slack >= 0),
        latest_safe_decision: instant(latest.decision),
        claims: claims(problem, draft),
        reason: Reasoning { merits, sentence },
    }
}

/// The probability that a sum of millionths of -ln(1 - p) stands for.
#[expect(clippy::cast_precision_loss, reason = "sums of risks are far below 2^52 millionths")]
pub(crate) fn probability(risk_micro: i64) -> f64 {
    let probability = 1.0 - (-(risk_micro as f64) / 1e6).exp();
    (probability * 1e6).round() / 1e6
}

fn claims(problem: &Problem<'_>, draft: &Draft<'_>) -> Vec<Claim> {
    let held = draft.inbound.iter().flat_map(|shipment| shipment.claims.iter());
    let mut claims: Vec<Claim> = held.cloned().collect();
    if let Some(visit) = &draft.visit {
        let site =
            if visit.remote { visit.engineer.home.clone() } else { problem.net.site(visit.site).id.clone() };
        let claim = |(start, end): (Minute, Minute)| {
            let during = Interval::new(instant(start), instant(end)).ok()?;
            let (engineer, region) = (visit.engineer.id.clone(), visit.engineer.region.clone());
            Some(Claim::Engineer { engineer, during, site: site.clone(), region })
        };
        claims.extend(visit.booked().into_iter().filter_map(claim));
    }
    if let Some(outsourced) = &draft.outsourced {
        let (party, answer_due) = (outsourced.offer.party.clone(), instant(outsourced.answer_due));
        claims.push(Claim::Party { party, answer_due });
    }
    claims
}

struct Teller<'t, 'a> {
    problem: &'t Problem<'a>,
    view: &'t View<'a>,
    steps: Vec<Step>,
    /// Consignments of goods told so far.
    consignments: u32,
}

impl Teller<'_, '_> {
    fn site(&self, site: u32) -> SiteId {
        self.problem.net.site(site).id.clone()
    }

    fn push(
        &mut self,
        subject: &Subject,
        action: Action,
        planned: (Minute, Minute),
        latest: (Minute, Minute),
    ) {
        let latest = (latest.0, latest.1.max(planned.1));
        self.steps.push(Step {
            subject: subject.clone(),
            action,
            start: instant(planned.0),
            end: instant(planned.1),
            latest_start: instant(latest.0),
            latest_end: instant(latest.1),
            slack_minutes: i64::from(latest.1) - i64::from(planned.1),
        });
    }

    fn wait(
        &mut self,
        subject: &Subject,
        at: u32,
        cause: WaitCause,
        until: (Minute, Minute),
        latest: Minute,
    ) {
        if until.0 < until.1 {
            let site = self.site(at);
            self.push(subject, Action::Wait { site, cause }, until, (latest, latest));
        }
    }

    /// The subject of a shipment, goods with the next number.
    fn subject(&mut self, shipment: &Shipment) -> Subject {
        let mut subject = Subject::clone(&shipment.subject);
        if let Subject::Goods { consignment, .. } = &mut subject {
            self.consignments += 1;
            *consignment = self.consignments;
        }
        subject
    }

    fn shipment(&mut self, shipment: &Shipment, latest: &ShipmentLatest) {
        let (subject, from) = (&self.subject(shipment), shipment.from);
        match &shipment.origin {
            Origin::There => {}
            Origin::Party { party, .. } => {
                let action = Action::Outsource { party: party.clone(), site: self.site(shipment.to) };
                return self.push(
                    subject,
                    action,
                    (shipment.start, shipment.ready),
                    (latest.begin, latest.ready),
                );
            }
            Origin::Prepared { supplied, assemblies } => {
                for (assembly, latest) in assemblies.iter().zip(&latest.assemblies) {
                    self.assembly(subject, assembly, latest);
                }
                let until = supplied.unwrap_or(self.problem.now);
                self.wait(subject, from, WaitCause::Supply, (self.problem.now, until), latest.begin);
            }
        }
        let pick = Action::Pick { site: self.site(from) };
        let begins = if shipment.picked > shipment.start {
            self.view.open(from).next_open(shipment.start).unwrap_or(shipment.start)
        } else {
            shipment.start
        };
        self.wait(subject, from, WaitCause::SiteOpens, (shipment.start, begins), latest.begin);
        self.push(subject, pick, (begins, shipment.picked), (latest.begin, latest.picked));
        let mut at = shipment.picked;
        if let (Some(licence), Some(apply)) = (&shipment.licence, latest.apply) {
            let gate = GateKind::Licence { gate: licence.gate.clone() };
            let action = Action::Gate { site: self.site(from), gate, documents: Vec::new() };
            let in_hand = licence.in_hand.max(self.problem.now);
            self.push(subject, action, (self.problem.now, in_hand), (apply, latest.picked));
            at = at.max(in_hand);
        }
        for (leg, leg_latest) in shipment.legs.iter().zip(&latest.legs) {
            self.leg(subject, leg, leg_latest, (at, WaitCause::Departure));
            self.entry(subject, leg, leg_latest);
            at = leg.ready;
        }
        self.wait(subject, shipment.to, WaitCause::SiteOpens, (at, shipment.ready), latest.ready);
    }

    /// The parts on their way, and the work.
    fn assembly(&mut self, subject: &Subject, assembly: &Assembly, latest: &AssemblyLatest) {
        let first = self.consignments + 1;
        for (part, latest) in assembly.inbound.iter().zip(&latest.inbound) {
            self.shipment(part, latest);
        }
        let action = Action::Assemble {
            site: self.site(assembly.site),
            kit: assembly.kit.clone(),
            parts: assembly.parts.clone(),
            consignments: (first..=self.consignments).collect(),
            work_minutes: i64::from(assembly.work_minutes),
        };
        self.push(subject, action, (assembly.start, assembly.end), (latest.start, latest.end));
    }

    /// Waiting for a departure, with a rest before it if there is one, and the way.
    fn leg(&mut self, subject: &Subject, leg: &Leg, latest: &LegLatest, (at, cause): (Minute, WaitCause)) {
        let data = &self.problem.net.lanes[leg.lane as usize];
        let (from, to) = (self.site(data.from), self.site(data.to));
        let until = if cause == WaitCause::Rest { leg.hand_over } else { at };
        self.wait(subject, data.from, cause, (at, until), latest.hand_over);
        self.wait(subject, data.from, WaitCause::Departure, (until, leg.depart), latest.hand_over);
        let lane = self.problem.net.lane(leg.lane).id.clone();
        let action = Action::Move { lane, from, to, hand_over_by: instant(leg.hand_over) };
        self.push(subject, action, (leg.depart, leg.arrive), (latest.hand_over, latest.arrive));
    }

    /// Customs, and waiting for the destination to open.
    fn entry(&mut self, subject: &Subject, leg: &Leg, latest: &LegLatest) {
        let data = &self.problem.net.lanes[leg.lane as usize];
        if let Some(clearance) = &data.clearance {
            let gate = GateKind::Customs { territory: clearance.territory.clone() };
            let action =
                Action::Gate { site: self.site(data.to), gate, documents: clearance.documents.clone() };
            let cleared = self.view.open(data.to).last_open(latest.ready).unwrap_or(leg.cleared);
            self.push(subject, action, (leg.arrive, leg.cleared), (latest.arrive, cleared));
        }
        self.wait(subject, data.to, WaitCause::SiteOpens, (leg.cleared, leg.ready), latest.ready);
    }

    fn visit(&mut self, visit: &Visit<'_>, latest: &VisitLatest) {
        let engineer = Subject::Engineer(visit.engineer.id.clone());
        let instrument = self.instrument();
        let pause = |from: Minute, to: Minute, otherwise| {
            if visit.pace.rests(from, to) { WaitCause::Rest } else { otherwise }
        };
        let mut at = None;
        for (leg, latest) in visit.out.iter().zip(&latest.out) {
            let since = at.unwrap_or(leg.hand_over);
            let cause = pause(since, leg.hand_over, WaitCause::Departure);
            self.leg(&engineer, leg, latest, (since, cause));
            at = Some(leg.ready);
        }
        for (&span, &latest) in visit.work.iter().zip(&latest.work) {
            let since = at.unwrap_or(span.0);
            let cause = pause(since, span.0, WaitCause::Work);
            self.wait(&engineer, visit.site, cause, (since, span.0), latest.0);
            let action = Action::Work {
                site: self.site(visit.site),
                engineer: visit.engineer.id.clone(),
                task: visit.task.task.clone(),
                work_minutes: i64::from(span.1 - span.0),
                remote: visit.remote,
            };
            self.push(&instrument, action, span, latest);
            at = Some(span.1);
        }
        for (leg, latest) in visit.back.iter().zip(&latest.back) {
            let since = at.unwrap_or(leg.hand_over);
            let cause = pause(since, leg.hand_over, WaitCause::Departure);
            self.leg(&engineer, leg, latest, (since, cause));
            at = Some(leg.ready);
        }
    }

    fn instrument(&self) -> Subject {
        let serial = self.problem.repair.map(|repair| repair.serial.clone());
        serial.map_or(Subject::Case, Subject::Instrument)
    }

    fn outsourced(&mut self, outsourced: &Outsourced<'_>, latest: (Minute, Minute)) {
        let (party, site) = (outsourced.offer.party.clone(), self.site(outsourced.site));
        let planned = (self.problem.now, outsourced.done);
        self.push(&self.instrument(), Action::Outsource { party, site }, planned, latest);
    }

    /// What goes back when its time is over.
    fn after(&mut self, after: &Return, latest: Option<&ShipmentLatest>) {
        let begin = latest.map_or(after.until, |latest| latest.begin);
        self.wait(&after.subject, after.from, WaitCause::Return, (after.since, after.until), begin);
        if let (Some(shipment), Some(latest)) = (&after.shipment, latest) {
            self.shipment(shipment, latest);
        }
    }
}
