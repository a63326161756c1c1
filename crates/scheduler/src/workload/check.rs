//! Walks through a plan again, from the workload alone: it shares no code with what makes plans, only calendars, skills
//! and ways.

mod costs;
mod tours;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use meridian_types::{CountryCode, EngineerId, Interval, Money, SiteId, VisitId, usual_weekend};

use super::model::{Appointment, Assignee, Crew, Engineers, Site, WorkOrder, Workload};
use super::plan::{Plan, PlannedVisit};
use crate::workforce::{Spans, certified_time};

/// What is wrong with a plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanFault {
    /// With an order.
    #[error("{order}: {rule}")]
    Order {
        /// Which.
        order: VisitId,
        /// The rule that it breaks.
        rule: &'static str,
    },
    /// With what somebody does.
    #[error("{engineer} at {at}: {rule}")]
    Engineer {
        /// Who.
        engineer: EngineerId,
        /// When.
        at: Timestamp,
        /// The rule that it breaks.
        rule: &'static str,
    },
    /// With what it costs.
    #[error("{part} costs {told}, but {found} was found")]
    Cost {
        /// What of it.
        part: &'static str,
        /// What the plan says.
        told: Money,
        /// What it comes to.
        found: Money,
    },
}

/// Whether a plan keeps every rule of its workload and costs what it says.
///
/// # Errors
/// The first thing that is wrong.
pub fn check_plan(workload: &Workload, plan: &Plan) -> Result<(), PlanFault> {
    let facts = Facts::of(workload, plan);
    facts.each_once()?;
    for visit in &plan.visits {
        facts.visit(visit)?;
    }
    facts.nothing_is_moved_that_stays()?;
    tours::check(&facts)?;
    facts.changes()?;
    costs::check(&facts)
}

/// The workload and the plan, by name.
struct Facts<'w> {
    workload: &'w Workload,
    plan: &'w Plan,
    orders: BTreeMap<VisitId, &'w WorkOrder>,
    crews: BTreeMap<&'w EngineerId, &'w Crew>,
    sites: BTreeMap<&'w SiteId, &'w Site>,
    published: BTreeMap<VisitId, &'w Appointment>,
    planned: BTreeMap<VisitId, &'w PlannedVisit>,
}

const fn order(order: VisitId, rule: &'static str) -> PlanFault {
    PlanFault::Order { order, rule }
}

impl<'w> Facts<'w> {
    fn of(workload: &'w Workload, plan: &'w Plan) -> Self {
        Self {
            workload,
            plan,
            orders: workload.orders.iter().map(|order| (order.id, order)).collect(),
            crews: workload.engineers.iter().map(|crew| (&crew.engineer.id, crew)).collect(),
            sites: workload.sites.iter().map(|site| (&site.id, site)).collect(),
            published: workload
                .published
                .iter()
                .map(|appointment| (appointment.order, appointment))
                .collect(),
            planned: plan.visits.iter().map(|visit| (visit.order, visit)).collect(),
        }
    }

    fn each_once(&self) -> Result<(), PlanFault> {
        let planned = self.plan.visits.iter().map(|visit| visit.order);
        let left_out = self.plan.unplanned.iter().map(|unplanned| unplanned.order);
        let mut seen = BTreeSet::new();
        for id in planned.chain(self.plan.outsourced.iter().copied()).chain(left_out) {
            if !seen.insert(id) || !self.orders.contains_key(&id) {
                return Err(order(id, "each order once"));
            }
        }
        if let Some(missing) = self.orders.keys().find(|id| !seen.contains(id)) {
            return Err(order(*missing, "each order once"));
        }
        let priced = |id: &VisitId| self.orders[id].outsource.is_some();
        match self.plan.outsourced.iter().find(|id| !priced(id)) {
            Some(unpriced) => Err(order(*unpriced, "only what a party does is outsourced")),
            None => Ok(()),
        }
    }

    /// Whether what was published can't stay, whatever was agreed.
    fn is_lost(&self, appointment: &Appointment) -> bool {
        let absent = |engineer: &EngineerId| {
            self.crews.get(engineer).is_some_and(|crew| {
                crew.taken.absent.iter().any(|absence| absence.overlaps(appointment.work))
            })
        };
        let release = self.orders.get(&appointment.order).and_then(|order| order.release);
        release.is_some_and(|release| release > appointment.work.start())
            || appointment.assignees.iter().any(|assignee| absent(&assignee.engineer))
    }

    /// What stays as it is of an order.
    fn kept(&self, order: VisitId) -> Option<&'w Appointment> {
        let appointment = *self.published.get(&order)?;
        let fixed = appointment.pinned || self.has_set_out(appointment);
        (fixed && !self.is_lost(appointment)).then_some(appointment)
    }

    /// Whether somebody would have left home or lodging for it before the end of the frozen time.
    fn has_set_out(&self, appointment: &Appointment) -> bool {
        let Some(order) = self.orders.get(&appointment.order) else { return false };
        let minutes = |from: &SiteId, to: &SiteId| {
            self.workload.ways.between(self.sites[from], self.sites[to]).map_or(0, |(minutes, _)| minutes)
        };
        appointment.assignees.iter().any(|assignee| {
            let crew = self.crews[&assignee.engineer];
            let base = assignee.trip.map_or(&crew.engineer.home_site, |trip| &crew.trips[trip].lodging);
            let way = match &self.workload.pickup {
                Some(pickup) if order.needs_pickup => {
                    minutes(base, &pickup.site) + pickup.minutes + minutes(&pickup.site, &order.site)
                }
                _ => minutes(base, &order.site),
            };
            let left = appointment.work.start() - SignedDuration::from_mins(i64::from(way));
            left < self.workload.frozen_until
        })
    }

    fn nothing_is_moved_that_stays(&self) -> Result<(), PlanFault> {
        for id in self.published.keys() {
            let Some(kept) = self.kept(*id) else { continue };
            let same = self.planned.get(id).is_some_and(|visit| {
                let planned = visit.stints.iter().map(|stint| &stint.assignee);
                visit.work == kept.work && planned.eq(kept.assignees.iter())
            });
            if !same {
                return Err(order(*id, "what is pinned or frozen stays as it is"));
            }
        }
        Ok(())
    }

    fn visit(&self, visit: &PlannedVisit) -> Result<(), PlanFault> {
        let record = self.orders[&visit.order];
        let fault = |rule| order(visit.order, rule);
        let engineers: BTreeSet<&EngineerId> =
            visit.stints.iter().map(|stint| &stint.assignee.engineer).collect();
        let wanted = if record.engineers == Engineers::Two { 2 } else { 1 };
        if visit.stints.len() != wanted || engineers.len() != wanted {
            return Err(fault("as many different engineers as it takes"));
        }
        if !engineers.iter().all(|engineer| self.crews.contains_key(*engineer)) {
            return Err(fault("engineers that there are"));
        }
        if self.kept(visit.order).is_some() {
            return Ok(());
        }
        let begin = visit.work.start();
        let windows = &record.windows;
        if !windows.is_empty() && !windows.iter().any(|window| window.contains(begin)) {
            return Err(fault("begins in one of its windows"));
        }
        if record.release.is_some_and(|release| begin < release) {
            return Err(fault("begins once it is released"));
        }
        if begin < self.workload.frozen_until || !self.workload.horizon.encloses(visit.work) {
            return Err(fault("lies in what can be planned"));
        }
        let site = self.sites[&record.site];
        let open = |opening: &Spans| opening.iter().any(|open| open.encloses(visit.work));
        if !site.opening.as_ref().is_none_or(open) {
            return Err(fault("is done while the site is open"));
        }
        for first in &record.after {
            if self.planned.get(first).is_none_or(|first| begin < first.work.end()) {
                return Err(fault("is done after what comes before it"));
            }
        }
        visit
            .stints
            .iter()
            .try_for_each(|stint| self.may(visit, record, self.crews[&stint.assignee.engineer]))
    }

    /// Whether somebody may and can do a visit in the time that it takes.
    fn may(&self, visit: &PlannedVisit, record: &WorkOrder, crew: &Crew) -> Result<(), PlanFault> {
        let engineer = &crew.engineer;
        let fault = |rule| order(visit.order, rule);
        let minutes = f64::from(record.work_minutes);
        let minutes = match record.engineers {
            Engineers::Two => minutes,
            Engineers::One => (minutes * 100.0 / f64::from(crew.efficiency_percent)).ceil(),
        };
        if (visit.work.duration().as_secs_f64() - minutes * 60.0).abs() > 0.5 {
            return Err(fault("takes as long as it takes its engineer"));
        }
        if record.excluded.contains(&engineer.id) {
            return Err(fault("is not done by whom the customer does not want"));
        }
        for needed in &record.skills {
            let certified = certified_time(&engineer.skills, needed, &engineer.calendar.zone, visit.work);
            let all = certified.is_ok_and(|certified| certified.iter().any(|span| span.encloses(visit.work)));
            if !all {
                return Err(fault("is done by who is certified on every day of it"));
            }
        }
        if self.has_right_to_work(crew, &self.sites[&record.site].country, visit.work) {
            Ok(())
        } else {
            Err(fault("is done by who has the right to work there"))
        }
    }

    fn has_right_to_work(&self, crew: &Crew, country: &CountryCode, work: Interval) -> bool {
        let engineer = &crew.engineer;
        if engineer.country == *country || engineer.work_countries.contains(country) {
            return true;
        }
        let zone = &engineer.calendar.zone;
        let (asked, begins) = (zone.date(self.workload.frozen_until), zone.date(work.start()));
        let Some(days) = engineer.work_permits.get(country) else { return false };
        let weekend = usual_weekend(country);
        let mut date: Date = asked;
        let mut passed = 0;
        while date < begins {
            date = date.tomorrow().unwrap_or(Date::MAX);
            passed += i32::from(!weekend.contains(&date.weekday()));
        }
        asked <= begins && passed >= *days
    }

    /// Whether the plan tells every difference from what was published, and no other.
    fn changes(&self) -> Result<(), PlanFault> {
        let told: BTreeMap<VisitId, _> =
            self.plan.changes.iter().map(|change| (change.order, change)).collect();
        for id in self.orders.keys() {
            let who = |of: &Appointment| of.assignees.iter().cloned().collect::<BTreeSet<Assignee>>();
            let before = self.published.get(id).map(|before| (who(before), before.work));
            let after = self.planned.get(id).map(|visit| visit.appointment());
            let now = after.as_ref().map(|after| (who(after), after.work));
            let as_told = match told.get(id) {
                None => before == now,
                Some(change) => {
                    before != now
                        && change.before.as_ref() == self.published.get(id).copied()
                        && change.after == after
                }
            };
            if !as_told {
                return Err(order(*id, "every change is told, and nothing else"));
            }
        }
        Ok(())
    }
}

/// How long all of them are together.
fn length(spans: &Spans) -> SignedDuration {
    spans.iter().map(Interval::duration).sum()
}
