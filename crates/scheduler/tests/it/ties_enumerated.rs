//! The best schedule of a small instance whose visits and shifts have to do with each other, by writing down every
//! order and every second at which anything can begin.

use std::collections::BTreeMap;

use meridian_scheduler::{Allowed, Instance, Link, Rest};

/// What a tour does: who is visited and when the work begins and ends, by visit, and when it sets out and is back.
type Tour = (Vec<(u32, i32, i32)>, (i32, i32));

/// What the best schedule costs.
pub(crate) fn least_cost(instance: &Instance) -> i64 {
    let tours = (0..u32::try_from(instance.shifts.len()).unwrap()).map(|shift| every_tour(instance, shift));
    let tours: Vec<Vec<(Tour, i64)>> = tours.map(|tours| tours.into_iter().collect()).collect();
    let absent = instance.visits.iter().map(|visit| visit.absence_cost).sum();
    let mut least = i64::MAX;
    join(instance, &tours, &mut vec![None; tours.len()], (0, absent), &mut least);
    least
}

fn join(
    instance: &Instance,
    tours: &[Vec<(Tour, i64)>],
    chosen: &mut Vec<Option<Tour>>,
    (shift, cost): (usize, i64),
    least: &mut i64,
) {
    if shift == tours.len() {
        if is_kept(instance, chosen) {
            let trip = chosen
                .iter()
                .zip(&instance.shifts)
                .any(|(tour, shift)| tour.is_some() && shift.trip.is_some());
            *least = (*least).min(cost + if trip { instance.trip_costs[0] } else { 0 });
        }
        return;
    }
    chosen[shift] = None;
    join(instance, tours, chosen, (shift + 1, cost), least);
    for (tour, more) in &tours[shift] {
        let taken = |visit: &u32| {
            chosen[..shift].iter().flatten().any(|(calls, _)| calls.iter().any(|call| call.0 == *visit))
        };
        if tour.0.iter().any(|(visit, _, _)| taken(visit)) {
            continue;
        }
        chosen[shift] = Some(tour.clone());
        if rests_are_kept(instance, chosen, shift + 1) {
            join(instance, tours, chosen, (shift + 1, cost + more), least);
        }
    }
    chosen[shift] = None;
}

fn rests_are_kept(instance: &Instance, chosen: &[Option<Tour>], known: usize) -> bool {
    instance.rests.iter().all(|rest| {
        let (before, after) = (rest.before as usize, rest.after as usize);
        if before >= known || after >= known {
            return true;
        }
        let (Some((_, before)), Some((_, after))) = (&chosen[before], &chosen[after]) else { return true };
        rest.least_s.is_some_and(|least_s| after.0 - before.1 >= least_s)
    })
}

fn is_kept(instance: &Instance, chosen: &[Option<Tour>]) -> bool {
    let work = |visit: u32| {
        let calls = chosen.iter().enumerate().filter_map(|(shift, tour)| Some((shift, &tour.as_ref()?.0)));
        let mut calls = calls.flat_map(|(shift, calls)| calls.iter().map(move |call| (shift, *call)));
        calls.find(|(_, (other, _, _))| *other == visit)
    };
    instance.links.iter().all(|link| match *link {
        Link::Together { visits: (one, other) } => match (work(one), work(other)) {
            (None, None) => true,
            (Some((shift, one)), Some((beside, other))) => {
                let tied = |rest: &Rest| {
                    let rest = (rest.before as usize, rest.after as usize);
                    rest == (shift, beside) || rest == (beside, shift)
                };
                shift != beside && one.1 == other.1 && !instance.rests.iter().any(tied)
            }
            _ => false,
        },
        Link::After { first, then } => match (work(first), work(then)) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some((_, first)), Some((_, then))) => first.2 <= then.1,
        },
    })
}

/// Every tour of a shift with a visit in it, and what it costs at least instead of leaving these visits out.
fn every_tour(instance: &Instance, shift: u32) -> BTreeMap<Tour, i64> {
    let record = &instance.shifts[shift as usize];
    let mut tours = BTreeMap::new();
    for start_s in record.window_s.0..=record.window_s.1 {
        let mut walk = Walk { instance, shift, start_s, calls: Vec::new(), tours: &mut tours };
        walk.on(record.from, start_s, record.fixed_cost);
    }
    tours
}

struct Walk<'i> {
    instance: &'i Instance,
    shift: u32,
    start_s: i32,
    calls: Vec<(u32, i32, i32)>,
    tours: &'i mut BTreeMap<Tour, i64>,
}

impl Walk<'_> {
    fn on(&mut self, at: u32, now_s: i32, cost: i64) {
        let instance = self.instance;
        let record = &instance.shifts[self.shift as usize];
        let way = |to: u32| at as usize * instance.places + to as usize;
        let end_s = now_s + instance.way_s[way(record.to)];
        if !self.calls.is_empty() && end_s <= record.window_s.1 {
            let whole = cost
                + instance.way_cost[way(record.to)]
                + record.cost_per_s * i64::from(end_s - self.start_s);
            let mut calls = self.calls.clone();
            calls.sort_unstable();
            let known = self.tours.entry((calls, (self.start_s, end_s))).or_insert(i64::MAX);
            *known = (*known).min(whole);
        }
        for (index, visit) in (0_u32..).zip(&instance.visits) {
            let fit = instance.fits[index as usize * instance.shifts.len() + self.shift as usize];
            if fit.allowed == Allowed::Never || self.calls.iter().any(|call| call.0 == index) {
                continue;
            }
            let cost = cost + instance.way_cost[way(visit.place)] + fit.charge - visit.absence_cost;
            for begin_s in now_s + instance.way_s[way(visit.place)]..=record.window_s.1 - fit.duration_s {
                let end_s = begin_s + fit.duration_s;
                let within = visit.windows.iter().filter(|window| {
                    window.open_s <= begin_s && begin_s <= window.close_s && end_s <= window.end_s
                });
                let Some(charge) = within.map(|window| window.charge).min() else { continue };
                self.calls.push((index, begin_s, end_s));
                self.on(visit.place, end_s, cost + charge);
                self.calls.pop();
            }
        }
    }
}
