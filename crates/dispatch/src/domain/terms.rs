//! Under which terms is planned.

use std::collections::BTreeMap;

use jiff::Timestamp;
use meridian_scheduler::workforce::Spans;
use meridian_scheduler::workload::{PickupPoint, Position, Roads, Trip};
use meridian_types::{CountryCode, EngineerId, Interval, Money, SiteId};

use super::claim::{Claim, Stay};

/// What whoever asks for a plan says beside the orders.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Terms {
    pub(crate) window: Interval,
    /// None: the beginning of the window.
    pub(crate) frozen_until: Option<Timestamp>,
    pub(crate) places: Vec<Place>,
    /// Minutes and cost, both ways.
    pub(crate) ways: BTreeMap<(SiteId, SiteId), (i32, Option<Money>)>,
    /// None: as is usual.
    pub(crate) roads: Option<Roads>,
    /// None: as is usual.
    pub(crate) charges: Option<Charges>,
    /// None: nowhere.
    pub(crate) pickup: Option<PickupPoint>,
    pub(crate) trips: Trips,
    /// Agreed on beside the calendars.
    pub(crate) overtime: BTreeMap<EngineerId, Spans>,
}

/// Stays away from home that could be, by engineer; no two of one engineer are the same stay.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Trips(pub(crate) BTreeMap<EngineerId, Vec<Trip>>);

impl Trips {
    pub(crate) fn of(&self, engineer: &EngineerId) -> &[Trip] {
        self.0.get(engineer).map_or(&[], Vec::as_slice)
    }

    /// The stay that a trip is.
    pub(crate) fn stay(&self, engineer: &EngineerId, trip: usize) -> Option<Stay> {
        let Trip { lodging, away, .. } = self.of(engineer).get(trip)?;
        Some(Stay { lodging: lodging.clone(), away: *away })
    }

    /// The trip that a stay is; else the first one to the same lodging that has time in common with it, as when it was
    /// prolonged.
    pub(crate) fn find(&self, engineer: &EngineerId, stay: &Stay) -> Option<usize> {
        let trips = self.of(engineer);
        let there = |trip: &Trip| trip.lodging == stay.lodging && trip.away.overlaps(stay.away);
        let same = trips.iter().position(|trip| trip.lodging == stay.lodging && trip.away == stay.away);
        same.or_else(|| trips.iter().position(there))
    }
}

/// A site, as far as orders and engineers do not say.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Place {
    pub(crate) site: SiteId,
    pub(crate) country: Option<CountryCode>,
    pub(crate) position: Option<Position>,
    /// None: always.
    pub(crate) opening: Option<Spans>,
}

/// What changes, lateness and absences cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Charges {
    pub(crate) engineer: Money,
    pub(crate) day: Money,
    pub(crate) window: Money,
    pub(crate) absence: Money,
    /// Each day after the due time.
    pub(crate) late_day: Money,
}

impl Terms {
    /// With nothing but a window.
    pub(crate) const fn usual(window: Interval) -> Self {
        Self {
            window,
            frozen_until: None,
            places: Vec::new(),
            ways: BTreeMap::new(),
            roads: None,
            charges: None,
            pickup: None,
            trips: Trips(BTreeMap::new()),
            overtime: BTreeMap::new(),
        }
    }

    /// Everybody whom trips and overtime are for.
    pub(crate) fn engineers(&self) -> impl Iterator<Item = &EngineerId> {
        self.trips.0.keys().chain(self.overtime.keys())
    }

    /// When the engineer of a claim may work beside the calendar: in agreed overtime; on a trip instead of the calendar.
    pub(crate) fn agreed(&self, claim: &Claim) -> Spans {
        let Claim { engineer, stay, .. } = claim;
        let agreed = match stay {
            None => self.overtime.get(engineer),
            Some(stay) => {
                let trip = self.trips.find(engineer, stay).and_then(|trip| self.trips.of(engineer).get(trip));
                trip.map(|trip| &trip.work)
            }
        };
        agreed.cloned().unwrap_or_default()
    }
}

impl Charges {
    /// In the currency of `any`.
    pub(crate) fn usual(any: Money) -> Self {
        Self {
            engineer: of(any, 5000),
            day: of(any, 10_000),
            window: of(any, 20_000),
            absence: of(any, 100_000),
            late_day: of(any, 10_000),
        }
    }
}

/// The roads of a country with many, in the currency of `any`.
pub(crate) fn usual_roads(any: Money) -> Roads {
    Roads { detour_percent: 130, speed_km_per_h: 60, cost_per_km: of(any, 50) }
}

fn of(any: Money, minor: i64) -> Money {
    Money::new(any.currency_code(), minor).unwrap_or(any)
}
