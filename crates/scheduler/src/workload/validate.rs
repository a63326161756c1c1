//! What a workload has to keep before anything is worked out from it.

use std::collections::{BTreeMap, BTreeSet};

use meridian_types::{EngineerId, Interval, Money, SiteId, VisitId};

use super::error::{WorkloadError, rule};
use super::model::{Appointment, Assignee, Crew, Engineers, Trip, WorkOrder, Workload};

/// The longest horizon, in days of 24 hours.
const HORIZON_DAYS_MAX: i64 = 366;
/// Most orders and most engineers.
const ORDERS_MAX: usize = 50_000;
/// Most of the sites that anything happens at.
pub(super) const PLACES_MAX: usize = 4_000;
/// The longest work, a week.
const WORK_MINUTES_MAX: i32 = 7 * 24 * 60;
/// The highest amount, in minor units.
const AMOUNT_MAX: i64 = 250_000_000;
/// The highest charge for a change.
const CHANGE_MAX: i64 = 50_000_000;
/// The highest cost of leaving out what is least urgent, and of a day.
const ABSENCE_MAX: i64 = 1_000_000;
/// The highest cost of an hour, in minor units.
const HOURLY_MAX: i64 = 1_000_000;
/// The highest cost of a kilometre.
const KM_MAX: i64 = 1_000;

/// Whether all rules are kept.
///
/// # Errors
/// The first value that breaks one.
pub(super) fn validate(workload: &Workload) -> Result<(), WorkloadError> {
    let count = workload.orders.len();
    rule(count <= ORDERS_MAX, || "orders".into(), count, "at most 50000")?;
    let count = workload.engineers.len();
    rule(count <= ORDERS_MAX, || "engineers".into(), count, "at most 50000")?;
    let days = workload.horizon.duration().as_hours() / 24;
    rule(days <= HORIZON_DAYS_MAX, || "horizon".into(), format!("{days} days"), "at most 366 days")?;
    let start = workload.horizon.start();
    rule(start.subsec_nanosecond() == 0, || "horizon".into(), start, FULL_SECOND)?;
    let known = Known::of(workload)?;
    known.ways()?;
    for (index, crew) in workload.engineers.iter().enumerate() {
        known.crew(&format!("engineers[{index}]"), crew)?;
    }
    for (index, order) in workload.orders.iter().enumerate() {
        known.order(&format!("orders[{index}]"), order)?;
    }
    if let Some(pickup) = &workload.pickup {
        known.site(|| "pickup.site".into(), &pickup.site)?;
        rule(
            (0..=WORK_MINUTES_MAX).contains(&pickup.minutes),
            || "pickup.minutes".into(),
            pickup.minutes,
            WORK,
        )?;
    }
    let mut seen = BTreeSet::new();
    for (index, appointment) in workload.published.iter().enumerate() {
        let name = || format!("published[{index}].order");
        rule(seen.insert(appointment.order), name, appointment.order, "one appointment of each order")?;
        known.appointment(&format!("published[{index}]"), appointment)?;
    }
    no_cycle(&workload.orders)
}

const FULL_SECOND: &str = "begins and ends at a full second";
const WORK: &str = "from 0 to 10080 minutes";

/// What names can stand for.
struct Known<'w> {
    workload: &'w Workload,
    sites: BTreeSet<&'w SiteId>,
    engineers: BTreeMap<&'w EngineerId, &'w Crew>,
    orders: BTreeMap<VisitId, &'w WorkOrder>,
    /// Charges name it; everything else keeps to it.
    currency: &'static str,
}

impl<'w> Known<'w> {
    fn of(workload: &'w Workload) -> Result<Self, WorkloadError> {
        let charges = &workload.charges;
        let currency = charges.absence.currency_code();
        let mut known = Self {
            workload,
            sites: BTreeSet::new(),
            engineers: BTreeMap::new(),
            orders: BTreeMap::new(),
            currency,
        };
        for (index, site) in workload.sites.iter().enumerate() {
            let fresh = known.sites.insert(&site.id);
            rule(fresh, || format!("sites[{index}].id"), &site.id, "each site once")?;
        }
        for (index, crew) in workload.engineers.iter().enumerate() {
            let id = &crew.engineer.id;
            let fresh = known.engineers.insert(id, crew).is_none();
            rule(fresh, || format!("engineers[{index}].engineer.id"), id, "each engineer once")?;
        }
        for (index, order) in workload.orders.iter().enumerate() {
            let fresh = known.orders.insert(order.id, order).is_none();
            rule(fresh, || format!("orders[{index}].id"), order.id, "each order once")?;
        }
        let all = [
            ("engineer", charges.engineer, CHANGE_MAX),
            ("day", charges.day, CHANGE_MAX),
            ("window", charges.window, CHANGE_MAX),
            ("absence", charges.absence, ABSENCE_MAX),
        ];
        for (name, amount, most) in all {
            known.amount(|| format!("charges.{name}"), amount, most)?;
        }
        Ok(known)
    }

    fn ways(&self) -> Result<(), WorkloadError> {
        for ((from, to), way) in &self.workload.ways.known {
            let name = |field: &str| format!("ways.known[{from} to {to}].{field}");
            let holds = (0..=WORK_MINUTES_MAX).contains(&way.minutes);
            rule(holds, || name("minutes"), way.minutes, WORK)?;
            self.amount(|| name("cost"), way.cost, AMOUNT_MAX)?;
        }
        let Some(roads) = &self.workload.ways.roads else { return Ok(()) };
        let (detour, speed) = (roads.detour_percent, roads.speed_km_per_h);
        rule(
            (100..=1000).contains(&detour),
            || "ways.roads.detour_percent".into(),
            detour,
            "from 100 to 1000",
        )?;
        rule((1..=300).contains(&speed), || "ways.roads.speed_km_per_h".into(), speed, "from 1 to 300")?;
        self.amount(|| "ways.roads.cost_per_km".into(), roads.cost_per_km, KM_MAX)
    }

    fn amount(&self, field: impl FnOnce() -> String, amount: Money, most: i64) -> Result<(), WorkloadError> {
        if amount.currency_code() != self.currency {
            return rule(false, field, amount, "of the currency that the charges are in");
        }
        let holds = (0..=most).contains(&amount.minor());
        rule(
            holds,
            field,
            amount,
            match most {
                AMOUNT_MAX => "from 0 to 250000000 minor units",
                CHANGE_MAX => "from 0 to 50000000 minor units",
                KM_MAX => "from 0 to 1000 minor units",
                _ => "from 0 to 1000000 minor units",
            },
        )
    }

    fn site(&self, field: impl FnOnce() -> String, site: &SiteId) -> Result<(), WorkloadError> {
        rule(self.sites.contains(site), field, site, "one of the sites")
    }

    fn within(&self, field: impl FnOnce() -> String, span: Interval) -> Result<(), WorkloadError> {
        let value = || format!("{} to {}", span.start(), span.end());
        let holds = self.workload.horizon.encloses(span);
        if holds { Ok(()) } else { rule(false, field, value(), "within the horizon") }
    }

    fn crew(&self, name: &str, crew: &Crew) -> Result<(), WorkloadError> {
        let engineer = &crew.engineer;
        self.site(|| format!("{name}.engineer.home_site"), &engineer.home_site)?;
        let efficiency = crew.efficiency_percent;
        let holds = (10..=1000).contains(&efficiency);
        rule(holds, || format!("{name}.efficiency_percent"), efficiency, "from 10 to 1000")?;
        self.amount(|| format!("{name}.engineer.hourly_cost"), engineer.hourly_cost, HOURLY_MAX)?;
        let overtime = engineer.overtime_cost;
        self.amount(|| format!("{name}.engineer.overtime_cost"), overtime, HOURLY_MAX)?;
        let no_less = engineer.hourly_cost.minor() <= overtime.minor();
        rule(no_less, || format!("{name}.engineer.overtime_cost"), overtime, "no less than the hourly cost")?;
        if let Some(rest) = engineer.rest {
            let holds = rest.rest_minutes >= 0 && rest.duty_minutes_max > 0;
            let value = format!("{} of rest, {} of duty", rest.rest_minutes, rest.duty_minutes_max);
            rule(holds, || format!("{name}.engineer.rest"), value, "no negative rest, and some duty")?;
        }
        for (country, days) in &engineer.work_permits {
            let field = || format!("{name}.engineer.work_permits[{country}]");
            rule((0..=10_000).contains(days), field, days, "from 0 to 10000 working days")?;
        }
        crew.trips
            .iter()
            .enumerate()
            .try_for_each(|(index, trip)| self.trip(&format!("{name}.trips[{index}]"), trip))
    }

    fn trip(&self, name: &str, trip: &Trip) -> Result<(), WorkloadError> {
        self.site(|| format!("{name}.lodging"), &trip.lodging)?;
        self.within(|| format!("{name}.away"), trip.away)?;
        self.amount(|| format!("{name}.cost"), trip.cost, AMOUNT_MAX)?;
        for span in trip.work.iter() {
            let value = || format!("{} to {}", span.start(), span.end());
            let holds = trip.away.encloses(span);
            if !holds {
                rule(false, || format!("{name}.work"), value(), "within the time away")?;
            }
        }
        Ok(())
    }

    fn order(&self, name: &str, order: &WorkOrder) -> Result<(), WorkloadError> {
        self.site(|| format!("{name}.site"), &order.site)?;
        let minutes = order.work_minutes;
        let holds = (1..=WORK_MINUTES_MAX).contains(&minutes);
        rule(holds, || format!("{name}.work_minutes"), minutes, "from 1 to 10080")?;
        let priority = order.priority;
        rule((1..=5).contains(&priority), || format!("{name}.priority"), priority, "from 1 to 5")?;
        let enough = order.engineers == Engineers::One || self.engineers.len() >= 2;
        let field = || format!("{name}.engineers");
        rule(enough, field, 2, "no more than there are engineers")?;
        for (index, window) in order.windows.iter().enumerate() {
            self.within(|| format!("{name}.windows[{index}]"), *window)?;
        }
        for (index, first) in order.after.iter().enumerate() {
            let field = || format!("{name}.after[{index}]");
            rule(self.orders.contains_key(first), field, first, "one of the orders")?;
        }
        for engineer in &order.excluded {
            let field = || format!("{name}.excluded");
            rule(self.engineers.contains_key(engineer), field, engineer, "one of the engineers")?;
        }
        let pickup = !order.needs_pickup || self.workload.pickup.is_some();
        rule(
            pickup,
            || format!("{name}.needs_pickup"),
            true,
            "only where there is a place to pick things up",
        )?;
        if let Some(price) = order.outsource {
            self.amount(|| format!("{name}.outsource"), price, AMOUNT_MAX)?;
        }
        let Some(due) = order.due else { return Ok(()) };
        self.amount(|| format!("{name}.due.late_cost_per_day"), due.late_cost_per_day, ABSENCE_MAX)
    }

    fn appointment(&self, name: &str, appointment: &Appointment) -> Result<(), WorkloadError> {
        let field = |field: &str| format!("{name}.{field}");
        self.within(|| field("work"), appointment.work)?;
        let ends = [appointment.work.start(), appointment.work.end()];
        let split = ends.into_iter().find(|end| end.subsec_nanosecond() != 0);
        if let Some(split) = split {
            return rule(false, || field("work"), split, FULL_SECOND);
        }
        let Some(order) = self.orders.get(&appointment.order) else {
            return rule(false, || field("order"), appointment.order, "one of the orders");
        };
        let distinct: BTreeSet<_> = appointment.assignees.iter().map(|assignee| &assignee.engineer).collect();
        let wanted = if order.engineers == Engineers::Two { 2 } else { 1 };
        let holds = appointment.assignees.len() == wanted && distinct.len() == wanted;
        let count = appointment.assignees.len();
        rule(holds, || field("assignees"), count, "as many different engineers as the order takes")?;
        for Assignee { engineer, trip } in &appointment.assignees {
            let Some(crew) = self.engineers.get(engineer) else {
                return rule(false, || field("assignees"), engineer, "one of the engineers");
            };
            let holds = trip.is_none_or(|trip| trip < crew.trips.len());
            rule(holds, || field("assignees"), format!("{engineer} on trip {trip:?}"), "one of the trips")?;
        }
        Ok(())
    }
}

/// Whether no order waits for itself.
fn no_cycle(orders: &[WorkOrder]) -> Result<(), WorkloadError> {
    let by_id: BTreeMap<VisitId, &WorkOrder> = orders.iter().map(|order| (order.id, order)).collect();
    let (mut done, mut on_way) = (BTreeSet::new(), BTreeSet::new());
    for order in orders {
        // The way from this order on, each with the one of its predecessors that is looked at next.
        let mut way: Vec<(VisitId, usize)> = vec![(order.id, 0)];
        on_way.insert(order.id);
        while let Some((id, next)) = way.last_mut() {
            let after = by_id.get(id).map_or(&[][..], |order| &order.after);
            let Some(first) = after.get(*next).filter(|_| !done.contains(id)) else {
                on_way.remove(id);
                done.insert(*id);
                way.pop();
                continue;
            };
            *next += 1;
            if !on_way.insert(*first) {
                let circle = way.iter().map(|(id, _)| *id).skip_while(|id| id != first);
                return Err(WorkloadError::Cycle(circle.collect()));
            }
            way.push((*first, 0));
        }
    }
    Ok(())
}
