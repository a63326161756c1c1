//! When the work of an order can begin, and what that costs.

use jiff::SignedDuration;
use meridian_types::Interval;

use super::{Compiled, UNITS_PER_MINOR};
use crate::instance::Window;
use crate::workforce::Spans;
use crate::workload::model::{Appointment, WorkOrder};

const DAY_S: i64 = 86_400;

/// The one of work that stays as it is.
pub(super) fn kept(compiled: &Compiled<'_>, index: usize, kept: &Appointment) -> Window {
    let open_s = compiled.clock.ceil_s(kept.work.start());
    let end_s = compiled.clock.floor_s(kept.work.end());
    Window { open_s, close_s: open_s, end_s, charge: charge(compiled, index, open_s) }
}

/// All of an order that can be moved: as long as what it costs to begin stays the same, one.
pub(super) fn windows(compiled: &Compiled<'_>, index: usize, order: &WorkOrder) -> Vec<Window> {
    let (workload, clock) = (compiled.workload, compiled.clock);
    let promised: Spans = match &order.windows[..] {
        [] => [workload.horizon].into_iter().collect(),
        windows => windows.iter().copied().collect(),
    };
    let earliest = order.release.unwrap_or(workload.frozen_until).max(workload.frozen_until);
    let Ok(allowed) = Interval::new(earliest, workload.horizon.end()) else { return Vec::new() };
    let site = compiled.places.sites[compiled.places.number(&order.site) as usize];
    let always: Spans = [workload.horizon].into_iter().collect();
    let mut windows = Vec::new();
    for open in site.opening.as_ref().unwrap_or(&always).overlapping(allowed) {
        for begins in promised.within(allowed).within(open).iter() {
            let end_s = clock.floor_s(open.end().min(workload.horizon.end()));
            // The end of an interval is no longer in it.
            let (mut open_s, last_s) = (clock.ceil_s(begins.start()), clock.ceil_s(begins.end()) - 1);
            for next_s in borders_s(compiled, index, (open_s, last_s)).into_iter().chain([last_s + 1]) {
                if next_s > open_s {
                    let charge = charge(compiled, index, open_s);
                    windows.push(Window { open_s, close_s: next_s - 1, end_s, charge });
                    open_s = next_s;
                }
            }
        }
    }
    windows
}

/// What it costs to begin at a second. Another one than published costs the least there is, so that what is published
/// stays where nothing is won.
fn charge(compiled: &Compiled<'_>, index: usize, begin_s: i32) -> i64 {
    let published = compiled.standings[index].published();
    let moved = published.is_some_and(|published| compiled.clock.ceil_s(published.work.start()) != begin_s);
    let charge = compiled.lateness(index, begin_s) + compiled.shift_of_time(index, begin_s);
    charge * UNITS_PER_MINOR + i64::from(moved)
}

/// The seconds within a window from which on it may cost something else to begin.
fn borders_s(compiled: &Compiled<'_>, index: usize, (open_s, last_s): (i32, i32)) -> Vec<i32> {
    let (order, clock) = (&compiled.workload.orders[index], compiled.clock);
    let mut borders: Vec<i64> = Vec::new();
    if let Some(published) = compiled.standings[index].published() {
        let began = published.work.start();
        let promised = order.windows.iter().find(|window| window.contains(began)).copied();
        let zone = compiled.zone_of(published);
        let day = zone.and_then(|zone| zone.day(zone.date(began)));
        let spans = [promised, day].into_iter().flatten();
        borders
            .extend(spans.flat_map(|span| [span.start(), span.end()]).map(|at| i64::from(clock.ceil_s(at))));
        let began_s = i64::from(clock.ceil_s(began));
        borders.extend([began_s, began_s + 1]);
    }
    if let Some(due) = order.due {
        let usual_s = i64::from(order.work_minutes) * 60;
        // Whoever begins in this second is in time for the last time; a day later begins the next begun one.
        let last_in_time_s = i64::from(clock.floor_s(due.by)) - usual_s;
        let days = (i64::from(open_s) - last_in_time_s).div_euclid(DAY_S).max(0);
        let steps = std::iter::successors(Some(last_in_time_s + days * DAY_S), |at| Some(at + DAY_S));
        borders.extend(steps.map(|at| at + 1).take_while(|at| *at <= i64::from(last_s)));
    }
    let within = borders.into_iter().filter_map(|at| i32::try_from(at).ok());
    let mut within: Vec<i32> = within.filter(|at| (open_s..=last_s).contains(at)).collect();
    within.sort_unstable();
    within
}

impl Compiled<'_> {
    /// What it costs, in minor units, that the work of an order begins so late.
    pub(in crate::workload) fn lateness(&self, index: usize, begin_s: i32) -> i64 {
        let order = &self.workload.orders[index];
        let usual = SignedDuration::from_mins(i64::from(order.work_minutes));
        let end = self.clock.at(begin_s).saturating_add(usual).unwrap_or(self.clock.at(begin_s));
        order.due.map_or(0, |due| due.days_late(end) * due.late_cost_per_day.minor())
    }

    /// What it costs that it is on another day or in another window than published.
    pub(in crate::workload) fn shift_of_time(&self, index: usize, begin_s: i32) -> i64 {
        let charges = &self.workload.charges;
        let Some(published) = self.standings[index].published() else { return 0 };
        let (began, begins) = (published.work.start(), self.clock.at(begin_s));
        let same_day = self.zone_of(published).is_none_or(|zone| zone.date(began) == zone.date(begins));
        let windows = &self.workload.orders[index].windows;
        let promised = windows.iter().find(|window| window.contains(began));
        let same_window = promised.is_none_or(|promised| promised.contains(begins));
        let of_day = if same_day { 0 } else { charges.day.minor() };
        of_day + if same_window { 0 } else { charges.window.minor() }
    }
}
