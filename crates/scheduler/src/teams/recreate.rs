//! Putting open jobs into the earliest days that have the time and the people for them.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use fastrand::Rng;

use super::compile::{Compiled, Task};
use super::crew::{Crews, Taste};
use super::state::State;
use super::times::Slot;

/// How often a team is overlooked, out of a thousand times.
const BLINKS_PER_MILLE: u32 = 20;
/// The same of a whole day.
const DAYS_OVERLOOKED_PER_MILLE: u32 = 30;
/// The same in a wild round.
const DAYS_OVERLOOKED_WILD_PER_MILLE: u32 = 200;
/// What a minute of the most urgent work is worth at most, in minutes of an average technician.
const HASTE_MAX: f64 = 2.0;
/// Most chance in picking a technician, in needs met.
const WHIM_MAX: f64 = 0.2;
/// How seldom a job is not outsourced that could be.
const KEPT_EVERY: u32 = 10;

pub(super) struct Recreate {
    /// What a minute of each priority weighs, 1 at most.
    weights: Vec<f64>,
    crews: Crews,
}

/// How jobs are put back in a round.
struct Manner {
    /// What a minute of each priority weighs.
    weights: Vec<f64>,
    /// What the time is worth that is left in a team of those who join it, 0 to 1.
    idle: f64,
    /// What it is worth that something ends a minute earlier, in minutes of an average technician.
    haste: f64,
    taste: Taste,
    wild: bool,
    /// What else comes first.
    by: Key,
}

/// By what jobs are sorted within their turn.
#[derive(Clone, Copy)]
enum Key {
    Chance,
    Chain,
    Duration,
    Technicians,
    Volume,
}

/// Where a job could go.
struct Found {
    /// An existing team, or none for a new one.
    team: Option<u32>,
    slot: Slot,
    cost: f64,
}

impl Recreate {
    pub(super) fn of(compiled: &Compiled) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "a weight")]
        let weights = compiled.priority_costs.iter().map(|cost| (cost + compiled.whole_cost) as f64);
        let most = weights.clone().fold(f64::MIN_POSITIVE, f64::max);
        Self { weights: weights.map(|weight| weight / most).collect(), crews: Crews::default() }
    }

    fn manner(&self, wild: bool, rng: &mut Rng) -> Manner {
        // The last job of a priority counts: what is less urgent may well go first.
        let even = rng.bool();
        let weights = self.weights.iter().map(|weight| if even { *weight } else { weight * rng.f64() });
        let weights = weights.collect();
        Manner {
            weights,
            idle: rng.f64(),
            haste: if rng.bool() { 0.0 } else { rng.f64() * HASTE_MAX },
            taste: Taste { thrift: rng.f64(), whim: rng.f64() * WHIM_MAX },
            wild,
            by: match rng.u32(0..6) {
                0 => Key::Chance,
                1 => Key::Chain,
                2 => Key::Duration,
                3 => Key::Technicians,
                _ => Key::Volume,
            },
        }
    }

    /// Puts every open job somewhere: those of the priority that has its turn first. Nothing is open then.
    pub(super) fn run(&mut self, state: &mut State<'_>, turns: &[usize], wild: bool, rng: &mut Rng) {
        let manner = self.manner(wild, rng);
        if state.compiled.outsources {
            outsource(state, &manner, rng);
        }
        let mut waiting = std::mem::take(&mut state.open);
        manner.sort(state.compiled, turns, &mut waiting, rng);
        while let Some(job) = waiting.pop() {
            if !self.put(state, job, &manner, rng) {
                // What comes after it gives way; then there is always a later day.
                free(state, job, rng);
                let put = self.put(state, job, &manner, rng);
                debug_assert!(put, "a day comes on which everybody is there and free");
                waiting.append(&mut state.open);
                manner.sort(state.compiled, turns, &mut waiting, rng);
            }
        }
        state.advance();
    }

    /// Puts a job into the earliest day that can take it, with some chance into a later one. Whether there is one.
    fn put(&mut self, state: &mut State<'_>, job: u32, manner: &Manner, rng: &mut Rng) -> bool {
        let compiled = state.compiled;
        let duration_min = compiled.jobs[job as usize].duration_min;
        let earliest_min = state.earliest_min(job);
        let latest_min = state.latest_min(job);
        let overlooked = if manner.wild { DAYS_OVERLOOKED_WILD_PER_MILLE } else { DAYS_OVERLOOKED_PER_MILLE };
        let mut opens_min = earliest_min - earliest_min % compiled.day_min;
        while opens_min + duration_min <= latest_min {
            let closes_min = opens_min + compiled.day_min;
            let window_min = (earliest_min.max(opens_min), latest_min.min(closes_min));
            let day = u32::try_from(opens_min / compiled.day_min).unwrap_or(u32::MAX);
            opens_min = closes_min;
            let known = (day as usize) < state.days.len();
            if window_min.0 + duration_min > window_min.1 || known && rng.u32(0..1000) < overlooked {
                continue;
            }
            state.open_day(day);
            if let Some(found) = self.best(state, (day, job), window_min, manner, rng) {
                let team = match found.team {
                    Some(team) if self.crews.best.is_empty() => team,
                    team => state.join(day, team, &self.crews.best),
                };
                state.insert(job, (day, team, found.slot.at), found.slot.begin_min);
                return true;
            }
        }
        false
    }

    /// Where on a day a job takes least of the time of technicians; who joins the team is the best of the crews then.
    fn best(
        &mut self,
        state: &State<'_>,
        (day, job): (u32, u32),
        window_min: (i32, i32),
        manner: &Manner,
        rng: &mut Rng,
    ) -> Option<Found> {
        let compiled = state.compiled;
        let task = &compiled.jobs[job as usize];
        let of_day = &state.days[day as usize];
        let duration_min = f64::from(task.duration_min);
        let mut best: Option<Found> = None;
        for (index, team) in (0..).zip(&of_day.teams) {
            let rest_min = compiled.day_min - team.load_min - task.duration_min;
            let least = duration_min * team.value;
            if rest_min < 0
                || best.as_ref().is_some_and(|best| best.cost <= least)
                || rng.u32(0..1000) < BLINKS_PER_MILLE
            {
                continue;
            }
            let Some(slot) = state.slot(team, job, window_min, &manner.weights) else { continue };
            let Some(joining) = self.crews.join(compiled, of_day, (&team.counts, task), manner.taste, rng)
            else {
                continue;
            };
            // Of those who join, what the team did before they came is lost.
            let lost_min = f64::from(team.load_min) + manner.idle * f64::from(rest_min);
            let cost = least + joining * (duration_min + lost_min) + slot.delay * manner.haste;
            if best.as_ref().is_none_or(|best| cost < best.cost) {
                self.crews.keep();
                best = Some(Found { team: Some(index), slot, cost });
            }
        }
        let nobody = vec![0; compiled.skills];
        if let Some(joining) = self.crews.join(compiled, of_day, (&nobody, task), manner.taste, rng) {
            let rest_min = f64::from(compiled.day_min) - duration_min;
            let delay = duration_min * manner.weights[task.priority];
            let cost = joining * (duration_min + manner.idle * rest_min) + delay * manner.haste;
            if best.as_ref().is_none_or(|best| cost < best.cost) {
                self.crews.keep();
                best = Some(Found { team: None, slot: Slot { at: 0, begin_min: window_min.0, delay }, cost });
            }
        }
        best
    }
}

impl Manner {
    /// Jobs in the order in which they are put back, the first one last; none before what it waits for.
    fn sort(&self, compiled: &Compiled, turns: &[usize], jobs: &mut [u32], rng: &mut Rng) {
        let task = |job: &u32| &compiled.jobs[*job as usize];
        let turn = |job: &u32| {
            let followers = task(job).followers.iter();
            followers.map(|job| turns[task(job).priority]).min().filter(|_| !self.wild)
        };
        rng.shuffle(jobs);
        jobs.sort_by(|one, other| self.by.of(task(other)).total_cmp(&self.by.of(task(one))));
        jobs.sort_by_cached_key(turn);
        let position: BTreeMap<u32, usize> = jobs.iter().enumerate().map(|(at, job)| (*job, at)).collect();
        jobs.sort_by_cached_key(|job| {
            let followers = &task(job).followers;
            let first = followers.iter().filter_map(|job| position.get(job)).min();
            (first.copied(), Reverse(followers.len()))
        });
        jobs.reverse();
    }
}

impl Key {
    fn of(self, task: &Task) -> f64 {
        match self {
            Self::Chance => 0.0,
            Self::Chain => f64::from(task.chain_min),
            Self::Duration => f64::from(task.duration_min),
            Self::Technicians => task.volume / f64::from(task.duration_min),
            Self::Volume => task.volume,
        }
    }
}

/// Has others do what nobody can, and as much of what else is open as the budget allows: what saves most for its cost
/// first, with some chance.
fn outsource(state: &mut State<'_>, manner: &Manner, rng: &mut Rng) {
    let compiled = state.compiled;
    let mut rank = |job: &u32| {
        let (mut volume, mut cost) = (0.0, 1.0);
        for follower in &compiled.jobs[*job as usize].followers {
            let task = &compiled.jobs[*follower as usize];
            volume += task.volume * manner.weights[task.priority];
            #[expect(clippy::cast_precision_loss, reason = "a rank")]
            let own = task.outsourcing_cost as f64;
            cost += own;
        }
        volume / cost * (0.2 + rng.f64())
    };
    let impossible = |job: u32| compiled.jobs[job as usize].impossible;
    let mut ranked: Vec<(bool, f64, u32)> =
        state.open.iter().map(|job| (impossible(*job), rank(job), *job)).collect();
    ranked.sort_by(|one, other| other.0.cmp(&one.0).then(other.1.total_cmp(&one.1)));
    for (.., job) in ranked {
        let followers = &compiled.jobs[job as usize].followers;
        let with: Vec<u32> = followers.iter().copied().filter(|job| !state.is_outsourced(*job)).collect();
        let cost: i64 = with.iter().map(|job| compiled.jobs[*job as usize].outsourcing_cost).sum();
        let kept = !impossible(job) && rng.u32(0..KEPT_EVERY) == 0;
        if kept || state.outsourcing + cost > compiled.budget {
            continue;
        }
        for job in with {
            state.take_out(job);
            state.outsource(job);
        }
    }
    state.settle(rng);
}

/// What comes after a job is taken out.
fn free(state: &mut State<'_>, job: u32, rng: &mut Rng) {
    let compiled = state.compiled;
    for &later in &compiled.jobs[job as usize].followers {
        if later != job && state.is_planned(later) {
            state.take_out(later);
        }
    }
    state.settle(rng);
}
