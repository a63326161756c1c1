//! What the planner is given and what it answers: plain records, no behaviour.

mod answer;
mod calendar;
mod engineer;
mod gate;
mod lane;
mod need;
mod network;
mod party;
mod public_calendar;
mod refusal;
mod solution;
mod world;

pub use answer::{Answer, Defect, Earliest};
pub use calendar::{Calendar, CalendarException, LocalSpan, OpenHours, Weekdays};
pub use engineer::{Certificate, Engineer, RestRule, RightToWork, Skill};
pub use gate::{Gate, Place, Verdict};
pub use lane::{Departure, GoodsTerms, Lane, LatenessQuantile, Mode, PeopleTerms, Schedule, TariffPoint};
pub use need::{ExtraAccess, Line, Need, Policy, RefusedHold, Request};
pub use network::{Clearance, Network, Site, SiteKind, Territory};
pub use party::{PartyOffer, PartyService, ReferralParty};
pub use public_calendar::{HolidaysEnd, PublicCalendar, PublicHoliday};
pub use refusal::{Candidate, Change, Reason, Refusal, Relaxation};
pub use solution::{
    Action, Claim, GateKind, Merit, Reasoning, Solution, SolutionKind, Step, Subject, WaitCause,
};
pub use world::{
    Approval, Depot, Exchange, Fit, ItemFacts, Kit, LoanerPool, ModelFacts, RemoteFix, RepairTask,
    ScheduledReceipt, StockHold, StockLevel, Substitute, World,
};
