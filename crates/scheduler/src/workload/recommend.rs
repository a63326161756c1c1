//! Slots for one order in what is planned.

use std::collections::BTreeSet;

use meridian_types::{EngineerId, Interval, VisitId};

use super::error::WorkloadError;
use super::model::{Appointment, Engineers, Workload};
use super::plan::{Costs, Plan, PlannedVisit, Stint};
use super::trial::{Trial, order_of, waits_for};
use super::validate::validate;

/// A time at which an order could be done, while all else stays as it is planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// Which order.
    pub order: VisitId,
    /// From the beginning of the work to its end.
    pub work: Interval,
    /// One for each engineer.
    pub stints: Vec<Stint>,
    /// What it costs more than not doing the order, and why: by ways, hours, overtime and so on. Nothing for orders that
    /// are left out or go to a party.
    pub extra: Costs,
}

impl Slot {
    /// It as an appointment that is not pinned.
    #[must_use]
    pub fn appointment(&self) -> Appointment {
        let visit = PlannedVisit { order: self.order, work: self.work, stints: self.stints.clone() };
        visit.appointment()
    }

    /// Who does it.
    pub(super) fn names(&self) -> BTreeSet<EngineerId> {
        self.stints.iter().map(|stint| stint.assignee.engineer.clone()).collect()
    }
}

/// The cheapest slots for an order, the cheapest first, at most so many: every place of every shift was tried, for two
/// engineers the best place of every pair of shifts that was found for each of them. Nothing else is moved. None at all
/// when an order that comes before it is not planned, or when it is pinned or frozen.
///
/// # Errors
/// The first rule that the workload breaks, or the order that it does not know.
pub fn recommend(
    workload: &Workload,
    plan: &Plan,
    order: VisitId,
    most: usize,
) -> Result<Vec<Slot>, WorkloadError> {
    validate(workload)?;
    let record = order_of(workload, order)?;
    if waits_for(plan, record).is_some() {
        return Ok(Vec::new());
    }
    let everybody: BTreeSet<EngineerId> =
        workload.engineers.iter().map(|crew| crew.engineer.id.clone()).collect();
    if record.engineers == Engineers::Two {
        return Trial::new(workload, plan, record, &everybody).slots(&everybody, most);
    }
    let mut slots = Vec::new();
    for engineer in everybody {
        let who = BTreeSet::from([engineer]);
        slots.extend(Trial::new(workload, plan, record, &who).slots(&who, most)?);
    }
    slots.sort_by_cached_key(|slot| (slot.extra.total.minor(), slot.work.start(), slot.names()));
    slots.truncate(most);
    Ok(slots)
}
