//! Why somebody does not do an order, or what it would cost.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use meridian_types::{CountryCode, EngineerId, Interval, Money, SkillId, VisitId};

use super::compile::{Compiled, Standing, obstacle};
use super::costs::money;
use super::error::WorkloadError;
use super::model::{Crew, Engineers, WorkOrder, Workload};
use super::plan::Plan;
use super::recommend::Slot;
use super::remedy::overtime_needed;
use super::trial::{Trial, order_of, waits_for};
use super::validate::validate;
use crate::instance::Allowed;
use crate::workforce::{Level, Spans};

/// What would come of somebody doing an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Explanation {
    /// They do it as planned.
    Does,
    /// They could while all else stays as it is planned.
    Could {
        /// The cheapest way.
        slot: Box<Slot>,
        /// How much more that costs than now: than as it is planned, than what its party asks for, or than leaving it out
        /// without the cost of that.
        more: Money,
    },
    /// They can't.
    Cannot(Obstacle),
}

/// Why somebody can't do an order: the first rule in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    /// The customer does not want them.
    Excluded,
    /// They don't have the skill.
    SkillMissing(SkillId),
    /// They have it at this level only.
    LevelTooLow {
        /// Which.
        skill: SkillId,
        /// Their best.
        level: Level,
    },
    /// They have it, certified on other days than those of the shift.
    NotCertified {
        /// Which.
        skill: SkillId,
        /// First day of the nearest certificate that begins too late.
        valid_from: Option<Date>,
        /// Last day of the last certificate that ended too early.
        valid_until: Option<Date>,
    },
    /// They may not work in the country.
    NoRightToWork(CountryCode),
    /// They may only once their permit is there.
    NoPermitYet {
        /// In which country.
        country: CountryCode,
        /// The first day on which they may. None: beyond the calendar.
        from: Option<Date>,
    },
    /// What was agreed stays as it is: it is pinned or frozen.
    Stays,
    /// An order that comes before it is not planned.
    Waits(VisitId),
    /// They are absent in all of their working time when it can be done, until then.
    Absent(Timestamp),
    /// They are on other visits, not part of the workload, in all of it, until then.
    Busy(Timestamp),
    /// They don't work when it can be done.
    NoWorkingTime,
    /// Next to what they do already, so many minutes of working time are missing on that day for the work and the ways.
    Short {
        /// How many; up to 240.
        minutes: i32,
        /// On which day, by their clocks.
        on: Date,
    },
    /// There is no room next to what they do already, even with 240 minutes more on any day.
    NoRoom,
}

/// What would come of an engineer doing an order, alone or with the best other one, while all else stays as planned.
///
/// # Errors
/// The first rule that the workload breaks, or the order or engineer that it does not know.
pub fn explain(
    workload: &Workload,
    plan: &Plan,
    order: VisitId,
    engineer: &EngineerId,
) -> Result<Explanation, WorkloadError> {
    validate(workload)?;
    let record = order_of(workload, order)?;
    let crew = workload.engineers.iter().find(|crew| crew.engineer.id == *engineer);
    let crew = crew.ok_or_else(|| WorkloadError::Field {
        field: "engineer".into(),
        value: engineer.to_string(),
        rule: "one of the engineers",
    })?;
    let has = |visit: &super::plan::PlannedVisit| {
        visit.stints.iter().any(|stint| stint.assignee.engineer == *engineer)
    };
    if plan.visit(order).is_some_and(has) {
        return Ok(Explanation::Does);
    }
    if let Some(first) = waits_for(plan, record) {
        return Ok(Explanation::Cannot(Obstacle::Waits(first)));
    }
    let who = BTreeSet::from([engineer.clone()]);
    let mut crews = who.clone();
    if record.engineers == Engineers::Two {
        crews.extend(workload.engineers.iter().map(|crew| crew.engineer.id.clone()));
    }
    let trial = Trial::new(workload, plan, record, &crews);
    let compiled = trial.compiled()?;
    if matches!(compiled.standings[compiled.orders[&order]], Standing::Kept(_)) {
        return Ok(Explanation::Cannot(Obstacle::Stays));
    }
    let Some(slot) = trial.slots(&who, 1)?.into_iter().next() else {
        return Ok(Explanation::Cannot(why_not(&trial, &compiled, (record, crew))?));
    };
    let now = match trial.costs_now()? {
        Some(now) => money(&compiled, now.total()).minor(),
        None => record.outsource.map_or(0, Money::minor),
    };
    let more = slot.extra.total.minor() - now;
    let more = Money::new(slot.extra.total.currency_code(), more).unwrap_or(slot.extra.total);
    Ok(Explanation::Could { slot: Box::new(slot), more })
}

/// The first rule that is in the way of somebody who could not.
fn why_not(
    trial: &Trial,
    compiled: &Compiled<'_>,
    (order, crew): (&WorkOrder, &Crew),
) -> Result<Obstacle, WorkloadError> {
    let workload = trial.workload();
    let index = compiled.orders[&order.id];
    let country = &compiled.places.sites[compiled.places.number(&order.site) as usize].country;
    let forbids = |during: Interval| obstacle(workload, &crew.engineer, (order, country), during);
    // What holds on any day.
    if let Some(found) = forbids(workload.horizon)
        && !matches!(found, Obstacle::NotCertified { .. } | Obstacle::NoPermitYet { .. })
    {
        return Ok(found);
    }
    let visit = compiled.first_visit[index];
    let windows = &compiled.instance.visits[visit as usize].windows;
    let works = |shift: &u32| {
        let (begin_s, end_s) = compiled.instance.shifts[*shift as usize].window_s;
        windows.iter().any(|window| begin_s <= window.close_s && window.open_s < end_s)
    };
    let of_crew = |shift: &u32| {
        let crew_of = &workload.engineers[compiled.shifts[*shift as usize].crew];
        crew_of.engineer.id == crew.engineer.id
    };
    let shifts = 0..u32::try_from(compiled.shifts.len()).unwrap_or(u32::MAX);
    let own: Vec<u32> = shifts.filter(of_crew).filter(works).collect();
    let Some(first) = own.first() else { return Ok(not_there(compiled, (index, crew))) };
    let may = |shift: &u32| compiled.instance.fit(visit, *shift).allowed != Allowed::Never;
    if !own.iter().any(may)
        && let Some(found) = forbids(compiled.shifts[*first as usize].during)
    {
        return Ok(found);
    }
    let short = overtime_needed(trial, (order, crew))?;
    Ok(short.map_or(Obstacle::NoRoom, |during| {
        let minutes = i32::try_from(during.duration().as_mins()).unwrap_or(i32::MAX);
        Obstacle::Short { minutes, on: crew.engineer.calendar.zone.date(during.start()) }
    }))
}

/// Why there is no shift in which it could be done.
fn not_there(compiled: &Compiled<'_>, (index, crew): (usize, &Crew)) -> Obstacle {
    let (clock, visit) = (compiled.clock, compiled.first_visit[index]);
    let windows = compiled.instance.visits[visit as usize].windows.iter();
    let times: Spans = windows
        .filter_map(|window| Interval::new(clock.at(window.open_s), clock.at(window.end_s)).ok())
        .collect();
    let horizon = compiled.workload.horizon;
    let working =
        crew.engineer.calendar.working_time(horizon).all().union(&crew.overtime).intersection(&times);
    let last = |spans: &Spans| working.intersection(spans).iter().last();
    let until =
        |spans: &Spans, last: Interval| spans.overlapping(last).last().map_or(last.end(), |span| span.end());
    if let Some(found) = last(&crew.taken.absent) {
        return Obstacle::Absent(until(&crew.taken.absent, found));
    }
    match last(&crew.taken.busy) {
        Some(found) => Obstacle::Busy(until(&crew.taken.busy, found)),
        None => Obstacle::NoWorkingTime,
    }
}
