//! The smallest change of a workload with which an order that is left out could be done.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use meridian_types::{EngineerId, Interval, SkillId, VisitId};

use super::error::WorkloadError;
use super::model::{Crew, Engineers, WorkOrder, Workload};
use super::plan::Plan;
use super::recommend::Slot;
use super::trial::{Trial, order_of, waits_for};
use super::validate::validate;

/// The most overtime on one day that is looked at.
const OVERTIME_MINUTES_MAX: i64 = 240;
/// The most by which a window is widened or a release comes earlier.
const WIDENED_MINUTES_MAX: i64 = 24 * 60;
/// What has to be asked of other people counts as much as so many minutes.
const ASKED_MINUTES: i64 = 8 * 60;

/// Something with which an order could be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remedy {
    /// Nothing has to change: it can be done then, but leaving it out was cheaper, or nobody tried.
    Book(Box<Slot>),
    /// Overtime at this time, next to a shift.
    Overtime {
        /// Whose.
        engineer: EngineerId,
        /// When.
        during: Interval,
    },
    /// A wider window.
    Window {
        /// Which of the order's windows.
        index: usize,
        /// What it has to be.
        to: Interval,
    },
    /// What it waits for has to be there by then.
    Release(Timestamp),
    /// A certificate without end.
    Certificate {
        /// Whose.
        engineer: EngineerId,
        /// Of which skill.
        skill: SkillId,
    },
    /// The customer has to accept them.
    Accept(EngineerId),
}

impl Remedy {
    /// How small it is: minutes of overtime, of a wider window or an earlier release; what has to be asked for counts as
    /// much as 480 of them.
    #[must_use]
    pub fn minutes(&self, order: &WorkOrder) -> i64 {
        match self {
            Self::Book(_) => 0,
            Self::Overtime { during, .. } => during.duration().as_mins(),
            Self::Window { index, to } => {
                let before =
                    order.windows.get(*index).map_or(SignedDuration::ZERO, |window| window.duration());
                (to.duration() - before).as_mins()
            }
            Self::Release(at) => order.release.map_or(0, |release| release.duration_since(*at).as_mins()),
            Self::Certificate { .. } | Self::Accept(_) => ASKED_MINUTES,
        }
    }
}

impl Workload {
    /// The workload with a remedy for an order.
    #[must_use]
    pub fn with(&self, order: VisitId, remedy: &Remedy) -> Self {
        let mut changed = self.clone();
        let mut record = changed.orders.iter_mut().find(|known| known.id == order);
        match remedy {
            Remedy::Book(_) => {}
            Remedy::Overtime { engineer, during } => {
                let crew = changed.engineers.iter_mut().find(|crew| crew.engineer.id == *engineer);
                if let Some(crew) = crew {
                    crew.overtime = crew.overtime.iter().chain([*during]).collect();
                }
            }
            Remedy::Window { index, to } => {
                if let Some(window) = record.as_mut().and_then(|record| record.windows.get_mut(*index)) {
                    *window = *to;
                }
            }
            Remedy::Release(at) => {
                if let Some(record) = record {
                    record.release = Some(*at);
                }
            }
            Remedy::Certificate { engineer, skill } => {
                let crew = changed.engineers.iter_mut().find(|crew| crew.engineer.id == *engineer);
                let skills = crew.into_iter().flat_map(|crew| &mut crew.engineer.skills);
                for held in skills.filter(|held| held.id == *skill) {
                    (held.valid_from, held.valid_until) = (None, None);
                }
            }
            Remedy::Accept(engineer) => {
                if let Some(record) = record {
                    record.excluded.remove(engineer);
                }
            }
        }
        changed
    }
}

/// The smallest single change with which an order that is left out could be done while all else stays as it is planned;
/// each was tried. Overtime of up to 240 minutes, windows wider and releases earlier by up to 1,440, certificates, and
/// whom the customer does not want are looked at. None when nothing of that helps, when it is planned, or when an order
/// that comes before it is not.
///
/// # Errors
/// The first rule that the workload breaks, or the order that it does not know.
pub fn smallest_change(
    workload: &Workload,
    plan: &Plan,
    order: VisitId,
) -> Result<Option<Remedy>, WorkloadError> {
    validate(workload)?;
    let record = order_of(workload, order)?;
    if plan.visit(order).is_some() || waits_for(plan, record).is_some() {
        return Ok(None);
    }
    if let Some(slot) = super::recommend::recommend(workload, plan, order, 1)?.into_iter().next() {
        return Ok(Some(Remedy::Book(Box::new(slot))));
    }
    let everybody: BTreeSet<EngineerId> =
        workload.engineers.iter().map(|crew| crew.engineer.id.clone()).collect();
    let mut best: Option<Remedy> = None;
    let mut least = i64::MAX;
    for crew in &workload.engineers {
        let who = BTreeSet::from([crew.engineer.id.clone()]);
        let crews = if record.engineers == Engineers::Two { &everybody } else { &who };
        let trial = Trial::new(workload, plan, record, crews);
        let mut search = Search { trial, order: record, crew, who: &who, most: least - 1 };
        if let Some(remedy) = search.smallest()? {
            least = remedy.minutes(record);
            best = Some(remedy);
        }
    }
    Ok(best)
}

/// The least overtime of somebody with which the order of a trial could be done.
///
/// # Errors
/// There is no way between some of the sites.
pub(super) fn overtime_needed(
    trial: &Trial,
    (order, crew): (&WorkOrder, &Crew),
) -> Result<Option<Interval>, WorkloadError> {
    let who = BTreeSet::from([crew.engineer.id.clone()]);
    let mut search = Search { trial: trial.with(Workload::clone), order, crew, who: &who, most: i64::MAX };
    search.overtime()
}

/// Looks for what would help one engineer.
struct Search<'w> {
    trial: Trial,
    order: &'w WorkOrder,
    crew: &'w Crew,
    who: &'w BTreeSet<EngineerId>,
    /// The most minutes that are looked at; fewer whenever something was found.
    most: i64,
}

impl Search<'_> {
    /// The smallest of all kinds, if it is small enough.
    fn smallest(&mut self) -> Result<Option<Remedy>, WorkloadError> {
        let engineer = self.crew.engineer.id.clone();
        let overtime = self.overtime()?.map(|during| Remedy::Overtime { engineer, during });
        let window = self.window()?;
        let release = self.release()?;
        let asked = self.asked()?;
        Ok(asked.or(release).or(window).or(overtime))
    }

    /// What other people have to be asked for.
    fn asked(&self) -> Result<Option<Remedy>, WorkloadError> {
        if self.most < ASKED_MINUTES {
            return Ok(None);
        }
        let engineer = &self.crew.engineer.id;
        let unwanted = self.order.excluded.contains(engineer);
        let accepted = [Remedy::Accept(engineer.clone())].into_iter().filter(|_| unwanted);
        let needed = self.order.skills.iter().map(|needed| needed.id.clone());
        let held = |skill: &SkillId| self.crew.engineer.skills.iter().any(|held| held.id == *skill);
        let renewed =
            needed.filter(held).map(|skill| Remedy::Certificate { engineer: engineer.clone(), skill });
        for remedy in accepted.chain(renewed) {
            if self.helps(&remedy)? {
                return Ok(Some(remedy));
            }
        }
        Ok(None)
    }

    fn helps(&self, remedy: &Remedy) -> Result<bool, WorkloadError> {
        let changed = self.trial.with(|workload| workload.with(self.order.id, remedy));
        Ok(!changed.slots(self.who, 1)?.is_empty())
    }

    fn overtime(&mut self) -> Result<Option<Interval>, WorkloadError> {
        let horizon = self.trial.workload().horizon;
        let frozen_until = self.trial.workload().frozen_until;
        let engineer = &self.crew.engineer.id;
        let mut best: Option<Interval> = None;
        for (shift, late) in self.own_shifts()?.iter().flat_map(|shift| [(shift, true), (shift, false)]) {
            let span = |minutes: i64| {
                let span = longer(*shift, minutes, late)?.1;
                Some(span).filter(|span| horizon.encloses(*span) && frozen_until <= span.start())
            };
            let least = self.least(OVERTIME_MINUTES_MAX, |minutes| {
                Some(Remedy::Overtime { engineer: engineer.clone(), during: span(minutes)? })
            })?;
            best = least.and_then(span).or(best);
            self.most = least.map_or(self.most, |least| least - 1);
        }
        Ok(best)
    }

    fn own_shifts(&self) -> Result<Vec<Interval>, WorkloadError> {
        let workload = self.trial.workload();
        let compiled = self.trial.compiled()?;
        let home = compiled.shifts.iter().filter(|shift| shift.trip.is_none());
        let own = home.filter(|shift| workload.engineers[shift.crew].engineer.id == self.crew.engineer.id);
        Ok(own.map(|shift| shift.during).collect())
    }

    fn window(&mut self) -> Result<Option<Remedy>, WorkloadError> {
        let horizon = self.trial.workload().horizon;
        let mut best: Option<Remedy> = None;
        let sides =
            self.order.windows.iter().enumerate().flat_map(|window| [(window, true), (window, false)]);
        for ((index, window), late) in sides {
            let wider = |minutes: i64| {
                let to = longer(*window, minutes, late)?.0;
                Some(Remedy::Window { index, to }).filter(|_| horizon.encloses(to))
            };
            if let Some(least) = self.least(WIDENED_MINUTES_MAX, wider)? {
                (best, self.most) = (wider(least), least - 1);
            }
        }
        Ok(best)
    }

    fn release(&mut self) -> Result<Option<Remedy>, WorkloadError> {
        let Some(release) = self.order.release else { return Ok(None) };
        let earlier = |minutes: i64| {
            Some(Remedy::Release(release.checked_sub(SignedDuration::from_mins(minutes)).ok()?))
        };
        let least = self.least(WIDENED_MINUTES_MAX, earlier)?;
        self.most = least.map_or(self.most, |least| least - 1);
        Ok(least.and_then(earlier))
    }

    /// The fewest minutes that help, at most so many, and no more than are looked at: more help whenever fewer do, as far
    /// as there can be more.
    fn least(&self, most: i64, remedy: impl Fn(i64) -> Option<Remedy>) -> Result<Option<i64>, WorkloadError> {
        let helps = |minutes: i64| remedy(minutes).map_or(Ok(false), |remedy| self.helps(&remedy));
        // The most that there can be.
        let (mut low, mut high) = (0, most.min(self.most));
        while high > 0 && remedy(high).is_none() {
            high /= 2;
        }
        if high <= 0 || !helps(high)? {
            return Ok(None);
        }
        while high - low > 1 {
            let middle = low.midpoint(high);
            if helps(middle)? { high = middle } else { low = middle }
        }
        Ok(Some(high))
    }
}

/// An interval that is longer by so many minutes, at its end or at its beginning; and what it is longer by.
fn longer(interval: Interval, minutes: i64, late: bool) -> Option<(Interval, Interval)> {
    let (start, end) = (interval.start(), interval.end());
    let length = SignedDuration::from_mins(minutes);
    let (whole, more) = if late {
        let later = end.checked_add(length).ok()?;
        (Interval::new(start, later), Interval::new(end, later))
    } else {
        let earlier = start.checked_sub(length).ok()?;
        (Interval::new(earlier, end), Interval::new(earlier, start))
    };
    Some((whole.ok()?, more.ok()?))
}
