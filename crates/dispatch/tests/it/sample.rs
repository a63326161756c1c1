//! Messages of the tests.

use jiff::Timestamp;
use meridian_chassis::encode;
use meridian_proto::dispatch::v1 as pb;
use meridian_proto::types::v1 as types;

use crate::harness::{case_id, request_id, visit_id};

/// A week from Monday 2026-11-23 on.
pub(crate) const WEEK: &str = "2026-11-22T22:00Z/2026-11-29T22:00Z";

/// From "start/end".
pub(crate) fn interval(text: &str) -> types::Interval {
    let (start, end) = text.split_once('/').unwrap();
    let at = |text: &str| Some(encode::timestamp(text.parse::<Timestamp>().unwrap()));
    types::Interval { start: at(start), end: at(end) }
}

/// As "start/end", to the minute.
pub(crate) fn shown(interval: Option<&types::Interval>) -> String {
    let interval = interval.unwrap();
    let at = |at: Option<prost_types::Timestamp>| {
        let instant = Timestamp::from_second(at.unwrap().seconds).unwrap();
        instant.strftime("%Y-%m-%dT%H:%MZ").to_string()
    };
    format!("{}/{}", at(interval.start), at(interval.end))
}

pub(crate) fn money(minor: i64) -> Option<types::Money> {
    Some(types::Money { currency_code: "EUR".to_owned(), minor })
}

pub(crate) fn hours(weekday: i32, from: &str, until: &str, overtime: bool) -> pb::WorkingHours {
    pb::WorkingHours { weekday, from: from.to_owned(), until: until.to_owned(), overtime }
}

pub(crate) fn skill(skill_id: &str, level: i32, valid_until: &str) -> pb::Skill {
    pb::Skill {
        skill_id: skill_id.to_owned(),
        level,
        valid_from: String::new(),
        valid_until: valid_until.to_owned(),
    }
}

/// In Helsinki: optics at level 4, Monday to Friday 8 to 16, Saturday in overtime; may work in Germany.
pub(crate) fn engineer(engineer_id: &str, region: &str) -> pb::Engineer {
    let week = (1..=5).map(|weekday| hours(weekday, "08:00", "16:00", false));
    pb::Engineer {
        engineer_id: engineer_id.to_owned(),
        region: region.to_owned(),
        home_site_id: "FI-HEL".to_owned(),
        zone: "Europe/Helsinki".to_owned(),
        country: "FI".to_owned(),
        skills: vec![skill("OPTICS", 4, "")],
        working_hours: week.chain([hours(6, "08:00", "16:00", true)]).collect(),
        days_off: vec!["2026-12-25".to_owned()],
        work_countries: vec!["DE".to_owned()],
        hourly_cost: money(9_000),
        overtime_cost: money(15_000),
        rest_minutes: 660,
        duty_minutes_max: 780,
        night_cost: money(12_000),
        work_permits: vec![pb::WorkPermit { country: "NO".to_owned(), lead_working_days: 3 }],
        efficiency_percent: 0,
        home_position: None,
    }
}

pub(crate) fn profile(region: &str, symptom: &str, level: i32) -> pb::RepairProfile {
    pb::RepairProfile {
        model: "SPECTRO-9".to_owned(),
        symptom: symptom.to_owned(),
        skill_id: "OPTICS".to_owned(),
        level,
        work_minutes: 120,
        parts: vec![pb::RepairPart { item_id: "LAMP-3".to_owned(), quantity: 1 }],
        region: region.to_owned(),
        remote_minutes: 30,
        remote_success_probability: 0.4,
    }
}

pub(crate) fn depot(site_id: &str, region: &str) -> pb::Depot {
    pb::Depot { site_id: site_id.to_owned(), region: region.to_owned(), models: vec!["SPECTRO-9".to_owned()] }
}

/// Engineers ANNA and BO, who repair SPECTRO-9, and a depot.
pub(crate) fn workforce(region: &str) -> pb::PutWorkforceRequest {
    pb::PutWorkforceRequest {
        request_id: request_id(),
        engineers: vec![engineer("ANNA", region), engineer("BO", region)],
        repair_profiles: vec![profile(region, "", 3)],
        depots: vec![depot("FI-TMP", region)],
    }
}

/// A visit with travel around its work.
pub(crate) fn visit(engineer_id: &str, during: &str, work: &str) -> pb::Visit {
    pb::Visit {
        visit_id: visit_id(),
        case_id: case_id(),
        engineer_id: engineer_id.to_owned(),
        site_id: "DE-STR".to_owned(),
        during: Some(interval(during)),
        work: Some(interval(work)),
        skill_id: "OPTICS".to_owned(),
        level: 3,
        ..pb::Visit::default()
    }
}

/// A visit on Monday 2026-11-23, from six in the morning to six in the evening in Helsinki.
pub(crate) fn monday(engineer_id: &str) -> pb::Visit {
    visit(engineer_id, "2026-11-23T04:00Z/2026-11-23T16:00Z", "2026-11-23T08:00Z/2026-11-23T12:00Z")
}

/// A request to hold the visit for an hour.
pub(crate) fn holding(visit: &pb::Visit) -> pb::HoldVisitRequest {
    pb::HoldVisitRequest { request_id: request_id(), visit: Some(visit.clone()), expires_in_minutes: 60 }
}

pub(crate) fn absence(engineer_id: &str, during: &str) -> pb::RecordAbsenceRequest {
    pb::RecordAbsenceRequest {
        request_id: request_id(),
        engineer_id: engineer_id.to_owned(),
        during: Some(interval(during)),
        reason: pb::AbsenceReason::Ill.into(),
    }
}

/// Who repairs a SPECTRO-9 in Germany in `window`?
pub(crate) fn question(window: &str) -> pb::FindEngineersRequest {
    pb::FindEngineersRequest {
        model: "SPECTRO-9".to_owned(),
        symptom: String::new(),
        country: "DE".to_owned(),
        window: Some(interval(window)),
        exclude_engineer_ids: Vec::new(),
    }
}

/// When can a SPECTRO-9 be repaired in Germany, with an hour of travel on both sides?
pub(crate) fn slot_question(window: &str) -> pb::FindSlotsRequest {
    pb::FindSlotsRequest {
        model: "SPECTRO-9".to_owned(),
        symptom: String::new(),
        country: "DE".to_owned(),
        window: Some(interval(window)),
        work_minutes: 0,
        travel_before_minutes: 60,
        travel_after_minutes: 60,
        slots_max: 0,
        visit_id: String::new(),
    }
}

/// The candidate with this id.
pub(crate) fn candidate<'a>(
    answer: &'a pb::FindEngineersResponse,
    engineer_id: &str,
) -> Option<&'a pb::EngineerCandidate> {
    answer.candidates.iter().find(|candidate| candidate.engineer.as_ref().unwrap().engineer_id == engineer_id)
}

/// Free time of the candidate with this id.
pub(crate) fn free(answer: &pb::FindEngineersResponse, engineer_id: &str) -> Vec<String> {
    let candidate = candidate(answer, engineer_id).unwrap_or_else(|| panic!("{engineer_id} in {answer:?}"));
    candidate.free.iter().map(|span| shown(Some(span))).collect()
}

/// Reason and witness of the refusal of this engineer.
pub(crate) fn refusal(
    refusals: &[pb::EngineerRefusal],
    engineer_id: &str,
) -> (pb::EngineerRefusalReason, String) {
    let refusal = refusals.iter().find(|refusal| refusal.engineer_id == engineer_id).unwrap();
    (refusal.reason(), refusal.witness.clone())
}

/// Two hours of optics near Helsinki, to begin in one of these windows.
pub(crate) fn order(windows: &[&str]) -> pb::WorkOrder {
    pb::WorkOrder {
        visit_id: visit_id(),
        case_id: case_id(),
        site_id: "FI-ESP".to_owned(),
        country: "FI".to_owned(),
        position: Some(pb::Position { latitude: 60.205, longitude: 24.655 }),
        skill_id: "OPTICS".to_owned(),
        level: 3,
        work_minutes: 120,
        windows: windows.iter().map(|window| interval(window)).collect(),
        ..pb::WorkOrder::default()
    }
}

/// The same, that nobody but ANNA may do.
pub(crate) fn order_for_anna(windows: &[&str]) -> pb::WorkOrder {
    pb::WorkOrder { excluded_engineer_ids: vec!["BO".to_owned()], ..order(windows) }
}

/// The week, and where the engineers live.
pub(crate) fn terms() -> pb::Terms {
    let home = pb::Place {
        site_id: "FI-HEL".to_owned(),
        position: Some(pb::Position { latitude: 60.17, longitude: 24.94 }),
        ..pb::Place::default()
    };
    pb::Terms { window: Some(interval(WEEK)), places: vec![home], ..pb::Terms::default() }
}
