//! Work orders, engineers and sites as people know them, planned by [`schedule`](crate::schedule).
//!
//! A [`Workload`] holds the demand ([`WorkOrder`]), the people ([`Crew`]) and what was agreed so far ([`Appointment`]).
//! [`optimise`] plans all of it and says what changes and why; [`recommend`] finds slots for one order without moving
//! anything else; [`explain`] says why somebody does not do an order, or what that would cost more; and
//! [`smallest_change`] what would have to change for an order that is left out. [`check_plan`] walks through a plan again.
//!
//! *How.* `validate` refuses what contradicts itself; `compile` turns the rest into dense numbers: clock changes,
//! calendars, certificates and rights to work end there. `answer` turns schedules back. `trial` asks the search where one
//! order fits while everything else stays; whatever is recommended, explained or said to be a remedy was tried by it.
//!
//! *The commonest change: another rule about who may do what.* Add it to `compile/allowed.rs`, to [`Obstacle`] and,
//! independently of both, to `check`.

mod answer;
mod beside;
mod check;
mod compile;
mod costs;
mod error;
mod explain;
mod model;
mod plan;
mod recommend;
mod remedy;
mod trial;
mod validate;
mod ways;

pub use beside::Seeds;
pub use check::{PlanFault, check_plan};
pub use error::WorkloadError;
pub use explain::{Explanation, Obstacle, explain};
pub use model::{
    Appointment, Assignee, Charges, Crew, Due, Engineers, PickupPoint, Site, Trip, WorkOrder, Workload,
};
pub use plan::{Change, Costs, Plan, PlannedVisit, Reason, Stint, Unplanned, Why};
pub use recommend::{Slot, recommend};
pub use remedy::{Remedy, smallest_change};
pub use ways::{Position, Roads, Way, Ways};

use crate::Progress;
use compile::Compiled;

/// The best plan found before everything is spent that may be; `spent` as in [`schedule`](crate::schedule), asked by each
/// of the searches, with its own progress. Same workload, same seeds, same budget in rounds: same plan. What was published
/// is where they begin, and what is pinned or frozen stays.
///
/// # Errors
/// The first rule that the workload breaks.
pub fn optimise(
    workload: &Workload,
    seeds: impl Into<Seeds>,
    spent: impl Fn(&Progress) -> f64 + Sync,
) -> Result<Plan, WorkloadError> {
    let compiled = Compiled::of(workload)?;
    trial::keeps_what_stays(&compiled)?;
    let schedule = beside::cheapest(&compiled.instance, &compiled.start, seeds.into(), &spent)?;
    Ok(answer::plan(&compiled, &schedule))
}
