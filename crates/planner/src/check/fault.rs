//! What can be wrong with a solution.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Something about a solution that does not hold. `step` is an index into its steps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Fault {
    /// Before now, backwards, or beyond the horizon.
    #[error("step {step} runs before now, backwards or beyond the horizon")]
    OutOfTime {
        /// Index of the step.
        step: usize,
    },
    /// It starts where or when its subject is not.
    #[error("step {step} starts where or when its subject is not")]
    BrokenChain {
        /// Index of the step.
        step: usize,
    },
    /// The latest moments lie before the planned ones.
    #[error("step {step} has less slack than none")]
    WrongSlack {
        /// Index of the step.
        step: usize,
    },
    /// The lane does not depart then, or does not arrive then.
    #[error("step {step} is no departure of its lane")]
    NoSuchDeparture {
        /// Index of the step.
        step: usize,
    },
    /// The lane does not take this.
    #[error("step {step} is on a lane that does not take this")]
    LaneRefuses {
        /// Index of the step.
        step: usize,
    },
    /// The site is closed.
    #[error("step {step} needs a site that is closed")]
    SiteClosed {
        /// Index of the step.
        step: usize,
    },
    /// Picking, clearance, a licence or work needs longer.
    #[error("step {step} needs longer")]
    TooShort {
        /// Index of the step.
        step: usize,
    },
    /// Goods enter a territory without clearance.
    #[error("step {step} enters a customs territory without clearance")]
    NotCleared {
        /// Index of the step.
        step: usize,
    },
    /// Export rules close the way or ask for a licence that is not there.
    #[error("step {step} starts an export that the rules do not allow")]
    ExportNotAllowed {
        /// Index of the step.
        step: usize,
    },
    /// Something is claimed that is not there, is ruled out, or is not claimed at all.
    #[error("what is sent is not what is held and available")]
    NotAvailable,
    /// The work is not the task asked for.
    #[error("step {step} is not the work asked for")]
    WrongWork {
        /// Index of the step.
        step: usize,
    },
    /// Parts are missing when the work starts.
    #[error("step {step} starts without its parts")]
    PartsMissing {
        /// Index of the step.
        step: usize,
    },
    /// The engineer may not do this work.
    #[error("step {step} is done by somebody who may not")]
    NotQualified {
        /// Index of the step.
        step: usize,
    },
    /// The engineer is not free or not booked for all of it.
    #[error("step {step} is beyond what the engineer is free or booked for")]
    NotFree {
        /// Index of the step.
        step: usize,
    },
    /// The engineer is not let in yet, or not allowed to work there yet.
    #[error("step {step} starts before the engineer is admitted")]
    NotAdmitted {
        /// Index of the step.
        step: usize,
    },
    /// The engineer is on duty for longer than the rest rule allows.
    #[error("step {step} comes without the rest before it")]
    NoRest {
        /// Index of the step.
        step: usize,
    },
    /// No party offers this, by then.
    #[error("step {step} is nothing that this party offers")]
    WrongOffer {
        /// Index of the step.
        step: usize,
    },
    /// A loaner or an exchanged instrument does not go back as agreed.
    #[error("what has to go back does not go back as agreed")]
    NotReturned,
    /// What was asked for does not get there.
    #[error("the need is not met")]
    NeedNotMet,
    /// The need is met at another time than is said.
    #[error("the need is met at {arrival:?}")]
    WrongArrival {
        /// When it is met.
        arrival: Option<Timestamp>,
    },
    /// It costs something else.
    #[error("it costs {cost_minor}")]
    WrongCost {
        /// What it costs.
        cost_minor: i64,
    },
    /// It emits something else.
    #[error("it emits {co2_g} g")]
    WrongCo2 {
        /// What it emits.
        co2_g: i64,
    },
    /// The risk is another.
    #[error("the risk is another")]
    WrongRisk,
    /// The need is met by the deadline with another probability.
    #[error("it is in time with a probability of {micro:?} millionths")]
    WrongInTimeProbability {
        /// The probability in millionths; none when there is no deadline or no arrival.
        micro: Option<i64>,
    },
    /// The moment by which the need is met nine times out of ten is another.
    #[error("it is likely by {likely_by:?}")]
    WrongLikelyBy {
        /// The moment; none when nothing is that likely.
        likely_by: Option<Timestamp>,
    },
    /// What is said about the deadline or the last moment to decide does not hold.
    #[error("what is said about the deadline does not hold")]
    WrongDeadline,
}
