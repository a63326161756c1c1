//! Engineers, and what a repair needs.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use meridian_planner::model::{Depot, Engineer, Line, RemoteFix, RepairTask, RestRule, RightToWork, Skill};
use meridian_proto::coordinator::v1 as told;
use meridian_proto::dispatch::v1 as pb;
use meridian_proto::types::v1 as types;
use meridian_types::{EngineerId, InstrumentModel, Interval, Quantity, RegionId, SiteId, TaskId};

use super::calendar::{minute_of_day, weekday};
use super::spans;
use crate::domain::EngineerClaim;

/// Code of a repair for which the profile names no symptom.
pub const ANY_SYMPTOM: &str = "repair";

/// Engineers whom the plan that asks has tried. A code means somebody else in another region.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tried<'a> {
    /// Visits booked for it: that time is free to it.
    pub(crate) booked: &'a [EngineerClaim],
    /// Who could not come.
    pub(crate) excluded: &'a [(RegionId, EngineerId)],
}

/// What the region's dispatch knows of the world's engineers, as far as a repair is concerned.
#[derive(Debug, Default)]
pub(crate) struct Workforce {
    /// What has to be done; `None` when nobody knows the model.
    pub(crate) task: Option<RepairTask>,
    pub(crate) engineers: Vec<Engineer>,
    /// Engineers who share their code with one of another region: the code by which the planner knows them, and their
    /// own.
    pub(crate) namesakes: BTreeMap<EngineerId, EngineerId>,
    pub(crate) depots: Vec<Depot>,
    /// Engineers who could not, and why.
    pub(crate) refused: Vec<told::RefusedAlternative>,
}

impl Workforce {
    /// Reads what was found for the country of the instrument and for those of the depots. Nobody is paid in another currency than the network's.
    pub(crate) fn read(
        found: &[pb::FindEngineersResponse],
        model: &InstrumentModel,
        tried: Tried<'_>,
        window: Interval,
        currency: &str,
    ) -> Self {
        let task = found.iter().find_map(|answer| repair_task(answer.profile.as_ref()?, model));
        let mut workforce = Self { task, ..Self::default() };
        let mut seen: BTreeSet<(RegionId, EngineerId)> = BTreeSet::new();
        for candidate in found.iter().flat_map(|answer| &answer.candidates) {
            let Some(record) = &candidate.engineer else { continue };
            if !paid_in(record, currency) {
                workforce.refused.push(refused(
                    &record.engineer_id,
                    "CURRENCY_NOT_SUPPORTED",
                    "paid in another currency",
                ));
            } else if let Some(engineer) = engineer(candidate, record, tried.booked, window)
                && let who = (engineer.region.clone(), engineer.id.clone())
                && !tried.excluded.contains(&who)
                && seen.insert(who)
            {
                workforce.add(engineer);
            }
        }
        for refusal in found.first().into_iter().flat_map(|answer| &answer.refusals) {
            let who = refusal.region.parse().ok().zip(refusal.engineer_id.parse().ok());
            let could_elsewhere = who.is_some_and(|who| seen.contains(&who));
            if !could_elsewhere {
                let reason = refusal.reason().as_str_name();
                let reason = reason.trim_start_matches("ENGINEER_REFUSAL_REASON_");
                workforce.refused.push(refused(&refusal.engineer_id, reason, &refusal.witness));
            }
        }
        let records = found.first().map(|answer| answer.depots.as_slice()).unwrap_or_default();
        workforce.depots = records.iter().filter_map(|record| depot(record, &workforce.engineers)).collect();
        workforce
    }

    /// Adds an engineer, under a code that no other has.
    fn add(&mut self, mut engineer: Engineer) {
        let is_taken = |code: &EngineerId| self.engineers.iter().any(|other| other.id == *code);
        if is_taken(&engineer.id) {
            let with_region = format!("{}_{}", engineer.id, engineer.region).parse().ok();
            let Some(code) = with_region.filter(|code| !is_taken(code)) else { return };
            let own = std::mem::replace(&mut engineer.id, code);
            self.namesakes.insert(engineer.id.clone(), own);
        }
        self.engineers.push(engineer);
    }
}

fn refused(engineer_id: &str, reason: &str, witness: &str) -> told::RefusedAlternative {
    told::RefusedAlternative {
        kind: told::SolutionKind::EngineerVisit.into(),
        candidate: format!("engineer {engineer_id}"),
        reason: reason.to_owned(),
        witness: witness.to_owned(),
        ..told::RefusedAlternative::default()
    }
}

pub(super) fn repair_task(profile: &pb::RepairProfile, model: &InstrumentModel) -> Option<RepairTask> {
    let task = if profile.symptom.is_empty() { ANY_SYMPTOM } else { &profile.symptom };
    let line = |part: &pb::RepairPart| {
        Some(Line { item: part.item_id.parse().ok()?, quantity: Quantity::new(part.quantity).ok()? })
    };
    Some(RepairTask {
        task: task.parse::<TaskId>().ok()?,
        model: model.clone(),
        skill: profile.skill_id.parse().ok()?,
        level: profile.level.try_into().ok()?,
        // An engineer is only told free on days on which the certificate is valid.
        certificates: Vec::new(),
        work_minutes: profile.work_minutes.into(),
        parts: profile.parts.iter().map(line).collect::<Option<_>>()?,
        remote: (profile.remote_minutes > 0).then_some(RemoteFix {
            work_minutes: profile.remote_minutes.into(),
            success_probability: profile.remote_success_probability,
        }),
    })
}

fn paid_in(record: &pb::Engineer, currency: &str) -> bool {
    [&record.hourly_cost, &record.overtime_cost, &record.night_cost]
        .into_iter()
        .flatten()
        .all(|cost| cost.currency_code == currency)
}

pub(super) fn engineer(
    candidate: &pb::EngineerCandidate,
    record: &pb::Engineer,
    own: &[EngineerClaim],
    window: Interval,
) -> Option<Engineer> {
    let id: EngineerId = record.engineer_id.parse().ok()?;
    let region: RegionId = record.region.parse().ok()?;
    let booked = || own.iter().filter(|claim| claim.engineer == id && claim.region == region);
    let free = intervals(&candidate.free).into_iter().chain(booked().map(|claim| claim.work));
    let free = spans::union(free.collect());
    let overtime = intervals(&candidate.free_overtime);
    let known = free.iter().chain(&overtime).copied().chain(booked().map(|claim| claim.during));
    let taken = spans::minus(&working_time(record, window, None)?, &spans::union(known.collect()));
    let skill = |skill: &pb::Skill| {
        Some(Skill { skill: skill.skill_id.parse().ok()?, level: skill.level.try_into().ok()? })
    };
    Some(Engineer {
        home: record.home_site_id.parse().ok()?,
        skills: record.skills.iter().filter_map(skill).collect(),
        certificates: Vec::new(),
        free,
        overtime,
        // It costs more, and the engineer still has to say yes.
        overtime_allowed: true,
        // Nights and days off, as far as can be seen from here: what is not working time that something takes. The
        // owner of the calendar has the last word.
        away: spans::minus(&[window], &taken),
        right_to_work: right_to_work(record),
        rest: (record.rest_minutes > 0).then_some(RestRule {
            rest_minutes: record.rest_minutes.into(),
            duty_minutes_max: record.duty_minutes_max.into(),
        }),
        night_cost_minor: record.night_cost.as_ref().map_or(0, |cost| cost.minor),
        cost_minor_per_hour: record.hourly_cost.as_ref().map_or(0, |cost| cost.minor),
        overtime_cost_minor_per_hour: record.overtime_cost.as_ref().map_or(0, |cost| cost.minor),
        region,
        id,
    })
}

/// Where the engineer may work at once, and where after some days.
fn right_to_work(record: &pb::Engineer) -> Vec<RightToWork> {
    let at_once = record.work_countries.iter().map(|country| (country, 0));
    let later = record.work_permits.iter().map(|permit| (&permit.country, permit.lead_working_days));
    let right = |(country, lead_working_days): (&String, i32)| {
        Some(RightToWork { country: country.parse().ok()?, lead_working_days })
    };
    at_once.chain(later).filter_map(right).collect()
}

/// When the engineer would work if nothing came in between: in overtime, in regular time, or in either.
pub(super) fn working_time(
    record: &pb::Engineer,
    window: Interval,
    overtime: Option<bool>,
) -> Option<Vec<Interval>> {
    let zone = TimeZone::get(&record.zone).ok()?;
    let days_off: BTreeSet<Date> = record.days_off.iter().filter_map(|date| date.parse().ok()).collect();
    let first = zone.to_datetime(window.start()).date().yesterday().ok()?;
    let last = zone.to_datetime(window.end()).date();
    let mut shifts = Vec::new();
    for date in first.series(jiff::Span::new().days(1)).take_while(|date| *date <= last) {
        if days_off.contains(&date) {
            continue;
        }
        let today = record.working_hours.iter().filter(|hours| {
            weekday(hours.weekday) == Some(date.weekday())
                && overtime.is_none_or(|overtime| hours.overtime == overtime)
        });
        let shift = today.filter_map(|hours| shift(&zone, date, &hours.from, &hours.until));
        shifts.extend(shift.filter_map(|shift| shift.intersection(window)));
    }
    Some(spans::union(shifts))
}

/// Hours that end before they begin end on the next day.
fn shift(zone: &TimeZone, date: Date, from: &str, until: &str) -> Option<Interval> {
    let (from, until) = (minute_of_day(from)?, minute_of_day(until)?);
    let ends = if until <= from { date.tomorrow().ok()? } else { date };
    let instant = |date: Date, minute: i32| {
        let (date, minute) = if minute == 24 * 60 { (date.tomorrow().ok()?, 0) } else { (date, minute) };
        let time = Time::new((minute / 60).try_into().ok()?, (minute % 60).try_into().ok()?, 0, 0).ok()?;
        zone.to_ambiguous_timestamp(date.to_datetime(time)).compatible().ok()
    };
    Interval::new(instant(date, from)?, instant(ends, until)?).ok()
}

pub(super) fn depot(record: &pb::Depot, engineers: &[Engineer]) -> Option<Depot> {
    let site: SiteId = record.site_id.parse().ok()?;
    let there = engineers.iter().filter(|engineer| engineer.home == site);
    Some(Depot {
        models: record.models.iter().filter_map(|model| model.parse().ok()).collect(),
        engineers: there.map(|engineer| engineer.id.clone()).collect(),
        site,
    })
}

fn intervals(messages: &[types::Interval]) -> Vec<Interval> {
    let bound = |at: Option<prost_types::Timestamp>| {
        let at = at?;
        jiff::Timestamp::new(at.seconds, at.nanos).ok()
    };
    messages.iter().filter_map(|it| Interval::new(bound(it.start)?, bound(it.end)?).ok()).collect()
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::*;

    fn candidate(region: &str) -> pb::EngineerCandidate {
        let record = pb::Engineer {
            engineer_id: "E1".to_owned(),
            region: region.to_owned(),
            home_site_id: "HOME".to_owned(),
            zone: "UTC".to_owned(),
            ..pb::Engineer::default()
        };
        pb::EngineerCandidate { engineer: Some(record), ..pb::EngineerCandidate::default() }
    }

    /// Regions and codes of two engineers E1, as the planner gets to know them. A third one could not come.
    fn known(tried: Tried<'_>) -> Vec<(String, String)> {
        let refusal = pb::EngineerRefusal {
            engineer_id: "E1".to_owned(),
            region: "africa".to_owned(),
            ..pb::EngineerRefusal::default()
        };
        let found = pb::FindEngineersResponse {
            candidates: vec![candidate("eu"), candidate("us"), candidate("eu")],
            refusals: vec![refusal],
            ..pb::FindEngineersResponse::default()
        };
        let start = Timestamp::UNIX_EPOCH;
        let window = Interval::new(start, start + SignedDuration::from_hours(24)).unwrap();
        let workforce = Workforce::read(&[found], &"SPECTRO".parse().unwrap(), tried, window, "EUR");
        assert_eq!(workforce.refused.len(), 1, "a namesake who can come is somebody else");
        let known = workforce.engineers.iter().map(|engineer| {
            let own = workforce.namesakes.get(&engineer.id).unwrap_or(&engineer.id);
            assert_eq!(own.as_str(), "E1");
            (engineer.region.to_string(), engineer.id.to_string())
        });
        known.collect()
    }

    #[test]
    fn engineers_of_two_regions_may_share_a_code() {
        let words = |region: &str, code: &str| (region.to_owned(), code.to_owned());
        assert_eq!(known(Tried::default()), [words("eu", "E1"), words("us", "E1_us")]);
        let ill = ("eu".parse().unwrap(), "E1".parse().unwrap());
        assert_eq!(known(Tried { excluded: &[ill], ..Tried::default() }), [words("us", "E1")]);
    }
}
