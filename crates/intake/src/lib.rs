//! The intake of a region: who is calling, what they need, what is still missing, and who does what next.
//!
//! *Calls.* `meridian.intake.v1.IntakeService`: recognise a caller; get a person or an instrument; the same issue or
//! another; open, get, list and close cases; add facts; refer a case, accept and decline a referral; accept, decline,
//! reschedule, deliver, get and list orders with parties; put the directory.
//!
//! *Asks.* Its own region's coordinator and inventory, whether the sites and items that a caller names are known.
//!
//! *Events out.* `CaseOpened`, `CaseUpdated`, `CaseClosed`, `ReferralOffered`, `ReferralAccepted`, `ReferralReturned`,
//! `PartyOrderProgressed`, `PartyDefined`: ids, codes and numbers. Names of people, addresses and free text never leave
//! the region.
//!
//! *Events in.* From the region's own coordinator: `ReferralRequested`, a command that is answered by `ReferralOffered`
//! or `ReferralReturned`; `PartyOrderRequested`, `PlacePartyOrderRequested` and `CancelPartyOrderRequested`, which
//! `PartyOrderProgressed` answers; and `PlanCommitted`, `PlanProgressed`, `PlanParked`, `PlanCompleted`, `PlanEnded`,
//! from which a case takes over its state and who does what next. From the coordinators of all regions:
//! `PublicCalendarDefined`, which days are without work.
//!
//! *Tables.* `customer`, `person`, `person_contact`, `instrument`, `party`; `support_case`, `case_fact`, `referral`,
//! `party_order`; `public_weekend`.
//!
//! *Invariants.*
//! - An open case has an owner, a next action and a due time: a type (`domain/case.rs`) and a constraint say so. When
//!   the due time passes, a timer makes it the office's business, with a new due time.
//! - What is known is never asked again: `missing_facts` is computed, never stored (`domain/missing.rs`).
//! - Nothing that was ever stated is deleted; a fact that is replaced becomes history.
//! - A referral is never lost: a party accepts it in time, or the case is back with its office.
//! - An order with a party is one order, however often it is asked for; it is placed for good only after the party has
//!   accepted, and no more once it was called off. Its plan watches it: intake has no timer for it.
//! - People are never merged; recognition ranks candidates and decides nothing.
//! - Whatever changes a case goes through `operations/settle.rs`, so that row, events and timer agree.
//!
//! *The commonest change: another fact to ask for.* Give it a variant in `domain/fact.rs` (a plain text fact needs none),
//! say in `domain/missing.rs` when it is wanted and how it is asked, and, if planning needs it, let `Need::apply` take it.

mod clients;
mod domain;
mod error;
mod events;
mod grpc;
mod operations;
mod server;
mod store;
mod wire;

pub use clients::InRegion;
pub use grpc::IntakeGrpc;
pub use server::Intake;
