//! Beginning with what was published: whatever of it still keeps every rule stays as it was.

use super::insertion::Blink;
use super::route::{Narrowing, Route, Stop};
use super::state::{Held, State};
use crate::instance::{Allowed, Start};

impl State<'_> {
    /// Plans what was published: what stays anyway first, and whatever can be at the same time as it was rather than at
    /// another. What does not fit any more stays absent.
    pub(crate) fn begin_as(&mut self, start: &[Start]) {
        self.hold(start);
        for (kept, same_time) in [(true, true), (true, false), (false, true), (false, false)] {
            if !same_time {
                let (ties, route_of) = (&self.ties, &self.route_of);
                let stays = |visit: u32| ties.is_kept(visit) != kept || route_of[visit as usize].is_some();
                self.held.begin_s.retain(|visit, _| stays(*visit));
            }
            while self.begin_with(start, kept, same_time) {}
        }
        let route_of = &self.route_of;
        self.absent.retain(|visit| route_of[*visit as usize].is_none());
        self.take_out_halves();
        self.held = Held::default();
        for shift in start.iter().map(|tour| tour.shift) {
            self.free(shift);
        }
    }

    /// Plans what can be planned. Whether anything could.
    fn begin_with(&mut self, start: &[Start], kept: bool, same_time: bool) -> bool {
        let mut planned = false;
        for tour in start {
            for at in 0..tour.visits.len() {
                let visit = tour.visits[at].0;
                let now = self.ties.is_kept(visit) == kept && self.route_of[visit as usize].is_none();
                planned |= now && self.begin_with_one(tour, at, same_time);
            }
        }
        planned
    }

    /// While the search begins, what has to do with others is when it was published: nothing moves into another's way.
    fn hold(&mut self, start: &[Start]) {
        for tour in start {
            if !self.ties.of_shift(tour.shift).is_empty() {
                self.held.span_s.insert(tour.shift, tour.span_s);
                self.renew(tour.shift);
            }
            let tied = tour.visits.iter().filter(|(visit, _)| self.ties.is_tied(*visit)).copied();
            self.held.begin_s.extend(tied);
        }
    }

    /// Plans a visit in the order that was published. Whether it can.
    fn begin_with_one(&mut self, tour: &Start, at: usize, same_time: bool) -> bool {
        let (visit, begin_s) = tour.visits[at];
        if self.instance.fit(visit, tour.shift).allowed == Allowed::Never {
            return false;
        }
        let Some(mut narrowing) = self.narrowing(visit, tour.shift) else { return false };
        let stops = &self.routes[tour.shift as usize].stops;
        let is_before = |stop: u32| tour.visits[..at].iter().any(|(visit, _)| *visit == stop);
        let place = stops.iter().filter(|stop| is_before(stop.visit)).count();
        let (from, to) = narrowing.at;
        narrowing.at = (from.max(place), to.min(place));
        if same_time {
            let (open_s, close_s) = narrowing.begin_s;
            narrowing.begin_s = (open_s.max(begin_s), close_s.min(begin_s));
        }
        let found = self.insertion_within(visit, tour.shift, (Blink::NONE, &narrowing));
        found.is_some_and(|found| self.insert_within(visit, tour.shift, found, &narrowing))
    }

    /// From now on the visits of a route can be at other times than when they were published.
    fn free(&mut self, route: u32) {
        for at in 0..self.routes[route as usize].stops.len() {
            let Stop { visit, window, .. } = self.routes[route as usize].stops[at];
            // Those that have to do with others are narrowed by these.
            if !self.ties.is_tied(visit)
                && let Some(stop) = Route::stop(self.instance, route, (visit, window), &Narrowing::NONE)
            {
                self.routes[route as usize].stops[at] = stop;
            }
        }
        self.refresh(route);
        self.renew(route);
        self.adapt(route);
    }

    /// Nobody does alone what takes two.
    fn take_out_halves(&mut self) {
        for visit in 0..u32::try_from(self.route_of.len()).unwrap_or(u32::MAX) {
            if let Some(route) = self.route_of[visit as usize]
                && let Some(partner) = self.ties.partner(visit)
                && self.route_of[partner as usize].is_none()
            {
                let so_many = self.absent.len();
                self.take_out(route, |stop| stop.visit == visit);
                self.take_out_dependents(so_many);
            }
        }
    }
}
