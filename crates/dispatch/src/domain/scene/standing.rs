//! How orders stand when a plan is made.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use meridian_scheduler::workload::{Appointment, Assignee};
use meridian_types::{EngineerId, Interval, VisitId};

use super::{Known, Left};
use crate::domain::order::Order;
use crate::domain::visit::{Visit, VisitState};

/// How an order stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Standing {
    /// It is planned; as was agreed, if anything was.
    Open(Option<Appointment>),
    /// It is not planned: its visits are time that is taken, the last work until then.
    Aside(Timestamp),
    /// It cannot be planned.
    Left(Left),
}

impl Standing {
    pub(super) const fn appointment(&self) -> Option<&Appointment> {
        match self {
            Self::Open(appointment) => appointment.as_ref(),
            Self::Aside(_) | Self::Left(_) => None,
        }
    }

    pub(super) const fn aside_until(&self) -> Option<Timestamp> {
        match self {
            Self::Aside(until) => Some(*until),
            Self::Open(_) | Self::Left(_) => None,
        }
    }

    pub(super) const fn left(&self) -> Option<Left> {
        match self {
            Self::Left(left) => Some(*left),
            Self::Open(_) | Self::Aside(_) => None,
        }
    }
}

/// By order. Orders in `aside` are left as they are.
pub(super) fn standings(
    known: &Known,
    horizon: Interval,
    aside: &BTreeSet<VisitId>,
) -> BTreeMap<VisitId, Standing> {
    let engineers: BTreeSet<&EngineerId> = known.engineers.iter().map(|engineer| &engineer.id).collect();
    let orders = || known.orders.iter().map(|stored| &stored.order);
    let mut standings: BTreeMap<VisitId, Standing> = orders()
        .map(|order| {
            let ids = order.visit_ids();
            let visits: Vec<&Visit> = ids.iter().filter_map(|id| known.visits.get(id)).collect();
            let is_aside = aside.contains(&order.id());
            (order.id(), standing((order, &visits), &engineers, horizon, is_aside))
        })
        .collect();
    // Whoever waits for what is left out is left out too, unless it was agreed.
    loop {
        let waits = |order: &&Order| {
            let mut firsts = order.demand.after.iter().filter_map(|first| standings.get(first));
            standings[&order.id()] == Standing::Open(None) && firsts.any(|first| first.left().is_some())
        };
        let Some(order) = orders().find(waits) else { return standings };
        standings.insert(order.id(), Standing::Left(Left::Outside));
    }
}

fn standing(
    (order, visits): (&Order, &[&Visit]),
    engineers: &BTreeSet<&EngineerId>,
    horizon: Interval,
    is_aside: bool,
) -> Standing {
    let until = visits.iter().map(|visit| visit.claim.work.end()).max();
    let is_firm = visits.iter().any(|visit| visit.state != VisitState::Booked);
    let windows = &order.demand.windows;
    let is_outside = !windows.is_empty() && !windows.iter().any(|window| window.overlaps(horizon));
    let agreed = appointment((order, visits), engineers, horizon, is_firm);
    let is_elsewhen = visits.iter().any(|visit| !horizon.encloses(visit.claim.work));
    let stays = is_aside || is_outside || (agreed.is_none() && (is_firm || is_elsewhen));
    match until {
        Some(until) if stays => Standing::Aside(until),
        _ if is_outside => Standing::Left(Left::Outside),
        _ if order.visits() > engineers.len() => Standing::Left(Left::TooFew),
        _ => Standing::Open(agreed),
    }
}

/// What was agreed, where all visits of the order say the same and the scheduler can hold it.
fn appointment(
    (order, visits): (&Order, &[&Visit]),
    engineers: &BTreeSet<&EngineerId>,
    horizon: Interval,
    is_firm: bool,
) -> Option<Appointment> {
    let work = visits.first()?.claim.work;
    let whole = [work.start(), work.end()].iter().all(|end| end.subsec_nanosecond() == 0);
    let alike = visits.iter().all(|visit| visit.claim.work == work && visit.state != VisitState::Held);
    let names: BTreeSet<&EngineerId> = visits.iter().map(|visit| &visit.claim.engineer).collect();
    let complete = visits.len() == order.visits() && names.len() == visits.len();
    if !(whole && alike && complete && names.is_subset(engineers) && horizon.encloses(work)) {
        return None;
    }
    let assignee = |visit: &&Visit| Assignee { engineer: visit.claim.engineer.clone(), trip: None };
    Some(Appointment {
        order: order.id(),
        assignees: visits.iter().map(assignee).collect(),
        work,
        pinned: is_firm || order.pinned,
    })
}
