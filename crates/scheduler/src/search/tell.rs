//! Routes with the times at which everything happens.

use super::route::{Route, Stop};
use crate::instance::{Instance, Pickup};
use crate::schedule::{Call, Purpose, Schedule, Tour};

pub(crate) fn tell(instance: &Instance, routes: &[Route], mut absent: Vec<u32>, rounds: u64) -> Schedule {
    absent.sort_unstable();
    let used = routes.iter().filter(|route| !route.stops.is_empty());
    let tours: Vec<Tour> = used.map(|route| tour(instance, route)).collect();
    let without: i64 = absent.iter().map(|visit| instance.visits[*visit as usize].absence_cost).sum();
    let used = |trip: &u32| tours.iter().any(|tour| instance.shifts[tour.shift as usize].trip == Some(*trip));
    let trips = (0..).zip(&instance.trip_costs).filter(|(trip, _)| used(trip));
    let trips: i64 = trips.map(|(_, cost)| cost).sum();
    let cost = tours.iter().map(|tour| tour.cost).sum::<i64>() + without + trips;
    Schedule { tours, absent, cost, rounds }
}

/// Everything as early as it can be without waiting longer or more overtime.
fn tour(instance: &Instance, route: &Route) -> Tour {
    let shift = &instance.shifts[route.shift as usize];
    let start_s = shift.start_s(&route.whole);
    let mut walk = Walk { instance, place: shift.from, now_s: start_s, calls: Vec::new() };
    for (at, stop) in (0..).zip(&route.stops) {
        if route.pickup == Some(at) {
            walk.pick_up(instance.pickup);
        }
        walk.visit(stop);
    }
    if route.pickup.is_some_and(|at| at as usize == route.stops.len()) {
        walk.pick_up(instance.pickup);
    }
    let end_s = walk.now_s + instance.way(walk.place, shift.to).seconds;
    Tour { shift: route.shift, start_s, calls: walk.calls, end_s, cost: route.cost }
}

struct Walk<'i> {
    instance: &'i Instance,
    place: u32,
    now_s: i32,
    calls: Vec<Call>,
}

impl Walk<'_> {
    fn pick_up(&mut self, pickup: Option<Pickup>) {
        let Some(pickup) = pickup else { return };
        self.call(Purpose::Pickup, pickup.place, (pickup.window_s.0, pickup.duration_s));
    }

    fn visit(&mut self, stop: &Stop) {
        self.call(Purpose::Visit(stop.visit), stop.place, (stop.alone.earliest_s, stop.alone.duration_s));
    }

    fn call(&mut self, purpose: Purpose, place: u32, (open_s, duration_s): (i32, i32)) {
        let arrive_s = self.now_s + self.instance.way(self.place, place).seconds;
        let begin_s = arrive_s.max(open_s);
        let end_s = begin_s + duration_s;
        self.calls.push(Call { purpose, arrive_s, begin_s, end_s });
        (self.place, self.now_s) = (place, end_s);
    }
}
