//! Visits that have to begin at some moment: those of two, in different shifts, and those that others wait for.

use fastrand::Rng;

use super::insertion::{Blink, Insertion};
use super::route::{Narrowing, Route};
use super::state::State;
use crate::instance::Allowed;

/// Most moments that are tried.
const MOMENTS_MAX: usize = 24;
/// Most pairs of shifts that are tried at one moment.
const SHIFTS_TRIED: usize = 3;

/// A way to do both.
struct Offer {
    delta: i64,
    begin_s: i32,
    shifts: (u32, u32),
}

impl State<'_> {
    /// Puts both where they are cheapest together, if they cost less than `most`. `shifts` are those that can take each
    /// visit. Whether they are planned.
    pub(crate) fn put_pair(
        &mut self,
        (one, other): (u32, u32),
        most: i64,
        (shifts, rng): (&[Vec<u32>], &mut Rng),
    ) -> bool {
        let mut moments = Vec::new();
        for visit in [one, other] {
            for &shift in &shifts[visit as usize] {
                self.moments(visit, shift, &mut moments);
            }
        }
        moments.sort_unstable();
        moments.dedup();
        rng.shuffle(&mut moments);
        moments.truncate(MOMENTS_MAX);
        let mut offers: Vec<Offer> = Vec::new();
        for begin_s in moments {
            let of_one = self.at(one, begin_s, &shifts[one as usize]);
            let of_other = self.at(other, begin_s, &shifts[other as usize]);
            for (delta, shift) in &of_one {
                let beside = of_other.iter().filter(|(_, other)| self.go_together((*shift, *other)));
                offers.extend(beside.map(|(more, other)| Offer {
                    delta: delta + more - self.paid_twice(*shift, *other),
                    begin_s,
                    shifts: (*shift, *other),
                }));
            }
        }
        offers.retain(|offer| offer.delta < most);
        // Of moments that cost the same any may be best for what comes later: they stay in the order of the lot.
        offers.sort_by_key(|offer| (offer.shifts, offer.delta));
        offers.dedup_by_key(|offer| offer.shifts);
        offers.sort_by_key(|offer| (offer.delta, offer.shifts));
        offers.truncate(SHIFTS_TRIED);
        if [one, other].into_iter().any(|visit| self.ties.waiting_for(visit).next().is_some()) {
            // What is cheapest of all for the two may be in the way of those that wait for them.
            rng.shuffle(&mut offers);
        }
        offers.iter().any(|offer| self.take_up((one, other), offer))
    }

    /// Puts a visit into one of the cheapest shifts at a moment drawn by lot, if it costs less than `most`: what is
    /// cheapest of all for it may be in the way of those that wait for it. Whether it is planned.
    pub(super) fn put_at_some_moment(
        &mut self,
        visit: u32,
        most: i64,
        (shifts, rng): (&[u32], &mut Rng),
    ) -> bool {
        let mut moments = Vec::new();
        for &shift in shifts {
            self.moments(visit, shift, &mut moments);
        }
        let Some(&begin_s) = rng.choice(&moments) else { return false };
        let found = self.at(visit, begin_s, shifts);
        rng.choice(&found)
            .is_some_and(|(delta, shift)| *delta < most && self.insert_at(visit, begin_s, *shift))
    }

    /// The shifts in which a visit can begin at a moment, with what it costs, the cheapest first.
    fn at(&self, visit: u32, begin_s: i32, shifts: &[u32]) -> Vec<(i64, u32)> {
        let delta = |shift: &u32| Some((self.insertion_at(visit, begin_s, *shift)?.1.delta, *shift));
        let mut found: Vec<(i64, u32)> = shifts.iter().filter_map(delta).collect();
        found.sort_unstable();
        found.truncate(SHIFTS_TRIED);
        found
    }

    /// Whether two shifts have nothing to do with each other: they are not of one engineer.
    pub(super) fn go_together(&self, (one, other): (u32, u32)) -> bool {
        one != other && self.ties.of_shift(one).iter().all(|(shift, _)| *shift != other)
    }

    /// What was counted for both although it is paid once: the trip, if they were its first two shifts.
    fn paid_twice(&self, one: u32, other: u32) -> i64 {
        let opening_cost = |shift: u32| self.opening_cost(&self.routes[shift as usize]);
        let trip = |shift: u32| self.instance.shifts[shift as usize].trip;
        if trip(one) == trip(other) { opening_cost(one).min(opening_cost(other)) } else { 0 }
    }

    fn insertion_at(&self, visit: u32, begin_s: i32, shift: u32) -> Option<(Narrowing, Insertion)> {
        let mut narrowing = self.narrowing(visit, shift)?;
        let (open_s, close_s) = narrowing.begin_s;
        narrowing.begin_s = (open_s.max(begin_s), close_s.min(begin_s));
        Some((narrowing, self.insertion_within(visit, shift, (Blink::NONE, &narrowing))?))
    }

    /// Plans both, or neither.
    fn take_up(&mut self, (one, other): (u32, u32), offer: &Offer) -> bool {
        if !self.insert_at(one, offer.begin_s, offer.shifts.0) {
            return false;
        }
        if self.insert_at(other, offer.begin_s, offer.shifts.1) {
            return true;
        }
        self.take_out(offer.shifts.0, |stop| stop.visit == one);
        // It never was planned for whoever keeps the absent.
        self.absent.pop();
        false
    }

    /// Puts a visit into a shift so that it begins at a moment. Whether it can.
    pub(super) fn insert_at(&mut self, visit: u32, begin_s: i32, shift: u32) -> bool {
        let found = self.insertion_at(visit, begin_s, shift);
        found.is_some_and(|(narrowing, found)| self.insert_within(visit, shift, found, &narrowing))
    }

    /// Moments at which what it costs to begin a visit in a shift may be least: where waiting begins or ends.
    fn moments(&self, visit: u32, shift: u32, moments: &mut Vec<i32>) {
        let Some(Narrowing { begin_s: (open_s, close_s), .. }) = self.narrowing(visit, shift) else { return };
        let fit = self.instance.fit(visit, shift);
        let route: &Route = &self.routes[shift as usize];
        if fit.allowed == Allowed::Never || route.border_s.0 > route.border_s.1 {
            return;
        }
        let record = &self.instance.visits[visit as usize];
        let mut note = |begin_s: i32| {
            let within = |window: &crate::Window| {
                let (from_s, to_s) = window.begins(fit.duration_s);
                (from_s.max(open_s)..=to_s.min(close_s)).contains(&begin_s)
            };
            if record.windows.iter().any(within) {
                moments.push(begin_s);
            }
        };
        for window in &record.windows {
            let (from_s, to_s) = window.begins(fit.duration_s);
            note(from_s.max(open_s));
            note(to_s.min(close_s));
        }
        for at in 0..=route.stops.len() {
            let (before, after) = (&route.first[at], &route.rest[at]);
            let to_s = self.instance.way(route.place_before(self.instance, at), record.place).seconds;
            note(before.earliest_s + before.duration_s + to_s);
            note(before.latest_s + before.duration_s + to_s);
            let on_s = self.instance.way(record.place, route.place_of(self.instance, at)).seconds;
            note(after.earliest_s - on_s - fit.duration_s);
            note(after.latest_s - on_s - fit.duration_s);
        }
    }
}
