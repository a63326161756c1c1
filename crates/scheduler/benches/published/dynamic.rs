//! The same technicians on a day on which a part of the requests only becomes known while they work. Whoever is on the
//! way to a request serves it; nobody leaves before it is time to.

use std::path::Path;

use meridian_scheduler::{
    Allowed, Call, Fit, Instance, Purpose, Schedule, Start, Visit, Window, check, schedule,
};

use crate::{SEEDS, UNIT, best_known, mean, pillac, processor_time, units};

/// Shares of the requests that become known during the day, per cent, with the gaps that others have published: parallel
/// adaptive large neighbourhood search with waiting (Pillac, Guéret and Medaglia).
const SHARES: [(u32, f64, f64); 5] =
    [(10, 11.7, 0.02), (30, 13.8, 0.0), (50, 16.6, 0.0), (70, 18.6, 0.02), (90, 21.8, 1.04)];
/// Units of each part that somebody has after the pick-up.
const PLENTY: i32 = 1_000;

/// Prints the mean gap to the best value that is known for the whole day in advance, for each share.
pub(crate) fn run(data: &Path, budget_s: f64, only: &[String]) {
    let folder = data.join("pillac_trsp");
    let days = best_known(&folder.join("best_known.csv"), "best_known");
    for (percent, anchor, rejected_anchor) in SHARES {
        let (mut gaps, mut rejected) = (Vec::new(), Vec::new());
        for (name, best) in &days {
            let short = name.split('.').next().unwrap();
            if !only.is_empty() && !only.iter().any(|only| short.starts_with(only.as_str())) {
                continue;
            }
            let base = pillac::instance(
                &std::fs::read_to_string(folder.join(format!("instances/{name}.txt"))).unwrap(),
            );
            let reveals = folder.join(format!("dynamic/{name}_rd_{percent}.txt"));
            let reveals = reveals_s(&std::fs::read_to_string(reveals).unwrap(), base.shifts.len());
            for seed in SEEDS {
                let (cost, left_out) = day(&base, &reveals, seed, budget_s);
                #[expect(clippy::cast_precision_loss, reason = "to compare with published values")]
                let gap = (cost as f64 / UNIT / best - 1.0) * 100.0;
                if left_out == 0 {
                    gaps.push(gap);
                }
                rejected.push(f64::from(u32::try_from(left_out).unwrap()));
            }
        }
        println!(
            "{percent} % known late: mean gap {:.1} % (published {anchor} %) in {} of {} runs without rejection; {:.2} rejected on average (published {rejected_anchor})",
            mean(&gaps),
            gaps.len(),
            rejected.len(),
            mean(&rejected)
        );
    }
}

/// When each request becomes known, in its order; 0 for those known from the beginning.
fn reveals_s(text: &str, crew: usize) -> Vec<i32> {
    let rows = text.lines().skip_while(|line| !line.starts_with("ID")).skip(1);
    let mut rows: Vec<(usize, i32)> = rows
        .filter_map(|row| {
            let mut words = row.split_whitespace();
            let (id, at) = (words.next()?.parse().unwrap(), words.next()?.parse::<f64>().unwrap());
            Some((id, units(at.max(0.0))))
        })
        .collect();
    rows.sort_unstable();
    rows.into_iter().filter(|(id, _)| *id > crew).map(|(_, at)| at).collect()
}

/// How far somebody has come.
#[derive(Clone)]
struct Person {
    place: u32,
    /// From when on they can leave there.
    free_s: i32,
    /// When they left home.
    left_s: Option<i32>,
    aboard: Vec<i32>,
    has_picked_up: bool,
    /// When they were home again.
    back_s: Option<i32>,
    /// What they are to do next.
    calls: Vec<Call>,
}

/// What a day costs, and how many requests nobody has served.
fn day(base: &Instance, reveals_s: &[i32], seed: u64, budget_s: f64) -> (i64, usize) {
    let person = |shift: &meridian_scheduler::Shift| Person {
        place: shift.from,
        free_s: shift.window_s.0,
        left_s: None,
        aboard: shift.aboard.clone(),
        has_picked_up: false,
        back_s: None,
        calls: Vec::new(),
    };
    let mut people: Vec<Person> = base.shifts.iter().map(person).collect();
    let mut served = vec![false; base.visits.len()];
    let mut moments: Vec<i32> = reveals_s.to_vec();
    moments.push(0);
    moments.sort_unstable();
    moments.dedup();
    for now_s in moments {
        for (person, shift) in people.iter_mut().zip(&base.shifts) {
            person.go_on(base, shift.to, now_s, &mut served);
        }
        let open = |visit: usize| reveals_s[visit] <= now_s && !served[visit];
        let instance = rest_of_day(base, &people, now_s, open);
        let found = plan(&instance, &people, base.visits.len(), (seed, budget_s));
        check(&instance, &found).unwrap();
        for (person, shift) in people.iter_mut().zip(0_u32..) {
            let tour = found.tours.iter().find(|tour| tour.shift == shift);
            let of_base = |call: &&Call| !matches!(call.purpose, Purpose::Visit(visit) if visit as usize >= base.visits.len());
            person.calls =
                tour.map_or_else(Vec::new, |tour| tour.calls.iter().filter(of_base).copied().collect());
        }
    }
    for (person, shift) in people.iter_mut().zip(&base.shifts) {
        person.go_on(base, shift.to, i32::MAX, &mut served);
    }
    let worked = people.iter().filter_map(|person| Some(i64::from(person.back_s? - person.left_s?)));
    (worked.sum(), served.iter().filter(|served| !**served).count())
}

impl Person {
    /// Does everything that they leave for by `now_s`, each as late as it makes the day no longer.
    fn go_on(&mut self, base: &Instance, home: u32, now_s: i32, served: &mut [bool]) {
        let way_s = |from: u32, to: u32| base.way_s[from as usize * base.places + to as usize];
        let begins = self.latest_begins(base, way_s);
        let mut done = 0;
        for (call, begin_s) in self.calls.iter().zip(begins) {
            let (place, duration_s) = stay(base, call);
            let leaves_s = begin_s - way_s(self.place, place);
            if leaves_s > now_s {
                break;
            }
            self.left_s.get_or_insert(leaves_s);
            match call.purpose {
                Purpose::Pickup => self.has_picked_up = true,
                Purpose::Visit(visit) => {
                    served[visit as usize] = true;
                    let parts = &base.visits[visit as usize].parts;
                    self.aboard.iter_mut().zip(parts).for_each(|(left, units)| *left -= units);
                }
            }
            (self.place, self.free_s) = (place, begin_s + duration_s);
            done += 1;
        }
        self.calls.drain(..done);
        if self.left_s.is_some() && self.back_s.is_none() && self.calls.is_empty() && self.free_s <= now_s {
            self.back_s = Some(self.free_s + way_s(self.place, home));
        }
        self.free_s = self.free_s.max(now_s);
    }

    /// When each call begins at the latest without making the day longer.
    fn latest_begins(&self, base: &Instance, way_s: impl Fn(u32, u32) -> i32) -> Vec<i32> {
        let stays: Vec<(u32, i32, (i32, i32))> = self
            .calls
            .iter()
            .map(|call| {
                let (place, duration_s) = stay(base, call);
                (place, duration_s, window_s(base, call))
            })
            .collect();
        // From the end: as late as everything later allows.
        let late = |end_s: i32| {
            let (mut begins, mut next): (Vec<i32>, Option<(u32, i32)>) = (Vec::new(), None);
            for (place, duration_s, (_, close_s)) in stays.iter().rev() {
                let by_s = next.map_or(end_s, |(to, begin_s)| begin_s - way_s(*place, to)) - duration_s;
                begins.push(by_s.min(*close_s));
                next = Some((*place, by_s.min(*close_s)));
            }
            begins.reverse();
            begins
        };
        let Some((first, ..)) = stays.first() else { return Vec::new() };
        // Who is at home still leaves as late as can be; who is not has no time to win.
        let leaves_s = if self.left_s.is_some() {
            self.free_s
        } else {
            late(i32::MAX / 2)[0] - way_s(self.place, *first)
        };
        let (mut at, mut now_s) = (self.place, leaves_s);
        for (place, duration_s, (open_s, _)) in &stays {
            now_s = (now_s + way_s(at, *place)).max(*open_s) + duration_s;
            at = *place;
        }
        late(now_s)
    }
}

fn stay(base: &Instance, call: &Call) -> (u32, i32) {
    match call.purpose {
        Purpose::Pickup => base.pickup.map_or((0, 0), |pickup| (pickup.place, pickup.duration_s)),
        Purpose::Visit(visit) => (base.visits[visit as usize].place, call.end_s - call.begin_s),
    }
}

fn window_s(base: &Instance, call: &Call) -> (i32, i32) {
    match call.purpose {
        Purpose::Pickup => base.pickup.map_or((0, i32::MAX), |pickup| pickup.window_s),
        Purpose::Visit(visit) => {
            let window = base.visits[visit as usize].windows[0];
            (window.open_s, window.close_s)
        }
    }
}

/// What is still to be done, by whoever is where they are now: first of all, being there.
fn rest_of_day(base: &Instance, people: &[Person], now_s: i32, open: impl Fn(usize) -> bool) -> Instance {
    let mut instance = base.clone();
    let never = Fit { allowed: Allowed::Never, duration_s: 0, charge: 0 };
    for (at, fit) in instance.fits.iter_mut().enumerate() {
        let (visit, person) = (at / people.len(), &people[at % people.len()]);
        if !open(visit) || person.back_s.is_some() {
            *fit = never;
        } else if person.has_picked_up && fit.allowed == Allowed::AfterPickup {
            fit.allowed = Allowed::Aboard;
        }
    }
    for (index, visit) in instance.visits.iter_mut().enumerate() {
        if !open(index) {
            visit.absence_cost = 0;
        }
    }
    for (index, person) in people.iter().enumerate() {
        let shift = &mut instance.shifts[index];
        let free_s = person.free_s.max(now_s);
        shift.window_s.0 = free_s.min(shift.window_s.1);
        shift.regular_s = shift.window_s;
        shift.aboard =
            if person.has_picked_up { vec![PLENTY; person.aboard.len()] } else { person.aboard.clone() };
        shift.from = person.place;
        let there = |shift: usize| Fit {
            allowed: if shift == index { Allowed::Aboard } else { Allowed::Never },
            ..never
        };
        if person.left_s.is_some() && person.back_s.is_none() {
            instance.fits.extend((0..people.len()).map(there));
            instance.visits.push(Visit {
                place: person.place,
                windows: vec![Window::within(free_s, free_s)],
                absence_cost: pillac::ABSENCE_COST,
                parts: vec![0; person.aboard.len()],
                pinned: true,
            });
        }
    }
    instance
}

/// Goes on with what was planned before.
fn plan(instance: &Instance, people: &[Person], visits: usize, (seed, budget_s): (u64, f64)) -> Schedule {
    let mut there = (u32::try_from(visits).unwrap()..).zip(&instance.visits[visits..]).peekable();
    let mut start: Vec<Start> = Vec::new();
    for (shift, person) in (0_u32..).zip(people) {
        let mut visits = Vec::new();
        if person.left_s.is_some() && person.back_s.is_none() {
            let (visit, record) = there.next().unwrap();
            visits.push((visit, record.windows[0].open_s));
        }
        visits.extend(person.calls.iter().filter_map(|call| match call.purpose {
            Purpose::Visit(visit) => Some((visit, call.begin_s)),
            Purpose::Pickup => None,
        }));
        start.push(Start { shift, span_s: instance.shifts[shift as usize].window_s, visits });
    }
    let started = processor_time();
    let spent = |_: &_| (processor_time() - started).as_secs_f64() / budget_s;
    schedule(instance, &start, seed, spent).unwrap()
}
