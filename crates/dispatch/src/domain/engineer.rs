//! Engineers, and what takes their time.

use std::collections::BTreeSet;

use meridian_types::{CountryCode, EngineerId, Money, RegionId, SiteId};

use super::calendar::Calendar;
use super::skill::Skill;
use super::spans::Spans;

/// An engineer, by code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Engineer {
    pub(crate) id: EngineerId,
    /// Region that books their time.
    pub(crate) region: RegionId,
    /// Where journeys begin.
    pub(crate) home_site: SiteId,
    pub(crate) calendar: Calendar,
    /// Where they live.
    pub(crate) country: CountryCode,
    pub(crate) skills: Vec<Skill>,
    /// Where they may work, beside `country`.
    pub(crate) work_countries: BTreeSet<CountryCode>,
    /// Per hour of work or travel.
    pub(crate) hourly_cost: Money,
    /// Per hour of overtime; of the same currency.
    pub(crate) overtime_cost: Money,
}

impl Engineer {
    pub(crate) fn may_work_in(&self, country: &CountryCode) -> bool {
        self.country == *country || self.work_countries.contains(country)
    }
}

/// What an engineer's time is taken by.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct FreeBusy {
    /// Visits that are held, booked, accepted or started, travel included.
    pub(crate) busy: Spans,
    /// Absences.
    pub(crate) absent: Spans,
}

impl FreeBusy {
    /// When the engineer cannot even travel.
    pub(crate) fn taken(&self) -> Spans {
        self.busy.union(&self.absent)
    }
}
