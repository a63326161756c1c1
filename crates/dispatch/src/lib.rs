//! Dispatch: engineers with skills, certificates and calendars, the visits that claim their time, and plans of who makes
//! which visit when.
//!
//! *Calls*: see `proto/meridian/dispatch/v1/dispatch_service.proto`. Questions (`FindEngineers`, `FindSlots`)
//! are answered from the whole world's engineers; claims only by the region that owns the engineer. A visit for which
//! nobody has chosen engineer and time is a work order (`PutWorkOrders`): unplanned, then in a draft (`Optimise`, by the
//! scheduler), then published (`PublishOptimisation`: a visit with the order's id that takes the engineer's time, two for
//! an order that takes two; on a trip abroad it takes the whole stay) or with a party that does it for less, then historic.
//! Trips, agreed overtime and where things are picked up are said with each `Optimise`. `ExplainVisit`, and `FindSlots` of a work order, try one order next to what is
//! published or drafted.
//!
//! *Events out*: `EngineerDefined`, `RepairProfileDefined`, `DepotDefined`, `FreeBusyChanged`,
//! `EngineerAbsent`, `VisitHeld`, `VisitRefused`, `VisitProgressed`, `VisitMoved`, `VisitDisrupted`.
//!
//! *Events in*: `HoldVisitRequested`, `BookVisitRequested`, `CancelVisitRequested` of every region's
//! coordinator, as far as they are meant for this region; the first four events above of the other regions'
//! dispatch.
//!
//! *Tables*: `engineer`, `absence`, `visit` (this region's own); `repair_profile`, `depot` (every region's,
//! by owner); `world_engineer`, `world_free_busy` (copies of what the other regions told, guarded by
//! version); `work_order`, `optimisation` (this region's own: what is to be planned; what was asked for, how far it has
//! come, and its draft).
//!
//! *Invariants.*
//! - Two open visits of one engineer never overlap, travel included: `visit_no_double_booking` says so in the
//!   database, and a claim learns whether it is free by being inserted.
//! - Nor is anybody elsewhere while away: a visit on a trip takes the engineer from leaving home until back home, for all but
//!   visits of the same stay (`visit_in_one_place_only`).
//! - An id is that of a held visit or that of a work order, never both: holding and putting wait for each other
//!   (`store/order.rs`), and each looks for the other.
//! - Whoever changes an engineer, their absences or their visits holds the lock on the engineer's row. So the
//!   versions of `FreeBusyChanged` have the order of what they tell, no claim slips past an absence, and
//!   claims on one engineer queue up instead of deadlocking.
//! - A visit that was cancelled before it was held stays cancelled: the late hold is refused.
//! - A claim that has expired can neither be booked nor stand in the way, whether or not its timer has fired.
//! - A command is always answered: by what happened, or by `VisitRefused` with the reason.
//! - What an engineer has accepted or begun never moves, nor does what was held or booked without a work order. A booked
//!   visit of a work order may, for what its change is charged.
//! - Publishing books what is still possible and says of every other order why not. What stands and cannot go where the
//!   draft wants it stays where it is; nothing is lost, and an order that is called off as a visit is planned again.
//! - Nobody sets out from where they never are: where a visit of a tour is not booked, or goes while its neighbours stay, the
//!   ways beside it lead past it; what cannot be reached in time any more is not booked (`domain/publication/decision.rs`).
//!   What stays gets its new way only where nothing is in the way, and without what it would have to pick up anew; a single
//!   visit that is called off (`CancelVisit`, `RecordAbsence`) leaves the ways beside it to the next plan.
//! - Nothing is booked of an order that is another one than the draft was made of.
//! - A search runs outside of any transaction, under a lease; only whoever took it last may write its end.
//! - Orders are locked before engineers, each in the order of their ids.
//! - All hours are those of the engineer's own zone; clock changes matter in the scheduler's `workforce/wall.rs` only.
//!
//! *The commonest change: another reason why an engineer cannot.* Add it to `Refusal` in
//! `domain/availability.rs` (whom to propose) and to `NotAllowed` in `domain/claim.rs` (whom to hold), then
//! name it in `error.rs` and `grpc/answer.rs`; the compiler leads the way.

mod desk;
mod domain;
mod error;
mod events;
mod grpc;
mod operations;
mod server;
mod store;
mod wire;

pub use desk::Desk;
pub use grpc::DispatchGrpc;
pub use server::Dispatch;
