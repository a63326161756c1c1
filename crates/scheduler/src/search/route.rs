//! The visits of one shift, in order, with what is known of each stretch from its beginning and to its end.

use crate::instance::{Allowed, Instance};
use crate::segment::Segment;

/// A visit in a route.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stop {
    pub(crate) visit: u32,
    pub(crate) place: u32,
    /// Which of its windows.
    pub(crate) window: u32,
    pub(crate) alone: Segment,
    pub(crate) charge: i64,
}

/// Where and when a visit can be in a route, next to those that it has to do with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Narrowing {
    /// When it begins, both ends included.
    pub(crate) begin_s: (i32, i32),
    /// Before which stops it is, both ends included.
    pub(crate) at: (usize, usize),
}

impl Narrowing {
    /// Anywhere, at any time.
    pub(crate) const NONE: Self = Self { begin_s: (0, i32::MAX), at: (0, usize::MAX) };
}

/// The visits of one shift.
#[derive(Debug, Clone)]
pub(crate) struct Route {
    pub(crate) shift: u32,
    pub(crate) stops: Vec<Stop>,
    /// The first `n` stops, with the beginning of the shift.
    pub(crate) first: Vec<Segment>,
    /// The stops from `n` on, with the end of the shift.
    pub(crate) rest: Vec<Segment>,
    /// Before which stop everything is picked up that is not aboard, if it has to be.
    pub(crate) pickup: Option<u32>,
    /// How many stops, from the first on, can do with what is aboard.
    pub(crate) supplied: u32,
    /// Units of each part aboard before each of those stops and after them, part by part.
    pub(crate) left: Vec<i32>,
    /// All of it, pick-up included.
    pub(crate) whole: Segment,
    /// What its stops are charged.
    pub(crate) charges: i64,
    /// What it costs, charges included.
    pub(crate) cost: i64,
    /// When it can begin at the earliest and must have ended, next to shifts that it has to do with. The first is later
    /// than the second when nothing can be in it.
    pub(crate) border_s: (i32, i32),
    /// Changes whenever the stops do; the same as before when a change is undone.
    pub(crate) version: u32,
}

impl Route {
    pub(crate) fn new(instance: &Instance, shift: u32) -> Self {
        let mut route = Self {
            shift,
            stops: Vec::new(),
            first: Vec::new(),
            rest: Vec::new(),
            pickup: None,
            supplied: 0,
            left: Vec::new(),
            whole: Segment::single(instance.shifts[shift as usize].window_s, 0),
            charges: 0,
            cost: 0,
            border_s: instance.shifts[shift as usize].window_s,
            version: 0,
        };
        route.refresh(instance, shift);
        route
    }

    /// Becomes a copy of another route, in the memory that it has.
    pub(crate) fn take_from(&mut self, other: &Self) {
        let Self { stops, first, rest, left, .. } = self;
        stops.clone_from(&other.stops);
        first.clone_from(&other.first);
        rest.clone_from(&other.rest);
        left.clone_from(&other.left);
        let (stops, first) = (std::mem::take(stops), std::mem::take(first));
        let (rest, left) = (std::mem::take(rest), std::mem::take(left));
        *self = Self { stops, first, rest, left, ..*other };
    }

    /// A visit in one of its windows as far as it is not narrowed; none when nothing of that is left.
    #[inline]
    pub(crate) fn stop(
        instance: &Instance,
        shift: u32,
        (visit, window): (u32, u32),
        narrowing: &Narrowing,
    ) -> Option<Stop> {
        let record = &instance.visits[visit as usize];
        let fit = instance.fit(visit, shift);
        let within = record.windows[window as usize];
        let (open_s, close_s) = within.begins(fit.duration_s);
        let (open_s, close_s) = (open_s.max(narrowing.begin_s.0), close_s.min(narrowing.begin_s.1));
        if open_s > close_s {
            return None;
        }
        let alone = Segment::single((open_s, close_s), fit.duration_s);
        Some(Stop { visit, place: record.place, window, alone, charge: fit.charge + within.charge })
    }

    /// The place after which stop `at` comes.
    #[inline]
    pub(crate) fn place_before(&self, instance: &Instance, at: usize) -> u32 {
        if at == 0 { instance.shifts[self.shift as usize].from } else { self.stops[at - 1].place }
    }

    /// The place of stop `at`, or where the shift ends.
    #[inline]
    pub(crate) fn place_of(&self, instance: &Instance, at: usize) -> u32 {
        self.stops.get(at).map_or(instance.shifts[self.shift as usize].to, |stop| stop.place)
    }

    const fn border(&self) -> Segment {
        Segment::single(self.border_s, 0)
    }

    /// When it sets out and when it is back.
    pub(crate) fn span_s(&self, instance: &Instance) -> (i32, i32) {
        let start_s = instance.shifts[self.shift as usize].start_s(&self.whole);
        (start_s, start_s + self.whole.duration_s)
    }

    /// Where a visit is in it.
    pub(crate) fn position(&self, visit: u32) -> Option<usize> {
        self.stops.iter().position(|stop| stop.visit == visit)
    }

    /// When the work of a visit begins and ends, if it is in it.
    pub(crate) fn work_s(&self, instance: &Instance, visit: u32) -> Option<(i32, i32)> {
        let mut place = instance.shifts[self.shift as usize].from;
        let (mut now_s, _) = self.span_s(instance);
        for (at, stop) in (0..).zip(&self.stops) {
            if let Some(pickup) = instance.pickup.filter(|_| self.pickup == Some(at)) {
                let arrive_s = now_s + instance.way(place, pickup.place).seconds;
                (place, now_s) = (pickup.place, arrive_s.max(pickup.window_s.0) + pickup.duration_s);
            }
            let begin_s = (now_s + instance.way(place, stop.place).seconds).max(stop.alone.earliest_s);
            (place, now_s) = (stop.place, begin_s + stop.alone.duration_s);
            if stop.visit == visit {
                return Some((begin_s, now_s));
            }
        }
        None
    }

    /// Works everything out anew from the stops. Whether it can be done at all.
    pub(crate) fn refresh(&mut self, instance: &Instance, version: u32) -> bool {
        self.version = version;
        let shift = &instance.shifts[self.shift as usize];
        let border = self.border();
        self.first.clear();
        self.rest.clear();
        self.first.push(border);
        let mut place = shift.from;
        for stop in &self.stops {
            let so_far = self.first[self.first.len() - 1];
            let Some(longer) = so_far.then(instance.way(place, stop.place), &stop.alone) else {
                return false;
            };
            self.first.push(longer);
            place = stop.place;
        }
        self.rest.resize(self.stops.len() + 1, border);
        let mut place = shift.to;
        for (at, stop) in self.stops.iter().enumerate().rev() {
            let Some(longer) = stop.alone.then(instance.way(stop.place, place), &self.rest[at + 1]) else {
                return false;
            };
            self.rest[at] = longer;
            place = stop.place;
        }
        self.count_supplies(instance);
        self.charges = self.stops.iter().map(|stop| stop.charge).sum();
        let Some((whole, pickup)) = self.with_pickup(instance) else { return false };
        (self.whole, self.pickup) = (whole, pickup);
        self.cost = self.cost_of(instance, &whole);
        true
    }

    fn count_supplies(&mut self, instance: &Instance) {
        let aboard = &instance.shifts[self.shift as usize].aboard;
        self.left.clear();
        self.left.extend(aboard);
        self.supplied = 0;
        for stop in &self.stops {
            let parts = &instance.visits[stop.visit as usize].parts;
            let left = self.left.len() - aboard.len();
            let enough = instance.fit(stop.visit, self.shift).allowed == Allowed::Aboard
                && parts.iter().zip(&self.left[left..]).all(|(units, left)| units <= left);
            if !enough {
                return;
            }
            for (part, units) in parts.iter().enumerate() {
                self.left.push(self.left[left + part] - units);
            }
            self.supplied += 1;
        }
    }

    /// Whether so many units are aboard before stop `at` that all before can do with them.
    #[inline]
    pub(crate) fn has_left(&self, at: usize, parts: &[i32]) -> bool {
        let left = &self.left[at * parts.len()..];
        parts.iter().zip(left).all(|(units, left)| units <= left)
    }

    /// The whole route and where the pick-up is; none when it can't be done.
    fn with_pickup(&self, instance: &Instance) -> Option<(Segment, Option<u32>)> {
        if self.supplied as usize == self.stops.len() {
            let shift = &instance.shifts[self.shift as usize];
            let end = self.border();
            let place = self.place_before(instance, self.stops.len());
            let whole = self.first[self.stops.len()].then(instance.way(place, shift.to), &end)?;
            return Some((whole, None));
        }
        let by_place = (0..=self.supplied).filter_map(|at| Some((self.pickup_at(instance, at)?, Some(at))));
        by_place.min_by_key(|(whole, at)| (self.cost_of(instance, whole), *at))
    }

    fn pickup_at(&self, instance: &Instance, at: u32) -> Option<Segment> {
        let pickup = instance.pickup?;
        let (before, after) =
            (self.place_before(instance, at as usize), self.place_of(instance, at as usize));
        let there = Segment::single(pickup.window_s, pickup.duration_s);
        let first = self.first[at as usize].then(instance.way(before, pickup.place), &there)?;
        first.then(instance.way(pickup.place, after), &self.rest[at as usize])
    }

    /// What the whole route costs when it comes to this.
    fn cost_of(&self, instance: &Instance, whole: &Segment) -> i64 {
        if self.stops.is_empty() {
            0
        } else {
            instance.shifts[self.shift as usize].cost(whole) + self.charges
        }
    }
}
