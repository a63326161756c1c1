//! The vocabulary every Meridian crate shares: codes, ids, quantities, money, instants, personal data and
//! problems.
//!
//! *Invariants.* Nothing here performs I/O, reads a clock or draws a random number: the [`Clock`] and the
//! [`IdSource`] are passed in. A value of one of these types is always valid; the only way to make one from
//! outside input is a `parse` or `new` that returns a [`Rule`] which says what was violated.
//!
//! *The commonest change: a new kind of code or id.* Add one line to the macro call at the end of `code.rs`
//! or `id.rs`.

mod clock;
mod code;
mod id;
mod interval;
mod local_time;
mod money;
mod personal;
mod problem;
mod quantity;
mod receipt;
mod similar;
mod weekend;

pub use clock::{Clock, IdSource, ManualClock, SeededIds, SystemClock, SystemIds};
pub use code::{
    AreaCode, CalendarId, Category, CountryCode, CustomerId, CustomsRuleId, EndUse, EngineerId, ExportClass,
    GateId, InstrumentModel, ItemId, LaneId, PartyId, PersonId, ReceiptId, RegionId, Revision, SerialNumber,
    ServiceName, SiteId, SkillId, Symptom, TaskId, TerritoryId, UnitOfMeasure,
};
pub use id::{
    CaseId, EventId, HoldId, NoticeId, OptimisationId, PartyOrderId, PlanId, PromiseId, ReferralId,
    SolutionId, TransferId, VisitId, WebhookId,
};
pub use interval::Interval;
pub use local_time::{LocalTimeError, resolve_local};
pub use money::Money;
pub use personal::Personal;
pub use problem::{Problem, ProblemKind, Rule, Violation, Violations};
pub use quantity::Quantity;
pub use receipt::ReceiptAt;
pub use similar::similar;
pub use weekend::usual_weekend;
