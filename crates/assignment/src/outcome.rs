//! What came of a batch.

use meridian_planner::model::Claim;
use meridian_types::{CaseId, EngineerId, InstrumentModel, ItemId, ReceiptAt, SiteId};
use serde::{Deserialize, Serialize};

use crate::preemption::Protection;

/// What came of a batch. Every request stands in `served` or in `unserved`, in the order of the batch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Who gets something.
    pub served: Vec<Served>,
    /// Who does not, and why.
    pub unserved: Vec<Unserved>,
    /// Who must give up a hold for it.
    pub preempted: Vec<Preempted>,
    /// How good the outcome is.
    pub total: Total,
    /// How sure it is that there is no better one.
    pub proof: Proof,
}

/// How good an outcome is. Compared field by field: the one with the greater first difference in `served`, or the
/// smaller one in what follows, is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Total {
    /// Requests served: critical, high, normal.
    pub served: [i64; 3],
    /// Sum of minutes late times `lateness_weight`.
    pub weighted_late_minutes: i64,
    /// Holds taken away.
    pub preempted: i64,
    /// Cost of what is served and of replacements, less what the replaced would have cost; in minor units.
    pub cost_minor: i64,
}

/// How sure it is that there is no better outcome.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Proof {
    /// There is none.
    Optimal,
    /// It keeps all rules; there may be a better one.
    Feasible {
        /// By how much of the aim that was open when time ran out, at most, relative to what was reached (0.01 is one
        /// per cent); none when nothing is known.
        gap: Option<f64>,
    },
}

impl Proof {
    /// What holds of two parts together.
    pub(crate) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Optimal, it) | (it, Self::Optimal) => it,
            (Self::Feasible { gap: one }, Self::Feasible { gap: two }) => {
                Self::Feasible { gap: one.zip(two).map(|(one, two)| one.max(two)) }
            }
        }
    }
}

/// A request that gets something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Served {
    /// The case.
    pub case: CaseId,
    /// Index of its choice.
    pub choice: usize,
    /// Indices of the other choices that it could have instead without taking anything from anybody.
    pub open: Vec<usize>,
}

/// A request that gets nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unserved {
    /// The case.
    pub case: CaseId,
    /// The choice that lacks least; none when the request came without choices.
    pub choice: Option<usize>,
    /// All that this choice lacks: with it the request would be served.
    pub lacks: Vec<Shortfall>,
}

/// Something of which there is not enough.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shortfall {
    /// What.
    pub resource: Resource,
    /// How many units more it would take; 1 for an engineer.
    pub units: i64,
    /// Who has it, as far as the batch knows.
    pub holders: Vec<Holder>,
}

/// Something that can be scarce.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Resource {
    /// Units of an item.
    Stock {
        /// The item.
        item: ItemId,
        /// Where.
        warehouse: SiteId,
    },
    /// Units of a scheduled receipt.
    Receipt(ReceiptAt),
    /// Loaners.
    Loaner {
        /// The model.
        model: InstrumentModel,
        /// Where they stand.
        warehouse: SiteId,
    },
    /// Time of an engineer.
    Engineer {
        /// Who.
        engineer: EngineerId,
    },
}

impl Resource {
    /// The pool that a claim draws from, and how many units; none for an engineer, and for a party, which can take any
    /// number of cases.
    #[must_use]
    pub fn pool(claim: &Claim) -> Option<(Self, i64)> {
        match claim {
            Claim::Stock { item, quantity, warehouse, .. } => {
                let resource = Self::Stock { item: item.clone(), warehouse: warehouse.clone() };
                Some((resource, quantity.units()))
            }
            Claim::Receipt { quantity, .. } => Some((Self::Receipt(claim.receipt()?), quantity.units())),
            Claim::Loaner { model, warehouse, .. } => {
                Some((Self::Loaner { model: model.clone(), warehouse: warehouse.clone() }, 1))
            }
            Claim::Engineer { .. } | Claim::Party { .. } => None,
        }
    }
}

/// A case that has some of what another one lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Holder {
    /// The case.
    pub case: CaseId,
    /// By what right.
    pub standing: Standing,
}

/// By what right a case has something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Standing {
    /// It was assigned now, in this batch.
    AssignedNow,
    /// It holds it, and the request is not more urgent, or taking it would not have been enough.
    Holds,
    /// It holds it, and nobody may take it.
    Protected(Protection),
}

/// A case that gives up what it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preempted {
    /// The case.
    pub case: CaseId,
    /// Index of the alternative that it gets instead; it keeps its date.
    pub alternative: usize,
    /// What was taken, and by whom.
    pub taken: Vec<Taken>,
    /// Who must be told.
    pub tell: Vec<Tell>,
}

/// Something that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// What.
    pub resource: Resource,
    /// The more urgent cases that use it now.
    pub by: Vec<CaseId>,
}

/// Somebody who must be told something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tell {
    /// Who.
    pub recipient: Recipient,
    /// Why.
    pub why: Why,
}

/// Somebody who has to do with a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Recipient {
    /// Its customer.
    Customer(CaseId),
    /// The office that owns it.
    Office(CaseId),
    /// Whoever asked for it to be planned.
    Requester(CaseId),
}

/// Why somebody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Why {
    /// The case is met in another way; the date stands.
    AnotherWaySameDate,
    /// A more urgent case took what this one held.
    HoldTakenBy(CaseId),
    /// The case is served with what another one gave up.
    ServedFrom(CaseId),
}
