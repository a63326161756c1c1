//! Where in a route a visit fits best.

use super::route::{Narrowing, Route, Stop};
use crate::instance::{Allowed, Instance, Pickup, Visit};
use crate::segment::Segment;

/// A place in a route for a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Insertion {
    /// How much more the route costs with it.
    pub(crate) delta: i64,
    /// Before which stop.
    pub(crate) at: u32,
    /// In which of its windows.
    pub(crate) window: u32,
}

/// What is overlooked when a place for a visit is looked for: a bit for each of 48 places of a route and for each of 16
/// windows, from the first on again where there are more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Blink(pub(crate) u64);

impl Blink {
    /// Nothing is overlooked.
    pub(crate) const NONE: Self = Self(0);

    #[inline]
    const fn misses_place(self, at: usize) -> bool {
        self.0 >> (at % 48) & 1 == 1
    }

    const fn misses_window(self, window: u32) -> bool {
        self.0 >> (48 + window % 16) & 1 == 1
    }
}

/// The cheapest place for a visit in a route; none when it fits nowhere.
pub(crate) fn cheapest(
    instance: &Instance,
    route: &Route,
    (visit, narrowing): (u32, &Narrowing),
    blink: Blink,
) -> Option<Insertion> {
    let allowed = instance.fit(visit, route.shift).allowed;
    if allowed == Allowed::Never || route.border_s.0 > route.border_s.1 {
        return None;
    }
    let record = &instance.visits[visit as usize];
    let supplied = allowed == Allowed::Aboard
        && route.supplied as usize == route.stops.len()
        && route.has_left(route.stops.len(), &record.parts);
    if !supplied && instance.pickup.is_none() {
        return None;
    }
    let mut best: Option<Insertion> = None;
    let windows = 0..u32::try_from(record.windows.len()).unwrap_or(u32::MAX);
    for window in windows.filter(|window| !blink.misses_window(*window)) {
        let stop = Route::stop(instance, route.shift, (visit, window), narrowing);
        let Some(stop) = stop else { continue };
        let place = Place { instance, route, stop, at: narrowing.at, blink };
        let found = match instance.pickup {
            Some(pickup) if !supplied => place.with_pickup(record, pickup, allowed),
            _ => place.anywhere(),
        };
        if let Some(found) = found
            && best.is_none_or(|best| found.delta < best.delta)
        {
            best = Some(found);
        }
    }
    best
}

/// A stop that is to be put into a route.
struct Place<'i> {
    instance: &'i Instance,
    route: &'i Route,
    stop: Stop,
    /// Before which stops it can be.
    at: (usize, usize),
    blink: Blink,
}

impl Place<'_> {
    fn anywhere(&self) -> Option<Insertion> {
        let Self { instance, route, stop, .. } = self;
        let (mut least, mut place) = (None, instance.shifts[route.shift as usize].from);
        for (at, (first, rest)) in route.first.iter().zip(&route.rest).enumerate() {
            let next = route.place_of(instance, at);
            let Some(so_far) = first.then(instance.way(place, stop.place), &stop.alone) else { break };
            self.note(so_far.then(instance.way(stop.place, next), rest), at, &mut least);
            place = next;
        }
        self.insertion(least)
    }

    /// With a pick-up at the best place too, before which there is enough of everything.
    fn with_pickup(&self, visit: &Visit, pickup: Pickup, allowed: Allowed) -> Option<Insertion> {
        let Self { instance, route, .. } = self;
        let there = Segment::single(pickup.window_s, pickup.duration_s);
        let mut least: Option<(i64, usize)> = None;
        for at in 0..=route.supplied as usize {
            let before = route.place_before(instance, at);
            let next = route.place_of(instance, at);
            let first = route.first[at].then(instance.way(before, pickup.place), &there);
            let Some(first) = first else { break };
            self.after(first, (pickup.place, at), &mut least);
            if allowed == Allowed::Aboard && route.has_left(at, &visit.parts) {
                let rest = there.then(instance.way(pickup.place, next), &route.rest[at]);
                if let Some(rest) = rest {
                    self.before(rest, (pickup.place, at), &mut least);
                }
            }
        }
        self.insertion(least)
    }

    /// After stops and a pick-up that come to `first`: before stop `from` or a later one.
    fn after(&self, mut first: Segment, (mut place, from): (u32, usize), least: &mut Option<(i64, usize)>) {
        let Self { instance, route, stop, .. } = self;
        for at in from..=route.stops.len() {
            let next = route.place_of(instance, at);
            let Some(so_far) = first.then(instance.way(place, stop.place), &stop.alone) else { return };
            self.note(so_far.then(instance.way(stop.place, next), &route.rest[at]), at, least);
            let Some(stop) = route.stops.get(at) else { return };
            let Some(longer) = first.then(instance.way(place, stop.place), &stop.alone) else { return };
            (first, place) = (longer, stop.place);
        }
    }

    /// Before a pick-up and stops that come to `rest`: before stop `to` or an earlier one.
    fn before(&self, mut rest: Segment, (mut place, to): (u32, usize), least: &mut Option<(i64, usize)>) {
        let Self { instance, route, stop, .. } = self;
        for at in (0..=to).rev() {
            let before = route.place_before(instance, at);
            let so_far = route.first[at].then(instance.way(before, stop.place), &stop.alone);
            let whole = so_far.and_then(|so_far| so_far.then(instance.way(stop.place, place), &rest));
            self.note(whole, at, least);
            let Some(earlier) = at.checked_sub(1).map(|at| &route.stops[at]) else { return };
            let Some(longer) = earlier.alone.then(instance.way(earlier.place, place), &rest) else { return };
            (rest, place) = (longer, earlier.place);
        }
    }

    fn note(&self, whole: Option<Segment>, at: usize, least: &mut Option<(i64, usize)>) {
        let Some(whole) = whole else { return };
        let cost = self.instance.shifts[self.route.shift as usize].cost(&whole);
        let can_be_there = self.at.0 <= at && at <= self.at.1;
        if least.is_none_or(|(least, _)| cost < least) && can_be_there && !self.blink.misses_place(at) {
            *least = Some((cost, at));
        }
    }

    fn insertion(&self, least: Option<(i64, usize)>) -> Option<Insertion> {
        let (cost, at) = least?;
        let delta = cost + self.route.charges + self.stop.charge - self.route.cost;
        Some(Insertion { delta, at: u32::try_from(at).ok()?, window: self.stop.window })
    }
}
