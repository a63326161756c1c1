//! ENGINEER_VISIT: an engineer travels to the instrument, parts arrive before the work starts, and the
//! instrument goes on from there if it has to.
//!
//! Each stretch of the engineer's time is searched from its beginning, and then again for setting out later than
//! the ways found, which may save nights and overtime. The front is exact when that ends because nothing can be
//! cheaper, greener or safer than what is found: no night, no overtime, and the best ways there are. Otherwise it
//! ends after `SEARCHES_MAX` searches, or after `IDLE_MAX` that found nothing better, and ways that set out later
//! still are not looked for. Work begins as soon as it can, in regular time only or with all the overtime there is;
//! mixtures of the two are not looked for.

use std::collections::BTreeSet;
use std::rc::Rc;

use meridian_types::EngineerId;

use super::journey::{Departure, Traveller, Wanted};
use super::least::{self, Least};
use super::on_site::in_place;
use super::outing::Stretch;
use super::qualification::{Waived, belongs, may_work, obstacle, working_time};
use super::{parts, ship_to_depot};
use crate::compile::{Minute, length};
use crate::draft::{Best, Draft, Shipment, Spent, Visit, ready, unbeaten};
use crate::duty::Pace;
use crate::model::{Candidate, Engineer, Reason, RepairTask, SolutionKind};
use crate::problem::{Problem, Repair};
use crate::scenario::{PartSets, Scenario};

/// Searches for ways out, per engineer, with and without overtime.
const SEARCHES_MAX: usize = 12;
/// Searches in a row that find nothing better before no more are made, unless more parts have come since: the days
/// of a timetable are alike.
const IDLE_MAX: usize = 3;

pub(super) fn candidates(problem: &Problem<'_>) -> Vec<Candidate> {
    let candidate = |engineer: &Engineer| Candidate::Visit { engineer: engineer.id.clone() };
    problem.task.iter().flat_map(|_| problem.world.engineers.iter().map(candidate)).collect()
}

/// Who goes where, and what for.
pub(super) struct Trip<'p, 'a> {
    pub(super) problem: &'p Problem<'a>,
    pub(super) scenario: &'p Scenario<'a>,
    pub(super) engineer: &'a Engineer,
    pub(super) repair: Repair<'a>,
    pub(super) task: &'a RepairTask,
    pub(super) home: u32,
    parts: PartSets,
    /// By when they are there.
    inputs: Vec<Inputs>,
    pub(super) waived: Waived,
}

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
    let (Some(repair), Some(task)) = (problem.repair, problem.task) else { return Err(Reason::NotServed) };
    let engineer = problem.engineer(engineer).ok_or(Reason::NotServed)?;
    may_work(problem, engineer, task, repair.site)?;
    let unknown = || Reason::UnknownSite { site: engineer.home.clone() };
    let home = problem.net.index_of(&engineer.home).ok_or_else(unknown)?;
    let parts = parts::sets(problem, scenario, &task.parts, repair.site)?;
    let trip = Trip::new(problem, scenario, (engineer, repair, task, home), parts);
    let drafts = if belongs(problem, engineer, repair.site) {
        in_place(problem, scenario, (engineer, repair, task), &trip.parts)?
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
        (engineer, repair, task, home): (&'a Engineer, Repair<'a>, &'a RepairTask, u32),
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
        Self { problem, scenario, engineer, repair, task, home, parts, inputs, waived: Waived::Nothing }
    }

    pub(super) fn traveller(&self, pace: Pace) -> Traveller<'_, 'a> {
        let (problem, view, engineer) = (self.problem, &self.scenario.view, self.engineer);
        Traveller { problem, view, engineer, home: self.home, pace }
    }

    /// Every visit that no other beats, within the bounds above.
    fn drafts(&self) -> Vec<Draft<'a>> {
        let (Some(least), Some(minutes)) = (self.least(), self.least_minutes()) else { return Vec::new() };
        let work_minutes = length(self.task.work_minutes).max(1);
        let mut best = Best::default();
        for overtime in [false, true] {
            if overtime && !self.scenario.overtime(self.engineer) {
                continue;
            }
            let task = (self.task, self.repair.site);
            let time = working_time(self.problem, self.scenario, self.engineer, task, overtime, self.waived);
            let mut effort = Effort { left: SEARCHES_MAX, idle: 0, inputs: 0 };
            for &span in &time.stretches {
                if self.too_late(&best, span.0) {
                    break;
                }
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

    /// Whether who leaves then is late for what is wanted, which is the earliest visit: the instrument need not go
    /// on, where one that is there later may be sent on with it.
    fn too_late(&self, best: &Best<'_>, leave: Minute) -> bool {
        if !self.scenario.soonest || self.repair.onward.is_some() {
            return false;
        }
        let travel = self.least_to(self.repair.site)[self.home as usize].map_or(0, |out| out.minutes);
        let done = leave.saturating_add(travel).saturating_add(length(self.task.work_minutes).max(1));
        best.earliest().is_some_and(|earliest| earliest < done)
    }

    /// What travelling to a site takes at least.
    pub(super) fn least_to(&self, site: u32) -> Rc<Least> {
        least::to(self.problem, site, self.engineer.cost_minor_per_hour)
    }

    /// The least minutes of a visit, from leaving home to being back.
    fn least_minutes(&self) -> Option<Minute> {
        let out = self.least_to(self.repair.site)[self.home as usize]?;
        let back = self.least_to(self.home)[self.repair.site as usize]?;
        let work = length(self.task.work_minutes).max(1);
        Some(out.minutes.saturating_add(back.minutes).saturating_add(work))
    }

    /// The least that a visit can cost, emit and risk, each by itself; `None` where no lanes lead.
    fn least(&self) -> Option<Spent> {
        let out = self.least_to(self.repair.site)[self.home as usize]?;
        let back = self.least_to(self.home)[self.repair.site as usize]?;
        let minutes = i64::from(length(self.task.work_minutes).max(1));
        let wages = minutes.saturating_mul(self.engineer.cost_minor_per_hour.max(0));
        let cost = out.cost.saturating_add(back.cost).saturating_add(wages);
        let visit = Spent {
            cost_minor: cost.saturating_add(59) / 60,
            co2_g: out.co2_g.saturating_add(back.co2_g),
            risk_micro: out.risk_micro,
        };
        let parts = self.parts.iter().map(|set| set.iter().map(|way| way.spent).sum::<Spent>());
        Some(visit + parts.reduce(|a, b| a.each(&b, i64::min))?)
    }

    /// Adds the visits that fit into one stretch of the engineer's time.
    fn within(&self, stretch: &Stretch<'_>, least: Spent, effort: &mut Effort, best: &mut Best<'a>) {
        let traveller = self.traveller(stretch.time.pace);
        let to_site = self.least_to(self.repair.site);
        let mut leave = stretch.span.0;
        while !effort.is_over() && leave < stretch.span.1 && !self.too_late(best, leave) {
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
                    let there = |inputs: &Inputs| outing.begins.is_some_and(|begins| inputs.ready <= begins);
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
    fn with_parts(&self, visit: &Rc<Visit<'a>>, best: &mut Best<'a>) -> bool {
        let there = self.inputs.partition_point(|inputs| inputs.ready <= visit.start());
        let sets = there.checked_sub(1).map_or(&[][..], |last| self.inputs[last].sets.as_slice());
        sets.iter().fold(false, |better, (set, spent)| {
            let draft =
                || Draft::work(SolutionKind::EngineerVisit, self.parts[*set].clone(), Rc::clone(visit));
            best.add((visit.end(), visit.spent + *spent), draft) || better
        })
    }

    /// Why there is no visit.
    fn obstacle(&self) -> Reason {
        let (from, to) = (self.engineer.home.clone(), self.problem.net.site(self.repair.site).id.clone());
        if self.least().is_none() {
            return Reason::NoRoute { from, to };
        }
        let (problem, scenario) = (self.problem, self.scenario);
        let tried = |waived| {
            let trip = (self.engineer, self.repair, self.task, self.home);
            !Trip { waived, ..Trip::new(problem, scenario, trip, Rc::clone(&self.parts)) }.drafts().is_empty()
        };
        obstacle(self.problem, self.scenario, (self.engineer, self.task), self.repair.site, tried)
    }
}
