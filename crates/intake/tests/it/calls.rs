//! Opening a case: what is filled in, what is asked, who is responsible.

use meridian_proto::coordinator::v1::{PublicCalendar, PublicCalendarDefined, SiteDefined};
use meridian_proto::intake::v1 as pb;
use meridian_proto::types::v1::{Interval, LocalDateTime};

use crate::harness::{FRIDAY, Office, fresh, instant, refused};
use crate::requests::{fact, items, open, repair};

fn missing(case: &pb::Case) -> Vec<&str> {
    case.missing_facts.iter().map(|missing| missing.name.as_str()).collect()
}

fn repair_of(case: &pb::Case) -> pb::RepairNeed {
    let Some(pb::need::Kind::Repair(repair)) = case.need.clone().unwrap().kind else {
        panic!("not a repair")
    };
    repair
}

fn due(case: &pb::Case) -> Option<prost_types::Timestamp> {
    case.responsibility.clone().unwrap().due
}

#[tokio::test]
async fn a_known_instrument_needs_no_questions_about_model_and_place() {
    let office = Office::open("known").await;
    let case = office.opened(open(repair("SN-1"))).await;
    assert_eq!(
        (repair_of(&case).model.as_str(), repair_of(&case).site_id.as_str()),
        ("SPECTRA-9", "BERLIN-LAB")
    );
    assert_eq!(missing(&case), ["symptom", "decontamination"]);
    assert!(case.missing_facts.iter().all(|fact| fact.question.ends_with('?') && !fact.reason.is_empty()));
    let provenance: Vec<_> =
        case.facts.iter().map(|fact| (fact.name.as_str(), fact.source(), fact.verified)).collect();
    let record = pb::FactSource::Record;
    assert_eq!(provenance, [("model", record, true), ("site", record, true)]);
    assert_eq!(case.responsibility.clone().unwrap().next_action, "Ask: 2 questions");
    assert_eq!((case.region.as_str(), case.customer_id.as_str(), case.etag.as_str()), ("eu", "CLINIC", "1"));
    assert_eq!(office.case(&case.case_id).await, case, "what was answered is what is stored");
    let told: Vec<pb::CaseOpened> = office.told().await;
    assert_eq!((told[0].case_id.as_str(), told[0].missing_facts), (case.case_id.as_str(), 2));
    assert_eq!(told[0].need, case.need);
}

#[tokio::test]
async fn an_instrument_that_is_unknown_or_another_customers_is_asked_about() {
    let office = Office::open("unknown").await;
    for serial_number in ["SN-99", "SN-2"] {
        let case = office.opened(open(repair(serial_number))).await;
        assert_eq!(missing(&case), ["symptom", "model", "site", "decontamination"], "{serial_number}");
        assert!(repair_of(&case).site_id.is_empty(), "{serial_number}");
    }
}

#[tokio::test]
async fn a_weekend_repair_asks_when_the_place_can_be_entered_unless_that_is_known() {
    let office = Office::open("weekend").await;
    let mut request = open(repair("SN-1"));
    request.priority = pb::Priority::Critical.into();
    request.need.as_mut().unwrap().deadline = instant("2026-11-23T08:00:00Z");
    let case = office.opened(request.clone()).await;
    assert_eq!(missing(&case), ["symptom", "decontamination", "site_access"]);
    assert_eq!(due(&case), instant("2026-11-20T10:30:00Z"), "critical: half an hour");

    let access = Interval { start: instant("2026-11-22T08:00:00Z"), end: instant("2026-11-22T16:00:00Z") };
    let Some(pb::need::Kind::Repair(repair)) = &mut request.need.as_mut().unwrap().kind else {
        unreachable!()
    };
    repair.site_access = vec![access];
    request.facts = vec![
        fact("symptom", "no-signal", pb::FactSource::Caller),
        fact("decontamination", "yes", pb::FactSource::Caller),
    ];
    let case = office.opened(pb::OpenCaseRequest { request_id: fresh(), ..request }).await;
    assert!(case.missing_facts.is_empty());
    assert_eq!(case.responsibility.clone().unwrap().next_action, "Find a solution");
    assert_eq!(
        (repair_of(&case).symptom.as_str(), repair_of(&case).site_access),
        ("no-signal", vec![access])
    );
}

#[tokio::test]
async fn the_weekend_is_that_of_the_public_calendar_of_the_customers_country() {
    let office = Office::open("calendar").await;
    let asks = async |area: &str, weekend: &[i32]| {
        let (area, weekend) = (area.to_owned(), weekend.to_vec());
        let public_calendar = Some(PublicCalendar { area, weekend, ..PublicCalendar::default() });
        office
            .applies(office.intake.weekend_events(), &PublicCalendarDefined { public_calendar })
            .await
            .unwrap();
        let mut request = open(repair("SN-1"));
        // Opened on a Friday, for Tuesday.
        request.need.as_mut().unwrap().deadline = instant("2026-11-24T08:00:00Z");
        let case = office.opened(request).await;
        assert_eq!(office.case(&case.case_id).await.missing_facts, case.missing_facts);
        missing(&case).contains(&"site_access")
    };
    assert!(asks("DE", &[]).await, "two working days in between, by what is usual");
    assert!(asks("DE-BY", &[7]).await, "that of a part of the country");
    assert!(!asks("DE", &[7]).await, "three working days, for Saturday is one");
    assert!(asks("DE", &[]).await, "as usual again");
    let of_the_own_region =
        PublicCalendar { area: "DE".to_owned(), weekend: vec![7], ..PublicCalendar::default() };
    office.hears(&PublicCalendarDefined { public_calendar: Some(of_the_own_region) }).await.unwrap();
    assert!(!asks("DE-BY", &[]).await);
    for handler in [office.intake.weekend_events(), office.intake.coordinator_events()] {
        office.applies(handler, &SiteDefined::default()).await.unwrap();
    }
}

#[tokio::test]
async fn items_go_to_the_customers_only_place_by_default() {
    let office = Office::open("place").await;
    let delivered_to = |case: &pb::Case| match case.need.clone().unwrap().kind {
        Some(pb::need::Kind::Items(items)) => items.deliver_to_site_id,
        _ => panic!("not items"),
    };
    let clinic = office.opened(open(items(&[("PUMP", 2)]))).await;
    assert_eq!(delivered_to(&clinic), "BERLIN-LAB");
    assert!(clinic.missing_facts.is_empty());
    let lab = pb::OpenCaseRequest { person_id: "CAI".to_owned(), ..open(items(&[("PUMP", 2)])) };
    let lab = office.opened(lab).await;
    assert_eq!((delivered_to(&lab).as_str(), missing(&lab)), ("", vec!["deliver_to_site"]));
    let lab = office.stated(&lab.case_id, "deliver_to_site", "TURKU").await.unwrap();
    assert_eq!((delivered_to(&lab).as_str(), missing(&lab).len()), ("TURKU", 0));
}

#[tokio::test]
async fn a_deadline_on_the_wall_is_the_instant_it_stands_for() {
    let office = Office::open("wall").await;
    let local = |local: &str, zone: &str, offset: &str| {
        let (local, zone, offset) = (local.to_owned(), zone.to_owned(), offset.to_owned());
        let deadline_local = Some(LocalDateTime { local, zone, offset });
        pb::OpenCaseRequest { deadline_local, ..open(items(&[("PUMP", 1)])) }
    };
    let case = office.opened(local("2026-11-23T10:00", "Africa/Lagos", "")).await;
    assert_eq!(case.need.unwrap().deadline, instant("2026-11-23T09:00:00Z"));
    let case = office.opened(local("2027-10-31T02:30", "Europe/Berlin", "+01:00")).await;
    assert_eq!(case.need.unwrap().deadline, instant("2027-10-31T01:30:00Z"));
    for (wall, zone, offset) in [
        ("2027-03-28T02:30", "Europe/Berlin", ""),
        ("2027-10-31T02:30", "Europe/Berlin", ""),
        ("2027-10-31T02:30", "Europe/Berlin", "+05:00"),
        ("2026-11-23T10:00", "Europe/Nowhere", ""),
        ("tomorrow", "Europe/Berlin", ""),
        ("2026-11-20T11:00", "Europe/Berlin", ""),
        ("2029-11-20T11:00", "Europe/Berlin", ""),
    ] {
        let problem = refused(office.call().open_case(local(wall, zone, offset)).await).unwrap_err();
        assert!(problem.violations[0].field.starts_with("deadline_local"), "{wall} {zone}: {problem}");
    }
    let mut both = local("2026-11-23T10:00", "Africa/Lagos", "");
    both.need.as_mut().unwrap().deadline = instant("2026-11-23T09:00:00Z");
    let problem = refused(office.call().open_case(both).await).unwrap_err();
    assert_eq!(problem.violations[0].field, "deadline_local");
    assert_eq!(office.count("support_case").await, 2);
}

#[tokio::test]
async fn a_model_that_is_not_the_instruments_is_refused() {
    let office = Office::open("model").await;
    let mut request = open(repair("SN-1"));
    let Some(pb::need::Kind::Repair(repair)) = &mut request.need.as_mut().unwrap().kind else {
        unreachable!()
    };
    repair.model = "SPECTRA-7".to_owned();
    let problem = refused(office.call().open_case(request).await).unwrap_err();
    assert_eq!(problem.reason, "MODEL_CONTRADICTED");
    assert_eq!(
        (problem.metadata["field"].as_str(), problem.metadata["recorded"].as_str()),
        ("need.repair.model", "SPECTRA-9")
    );
}

#[tokio::test]
async fn a_caller_who_contradicts_the_record_is_heard_but_the_record_is_planned_with() {
    let office = Office::open("contradiction").await;
    let mut request = open(repair("SN-1"));
    let Some(pb::need::Kind::Repair(repair)) = &mut request.need.as_mut().unwrap().kind else {
        unreachable!()
    };
    repair.site_id = "MUNICH".to_owned();
    let case = office.opened(request).await;
    let sites = |case: &pb::Case| -> Vec<(String, pb::FactSource, bool)> {
        let sites = case.facts.iter().filter(|fact| fact.name == "site");
        sites.map(|fact| (fact.value.clone(), fact.source(), fact.verified)).collect()
    };
    assert_eq!(repair_of(&case).site_id, "BERLIN-LAB");
    assert_eq!(
        sites(&case),
        [
            ("BERLIN-LAB".to_owned(), pb::FactSource::Record, true),
            ("MUNICH".to_owned(), pb::FactSource::Caller, false),
        ]
    );
    let request = pb::AddFactRequest {
        request_id: fresh(),
        case_id: case.case_id.clone(),
        fact: Some(fact("site", "MUNICH", pb::FactSource::Office)),
        etag: case.etag.clone(),
    };
    let case = office.call().add_fact(request).await.unwrap().into_inner().case.unwrap();
    assert_eq!(repair_of(&case).site_id, "MUNICH");
    assert_eq!(sites(&case), [("MUNICH".to_owned(), pb::FactSource::Office, false)]);
    let kept: Vec<String> = sqlx::query_scalar(
        "SELECT value || ' ' || standing FROM case_fact WHERE name = 'site' ORDER BY fact_id",
    )
    .fetch_all(office.pool())
    .await
    .unwrap();
    assert_eq!(kept, ["BERLIN-LAB history", "MUNICH history", "MUNICH current"], "nothing is forgotten");
}

#[tokio::test]
async fn a_call_is_compared_with_what_is_open() {
    let office = Office::open("assess").await;
    let mut request = open(repair("SN-1"));
    request.facts = vec![fact("symptom", "no-signal", pb::FactSource::Caller)];
    let case = office.opened(request).await;
    let verdict = async |customer: &str, need: pb::Need| {
        let request = pb::AssessIssueRequest { customer_id: customer.to_owned(), need: Some(need) };
        let answer = office.call().assess_issue(request).await.unwrap().into_inner();
        assert!(!answer.reasons.is_empty());
        (answer.verdict(), answer.case_id)
    };
    let with_symptom = |symptom: &str| {
        let mut need = repair("SN-1");
        let Some(pb::need::Kind::Repair(repair)) = &mut need.kind else { unreachable!() };
        repair.symptom = symptom.to_owned();
        need
    };
    use pb::IssueVerdict::{New, Related, Same, Unsure};
    assert_eq!(verdict("CLINIC", with_symptom("no-signal")).await, (Same, case.case_id.clone()));
    assert_eq!(verdict("CLINIC", with_symptom("leak")).await, (Related, case.case_id.clone()));
    assert_eq!(verdict("CLINIC", repair("SN-1")).await, (Unsure, case.case_id.clone()));
    assert_eq!(verdict("CLINIC", items(&[("PUMP", 1)])).await, (New, String::new()));
    assert_eq!(verdict("LAB", with_symptom("no-signal")).await, (New, String::new()));
    let request = pb::AssessIssueRequest { customer_id: "NOBODY".to_owned(), need: Some(repair("SN-1")) };
    let problem = refused(office.call().assess_issue(request).await).unwrap_err();
    assert_eq!(problem.reason, "CUSTOMER_NOT_FOUND");
}

#[tokio::test]
async fn the_due_time_follows_the_priority() {
    let office = Office::open("priority").await;
    for (priority, expected) in [
        (pb::Priority::Critical, "2026-11-20T10:30:00Z"),
        (pb::Priority::High, "2026-11-20T12:00:00Z"),
        (pb::Priority::Normal, "2026-11-20T18:00:00Z"),
        (pb::Priority::Unspecified, "2026-11-20T18:00:00Z"),
    ] {
        let request = pb::OpenCaseRequest { priority: priority.into(), ..open(repair("SN-1")) };
        let case = office.opened(request).await;
        assert_eq!(due(&case), instant(expected), "{priority:?}");
        assert_eq!(case.responsibility.unwrap().owner, "OFFICE-BER");
        assert_eq!(case.opened_at, instant(FRIDAY));
    }
}
