//! A problem as dense numbers: only what some job asks for is counted as a skill.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{Job, Problem};

/// What everybody has, so that no job is done by nobody.
const ANYBODY: (u32, u32) = (0, 0);

/// The problem.
pub(super) struct Compiled {
    pub(super) day_min: i32,
    /// How many skills there are: levels of domains that any job asks for.
    pub(super) skills: usize,
    pub(super) technicians: Vec<Person>,
    pub(super) jobs: Vec<Task>,
    pub(super) priority_costs: Vec<i64>,
    pub(super) whole_cost: i64,
    pub(super) budget: i64,
    /// Whether there is anything that may be outsourced.
    pub(super) outsources: bool,
}

pub(super) struct Person {
    /// Skill by skill, 1 for those they have.
    pub(super) has: Vec<u16>,
    /// How much their day is worth: 1 on average, more with skills that are asked for more than others.
    pub(super) value: f64,
    pub(super) away: Vec<u32>,
}

pub(super) struct Task {
    pub(super) duration_min: i32,
    pub(super) priority: usize,
    /// Skills with how many have to have them; none that follows from another one.
    pub(super) needs: Vec<(u16, u16)>,
    pub(super) before: Vec<u32>,
    pub(super) then: Vec<u32>,
    /// All that is outsourced with it, itself included.
    pub(super) followers: Vec<u32>,
    /// All that would have to be taken back with it, itself included.
    pub(super) leaders: Vec<u32>,
    pub(super) outsourcing_cost: i64,
    /// How much of everybody's time it takes at least, in technicians' minutes.
    pub(super) volume: f64,
    /// The longest chain of work from its beginning on, in minutes.
    pub(super) chain_min: i32,
    /// Nobody can do it.
    pub(super) impossible: bool,
}

impl Compiled {
    pub(super) fn of(problem: &Problem) -> Self {
        let asked = asked(problem);
        let mut technicians: Vec<Person> = problem
            .technicians
            .iter()
            .map(|one| {
                let has = |&(domain, level): &(u32, u32)| {
                    u16::from(level == 0 || one.levels[domain as usize] >= level)
                };
                Person { has: asked.keys().map(has).collect(), value: 1.0, away: one.away.clone() }
            })
            .collect();
        let mut jobs: Vec<Task> = problem.jobs.iter().map(|job| task(job, &asked)).collect();
        link(problem, &mut jobs);
        for job in &mut jobs {
            let there = |skill: u16| technicians.iter().filter(|one| one.has[skill as usize] > 0).count();
            let few = job.needs.iter().any(|(skill, count)| there(*skill) < usize::from(*count));
            job.impossible = few || job.duration_min > problem.day_min;
        }
        weigh(&mut technicians, &jobs, asked.len());
        let affordable = |job: &Task| job.outsourcing_cost <= problem.outsourcing_budget;
        Self {
            outsources: jobs.iter().any(affordable),
            day_min: problem.day_min,
            skills: asked.len(),
            technicians,
            jobs,
            priority_costs: problem.priority_costs.clone(),
            whole_cost: problem.whole_cost,
            budget: problem.outsourcing_budget,
        }
    }
}

/// What any job asks for, numbered.
fn asked(problem: &Problem) -> BTreeMap<(u32, u32), u16> {
    let needs = problem.jobs.iter().flat_map(|job| &job.needs).filter(|need| need.technicians > 0);
    let mut asked: BTreeMap<_, u16> = needs.map(|need| ((need.domain, need.level), 0)).collect();
    asked.insert(ANYBODY, 0);
    for (number, index) in (0..).zip(asked.values_mut()) {
        *index = number;
    }
    asked
}

fn task(job: &Job, asked: &BTreeMap<(u32, u32), u16>) -> Task {
    let needs = || job.needs.iter().filter(|need| need.technicians > 0);
    let follows = |need: &&super::Need| {
        let stronger = |other: &super::Need| {
            other.domain == need.domain && other.level > need.level && other.technicians >= need.technicians
        };
        let same = |other: &super::Need| (other.domain, other.level) == (need.domain, need.level);
        needs().any(stronger) || needs().any(|other| same(other) && other.technicians > need.technicians)
    };
    let count = |technicians: u32| u16::try_from(technicians).unwrap_or(u16::MAX);
    let mut kept: Vec<(u16, u16)> = needs()
        .filter(|need| !follows(need))
        .map(|need| (asked[&(need.domain, need.level)], count(need.technicians)))
        .collect();
    kept.sort_unstable();
    kept.dedup();
    if kept.is_empty() {
        kept.push((asked[&ANYBODY], 1));
    }
    let most = kept.iter().map(|need| need.1).max().unwrap_or(1);
    let volume = f64::from(job.duration_min) * f64::from(most);
    Task {
        duration_min: job.duration_min,
        priority: job.priority as usize,
        needs: kept,
        before: Vec::new(),
        then: Vec::new(),
        followers: Vec::new(),
        leaders: Vec::new(),
        outsourcing_cost: job.outsourcing_cost,
        volume,
        chain_min: 0,
        impossible: false,
    }
}

/// What comes before and after what.
fn link(problem: &Problem, jobs: &mut [Task]) {
    for (index, job) in (0_u32..).zip(&problem.jobs) {
        let mut before = job.after.clone();
        before.sort_unstable();
        before.dedup();
        for &first in &before {
            jobs[first as usize].then.push(index);
        }
        jobs[index as usize].before = before;
    }
    for index in 0..jobs.len() {
        let start = u32::try_from(index).unwrap_or(u32::MAX);
        jobs[index].followers = reached(start, |job| &jobs[job as usize].then);
        jobs[index].leaders = reached(start, |job| &jobs[job as usize].before);
    }
    // Those with fewest followers are last in every chain.
    let mut order: Vec<usize> = (0..jobs.len()).collect();
    order.sort_by_key(|job| jobs[*job].followers.len());
    for job in order {
        let longest = jobs[job].then.iter().map(|then| jobs[*then as usize].chain_min).max();
        jobs[job].chain_min = jobs[job].duration_min + longest.unwrap_or(0);
    }
}

fn reached<'j>(start: u32, next: impl Fn(u32) -> &'j Vec<u32>) -> Vec<u32> {
    let mut found = vec![start];
    let mut known = BTreeSet::from([start]);
    let mut at = 0;
    while let Some(&job) = found.get(at) {
        at += 1;
        found.extend(next(job).iter().filter(|other| known.insert(**other)));
    }
    found
}

/// What a technician is worth: themselves, and as much again for skills by how scarce they are.
fn weigh(technicians: &mut [Person], jobs: &[Task], skills: usize) {
    let mut asked = vec![0.0_f64; skills];
    for job in jobs.iter().filter(|job| !job.impossible) {
        for &(skill, count) in &job.needs {
            asked[usize::from(skill)] += f64::from(count) * f64::from(job.duration_min);
        }
    }
    let scarce: Vec<f64> = (0..skills)
        .map(|skill| {
            let there: u16 = technicians.iter().map(|one| one.has[skill]).sum();
            asked[skill] / f64::from(there.max(1))
        })
        .collect();
    let held = |one: &Person| -> f64 {
        one.has.iter().zip(&scarce).map(|(has, scarce)| f64::from(*has) * scarce).sum()
    };
    let sum: f64 = technicians.iter().map(held).sum();
    let people = f64::from(u32::try_from(technicians.len()).unwrap_or(u32::MAX));
    let mean = (sum / people).max(f64::MIN_POSITIVE);
    for one in technicians {
        one.value = 0.5 + 0.5 * held(one) / mean;
    }
}
