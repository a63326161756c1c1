//! What becomes of a visit.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use meridian_types::Rule;

use super::claim::Claim;

/// A visit: a claim that was once held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Visit {
    pub(crate) claim: Claim,
    pub(crate) state: VisitState,
    /// When the claim expires unless it is booked before.
    pub(crate) expires_at: Timestamp,
    /// Grows with every change.
    pub(crate) version: i64,
}

/// Where a visit stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum VisitState {
    Held,
    Booked,
    Accepted,
    Started,
    Finished,
    /// Finished, and the instrument still does not work.
    Unsolved,
    Cancelled,
    Expired,
}

/// What can be asked of a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Book,
    Accept,
    Start,
    Finish,
    /// Finish, without a solution.
    GiveUp,
    Cancel,
}

/// What a step makes of a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It moves on to this state.
    Moves(VisitState),
    /// It is there, or further, already: a repetition.
    Stands,
    /// There is no way from here to there.
    Impossible,
    /// Nobody booked in time.
    TooLate,
}

impl Step {
    /// The state it leads to.
    pub(crate) const fn target(self) -> VisitState {
        match self {
            Self::Book => VisitState::Booked,
            Self::Accept => VisitState::Accepted,
            Self::Start => VisitState::Started,
            Self::Finish => VisitState::Finished,
            Self::GiveUp => VisitState::Unsolved,
            Self::Cancel => VisitState::Cancelled,
        }
    }
}

impl VisitState {
    const ALL: [Self; 8] = [
        Self::Held,
        Self::Booked,
        Self::Accepted,
        Self::Started,
        Self::Finished,
        Self::Unsolved,
        Self::Cancelled,
        Self::Expired,
    ];

    /// Whether it takes the engineer's time.
    pub(crate) const fn is_open(self) -> bool {
        matches!(self, Self::Held | Self::Booked | Self::Accepted | Self::Started)
    }

    /// The name, as stored and as shown.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Booked => "booked",
            Self::Accepted => "accepted",
            Self::Started => "started",
            Self::Finished => "finished",
            Self::Unsolved => "unsolved",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }

    /// What `step` makes of a visit in this state, apart from the expiry of a claim.
    const fn after(self, step: Step) -> Outcome {
        match (self, step) {
            (Self::Held, Step::Book)
            | (Self::Booked, Step::Accept)
            | (Self::Booked | Self::Accepted, Step::Start)
            | (Self::Started, Step::Finish | Step::GiveUp)
            | (Self::Held | Self::Booked | Self::Accepted | Self::Expired, Step::Cancel) => {
                Outcome::Moves(step.target())
            }
            // A booking that has gone on is still one: a late repetition of the command must not look
            // refused.
            (Self::Booked | Self::Accepted | Self::Started, Step::Book)
            | (Self::Accepted, Step::Accept)
            | (Self::Started, Step::Start)
            | (Self::Finished, Step::Finish)
            | (Self::Unsolved, Step::GiveUp)
            | (Self::Cancelled, Step::Cancel) => Outcome::Stands,
            (Self::Expired, Step::Book) => Outcome::TooLate,
            _ => Outcome::Impossible,
        }
    }
}

impl Visit {
    /// What `step` makes of the visit at `now`.
    pub(crate) fn after(&self, step: Step, now: Timestamp) -> Outcome {
        if step == Step::Book && self.is_overdue(now) { Outcome::TooLate } else { self.state.after(step) }
    }

    /// Whether the claim has expired although the visit is still held.
    pub(crate) fn is_overdue(&self, now: Timestamp) -> bool {
        self.state == VisitState::Held && self.expires_at <= now
    }
}

impl fmt::Display for VisitState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for VisitState {
    type Err = Rule;

    fn from_str(text: &str) -> Result<Self, Rule> {
        Self::ALL.into_iter().find(|state| state.name() == text).ok_or(Rule::new("a state of visits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_from_every_state_does_what_the_table_says() {
        use Outcome::{Impossible, Moves, Stands, TooLate};
        use VisitState::{Accepted, Booked, Cancelled, Finished, Started, Unsolved};
        let steps = [Step::Book, Step::Accept, Step::Start, Step::Finish, Step::GiveUp, Step::Cancel];
        let table = [
            [Moves(Booked), Impossible, Impossible, Impossible, Impossible, Moves(Cancelled)],
            [Stands, Moves(Accepted), Moves(Started), Impossible, Impossible, Moves(Cancelled)],
            [Stands, Stands, Moves(Started), Impossible, Impossible, Moves(Cancelled)],
            [Stands, Impossible, Stands, Moves(Finished), Moves(Unsolved), Impossible],
            [Impossible, Impossible, Impossible, Stands, Impossible, Impossible],
            [Impossible, Impossible, Impossible, Impossible, Stands, Impossible],
            [Impossible, Impossible, Impossible, Impossible, Impossible, Stands],
            [TooLate, Impossible, Impossible, Impossible, Impossible, Moves(Cancelled)],
        ];
        assert_eq!(table.len(), VisitState::ALL.len());
        for (state, row) in VisitState::ALL.into_iter().zip(table) {
            assert_eq!(steps.map(|step| state.after(step)), row, "{state}");
        }
    }

    #[test]
    fn a_state_reads_back_from_its_name() {
        for state in VisitState::ALL {
            assert_eq!(state.name().parse(), Ok(state));
        }
        assert!("".parse::<VisitState>().is_err());
    }
}
