//! A schedule in the making: the routes, what is absent, and what was found out about insertions.

use super::insertion::{Blink, Insertion, cheapest};
use super::route::Route;
use crate::instance::Instance;

/// Most pairs of a visit and a shift for which insertions are remembered.
const KNOWN_MAX: usize = 4_000_000;

/// A schedule in the making.
pub(crate) struct State<'i> {
    pub(crate) instance: &'i Instance,
    pub(crate) routes: Vec<Route>,
    /// The route of each visit.
    pub(crate) route_of: Vec<Option<u32>>,
    pub(crate) absent: Vec<u32>,
    pub(crate) cost: i64,
    next_version: u32,
    /// By visit and route: the cheapest insertion for a version of the route.
    known: Vec<(u32, Option<Insertion>)>,
    /// Routes as they were before the last changes began.
    saved: Vec<Route>,
    spare: Vec<Route>,
    absent_before: Vec<u32>,
    cost_before: i64,
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
            next_version: count(shifts),
            known: vec![(u32::MAX, None); known],
            saved: Vec::new(),
            spare: Vec::new(),
            absent_before: Vec::new(),
            cost_before: 0,
        }
    }

    /// The cheapest insertion of a visit into a route, overlooking what a blink does.
    pub(crate) fn insertion(&mut self, visit: u32, route: u32, blink: Blink) -> Option<Insertion> {
        let routed = &self.routes[route as usize];
        let find = || cheapest(self.instance, routed, visit, blink);
        match self.known.get_mut(visit as usize * self.routes.len() + route as usize) {
            Some(known) if blink == Blink::NONE => {
                if known.0 != routed.version {
                    *known = (routed.version, find());
                }
                known.1
            }
            _ => find(),
        }
    }

    /// From here on everything can be undone.
    pub(crate) fn begin(&mut self) {
        self.spare.append(&mut self.saved);
        self.absent_before.clone_from(&self.absent);
        self.cost_before = self.cost;
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
        self.cost = self.cost_before;
    }

    fn save(&mut self, route: u32) {
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

    fn version(&mut self) -> u32 {
        self.next_version += 1;
        self.next_version
    }

    /// Takes stops out of a route. Whether what they leave behind can be done: it can where every way is the shortest.
    pub(crate) fn remove(&mut self, route: u32, leaves: impl Fn(usize) -> bool) -> bool {
        self.save(route);
        let version = self.version();
        let routed = &mut self.routes[route as usize];
        let before = routed.cost;
        let mut at = 0;
        let (absent, route_of) = (&mut self.absent, &mut self.route_of);
        let mut gone = 0;
        routed.stops.retain(|stop| {
            let leaves = leaves(at);
            at += 1;
            if leaves {
                absent.push(stop.visit);
                route_of[stop.visit as usize] = None;
                gone += self.instance.visits[stop.visit as usize].absence_cost;
            }
            !leaves
        });
        let possible = routed.refresh(self.instance, version);
        self.cost += routed.cost - before + gone;
        possible
    }

    /// Puts an absent visit into a route; the caller takes it off the absent. Whether it could be done: where a detour
    /// over the pick-up is shorter than the way, a route may need it for that alone, and is not gone into.
    pub(crate) fn insert(&mut self, visit: u32, route: u32, insertion: Insertion) -> bool {
        self.save(route);
        let version = self.version();
        let stop = Route::stop(self.instance, route, visit, insertion.window);
        let routed = &mut self.routes[route as usize];
        let (before, version_before) = (routed.cost, routed.version);
        routed.stops.insert(insertion.at as usize, stop);
        if !routed.refresh(self.instance, version) {
            routed.stops.remove(insertion.at as usize);
            routed.refresh(self.instance, version_before);
            return false;
        }
        self.route_of[visit as usize] = Some(route);
        self.cost += routed.cost - before - self.instance.visits[visit as usize].absence_cost;
        true
    }
}
