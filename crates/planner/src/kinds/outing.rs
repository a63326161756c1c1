//! What comes of an engineer's setting out on one journey: the work, the way home, and what both cost.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use meridian_types::EngineerId;

use super::engineer_visit::Trip;
use super::journey::{Departure, Journeys, Label, Traveller, Wanted};
use super::on_site::labour;
use super::qualification::{Waived, WorkingTime};
use crate::compile::{IntervalSet, Minute, Service, length};
use crate::draft::{Spent, Visit};
use crate::duty::{self, Before};
use crate::search::Leg;

/// A stretch of the engineer's time.
pub(super) struct Stretch<'t> {
    pub(super) time: &'t WorkingTime,
    pub(super) overtime: bool,
    pub(super) span: (Minute, Minute),
    pub(super) windows: Rc<IntervalSet>,
}

/// What comes of setting out on one journey.
#[derive(Debug)]
pub(crate) struct Outing<'a> {
    /// Those that no other one beats that begins no earlier: more parts may be there by then.
    pub(super) visits: Vec<Rc<Visit<'a>>>,
    /// When the work of any of them begins, beaten ones too.
    pub(super) begins: Option<Minute>,
    /// When to set out next for something else to come of it.
    pub(super) later: Minute,
}

/// What is known of outings.
pub(crate) type Outings<'a> = Rc<RefCell<Known<'a>>>;

/// What is known of outings.
#[derive(Default)]
pub(crate) struct Known<'a> {
    /// By whose they are, with or without overtime, setting out when, on which of the journeys, and with parts that
    /// are there when.
    outings: BTreeMap<(&'a EngineerId, bool, Minute, usize, Minute), Rc<Outing<'a>>>,
    /// Ways home: whose, at the end of the work, on duty since when, and by when. Many outings end alike.
    home: BTreeMap<(&'a EngineerId, Minute, Minute, Minute), Option<Vec<Leg>>>,
}

impl<'a> Trip<'_, 'a> {
    /// The visits that one journey out allows, whole.
    pub(super) fn outing(
        &self,
        stretch: &Stretch<'_>,
        (traveller, found, label): (&Traveller<'_, 'a>, &Journeys, &Label),
        (leave, journey): (Minute, usize),
        inputs: Minute,
    ) -> Rc<Outing<'a>> {
        let key = (&self.engineer.id, stretch.overtime, leave, journey, inputs);
        let known = self.scenario.outings.borrow().outings.get(&key).cloned();
        if let Some(known) = known.filter(|_| self.waived == Waived::Nothing) {
            return known;
        }
        let visits = self.visits(stretch, (traveller, found, label), inputs, leave);
        let later = visits.iter().map(|visit| self.leaves_later(visit, stretch)).min();
        let whole = |visit: Visit<'a>| {
            let back = self.way_home(traveller, &visit)?;
            let mut visit = Visit { back, ..visit };
            visit.spent = self.spent(&visit, stretch.time);
            visit.pace.kept(&visit.duties()).then(|| Rc::new(visit))
        };
        let whole: Vec<Rc<Visit<'a>>> = visits.into_iter().filter_map(whole).collect();
        let begins = whole.iter().map(|visit| visit.start()).min();
        let mut visits: Vec<Rc<Visit<'a>>> = Vec::with_capacity(whole.len());
        for visit in whole {
            let beats = |known: &Rc<Visit<'_>>| {
                known.end() <= visit.end()
                    && known.start() >= visit.start()
                    && known.spent.is_no_more_than(&visit.spent)
            };
            if !visits.iter().any(beats) {
                visits.push(visit);
            }
        }
        let outing = Rc::new(Outing { visits, begins, later: later.unwrap_or(Minute::MAX) });
        if self.waived == Waived::Nothing {
            self.scenario.outings.borrow_mut().outings.insert(key, Rc::clone(&outing));
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
        let minutes = length(self.task.work_minutes).max(1);
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
        let visit = |(by, rests): (Minute, usize)| {
            let out = traveller.legs(found, label, (leave, by), rests)?;
            let legs: Vec<_> = out.iter().map(|leg| (leg.hand_over, leg.arrive)).collect();
            let (at, since) = (legs.last()?.1, *pace.stretches(&legs).last()?);
            Some(Visit {
                engineer: self.engineer,
                task: self.task,
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
        // Who comes rested from home need not rest on the way, unless duty becomes too long: the latest leave first.
        let rests = found.rests(label);
        let ways = by.into_iter().flat_map(|by| (0..=rests).map(move |rests| (by, rests)));
        ways.filter_map(visit).filter(|visit| pace.kept(&visit.duties())).collect()
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
        let duty_since = duty_since(visit);
        let key = (&self.engineer.id, visit.end(), duty_since, visit.stretch.1);
        if self.waived != Waived::Nothing {
            return self.find_way_home(traveller, visit, duty_since);
        }
        let known = self.scenario.outings.borrow().home.get(&key).cloned();
        known.unwrap_or_else(|| {
            let found = self.find_way_home(traveller, visit, duty_since);
            self.scenario.outings.borrow_mut().home.insert(key, found.clone());
            found
        })
    }

    fn find_way_home(
        &self,
        traveller: &Traveller<'_, 'a>,
        visit: &Visit<'_>,
        duty_since: Minute,
    ) -> Option<Vec<Leg>> {
        let departure = Departure { site: visit.site, at: visit.end(), duty_since: Some(duty_since) };
        let home = (self.home, &*self.least_to(self.home));
        let found = traveller.journeys(departure, home, visit.stretch.1, Wanted::Cheap);
        let label = found.iter().min_by_key(|label| (label.cost, label.at))?;
        traveller.legs(&found, label, (visit.end(), label.at), usize::MAX)
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
}

/// When the stretch of duty began in which the work ended; of no interest without a rest rule.
fn duty_since(visit: &Visit<'_>) -> Minute {
    if !visit.pace.rules() {
        return visit.end();
    }
    let since = visit.pace.stretches(&visit.duties());
    since.last().copied().unwrap_or_else(|| visit.start())
}
