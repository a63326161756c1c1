//! When an engineer works: hours of the week in the engineer's own zone, less days off.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::{Date, Weekday};
use meridian_types::Interval;

use super::spans::Spans;
use super::wall::{MinuteOfDay, Occurrence, Zone};

/// Hours of work that begin on one weekday.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkingHours {
    /// On which they begin.
    pub weekday: Weekday,
    /// When they begin; not the end of the day.
    pub from: MinuteOfDay,
    /// When they end; not `from`. Earlier than `from` means on the next day.
    pub until: MinuteOfDay,
    /// Whether they are paid as overtime.
    pub overtime: bool,
}

/// Hours of the week and days off, in one zone.
///
/// An opening that the clocks skip counts from the moment of the change; of a time shown twice, opening is
/// the first and closing the second. Nothing on a day off, midnight to midnight, is working time, whenever
/// the shift began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    /// Whose clocks show the hours and the days.
    pub zone: Zone,
    /// Hours of every week.
    pub hours: Vec<WorkingHours>,
    /// Holidays, and whatever else is free.
    pub days_off: BTreeSet<Date>,
}

/// Working time; the two parts share no instant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WorkingTime {
    /// Without overtime.
    pub regular: Spans,
    /// What is overtime.
    pub overtime: Spans,
}

impl WorkingTime {
    /// Both parts as one.
    #[must_use]
    pub fn all(&self) -> Spans {
        self.regular.union(&self.overtime)
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.regular.is_empty() && self.overtime.is_empty()
    }

    /// Each part after the same restriction.
    #[must_use]
    pub fn map(&self, restrict: impl Fn(&Spans) -> Spans) -> Self {
        Self { regular: restrict(&self.regular), overtime: restrict(&self.overtime) }
    }
}

impl Calendar {
    /// The working time in `window`. Hours that are both regular and overtime count as regular.
    #[must_use]
    pub fn working_time(&self, window: Interval) -> WorkingTime {
        let days_off = self.zone.dates(window).filter(|date| self.days_off.contains(date));
        let days_off: Spans = days_off.filter_map(|date| self.zone.day(date)).collect();
        let hours = |overtime| self.shifts(window, overtime).within(window).minus(&days_off);
        let regular = hours(false);
        let overtime = hours(true).minus(&regular);
        WorkingTime { regular, overtime }
    }

    /// Whether work can be done during `work`: it begins and ends in working time, or in what was `agreed` beside it. In
    /// between it rests whenever the engineer does, as a repair does that takes several days.
    #[must_use]
    pub fn allows(&self, work: Interval, agreed: &Spans) -> bool {
        let stretches = self.working_time(work).all().union(&agreed.within(work));
        let begins = stretches.iter().next().is_some_and(|first| first.start() == work.start());
        let ends = stretches.iter().last().is_some_and(|last| last.end() == work.end());
        begins && ends
    }

    /// The shifts that touch `window`, days off not considered.
    fn shifts(&self, window: Interval, overtime: bool) -> Spans {
        let first = self.zone.date(window.start());
        // The night shift of the day before.
        let dates = first.yesterday().into_iter().chain(self.zone.dates(window));
        let on = |date: Date| {
            let today =
                move |hours: &&WorkingHours| hours.weekday == date.weekday() && hours.overtime == overtime;
            self.hours.iter().filter(today).filter_map(move |hours| self.shift(hours, date))
        };
        dates.flat_map(on).collect()
    }

    /// The hours that begin on `date`; `None` where the clocks skip all of them.
    fn shift(&self, hours: &WorkingHours, date: Date) -> Option<Interval> {
        let opens = self.zone.instant(date, hours.from, Occurrence::First)?;
        Interval::new(opens, self.closing(hours, date)?).ok()
    }

    fn closing(&self, hours: &WorkingHours, date: Date) -> Option<Timestamp> {
        // Midnight is the next day's first moment, not an hour into it, even where clocks go back at
        // midnight.
        let midnight = hours.until == MinuteOfDay::MIDNIGHT || hours.until == MinuteOfDay::END_OF_DAY;
        let occurrence = if midnight { Occurrence::First } else { Occurrence::Second };
        let date = if hours.until < hours.from { date.tomorrow().ok()? } else { date };
        self.zone.instant(date, hours.until, occurrence)
    }
}

#[cfg(test)]
mod tests;
