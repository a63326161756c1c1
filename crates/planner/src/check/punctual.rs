//! How likely a solution is in time, and by when it is likely there: the same trips once more, with every lateness
//! that the records know of, from step to step through the timetable.
//!
//! Who is late takes the next departure of the same lanes. Things are late independently of each other, a lane by
//! its quantiles, and a day where nobody has measured it. Who has travelled had no rest before the work, and must
//! be able to get home on the way that is planned.

use std::collections::BTreeSet;

use jiff::Timestamp;
use meridian_types::SiteId;

use super::chances::Chances;
use super::returns::is_return;
use super::timetable::{Minute, Timetable, minute, minute_up};
use super::{Checker, Fault};
use crate::model::{Action, Claim, GateKind, Lane, SolutionKind, Step, Subject, WaitCause};

/// What is told may be too good by so much: probabilities are told in millionths.
const TOO_GOOD_MAX: f64 = 2e-6;
/// What is told may be too bad by so much: where very many moments are possible, some are told as later ones.
const TOO_BAD_MAX: f64 = 0.01;
/// What is likely holds nine times out of ten.
const LIKELY: f64 = 0.9;
/// How late something is when nobody has said.
const LATE_MINUTES: Minute = 1440;

/// Steps with their places in the solution.
type Steps<'c> = [(usize, &'c Step)];

/// Follows what is late.
pub(super) struct Follower<'k, 'c, 'n> {
    pub(super) checker: &'k Checker<'c>,
    pub(super) timetable: &'k mut Timetable<'n>,
    /// Claims on receipts that a consignment waits for, places in the solution.
    awaited: BTreeSet<usize>,
}

/// What is told about the probability of a solution that holds otherwise, and is not so.
pub(super) fn faults(checker: &Checker<'_>, timetable: &mut Timetable<'_>) -> Vec<Fault> {
    let solution = checker.solution;
    if solution.arrival.is_none() {
        let silent = solution.in_time_probability.is_none() && solution.likely_by.is_none();
        return if silent { Vec::new() } else { vec![Fault::WrongInTimeProbability { micro: None }] };
    }
    // Who needs no overtime as planned may or may not be counted on to do some when something is late.
    let mut follow = |overtime: bool| {
        Follower { checker, timetable, awaited: BTreeSet::new() }
            .arrival(overtime)
            .map(|chances| wrong(checker, &chances))
    };
    let without = follow(false);
    if without.as_ref().is_some_and(Vec::is_empty) {
        return Vec::new();
    }
    follow(true)
        .filter(|with| with.is_empty())
        .or(without)
        .unwrap_or_else(|| vec![Fault::WrongLikelyBy { likely_by: None }])
}

fn wrong(checker: &Checker<'_>, chances: &Chances) -> Vec<Fault> {
    let (solution, mut faults) = (checker.solution, Vec::new());
    let near = |told: f64, is: f64| told <= is + TOO_GOOD_MAX && told >= is - TOO_BAD_MAX;
    let in_time = checker.request.need.deadline().map(|deadline| chances.by(minute(deadline)));
    let right = match (solution.in_time_probability, in_time) {
        (Some(told), Some(is)) => near(told, is),
        (told, is) => told.is_none() && is.is_none(),
    };
    if !right {
        let micro = in_time.map(millionths);
        faults.push(Fault::WrongInTimeProbability { micro });
    }
    let likely = |at: Minute, most: f64| chances.by(at) >= LIKELY + most;
    let right = match solution.likely_by.map(minute) {
        Some(told) => likely(told, -TOO_GOOD_MAX) && !likely(told - 1, TOO_BAD_MAX),
        None => !likely(Minute::MAX, TOO_BAD_MAX),
    };
    if !right {
        let at = chances.iter().map(|(at, _)| at).find(|at| likely(*at, -TOO_GOOD_MAX));
        let likely_by = at.and_then(|at| Timestamp::from_second(at * 60).ok());
        faults.push(Fault::WrongLikelyBy { likely_by });
    }
    faults
}

#[expect(clippy::cast_possible_truncation, reason = "a probability in millionths")]
fn millionths(probability: f64) -> i64 {
    (probability * 1e6).round() as i64
}

impl<'c> Follower<'_, 'c, '_> {
    /// When the need is met; nothing when the plan does not go without overtime.
    fn arrival(&mut self, overtime: bool) -> Option<Chances> {
        let solution = self.checker.solution;
        let exchanged = solution.kind == SolutionKind::AdvanceExchange;
        let own = |subject: &Subject| matches!(subject, Subject::Instrument(_)) && !exchanged;
        let steps: Vec<(usize, &Step)> =
            solution.steps.iter().enumerate().filter(|(_, step)| own(&step.subject)).collect();
        let done = |(_, step): &(usize, &Step)| {
            matches!(step.action, Action::Work { .. } | Action::Outsource { .. })
        };
        let (first, last) = (steps.iter().position(done), steps.iter().rposition(done));
        let (before, job, after) = match first.zip(last) {
            Some((first, last)) => (&steps[..first], &steps[first..=last], &steps[last + 1..]),
            None => (&steps[..], &steps[..0], &steps[..0]),
        };
        let mut ready = Chances::at(self.timetable.now);
        for subject in self.needed() {
            ready = ready.and(&self.consignment(subject)?);
        }
        if !before.is_empty() {
            let start = Chances::at(self.timetable.now);
            ready = ready.and(&self.carried(before, start)?);
        }
        let job: Vec<&Step> = job.iter().map(|(_, step)| *step).collect();
        let done = match job.first().map(|step| &step.action) {
            None => ready,
            Some(Action::Outsource { .. }) => {
                Chances::or_a_day_later(minute(job[0].end), self.checker.repair_late)
            }
            Some(Action::Work { remote: true, .. }) => {
                let success = self.checker.task()?.remote?.success_probability.clamp(0.0, 1.0);
                Chances::at(minute(job.last()?.end)).if_succeeds(success)
            }
            Some(_) => self.worked(&job, &ready, overtime)?,
        };
        if after.is_empty() { Some(done) } else { self.carried(after, done) }
    }

    /// The goods and loaners that the need or the work waits for; what goes into kits is seen to there.
    fn needed(&self) -> Vec<&'c Subject> {
        let steps = &self.checker.solution.steps;
        let into_kit = |subject: &Subject| {
            self.checker.parts.iter().any(|(step, part)| {
                *part == subject && matches!(steps[*step].action, Action::Assemble { .. })
            })
        };
        let mut needed: Vec<&Subject> = steps
            .iter()
            .map(|step| &step.subject)
            .filter(|subject| matches!(subject, Subject::Goods { .. } | Subject::Loaner(_)))
            .collect();
        needed.sort();
        needed.dedup();
        needed.retain(|subject| !into_kit(subject));
        needed
    }

    /// When a consignment is received.
    fn consignment(&mut self, subject: &'c Subject) -> Option<Chances> {
        let mut steps = self.checker.steps_of(subject);
        if let [(_, step)] = steps.as_slice()
            && matches!(step.action, Action::Outsource { .. })
        {
            return Some(Chances::or_a_day_later(minute(step.end), self.checker.supply_late(step)));
        }
        let goes_back = steps.iter().position(|(_, step)| is_return(step));
        steps.truncate(goes_back.unwrap_or(steps.len()));
        let mut start = self.supplied(subject, &steps);
        for (index, step) in &steps {
            if let Action::Assemble { site, work_minutes, .. } = &step.action {
                let mut there = Chances::at(self.timetable.now);
                let parts: BTreeSet<&Subject> =
                    self.checker.parts.iter().filter(|(by, _)| by == index).map(|(_, part)| *part).collect();
                for part in parts {
                    there = there.and(&self.consignment(part)?);
                }
                let put_together = there.then(|at| {
                    let begin = self.timetable.opens(site, at)?;
                    self.timetable.open_for(site, begin, *work_minutes)
                });
                start = start.and(&put_together);
            }
        }
        self.carried(&steps, start)
    }

    /// When what a consignment takes from receipts is on the shelf.
    fn supplied(&mut self, subject: &Subject, steps: &Steps<'c>) -> Chances {
        let now = self.timetable.now;
        let mut there = Chances::at(now);
        let Subject::Goods { lines, .. } = subject else { return there };
        let waits = steps.iter().map(|(_, step)| match step.action {
            Action::Wait { cause: WaitCause::Supply, .. } => minute(step.end),
            _ => now,
        });
        let until = waits.max().unwrap_or(now);
        let from = steps.iter().find_map(|(_, step)| match &step.action {
            Action::Pick { site } => Some(site),
            _ => None,
        });
        let mut left: Vec<_> = lines.iter().map(|line| (&line.item, line.quantity.units())).collect();
        for (place, claim) in self.checker.solution.claims.iter().enumerate() {
            let Claim::Receipt { item, quantity, warehouse, .. } = claim else { continue };
            let Some(record) = self.checker.receipt(claim) else { continue };
            let expected = minute_up(record.expected).max(now);
            let ours = Some(warehouse) == from && expected <= until && !self.awaited.contains(&place);
            let needed =
                left.iter_mut().find(|(needed, units)| *needed == item && *units >= quantity.units());
            if let Some((_, units)) = needed.filter(|_| ours) {
                *units -= quantity.units();
                self.awaited.insert(place);
                there = there.and(&Chances::or_a_day_later(expected, record.late_probability));
            }
        }
        there
    }

    /// When something is received that can be picked from `start` on, as its steps say.
    fn carried(&mut self, steps: &Steps<'c>, start: Chances) -> Option<Chances> {
        let (mut chances, mut from, mut moved) = (start, None, false);
        for (_, step) in steps {
            match &step.action {
                Action::Pick { site } => {
                    let in_hand = self.in_hand(&step.subject, site);
                    let pick_minutes = self.checker.site(site)?.pick_minutes;
                    chances = chances
                        .then(|at| Some(self.timetable.open_for(site, at, pick_minutes)?.max(in_hand)));
                    from = Some(site);
                }
                Action::Move { lane, .. } => {
                    let line = self.timetable.line(lane, true)?;
                    chances = self.ride(line, &chances);
                    moved = true;
                }
                _ => {}
            }
        }
        match from.filter(|_| !moved) {
            Some(site) => Some(chances.then(|at| self.timetable.opens(site, at))),
            None => Some(chances),
        }
    }

    /// When the licences are there with which something may leave a site; they are applied for long before.
    fn in_hand(&self, subject: &Subject, from: &SiteId) -> Minute {
        let licence = |step: &&Step| {
            matches!(&step.action, Action::Gate { site, gate: GateKind::Licence { .. }, .. }
                if step.subject == *subject && site == from)
        };
        let licences = self.checker.solution.steps.iter().filter(licence);
        licences.map(|step| minute(step.end)).max().unwrap_or(self.timetable.now)
    }

    /// When what is at the origin of a lane is received at its destination.
    pub(super) fn ride(&mut self, line: usize, from: &Chances) -> Chances {
        let late = lateness(self.timetable.lane(line));
        let mut moments = from.iter().peekable();
        let mut received = Vec::new();
        while let Some((at, mut chance)) = moments.next() {
            let Some(run) = self.timetable.catch(line, at) else { break };
            while let Some((_, more)) = moments.next_if(|(at, _)| *at <= run.hand_over) {
                chance += more;
            }
            for (minutes, share) in &late {
                let at = self.timetable.received(line, run.arrive.saturating_add(*minutes));
                received.extend(at.map(|at| (at, chance * share)));
            }
        }
        Chances::of(received)
    }
}

/// By how many minutes a lane is late, with what probability each. What its quantiles leave open is a day, or as
/// much as the last of them if that is more.
fn lateness(lane: &Lane) -> Vec<(Minute, f64)> {
    let mut late = vec![(0, 1.0 - lane.late_probability)];
    let (mut share, mut minutes) = (0.0, 0);
    for quantile in &lane.lateness {
        minutes = quantile.minutes;
        late.push((minutes, lane.late_probability * (quantile.share - share)));
        share = quantile.share;
    }
    late.push((minutes.max(LATE_MINUTES), lane.late_probability * (1.0 - share)));
    late.retain(|(_, chance)| *chance > 0.0);
    late
}
