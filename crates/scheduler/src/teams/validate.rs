//! What a problem has to keep so that nothing overflows, nothing leads nowhere, and every job can be done by somebody.

use super::model::{Job, Problem, Technician};
use crate::validate::{InstanceError, rule};

/// Most technicians and jobs; nobody is away on a later day.
const COUNT_MAX: usize = 2_000;
/// Most skills: domains times levels.
const SKILLS_MAX: u64 = 10_000;
/// Most entries of the table of levels, and of the counts that teams keep.
const LEVELS_MAX: usize = 1_000_000;
/// Most needs of a job.
const NEEDS_MAX: usize = 100;
/// Most jobs that come right before others, of all jobs together.
const AFTER_MAX: usize = 20_000;
/// Most priorities.
const PRIORITIES_MAX: usize = 100;
/// The highest cost of a minute.
const COST_PER_MIN_MAX: i64 = 1_000_000;
/// The highest cost of outsourcing a job, and the highest budget.
const COST_MAX: i64 = 1_000_000_000_000;
/// The longest job.
const DURATION_MAX_MIN: i32 = 1_000_000;

/// Whether all rules are kept.
///
/// # Errors
/// The first value that breaks one.
pub(super) fn validate(problem: &Problem) -> Result<(), InstanceError> {
    let (technicians, jobs) = (problem.technicians.len(), problem.jobs.len());
    for (count, name) in [(technicians, "technicians"), (jobs, "jobs")] {
        rule(count <= COUNT_MAX, &|| name.into(), &count, "at most 2000")?;
    }
    let after: usize = problem.jobs.iter().map(|job| job.after.len()).sum();
    rule(after <= AFTER_MAX, &|| "jobs after others".into(), &after, "at most 20000")?;
    let levels = u64::from(problem.domains) * u64::from(problem.levels);
    let levels_max = LEVELS_MAX / technicians.max(1);
    let fits = levels <= SKILLS_MAX && usize::try_from(levels).is_ok_and(|levels| levels <= levels_max);
    let most = "at most 10000, and 1000000 with each technician";
    rule(fits, &|| "domains times levels".into(), &levels, most)?;
    let day = problem.day_min;
    rule((1..=10_000).contains(&day), &|| "day_min".into(), &day, "from 1 to 10000")?;
    let priorities = problem.priority_costs.len();
    rule(priorities <= PRIORITIES_MAX, &|| "priority_costs".into(), &priorities, "at most 100")?;
    for (index, &cost) in problem.priority_costs.iter().enumerate() {
        amount(&|| format!("priority_costs[{index}]"), cost, COST_PER_MIN_MAX)?;
    }
    amount(&|| "whole_cost".into(), problem.whole_cost, COST_PER_MIN_MAX)?;
    amount(&|| "outsourcing_budget".into(), problem.outsourcing_budget, COST_MAX)?;
    for (index, one) in problem.technicians.iter().enumerate() {
        technician(problem, &format!("technicians[{index}]"), one)?;
    }
    for (index, one) in problem.jobs.iter().enumerate() {
        job(problem, &format!("jobs[{index}]"), one)?;
    }
    let order = order(problem)?;
    somebody(problem, &order)
}

fn amount(field: &dyn Fn() -> String, amount: i64, most: i64) -> Result<(), InstanceError> {
    rule((0..=most).contains(&amount), field, &amount, "from 0 to 10^12, of a minute to 10^6")
}

fn technician(problem: &Problem, name: &str, technician: &Technician) -> Result<(), InstanceError> {
    let levels = technician.levels.len();
    let field = &|| format!("{name}.levels");
    rule(
        u32::try_from(levels).is_ok_and(|levels| levels == problem.domains),
        field,
        &levels,
        "one for each domain",
    )?;
    for (domain, &level) in technician.levels.iter().enumerate() {
        rule(level <= problem.levels, &|| format!("{name}.levels[{domain}]"), &level, "one of the levels")?;
    }
    for (index, &day) in technician.away.iter().enumerate() {
        let known = (day as usize) < COUNT_MAX;
        rule(known, &|| format!("{name}.away[{index}]"), &day, "less than 2000")?;
    }
    Ok(())
}

fn job(problem: &Problem, name: &str, job: &Job) -> Result<(), InstanceError> {
    let duration = job.duration_min;
    let fits = (1..=DURATION_MAX_MIN).contains(&duration);
    rule(fits, &|| format!("{name}.duration_min"), &duration, "from 1 to 1000000")?;
    let known = (job.priority as usize) < problem.priority_costs.len();
    rule(known, &|| format!("{name}.priority"), &job.priority, "one of the priorities")?;
    amount(&|| format!("{name}.outsourcing_cost"), job.outsourcing_cost, COST_MAX)?;
    for (index, &before) in job.after.iter().enumerate() {
        let known = (before as usize) < problem.jobs.len();
        rule(known, &|| format!("{name}.after[{index}]"), &before, "one of the jobs")?;
    }
    let needs = job.needs.len();
    rule(needs <= NEEDS_MAX, &|| format!("{name}.needs"), &needs, "at most 100")?;
    for (index, need) in job.needs.iter().enumerate() {
        let name = format!("{name}.needs[{index}]");
        rule(
            need.domain < problem.domains,
            &|| format!("{name}.domain"),
            &need.domain,
            "one of the domains",
        )?;
        let known = (1..=problem.levels).contains(&need.level);
        rule(known, &|| format!("{name}.level"), &need.level, "one of the levels, from 1")?;
    }
    Ok(())
}

/// The jobs, each after those that come before it.
///
/// # Errors
/// A job that comes before itself.
fn order(problem: &Problem) -> Result<Vec<u32>, InstanceError> {
    let mut waits: Vec<usize> = problem.jobs.iter().map(|job| job.after.len()).collect();
    let mut then = vec![Vec::new(); waits.len()];
    for (index, job) in (0_u32..).zip(&problem.jobs) {
        for &before in &job.after {
            then[before as usize].push(index);
        }
    }
    let mut order: Vec<u32> =
        (0..).zip(&waits).filter(|(_, waits)| **waits == 0).map(|(index, _)| index).collect();
    let mut at = 0;
    while let Some(&next) = order.get(at) {
        at += 1;
        for &later in &then[next as usize] {
            waits[later as usize] -= 1;
            if waits[later as usize] == 0 {
                order.push(later);
            }
        }
    }
    match waits.iter().position(|waits| *waits > 0) {
        Some(index) => {
            rule(false, &|| format!("jobs[{index}].after"), &"a circle", "no job comes before itself")?;
            Ok(order)
        }
        None => Ok(order),
    }
}

/// Whether what nobody can do can be outsourced, and all that comes after it: everything else can be done on some day
/// on which nobody is away.
fn somebody(problem: &Problem, order: &[u32]) -> Result<(), InstanceError> {
    let mut never = vec![false; problem.jobs.len()];
    let mut cost = 0;
    for &index in order {
        let job = &problem.jobs[index as usize];
        let lacking = lacking(problem, job);
        let cannot = lacking.is_some() || job.after.iter().any(|before| never[*before as usize]);
        if !cannot {
            continue;
        }
        never[index as usize] = true;
        cost += job.outsourcing_cost;
        let (field, value) = lacking.unwrap_or(("after", "what nobody can do".into()));
        let name = &|| format!("jobs[{index}].{field}");
        let holds = cost <= problem.outsourcing_budget;
        rule(
            holds,
            name,
            &value,
            "all technicians together can do it on a day, or outsourcing it fits the budget",
        )?;
    }
    Ok(())
}

/// What of a job is beyond all technicians together.
fn lacking(problem: &Problem, job: &Job) -> Option<(&'static str, String)> {
    if job.duration_min > problem.day_min {
        return Some(("duration_min", job.duration_min.to_string()));
    }
    if problem.technicians.is_empty() {
        return Some(("needs", "somebody".into()));
    }
    job.needs.iter().enumerate().find_map(|(index, need)| {
        let can = |one: &&Technician| one.levels[need.domain as usize] >= need.level;
        let there = problem.technicians.iter().filter(can).count();
        let few = there < need.technicians as usize;
        few.then(|| ("needs", format!("[{index}] asks for {} of {there}", need.technicians)))
    })
}
