//! Taking jobs out again: teams of a day, what ends last, what is alike.

use fastrand::Rng;

use super::compile::{Compiled, Task};
use super::state::{Place, State};

/// Most jobs that are taken out on purpose; with them goes some of what comes after them.
const JOBS_MAX: usize = 12;
/// Most jobs alike that are looked at.
const ALIKE_MAX: usize = 100;
/// In one round of so many something that is outsourced is thought of again.
const TAKEN_BACK_EVERY: u32 = 4;

pub(super) struct Ruin {
    /// Jobs by how alike they are in what they need, most alike first.
    alike: Vec<Vec<u32>>,
}

impl Ruin {
    pub(super) fn of(compiled: &Compiled) -> Self {
        let jobs = &compiled.jobs;
        let alike = |one: &Task| {
            let mut others: Vec<(f64, u32)> =
                (0..).zip(jobs).map(|(index, other)| (-likeness(one, other), index)).collect();
            others.sort_by(|one, other| one.0.total_cmp(&other.0));
            others.truncate(ALIKE_MAX);
            others.into_iter().map(|(_, other)| other).collect()
        };
        Self { alike: jobs.iter().map(alike).collect() }
    }

    /// Takes some jobs out. Teams shrink to those they still need.
    pub(super) fn run(&self, state: &mut State<'_>, rng: &mut Rng) {
        let amount = rng.usize(1..=JOBS_MAX);
        if state.outsourcing_any() && rng.u32(0..TAKEN_BACK_EVERY) == 0 {
            take_back(state, rng);
        }
        match rng.u32(0..10) {
            _ if state.days.is_empty() => {}
            0..3 => some_teams(state, amount, rng),
            3..6 => self.last(state, amount, rng),
            6..8 => {
                let job = some_job(state, rng);
                self.around(state, job, amount, rng);
            }
            8 => {
                for _ in 0..amount {
                    let job = some_job(state, rng);
                    take(state, job, rng);
                }
            }
            _ => some_of_a_day(state, 2 * amount, rng),
        }
        state.settle(rng);
        state.advance();
    }

    /// A job, and some of those most alike, wherever they are.
    fn around(&self, state: &mut State<'_>, job: u32, amount: usize, rng: &mut Rng) {
        take(state, job, rng);
        let chosen: Vec<u32> =
            self.alike[job as usize].iter().copied().filter(|_| rng.u32(0..3) > 0).take(amount).collect();
        for other in chosen {
            take(state, other, rng);
        }
    }

    /// What ends last of a priority or of all, some more of that day, and what could make room on an earlier one.
    fn last(&self, state: &mut State<'_>, amount: usize, rng: &mut Rng) {
        let compiled = state.compiled;
        let which = rng.usize(0..=compiled.priority_costs.len());
        let counts = |priority: usize| which == priority || which == compiled.priority_costs.len();
        let day_of = |job: u32| match state.places[job as usize] {
            Place::Planned { day, .. } => Some((day, state.end_min(job), job)),
            Place::Open | Place::Outsourced => None,
        };
        let planned: Vec<(u32, i32, u32)> = (0..)
            .zip(&compiled.jobs)
            .filter(|(_, task)| counts(task.priority))
            .filter_map(|(job, _)| day_of(job))
            .collect();
        let Some(&(last_day, _, last)) = planned.iter().max_by_key(|(_, end_min, job)| (*end_min, *job))
        else {
            return;
        };
        let mut beside: Vec<u32> =
            planned.iter().filter(|(day, ..)| *day == last_day).map(|(.., job)| *job).collect();
        rng.shuffle(&mut beside);
        beside.truncate(rng.usize(1..=3));
        take(state, last, rng);
        for job in beside {
            take(state, job, rng);
        }
        if rng.bool() {
            self.around(state, last, amount, rng);
        } else {
            let day = rng.u32(0..=last_day);
            whole_teams(state, day, amount, rng);
        }
    }
}

/// How alike two jobs are in what they need: 1 for the same in the same proportion, 0 for nothing in common.
fn likeness(one: &Task, other: &Task) -> f64 {
    let size = |of: &Task| of.needs.iter().map(|need| f64::from(need.1).powi(2)).sum::<f64>();
    let same = |(skill, count): &(u16, u16)| {
        let there = other.needs.iter().find(|need| need.0 == *skill);
        there.map_or(0.0, |need| f64::from(need.1) * f64::from(*count))
    };
    one.needs.iter().map(same).sum::<f64>() / (size(one) * size(other)).sqrt()
}

fn some_job(state: &State<'_>, rng: &mut Rng) -> u32 {
    rng.u32(0..u32::try_from(state.places.len()).unwrap_or(u32::MAX))
}

fn some_day(state: &State<'_>, rng: &mut Rng) -> u32 {
    rng.u32(0..u32::try_from(state.days.len()).unwrap_or(u32::MAX))
}

/// Takes out a job that is planned, and half of what comes after it.
fn take(state: &mut State<'_>, job: u32, rng: &mut Rng) {
    if !state.is_planned(job) {
        return;
    }
    state.take_out(job);
    let compiled = state.compiled;
    for &then in &compiled.jobs[job as usize].then {
        if rng.bool() {
            take(state, then, rng);
        }
    }
}

/// Jobs of some teams of a day, or of two.
fn some_teams(state: &mut State<'_>, amount: usize, rng: &mut Rng) {
    let days = rng.usize(1..=2);
    for _ in 0..days {
        let day = some_day(state, rng);
        whole_teams(state, day, amount.div_ceil(days), rng);
    }
}

fn whole_teams(state: &mut State<'_>, day: u32, amount: usize, rng: &mut Rng) {
    let mut teams: Vec<&[u32]> = state.days[day as usize].teams.iter().map(|team| &team.jobs[..]).collect();
    rng.shuffle(&mut teams);
    let mut chosen: Vec<u32> = Vec::new();
    for jobs in teams {
        if chosen.len() >= amount {
            break;
        }
        chosen.extend(jobs);
    }
    for job in chosen {
        take(state, job, rng);
    }
}

fn some_of_a_day(state: &mut State<'_>, amount: usize, rng: &mut Rng) {
    let day = some_day(state, rng);
    let teams = state.days[day as usize].teams.iter();
    let mut jobs: Vec<u32> = teams.flat_map(|team| &team.jobs).copied().collect();
    rng.shuffle(&mut jobs);
    for job in jobs.into_iter().take(amount) {
        take(state, job, rng);
    }
}

/// Something that was outsourced, with all that it waits for.
fn take_back(state: &mut State<'_>, rng: &mut Rng) {
    let compiled = state.compiled;
    let possible = |job: &u32| {
        let leaders = &compiled.jobs[*job as usize].leaders;
        !leaders.iter().any(|leader| compiled.jobs[*leader as usize].impossible)
    };
    let jobs = (0..).zip(&state.places).filter(|(_, place)| **place == Place::Outsourced).map(|(job, _)| job);
    let mut outsourced: Vec<u32> = jobs.filter(possible).collect();
    rng.shuffle(&mut outsourced);
    outsourced.truncate(rng.usize(1..=3));
    for job in outsourced {
        for &leader in &compiled.jobs[job as usize].leaders {
            if state.is_outsourced(leader) {
                state.take_out(leader);
            }
        }
    }
}
