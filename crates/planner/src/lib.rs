//! Finds every way to meet a need over lanes, calendars, borders and people; ranks them; explains the rest.
//!
//! [`Compiled::compile`] turns reference data into timetables in UTC minutes, once per version and horizon;
//! [`Compiled::recompiled`] does it again for what changed.
//! [`solve`] answers a request against a snapshot of the world. [`check`] simulates a solution again from the
//! records alone. [`compare`] says whether a stored decision comes out the same again. [`fronts`] gives the bare
//! search to benchmarks and tests.
//!
//! How an answer comes about: `problem` indexes the request; `kinds` lists what could be tried and drafts every
//! way of it that nothing beats, over `search` and, for people, within `duty`; `punctuality` says how likely each is
//! in time; `rank` orders and selects; `backward` gives each step its slack; `tell` puts drafts into words of the
//! model; `check` has the last word. `explain` finds where the time of the others goes; `relax` tries out changes.
//!
//! *Invariants.*
//! - Pure: no I/O, no clock, no randomness. Same input, same answer, byte for byte.
//! - Wall time exists in `compile` (and, independently, in `check`) only. Everything else counts UTC minutes.
//! - Every lane is first in, first out, and nothing spent is negative; therefore fronts are exact in arrival, cost,
//!   CO2 and risk of lateness, over any number of lanes. Where they have thousands of ways they are cut to the
//!   extremes, and the answer says so.
//! - Nothing is offered that the checker refuses, and no relaxation that was not tried out.
//! - What an export rule does not open is closed.
//! - Bad input is a typed error or a refusal with a reason, never a panic.
//!
//! *The commonest change: a new kind of solution.* Add a file to `kinds` with `candidates` and `evaluate`, a
//! variant to [`model::Candidate`] and [`model::SolutionKind`], both to the two lists in `kinds/mod.rs`, and
//! the rules it must keep to `check`.
//! Whatever needs items asks `kinds/sourcing.rs` for them; a new origin of items is a variant of its drawings.

mod backward;
mod check;
mod compile;
mod decision;
mod draft;
mod duty;
mod explain;
mod fronts;
mod kinds;
pub mod model;
mod problem;
mod punctuality;
mod rank;
mod relax;
mod replay;
mod scenario;
mod search;
mod sentence;
mod solve;
mod tell;

pub use check::{Fault, check};
pub use compile::{CompileError, CompileErrors, CompileRule, Compiled, Horizon, TableSize};
pub use decision::Decision;
pub use fronts::{Freight, Search, Start, Way, fronts};
pub use replay::{Difference, compare};
pub use solve::solve;
