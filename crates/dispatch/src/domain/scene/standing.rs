//! How orders stand when a plan is made.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use meridian_scheduler::workload::{Appointment, Assignee};
use meridian_types::{EngineerId, Interval, VisitId};

use super::{Known, Left};
use crate::domain::claim::{Claim, Stay};
use crate::domain::order::{Order, second_visit};
use crate::domain::terms::Terms;
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
    (terms, horizon): (&Terms, Interval),
    aside: &BTreeSet<VisitId>,
) -> BTreeMap<VisitId, Standing> {
    let engineers: BTreeSet<&EngineerId> = known.engineers.iter().map(|known| &known.engineer.id).collect();
    let frame = Frame { terms, horizon, engineers };
    let orders = || known.orders.iter().map(|stored| &stored.order);
    let mut standings: BTreeMap<VisitId, Standing> = orders()
        .map(|order| {
            let ids = order.visit_ids();
            let visits: Vec<&Visit> = ids.iter().filter_map(|id| known.visits.get(id)).collect();
            let is_aside = aside.contains(&order.id());
            let firsts = &order.demand.after;
            let with_party = firsts.iter().find(|first| known.outsourced.contains(*first));
            (order.id(), frame.standing((order, &visits), is_aside, with_party.copied()))
        })
        .collect();
    trips_stay_whole(known, &mut standings);
    // Whoever waits for what is left out is left out too, unless it was agreed.
    loop {
        let waits = |order: &Order| {
            let is_open = standings[&order.id()] == Standing::Open(None);
            let mut firsts = order.demand.after.iter().filter(|_| is_open);
            firsts.find_map(|first| match standings.get(first)?.left()? {
                Left::Outside => Some((order.id(), Left::Outside)),
                Left::TooFew | Left::NoPickup | Left::Waits(_) => Some((order.id(), Left::Waits(*first))),
            })
        };
        let Some((order, left)) = orders().find_map(waits) else { return standings };
        standings.insert(order, Standing::Left(left));
    }
}

/// Where something of a trip is no matter of this plan, none of it is: who is on it is there all the time.
fn trips_stay_whole(known: &Known, standings: &mut BTreeMap<VisitId, Standing>) {
    let of = |order: VisitId| {
        let ids = [order, second_visit(order)];
        ids.into_iter().filter_map(|id| known.visits.get(&id)).map(|visit| &visit.claim)
    };
    loop {
        let aside = standings.iter().filter(|(_, standing)| standing.aside_until().is_some());
        let stays: Vec<&Claim> =
            aside.flat_map(|(order, _)| of(*order)).filter(|claim| claim.stay.is_some()).collect();
        let shared = |claim: &Claim| {
            let is_same =
                |stay: &Stay, other: &Stay| stay.lodging == other.lodging && stay.away.overlaps(other.away);
            stays.iter().any(|other| {
                let both = claim.stay.as_ref().zip(other.stay.as_ref());
                claim.engineer == other.engineer && both.is_some_and(|(stay, other)| is_same(stay, other))
            })
        };
        let agreed = standings.iter().filter(|(_, standing)| standing.appointment().is_some());
        let bound = agreed.map(|(order, _)| *order).find(|order| of(*order).any(shared));
        let until = bound.and_then(|order| of(order).map(|claim| claim.work.end()).max());
        let Some((order, until)) = bound.zip(until) else { return };
        standings.insert(order, Standing::Aside(until));
    }
}

/// What is planned under which terms, by whom.
struct Frame<'k> {
    terms: &'k Terms,
    horizon: Interval,
    engineers: BTreeSet<&'k EngineerId>,
}

impl Frame<'_> {
    fn standing(
        &self,
        (order, visits): (&Order, &[&Visit]),
        is_aside: bool,
        with_party: Option<VisitId>,
    ) -> Standing {
        let Self { terms, horizon, .. } = *self;
        let until = visits.iter().map(|visit| visit.claim.work.end()).max();
        let is_firm = visits.iter().any(|visit| visit.state != VisitState::Booked);
        let windows = &order.demand.windows;
        let is_outside = !windows.is_empty() && !windows.iter().any(|window| window.overlaps(horizon));
        let has_pickup = !order.demand.needs_pickup || terms.pickup.is_some();
        let agreed = self.appointment((order, visits), is_firm);
        let is_elsewhen = visits.iter().any(|visit| !horizon.encloses(visit.claim.work));
        let is_elsewhere = visits.iter().any(|visit| self.assignee(visit).is_none());
        let stays = agreed.is_none() && (is_firm || is_elsewhen || is_elsewhere);
        match until {
            Some(until) if is_aside || is_outside || !has_pickup || stays => Standing::Aside(until),
            _ if is_outside => Standing::Left(Left::Outside),
            _ if !has_pickup => Standing::Left(Left::NoPickup),
            _ if order.visits() > self.engineers.len() => Standing::Left(Left::TooFew),
            _ => match with_party.filter(|_| agreed.is_none()) {
                Some(first) => Standing::Left(Left::Waits(first)),
                None => Standing::Open(agreed),
            },
        }
    }

    /// Who makes a visit; none when it is on a trip that the terms do not name, or that goes on beyond what is
    /// planned.
    fn assignee(&self, visit: &Visit) -> Option<Assignee> {
        let Claim { engineer, stay, .. } = &visit.claim;
        let trip = match stay {
            None => None,
            Some(stay) => {
                let trips = &self.terms.trips;
                let trip = trips.find(engineer, stay)?;
                trips.of(engineer).get(trip).filter(|trip| trip.away.end() <= self.horizon.end())?;
                Some(trip)
            }
        };
        Some(Assignee { engineer: engineer.clone(), trip })
    }

    /// What was agreed, where all visits of the order say the same and the scheduler can hold it.
    fn appointment(&self, (order, visits): (&Order, &[&Visit]), is_firm: bool) -> Option<Appointment> {
        let work = visits.first()?.claim.work;
        let whole = [work.start(), work.end()].iter().all(|end| end.subsec_nanosecond() == 0);
        let alike = visits.iter().all(|visit| visit.claim.work == work && visit.state != VisitState::Held);
        let names: BTreeSet<&EngineerId> = visits.iter().map(|visit| &visit.claim.engineer).collect();
        let complete = visits.len() == order.visits() && names.len() == visits.len();
        if !(whole && alike && complete && names.is_subset(&self.engineers) && self.horizon.encloses(work)) {
            return None;
        }
        let assignees: Option<Vec<Assignee>> = visits.iter().map(|visit| self.assignee(visit)).collect();
        Some(Appointment { order: order.id(), assignees: assignees?, work, pinned: is_firm || order.pinned })
    }
}
