//! Routes that have to do with each other: whichever changes keeps to the times of the others, and the others then make
//! use of what it leaves them.
//!
//! Every route is worked out within what the others' times leave it, so that the times of all together keep every rule
//! after each step, and a route that is worked out anew can always stay as it was.

use super::route::{Narrowing, Route};
use super::state::State;
use super::ties::{Side, Tie};

/// Most routes that are worked out anew after one has changed.
const ADAPTED_MAX: usize = 24;

impl State<'_> {
    /// Where and when a visit can be in a route next to those that it has to do with; none when it can't be in it.
    pub(crate) fn narrowing(&self, visit: u32, route: u32) -> Option<Narrowing> {
        let mut narrowing = Narrowing::NONE;
        if let Some(begin_s) = self.held.begin_s.get(&visit) {
            narrowing.begin_s = (*begin_s, *begin_s);
        }
        for tie in self.ties.of_visit(visit) {
            let Narrowing { begin_s: (open_s, close_s), at: (from, to) } = &mut narrowing;
            match *tie {
                Tie::With(partner) => {
                    let Some((other, (begin_s, _))) = self.work_s(partner) else { continue };
                    if !self.go_together((other, route)) {
                        return None;
                    }
                    *open_s = begin_s.max(*open_s);
                    *close_s = begin_s.min(*close_s);
                }
                Tie::After(first) => match self.work_s(first)? {
                    (other, _) if other == route => {
                        *from = (*from).max(self.routes[route as usize].position(first)? + 1);
                    }
                    (_, (_, end_s)) => *open_s = end_s.max(*open_s),
                },
                Tie::Before(then) => match self.work_s(then) {
                    None => {}
                    Some((other, _)) if other == route => {
                        *to = (*to).min(self.routes[route as usize].position(then)?);
                    }
                    Some((_, (begin_s, _))) => {
                        let duration_s = self.instance.fit(visit, route).duration_s;
                        *close_s = (begin_s - duration_s).min(*close_s);
                    }
                },
            }
        }
        Some(narrowing)
    }

    /// The route of a visit, and when its work begins and ends.
    fn work_s(&self, visit: u32) -> Option<(u32, (i32, i32))> {
        let route = self.route_of[visit as usize]?;
        Some((route, self.routes[route as usize].work_s(self.instance, visit)?))
    }

    /// What shifts that it has to do with leave of a shift.
    fn border_s(&self, shift: u32) -> (i32, i32) {
        let (mut open_s, mut close_s) = self.instance.shifts[shift as usize].window_s;
        if let Some((start_s, end_s)) = self.held.span_s.get(&shift) {
            (open_s, close_s) = (open_s.max(*start_s), close_s.min(*end_s));
        }
        for (other, side) in self.ties.of_shift(shift) {
            let other = &self.routes[*other as usize];
            if other.stops.is_empty() {
                continue;
            }
            let (start_s, end_s) = other.span_s(self.instance);
            match side {
                Side::Before(least_s) => close_s = close_s.min(start_s - least_s),
                Side::After(least_s) => open_s = open_s.max(end_s + least_s),
                Side::Instead => (open_s, close_s) = (1, 0),
            }
        }
        (open_s, close_s)
    }

    /// Works a route out anew if the times of the others leave it something else than before. Whether they do.
    pub(super) fn renew(&mut self, route: u32) -> bool {
        if self.ties.are_none() {
            return false;
        }
        self.save(route);
        let changed = self.narrow(route);
        if changed {
            self.refresh(route);
        }
        changed
    }

    /// Works a route out anew whose stops can be done as they are.
    pub(super) fn refresh(&mut self, route: u32) {
        let version = self.version();
        let before = self.routes[route as usize].cost;
        self.routes[route as usize].refresh(self.instance, version);
        self.cost += self.routes[route as usize].cost - before;
    }

    /// Narrows a route to what the times of the others leave it. Whether that is something else than before.
    fn narrow(&mut self, route: u32) -> bool {
        let border_s = self.border_s(route);
        let mut changed = std::mem::replace(&mut self.routes[route as usize].border_s, border_s) != border_s;
        for at in 0..self.routes[route as usize].stops.len() {
            let stop = self.routes[route as usize].stops[at];
            if !self.ties.is_tied(stop.visit) {
                continue;
            }
            let Some(narrowing) = self.narrowing(stop.visit, route) else { continue };
            let Some(now) = Route::stop(self.instance, route, (stop.visit, stop.window), &narrowing) else {
                continue;
            };
            changed |= now.alone != stop.alone;
            self.routes[route as usize].stops[at] = now;
        }
        changed
    }

    /// After a route has changed: works those out anew that have to do with it, and those that have to do with them, as
    /// far as anything changes for them.
    pub(super) fn adapt(&mut self, route: u32) {
        if self.ties.are_none() {
            return;
        }
        let mut changed = vec![route];
        let mut next = 0;
        while next < changed.len() && changed.len() < ADAPTED_MAX {
            for other in self.tied_to(changed[next]) {
                if self.renew(other) {
                    changed.push(other);
                }
            }
            next += 1;
        }
    }

    /// Routes that have to do with a route.
    fn tied_to(&self, route: u32) -> Vec<u32> {
        let of_shift = self.ties.of_shift(route).iter().map(|(other, _)| *other);
        let stops = self.routes[route as usize].stops.iter();
        let of_visits = stops.flat_map(|stop| self.ties.of_visit(stop.visit)).filter_map(|tie| match *tie {
            Tie::With(other) | Tie::After(other) | Tie::Before(other) => self.route_of[other as usize],
        });
        let mut tied: Vec<u32> = of_shift.chain(of_visits).filter(|other| *other != route).collect();
        tied.sort_unstable();
        tied.dedup();
        tied
    }

    /// Takes out what can't be without the visits that became absent since there were `so_many`, too. Whether what they
    /// leave behind can be done.
    pub(super) fn take_out_dependents(&mut self, so_many: usize) -> bool {
        let mut next = so_many;
        while let Some(&visit) = self.absent.get(next) {
            next += 1;
            for at in 0..self.ties.of_visit(visit).len() {
                let (Tie::With(other) | Tie::Before(other)) = self.ties.of_visit(visit)[at] else { continue };
                if let Some(route) = self.route_of[other as usize]
                    && !self.take_out(route, |stop| stop.visit == other)
                {
                    return false;
                }
            }
        }
        true
    }
}
