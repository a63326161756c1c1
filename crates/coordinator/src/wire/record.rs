//! Records of the network: every rule that a single record must keep, by field.

mod lane;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use meridian_chassis::decode;
use meridian_proto::coordinator::v1 as pb;
use meridian_types::{
    AreaCode, CalendarId, CountryCode, CustomerId, CustomsRuleId, EndUse, ExportClass, GateId, RegionId,
    Rule, SiteId, TerritoryId, Violations,
};

use crate::operations::put_network::NetworkRecords;
use crate::world::calendar::{minute_of_day, weekday};

/// Records of one kind in one request.
const RECORDS_MAX: usize = 5000;
const NAME_CHARS_MAX: usize = 200;
/// 60 days of 24 hours.
const CLEARANCE_MINUTES_MAX: i32 = 86_400;
const HANDLING_MINUTES_MAX: i32 = 14 * 24 * 60;
const LICENCE_DAYS_MAX: i32 = 365;

/// The records of a request, complete with their region.
pub(crate) fn network(v: &mut Violations, request: pb::PutNetworkRequest, own: &RegionId) -> NetworkRecords {
    let pb::PutNetworkRequest { sites, calendars, public_calendars, lanes, customs_rules, gates, .. } =
        request;
    macro_rules! owned {
        ($($records:ident, $field:literal, $id:ident, $check:path;)+) => {
            NetworkRecords { $($records: {
                if $records.len() > RECORDS_MAX {
                    v.add($field, $records.len(), format!("at most {RECORDS_MAX} records"));
                }
                let mut seen = std::collections::BTreeSet::new();
                let mut owned = Vec::with_capacity($records.len());
                for (index, mut record) in $records.into_iter().enumerate() {
                    let field = format!("{}[{index}]", $field);
                    region(v, &field, &mut record.region, own);
                    if !seen.insert(record.$id.clone()) {
                        v.add(format!("{field}.{}", stringify!($id)), &record.$id, "only once in a request");
                    }
                    $check(v, &field, &record);
                    owned.push(record);
                }
                owned
            }),+ }
        };
    }
    owned! {
        sites, "sites", site_id, site;
        calendars, "calendars", calendar_id, calendar;
        public_calendars, "public_calendars", area, public_calendar;
        lanes, "lanes", lane_id, lane::lane;
        customs_rules, "customs_rules", customs_rule_id, customs_rule;
        gates, "gates", gate_id, gate;
    }
}

/// A record is this region's, whether it says so or not.
fn region(v: &mut Violations, field: &str, region: &mut String, own: &RegionId) {
    if region.is_empty() {
        own.as_str().clone_into(region);
    } else if region != own.as_str() {
        v.add(format!("{field}.region"), region, format!("{own}, the region that is asked, or empty"));
    }
}

fn site(v: &mut Violations, field: &str, site: &pb::Site) {
    decode::parsed::<SiteId>(v, &format!("{field}.site_id"), &site.site_id);
    decode::text(v, &format!("{field}.name"), &site.name, 1..=NAME_CHARS_MAX);
    if pb::SiteKind::try_from(site.kind).unwrap_or_default() == pb::SiteKind::Unspecified {
        v.add(format!("{field}.kind"), site.kind, "a kind of site");
    }
    let country = decode::parsed::<CountryCode>(v, &format!("{field}.country"), &site.country);
    if let Some(country) = country.filter(|_| !site.subdivision.is_empty()) {
        let area = AreaCode::part_of(&country, &site.subdivision);
        v.check(format!("{field}.subdivision"), &site.subdivision, area);
    }
    decode::parsed_if_set::<TerritoryId>(v, &format!("{field}.customs_territory"), &site.customs_territory);
    zone(v, &format!("{field}.zone"), &site.zone);
    decode::within(v, &format!("{field}.latitude"), site.latitude, -90.0..=90.0);
    decode::within(v, &format!("{field}.longitude"), site.longitude, -180.0..=180.0);
    decode::parsed_if_set::<CalendarId>(v, &format!("{field}.calendar_id"), &site.calendar_id);
    let handling = format!("{field}.handling_minutes");
    decode::within(v, &handling, site.handling_minutes, 0..=HANDLING_MINUTES_MAX);
    let notice = format!("{field}.visit_notice_minutes");
    decode::within(v, &notice, site.visit_notice_minutes, 0..=HANDLING_MINUTES_MAX);
    decode::parsed_if_set::<CustomerId>(v, &format!("{field}.customer_id"), &site.customer_id);
}

fn zone(v: &mut Violations, field: &str, zone: &str) {
    if zone.is_empty() || TimeZone::get(zone).is_err() {
        v.add(field, zone, "an IANA time zone such as Europe/Berlin");
    }
}

fn calendar(v: &mut Violations, field: &str, calendar: &pb::Calendar) {
    decode::parsed::<CalendarId>(v, &format!("{field}.calendar_id"), &calendar.calendar_id);
    let mut spans: Vec<(i32, i32, i32)> = Vec::new();
    for (index, hours) in calendar.hours.iter().enumerate() {
        let field = format!("{field}.hours[{index}]");
        if weekday(hours.weekday).is_none() {
            v.add(format!("{field}.weekday"), hours.weekday, "1 (Monday) to 7 (Sunday)");
        }
        open_hours(v, &field, hours, (hours.weekday, &mut spans));
    }
    let mut dates = std::collections::BTreeSet::new();
    for (index, exception) in calendar.exceptions.iter().enumerate() {
        let field = format!("{field}.exceptions[{index}]");
        if date(v, &format!("{field}.date"), &exception.date).is_some_and(|date| !dates.insert(date)) {
            v.add(format!("{field}.date"), &exception.date, "only once in a calendar");
        }
        let mut spans = Vec::new();
        for (index, hours) in exception.hours.iter().enumerate() {
            open_hours(v, &format!("{field}.hours[{index}]"), hours, (0, &mut spans));
        }
    }
}

fn public_calendar(v: &mut Violations, field: &str, calendar: &pb::PublicCalendar) {
    decode::parsed::<AreaCode>(v, &format!("{field}.area"), &calendar.area);
    let mut days = std::collections::BTreeSet::new();
    for (index, day) in calendar.weekend.iter().enumerate() {
        if weekday(*day).is_none() || !days.insert(*day) {
            v.add(format!("{field}.weekend[{index}]"), day, "1 (Monday) to 7 (Sunday), each once");
        }
    }
    if days.len() == 7 {
        v.add(format!("{field}.weekend"), "all seven days", "leaves at least one working day in the week");
    }
    let mut dates = std::collections::BTreeSet::new();
    for (index, holiday) in calendar.holidays.iter().enumerate() {
        let field = format!("{field}.holidays[{index}]");
        if date(v, &format!("{field}.date"), &holiday.date).is_some_and(|date| !dates.insert(date)) {
            v.add(format!("{field}.date"), &holiday.date, "only once in a public calendar");
        }
        decode::text(v, &format!("{field}.name"), &holiday.name, 0..=NAME_CHARS_MAX);
    }
}

/// Open hours of one day that overlap no others of it.
fn open_hours(
    v: &mut Violations,
    field: &str,
    hours: &pb::OpenHours,
    (day, spans): (i32, &mut Vec<(i32, i32, i32)>),
) {
    let from = wall_time(v, &format!("{field}.from"), &hours.from);
    let until = wall_time(v, &format!("{field}.until"), &hours.until);
    let Some((from, until)) = from.zip(until) else { return };
    if from >= until {
        v.add(format!("{field}.until"), &hours.until, format!("later than {}", hours.from));
    }
    if spans.iter().any(|(other, start, end)| *other == day && from < *end && *start < until) {
        v.add(field, format!("{}-{}", hours.from, hours.until), "hours of one day do not overlap");
    }
    spans.push((day, from, until));
}

fn wall_time(v: &mut Violations, field: &str, text: &str) -> Option<i32> {
    v.check(field, text, minute_of_day(text).ok_or(Rule::new("a wall time such as 08:30")))
}

fn date(v: &mut Violations, field: &str, text: &str) -> Option<Date> {
    v.check(field, text, text.parse().map_err(|_| Rule::new("an ISO date such as 2026-12-24")))
}

fn customs_rule(v: &mut Violations, field: &str, rule: &pb::CustomsRule) {
    decode::parsed::<CustomsRuleId>(v, &format!("{field}.customs_rule_id"), &rule.customs_rule_id);
    decode::parsed_if_set::<TerritoryId>(v, &format!("{field}.from_territory"), &rule.from_territory);
    decode::parsed::<TerritoryId>(v, &format!("{field}.into_territory"), &rule.into_territory);
    if rule.from_territory == rule.into_territory {
        let field = format!("{field}.into_territory");
        v.add(field, &rule.into_territory, "another territory than the one goods come from");
    }
    let minutes = format!("{field}.clearance_minutes");
    decode::within(v, &minutes, rule.clearance_minutes, 0..=CLEARANCE_MINUTES_MAX);
    decode::parsed_if_set::<CalendarId>(v, &format!("{field}.calendar_id"), &rule.calendar_id);
    for (index, document) in rule.documents.iter().enumerate() {
        decode::text(v, &format!("{field}.documents[{index}]"), document, 1..=NAME_CHARS_MAX);
    }
}

fn gate(v: &mut Violations, field: &str, gate: &pb::Gate) {
    decode::parsed::<GateId>(v, &format!("{field}.gate_id"), &gate.gate_id);
    decode::parsed::<ExportClass>(v, &format!("{field}.export_class"), &gate.export_class);
    decode::parsed_if_set::<TerritoryId>(v, &format!("{field}.from_territory"), &gate.from_territory);
    decode::parsed_if_set::<TerritoryId>(v, &format!("{field}.into_territory"), &gate.into_territory);
    if pb::GateEffect::try_from(gate.effect).unwrap_or_default() == pb::GateEffect::Unspecified {
        v.add(format!("{field}.effect"), gate.effect, "open, licence or closed");
    }
    decode::parsed_if_set::<EndUse>(v, &format!("{field}.end_use"), &gate.end_use);
    let days = format!("{field}.licence_working_days");
    decode::within(v, &days, gate.licence_working_days, 0..=LICENCE_DAYS_MAX);
}
