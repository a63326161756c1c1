//! Engineers, and what takes their time.

use std::collections::{BTreeMap, BTreeSet};

use meridian_types::{CountryCode, EngineerId, Money, RegionId, SiteId};

use super::calendar::Calendar;
use super::skill::Skill;
use super::spans::Spans;

/// An engineer, by code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Engineer {
    /// Their code.
    pub id: EngineerId,
    /// Region that books their time.
    pub region: RegionId,
    /// Where journeys begin.
    pub home_site: SiteId,
    /// When they work.
    pub calendar: Calendar,
    /// Where they live.
    pub country: CountryCode,
    /// What they can do.
    pub skills: Vec<Skill>,
    /// Where they may work, beside `country`.
    pub work_countries: BTreeSet<CountryCode>,
    /// Where they may work once a permit or notification is there, and the working days that takes.
    pub work_permits: BTreeMap<CountryCode, i32>,
    /// None: no rule.
    pub rest: Option<Rest>,
    /// Per hour of work or travel.
    pub hourly_cost: Money,
    /// Per hour of overtime; of the same currency.
    pub overtime_cost: Money,
    /// Per night away from home; of the same currency. None: nothing.
    pub night_cost: Option<Money>,
}

/// The rest an engineer must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rest {
    /// Without travel and work.
    pub rest_minutes: i32,
    /// Of travel and work between two rests.
    pub duty_minutes_max: i32,
}

impl Engineer {
    /// Whether they may work in a country, if need be once a permit is there.
    #[must_use]
    pub fn may_work_in(&self, country: &CountryCode) -> bool {
        self.country == *country
            || self.work_countries.contains(country)
            || self.work_permits.contains_key(country)
    }
}

/// What an engineer's time is taken by.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FreeBusy {
    /// Visits that are held, booked, accepted or started, travel included.
    pub busy: Spans,
    /// Absences.
    pub absent: Spans,
}

impl FreeBusy {
    /// When the engineer cannot even travel.
    #[must_use]
    pub fn taken(&self) -> Spans {
        self.busy.union(&self.absent)
    }
}
