//! Teams formed day by day, for installations, overhauls and large sites: jobs that take several technicians with
//! different skills at the same time.
//!
//! A [`Problem`] holds the technicians with their levels, and the jobs with what they need. [`plan`] forms teams for each
//! day, gives them jobs, and chooses what is outsourced, so that urgent work ends early; [`check`] walks through a
//! [`Plan`] again. The problem is that of the ROADEF challenge of 2007.
//!
//! *How.* `validate` refuses what could overflow and what nobody can do; `compile` counts skills as dense numbers. `state`
//! holds the teams of each day and undoes what was not worth it. Round by round `ruin` takes some jobs out and `recreate`
//! puts them into the earliest days that have the time and the people for them (`crew` picks these), under simulated
//! annealing (`anneal`).

mod anneal;
mod check;
mod compile;
mod crew;
mod model;
mod recreate;
mod ruin;
mod score;
mod state;
mod tell;
mod times;
mod validate;

pub use check::{Fault, check};
pub use model::{Job, Need, Plan, Problem, Team, Technician, Work};

use crate::{InstanceError, Progress};

/// The best plan found before everything is spent that may be. `spent` says how much of it was, from 0 to 1; it is asked
/// after each of several first plans and every few rounds. Same problem, same seed, same budget in rounds: same plan.
///
/// # Errors
/// The first value of the problem that breaks a rule: a job that nobody can do, and that can't be outsourced with all
/// that comes after it, is one.
pub fn plan(
    problem: &Problem,
    seed: u64,
    mut spent: impl FnMut(&Progress) -> f64,
) -> Result<Plan, InstanceError> {
    validate::validate(problem)?;
    Ok(anneal::anneal(problem, seed, &mut spent))
}
