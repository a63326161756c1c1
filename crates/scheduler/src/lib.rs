//! Who repairs what, when: visits over shifts, at any time budget.
//!
//! [`workload`] is the model that people know: orders, engineers, sites, and what was agreed so far; its plans come with
//! changes and reasons, slots, explanations and the smallest remedies. [`workforce`] has calendars, skills and engineers.
//! [`teams`] is for work of another shape: jobs at one place that take several technicians with different skills at the
//! same time, so that teams are formed anew each day. Below `workload` lies the engine, on dense numbers:
//!
//! [`schedule`] searches for the cheapest way to have every visit of an [`Instance`] done; [`check`] walks through a
//! [`Schedule`] again, from the instance alone.
//!
//! How a schedule comes about: `validate` refuses what could overflow; `search` puts every visit where it is cheapest
//! and then, round by round, takes some out that are near each other and puts them back (`ruin`, `recreate`), under
//! simulated annealing (`anneal`), hotter or colder as `course` says; with much time the routes it met with are joined
//! (`pool`, `partition`). A visit is tried at every place of a route in the time of one
//! (`segment`, `insertion`); what was found out about a route is known until the route changes (`state`).
//!
//! *Invariants.*
//! - Pure: no I/O, no clock; randomness from a seed. Same instance, same seed, same budget in rounds: same schedule.
//! - Every schedule keeps every rule, whatever the budget.
//! - More budget of the same search never makes what is kept worse.
//! - Bad input is a typed error, never a panic.
//!
//! *The commonest change: another rule about what a shift can take.* A rule about one visit in one shift belongs to
//! [`Fit`], worked out by whoever makes the instance (`workload/compile`); a rule about what a shift takes together belongs to
//! `search/route.rs` (what is known of a route) and `search/insertion.rs` (where it is asked), and to `check`.

mod check;
mod cooling;
mod instance;
mod schedule;
mod search;
mod segment;
pub mod teams;
mod validate;
pub mod workforce;
pub mod workload;

pub use check::{Fault, check};
pub use instance::{Allowed, Fit, Instance, Link, Pickup, Rest, Shift, Start, Visit, Window};
pub use schedule::{Call, Purpose, Schedule, Tour};
pub use validate::InstanceError;

/// How far a search has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Rounds so far.
    pub rounds: u64,
    /// What the best schedule so far costs.
    pub cost: i64,
    /// How many visits it leaves out.
    pub absent: usize,
}

/// The best schedule found before everything is spent that may be. `spent` says how much of it was, from 0 to 1, and
/// is asked every few visits of a first schedule and every few rounds, but once, in a search with much time, only after
/// its routes were joined, which takes up to some seconds; the search is planned for all of it, so that one
/// that is cut off early is worse than one that was given less. What costs most to leave out is planned first.
///
/// It begins with what `start` says was published, as far as that keeps every rule, and is never worse than that.
/// Visits that are pinned stay in their shifts.
///
/// # Errors
/// The first value of the instance that breaks a rule.
pub fn schedule(
    instance: &Instance,
    start: &[Start],
    seed: u64,
    mut spent: impl FnMut(&Progress) -> f64,
) -> Result<Schedule, InstanceError> {
    validate::validate(instance, start)?;
    Ok(search::anneal(instance, start, seed, &mut spent))
}
