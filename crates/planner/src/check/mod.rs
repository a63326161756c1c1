//! The independent checker: simulates a solution again from the records alone.
//!
//! It knows nothing of tables, labels or drafts: wall times, calendars, cut-offs, customs, export rules, people
//! and costs are worked out here a second time, differently. Shares no code with the search, on purpose.
//!
//! What is told about being in time is followed step by step with everything that may be late (`punctual`). It may be
//! too good by 2 millionths, and too bad by one part in 100: where very many moments are possible, the planner tells
//! some of them as later ones.

mod chances;
mod claims;
mod clock;
mod fault;
mod goods;
mod items;
mod late_visit;
mod late_work;
mod outsourced;
mod people;
mod punctual;
mod remote;
mod repair;
mod returns;
mod rules;
mod timetable;

use jiff::Timestamp;

use crate::compile::Compiled;
use crate::model::{Action, Need, Network, Request, Solution, SolutionKind, Step, Subject, World};

pub use fault::Fault;
pub(crate) use timetable::Timetable;

/// Everything a check looks at.
struct Checker<'c> {
    network: &'c Network,
    horizon_end: Timestamp,
    world: &'c World,
    request: &'c Request,
    solution: &'c Solution,
    faults: Vec<Fault>,
    cost_minor: i64,
    co2_g: i64,
    /// Probability that every leg, receipt and party is in time.
    in_time: f64,
    /// What each step that uses items is given.
    parts: Vec<(usize, &'c Subject)>,
    /// Probability that the party that repairs is late.
    repair_late: f64,
    /// Whether the need is met already: what is late now is late for nobody who waits.
    returning: bool,
}

/// Where the subject of a chain of steps ended up.
#[derive(Debug, Clone, Copy)]
struct Delivered<'c> {
    subject: &'c Subject,
    site: &'c meridian_types::SiteId,
    at: Timestamp,
}

/// Simulates `solution` step by step.
///
/// # Errors
/// Everything about it that does not hold.
pub fn check(
    net: &Compiled,
    world: &World,
    request: &Request,
    solution: &Solution,
) -> Result<(), Vec<Fault>> {
    check_by(&mut Timetable::new(net, request), net, world, request, solution)
}

/// The same, for one of several solutions of a request: they share what is known of its timetable.
pub(crate) fn check_by(
    timetable: &mut Timetable<'_>,
    net: &Compiled,
    world: &World,
    request: &Request,
    solution: &Solution,
) -> Result<(), Vec<Fault>> {
    let mut checker = Checker {
        network: net.network(),
        horizon_end: net.horizon().end,
        world,
        request,
        solution,
        faults: Vec::new(),
        cost_minor: 0,
        co2_g: 0,
        in_time: 1.0,
        parts: Vec::new(),
        repair_late: 0.0,
        returning: false,
    };
    checker.run();
    if checker.faults.is_empty() {
        // What does not happen is not likely by any moment.
        checker.faults = punctual::faults(&checker, timetable);
    }
    if checker.faults.is_empty() { Ok(()) } else { Err(checker.faults) }
}

impl<'c> Checker<'c> {
    fn expect(&mut self, holds: bool, fault: impl FnOnce() -> Fault) {
        if !holds {
            self.faults.push(fault());
        }
    }

    fn run(&mut self) {
        self.claims();
        if self.solution.kind == SolutionKind::Referral {
            let refers = self.solution.steps.iter().any(|step| matches!(step.action, Action::Refer { .. }));
            self.expect(refers && self.solution.arrival.is_none(), || Fault::NeedNotMet);
            return;
        }
        let now = self.request.now;
        for (index, step) in self.solution.steps.iter().enumerate() {
            let forward = now <= step.start && step.start <= step.end && step.end <= self.horizon_end;
            self.expect(forward, || Fault::OutOfTime { step: index });
            let starts = match &step.action {
                Action::Move { hand_over_by, .. } => *hand_over_by,
                _ => step.start,
            };
            let slack = starts <= step.latest_start && step.end <= step.latest_end;
            self.expect(slack, || Fault::WrongSlack { step: index });
        }
        let mut subjects: Vec<&Subject> = self.solution.steps.iter().map(|step| &step.subject).collect();
        subjects.sort();
        subjects.dedup();
        let mut delivered = Vec::new();
        for subject in subjects {
            if !matches!(subject, Subject::Engineer(_) | Subject::Case) {
                delivered.extend(self.goods(subject));
            }
        }
        self.shelves();
        let arrival = self.need(&delivered);
        self.expect(arrival.is_some() && arrival == self.solution.arrival, || Fault::WrongArrival {
            arrival,
        });
        self.totals();
    }

    /// Steps of one subject, with their places in the solution.
    fn steps_of(&self, subject: &Subject) -> Vec<(usize, &'c Step)> {
        self.solution.steps.iter().enumerate().filter(|(_, step)| step.subject == *subject).collect()
    }

    /// When the need is met, as far as it is.
    fn need(&mut self, delivered: &[Delivered<'c>]) -> Option<Timestamp> {
        match &self.request.need {
            Need::Items { .. } => {
                let arrival = self.used(delivered);
                self.expect(arrival.is_some(), || Fault::NeedNotMet);
                arrival
            }
            Need::Repair { model, serial, .. } => {
                self.used(delivered);
                self.working(model, serial, delivered)
            }
        }
    }

    /// Cost, CO2, risk, and what is said about the deadline.
    fn totals(&mut self) {
        let (cost_minor, co2_g) = (self.cost_minor, self.co2_g);
        self.expect(cost_minor == self.solution.cost_minor, || Fault::WrongCost { cost_minor });
        self.expect(co2_g == self.solution.co2_g, || Fault::WrongCo2 { co2_g });
        let risk = 1.0 - self.in_time;
        self.expect((risk - self.solution.risk).abs() < 1e-4, || Fault::WrongRisk);
        let deadline = self.request.need.deadline();
        let late = deadline.zip(self.solution.arrival).is_some_and(|(deadline, arrival)| arrival > deadline);
        self.expect(late != self.solution.meets_deadline, || Fault::WrongDeadline);
        self.expect(self.solution.latest_safe_decision >= self.request.now, || Fault::WrongDeadline);
    }
}
