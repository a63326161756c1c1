//! Small problems of all kinds, and plans for them.

use meridian_scheduler::teams::{Job, Need, Plan, Problem, Technician, plan};
use proptest::prelude::*;

/// A plan after so many rounds.
pub(super) fn planned(problem: &Problem, seed: u64, rounds: u32) -> Plan {
    let spent = |progress: &meridian_scheduler::Progress| {
        f64::from(u32::try_from(progress.rounds).unwrap()) / f64::from(rounds.max(1))
    };
    if rounds == 0 { plan(problem, seed, |_| 1.0) } else { plan(problem, seed, spent) }.unwrap()
}

/// Short days, two domains of two levels, few away; everything that is asked for is there on some day.
pub(super) fn problem(jobs: usize, technicians: usize) -> impl Strategy<Value = Problem> {
    let technician = (prop::collection::vec(0..3_u32, 2), prop::collection::vec(0..3_u32, 0..2));
    let job = (1..4_i32, prop::collection::vec(any::<bool>(), jobs), 0..3_u32, needs(), 1..6_i64);
    let technicians = prop::collection::vec(technician, technicians);
    (technicians, prop::collection::vec(job, jobs), 0..8_i64).prop_map(|(technicians, jobs, budget)| {
        let technicians: Vec<Technician> =
            technicians.into_iter().map(|(levels, away)| Technician { levels, away }).collect();
        let there = |need: &Need| {
            let can = |one: &&Technician| one.levels[need.domain as usize] >= need.level;
            u32::try_from(technicians.iter().filter(can).count()).unwrap()
        };
        let job = |(index, (duration_min, after, priority, mut needs, outsourcing_cost)): (usize, _)| {
            let after: Vec<bool> = after;
            let needs: &mut Vec<Need> = &mut needs;
            for need in needs.iter_mut() {
                need.technicians = need.technicians.min(there(need));
            }
            let before = (0..index).filter(|before| after[*before] && (before + index) % 2 == 1);
            Job {
                duration_min,
                after: before.map(|before| u32::try_from(before).unwrap()).collect(),
                priority,
                needs: needs.clone(),
                outsourcing_cost,
            }
        };
        let jobs = jobs.into_iter().enumerate().map(job).collect();
        Problem {
            day_min: 4,
            domains: 2,
            levels: 2,
            technicians,
            jobs,
            priority_costs: vec![9, 4, 0],
            whole_cost: 1,
            outsourcing_budget: budget,
        }
    })
}

fn needs() -> impl Strategy<Value = Vec<Need>> {
    let need = (0..2_u32, 1..3_u32, 0..4_u32);
    let need = need.prop_map(|(domain, level, technicians)| Need { domain, level, technicians });
    prop::collection::vec(need, 0..3)
}

/// Two days of 10 minutes, three technicians of whom one is away on the first day, and a job that takes two of them
/// before one that takes anybody; a third is outsourced.
pub(super) fn known() -> Problem {
    let technician = |level, away: &[u32]| Technician { levels: vec![level], away: away.to_vec() };
    let need = |level, technicians| vec![Need { domain: 0, level, technicians }];
    let job = |duration_min, after: &[u32], needs, outsourcing_cost| Job {
        duration_min,
        after: after.to_vec(),
        priority: 0,
        needs,
        outsourcing_cost,
    };
    Problem {
        day_min: 10,
        domains: 1,
        levels: 2,
        technicians: vec![technician(1, &[]), technician(2, &[]), technician(2, &[0])],
        jobs: vec![
            job(4, &[], need(1, 2), 100),
            job(3, &[0], need(2, 1), 100),
            job(9, &[], need(2, 2), 5),
            job(7, &[], vec![], 100),
        ],
        priority_costs: vec![3],
        whole_cost: 1,
        outsourcing_budget: 5,
    }
}
