//! ENGINEER_VISIT: an engineer travels to the instrument, parts arrive before the work starts, and the
//! instrument goes on from there if it has to.
//!
//! Each stretch of the engineer's time is searched from its beginning, and then again for setting out later than
//! the ways found, which may save nights and overtime. The front is exact when that ends because nothing can be
//! cheaper, greener or safer than what is found: no night, no overtime, and the best ways there are. Otherwise it
//! ends after `SEARCHES_MAX` searches, or after `IDLE_MAX` that found nothing better, and ways that set out later
//! still are not looked for. Work begins as soon as it can, in regular time only or with all the overtime there is;
//! mixtures of the two are not looked for.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use meridian_types::EngineerId;

use super::journey::{Departure, Journeys, Label, Traveller, Wanted};
use super::least::{self, Least};
use super::on_site::{in_place, labour};
use super::qualification::{Waived, WorkingTime, belongs, may_work, obstacle, working_time};
use super::{parts, ship_to_depot};
use crate::compile::{IntervalSet, Minute, Service, length};
use crate::draft::{Best, Draft, Shipment, Spent, Visit, ready, unbeaten};
use crate::duty::{self, Before, Pace};
use crate::model::{Candidate, Engineer, Reason, SolutionKind};
use crate::problem::{Problem, Repair};
use crate::scenario::{PartSets, Scenario};
use crate::search::Leg;

/// Searches for ways out, per engineer, with and without overtime.
const SEARCHES_MAX: usize = 12;
/// Searches in a row that find nothing better before no more are made, unless more parts have come since: the days
/// of a timetable are alike.
const IDLE_MAX: usize = 3;

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
    /// By when they are there.
    inputs: Vec<Inputs>,
    waived: Waived,
}

/// A stretch of the engineer's time.
struct Stretch<'t> {
    time: &'t WorkingTime,
    overtime: bool,
    span: (Minute, Minute),
    windows: Rc<IntervalSet>,
}

/// What comes of setting out on one journey.
#[derive(Debug)]
pub(crate) struct Outing<'a> {
    visits: Vec<Visit<'a>>,
    /// When to set out next for something else to come of it.
    later: Minute,
}

/// Outings that are known: whose, with or without overtime, setting out when, on which of the journeys, and with
/// parts that are there when.
pub(crate) type Outings<'a> =
    Rc<RefCell<BTreeMap<(&'a EngineerId, bool, Minute, usize, Minute), Rc<Outing<'a>>>>>;

/// How much was searched for one engineer.
struct Effort {
    /// Searches that may still be made.
    left: usize,
    /// Searches in a row that found nothing better.
    idle: usize,
    /// Sets of parts that could be there so far, an index into [`Trip::inputs`].
    inputs: usize,
}

impl Effort {
    const fn is_over(&self) -> bool {
        self.left == 0 || self.idle >= IDLE_MAX
    }
}

/// Sets of parts that are there by some moment and of which none beats another in what it takes.
struct Inputs {
    ready: Minute,
    /// Indices of the sets, and what each takes.
    sets: Vec<(usize, Spent)>,
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
    let trip = Trip::new(problem, scenario, (engineer, repair, home), parts);
    let drafts = if belongs(problem, engineer, repair.site) {
        in_place(problem, scenario, (engineer, repair), &trip.parts)?
    } else {
        trip.drafts()
    };
    if drafts.is_empty() {
        return Err(trip.obstacle());
    }
    ship_to_depot::send_on(problem, scenario, repair, repair.onward, drafts)
}

impl<'p, 'a> Trip<'p, 'a> {
    fn new(
        problem: &'p Problem<'a>,
        scenario: &'p Scenario<'a>,
        (engineer, repair, home): (&'a Engineer, Repair<'a>, u32),
        parts: PartSets,
    ) -> Self {
        let moments: BTreeSet<Minute> = parts.iter().map(|set| ready(set)).collect();
        let spent = |set: &[Rc<Shipment>]| set.iter().map(|shipment| shipment.spent).sum::<Spent>();
        let by = |by: Minute| {
            let there = parts.iter().enumerate().filter(|(_, set)| ready(set) <= by);
            let sets = there.map(|(index, set)| (index, spent(set))).collect();
            Inputs { ready: by, sets: unbeaten(sets, |(_, spent)| (by, *spent)) }
        };
        let inputs = moments.into_iter().map(by).collect();
        Self { problem, scenario, engineer, repair, home, parts, inputs, waived: Waived::Nothing }
    }

    fn traveller(&self, pace: Pace) -> Traveller<'_, 'a> {
        let (problem, view, engineer) = (self.problem, &self.scenario.view, self.engineer);
        Traveller { problem, view, engineer, home: self.home, pace }
    }

    /// Every visit that no other beats, within the bounds above.
    fn drafts(&self) -> Vec<Draft<'a>> {
        let (Some(least), Some(minutes)) = (self.least(), self.least_minutes()) else { return Vec::new() };
        let work_minutes = length(self.repair.task.work_minutes).max(1);
        let mut best = Best::default();
        for overtime in [false, true] {
            if overtime && !self.scenario.overtime(self.engineer) {
                continue;
            }
            let task = (self.repair.task, self.repair.site);
            let time = working_time(self.problem, self.scenario, self.engineer, task, overtime, self.waived);
            let mut effort = Effort { left: SEARCHES_MAX, idle: 0, inputs: 0 };
            for &span in &time.stretches {
                let windows = Rc::new(time.windows.within(span.0, span.1));
                if windows.open_between(span.0, span.1) < work_minutes || span.1 - span.0 < minutes {
                    continue;
                }
                let inputs = self.inputs.partition_point(|inputs| inputs.ready <= span.1);
                if inputs > effort.inputs {
                    (effort.inputs, effort.idle) = (inputs, 0);
                }
                let stretch = Stretch { time: &time, overtime, span, windows };
                self.within(&stretch, least, &mut effort, &mut best);
                if effort.left == 0 || self.settled(&best, least) {
                    break;
                }
            }
        }
        best.into_drafts()
    }

    /// Whether nothing can be cheaper, greener or safer than one of these; or, where only that counts, whether there
    /// is one.
    fn settled(&self, best: &Best<'_>, least: Spent) -> bool {
        if self.waived == Waived::Nothing { best.any_within(&least) } else { !best.is_empty() }
    }

    /// What travelling to a site takes at least.
    fn least_to(&self, site: u32) -> Rc<Least> {
        least::to(self.problem, site, self.engineer.cost_minor_per_hour)
    }

    /// The least minutes of a visit, from leaving home to being back.
    fn least_minutes(&self) -> Option<Minute> {
        let out = self.least_to(self.repair.site)[self.home as usize]?;
        let back = self.least_to(self.home)[self.repair.site as usize]?;
        let work = length(self.repair.task.work_minutes).max(1);
        Some(out.minutes.saturating_add(back.minutes).saturating_add(work))
    }

    /// The least that a visit can cost, emit and risk, each by itself; `None` where no lanes lead.
    fn least(&self) -> Option<Spent> {
        let out = self.least_to(self.repair.site)[self.home as usize]?;
        let back = self.least_to(self.home)[self.repair.site as usize]?;
        let minutes = i64::from(length(self.repair.task.work_minutes).max(1));
        let wages = minutes.saturating_mul(self.engineer.cost_minor_per_hour.max(0));
        let cost = out.cost.saturating_add(back.cost).saturating_add(wages);
        let visit = Spent {
            cost_minor: cost.saturating_add(59) / 60,
            co2_g: out.co2_g.saturating_add(back.co2_g),
            risk_micro: out.risk_micro,
        };
        let parts = self.parts.iter().map(|set| set.iter().map(|way| way.spent).sum::<Spent>());
        Some(visit + parts.reduce(each_least)?)
    }

    /// Adds the visits that fit into one stretch of the engineer's time.
    fn within(&self, stretch: &Stretch<'_>, least: Spent, effort: &mut Effort, best: &mut Best<'a>) {
        let traveller = self.traveller(stretch.time.pace);
        let to_site = self.least_to(self.repair.site);
        let mut leave = stretch.span.0;
        while !effort.is_over() && leave < stretch.span.1 {
            effort.left -= 1;
            effort.idle += 1;
            let departure = Departure { site: self.home, at: leave, duty_since: None };
            let found =
                traveller.journeys(departure, (self.repair.site, &to_site), stretch.span.1, Wanted::All);
            let mut later = Minute::MAX;
            for (journey, label) in found.iter().enumerate() {
                let mut next = 0;
                while let Some(inputs) = self.inputs.get(next) {
                    let outing =
                        self.outing(stretch, (&traveller, &found, label), (leave, journey), inputs.ready);
                    later = later.min(outing.later);
                    for visit in &outing.visits {
                        if self.with_parts(visit, best) {
                            effort.idle = 0;
                        }
                    }
                    // What is there before the work begins changes nothing about the work.
                    let begins = outing.visits.iter().map(Visit::start).min();
                    let there = |inputs: &Inputs| begins.is_some_and(|begins| inputs.ready <= begins);
                    next = self.inputs.partition_point(there).max(next + 1);
                }
            }
            if later == Minute::MAX || self.settled(best, least) {
                break;
            }
            leave = later.max(leave + 1);
        }
    }

    /// Adds a visit with each set of parts that is there when it begins; whether that is better than what is known.
    fn with_parts(&self, visit: &Visit<'a>, best: &mut Best<'a>) -> bool {
        let there = self.inputs.partition_point(|inputs| inputs.ready <= visit.start());
        let sets = there.checked_sub(1).map_or(&[][..], |last| self.inputs[last].sets.as_slice());
        sets.iter().fold(false, |better, (set, spent)| {
            let draft = || Draft::work(SolutionKind::EngineerVisit, self.parts[*set].clone(), visit.clone());
            best.add((visit.end(), visit.spent + *spent), draft) || better
        })
    }

    /// The visits that one journey out allows, whole.
    fn outing(
        &self,
        stretch: &Stretch<'_>,
        (traveller, found, label): (&Traveller<'_, 'a>, &Journeys, &Label),
        (leave, journey): (Minute, usize),
        inputs: Minute,
    ) -> Rc<Outing<'a>> {
        let key = (&self.engineer.id, stretch.overtime, leave, journey, inputs);
        let known = self.scenario.outings.borrow().get(&key).cloned();
        if let Some(known) = known.filter(|_| self.waived == Waived::Nothing) {
            return known;
        }
        let visits = self.visits(stretch, (traveller, found, label), inputs, leave);
        let later = visits.iter().map(|visit| self.leaves_later(visit, stretch)).min();
        let whole = |visit: Visit<'a>| {
            let back = self.way_home(traveller, &visit)?;
            let mut visit = Visit { back, ..visit };
            visit.spent = self.spent(&visit, stretch.time);
            visit.pace.kept(&visit.duties()).then_some(visit)
        };
        let visits = visits.into_iter().filter_map(whole).collect();
        let outing = Rc::new(Outing { visits, later: later.unwrap_or(Minute::MAX) });
        if self.waived == Waived::Nothing {
            self.scenario.outings.borrow_mut().insert(key, Rc::clone(&outing));
        }
        outing
    }

    /// The visits, without their way home, that one journey out allows: travelling just in time and, where there is
    /// a rest rule, also with a rest before the work, and as early as possible.
    fn visits(
        &self,
        stretch: &Stretch<'_>,
        (traveller, found, label): (&Traveller<'_, 'a>, &Journeys, &Label),
        inputs: Minute,
        leave: Minute,
    ) -> Vec<Visit<'a>> {
        let pace = stretch.time.pace;
        let minutes = length(self.repair.task.work_minutes).max(1);
        let work = |at: Minute, duty_since: Minute| {
            let before = Before { idle_since: at, duty_since };
            duty::work(&stretch.windows, at.max(inputs), minutes, pace, before)
        };
        let Some(first) = work(label.at, label.duty_since) else { return Vec::new() };
        let start = first[0].0;
        let mut by = vec![start];
        if pace.rules() {
            by.extend([start - pace.rest, label.at]);
            by.retain(|by| *by >= label.at);
            by.dedup();
        }
        let visit = |by: Minute| {
            let out = traveller.legs(found, label, leave, by)?;
            let legs: Vec<_> = out.iter().map(|leg| (leg.hand_over, leg.arrive)).collect();
            let (at, since) = (legs.last()?.1, *pace.stretches(&legs).last()?);
            Some(Visit {
                engineer: self.engineer,
                task: self.repair.task,
                site: self.repair.site,
                out,
                back: Vec::new(),
                work: work(at, since)?,
                windows: Rc::clone(&stretch.windows),
                there: label.at,
                stretch: stretch.span,
                admission: stretch.time.admission.clone(),
                pace,
                remote: false,
                spent: Spent::default(),
            })
        };
        by.into_iter().filter_map(visit).filter(|visit| pace.kept(&visit.duties())).collect()
    }

    /// When to set out next for something else to come of it: a minute too late for these departures or, where
    /// somebody can travel at any time, in time for the next window of work.
    fn leaves_later(&self, visit: &Visit<'_>, stretch: &Stretch<'_>) -> Minute {
        let Some(first) = visit.out.first() else { return Minute::MAX };
        let lanes = &self.problem.net.lanes;
        let timed = |leg: &Leg| matches!(lanes[leg.lane as usize].service, Service::Timetable(_));
        if visit.out.iter().any(timed) {
            return first.hand_over + 1;
        }
        let next = stretch.windows.iter().find(|window| window.0 > visit.start());
        next.map_or(Minute::MAX, |window| first.hand_over + (window.0 - visit.start()))
    }

    /// The cheapest way home that the stretch and the rest rule allow, the earliest of equals.
    fn way_home(&self, traveller: &Traveller<'_, 'a>, visit: &Visit<'_>) -> Option<Vec<Leg>> {
        let departure = Departure { site: visit.site, at: visit.end(), duty_since: Some(duty_since(visit)) };
        let home = (self.home, &*self.least_to(self.home));
        let found = traveller.journeys(departure, home, visit.stretch.1, Wanted::Cheap);
        let label = found.iter().min_by_key(|label| (label.cost, label.at))?;
        traveller.legs(&found, label, visit.end(), label.at)
    }

    fn spent(&self, visit: &Visit<'_>, time: &WorkingTime) -> Spent {
        let legs: Vec<&Leg> = visit.out.iter().chain(&visit.back).collect();
        let travel: Minute = legs.iter().map(|leg| leg.arrive - leg.depart).sum();
        let night = |pair: &[&Leg]| {
            let place = self.problem.net.lanes[pair[0].lane as usize].to;
            if place == self.home { 0 } else { self.problem.nights(place, pair[0].arrive, pair[1].depart) }
        };
        let nights =
            legs.windows(2).map(night).sum::<i64>().saturating_mul(self.engineer.night_cost_minor.max(0));
        let wages = labour(self.engineer, time, travel, &visit.work);
        let traveller = self.traveller(visit.pace);
        let out: Spent = visit.out.iter().map(|leg| traveller.fare(leg.lane)).sum();
        let back: Spent = visit.back.iter().map(|leg| traveller.fare(leg.lane)).sum();
        // Who is late on the way home is not late for the customer.
        let back = Spent { risk_micro: 0, ..back };
        out + back + Spent { cost_minor: nights.saturating_add(wages), ..Spent::default() }
    }

    /// Why there is no visit.
    fn obstacle(&self) -> Reason {
        let (from, to) = (self.engineer.home.clone(), self.problem.net.site(self.repair.site).id.clone());
        if self.least().is_none() {
            return Reason::NoRoute { from, to };
        }
        let (problem, scenario) = (self.problem, self.scenario);
        let tried = |waived| {
            let trip = (self.engineer, self.repair, self.home);
            !Trip { waived, ..Trip::new(problem, scenario, trip, Rc::clone(&self.parts)) }.drafts().is_empty()
        };
        obstacle(self.problem, self.scenario, (self.engineer, self.repair.task), self.repair.site, tried)
    }
}

fn each_least(a: Spent, b: Spent) -> Spent {
    Spent {
        cost_minor: a.cost_minor.min(b.cost_minor),
        co2_g: a.co2_g.min(b.co2_g),
        risk_micro: a.risk_micro.min(b.risk_micro),
    }
}

/// When the stretch of duty began in which the work ended; of no interest without a rest rule.
fn duty_since(visit: &Visit<'_>) -> Minute {
    if !visit.pace.rules() {
        return visit.end();
    }
    let since = visit.pace.stretches(&visit.duties());
    since.last().copied().unwrap_or_else(|| visit.start())
}
