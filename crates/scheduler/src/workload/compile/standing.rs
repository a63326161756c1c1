//! What is left of what was published.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use meridian_types::{EngineerId, VisitId};

use super::Places;
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
    places: &Places<'_>,
) -> Vec<Standing<'w>> {
    let mut standings = vec![Standing::Fresh; workload.orders.len()];
    for appointment in &workload.published {
        let Some(&index) = orders.get(&appointment.order) else { continue };
        standings[index] = standing((workload, places), crews, (appointment, &workload.orders[index]));
    }
    standings
}

fn standing<'w>(
    (workload, places): (&'w Workload, &Places<'_>),
    crews: &BTreeMap<&EngineerId, usize>,
    (appointment, order): (&'w Appointment, &WorkOrder),
) -> Standing<'w> {
    let absent = |assignee: &Assignee| {
        let crew = crews.get(&assignee.engineer).map(|crew| &workload.engineers[*crew]);
        crew.is_some_and(|crew| crew.taken.absent.overlapping(appointment.work).next().is_some())
    };
    let set_out = |assignee: &Assignee| {
        set_out(workload, places, (appointment, order), assignee) < workload.frozen_until
    };
    let too_early = order.release.is_some_and(|release| appointment.work.start() < release);
    if too_early || appointment.assignees.iter().any(absent) {
        Standing::Lost(appointment)
    } else if appointment.pinned || appointment.assignees.iter().any(set_out) {
        Standing::Kept(appointment)
    } else {
        Standing::Open(appointment)
    }
}

/// When somebody has to leave home, or the lodging, for an appointment at the latest, if it is the first of the tour.
pub(super) fn set_out(
    workload: &Workload,
    places: &Places<'_>,
    (appointment, order): (&Appointment, &WorkOrder),
    assignee: &Assignee,
) -> Timestamp {
    let crew = workload.engineers.iter().find(|crew| crew.engineer.id == assignee.engineer);
    let base = crew.map(|crew| match assignee.trip {
        None => &crew.engineer.home_site,
        Some(trip) => &crew.trips[trip].lodging,
    });
    let site = |site| places.sites[places.number(site) as usize];
    let minutes = |from, to| workload.ways.between(site(from), site(to)).map_or(0, |(minutes, _)| minutes);
    let way = base.map_or(0, |base| match workload.pickup.as_ref().filter(|_| order.needs_pickup) {
        None => minutes(base, &order.site),
        Some(pickup) => minutes(base, &pickup.site) + pickup.minutes + minutes(&pickup.site, &order.site),
    });
    let way = SignedDuration::from_mins(i64::from(way));
    appointment.work.start().saturating_sub(way).unwrap_or(appointment.work.start())
}
