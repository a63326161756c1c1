//! Walks through a plan again, from the problem alone: it shares no code with the search.

use super::model::{Plan, Problem, Team};

/// What is wrong with a plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A team with nobody in it, or with nothing to do.
    #[error("team {team} is empty")]
    Empty {
        /// Which of the teams.
        team: usize,
    },
    /// Somebody is where they can't be.
    #[error("technician {technician} on day {day}: {what}")]
    Technician {
        /// Who.
        technician: u32,
        /// When.
        day: u32,
        /// What is wrong.
        what: &'static str,
    },
    /// A job is planned and outsourced, or planned twice, or neither.
    #[error("job {job} is planned or outsourced {times} times")]
    NotOnce {
        /// The job.
        job: u32,
        /// How often.
        times: usize,
    },
    /// A job at a time at which it can't be.
    #[error("job {job}: {what}")]
    Time {
        /// The job.
        job: u32,
        /// What is wrong.
        what: &'static str,
    },
    /// A team that can't do a job.
    #[error("job {job}: {found} technicians of its team meet need {need}")]
    Unskilled {
        /// The job.
        job: u32,
        /// Which of its needs.
        need: usize,
        /// How many meet it.
        found: usize,
    },
    /// More is outsourced than may be.
    #[error("outsourcing costs {found}")]
    Budget {
        /// What it costs.
        found: i64,
    },
    /// It costs something else.
    #[error("costs {told}, but {found} was found")]
    Cost {
        /// What it says.
        told: i64,
        /// What it comes to.
        found: i64,
    },
}

/// Whether a plan keeps every rule of its problem and costs what it says.
///
/// # Errors
/// The first thing that is wrong.
pub fn check(problem: &Problem, plan: &Plan) -> Result<(), Fault> {
    crowd(problem, plan)?;
    let mut times = vec![0_usize; problem.jobs.len()];
    let planned = plan.teams.iter().flat_map(|team| &team.works).map(|work| work.job);
    for job in planned.chain(plan.outsourced.iter().copied()) {
        *times.get_mut(job as usize).ok_or(Fault::NotOnce { job, times: 0 })? += 1;
    }
    if let Some((job, times)) = (0..).zip(times).find(|(_, times)| *times != 1) {
        return Err(Fault::NotOnce { job, times });
    }
    for team in &plan.teams {
        works(problem, team)?;
    }
    sequence(problem, plan)?;
    let cost = |job: &u32| problem.jobs[*job as usize].outsourcing_cost;
    let found = plan.outsourced.iter().map(cost).sum();
    if found > problem.outsourcing_budget {
        return Err(Fault::Budget { found });
    }
    let found = plan_cost(problem, plan);
    if found == plan.cost { Ok(()) } else { Err(Fault::Cost { told: plan.cost, found }) }
}

/// Whether everybody is in one team a day at most, on days on which they are there.
fn crowd(problem: &Problem, plan: &Plan) -> Result<(), Fault> {
    let mut seen = std::collections::BTreeSet::new();
    for (index, team) in plan.teams.iter().enumerate() {
        if team.technicians.is_empty() || team.works.is_empty() {
            return Err(Fault::Empty { team: index });
        }
        for &technician in &team.technicians {
            let fault = |what| Err(Fault::Technician { technician, day: team.day, what });
            let Some(record) = problem.technicians.get(technician as usize) else {
                return fault("is nobody");
            };
            if record.away.contains(&team.day) {
                return fault("is away");
            }
            if !seen.insert((team.day, technician)) {
                return fault("is in two teams");
            }
        }
    }
    Ok(())
}

/// Whether a team can do what it does, one after the other, on its day.
fn works(problem: &Problem, team: &Team) -> Result<(), Fault> {
    let opens = i64::from(team.day) * i64::from(problem.day_min);
    let closes = opens + i64::from(problem.day_min);
    let mut free = opens;
    for work in &team.works {
        let job = &problem.jobs[work.job as usize];
        let fault = |what| Err(Fault::Time { job: work.job, what });
        let (begin, end) = (i64::from(work.begin_min), i64::from(work.end_min));
        if begin < opens || end > closes {
            return fault("is not within the day of its team");
        }
        if begin < free {
            return fault("begins before its team is free");
        }
        if end - begin != i64::from(job.duration_min) {
            return fault("takes another time");
        }
        free = end;
        for (index, need) in job.needs.iter().enumerate() {
            let levels = team.technicians.iter().map(|one| &problem.technicians[*one as usize].levels);
            let found = levels.filter(|levels| levels[need.domain as usize] >= need.level).count();
            if found < need.technicians as usize {
                return Err(Fault::Unskilled { job: work.job, need: index, found });
            }
        }
    }
    Ok(())
}

/// Whether everything begins when what comes before it has ended, and nothing that is planned comes after what others
/// do.
fn sequence(problem: &Problem, plan: &Plan) -> Result<(), Fault> {
    let mut end_min = vec![None; problem.jobs.len()];
    for work in plan.teams.iter().flat_map(|team| &team.works) {
        end_min[work.job as usize] = Some(work.end_min);
    }
    for work in plan.teams.iter().flat_map(|team| &team.works) {
        let ended = |before: &u32| end_min[*before as usize].is_some_and(|end_min| end_min <= work.begin_min);
        if !problem.jobs[work.job as usize].after.iter().all(ended) {
            return Err(Fault::Time { job: work.job, what: "begins before what comes before it has ended" });
        }
    }
    Ok(())
}

fn plan_cost(problem: &Problem, plan: &Plan) -> i64 {
    let works = || plan.teams.iter().flat_map(|team| &team.works);
    let last_min = |priority: Option<usize>| {
        let counts = |job: u32| {
            priority.is_none_or(|priority| problem.jobs[job as usize].priority as usize == priority)
        };
        works().filter(|work| counts(work.job)).map(|work| i64::from(work.end_min)).max().unwrap_or(0)
    };
    let of_priority = |(priority, cost): (usize, &i64)| cost * last_min(Some(priority));
    let classes: i64 = problem.priority_costs.iter().enumerate().map(of_priority).sum();
    classes + problem.whole_cost * last_min(None)
}
