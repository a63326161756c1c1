//! Who may do what in which shift, and how long it takes them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use meridian_types::{CountryCode, EngineerId, Interval, SkillId, usual_weekend};

use super::standing::Standing;
use super::{Compiled, UNITS_PER_MINOR};
use crate::instance::{Allowed, Fit};
use crate::workforce::{Engineer, Level, SkillNeeded, Spans, Unskilled, certified_time};
use crate::workload::explain::Obstacle;
use crate::workload::model::{Crew, Engineers, WorkOrder, Workload};

/// Why an engineer may not do an order in a stretch of time at all, if so.
pub(in crate::workload) fn obstacle(
    workload: &Workload,
    engineer: &Engineer,
    (order, country): (&WorkOrder, &CountryCode),
    during: Interval,
) -> Option<Obstacle> {
    if order.excluded.contains(&engineer.id) {
        return Some(Obstacle::Excluded);
    }
    let uncertified = order.skills.iter().find_map(|needed| uncertified(engineer, needed, during));
    uncertified.or_else(|| no_right(workload, engineer, country, during))
}

/// What is wrong with a skill on some day of the time.
fn uncertified(engineer: &Engineer, needed: &SkillNeeded, during: Interval) -> Option<Obstacle> {
    let zone = &engineer.calendar.zone;
    let unskilled = match certified_time(&engineer.skills, needed, zone, during) {
        Err(unskilled) => unskilled,
        Ok(certified) => {
            let whole: Spans = [during].into_iter().collect();
            let gap = whole.minus(&certified).iter().next()?;
            certified_time(&engineer.skills, needed, zone, gap).err()?
        }
    };
    let skill = needed.id.clone();
    Some(match unskilled {
        Unskilled::Missing(skill) => Obstacle::SkillMissing(skill),
        Unskilled::LevelTooLow(level) => Obstacle::LevelTooLow { skill, level },
        Unskilled::NotCertified { valid_from, valid_until } => {
            Obstacle::NotCertified { skill, valid_from, valid_until }
        }
    })
}

fn no_right(
    workload: &Workload,
    engineer: &Engineer,
    country: &CountryCode,
    during: Interval,
) -> Option<Obstacle> {
    if engineer.country == *country || engineer.work_countries.contains(country) {
        return None;
    }
    let zone = &engineer.calendar.zone;
    let Some(days) = engineer.work_permits.get(country) else {
        return Some(Obstacle::NoRightToWork(country.clone()));
    };
    let from = permitted_from(zone.date(workload.frozen_until), country, *days);
    let late = from.is_none_or(|from| zone.date(during.start()) < from);
    late.then(|| Obstacle::NoPermitYet { country: country.clone(), from })
}

/// The day so many working days of a country after another; none beyond the calendar.
fn permitted_from(asked_on: Date, country: &CountryCode, working_days: i32) -> Option<Date> {
    let weekend = usual_weekend(country);
    let mut date = asked_on;
    for _ in 0..working_days {
        date = date.tomorrow().ok()?;
        while weekend.contains(&date.weekday()) {
            date = date.tomorrow().ok()?;
        }
    }
    Some(date)
}

/// What decides who may do an order.
type Need<'w> = (Vec<(&'w SkillId, Level)>, &'w CountryCode, &'w BTreeSet<EngineerId>);

/// Works fits out; what orders need alike only once.
pub(super) struct Table<'w> {
    known: BTreeMap<Need<'w>, Vec<bool>>,
}

impl<'w> Table<'w> {
    pub(super) const fn new() -> Self {
        Self { known: BTreeMap::new() }
    }

    /// By shift, how an order is done that can be moved.
    pub(super) fn fits(&mut self, compiled: &Compiled<'w>, index: usize, order: &'w WorkOrder) -> Vec<Fit> {
        let workload = compiled.workload;
        let country = &compiled.places.sites[compiled.places.number(&order.site) as usize].country;
        let skills = order.skills.iter().map(|needed| (&needed.id, needed.level)).collect();
        let may = self.known.entry((skills, country, &order.excluded)).or_insert_with(|| {
            let may = |shift: &super::ShiftOf| {
                let engineer = &workload.engineers[shift.crew].engineer;
                obstacle(workload, engineer, (order, country), shift.during).is_none()
            };
            compiled.shifts.iter().map(may).collect()
        });
        let published = compiled.standings[index].published();
        let fit = |(shift, may): (&super::ShiftOf, &bool)| {
            let crew = &workload.engineers[shift.crew];
            let as_before = published.is_none_or(|published| {
                published.assignees.iter().any(|assignee| assignee.engineer == crew.engineer.id)
            });
            let charge = if as_before { 0 } else { workload.charges.engineer.minor() };
            Fit {
                allowed: if *may { allowed(order) } else { Allowed::Never },
                duration_s: work_minutes(order, crew) * 60,
                charge: charge * UNITS_PER_MINOR,
            }
        };
        compiled.shifts.iter().zip(may.iter()).map(fit).collect()
    }
}

/// By shift, how an order is done that stays in one.
pub(super) fn kept_in(compiled: &Compiled<'_>, (index, part): (usize, usize), order: &WorkOrder) -> Vec<Fit> {
    let never = Fit { allowed: Allowed::Never, duration_s: 0, charge: 0 };
    let mut fits = vec![never; compiled.shifts.len()];
    let Standing::Kept(kept) = compiled.standings[index] else { return fits };
    if let Some(shift) = compiled.shift_of(&kept.assignees[part], kept) {
        let begun = kept.work.start() < compiled.workload.frozen_until;
        fits[shift as usize] = Fit {
            // Whoever has set out has everything.
            allowed: if begun { Allowed::Aboard } else { allowed(order) },
            duration_s: compiled.clock.floor_s(kept.work.end()) - compiled.clock.ceil_s(kept.work.start()),
            charge: 0,
        };
    }
    fits
}

const fn allowed(order: &WorkOrder) -> Allowed {
    if order.needs_pickup { Allowed::AfterPickup } else { Allowed::Aboard }
}

/// How long an order takes somebody, begun minutes included.
pub(super) fn work_minutes(order: &WorkOrder, crew: &Crew) -> i32 {
    let efficiency = crew.efficiency_percent;
    match order.engineers {
        Engineers::Two => order.work_minutes,
        Engineers::One => (order.work_minutes * 100 + efficiency - 1) / efficiency,
    }
}
