//! Lanes to departures in UTC minutes.

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::intervals::IntervalSet;
use super::minute::{self, Minute};
use super::wall::{self, Fold};
use crate::model::{Departure, Lane, Schedule};

/// One run of a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) cut_off: Minute,
    pub(crate) depart: Minute,
    pub(crate) arrive: Minute,
}

/// When a lane runs within the horizon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Service {
    /// Sorted by departure.
    Timetable(Vec<Run>),
    /// Starts whenever the windows are open.
    OnDemand { windows: IntervalSet, duration: Minute },
}

impl Service {
    pub(crate) fn run(&self, index: u32) -> Option<Run> {
        match self {
            Self::Timetable(runs) => runs.get(index as usize).copied(),
            Self::OnDemand { .. } => None,
        }
    }

    /// Departures, and bytes.
    pub(super) fn size(&self) -> (usize, usize) {
        match self {
            Self::Timetable(runs) => (runs.len(), size_of::<Self>() + size_of::<Run>() * runs.len()),
            Self::OnDemand { windows, .. } => {
                (0, size_of::<Self>() - size_of::<IntervalSet>() + windows.bytes())
            }
        }
    }
}

/// What decides on which dates a lane departs.
pub(crate) struct Origin<'a> {
    pub(crate) zone: &'a TimeZone,
    pub(crate) holidays: &'a BTreeSet<Date>,
    pub(crate) from: Minute,
    pub(crate) to: Minute,
}

impl Origin<'_> {
    fn dates<'l>(&'l self, lane: &'l Lane) -> impl Iterator<Item = Date> + 'l {
        let first = wall::date(self.zone, self.from);
        let first = lane.valid_from.map_or(first, |valid| valid.max(first));
        let last = wall::date(self.zone, self.to);
        let last = lane.valid_until.map_or(last, |valid| valid.min(last));
        wall::dates(first, last).filter(move |date| {
            !lane.not_on.contains(date) && (lane.runs_on_holidays || !self.holidays.contains(date))
        })
    }
}

/// A departure that arrives before it leaves although no clock changed that day: its index in the timetable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ArrivesBeforeDeparting(pub(crate) usize);

/// When the lane runs. `calendar` is that of an on-demand lane.
pub(crate) fn service(
    lane: &Lane,
    origin: &Origin<'_>,
    destination: &TimeZone,
    calendar: Option<&IntervalSet>,
) -> Result<Service, ArrivesBeforeDeparting> {
    match &lane.schedule {
        Schedule::Timetable(departures) => {
            let mut runs = Vec::new();
            for date in origin.dates(lane) {
                for (index, departure) in departures.iter().enumerate() {
                    if departure.days.contains(date.weekday()) {
                        let run = run(departure, date, origin.zone, destination);
                        runs.extend(run.map_err(|()| ArrivesBeforeDeparting(index))?);
                    }
                }
            }
            runs.sort_unstable_by_key(|run: &Run| (run.depart, run.arrive, run.cut_off));
            Ok(Service::Timetable(runs))
        }
        Schedule::OnDemand { duration_minutes, .. } => {
            let days = origin.dates(lane).filter_map(|date| wall::day(origin.zone, date)).collect();
            let days = IntervalSet::union_of(days);
            let windows = calendar.map_or_else(|| days.clone(), |open| open.intersection(&days));
            Ok(Service::OnDemand { windows, duration: minute::length(*duration_minutes) })
        }
    }
}

/// The run that departs on `date`; none on a day that the clocks skip, nor at the very end of time.
fn run(departure: &Departure, date: Date, from: &TimeZone, to: &TimeZone) -> Result<Option<Run>, ()> {
    let day = |offset: i32| date.checked_add(i64::from(offset).days()).ok();
    let wall = |zone, offset, minute_of_day, fold| wall::resolve(zone, day(offset)?, minute_of_day, fold);
    let cut_off = wall(from, -departure.cut_off_days_before, departure.cut_off_minute, Fold::First);
    let depart = wall(from, 0, departure.depart_minute, Fold::First);
    let arrive = wall(to, departure.arrive_days_after, departure.arrive_minute, Fold::Second);
    let (Some((cut_off, _)), Some((depart, depart_by_rule)), Some((arrive, arrive_by_rule))) =
        (cut_off, depart, arrive)
    else {
        return Ok(None);
    };
    if depart_by_rule && wall::date(from, depart) != date {
        // The whole day is skipped.
        return Ok(None);
    }
    if arrive < depart && !depart_by_rule && !arrive_by_rule {
        return Err(());
    }
    Ok(Some(Run { cut_off: cut_off.min(depart), depart, arrive: arrive.max(depart) }))
}
