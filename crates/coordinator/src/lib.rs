//! The coordinator of a region: finds solutions for its cases, commits them, and carries them out across regions.
//!
//! *Calls.* `meridian.coordinator.v1.CoordinatorService`: find solutions for a case or for several at once, and commit
//! them; withdraw plans; confirm returns; get and list plans; watch a case; list what is parked and what was promised;
//! counts; look up sites; put the records of the network.
//!
//! *Events out.* Commands to inventories (`HoldStockRequested`, `ConfirmStockRequested`, `ReleaseStockRequested`,
//! `MoveRequested`, `CancelMoveRequested`, `ShelveGoodsRequested`), dispatches (`HoldVisitRequested`, `BookVisitRequested`,
//! `CancelVisitRequested`) and the own intake (`ReferralRequested`, `PartyOrderRequested`, `PlacePartyOrderRequested`,
//! `CancelPartyOrderRequested`); facts about plans (`PlanCommitted`,
//! `PlanProgressed`, `PlanDisrupted`, `PlanParked`, `PlanCompleted`, `PlanEnded`, `MilestoneReached`) and promises
//! (`PromiseMade`, `PromiseChanged`, `PromiseTakenBack`, `PromiseSettled`); records of the network (`SiteDefined`, `CalendarDefined`,
//! `PublicCalendarDefined`, `LaneDefined`, `CustomsRuleDefined`, `GateDefined`).
//!
//! *Events in.* What every region's inventory and dispatch say about holds, transfers and visits, those of work orders
//! included; the own intake's cases, referrals, parties and orders with them; the other coordinators' records of the
//! network.
//!
//! *Tables.* `served_case`, `timeline`, `plan`, `plan_task`, `promise`, `search_job`, `commit_answer`, `decision`,
//! `network_snapshot`, `offered_solution`, `network_record`, `network_version`, `party`, `appointment`.
//!
//! *Invariants.*
//! - A plan is moved on by `domain` alone, which has no I/O, clock or randomness; plan, commands, facts, promises,
//!   timer and search are one commit.
//! - An open plan has an owner, a next action and a due time: types say so, and a constraint.
//! - All holds or none: nothing is confirmed and nothing leaves before everything is held; what is refused gives the rest
//!   back. The acceptance of an order by a party is a hold.
//! - A date told to a customer is kept, corrected naming the former one, or taken back; none passes unwatched.
//! - A visit that a dispatch plans of a work order of a case is no task of a plan: it is an appointment
//!   (`domain/appointment.rs`). Each change is a line of the timeline, and a `MilestoneReached` when what the customer
//!   was told is no longer so: once, in the region of the case, whichever region plans it. News that is older than what is
//!   known, by the version of the visit, changes nothing. What does not take place is planned again by its dispatch,
//!   unless the office has called the order off, and the timeline says which. The time of a visit is no promise of the
//!   ledger: nobody but its dispatch watches whether it is kept.
//! - Planning never leaves the region, and never happens inside a transaction.
//! - A decision is stored with all that it followed from: the same answer can be computed again, for 90 days at least,
//!   and for as long as there is a plan that followed from it.
//! - Plans whose searches wait at the same moment share what is scarce: no plan tries first what was assigned to another.
//! - Whoever changes a plan or a timeline has the row of its case locked; who locks several cases is alone in that.
//!
//! *Where to look.* `world` puts records into the planner's terms, `offer` puts its answer into ours, `sharing` puts the
//! ways of several cases into those of the assignment; `operations` has a file for each use case.
//!
//! *The commonest change: a new reaction to something that happens.* Add the input to `domain/input.rs`, its rule to
//! the file of the domain that fits, the event that brings it to `events/`, and a case to the simulation.

mod clients;
mod domain;
mod error;
mod events;
mod grpc;
mod network;
mod offer;
mod operations;
mod server;
mod sharing;
mod store;
mod wire;
mod world;

pub use clients::InRegion;
pub use grpc::CoordinatorGrpc;
pub use server::Coordinator;
pub use world::files::{ANY_SYMPTOM, Grounds, RegionFiles, grounds};
