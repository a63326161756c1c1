//! What is to be planned: orders, people, sites and what was published.

use std::collections::BTreeSet;

use jiff::Timestamp;
use meridian_types::{CountryCode, EngineerId, Interval, Money, SiteId, VisitId};

use super::ways::{Position, Ways};
use crate::workforce::{Engineer, FreeBusy, SkillNeeded, Spans};

/// Everything that is planned together. All amounts are of one currency and not negative.
#[derive(Debug, Clone, PartialEq)]
pub struct Workload {
    /// All planned work and travel lies in it; at most 366 days, from a full second on.
    pub horizon: Interval,
    /// Appointments stay as they are that begin before it, or for which one would leave home or lodging before it;
    /// nothing else begins or sets out before it.
    pub frozen_until: Timestamp,
    /// Where orders are, engineers live and lodge, and tools are picked up; each once.
    pub sites: Vec<Site>,
    /// How one gets from site to site.
    pub ways: Ways,
    /// Where tools and parts are picked up for orders that need it.
    pub pickup: Option<PickupPoint>,
    /// Who can be sent; each once.
    pub engineers: Vec<Crew>,
    /// What is to be done; each once.
    pub orders: Vec<WorkOrder>,
    /// What was agreed so far; one appointment of an order at most.
    pub published: Vec<Appointment>,
    /// What changes of what was published cost, and what it costs to leave orders out.
    pub charges: Charges,
}

/// A place.
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    /// Its code.
    pub id: SiteId,
    /// Who works there needs the right to work in this country.
    pub country: CountryCode,
    /// Where on earth it is; needed where [`Ways`] has no entry.
    pub position: Option<Position>,
    /// All work there lies in one of these. None: always.
    pub opening: Option<Spans>,
}

/// Where everything can be taken aboard that orders need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PickupPoint {
    /// The site. Its opening hours are not looked at.
    pub site: SiteId,
    /// How long it takes; 0 or more.
    pub minutes: i32,
}

/// An engineer who can be sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Crew {
    /// Who, with calendar, skills and costs. Overtime costs no less than regular time.
    pub engineer: Engineer,
    /// Absences, and visits that are not among the published appointments of the workload.
    pub taken: FreeBusy,
    /// Overtime agreed on beside the calendar.
    pub overtime: Spans,
    /// How quickly they work: an order of 60 minutes takes who has 120 percent 50 minutes. 10 to 1000; 100 is usual.
    pub efficiency_percent: i32,
    /// Stays abroad of which any may be taken.
    pub trips: Vec<Trip>,
}

/// A stay away from home that could be. Whoever is on it does not work from home meanwhile, nor on another trip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trip {
    /// Days there begin and end at this site.
    pub lodging: SiteId,
    /// From leaving home until back home. No trip at all when the engineer is absent or on visits in it.
    pub away: Interval,
    /// Working time there; within `away`.
    pub work: Spans,
    /// Of the journeys and the nights; paid once when the trip is made.
    pub cost: Money,
}

/// How many engineers an order takes, at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engineers {
    /// One.
    One,
    /// Two, each with all the skills. It takes them as long as it says, however quickly they work.
    Two,
}

/// Something to be done at a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkOrder {
    /// The visit that it becomes.
    pub id: VisitId,
    /// Where.
    pub site: SiteId,
    /// All of these; certified on every day of the shift.
    pub skills: Vec<SkillNeeded>,
    /// How long the work takes; 1 to 10,080 (a week).
    pub work_minutes: i32,
    /// How many it takes.
    pub engineers: Engineers,
    /// The work begins in one of these, which was promised to the customer. Empty: in the horizon.
    pub windows: Vec<Interval>,
    /// The work does not begin before, such as when its part arrives.
    pub release: Option<Timestamp>,
    /// When it should be done.
    pub due: Option<Due>,
    /// 1 (most urgent) to 5.
    pub priority: u8,
    /// Orders that are done before; it begins when the last of them has ended, and is left out, or goes to its party, when
    /// one is or does.
    pub after: Vec<VisitId>,
    /// Whom the customer does not want.
    pub excluded: BTreeSet<EngineerId>,
    /// Whether tools or parts have to be picked up first.
    pub needs_pickup: bool,
    /// What a party asks for doing it. None: no party does. It goes to the party where that costs less than planning it.
    pub outsource: Option<Money>,
}

/// When an order should be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// The work has ended by then, at the usual pace: it begins so many minutes earlier as the order says.
    pub by: Timestamp,
    /// What each begun 24 hours later cost, as far as a hundred of them.
    pub late_cost_per_day: Money,
}

/// Somebody, at home or on a trip.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Assignee {
    /// Who.
    pub engineer: EngineerId,
    /// On which of their trips; an index into [`Crew::trips`]. None: from home.
    pub trip: Option<usize>,
}

/// What was agreed for an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appointment {
    /// Which order.
    pub order: VisitId,
    /// Who does it: as many as the order takes.
    pub assignees: Vec<Assignee>,
    /// From the beginning of the work to its end; within the horizon.
    pub work: Interval,
    /// Whether it stays as it is; so does one for which somebody sets out before [`Workload::frozen_until`]. What was
    /// agreed can't be kept, pinned or not, when one of the engineers is absent meanwhile, or the release of the order
    /// lies after its beginning: then it is planned anew.
    pub pinned: bool,
}

/// What changes and absences cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charges {
    /// Each engineer of an order who is not among those published.
    pub engineer: Money,
    /// Another day than published, by the clocks of the first engineer published.
    pub day: Money,
    /// Another one of the order's windows than the one in which the published work began.
    pub window: Money,
    /// Leaving out an order of priority 5. Each priority costs four times as much as the next less urgent one: 256
    /// times this for priority 1.
    pub absence: Money,
}

impl Due {
    /// How many times 24 hours an end of the work is late, what is begun included.
    pub(crate) fn days_late(self, end: Timestamp) -> i64 {
        let late_s = end.duration_since(self.by).as_secs_f64();
        #[expect(clippy::cast_possible_truncation, reason = "days")]
        let days = (late_s / 86_400.0).ceil() as i64;
        days.clamp(0, DAYS_LATE_MAX)
    }
}

/// So many days late cost as much as more.
const DAYS_LATE_MAX: i64 = 100;

impl Charges {
    /// How much more than priority 5 it costs to leave out an order of this one.
    pub(crate) const fn absence_factor(priority: u8) -> i64 {
        4_i64.pow(5 - priority as u32)
    }
}
