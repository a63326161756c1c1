//! What may be taken from a case that holds it, and by whom.
//!
//! A promise to a customer names a date and a place, not a unit: who gets another unit in time keeps the promise.
//! Therefore a hold may be pre-empted if nobody outside has relied on this very unit or person, and its case has
//! another way that keeps its date. What has begun is never undone, and nobody is pushed aside twice.

use meridian_types::CaseId;
use serde::{Deserialize, Serialize};

use crate::batch::{Choice, Priority};

/// What a case holds at present.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// The case; in a batch only once.
    pub case: CaseId,
    /// How urgent it is.
    pub priority: Priority,
    /// How far it has gone.
    pub commitment: Commitment,
    /// Whether the case lost a hold to another one before.
    pub preempted_before: bool,
    /// What it holds, with what that costs. Its lateness does not matter: it is as it is.
    pub present: Choice,
    /// Other ways for it, found without what it holds. Only those that are not late count.
    pub alternatives: Vec<Choice>,
}

/// How far a hold has gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Commitment {
    /// Held; nobody outside knows.
    Held,
    /// The customer was told the date, and counts on nothing else.
    DateTold,
    /// The customer agreed to this very way: a substitute, a loaner, the time of a visit.
    AgreedByCustomer,
    /// The engineer said yes.
    AcceptedByEngineer,
    /// Being picked or packed, or at work.
    Started,
    /// On its way.
    InTransit,
    /// Somebody else decides about the case, or what it holds is changing at this moment.
    OutOfReach,
}

/// Why a hold is not taken, whoever wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Protection {
    /// It is on its way.
    InTransit,
    /// Work on it has started.
    Started,
    /// The engineer said yes.
    AcceptedByEngineer,
    /// The customer agreed to this very way.
    AgreedByCustomer,
    /// The case was pushed aside once already.
    PreemptedBefore,
    /// The case has no other way that keeps its date.
    NoOtherWayInTime,
    /// Somebody else decides about the case, or what it holds is changing at this moment.
    OutOfReach,
}

impl Hold {
    /// What protects it from everybody; none when a strictly more urgent request may take it.
    #[must_use]
    pub fn protection(&self) -> Option<Protection> {
        match self.commitment {
            Commitment::InTransit => Some(Protection::InTransit),
            Commitment::Started => Some(Protection::Started),
            Commitment::OutOfReach => Some(Protection::OutOfReach),
            Commitment::AcceptedByEngineer => Some(Protection::AcceptedByEngineer),
            Commitment::AgreedByCustomer => Some(Protection::AgreedByCustomer),
            Commitment::Held | Commitment::DateTold if self.preempted_before => {
                Some(Protection::PreemptedBefore)
            }
            Commitment::Held | Commitment::DateTold => {
                let in_time = self.alternatives.iter().any(|it| it.late_minutes == 0);
                (!in_time).then_some(Protection::NoOtherWayInTime)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use meridian_types::SeededIds;

    use super::*;

    fn hold(commitment: Commitment, preempted_before: bool, late_minutes: &[i64]) -> Hold {
        let choice = |&late_minutes| Choice { cost_minor: 0, late_minutes, claims: Vec::new() };
        Hold {
            case: CaseId::fresh(&SeededIds::new(1)),
            priority: Priority::Normal,
            commitment,
            preempted_before,
            present: choice(&0),
            alternatives: late_minutes.iter().map(choice).collect(),
        }
    }

    #[test]
    fn only_what_nobody_relies_on_and_what_can_be_replaced_in_time_is_open() {
        use Commitment::{
            AcceptedByEngineer, AgreedByCustomer, DateTold, Held, InTransit, OutOfReach, Started,
        };
        let table: [(Hold, Option<Protection>); 10] = [
            (hold(Held, false, &[0]), None),
            (hold(DateTold, false, &[30, 0]), None),
            (hold(Held, false, &[1]), Some(Protection::NoOtherWayInTime)),
            (hold(DateTold, false, &[]), Some(Protection::NoOtherWayInTime)),
            (hold(Held, true, &[0]), Some(Protection::PreemptedBefore)),
            (hold(AgreedByCustomer, false, &[0]), Some(Protection::AgreedByCustomer)),
            (hold(AcceptedByEngineer, false, &[0]), Some(Protection::AcceptedByEngineer)),
            (hold(Started, false, &[0]), Some(Protection::Started)),
            (hold(InTransit, false, &[0]), Some(Protection::InTransit)),
            (hold(OutOfReach, false, &[0]), Some(Protection::OutOfReach)),
        ];
        for (hold, protection) in table {
            assert_eq!(hold.protection(), protection, "{hold:?}");
        }
    }
}
