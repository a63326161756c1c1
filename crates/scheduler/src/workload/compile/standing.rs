//! What is left of what was published.

use std::collections::BTreeMap;

use meridian_types::{EngineerId, VisitId};

use crate::workload::model::{Appointment, Assignee, WorkOrder, Workload};

/// What was published of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::workload) enum Standing<'w> {
    /// Nothing.
    Fresh,
    /// It stays as it is.
    Kept(&'w Appointment),
    /// It may be changed.
    Open(&'w Appointment),
    /// It can't stay: somebody is absent, or its part comes later.
    Lost(&'w Appointment),
}

impl<'w> Standing<'w> {
    pub(in crate::workload) const fn published(self) -> Option<&'w Appointment> {
        match self {
            Self::Fresh => None,
            Self::Kept(published) | Self::Open(published) | Self::Lost(published) => Some(published),
        }
    }
}

/// By order.
pub(super) fn standings<'w>(
    workload: &'w Workload,
    crews: &BTreeMap<&EngineerId, usize>,
    orders: &BTreeMap<VisitId, usize>,
) -> Vec<Standing<'w>> {
    let mut standings = vec![Standing::Fresh; workload.orders.len()];
    for appointment in &workload.published {
        let Some(&index) = orders.get(&appointment.order) else { continue };
        standings[index] = standing(workload, crews, (appointment, &workload.orders[index]));
    }
    standings
}

fn standing<'w>(
    workload: &'w Workload,
    crews: &BTreeMap<&EngineerId, usize>,
    (appointment, order): (&'w Appointment, &WorkOrder),
) -> Standing<'w> {
    let absent = |assignee: &Assignee| {
        let crew = crews.get(&assignee.engineer).map(|crew| &workload.engineers[*crew]);
        crew.is_some_and(|crew| crew.taken.absent.overlapping(appointment.work).next().is_some())
    };
    let too_early = order.release.is_some_and(|release| appointment.work.start() < release);
    if too_early || appointment.assignees.iter().any(absent) {
        Standing::Lost(appointment)
    } else if appointment.pinned || appointment.work.start() < workload.frozen_until {
        Standing::Kept(appointment)
    } else {
        Standing::Open(appointment)
    }
}
