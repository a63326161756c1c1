//! Work orders: visits for which nobody has chosen engineer and time yet.

use meridian_scheduler::workload::{Engineers, Position, WorkOrder};
use meridian_types::{CaseId, CountryCode, OptimisationId, Rule, VisitId};

/// Something to be done at a site.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Order {
    /// What the scheduler needs to know; at what its lateness is charged is a matter of the terms.
    pub(crate) demand: WorkOrder,
    /// The work should have ended by then.
    pub(crate) due: Option<jiff::Timestamp>,
    pub(crate) case: CaseId,
    /// Of its site.
    pub(crate) country: CountryCode,
    /// Of its site.
    pub(crate) position: Option<Position>,
    /// Once published it stays as it is.
    pub(crate) pinned: bool,
}

impl Order {
    pub(crate) const fn id(&self) -> VisitId {
        self.demand.id
    }

    /// How many visits it becomes.
    pub(crate) const fn visits(&self) -> usize {
        match self.demand.engineers {
            Engineers::One => 1,
            Engineers::Two => 2,
        }
    }

    /// The ids of its visits: its own, and that of the second engineer.
    pub(crate) fn visit_ids(&self) -> [VisitId; 2] {
        [self.id(), second_visit(self.id())]
    }
}

/// The id of the visit of an order's second engineer.
pub(crate) fn second_visit(order: VisitId) -> VisitId {
    VisitId::from_uuid(order.derive("second engineer"))
}

/// An order as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct StoredOrder {
    pub(crate) order: Order,
    /// Grows with every change.
    pub(crate) version: i64,
    pub(crate) is_cancelled: bool,
    /// Whether a plan was published by which a party does it.
    pub(crate) is_outsourced: bool,
    /// The last optimisation whose draft plans it, until that is published.
    pub(crate) drafted_by: Option<OptimisationId>,
}

/// How far an order has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    Unplanned,
    Draft,
    Published,
    Outsourced,
    Historic,
}

impl Stage {
    const ALL: [Self; 5] = [Self::Unplanned, Self::Draft, Self::Published, Self::Outsourced, Self::Historic];

    /// The name, as the query for it knows it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Unplanned => "unplanned",
            Self::Draft => "draft",
            Self::Published => "published",
            Self::Outsourced => "outsourced",
            Self::Historic => "historic",
        }
    }
}

impl std::str::FromStr for Stage {
    type Err = Rule;

    fn from_str(text: &str) -> Result<Self, Rule> {
        Self::ALL.into_iter().find(|stage| stage.name() == text).ok_or(Rule::new("a stage of orders"))
    }
}
