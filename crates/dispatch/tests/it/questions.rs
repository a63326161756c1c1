//! Who could do it when, and why not the others.

use meridian_proto::dispatch::v1 as pb;
use meridian_proto::dispatch::v1::EngineerRefusalReason as Reason;

use crate::harness::{Region, fields, request_id};
use crate::sample::{
    WEEK, candidate, depot, engineer, free, hours, monday, profile, question, refusal, shown, skill,
    slot_question, visit, workforce,
};

/// A region whose engineers are these alone.
async fn region_with(hint: &str, engineers: Vec<pb::Engineer>) -> Region {
    let region = Region::alone(hint).await;
    let away = pb::PutWorkforceRequest { engineers, ..workforce("eu") };
    region.put(away).await.unwrap();
    region
}

#[tokio::test]
async fn a_certificate_that_expires_in_the_week_ends_the_free_time_of_its_last_day() {
    let mut expiring = engineer("ANNA", "eu");
    expiring.skills = vec![skill("OPTICS", 4, "2026-11-24")];
    let region = region_with("expiring", vec![expiring]).await;
    let answer = region.find(question(WEEK)).await.unwrap();
    assert_eq!(
        free(&answer, "ANNA"),
        ["2026-11-23T06:00Z/2026-11-23T14:00Z", "2026-11-24T06:00Z/2026-11-24T14:00Z"]
    );
    assert_eq!(candidate(&answer, "ANNA").unwrap().free_overtime, []);
    assert_eq!(free(&answer, "BO").len(), 5);

    let later = region.find(question("2026-11-25T00:00Z/2026-11-28T00:00Z")).await.unwrap();
    assert_eq!(refusal(&later.refusals, "ANNA"), (Reason::CertificateExpired, "2026-11-24".to_owned()));

    let wednesday = "2026-11-25T07:00Z/2026-11-25T09:00Z";
    let held = region.hold(&visit("ANNA", wednesday, wednesday)).await.unwrap_err();
    assert_eq!(&*held.reason, "CERTIFICATE_EXPIRED");
    assert_eq!(held.metadata["valid_until"], "2026-11-24");
    let tuesday = "2026-11-24T07:00Z/2026-11-24T09:00Z";
    region.hold(&visit("ANNA", tuesday, tuesday)).await.unwrap();
}

#[tokio::test]
async fn every_engineer_is_a_candidate_or_refused_with_the_decisive_fact() {
    let named = |id: &str, change: fn(&mut pb::Engineer)| {
        let mut engineer = engineer(id, "eu");
        change(&mut engineer);
        engineer
    };
    let region = region_with(
        "refusals",
        vec![
            named("UNSKILLED", |engineer| engineer.skills.clear()),
            named("JUNIOR", |engineer| engineer.skills = vec![skill("OPTICS", 2, "")]),
            named("LAPSED", |engineer| engineer.skills = vec![skill("OPTICS", 5, "2026-10-31")]),
            named("FOREIGN", |engineer| engineer.work_countries.clear()),
            named("IDLE", |engineer| engineer.working_hours.clear()),
            named("ILL", |_| ()),
            named("FULL", |engineer| engineer.working_hours.truncate(1)),
            named("EXCLUDED", |_| ()),
        ],
    )
    .await;
    region.absent("ILL", "2026-11-20T00:00Z/2026-12-24T00:00Z").await.unwrap();
    region
        .hold(&visit("FULL", "2026-11-22T20:00Z/2026-11-23T20:00Z", "2026-11-23T06:00Z/2026-11-23T07:00Z"))
        .await
        .unwrap();
    let question =
        pb::FindEngineersRequest { exclude_engineer_ids: vec!["EXCLUDED".to_owned()], ..question(WEEK) };
    let answer = region.find(question.clone()).await.unwrap();
    for (engineer, reason, witness) in [
        ("UNSKILLED", Reason::SkillMissing, "OPTICS"),
        ("JUNIOR", Reason::LevelTooLow, "2"),
        ("LAPSED", Reason::CertificateExpired, "2026-10-31"),
        ("FOREIGN", Reason::NoRightToWork, "DE"),
        ("IDLE", Reason::NotFree, "no working time"),
        ("ILL", Reason::Absent, "2026-12-24T00:00:00Z"),
        ("FULL", Reason::NotFree, "2026-11-23T20:00:00Z"),
    ] {
        assert_eq!(refusal(&answer.refusals, engineer), (reason, witness.to_owned()), "{engineer}");
    }
    let candidates: Vec<&str> = answer
        .candidates
        .iter()
        .map(|candidate| &*candidate.engineer.as_ref().unwrap().engineer_id)
        .collect();
    assert_eq!((candidates, answer.refusals.len()), (vec!["ANNA", "BO"], 7));
    assert_eq!(answer.profile.as_ref().unwrap().skill_id, "OPTICS");
    assert_eq!(answer.depots.iter().map(|depot| &*depot.site_id).collect::<Vec<_>>(), ["FI-TMP"]);
    // At home nobody needs leave to work.
    let at_home = pb::FindEngineersRequest { country: "FI".to_owned(), ..question };
    assert!(candidate(&region.find(at_home).await.unwrap(), "FOREIGN").is_some());
}

#[tokio::test]
async fn working_hours_are_those_of_the_engineers_zone_over_clock_changes() {
    let in_zone = |id: &str, zone: &str, hours: Vec<pb::WorkingHours>| pb::Engineer {
        zone: zone.to_owned(),
        working_hours: hours,
        ..engineer(id, "eu")
    };
    let night = || (1..=7).map(|weekday| hours(weekday, "22:00", "06:00", false)).collect::<Vec<_>>();
    let region = region_with(
        "zones",
        vec![
            in_zone("HELSINKI", "Europe/Helsinki", night()),
            in_zone("BERLIN", "Europe/Berlin", vec![hours(7, "02:30", "10:00", false)]),
            in_zone("CHICAGO", "America/Chicago", night()),
            in_zone("LORD-HOWE", "Australia/Lord_Howe", vec![hours(7, "00:00", "24:00", false)]),
        ],
    )
    .await;
    // Each window holds one change of 2027 and is no longer than a question may be.
    for (engineer, window, expected) in [
        ("HELSINKI", "2027-03-27T12:00Z/2027-03-28T12:00Z", "2027-03-27T20:00Z/2027-03-28T03:00Z"),
        ("HELSINKI", "2027-10-30T12:00Z/2027-10-31T12:00Z", "2027-10-30T19:00Z/2027-10-31T04:00Z"),
        ("BERLIN", "2027-03-28T00:00Z/2027-03-28T12:00Z", "2027-03-28T01:00Z/2027-03-28T08:00Z"),
        ("BERLIN", "2027-10-31T00:00Z/2027-10-31T12:00Z", "2027-10-31T00:30Z/2027-10-31T09:00Z"),
        ("CHICAGO", "2027-03-13T18:00Z/2027-03-14T18:00Z", "2027-03-14T04:00Z/2027-03-14T11:00Z"),
        ("CHICAGO", "2027-11-06T18:00Z/2027-11-07T18:00Z", "2027-11-07T03:00Z/2027-11-07T12:00Z"),
        ("LORD-HOWE", "2027-04-02T00:00Z/2027-04-05T12:00Z", "2027-04-03T13:00Z/2027-04-04T13:30Z"),
        ("LORD-HOWE", "2027-10-01T00:00Z/2027-10-04T12:00Z", "2027-10-02T13:30Z/2027-10-03T13:00Z"),
    ] {
        let answer = region.find(question(window)).await.unwrap();
        assert_eq!(free(&answer, engineer), [expected], "{engineer}");
    }
}

#[tokio::test]
async fn a_profile_for_the_symptom_decides_before_a_general_one() {
    let region = Region::alone("symptom").await;
    let put = pb::PutWorkforceRequest {
        request_id: request_id(),
        repair_profiles: vec![profile("eu", "drift", 5)],
        ..pb::PutWorkforceRequest::default()
    };
    region.put(put).await.unwrap();
    let asked = async |symptom: &str| {
        region.find(pb::FindEngineersRequest { symptom: symptom.to_owned(), ..question(WEEK) }).await.unwrap()
    };
    let drift = asked("drift").await;
    assert_eq!((drift.profile.unwrap().level, drift.candidates.len()), (5, 0));
    let noise = asked("noise").await;
    assert_eq!((noise.profile.unwrap().level, noise.candidates.len()), (3, 2));
}

#[tokio::test]
async fn nobody_is_asked_about_a_model_that_nobody_knows() {
    let region = Region::alone("unknown model").await;
    let request = pb::FindEngineersRequest { model: "ABACUS-1".to_owned(), ..question(WEEK) };
    assert_eq!(region.find(request).await.unwrap(), pb::FindEngineersResponse::default());
    let put = pb::PutWorkforceRequest {
        request_id: request_id(),
        depots: vec![pb::Depot { models: vec!["ABACUS-1".to_owned()], ..depot("FI-OUL", "eu") }],
        ..pb::PutWorkforceRequest::default()
    };
    region.put(put).await.unwrap();
    let request = pb::FindEngineersRequest { model: "ABACUS-1".to_owned(), ..question(WEEK) };
    let answer = region.find(request).await.unwrap();
    assert_eq!((answer.profile, answer.depots.len()), (None, 1));
}

#[tokio::test]
async fn the_first_slots_of_all_engineers_come_earliest_first_and_can_be_held() {
    let region = Region::alone("slots").await;
    region.hold(&monday("ANNA")).await.unwrap();
    let answer = region.slots(slot_question("2026-11-23T06:00Z/2026-11-28T12:00Z")).await.unwrap();
    let slots: Vec<_> =
        answer.slots.iter().map(|slot| (&*slot.engineer_id, shown(slot.work.as_ref()))).collect();
    assert_eq!(
        slots,
        [
            ("BO", "2026-11-23T07:00Z/2026-11-23T09:00Z".to_owned()),
            ("BO", "2026-11-23T11:00Z/2026-11-23T13:00Z".to_owned()),
            ("ANNA", "2026-11-24T06:00Z/2026-11-24T08:00Z".to_owned()),
            ("BO", "2026-11-24T06:00Z/2026-11-24T08:00Z".to_owned()),
            ("ANNA", "2026-11-24T10:00Z/2026-11-24T12:00Z".to_owned()),
        ]
    );
    for slot in answer.slots {
        let (during, work) = (shown(slot.during.as_ref()), shown(slot.work.as_ref()));
        region.hold(&visit(&slot.engineer_id, &during, &work)).await.unwrap();
    }
    let saturday = region.slots(slot_question("2026-11-28T00:00Z/2026-11-28T09:00Z")).await.unwrap();
    assert!(!saturday.slots.is_empty() && saturday.slots.iter().all(|slot| slot.overtime));
    let short = region.slots(slot_question("2026-11-30T06:00Z/2026-11-30T07:30Z")).await.unwrap();
    assert_eq!(short.slots, []);
    assert_eq!(refusal(&short.refusals, "BO"), (Reason::NotFree, "longest free time: 90 minutes".to_owned()));
}

#[tokio::test]
async fn time_that_has_passed_is_not_free() {
    let region = Region::alone("passed").await;
    // It is 10:00 on Friday in Helsinki.
    let today = region.find(question("2026-11-20T00:00Z/2026-11-21T00:00Z")).await.unwrap();
    assert_eq!(free(&today, "ANNA"), ["2026-11-20T08:00Z/2026-11-20T14:00Z"]);
    let refused = region.find(question("2026-11-19T00:00Z/2026-11-20T08:00Z")).await.unwrap_err();
    assert_eq!((&*refused.reason, fields(&refused)), ("TIME_IN_PAST", vec!["window.end"]));
}
