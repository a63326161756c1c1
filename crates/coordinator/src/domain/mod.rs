//! The rules of carrying out a plan: pure, without I/O, clock or randomness.
//!
//! [`open`] starts a plan, [`decide`] moves it on. Both return the new plan and what it has to say; the caller
//! commits all of it in one transaction.

mod adopt;
mod begin;
mod decide;
mod disruption;
mod holding;
mod input;
mod plan;
mod progress;
mod promise;
mod undo;
mod watchdog;

pub(crate) use begin::{NewPlan, open};
pub(crate) use decide::{Decision, decide};
pub(crate) use input::{
    Command, CustomerMilestone, Effect, Fact, Input, Search, TransferMilestone, VisitMilestone,
};
pub(crate) use plan::{
    Chosen, Disruption, EngineerClaim, Exclusions, InstrumentMove, PartyClaim, Plan, PlanState,
    Responsibility, SolutionKind, Stage, StockClaim, Task, TaskState, TaskWork,
};
