//! What the planner is given and what it answers: plain records, no behaviour.

mod answer;
mod calendar;
mod gate;
mod lane;
mod need;
mod network;
mod refusal;
mod solution;
mod world;

pub use answer::{Answer, Defect, Earliest};
pub use calendar::{Calendar, CalendarException, LocalSpan, OpenHours, Weekdays};
pub use gate::{Gate, Place, Verdict};
pub use lane::{Departure, GoodsTerms, Lane, Mode, PeopleTerms, Schedule};
pub use need::{ExtraAccess, Line, Need, Policy, RefusedHold, Request};
pub use network::{Clearance, Country, Network, PublicHoliday, Site, SiteKind, Territory};
pub use refusal::{Candidate, Change, Reason, Refusal, Relaxation};
pub use solution::{
    Action, Claim, GateKind, Merit, Reasoning, Solution, SolutionKind, Step, Subject, WaitCause,
};
pub use world::{
    Approval, Certificate, Depot, Engineer, ItemFacts, LoanerPool, ModelFacts, ReferralParty, RepairTask,
    Skill, StockLevel, Substitute, World,
};
