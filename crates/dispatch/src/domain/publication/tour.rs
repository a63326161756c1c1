//! The tours of a draft, and what remains of them when some of their visits are not made.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use meridian_scheduler::workload::{PickupPoint, PlannedVisit, Stint};
use meridian_types::{EngineerId, Interval, SiteId, VisitId};

use super::Detours;
use crate::domain::order::StoredOrder;
use crate::domain::scene::Places;
use crate::domain::terms::Terms;

/// From leaving home, or a lodging, until back there.
pub(super) struct Tour<'d> {
    engineer: &'d EngineerId,
    /// Home, or the lodging.
    base: &'d SiteId,
    stops: Vec<Stop<'d>>,
}

struct Stop<'d> {
    order: VisitId,
    site: &'d SiteId,
    work: Interval,
    stint: &'d Stint,
    needs_pickup: bool,
}

/// One does not get from the visit before, or from the base, to the order in time.
pub(super) struct TooFar {
    pub(super) order: VisitId,
    pub(super) before: Option<VisitId>,
}

/// The tours of a draft.
pub(super) fn tours<'d>(
    planned: &'d BTreeMap<VisitId, PlannedVisit>,
    stored: &'d BTreeMap<VisitId, StoredOrder>,
) -> Vec<Tour<'d>> {
    let mut legs: BTreeMap<&EngineerId, Vec<Stop<'d>>> = BTreeMap::new();
    for visit in planned.values() {
        let Some(StoredOrder { order, .. }) = stored.get(&visit.order) else { continue };
        for stint in &visit.stints {
            legs.entry(&stint.assignee.engineer).or_default().push(Stop {
                order: visit.order,
                site: &order.demand.site,
                work: visit.work,
                stint,
                needs_pickup: order.demand.needs_pickup,
            });
        }
    }
    let mut tours = Vec::new();
    for (engineer, mut legs) in legs {
        legs.sort_by_key(|stop| stop.stint.during.start());
        let mut stops = Vec::new();
        for stop in legs {
            let home = stop.stint.home.as_ref();
            stops.push(stop);
            if let Some(base) = home {
                tours.push(Tour { engineer, base, stops: std::mem::take(&mut stops) });
            }
        }
    }
    tours
}

impl Tour<'_> {
    /// What each visit takes that is made, where that is not what the draft says.
    ///
    /// # Errors
    /// The first that one does not get to in time.
    pub(super) fn detours(
        &self,
        is_made: impl Fn(VisitId) -> bool,
        (places, terms): (&Places, &Terms),
    ) -> Result<Detours, TooFar> {
        let mut detours = Detours::new();
        if self.stops.iter().all(|stop| is_made(stop.order)) {
            return Ok(detours);
        }
        let (mut before, mut was_planned, mut has_picked_up) = (None::<&Stop<'_>>, false, false);
        let last = self.stops.iter().rposition(|stop| is_made(stop.order));
        for (index, stop) in self.stops.iter().enumerate() {
            was_planned |= stop.stint.picks_up;
            if !is_made(stop.order) {
                continue;
            }
            let too_far = || TooFar { order: stop.order, before: before.map(|before| before.order) };
            let picks_up = stop.needs_pickup && was_planned && !has_picked_up;
            has_picked_up |= picks_up;
            let from = before.map_or(self.base, |before| before.site);
            let via = terms.pickup.as_ref().filter(|_| picks_up);
            let leaves = leaves(places, (from, stop), via).ok_or_else(too_far)?;
            let since = match before {
                Some(before) => before.work.end(),
                None if index == 0 => stop.stint.during.start(),
                None => leaves,
            };
            if leaves < since {
                return Err(too_far());
            }
            let until = if Some(index) == last { self.back(places, stop) } else { Some(stop.work.end()) };
            let during = until.and_then(|until| Interval::new(since, until).ok());
            let stay = stop.stint.assignee.trip.and_then(|trip| terms.trips.stay(self.engineer, trip));
            let is_there = |during: &Interval| stay.as_ref().is_none_or(|stay| stay.away.encloses(*during));
            let during = during.filter(is_there).ok_or_else(too_far)?;
            if during != stop.stint.during {
                detours.insert((stop.order, self.engineer.clone()), during);
            }
            before = Some(stop);
        }
        Ok(detours)
    }

    /// When one is back from a last stop.
    fn back(&self, places: &Places, stop: &Stop<'_>) -> Option<Timestamp> {
        let way = places.minutes(stop.site, self.base)?;
        stop.work.end().checked_add(SignedDuration::from_mins(way.into())).ok()
    }
}

/// When one leaves for a stop at the latest.
fn leaves(
    places: &Places,
    (from, stop): (&SiteId, &Stop<'_>),
    via: Option<&PickupPoint>,
) -> Option<Timestamp> {
    let way = match via {
        None => places.minutes(from, stop.site)?,
        Some(pickup) => {
            places.minutes(from, &pickup.site)? + pickup.minutes + places.minutes(&pickup.site, stop.site)?
        }
    };
    stop.work.start().checked_sub(SignedDuration::from_mins(way.into())).ok()
}
