//! Bad input is refused by field, never as a defect of ours.

use std::collections::BTreeSet;

use meridian_proto::dispatch::v1 as pb;
use meridian_proto::types::v1::Interval;
use meridian_types::{Problem, ProblemKind};
use prost_types::Timestamp;

use crate::harness::{Region, answered, fields};
use crate::sample::{WEEK, absence, holding, interval, monday, question, slot_question};

/// The refusal names exactly these fields.
fn names<T: std::fmt::Debug>(outcome: Result<T, Problem>, expected: &[&str], what: &str) {
    let refusal = outcome.unwrap_err();
    assert_eq!(
        (refusal.kind, &*refusal.reason),
        (ProblemKind::Invalid, "INVALID_REQUEST"),
        "{what}: {refusal}"
    );
    let named: BTreeSet<_> = fields(&refusal).into_iter().collect();
    assert_eq!(named, expected.iter().copied().collect(), "{what}");
}

fn seconds(start: i64, end: i64) -> Option<Interval> {
    let at = |seconds| Some(Timestamp { seconds, nanos: 0 });
    Some(Interval { start: at(start), end: at(end) })
}

/// Spans of time that nothing can be done with, and the field under `field` that is named.
fn bad_spans(field: &str) -> Vec<(&'static str, Option<Interval>, Vec<String>)> {
    let noon = 1_795_435_200;
    let whole = vec![field.to_owned()];
    let (start, end) = (format!("{field}.start"), format!("{field}.end"));
    let nanos = |nanos| {
        Some(Interval {
            start: Some(Timestamp { seconds: noon, nanos }),
            ..seconds(noon, noon + 60).unwrap()
        })
    };
    vec![
        ("absent", None, whole.clone()),
        ("without bounds", Some(Interval::default()), vec![start.clone(), end.clone()]),
        ("reversed", seconds(noon, noon - 1), whole.clone()),
        ("empty", seconds(noon, noon), whole.clone()),
        (
            "shorter than a microsecond",
            {
                let at = |nanos| Some(Timestamp { seconds: noon, nanos });
                Some(Interval { start: at(1), end: at(999) })
            },
            whole.clone(),
        ),
        ("negative nanoseconds", nanos(-1), vec![start.clone()]),
        ("too many nanoseconds", nanos(1_000_000_000), vec![start.clone()]),
        ("year 9999", Some(interval("9999-12-29T00:00Z/9999-12-30T00:00Z")), whole.clone()),
        ("year 10000", seconds(noon, 253_402_300_800), vec![end.clone()]),
        ("year 1999", Some(interval("1999-12-30T00:00Z/1999-12-31T00:00Z")), whole.clone()),
        ("huge", Some(interval("2026-11-23T00:00Z/2199-01-01T00:00Z")), whole),
        ("beyond all years", seconds(i64::MIN, i64::MAX), vec![start, end]),
    ]
}

#[tokio::test]
async fn a_span_of_time_that_cannot_be_is_named() {
    let region = Region::alone("spans").await;
    for (what, span, expected) in bad_spans("window") {
        let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
        names(
            region.find(pb::FindEngineersRequest { window: span, ..question(WEEK) }).await,
            &expected,
            what,
        );
        names(
            region.slots(pb::FindSlotsRequest { window: span, ..slot_question(WEEK) }).await,
            &expected,
            what,
        );
    }
    let sixty_one_days = Some(interval("2026-11-23T00:00Z/2027-01-23T00:00Z"));
    names(
        region.find(pb::FindEngineersRequest { window: sixty_one_days, ..question(WEEK) }).await,
        &["window"],
        "61 days",
    );
    for (what, span, expected) in bad_spans("during") {
        let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
        let request = pb::RecordAbsenceRequest { during: span, ..absence("ANNA", WEEK) };
        names(answered(region.client.clone().record_absence(request)).await, &expected, what);
    }
    for (what, span, expected) in bad_spans("visit.during") {
        let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
        names(region.hold(&pb::Visit { during: span, ..monday("ANNA") }).await, &expected, what);
    }
    for (what, span, expected) in bad_spans("visit.work") {
        let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
        names(region.hold(&pb::Visit { work: span, ..monday("ANNA") }).await, &expected, what);
    }
    let outside = Some(interval("2026-11-23T12:00Z/2026-11-23T16:01Z"));
    names(region.hold(&pb::Visit { work: outside, ..monday("ANNA") }).await, &["visit.work"], "outside");
}

#[tokio::test]
async fn every_bad_field_of_a_visit_is_named_at_once() {
    let region = Region::alone("visit").await;
    let request = pb::HoldVisitRequest {
        request_id: "x".repeat(65),
        visit: Some(pb::Visit {
            visit_id: "visit_1".to_owned(),
            case_id: String::new(),
            engineer_id: "A*".to_owned(),
            site_id: "DE.STR".to_owned(),
            skill_id: "'; --".to_owned(),
            level: 6,
            ..monday("ANNA")
        }),
        expires_in_minutes: 10_081,
    };
    let expected = [
        "request_id",
        "visit.visit_id",
        "visit.case_id",
        "visit.engineer_id",
        "visit.site_id",
        "visit.skill_id",
        "visit.level",
        "expires_in_minutes",
    ];
    names(answered(region.client.clone().hold_visit(request)).await, &expected, "all of them");
    for minutes in [0, -1, i32::MIN, i32::MAX] {
        let request = pb::HoldVisitRequest { expires_in_minutes: minutes, ..holding(&monday("ANNA")) };
        names(answered(region.client.clone().hold_visit(request)).await, &["expires_in_minutes"], "minutes");
    }
    let without_visit = pb::HoldVisitRequest { visit: None, ..holding(&monday("ANNA")) };
    names(answered(region.client.clone().hold_visit(without_visit)).await, &["visit"], "no visit");
}

#[tokio::test]
async fn a_bad_id_is_named_by_every_call() {
    let region = Region::alone("ids").await;
    for id in [
        "",
        "visit_",
        "case_0190aaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "visit_0190AAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "\0",
        "../..",
    ] {
        names(region.get(id).await, &["visit_id"], id);
        names(region.book(id).await, &["visit_id"], id);
        names(region.accept(id).await, &["visit_id"], id);
        names(region.begin(id).await, &["visit_id"], id);
        names(region.finish(id).await, &["visit_id"], id);
        names(region.give_up(id).await, &["visit_id"], id);
        names(region.cancel(id).await, &["visit_id"], id);
    }
    let request = pb::BookVisitRequest { request_id: String::new(), visit_id: crate::harness::visit_id() };
    names(answered(region.client.clone().book_visit(request)).await, &["request_id"], "no request id");
}

#[tokio::test]
async fn bad_questions_and_lists_are_refused() {
    let region = Region::alone("questions").await;
    let bad = pb::FindEngineersRequest {
        model: "a b".to_owned(),
        symptom: ">".to_owned(),
        country: "Germany".to_owned(),
        window: Some(interval(WEEK)),
        exclude_engineer_ids: vec!["ANNA".to_owned(), String::new()],
    };
    names(region.find(bad).await, &["model", "symptom", "country", "exclude_engineer_ids[1]"], "question");
    let crowd =
        pb::FindEngineersRequest { exclude_engineer_ids: vec!["X".to_owned(); 1001], ..question(WEEK) };
    names(region.find(crowd).await, &["exclude_engineer_ids"], "1001 excluded");
    let slots = pb::FindSlotsRequest {
        work_minutes: -1,
        travel_before_minutes: i32::MAX,
        travel_after_minutes: i32::MIN,
        slots_max: 51,
        ..slot_question(WEEK)
    };
    let expected = ["work_minutes", "travel_before_minutes", "travel_after_minutes", "slots_max"];
    names(region.slots(slots).await, &expected, "slots");
    let list = pb::ListVisitsRequest {
        engineer_id: "A B".to_owned(),
        case_id: "1".to_owned(),
        page_size: 201,
        page_token: "zzz".to_owned(),
    };
    let listed = answered(region.client.clone().list_visits(list)).await;
    names(listed, &["engineer_id", "case_id", "page_size", "page_token"], "list");
    for reason in [0, 4, -1] {
        let request = pb::RecordAbsenceRequest { reason, ..absence("ANNA", WEEK) };
        names(answered(region.client.clone().record_absence(request)).await, &["reason"], "reason");
    }
}
