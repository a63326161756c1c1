//! Orders, engineers and visits as a workload of the scheduler.
//!
//! What the visits of an order take was agreed and may be moved; once one is accepted it stays as it is. All other
//! visits, and those of orders that cannot be planned, are time that is taken.

mod places;
mod standing;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use meridian_scheduler::workforce::{FreeBusy, Spans};
use meridian_scheduler::workload::{
    Appointment, Charges, Crew, Due, Plan, PlannedVisit, Stint, Trip, WorkOrder, Workload,
};
use meridian_types::{EngineerId, Interval, Money, VisitId};

use super::order::{Order, StoredOrder, second_visit};
use super::technician::Technician;
use super::terms::{self, Terms};
use super::visit::Visit;
pub(crate) use places::Places;
use standing::{Standing, standings};

/// Most orders that are planned together.
pub(crate) const ORDERS_MAX: usize = 3000;

/// Everything that planning looks at, as it is at one moment.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) engineers: Vec<Technician>,
    /// Absences in the window.
    pub(crate) absent: BTreeMap<EngineerId, Spans>,
    /// Those that are neither done nor called off, nor with a party.
    pub(crate) orders: Vec<StoredOrder>,
    /// Those that they wait for and that a party does.
    pub(crate) outsourced: BTreeSet<VisitId>,
    /// Open ones: in the window, and all of the orders.
    pub(crate) visits: BTreeMap<VisitId, Visit>,
    /// Business time.
    pub(crate) now: Timestamp,
}

/// What is planned.
#[derive(Debug, Clone)]
pub(crate) struct Scene {
    pub(crate) workload: Workload,
    /// Orders that cannot be planned in this window, and why.
    pub(crate) left: BTreeMap<VisitId, Left>,
}

/// Why an order is no part of a workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Left {
    /// None of its windows is in the time that is planned, or it waits for an order that is left out for that.
    Outside,
    /// It takes more engineers than there are.
    TooFew,
    /// The terms do not say where what it needs is picked up.
    NoPickup,
    /// It waits for this one, which is left out or which a party does.
    Waits(VisitId),
}

/// Why nothing can be planned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoScene {
    #[error("terms.window.end: {0} has passed")]
    Past(Timestamp),
    #[error("there are {0} open orders; at most {ORDERS_MAX} are planned together")]
    TooMany(usize),
    #[error("there is no engineer in this region")]
    Nobody,
}

impl Known {
    /// What there is to be planned under the terms. Orders in `aside` are left as they are.
    pub(crate) fn scene(&self, terms: &Terms, aside: &BTreeSet<VisitId>) -> Result<Scene, NoScene> {
        if self.orders.len() > ORDERS_MAX {
            return Err(NoScene::TooMany(self.orders.len()));
        }
        let past = NoScene::Past(terms.window.end());
        let start = whole_second(terms.window.start().max(self.now)).ok_or_else(|| past.clone())?;
        let end = Timestamp::from_second(terms.window.end().as_second()).map_err(|_| past.clone())?;
        let horizon = Interval::new(start, end).map_err(|_| past)?;
        let frozen_until = terms.frozen_until.map_or(start, |until| until.clamp(start, end));
        let standings = standings(self, (terms, horizon), aside);
        let any = self.engineers.first().ok_or(NoScene::Nobody)?.engineer.hourly_cost;
        let charges = terms.charges.unwrap_or_else(|| terms::Charges::usual(any));
        let planned = |stored: &&StoredOrder| matches!(standings[&stored.order.id()], Standing::Open(_));
        let published = standings.values().filter_map(Standing::appointment).cloned().collect();
        let orders = self.orders.iter().filter(planned);
        let places =
            Places::of(terms, any, self.orders.iter().map(|stored| &stored.order), self.engineers.iter());
        let workload = Workload {
            horizon,
            frozen_until,
            sites: places.sites.into_values().collect(),
            ways: places.ways,
            pickup: terms.pickup.clone(),
            engineers: self.crews((terms, horizon, frozen_until), orders.clone().map(|stored| &stored.order)),
            orders: orders
                .map(|stored| self.demand((&stored.order, &standings), horizon, charges.late_day))
                .collect(),
            published,
            charges: Charges {
                engineer: charges.engineer,
                day: charges.day,
                window: charges.window,
                absence: charges.absence,
            },
        };
        let left = standings.iter().filter_map(|(id, standing)| Some((*id, standing.left()?))).collect();
        Ok(Scene { workload, left })
    }

    /// The engineers, with the time that is taken by anything but visits of these orders.
    fn crews<'o>(
        &self,
        (terms, horizon, frozen_until): (&Terms, Interval, Timestamp),
        planned: impl Iterator<Item = &'o Order>,
    ) -> Vec<Crew> {
        let moving: BTreeSet<VisitId> = planned.flat_map(Order::visit_ids).collect();
        let mut busy: BTreeMap<&EngineerId, Vec<Interval>> = BTreeMap::new();
        for (id, visit) in &self.visits {
            if !moving.contains(id) {
                busy.entry(&visit.claim.engineer).or_default().push(visit.claim.takes());
            }
        }
        let on_trip = |engineer: &EngineerId, trip: &Trip| {
            let mut visits = self.visits.values().map(|visit| &visit.claim);
            visits.any(|claim| {
                let stay = claim.stay.as_ref().filter(|_| claim.engineer == *engineer);
                stay.is_some_and(|stay| stay.lodging == trip.lodging && stay.away.overlaps(trip.away))
            })
        };
        let trip = |engineer: &EngineerId, trip: &Trip| {
            let is_possible = frozen_until <= trip.away.start() || on_trip(engineer, trip);
            remaining(trip, horizon, is_possible)
        };
        let crew = |Technician { engineer, efficiency_percent, .. }: &Technician| Crew {
            engineer: engineer.clone(),
            taken: FreeBusy {
                busy: busy.remove(&engineer.id).unwrap_or_default().into_iter().collect(),
                absent: self.absent.get(&engineer.id).cloned().unwrap_or_default(),
            },
            overtime: terms.overtime.get(&engineer.id).cloned().unwrap_or_default(),
            efficiency_percent: *efficiency_percent,
            trips: terms.trips.of(&engineer.id).iter().map(|of| trip(&engineer.id, of)).collect(),
        };
        self.engineers.iter().map(crew).collect()
    }

    /// What the scheduler has to know of an order; what it waits for and is not planned either is done, or keeps it
    /// waiting until then.
    fn demand(
        &self,
        (order, standings): (&Order, &BTreeMap<VisitId, Standing>),
        horizon: Interval,
        late_cost_per_day: Money,
    ) -> WorkOrder {
        let mut demand = order.demand.clone();
        demand.windows = demand.windows.iter().filter_map(|window| window.intersection(horizon)).collect();
        demand.due = order.due.map(|by| Due { by, late_cost_per_day });
        let firsts = order.demand.after.iter().filter_map(|first| standings.get(first)?.aside_until());
        demand.release = firsts.chain(demand.release).max();
        demand.after.retain(|first| matches!(standings.get(first), Some(Standing::Open(_))));
        demand.excluded.retain(|excluded| self.engineers.iter().any(|known| known.engineer.id == *excluded));
        demand
    }

    /// What is published of a scene, as a plan; as far as what is told of single orders looks at it.
    pub(crate) fn published(&self, scene: &Scene) -> Plan {
        let visit = |appointment: &Appointment| {
            let ids = [appointment.order, second_visit(appointment.order)];
            let visits = ids.iter().filter_map(|id| self.visits.get(id));
            let stints = appointment.assignees.iter().zip(visits).map(|(assignee, visit)| Stint {
                assignee: assignee.clone(),
                from: visit.claim.site.clone(),
                picks_up: false,
                during: visit.claim.during,
                home: None,
                overtime: jiff::SignedDuration::ZERO,
            });
            PlannedVisit { order: appointment.order, work: appointment.work, stints: stints.collect() }
        };
        scene.plan(scene.workload.published.iter().map(visit).collect(), Vec::new())
    }
}

impl Scene {
    /// Visits as a plan, as far as what is told of single orders looks at it.
    pub(crate) fn plan(&self, mut visits: Vec<PlannedVisit>, mut outsourced: Vec<VisitId>) -> Plan {
        let orders: BTreeSet<VisitId> = self.workload.orders.iter().map(|order| order.id).collect();
        visits.retain(|visit| orders.contains(&visit.order));
        outsourced.retain(|order| orders.contains(order));
        Plan {
            visits,
            outsourced,
            unplanned: Vec::new(),
            costs: no_costs(self.workload.charges.absence),
            changes: Vec::new(),
        }
    }
}

/// What is left of a trip from the beginning of the horizon on. Nobody can work on one that is not possible, which stands in
/// its place all the same.
fn remaining(trip: &Trip, horizon: Interval, is_possible: bool) -> Trip {
    match trip.away.intersection(horizon) {
        Some(away) if is_possible && horizon.end() >= trip.away.end() => {
            Trip { away, work: trip.work.within(away), ..trip.clone() }
        }
        _ => Trip { away: horizon, work: Spans::default(), ..trip.clone() },
    }
}

fn no_costs(any: Money) -> meridian_scheduler::workload::Costs {
    let zero = any.zero();
    meridian_scheduler::workload::Costs {
        travel: zero,
        hours: zero,
        overtime: zero,
        trips: zero,
        changes: zero,
        lateness: zero,
        outsourcing: zero,
        absences: zero,
        total: zero,
    }
}

/// The first whole second that is not before.
fn whole_second(instant: Timestamp) -> Option<Timestamp> {
    let second = instant.as_second();
    let is_whole = instant.subsec_nanosecond() == 0;
    Timestamp::from_second(if is_whole { second } else { second.checked_add(1)? }).ok()
}
