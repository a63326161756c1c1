//! Engineers who are away.

use meridian_proto::dispatch::v1 as pb;
use meridian_types::ProblemKind;

use crate::harness::{Region, answered, reason};
use crate::sample::{absence, engineer, free, interval, monday, question, visit, workforce};

#[tokio::test]
async fn an_absence_in_the_middle_of_visits_calls_them_off_and_tells() {
    let region = Region::alone("ill").await;
    let day = |day: u32| format!("2026-11-{day}T07:00Z/2026-11-{day}T13:00Z");
    let visits: Vec<pb::Visit> = (23..=27).map(|date| visit("ANNA", &day(date), &day(date))).collect();
    for visit in &visits {
        region.hold(visit).await.unwrap();
    }
    let ids: Vec<&str> = visits.iter().map(|visit| &*visit.visit_id).collect();
    for id in &ids[1..=3] {
        region.book(id).await.unwrap();
    }
    region.accept(ids[2]).await.unwrap();
    region.begin(ids[3]).await.unwrap();
    let before = region.emitted().await.len();

    // From the middle of Monday to the middle of Thursday.
    let cancelled = region.absent("ANNA", "2026-11-23T10:00Z/2026-11-26T10:00Z").await.unwrap();

    assert_eq!(cancelled, ids[..4], "held, booked, accepted and started ones, by start");
    for (place, id) in ids.iter().enumerate() {
        let expected = if place < 4 { pb::VisitState::Cancelled } else { pb::VisitState::Held };
        assert_eq!(region.state(id).await, expected, "visit {place}");
    }
    let emitted = region.emitted().await.split_off(before);
    let names: Vec<&str> = emitted.iter().map(|(name, _)| &**name).collect();
    assert_eq!(names[..4], ["VisitDisrupted"; 4]);
    assert_eq!(names[4..], ["FreeBusyChanged", "EngineerAbsent"]);
    for ((_, body), visit) in emitted[..4].iter().zip(&visits) {
        assert_eq!(
            (&body["visitId"], &body["caseId"]),
            (&visit.visit_id.clone().into(), &visit.case_id.clone().into())
        );
        assert_eq!((&body["engineerId"], &body["reason"]), (&"ANNA".into(), &"ABSENCE_REASON_ILL".into()));
    }
    let free_busy = &emitted[4].1;
    assert_eq!(free_busy["busy"].as_array().unwrap().len(), 1);
    assert_eq!(free_busy["busy"][0]["start"], "2026-11-27T07:00:00Z");
    assert_eq!(free_busy["absent"][0]["end"], "2026-11-26T10:00:00Z");
}

#[tokio::test]
async fn somebody_elses_absence_blocks_nobody() {
    let region = Region::alone("other").await;
    let booked = monday("BO");
    region.hold(&booked).await.unwrap();
    assert_eq!(
        region.absent("ANNA", "2026-11-20T00:00Z/2026-12-01T00:00Z").await.unwrap(),
        Vec::<String>::new()
    );
    assert_eq!(region.state(&booked.visit_id).await, pb::VisitState::Held);
    region
        .hold(&visit("BO", "2026-11-24T06:00Z/2026-11-24T14:00Z", "2026-11-24T06:00Z/2026-11-24T14:00Z"))
        .await
        .unwrap();
    assert_eq!(reason(region.hold(&monday("ANNA")).await), "ENGINEER_ABSENT");
}

#[tokio::test]
async fn a_claim_that_an_absence_touches_anywhere_is_refused() {
    let region = Region::alone("touch").await;
    // The visit of Monday is from 04:00 to 16:00, its work from 08:00 to 12:00.
    for (day, touches) in [
        ("2026-11-23T03:00Z/2026-11-23T04:00Z", false),
        ("2026-11-23T16:00Z/2026-11-24T00:00Z", false),
        ("2026-11-23T15:59Z/2026-11-24T00:00Z", true),
        ("2026-11-23T09:00Z/2026-11-23T09:01Z", true),
        ("2026-11-23T03:00Z/2026-11-23T04:01Z", true),
    ] {
        region.absent("ANNA", day).await.unwrap();
        let held = region.hold(&monday("ANNA")).await;
        if touches {
            let refusal = held.unwrap_err();
            assert_eq!(
                (refusal.kind, &*refusal.reason),
                (ProblemKind::Exhausted, "ENGINEER_ABSENT"),
                "{day}"
            );
        } else {
            region.cancel(&held.unwrap().visit_id).await.unwrap();
        }
    }
}

#[tokio::test]
async fn an_absence_is_gone_from_free_time() {
    let region = Region::alone("free").await;
    region.absent("ANNA", "2026-11-23T08:00Z/2026-11-23T09:00Z").await.unwrap();
    let answer = region.find(question("2026-11-23T00:00Z/2026-11-24T00:00Z")).await.unwrap();
    assert_eq!(
        free(&answer, "ANNA"),
        ["2026-11-23T06:00Z/2026-11-23T08:00Z", "2026-11-23T09:00Z/2026-11-23T14:00Z"]
    );
    assert_eq!(free(&answer, "BO"), ["2026-11-23T06:00Z/2026-11-23T14:00Z"]);
}

#[tokio::test]
async fn an_absence_that_is_over_is_refused_but_its_repetition_is_answered() {
    let region = Region::alone("over").await;
    let request = absence("ANNA", "2026-11-20T00:00Z/2026-11-20T08:01Z");
    let first = answered(region.client.clone().record_absence(request.clone())).await.unwrap();
    region.advance_minutes(1);
    assert_eq!(answered(region.client.clone().record_absence(request.clone())).await.unwrap(), first);
    let anew = pb::RecordAbsenceRequest { request_id: crate::harness::request_id(), ..request };
    let refusal = answered(region.client.clone().record_absence(anew.clone())).await.unwrap_err();
    assert_eq!((refusal.kind, &*refusal.reason), (ProblemKind::Invalid, "TIME_IN_PAST"));
    let longer =
        pb::RecordAbsenceRequest { during: Some(interval("2026-11-20T00:00Z/2026-11-20T08:02Z")), ..anew };
    let longer = pb::RecordAbsenceRequest { request_id: crate::harness::request_id(), ..longer };
    answered(region.client.clone().record_absence(longer)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_hold_and_an_absence_at_the_same_time_no_visit_is_left_in_the_absence() {
    let region = Region::alone("race").await;
    let ids: Vec<String> = (0..20).map(|number| format!("CY-{number}")).collect();
    let engineers = ids.iter().map(|id| engineer(id, "eu")).collect();
    region.put(pb::PutWorkforceRequest { engineers, ..workforce("eu") }).await.unwrap();
    for id in &ids {
        let visit = monday(id);
        let (held, cancelled) =
            tokio::join!(region.hold(&visit), region.absent(id, "2026-11-23T10:00Z/2026-11-24T10:00Z"));
        match held {
            Ok(_) => assert_eq!(cancelled.unwrap(), [visit.visit_id], "{id}"),
            Err(refusal) => {
                assert_eq!((&*refusal.reason, cancelled.unwrap().len()), ("ENGINEER_ABSENT", 0), "{id}")
            }
        }
    }
    assert_eq!(region.audit().await.open_visits, 0);
}
