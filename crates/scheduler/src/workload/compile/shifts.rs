//! Who could work when: one shift for each stretch of working time.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use meridian_types::Interval;

use super::standing::{Standing, set_out};
use super::{Places, number};
use crate::instance::Rest;
use crate::workforce::{Spans, Zone};
use crate::workload::model::{Assignee, Crew, Workload};

/// A stretch of somebody's working time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::workload) struct ShiftOf {
    /// Whose.
    pub(in crate::workload) crew: usize,
    /// On which of their trips.
    pub(in crate::workload) trip: Option<usize>,
    pub(in crate::workload) during: Interval,
    /// What of it is no overtime.
    pub(in crate::workload) regular: Option<Interval>,
}

/// A stretch that is longer than this is divided at midnight.
const STRETCH_HOURS_MAX: i64 = 24;

/// All shifts, by engineer, and the rests between them.
pub(super) fn shifts(
    workload: &Workload,
    standings: &[Standing<'_>],
    places: &Places<'_>,
) -> (Vec<ShiftOf>, Vec<Rest>) {
    let mut kept: BTreeMap<&Assignee, Vec<Kept>> = BTreeMap::new();
    for (standing, order) in standings.iter().zip(&workload.orders) {
        let Standing::Kept(appointment) = standing else { continue };
        for assignee in &appointment.assignees {
            let set_out = set_out(workload, places, (appointment, order), assignee);
            kept.entry(assignee).or_default().push(Kept { work: appointment.work, set_out });
        }
    }
    let (mut all, mut rests) = (Vec::new(), Vec::new());
    for (index, crew) in workload.engineers.iter().enumerate() {
        let stretches = Stretches { workload, crew, kept: &kept };
        let first = all.len();
        all.extend(stretches.at_home().into_iter().map(|stretch| stretch.shift(index, None)));
        for (trip, _) in crew.trips.iter().enumerate() {
            all.extend(stretches.on_trip(trip).into_iter().map(|stretch| stretch.shift(index, Some(trip))));
        }
        rests.extend(rests_between(crew, &all[first..], first));
    }
    (all, rests)
}

/// Work that stays as it is.
#[derive(Debug, Clone, Copy)]
struct Kept {
    work: Interval,
    /// When its engineer has to leave home for it at the latest.
    set_out: Timestamp,
}

/// A stretch of working time with its regular part.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    during: Interval,
    regular: Option<Interval>,
}

impl Stretch {
    const fn shift(self, crew: usize, trip: Option<usize>) -> ShiftOf {
        ShiftOf { crew, trip, during: self.during, regular: self.regular }
    }
}

struct Stretches<'w> {
    workload: &'w Workload,
    crew: &'w Crew,
    /// When work is that stays as it is.
    kept: &'w BTreeMap<&'w Assignee, Vec<Kept>>,
}

impl Stretches<'_> {
    /// Working time by the calendar, less what is taken.
    fn at_home(&self) -> Vec<Stretch> {
        let Crew { engineer, taken, overtime, .. } = self.crew;
        let horizon = self.workload.horizon;
        let time = engineer.calendar.working_time(horizon).map(|spans| spans.minus(&taken.taken()));
        let agreed = overtime.within(horizon).minus(&taken.taken());
        self.thawed(None, &time.all().union(&agreed), &time.regular)
    }

    /// Working time on a trip; none when anything is in its way.
    fn on_trip(&self, number: usize) -> Vec<Stretch> {
        let trip = &self.crew.trips[number];
        if self.crew.taken.taken().overlapping(trip.away).next().is_some() {
            return Vec::new();
        }
        self.thawed(Some(number), &trip.work, &trip.work)
    }

    /// Each stretch as far as something can be changed in it.
    fn thawed(&self, trip: Option<usize>, all: &Spans, regular: &Spans) -> Vec<Stretch> {
        let own = Assignee { engineer: self.crew.engineer.id.clone(), trip };
        let kept: &[Kept] = self.kept.get(&own).map_or(&[][..], Vec::as_slice);
        let zone = &self.crew.engineer.calendar.zone;
        let whole = all.iter().flat_map(|stretch| days(zone, stretch));
        let split = whole.flat_map(|stretch| by_regular(stretch, regular));
        let limited = split.map(|stretch| self.limited(stretch));
        limited.filter_map(|stretch| self.unfrozen(stretch, kept)).collect()
    }

    /// What is left of a stretch from the end of the frozen time on, and before as far as work that stays needs it.
    fn unfrozen(&self, stretch: Stretch, kept: &[Kept]) -> Option<Stretch> {
        let frozen_until = self.workload.frozen_until;
        let here = || kept.iter().filter(|kept| stretch.during.overlaps(kept.work));
        if here().any(|kept| kept.work.start() < frozen_until) {
            return Some(stretch);
        }
        let from = here().map(|kept| kept.set_out).chain([frozen_until]).min()?;
        let during = Interval::new(from.max(stretch.during.start()), stretch.during.end()).ok()?;
        Some(cut(stretch, during))
    }

    /// No longer than duty may last: regular time comes first, then what follows, then what is before.
    fn limited(&self, stretch: Stretch) -> Stretch {
        let Some(rule) = self.crew.engineer.rest else { return stretch };
        let most = SignedDuration::from_mins(i64::from(rule.duty_minutes_max));
        if stretch.during.duration() <= most {
            return stretch;
        }
        let latest = stretch.during.end() - most;
        let begin = stretch.regular.map_or(stretch.during.start(), Interval::start).min(latest);
        match Interval::new(begin, begin + most) {
            Ok(during) => cut(stretch, during),
            Err(_) => stretch,
        }
    }
}

fn cut(stretch: Stretch, during: Interval) -> Stretch {
    Stretch { during, regular: stretch.regular.and_then(|regular| regular.intersection(during)) }
}

/// A stretch, in days if it is longer than one.
fn days(zone: &Zone, stretch: Interval) -> Vec<Interval> {
    if stretch.duration() <= SignedDuration::from_hours(STRETCH_HOURS_MAX) {
        return vec![stretch];
    }
    let days = zone.dates(stretch).filter_map(|date| zone.day(date));
    days.filter_map(|day| day.intersection(stretch)).collect()
}

/// A stretch in parts with one piece of regular time at most: overtime belongs to the piece before it, that before the
/// first piece to that one.
fn by_regular(stretch: Interval, regular: &Spans) -> Vec<Stretch> {
    let pieces: Vec<Interval> = regular.within(stretch).iter().collect();
    if pieces.is_empty() {
        return vec![Stretch { during: stretch, regular: None }];
    }
    let begins = pieces.iter().skip(1).map(|piece| piece.start());
    let bounds: Vec<Timestamp> = [stretch.start()].into_iter().chain(begins).chain([stretch.end()]).collect();
    let parts = bounds.windows(2).zip(&pieces);
    parts
        .filter_map(|(bounds, piece)| {
            Some(Stretch { during: Interval::new(bounds[0], bounds[1]).ok()?, regular: Some(*piece) })
        })
        .collect()
}

/// What the shifts of one engineer have to do with each other. Shifts whose hull is no longer than duty may last need no
/// rest between them; all others do.
fn rests_between(crew: &Crew, shifts: &[ShiftOf], first: usize) -> Vec<Rest> {
    let rule = crew.engineer.rest;
    let rest = SignedDuration::from_mins(rule.map_or(0, |rule| i64::from(rule.rest_minutes)));
    let duty = SignedDuration::from_mins(rule.map_or(i64::MAX / 60, |rule| i64::from(rule.duty_minutes_max)));
    let mut duties: Vec<(Option<usize>, Timestamp)> = Vec::with_capacity(shifts.len());
    for shift in shifts {
        let goes_on = duties
            .last()
            .filter(|(trip, since)| *trip == shift.trip && shift.during.end().duration_since(*since) <= duty);
        duties.push(*goes_on.unwrap_or(&(shift.trip, shift.during.start())));
    }
    let away = |shift: &ShiftOf| shift.trip.map_or(shift.during, |trip| crew.trips[trip].away);
    let mut rests = Vec::new();
    for (one, (shift, duty)) in shifts.iter().zip(&duties).enumerate() {
        for (other, (later, duty_of_later)) in shifts.iter().zip(&duties).enumerate() {
            if (shift.during.start(), one) >= (later.during.start(), other) {
                continue;
            }
            let (before, after) = (number(first + one), number(first + other));
            let gap = later.during.start().duration_since(shift.during.end());
            if shift.trip != later.trip && away(shift).overlaps(away(later)) {
                rests.push(Rest { before, after, least_s: None });
            } else if rule.is_some() && duty != duty_of_later && gap < rest {
                let least_s = i32::try_from(rest.as_secs()).ok();
                rests.push(Rest { before, after, least_s });
            }
        }
    }
    rests
}
