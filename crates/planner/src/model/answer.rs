//! The planner's answer.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{HolidaysEnd, Policy, Refusal, Relaxation, Solution, SolutionKind};

/// Options, refusals, and the earliest honest date.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The policy that ranked the options.
    pub policy: Policy,
    /// Version of the ranking rules.
    pub policy_version: u32,
    /// At most 7, best first. They meet the deadline; if nothing does, they are the best of what is late. The fastest,
    /// the cheapest, the greenest and the safest of these are among them, whatever the policy. When none
    /// meets it as surely as was asked for, what is likely there first is among them even if it is late.
    pub options: Vec<Solution>,
    /// Everything considered that does not meet the deadline, or does not work at all.
    pub refused: Vec<Refusal>,
    /// The earliest date, when nothing meets the deadline.
    pub earliest: Option<Earliest>,
    /// Whether there are so many ways that not all were compared. Of each consignment and journey the earliest, the
    /// cheapest, the greenest and the safest way was looked at; others, and what could be put together of them, may be
    /// missing.
    #[serde(default)]
    pub cut: bool,
    /// Public calendars that end before the horizon does.
    #[serde(default)]
    pub holidays_end: Vec<HolidaysEnd>,
    /// Options that the checker refused: defects of the planner, never shown to anybody.
    pub defects: Vec<Defect>,
}

/// The earliest date at which the need can be met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Earliest {
    /// When; absent when nothing works.
    pub arrival: Option<Timestamp>,
    /// How; absent when nothing works.
    pub kind: Option<SolutionKind>,
    /// The smallest change, alone or in a pair, that would bring it forward most usefully.
    pub relaxation: Option<Relaxation>,
}

/// A solution that the search found and the checker refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Defect {
    /// The solution.
    pub solution: Solution,
    /// What is wrong with it, one sentence each.
    pub faults: Vec<String>,
}
