//! Engineers as messages.

use std::ops::RangeInclusive;

use jiff::civil::{Date, Weekday};
use meridian_chassis::{decode, encode};
use meridian_proto::dispatch::v1 as pb;
use meridian_scheduler::workforce::{Calendar, Engineer, Level, MinuteOfDay, Rest, Skill, WorkingHours};
use meridian_types::{CountryCode, Money, RegionId, Rule, Violations};

use super::list;
use super::order::{encode_position, position_if_set};
use crate::domain::technician::Technician;

const SKILLS_MAX: usize = 200;
const WORKING_HOURS_MAX: usize = 100;
const DAYS_OFF_MAX: usize = 2000;
const COUNTRIES_MAX: usize = 250;
/// In minor units, per hour or night.
const COST_MAX: i64 = 1_000_000_000;
/// More than anybody waits for.
const LEAD_WORKING_DAYS_MAX: i32 = 250;
/// Two days.
const REST_MINUTES_MAX: i32 = 2 * 24 * 60;
const EFFICIENCIES: RangeInclusive<i32> = 10..=1000;
const EFFICIENCY_USUAL: i32 = 100;

/// The engineer of `region` that the message describes.
pub(crate) fn decode(
    violations: &mut Violations,
    field: &str,
    message: pb::Engineer,
    region: &RegionId,
) -> Option<Technician> {
    let v = violations;
    let id = decode::parsed(v, &format!("{field}.engineer_id"), &message.engineer_id);
    let region = owner(v, &format!("{field}.region"), &message.region, region);
    let home_site = decode::parsed(v, &format!("{field}.home_site_id"), &message.home_site_id);
    let country = decode::parsed(v, &format!("{field}.country"), &message.country);
    let skills = list(v, &format!("{field}.skills"), message.skills, SKILLS_MAX, skill);
    let countries = message.work_countries;
    let work_countries =
        list(v, &format!("{field}.work_countries"), countries, COUNTRIES_MAX, |v, field, text| {
            decode::parsed(v, field, &text)
        });
    let hourly_cost = cost(v, &format!("{field}.hourly_cost"), message.hourly_cost);
    let overtime_cost = cost(v, &format!("{field}.overtime_cost"), message.overtime_cost);
    let night_cost = match message.night_cost {
        None => Some(None),
        night_cost => cost(v, &format!("{field}.night_cost"), night_cost).map(Some),
    };
    for (name, other) in [("overtime_cost", overtime_cost), ("night_cost", night_cost.flatten())] {
        if let Some((hourly, other)) = hourly_cost.zip(other)
            && hourly.currency_code() != other.currency_code()
        {
            let rule = format!("the currency of hourly_cost, {}", hourly.currency_code());
            v.add(format!("{field}.{name}.currency_code"), other.currency_code(), rule);
        }
    }
    let permits = list(v, &format!("{field}.work_permits"), message.work_permits, COUNTRIES_MAX, permit);
    let rest = rest(v, field, message.rest_minutes, message.duty_minutes_max);
    let hours = message.working_hours;
    let calendar = calendar(v, field, &message.zone, hours, message.days_off);
    let home = position_if_set(v, &format!("{field}.home_position"), message.home_position);
    let efficiency_percent =
        efficiency(v, &format!("{field}.efficiency_percent"), message.efficiency_percent);
    let engineer = Engineer {
        id: id?,
        region: region?,
        home_site: home_site?,
        calendar: calendar?,
        country: country?,
        skills: skills?,
        work_countries: work_countries?.into_iter().collect(),
        work_permits: permits?.into_iter().collect(),
        rest: rest?,
        hourly_cost: hourly_cost?,
        overtime_cost: overtime_cost?,
        night_cost: night_cost?,
    };
    Some(Technician { engineer, home: home?, efficiency_percent: efficiency_percent? })
}

fn efficiency(v: &mut Violations, field: &str, percent: i32) -> Option<i32> {
    if percent == 0 {
        return Some(EFFICIENCY_USUAL);
    }
    decode::within(v, field, percent, EFFICIENCIES)
}

/// The region of a record, which must be the one that speaks.
pub(crate) fn owner(v: &mut Violations, field: &str, text: &str, region: &RegionId) -> Option<RegionId> {
    let owner = (text == region.as_str()).then(|| region.clone());
    v.check(
        field,
        text,
        owner.ok_or_else(|| Rule::from(format!("{region}, the region that owns the record"))),
    )
}

fn calendar(
    v: &mut Violations,
    field: &str,
    zone: &str,
    hours: Vec<pb::WorkingHours>,
    days_off: Vec<String>,
) -> Option<Calendar> {
    let zone = decode::parsed(v, &format!("{field}.zone"), zone);
    let hours = list(v, &format!("{field}.working_hours"), hours, WORKING_HOURS_MAX, working_hours);
    let days_off =
        list(v, &format!("{field}.days_off"), days_off, DAYS_OFF_MAX, |v, field, text| date(v, field, &text));
    Some(Calendar { zone: zone?, hours: hours?, days_off: days_off?.into_iter().collect() })
}

fn working_hours(v: &mut Violations, field: &str, message: pb::WorkingHours) -> Option<WorkingHours> {
    let weekday = decode::within(v, &format!("{field}.weekday"), message.weekday, 1..=7);
    let from = decode::parsed::<MinuteOfDay>(v, &format!("{field}.from"), &message.from);
    let until = decode::parsed::<MinuteOfDay>(v, &format!("{field}.until"), &message.until);
    if from == Some(MinuteOfDay::END_OF_DAY) {
        v.add(format!("{field}.from"), &message.from, "at most 23:59");
    }
    if from.is_some() && from == until {
        v.add(
            format!("{field}.until"),
            &message.until,
            "another time than from; an earlier one is on the next day",
        );
    }
    let weekday = weekday.and_then(|day| Weekday::from_monday_one_offset(i8::try_from(day).ok()?).ok());
    Some(WorkingHours { weekday: weekday?, from: from?, until: until?, overtime: message.overtime })
}

fn skill(v: &mut Violations, field: &str, message: pb::Skill) -> Option<Skill> {
    let id = decode::parsed(v, &format!("{field}.skill_id"), &message.skill_id);
    let level = v.check(format!("{field}.level"), message.level, Level::new(message.level));
    let valid_from = date_if_set(v, &format!("{field}.valid_from"), &message.valid_from);
    let valid_until = date_if_set(v, &format!("{field}.valid_until"), &message.valid_until);
    if let (Some(Some(from)), Some(Some(until))) = (valid_from, valid_until)
        && until < from
    {
        v.add(format!("{field}.valid_until"), until, format!("not before valid_from, {from}"));
    }
    Some(Skill { id: id?, level: level?, valid_from: valid_from?, valid_until: valid_until? })
}

fn permit(v: &mut Violations, field: &str, message: pb::WorkPermit) -> Option<(CountryCode, i32)> {
    let country = decode::parsed(v, &format!("{field}.country"), &message.country);
    let days = message.lead_working_days;
    let days = decode::within(v, &format!("{field}.lead_working_days"), days, 0..=LEAD_WORKING_DAYS_MAX);
    country.zip(days)
}

/// Both figures, or neither.
fn rest(v: &mut Violations, field: &str, rest_minutes: i32, duty_minutes_max: i32) -> Option<Option<Rest>> {
    if rest_minutes == 0 && duty_minutes_max == 0 {
        return Some(None);
    }
    let figures = 1..=REST_MINUTES_MAX;
    let rest_minutes = decode::within(v, &format!("{field}.rest_minutes"), rest_minutes, figures.clone());
    let duty_minutes_max = decode::within(v, &format!("{field}.duty_minutes_max"), duty_minutes_max, figures);
    Some(Some(Rest { rest_minutes: rest_minutes?, duty_minutes_max: duty_minutes_max? }))
}

fn cost(v: &mut Violations, field: &str, message: Option<meridian_proto::types::v1::Money>) -> Option<Money> {
    let cost = decode::money(v, field, message)?;
    decode::within(v, &format!("{field}.minor"), cost.minor(), 0..=COST_MAX).map(|_| cost)
}

fn date(v: &mut Violations, field: &str, text: &str) -> Option<Date> {
    let date = text.parse::<Date>().ok().filter(|date| date.to_string() == text);
    v.check(field, text, date.ok_or(Rule::new("an ISO 8601 date such as 2026-11-23")))
}

/// Empty text is no date, and valid.
fn date_if_set(v: &mut Violations, field: &str, text: &str) -> Option<Option<Date>> {
    if text.is_empty() { Some(None) } else { date(v, field, text).map(Some) }
}

pub(crate) fn encode(technician: &Technician) -> pb::Engineer {
    let Technician { engineer, home, efficiency_percent } = technician;
    let calendar = &engineer.calendar;
    pb::Engineer {
        engineer_id: engineer.id.to_string(),
        region: engineer.region.to_string(),
        home_site_id: engineer.home_site.to_string(),
        zone: calendar.zone.to_string(),
        country: engineer.country.to_string(),
        skills: engineer.skills.iter().map(encode_skill).collect(),
        working_hours: calendar.hours.iter().map(encode_hours).collect(),
        days_off: calendar.days_off.iter().map(ToString::to_string).collect(),
        work_countries: engineer.work_countries.iter().map(ToString::to_string).collect(),
        hourly_cost: Some(encode::money(engineer.hourly_cost)),
        overtime_cost: Some(encode::money(engineer.overtime_cost)),
        rest_minutes: engineer.rest.map_or(0, |rest| rest.rest_minutes),
        duty_minutes_max: engineer.rest.map_or(0, |rest| rest.duty_minutes_max),
        night_cost: engineer.night_cost.map(encode::money),
        work_permits: engineer.work_permits.iter().map(encode_permit).collect(),
        // What is usual is not said, so that records stay as they were stored before it could be.
        efficiency_percent: if *efficiency_percent == EFFICIENCY_USUAL { 0 } else { *efficiency_percent },
        home_position: home.map(encode_position),
    }
}

fn encode_permit((country, lead_working_days): (&CountryCode, &i32)) -> pb::WorkPermit {
    pb::WorkPermit { country: country.to_string(), lead_working_days: *lead_working_days }
}

fn encode_skill(skill: &Skill) -> pb::Skill {
    let day = |date: Option<Date>| date.map(|date| date.to_string()).unwrap_or_default();
    pb::Skill {
        skill_id: skill.id.to_string(),
        level: skill.level.number().into(),
        valid_from: day(skill.valid_from),
        valid_until: day(skill.valid_until),
    }
}

fn encode_hours(hours: &WorkingHours) -> pb::WorkingHours {
    pb::WorkingHours {
        weekday: hours.weekday.to_monday_one_offset().into(),
        from: hours.from.to_string(),
        until: hours.until.to_string(),
        overtime: hours.overtime,
    }
}
