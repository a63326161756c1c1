//! ENGINEER_VISIT: an engineer travels to the instrument, parts arrive before the work starts, and the
//! instrument goes on from there if it has to.

use std::rc::Rc;

use meridian_types::EngineerId;

use super::qualification::{WorkingTime, first_to_expire, labour_cost, may_work, working_time};
use super::{parts, ship_to_depot};
use crate::compile::{Minute, Traffic, length};
use crate::draft::{Draft, Shipment, Spent, Visit, ready, unbeaten};
use crate::model::{Candidate, Engineer, Reason, SolutionKind};
use crate::problem::{PartSets, Problem, Repair, Scenario};
use crate::search::{Leg, Payload, Seed, front};

pub(super) fn candidates(problem: &Problem<'_>) -> Vec<Candidate> {
    let candidate = |engineer: &Engineer| Candidate::Visit { engineer: engineer.id.clone() };
    problem.world.engineers.iter().map(candidate).collect()
}

/// Who goes where, and what for.
struct Trip<'p, 'a> {
    problem: &'p Problem<'a>,
    scenario: &'p Scenario<'a>,
    engineer: &'a Engineer,
    repair: Repair<'a>,
    home: u32,
    parts: PartSets,
}

pub(super) fn evaluate<'a>(
    problem: &Problem<'a>,
    scenario: &Scenario<'a>,
    engineer: &EngineerId,
) -> Result<Vec<Draft<'a>>, Reason> {
    let (Some(repair), Some(engineer)) = (problem.repair, problem.engineer(engineer)) else {
        return Err(Reason::NotServed);
    };
    may_work(problem, engineer, repair.task, repair.site)?;
    let unknown = || Reason::UnknownSite { site: engineer.home.clone() };
    let home = problem.net.index_of(&engineer.home).ok_or_else(unknown)?;
    let parts = parts::sets(problem, scenario, &repair.task.parts, repair.site)?;
    let trip = Trip { problem, scenario, engineer, repair, home, parts };
    let drafts = trip.drafts(true);
    if drafts.is_empty() {
        return Err(trip.obstacle());
    }
    ship_to_depot::send_on(problem, scenario, repair, repair.onward, drafts)
}

impl<'a> Trip<'_, 'a> {
    /// The first possible visit in regular time, and the first one with overtime.
    fn drafts(&self, certificates: bool) -> Vec<Draft<'a>> {
        let with_overtime = self.scenario.overtime(self.engineer);
        let task = (self.repair.task, self.repair.site);
        let mut drafts = Vec::new();
        for overtime in [false, true] {
            if overtime && !with_overtime {
                continue;
            }
            let time = working_time(self.problem, self.scenario, self.engineer, task, overtime, certificates);
            let found = time.stretches.iter().map(|stretch| self.within(&time, *stretch));
            drafts.extend(found.into_iter().find(|drafts| !drafts.is_empty()).unwrap_or_default());
        }
        drafts
    }

    /// The visits that fit into one stretch of the engineer's time.
    fn within(&self, time: &WorkingTime, stretch: (Minute, Minute)) -> Vec<Draft<'a>> {
        let windows = Rc::new(time.windows.within(stretch.0, stretch.1));
        let work_minutes = length(self.repair.task.work_minutes).max(1);
        if windows.open_between(stretch.0, stretch.1) < work_minutes {
            return Vec::new();
        }
        let mut drafts = Vec::new();
        for (there_at, lanes) in self.ways((self.home, self.repair.site), stretch.0) {
            for set in self.parts.iter() {
                let inputs = there_at.max(ready(set));
                let (Some(start), Some(end)) =
                    (windows.next_open(inputs), windows.add_working(inputs, work_minutes))
                else {
                    continue;
                };
                let Some(out) = self.as_late_as_possible(&lanes, stretch.0, start) else { continue };
                let mut visit = Visit {
                    engineer: self.engineer,
                    task: self.repair.task,
                    site: self.repair.site,
                    out,
                    back: Vec::new(),
                    start,
                    end,
                    work_minutes,
                    windows: Rc::clone(&windows),
                    there: there_at,
                    stretch,
                    spent: Spent::default(),
                };
                visit.spent = self.spent(&visit, time);
                drafts.push(self.draft(set.clone(), visit));
            }
        }
        let unbeaten = unbeaten(drafts, |draft| (draft.arrival, draft.spent()));
        unbeaten.into_iter().filter_map(|draft| self.and_back(draft, time)).collect()
    }

    fn draft(&self, inbound: Vec<Shipment>, visit: Visit<'a>) -> Draft<'a> {
        let arrival = visit.end;
        let kind = SolutionKind::EngineerVisit;
        Draft { kind, inbound, visit: Some(visit), onward: None, extra_cost_minor: 0, arrival }
    }

    /// Ways for one person that nothing beats: when they arrive, and by which lanes.
    fn ways(&self, (from, to): (u32, u32), at: Minute) -> Vec<(Minute, Vec<u32>)> {
        let seed = Seed { site: from, at, cost: 0, co2_g: 0, risk_micro: 0, tag: 0 };
        let found = front(&self.scenario.view, &Payload::PERSON, &[seed], to, None);
        found.ways().map(|way| (way.at, found.lanes(way))).collect()
    }

    /// The legs along `lanes` that leave home as late as being there by `by` allows.
    fn as_late_as_possible(&self, lanes: &[u32], from: Minute, by: Minute) -> Option<Vec<Leg>> {
        let view = &self.scenario.view;
        let latest = lanes
            .iter()
            .rev()
            .try_fold(by, |by, lane| view.latest(*lane, Traffic::People, by).map(|(hand_over, _)| hand_over));
        view.legs(lanes, Traffic::People, latest.unwrap_or(from).max(from))
    }

    /// The visit with the cheapest way home that the stretch allows.
    fn and_back(&self, mut draft: Draft<'a>, time: &WorkingTime) -> Option<Draft<'a>> {
        let visit = draft.visit.as_mut()?;
        let fare = |lanes: &[u32]| lanes.iter().map(|lane| self.fare(*lane).cost_minor).sum::<i64>();
        let ways = self.ways((self.repair.site, self.home), visit.end).into_iter();
        let in_time = ways.filter(|(home_at, _)| *home_at <= visit.stretch.1);
        let (_, lanes) = in_time.min_by_key(|(home_at, lanes)| (fare(lanes), *home_at))?;
        visit.back = self.scenario.view.legs(&lanes, Traffic::People, visit.end)?;
        visit.spent = self.spent(visit, time);
        Some(draft)
    }

    fn spent(&self, visit: &Visit<'_>, time: &WorkingTime) -> Spent {
        let legs = || visit.out.iter().chain(&visit.back);
        let travel: Minute = legs().map(|leg| leg.arrive - leg.depart).sum();
        let regular = time.regular.open_between(visit.start, visit.end).min(visit.work_minutes);
        let labour = labour_cost(self.engineer, travel + regular, visit.work_minutes - regular);
        let fare = |leg: &Leg| self.fare(leg.lane);
        // Who is late on the way home is not late for the customer.
        let late_at_home = visit.back.iter().map(|leg| fare(leg).risk_micro).sum::<i64>();
        let travelled = legs().map(fare).sum::<Spent>();
        let risk_micro = travelled.risk_micro - late_at_home;
        Spent { cost_minor: travelled.cost_minor.saturating_add(labour), risk_micro, ..travelled }
    }

    fn fare(&self, lane: u32) -> Spent {
        let net = self.problem.net;
        let (cost_minor, co2_g) = Payload::PERSON.terms(net.lane(lane)).unwrap_or_default();
        Spent { cost_minor, co2_g, risk_micro: net.lanes[lane as usize].risk_micro }
    }

    /// Why there is no visit.
    fn obstacle(&self) -> Reason {
        let (from, to) = (self.engineer.home.clone(), self.problem.net.site(self.repair.site).id.clone());
        if self.ways((self.home, self.repair.site), self.problem.now).is_empty()
            || self.ways((self.repair.site, self.home), self.problem.now).is_empty()
        {
            return Reason::NoRoute { from, to };
        }
        if !self.drafts(false).is_empty()
            && let Some((certificate, on)) = first_to_expire(self.engineer, self.repair.task)
        {
            return Reason::CertificateExpired { certificate, on };
        }
        Reason::NotFree { work_minutes: self.repair.task.work_minutes }
    }
}
