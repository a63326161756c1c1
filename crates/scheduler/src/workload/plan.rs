//! What comes of planning: visits, what is left out, what it costs, and what changes.

use jiff::{SignedDuration, Timestamp};
use meridian_types::{EngineerId, Interval, Money, SiteId, SkillId, VisitId};

use super::model::{Appointment, Assignee};

/// A plan for all orders of a workload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Orders that are done, by the beginning of their work.
    pub visits: Vec<PlannedVisit>,
    /// Orders that go to a party, in the order in which they came.
    pub outsourced: Vec<VisitId>,
    /// Orders that are left out, in the order in which they came.
    pub unplanned: Vec<Unplanned>,
    /// What it costs.
    pub costs: Costs,
    /// How it differs from what was published, in the order in which the orders came.
    pub changes: Vec<Change>,
}

/// An order that is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedVisit {
    /// Which.
    pub order: VisitId,
    /// From the beginning of the work to its end.
    pub work: Interval,
    /// One for each engineer.
    pub stints: Vec<Stint>,
}

/// What an order takes of the time of one engineer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stint {
    /// Whose.
    pub assignee: Assignee,
    /// Where they come from: home, a lodging, or the order before.
    pub from: SiteId,
    /// Whether they pick up tools and parts on the way.
    pub picks_up: bool,
    /// From leaving there until the work has ended, or until they are home when it is the last of the tour. Stints of one
    /// engineer never overlap.
    pub during: Interval,
    /// Where they go after the last work of the tour: home or a lodging. None: to the next order.
    pub home: Option<SiteId>,
    /// How much of `during` is overtime.
    pub overtime: SignedDuration,
}

/// An order that is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unplanned {
    /// Which.
    pub order: VisitId,
    /// Why. What would have to change for it, [`smallest_change`](super::smallest_change) finds out.
    pub why: Why,
}

/// Why an order is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// Nobody has a skill that it takes, at any level.
    NobodyHas(SkillId),
    /// Nobody, or for two not enough, works when it can be done.
    NobodyWorks,
    /// Nobody, or for two not enough, of those may do it. [`explain`](super::explain) tells of each why.
    NobodyMay,
    /// An order that comes before it is left out or goes to a party.
    Waits(VisitId),
    /// Who could has no room, or it would cost more than leaving it out.
    NoRoom,
}

/// What a plan costs. Each amount is rounded to the nearest minor unit by itself; `total` is exact before it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Costs {
    /// Ways.
    pub travel: Money,
    /// Hours at the regular price.
    pub hours: Money,
    /// What overtime costs on top.
    pub overtime: Money,
    /// Trips.
    pub trips: Money,
    /// Changes of what was published.
    pub changes: Money,
    /// Work that is done late.
    pub lateness: Money,
    /// What parties ask for.
    pub outsourcing: Money,
    /// Orders that are left out.
    pub absences: Money,
    /// All of it.
    pub total: Money,
}

/// What becomes of one order, where that is not as published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Which.
    pub order: VisitId,
    /// As published. None: it was not.
    pub before: Option<Appointment>,
    /// As planned, not pinned. None: it is not planned any more.
    pub after: Option<Appointment>,
    /// Why.
    pub reason: Reason,
    /// What the change costs by itself.
    pub charge: Money,
}

/// Why something changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// It was not published yet.
    New,
    /// This engineer is absent meanwhile.
    Absent(EngineerId),
    /// What it needs comes only then.
    PartComes(Timestamp),
    /// As published it breaks a rule by now: working time, certificate, opening hours or another.
    NotPossible,
    /// All orders together cost less, or more of them are done.
    Better,
}

impl Plan {
    /// The visit of an order, if it is planned.
    #[must_use]
    pub fn visit(&self, order: VisitId) -> Option<&PlannedVisit> {
        self.visits.iter().find(|visit| visit.order == order)
    }

    /// All visits as appointments that are not pinned.
    #[must_use]
    pub fn appointments(&self) -> Vec<Appointment> {
        self.visits.iter().map(PlannedVisit::appointment).collect()
    }
}

impl PlannedVisit {
    /// It as an appointment that is not pinned.
    #[must_use]
    pub fn appointment(&self) -> Appointment {
        let assignees = self.stints.iter().map(|stint| stint.assignee.clone()).collect();
        Appointment { order: self.order, assignees, work: self.work, pinned: false }
    }
}
