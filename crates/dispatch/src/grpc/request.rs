//! Requests into what operations take. Every violated field is named at once.

use std::collections::BTreeSet;

use jiff::Timestamp;
use meridian_chassis::decode;
use meridian_proto::dispatch::v1 as pb;
use meridian_types::{Problem, RegionId, Rule, Symptom, Violations, VisitId};
use uuid::Uuid;

use crate::domain::absence::Absence;
use crate::domain::claim::Claim;
use crate::operations::find_engineers::Question;
use crate::operations::find_slots::SlotQuestion;
use crate::operations::put_workforce::Workforce;
use crate::store::visit::Listing;
use crate::wire;
use crate::wire::{list, span};

/// Longest window of a question.
pub(super) const WINDOW_DAYS_MAX: i64 = 60;
const EXCLUDED_MAX: usize = 1000;
/// Records of one kind in one request.
const RECORDS_MAX: usize = 5000;
pub(super) const SLOTS_DEFAULT: usize = 5;
pub(super) const SLOTS_MAX: i32 = 50;
/// Two weeks, of work or of travel.
const MINUTES_MAX: i32 = 14 * 24 * 60;

pub(super) fn find_engineers(request: pb::FindEngineersRequest) -> Result<Question, Problem> {
    let mut v = Violations::new();
    let question = question(&mut v, request);
    decode::complete(v, question)
}

fn question(v: &mut Violations, request: pb::FindEngineersRequest) -> Option<Question> {
    let model = decode::parsed(v, "model", &request.model);
    let symptom = decode::parsed_if_set::<Symptom>(v, "symptom", &request.symptom);
    let country = decode::parsed(v, "country", &request.country);
    let window = span::decode(v, "window", request.window, WINDOW_DAYS_MAX);
    let excluded =
        list(v, "exclude_engineer_ids", request.exclude_engineer_ids, EXCLUDED_MAX, |v, field, text| {
            decode::parsed(v, field, &text)
        });
    let excluded: BTreeSet<_> = excluded?.into_iter().collect();
    Some(Question { model: model?, symptom, country: country?, window: window?, excluded })
}

pub(super) fn find_slots(request: pb::FindSlotsRequest) -> Result<SlotQuestion, Problem> {
    let mut v = Violations::new();
    let who = question(
        &mut v,
        pb::FindEngineersRequest {
            model: request.model,
            symptom: request.symptom,
            country: request.country,
            window: request.window,
            exclude_engineer_ids: Vec::new(),
        },
    );
    let mut minutes = |field, minutes| decode::within(&mut v, field, minutes, 0..=MINUTES_MAX);
    let work_minutes = minutes("work_minutes", request.work_minutes);
    let travel_before = minutes("travel_before_minutes", request.travel_before_minutes);
    let travel_after = minutes("travel_after_minutes", request.travel_after_minutes);
    let most = decode::within(&mut v, "slots_max", request.slots_max, 0..=SLOTS_MAX);
    let decoded = || {
        let most = usize::try_from(most?).unwrap_or(0);
        Some(SlotQuestion {
            who: who?,
            work_minutes: work_minutes.map(|minutes| (minutes > 0).then_some(minutes))?,
            travel_before_minutes: travel_before?,
            travel_after_minutes: travel_after?,
            most: if most == 0 { SLOTS_DEFAULT } else { most },
        })
    };
    let decoded = decoded();
    decode::complete(v, decoded)
}

pub(super) fn hold_visit(request: pb::HoldVisitRequest) -> Result<(String, Claim, i32), Problem> {
    let mut v = Violations::new();
    let request_id = decode::request_id(&mut v, &request.request_id);
    let claim = wire::visit::claim(&mut v, "visit", request.visit);
    let minutes = wire::visit::expires_in_minutes(&mut v, request.expires_in_minutes);
    let decoded = request_id.zip(claim).zip(minutes);
    decode::complete(v, decoded.map(|((request_id, claim), minutes)| (request_id, claim, minutes)))
}

pub(super) fn visit_step(request_id: &str, visit_id: &str) -> Result<(String, VisitId), Problem> {
    let mut v = Violations::new();
    let request_id = decode::request_id(&mut v, request_id);
    let visit = decode::parsed(&mut v, "visit_id", visit_id);
    decode::complete(v, request_id.zip(visit))
}

pub(super) fn get_visit(request: &pb::GetVisitRequest) -> Result<VisitId, Problem> {
    let mut v = Violations::new();
    let visit = decode::parsed(&mut v, "visit_id", &request.visit_id);
    decode::complete(v, visit)
}

pub(super) fn record_absence(request: &pb::RecordAbsenceRequest) -> Result<(String, Absence), Problem> {
    let mut v = Violations::new();
    let request_id = decode::request_id(&mut v, &request.request_id);
    let absence = wire::absence::decode(&mut v, request);
    decode::complete(v, request_id.zip(absence))
}

pub(super) fn list_visits(request: &pb::ListVisitsRequest) -> Result<Listing, Problem> {
    let mut v = Violations::new();
    let engineer = decode::parsed_if_set(&mut v, "engineer_id", &request.engineer_id);
    let case = decode::parsed_if_set(&mut v, "case_id", &request.case_id);
    let most = decode::page_size(&mut v, request.page_size);
    let token = &request.page_token;
    let after = if token.is_empty() {
        Some(None)
    } else {
        let rule = Rule::new("empty, or next_page_token of an earlier answer");
        v.check("page_token", token, read_page_token(token).ok_or(rule)).map(Some)
    };
    let most = most.and_then(|most| i64::try_from(most).ok());
    let listing = most.zip(after).map(|(most, after)| Listing { engineer, case, after, most });
    decode::complete(v, listing)
}

/// Where a page ended: start of its last visit, in microseconds since 1970, and the visit.
pub(super) fn page_token(start: Timestamp, visit: VisitId) -> String {
    format!("{:x}-{}", start.as_microsecond(), visit.uuid().simple())
}

fn read_page_token(token: &str) -> Option<(Timestamp, VisitId)> {
    let (micros, visit) = token.split_once('-')?;
    let start = Timestamp::from_microsecond(i64::from_str_radix(micros, 16).ok()?).ok()?;
    Some((start, VisitId::from_uuid(Uuid::try_parse(visit).ok()?)))
}

pub(super) fn put_workforce(
    request: pb::PutWorkforceRequest,
    region: &RegionId,
) -> Result<(String, Workforce), Problem> {
    let mut v = Violations::new();
    let request_id = decode::request_id(&mut v, &request.request_id);
    let engineers = list(&mut v, "engineers", request.engineers, RECORDS_MAX, |v, field, message| {
        wire::engineer::decode(v, field, message, region)
    });
    let profiles =
        list(&mut v, "repair_profiles", request.repair_profiles, RECORDS_MAX, |v, field, message| {
            wire::repair::decode_profile(v, field, message, region)
        });
    let depots = list(&mut v, "depots", request.depots, RECORDS_MAX, |v, field, message| {
        wire::repair::decode_depot(v, field, message, region)
    });
    let engineers = engineers
        .map(|records| unique(&mut v, "engineers", records, |technician| technician.engineer.id.clone()));
    let profiles = profiles.map(|records| {
        unique(&mut v, "repair_profiles", records, |profile| {
            Named(profile.model.clone(), profile.symptom.clone())
        })
    });
    let depots = depots.map(|records| unique(&mut v, "depots", records, |depot| depot.site.clone()));
    let workforce = engineers.zip(profiles).zip(depots);
    let workforce =
        workforce.map(|((engineers, profiles), depots)| Workforce { engineers, profiles, depots });
    decode::complete(v, request_id.zip(workforce))
}

/// What names a repair profile.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Named(meridian_types::InstrumentModel, Option<Symptom>);

impl std::fmt::Display for Named {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self(model, symptom) = self;
        write!(f, "{model} {}", symptom.as_ref().map_or("", Symptom::as_str))
    }
}

/// The records by key. A key that stands twice is a violation.
pub(super) fn unique<T, K: Ord + std::fmt::Display>(
    v: &mut Violations,
    field: &str,
    records: Vec<T>,
    key: impl Fn(&T) -> K,
) -> Vec<T> {
    let mut seen = BTreeSet::new();
    for (place, record) in records.iter().enumerate() {
        let key = key(record);
        if seen.contains(&key) {
            v.add(format!("{field}[{place}]"), &key, "only once in a request");
        }
        seen.insert(key);
    }
    let mut records = records;
    records.sort_by_key(key);
    records
}
