//! Under which terms is planned.

use std::collections::BTreeMap;

use jiff::Timestamp;
use meridian_scheduler::workforce::Spans;
use meridian_scheduler::workload::{Position, Roads};
use meridian_types::{CountryCode, Interval, Money, SiteId};

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
        }
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
