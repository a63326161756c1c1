//! What schedules and plans cost, part by part.

use std::collections::{BTreeMap, BTreeSet};

use meridian_types::Money;

use super::compile::{Compiled, Standing, UNITS_PER_MINOR};
use super::model::Charges;
use super::plan::{Costs, PlannedVisit, Stint};
use crate::schedule::{Purpose, Schedule};

/// Parts of costs, exactly.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Units {
    travel: i64,
    hours: i64,
    overtime: i64,
    trips: i64,
    changes: i64,
    lateness: i64,
    outsourcing: i64,
    absences: i64,
}

impl Units {
    /// What planning something costs more than not planning it; what leaving it out costs does not count.
    pub(super) const fn more_than(&self, without: &Self) -> Self {
        Self {
            travel: self.travel - without.travel,
            hours: self.hours - without.hours,
            overtime: self.overtime - without.overtime,
            trips: self.trips - without.trips,
            changes: self.changes - without.changes,
            lateness: self.lateness - without.lateness,
            outsourcing: 0,
            absences: 0,
        }
    }

    pub(super) const fn total(&self) -> i64 {
        let work = self.travel + self.hours + self.overtime + self.trips;
        work + self.changes + self.lateness + self.outsourcing + self.absences
    }

    pub(super) fn costs(&self, compiled: &Compiled<'_>) -> Costs {
        let money = |units| money(compiled, units);
        Costs {
            travel: money(self.travel),
            hours: money(self.hours),
            overtime: money(self.overtime),
            trips: money(self.trips),
            changes: money(self.changes),
            lateness: money(self.lateness),
            outsourcing: money(self.outsourcing),
            absences: money(self.absences),
            total: money(self.total()),
        }
    }
}

/// Units as money, rounded.
pub(super) fn money(compiled: &Compiled<'_>, units: i64) -> Money {
    let minor = (units + UNITS_PER_MINOR / 2).div_euclid(UNITS_PER_MINOR);
    let zero = compiled.workload.charges.absence.zero();
    Money::new(zero.currency_code(), minor).unwrap_or(zero)
}

/// What a schedule costs, with what is left out.
pub(super) fn units(compiled: &Compiled<'_>, schedule: &Schedule) -> Units {
    let mut units = Units::default();
    let mut trips = BTreeSet::new();
    for tour in &schedule.tours {
        let shift = &compiled.instance.shifts[tour.shift as usize];
        trips.extend(shift.trip);
        units.hours += shift.cost_per_s * i64::from(tour.end_s - tour.start_s);
        let places = tour.calls.iter().map(|call| match (call.purpose, compiled.instance.pickup) {
            (Purpose::Visit(visit), _) => compiled.instance.visits[visit as usize].place,
            (Purpose::Pickup, pickup) => pickup.map_or(shift.from, |pickup| pickup.place),
        });
        let mut place = shift.from;
        for next in places.chain([shift.to]) {
            units.travel += compiled.instance.way(place, next).cost;
            place = next;
        }
    }
    units.trips = trips.into_iter().map(|trip| compiled.instance.trip_costs[trip as usize]).sum();
    of_orders(compiled, &super::answer::visits(compiled, schedule), &mut units);
    units
}

fn of_orders(compiled: &Compiled<'_>, planned: &BTreeMap<usize, PlannedVisit>, units: &mut Units) {
    for (index, order) in compiled.workload.orders.iter().enumerate() {
        match (planned.get(&index), order.outsource) {
            (Some(visit), _) => {
                for stint in &visit.stints {
                    let on_top = compiled.crew(&stint.assignee.engineer).map_or(0, |crew| {
                        crew.engineer.overtime_cost.minor() - crew.engineer.hourly_cost.minor()
                    });
                    units.overtime += on_top * stint.overtime.as_secs();
                }
                let begin_s = compiled.clock.ceil_s(visit.work.start());
                units.lateness += compiled.lateness(index, begin_s) * UNITS_PER_MINOR;
                units.changes += change_charge(compiled, index, visit) * UNITS_PER_MINOR;
            }
            (None, Some(price)) => units.outsourcing += price.minor() * UNITS_PER_MINOR,
            (None, None) => {
                let absence = compiled.workload.charges.absence.minor();
                units.absences += absence * Charges::absence_factor(order.priority) * UNITS_PER_MINOR;
            }
        }
    }
}

/// What it costs that an order is done otherwise than published, in minor units.
pub(super) fn change_charge(compiled: &Compiled<'_>, index: usize, visit: &PlannedVisit) -> i64 {
    let (Standing::Open(published) | Standing::Lost(published)) = compiled.standings[index] else { return 0 };
    let is_new = |stint: &&Stint| {
        published.assignees.iter().all(|assignee| assignee.engineer != stint.assignee.engineer)
    };
    let others = visit.stints.iter().filter(is_new).map(|_| compiled.workload.charges.engineer.minor());
    others.sum::<i64>() + compiled.shift_of_time(index, compiled.clock.ceil_s(visit.work.start()))
}
