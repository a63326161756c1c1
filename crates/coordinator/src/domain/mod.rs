//! The rules of carrying out a plan: pure, without I/O, clock or randomness.
//!
//! [`open`] starts a plan, [`decide()`] moves it on. Both return the new plan and what it has to say; the caller
//! commits all of it in one transaction.

mod adopt;
mod aftermath;
mod appointment;
mod begin;
mod deadline;
mod decide;
mod disruption;
mod holding;
mod input;
mod need;
mod order;
mod plan;
mod progress;
mod promise;
mod saving;
#[cfg(test)]
mod scenarios;
mod shelving;
#[cfg(test)]
mod simulation;
mod solution;
mod task;
mod undo;
mod watchdog;
mod whereabouts;

pub(crate) use appointment::{Appointment, Because, Change, Heard, OrderedVisit, VisitTime, Word};
pub(crate) use begin::{NewPlan, open};
pub(crate) use decide::{Decision, decide};
pub(crate) use disruption::wants;
pub(crate) use input::{
    AtHand, Command, CustomerMilestone, Effect, Fact, Input, Lacking, OrderMilestone, Search,
    TransferMilestone, VisitMilestone,
};
pub(crate) use plan::{Disruption, Exclusions, Plan, PlanState, Responsibility, Stage};
pub(crate) use solution::{
    Awaited, Chosen, EngineerClaim, InstrumentMove, KitOrder, OrderClaim, PartyClaim, PartyService,
    SolutionKind, StockClaim,
};
pub(crate) use task::{Task, TaskState, TaskWork};
