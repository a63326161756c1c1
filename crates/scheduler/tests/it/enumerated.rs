//! The best schedule of a small instance, by writing every one of them out second by second.

use std::collections::BTreeMap;

use meridian_scheduler::{Allowed, Instance};

/// What the best schedule costs: every way to share the visits out, and every order of each share.
pub(crate) fn least_cost(instance: &Instance) -> i64 {
    let visits = u32::try_from(instance.visits.len()).unwrap();
    let all = (1_u32 << visits) - 1;
    let absent: i64 = instance.visits.iter().map(|visit| visit.absence_cost).sum();
    let mut least = BTreeMap::from([(0_u32, absent)]);
    for shift in 0..u32::try_from(instance.shifts.len()).unwrap() {
        let tours: Vec<(u32, i64)> =
            (1..=all).filter_map(|set| Some((set, tour(instance, shift, set)?))).collect();
        let before = least.clone();
        for (done, cost) in before {
            for (set, tour) in tours.iter().filter(|(set, _)| set & done == 0) {
                let known = least.entry(done | set).or_insert(i64::MAX);
                *known = (*known).min(cost + tour);
            }
        }
    }
    *least.values().min().unwrap()
}

/// What it costs at least to have a set of visits done in a shift instead of leaving them out.
fn tour(instance: &Instance, shift: u32, set: u32) -> Option<i64> {
    let record = &instance.shifts[shift as usize];
    let mut walk = Walk { instance, shift, set, least: None, start_s: 0 };
    for start_s in record.window_s.0..=record.window_s.1 {
        walk.start_s = start_s;
        walk.on(record.from, start_s, 0, Some(record.aboard.clone()), record.fixed_cost);
    }
    walk.least
}

struct Walk<'i> {
    instance: &'i Instance,
    shift: u32,
    set: u32,
    least: Option<i64>,
    start_s: i32,
}

impl Walk<'_> {
    /// Second by second.
    fn overtime_cost(&self, end_s: i32) -> i64 {
        let record = &self.instance.shifts[self.shift as usize];
        let regular = record.regular_s.0..record.regular_s.1;
        let seconds = (self.start_s..end_s).filter(|second| !regular.contains(second)).count();
        record.overtime_cost_per_s * i64::try_from(seconds).unwrap()
    }

    fn on(&mut self, at: u32, now_s: i32, done: u32, aboard: Option<Vec<i32>>, cost: i64) {
        let instance = self.instance;
        let record = &instance.shifts[self.shift as usize];
        let way = |to: u32| at as usize * instance.places + to as usize;
        if done == self.set {
            let end_s = now_s + instance.way_s[way(record.to)];
            if end_s <= record.window_s.1 {
                let whole = cost
                    + instance.way_cost[way(record.to)]
                    + record.cost_per_s * i64::from(end_s - self.start_s)
                    + self.overtime_cost(end_s);
                self.least = Some(self.least.map_or(whole, |least| least.min(whole)));
            }
        }
        if let (Some(pickup), Some(_)) = (instance.pickup, &aboard) {
            let to = way(pickup.place);
            let begin_s = (now_s + instance.way_s[to]).max(pickup.window_s.0);
            if begin_s <= pickup.window_s.1 && done != self.set {
                let cost = cost + instance.way_cost[to];
                self.on(pickup.place, begin_s + pickup.duration_s, done, None, cost);
            }
        }
        for (index, visit) in (0..).zip(&instance.visits) {
            if self.set & (1 << index) == 0 || done & (1 << index) != 0 {
                continue;
            }
            let fit = instance.fits[index * instance.shifts.len() + self.shift as usize];
            let left = match (&aboard, fit.allowed) {
                (_, Allowed::Never) | (Some(_), Allowed::AfterPickup) => continue,
                (None, _) => None,
                (Some(aboard), Allowed::Aboard) => Some(
                    aboard.iter().zip(&visit.parts).map(|(left, units)| left - units).collect::<Vec<_>>(),
                ),
            };
            if left.iter().flatten().any(|left| *left < 0) {
                continue;
            }
            let to = way(visit.place);
            let cost = cost + instance.way_cost[to] + fit.charge - visit.absence_cost;
            for window in &visit.windows {
                let begin_s = (now_s + instance.way_s[to]).max(window.open_s);
                let then_s = begin_s + fit.duration_s;
                if begin_s <= window.close_s && then_s <= window.end_s {
                    let cost = cost + window.charge;
                    self.on(visit.place, then_s, done | 1 << index, left.clone(), cost);
                }
            }
        }
    }
}
