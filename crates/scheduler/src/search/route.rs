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
            whole: instance.shifts[shift as usize].border(),
            charges: 0,
            cost: 0,
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

    pub(crate) fn stop(instance: &Instance, shift: u32, visit: u32, window: u32) -> Stop {
        let record = &instance.visits[visit as usize];
        let fit = instance.fit(visit, shift);
        let alone = Segment::single(record.windows_s[window as usize], fit.duration_s);
        Stop { visit, place: record.place, window, alone, charge: fit.charge }
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

    /// Works everything out anew from the stops. Whether it can be done at all.
    pub(crate) fn refresh(&mut self, instance: &Instance, version: u32) -> bool {
        self.version = version;
        let shift = &instance.shifts[self.shift as usize];
        let border = shift.border();
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
            let end = shift.border();
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
