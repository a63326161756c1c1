//! What is asked of an assignment: requests, what is free, and who holds what already.

use std::collections::BTreeSet;

use meridian_planner::model::{Claim, LoanerPool, ScheduledReceipt, Solution, StockLevel};
use meridian_types::CaseId;
use serde::{Deserialize, Serialize};

use crate::preemption::Hold;

/// How urgent a case is. The more urgent orders first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Stands still without it, people are affected.
    Critical,
    /// Work is hindered.
    High,
    /// Everything else.
    Normal,
}

/// Many requests for the same things, at one moment.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Batch {
    /// Units that nobody holds. What is not listed is not there; figures of one item and warehouse are added up.
    pub stock: Vec<StockLevel>,
    /// Units on their way in that nobody has reserved, likewise.
    pub receipts: Vec<ScheduledReceipt>,
    /// Loaners that nobody holds, likewise.
    pub loaners: Vec<LoanerPool>,
    /// Who wants something.
    pub requests: Vec<Request>,
    /// Who holds something that the requests want. An engineer is free whenever no hold listed here says otherwise:
    /// choices come from a planner that knows the calendars.
    pub holds: Vec<Hold>,
}

/// A case that wants something, and the ways to give it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The case; in a batch only once.
    pub case: CaseId,
    /// How urgent it is.
    pub priority: Priority,
    /// What a minute of lateness counts, 0 to 1,000, compared with a minute of the other requests.
    pub lateness_weight: i64,
    /// A front cut to at most 10 ways.
    pub choices: Vec<Choice>,
}

/// One way to meet a need.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What it costs, in minor units of the network's currency; at most 10^11 either way.
    pub cost_minor: i64,
    /// Minutes after the deadline, or after the date that the customer was told if that is earlier; 0 when in time;
    /// at most 1,000,000.
    pub late_minutes: i64,
    /// What it takes.
    pub claims: Vec<Claim>,
}

impl Choice {
    /// The planner's solution as a choice; none for a referral, whose arrival nobody knows: it meets no need yet
    /// and takes nothing that is scarce.
    #[must_use]
    pub fn of(solution: &Solution) -> Option<Self> {
        solution.arrival?;
        Some(Self {
            cost_minor: solution.cost_minor,
            late_minutes: solution.slack_minutes.map_or(0, |slack| slack.saturating_neg().max(0)),
            claims: solution.claims.clone(),
        })
    }
}

/// What is wrong with a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    /// A case stands in it more than once.
    #[error("{case} stands in the batch more than once")]
    Twice {
        /// The case.
        case: CaseId,
    },
    /// A front was not cut.
    #[error("{case} has {choices} choices; cut them to {CHOICES_MAX}")]
    TooManyChoices {
        /// The case.
        case: CaseId,
        /// How many it has.
        choices: usize,
    },
    /// A figure is outside the range its field documents.
    #[error("{case}: {field} is {value}, outside its range")]
    OutOfRange {
        /// The case.
        case: CaseId,
        /// Which figure.
        field: &'static str,
        /// What it is.
        value: i64,
    },
}

/// The longest front: beyond the best few ways little is gained, and the batch is to be solved at once.
const CHOICES_MAX: usize = 10;
const LATENESS_WEIGHT_MAX: i64 = 1_000;
const LATE_MINUTES_MAX: i64 = 1_000_000;
const COST_MINOR_MAX: i64 = 100_000_000_000;

/// Checks the ranges. They leave room for 9,000 requests at the very edge of all of them before a sum is no longer
/// exact in the floating point of HiGHS.
pub(crate) fn validate(batch: &Batch) -> Result<(), BatchError> {
    let mut cases = BTreeSet::new();
    for request in &batch.requests {
        let case = request.case;
        if !cases.insert(case) {
            return Err(BatchError::Twice { case });
        }
        in_range(case, "lateness_weight", request.lateness_weight, 0..=LATENESS_WEIGHT_MAX)?;
        validate_choices(case, &request.choices)?;
    }
    for hold in &batch.holds {
        if !cases.insert(hold.case) {
            return Err(BatchError::Twice { case: hold.case });
        }
        validate_choices(hold.case, [&hold.present])?;
        validate_choices(hold.case, &hold.alternatives)?;
    }
    Ok(())
}

fn validate_choices<'a>(
    case: CaseId,
    choices: impl IntoIterator<Item = &'a Choice>,
) -> Result<(), BatchError> {
    let mut count = 0;
    for choice in choices {
        count += 1;
        in_range(case, "cost_minor", choice.cost_minor, -COST_MINOR_MAX..=COST_MINOR_MAX)?;
        in_range(case, "late_minutes", choice.late_minutes, 0..=LATE_MINUTES_MAX)?;
    }
    if count > CHOICES_MAX {
        return Err(BatchError::TooManyChoices { case, choices: count });
    }
    Ok(())
}

fn in_range(
    case: CaseId,
    field: &'static str,
    value: i64,
    range: std::ops::RangeInclusive<i64>,
) -> Result<(), BatchError> {
    if range.contains(&value) { Ok(()) } else { Err(BatchError::OutOfRange { case, field, value }) }
}
