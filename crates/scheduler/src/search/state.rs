//! A schedule in the making: the routes, what is absent, and what was found out about insertions.

use std::collections::BTreeMap;

use super::insertion::{Blink, Insertion, cheapest};
use super::route::{Narrowing, Route, Stop};
use super::ties::Ties;
use crate::instance::Instance;

/// Most pairs of a visit and a shift for which insertions are remembered.
const KNOWN_MAX: usize = 4_000_000;

/// When visits that have to do with others begin, and what is left of shifts that do.
#[derive(Debug, Default)]
pub(super) struct Held {
    pub(super) begin_s: BTreeMap<u32, i32>,
    pub(super) span_s: BTreeMap<u32, (i32, i32)>,
}

/// A schedule in the making.
pub(crate) struct State<'i> {
    pub(crate) instance: &'i Instance,
    pub(crate) routes: Vec<Route>,
    /// The route of each visit.
    pub(crate) route_of: Vec<Option<u32>>,
    pub(crate) absent: Vec<u32>,
    pub(crate) cost: i64,
    pub(crate) ties: Ties,
    /// What is held to when it was published, while the search begins.
    pub(super) held: Held,
    /// How many shifts of each trip are used.
    used_of_trip: Vec<u32>,
    next_version: u32,
    /// By visit and route: the cheapest insertion for a version of the route.
    known: Vec<(u32, Option<Insertion>)>,
    /// Routes as they were before the last changes began.
    saved: Vec<Route>,
    spare: Vec<Route>,
    absent_before: Vec<u32>,
    cost_before: i64,
    used_of_trip_before: Vec<u32>,
}

impl<'i> State<'i> {
    /// Nothing is planned yet.
    pub(crate) fn new(instance: &'i Instance) -> Self {
        let (visits, shifts) = (instance.visits.len(), instance.shifts.len());
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let known = if visits * shifts <= KNOWN_MAX { visits * shifts } else { 0 };
        Self {
            instance,
            routes: (0..count(shifts)).map(|shift| Route::new(instance, shift)).collect(),
            route_of: vec![None; visits],
            absent: (0..count(visits)).collect(),
            cost: instance.visits.iter().map(|visit| visit.absence_cost).sum(),
            ties: Ties::of(instance),
            held: Held::default(),
            used_of_trip: vec![0; instance.trip_costs.len()],
            next_version: count(shifts),
            known: vec![(u32::MAX, None); known],
            saved: Vec::new(),
            spare: Vec::new(),
            absent_before: Vec::new(),
            cost_before: 0,
            used_of_trip_before: Vec::new(),
        }
    }

    /// The cheapest insertion of a visit into a route, overlooking what a blink does.
    pub(crate) fn insertion(&mut self, visit: u32, route: u32, blink: Blink) -> Option<Insertion> {
        if self.ties.is_tied(visit) {
            let narrowing = self.narrowing(visit, route)?;
            return self.insertion_within(visit, route, (blink, &narrowing));
        }
        let routed = &self.routes[route as usize];
        let opening_cost = self.opening_cost(routed);
        let find = || cheapest(self.instance, routed, (visit, &Narrowing::NONE), blink);
        let found = match self.known.get_mut(visit as usize * self.routes.len() + route as usize) {
            Some(known) if blink == Blink::NONE => {
                if known.0 != routed.version {
                    *known = (routed.version, find());
                }
                known.1
            }
            _ => find(),
        };
        found.map(|found| Insertion { delta: found.delta + opening_cost, ..found })
    }

    /// The same, as far as a narrowing leaves room.
    pub(crate) fn insertion_within(
        &self,
        visit: u32,
        route: u32,
        (blink, narrowing): (Blink, &Narrowing),
    ) -> Option<Insertion> {
        let routed = &self.routes[route as usize];
        let found = cheapest(self.instance, routed, (visit, narrowing), blink)?;
        Some(Insertion { delta: found.delta + self.opening_cost(routed), ..found })
    }

    /// What the trip costs of which it would be the first shift that is used.
    #[inline]
    pub(super) fn opening_cost(&self, route: &Route) -> i64 {
        let trip = self.instance.shifts[route.shift as usize].trip.filter(|_| route.stops.is_empty());
        trip.filter(|trip| self.used_of_trip[*trip as usize] == 0)
            .map_or(0, |trip| self.instance.trip_costs[trip as usize])
    }

    /// Counts a trip's shift that is used from now on, or no more. What the trip costs more.
    fn count_trip(&mut self, route: u32, used: bool) -> i64 {
        let Some(trip) = self.instance.shifts[route as usize].trip else { return 0 };
        let (count, cost) = (&mut self.used_of_trip[trip as usize], self.instance.trip_costs[trip as usize]);
        let before = *count > 0;
        *count = if used { *count + 1 } else { *count - 1 };
        (i64::from(*count > 0) - i64::from(before)) * cost
    }

    /// From here on everything can be undone.
    pub(crate) fn begin(&mut self) {
        self.spare.append(&mut self.saved);
        self.absent_before.clone_from(&self.absent);
        self.cost_before = self.cost;
        self.used_of_trip_before.clone_from(&self.used_of_trip);
    }

    /// As it was when the changes began.
    pub(crate) fn undo(&mut self) {
        for saved in &mut self.saved {
            std::mem::swap(&mut self.routes[saved.shift as usize], saved);
            saved.stops.iter().for_each(|stop| self.route_of[stop.visit as usize] = None);
        }
        // Only now: what left one of them may be in another.
        for saved in &self.saved {
            let stops = &self.routes[saved.shift as usize].stops;
            stops.iter().for_each(|stop| self.route_of[stop.visit as usize] = Some(saved.shift));
        }
        std::mem::swap(&mut self.absent, &mut self.absent_before);
        std::mem::swap(&mut self.used_of_trip, &mut self.used_of_trip_before);
        self.cost = self.cost_before;
    }

    /// Routes that were touched by the last changes, as they are now.
    pub(super) fn changed(&self) -> impl Iterator<Item = &Route> {
        self.saved.iter().map(|saved| &self.routes[saved.shift as usize])
    }

    pub(super) fn save(&mut self, route: u32) {
        if self.saved.iter().any(|saved| saved.shift == route) {
            return;
        }
        let now = &self.routes[route as usize];
        let copy = match self.spare.pop() {
            None => now.clone(),
            Some(mut copy) => {
                copy.take_from(now);
                copy
            }
        };
        self.saved.push(copy);
    }

    pub(super) fn version(&mut self) -> u32 {
        self.next_version += 1;
        self.next_version
    }

    /// Takes stops out of a route, as far as they need not stay, and what can't be without them. Whether what they leave
    /// behind can be done: it can where every way is the shortest.
    pub(crate) fn remove(&mut self, route: u32, leaves: impl Fn(usize) -> bool) -> bool {
        let so_many = self.absent.len();
        let stops = &self.routes[route as usize].stops;
        let leave: Vec<u32> =
            stops.iter().enumerate().filter(|(at, _)| leaves(*at)).map(|(_, stop)| stop.visit).collect();
        let leave: Vec<u32> = leave.into_iter().filter(|visit| !self.ties.is_kept(*visit)).collect();
        self.take_out(route, |stop| leave.contains(&stop.visit)) && self.take_out_dependents(so_many)
    }

    pub(super) fn take_out(&mut self, route: u32, leaves: impl Fn(&Stop) -> bool) -> bool {
        self.renew(route);
        self.save(route);
        let version = self.version();
        let routed = &mut self.routes[route as usize];
        let (before, was_used) = (routed.cost, !routed.stops.is_empty());
        let (absent, route_of) = (&mut self.absent, &mut self.route_of);
        let mut gone = 0;
        routed.stops.retain(|stop| {
            let leaves = leaves(stop);
            if leaves {
                absent.push(stop.visit);
                route_of[stop.visit as usize] = None;
                gone += self.instance.visits[stop.visit as usize].absence_cost;
            }
            !leaves
        });
        let possible = routed.refresh(self.instance, version);
        self.cost += routed.cost - before + gone;
        if was_used && routed.stops.is_empty() {
            self.cost += self.count_trip(route, false);
        }
        if possible {
            self.adapt(route);
        }
        possible
    }

    /// Puts an absent visit into a route; the caller takes it off the absent. Whether it could be done: where a detour
    /// over the pick-up is shorter than the way, a route may need it for that alone, and is not gone into.
    pub(crate) fn insert(&mut self, visit: u32, route: u32, insertion: Insertion) -> bool {
        let narrowing =
            if self.ties.is_tied(visit) { self.narrowing(visit, route) } else { Some(Narrowing::NONE) };
        narrowing.is_some_and(|narrowing| self.insert_within(visit, route, insertion, &narrowing))
    }

    /// The same, narrowed.
    pub(crate) fn insert_within(
        &mut self,
        visit: u32,
        route: u32,
        insertion: Insertion,
        narrowing: &Narrowing,
    ) -> bool {
        let stop = Route::stop(self.instance, route, (visit, insertion.window), narrowing);
        let Some(stop) = stop else { return false };
        self.renew(route);
        self.save(route);
        let version = self.version();
        let routed = &mut self.routes[route as usize];
        let (before, version_before) = (routed.cost, routed.version);
        routed.stops.insert(insertion.at as usize, stop);
        if !routed.refresh(self.instance, version) {
            routed.stops.remove(insertion.at as usize);
            routed.refresh(self.instance, version_before);
            return false;
        }
        let is_first = routed.stops.len() == 1;
        self.route_of[visit as usize] = Some(route);
        self.cost += routed.cost - before - self.instance.visits[visit as usize].absence_cost;
        if is_first {
            self.cost += self.count_trip(route, true);
        }
        self.adapt(route);
        true
    }
}
