//! Engineers, and what takes their time.

use std::collections::{BTreeMap, BTreeSet};

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
    /// Where they may work once a permit or notification is there, and the working days that takes.
    pub(crate) work_permits: BTreeMap<CountryCode, i32>,
    /// None: no rule.
    pub(crate) rest: Option<Rest>,
    /// Per hour of work or travel.
    pub(crate) hourly_cost: Money,
    /// Per hour of overtime; of the same currency.
    pub(crate) overtime_cost: Money,
    /// Per night away from home; of the same currency. None: nothing.
    pub(crate) night_cost: Option<Money>,
}

/// The rest an engineer must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rest {
    /// Without travel and work.
    pub(crate) rest_minutes: i32,
    /// Of travel and work between two rests.
    pub(crate) duty_minutes_max: i32,
}

impl Engineer {
    pub(crate) fn may_work_in(&self, country: &CountryCode) -> bool {
        self.country == *country
            || self.work_countries.contains(country)
            || self.work_permits.contains_key(country)
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
