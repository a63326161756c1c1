//! The life of a visit.

use meridian_proto::dispatch::v1 as pb;
use meridian_types::{Problem, ProblemKind};

use crate::harness::{Region, answered, reason, until, visit_id};
use crate::sample::{holding, monday, visit};

#[tokio::test]
async fn a_visit_goes_from_held_to_finished_and_each_step_may_be_repeated() {
    let region = Region::alone("life").await;
    let visit = monday("ANNA");
    let id = &visit.visit_id;
    let before = region.emitted().await.len();
    let held = region.hold(&visit).await.unwrap();
    assert_eq!((held.state(), &*held.etag, &*held.region), (pb::VisitState::Held, "1", "eu"));
    assert_eq!(held.expires_at.unwrap().seconds, crate::harness::START.as_second() + 3600);
    assert_eq!(region.hold(&visit).await.unwrap(), held);
    for (steps, state, etag) in [
        ([region.book(id).await, region.book(id).await], pb::VisitState::Booked, "2"),
        ([region.accept(id).await, region.accept(id).await], pb::VisitState::Accepted, "3"),
        ([region.begin(id).await, region.begin(id).await], pb::VisitState::Started, "4"),
        ([region.finish(id).await, region.finish(id).await], pb::VisitState::Finished, "5"),
    ] {
        for step in steps {
            let step = step.unwrap();
            assert_eq!((step.state(), &*step.etag, step.expires_at), (state, etag, None));
        }
    }
    assert_eq!(
        region.emitted_since(before).await,
        [
            "VisitHeld",
            "FreeBusyChanged",
            "VisitProgressed",
            "VisitProgressed",
            "VisitProgressed",
            "VisitProgressed",
            "FreeBusyChanged"
        ]
    );
}

#[tokio::test]
async fn a_visit_that_solved_nothing_ends_like_a_finished_one_and_says_so() {
    let region = Region::alone("unsolved").await;
    let visit = monday("ANNA");
    let id = &visit.visit_id;
    region.hold(&visit).await.unwrap();
    region.book(id).await.unwrap();
    region.begin(id).await.unwrap();
    let before = region.emitted().await.len();
    let unsolved = region.give_up(id).await.unwrap();
    assert_eq!((unsolved.state(), &*unsolved.etag), (pb::VisitState::Unsolved, "4"));
    assert_eq!(region.give_up(id).await.unwrap(), unsolved);
    assert_eq!(region.get(id).await.unwrap(), unsolved);
    let request = pb::ListVisitsRequest { engineer_id: "ANNA".to_owned(), ..Default::default() };
    let listed = answered(region.client.clone().list_visits(request)).await.unwrap().visits;
    assert_eq!(listed, std::slice::from_ref(&unsolved));
    let told = region.emitted().await.split_off(before);
    let names: Vec<_> = told.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["VisitProgressed", "FreeBusyChanged"]);
    assert_eq!(
        (&told[0].1["state"], &told[0].1["visitId"]),
        (&"VISIT_STATE_UNSOLVED".into(), &id.as_str().into())
    );
    assert_eq!(told[1].1["busy"].as_array().map_or(0, Vec::len), 0, "her time is free: {:?}", told[1].1);
    // The claim, said again, is that claim; the time is there for another.
    assert_eq!(region.hold(&visit).await.unwrap(), unsolved);
    region.hold(&monday("ANNA")).await.unwrap();
    assert_eq!(region.audit().await.overlapping_pairs, 0);
}

#[tokio::test]
async fn an_impossible_step_names_where_the_visit_stands_and_where_it_cannot_go() {
    let region = Region::alone("impossible").await;
    let visit = monday("ANNA");
    let id = &visit.visit_id;
    let expect = |outcome: Result<pb::Visit, Problem>, from: &str, to: &str| {
        let refusal = outcome.unwrap_err();
        assert_eq!((refusal.kind, &*refusal.reason), (ProblemKind::FailedPrecondition, "VISIT_STATE"));
        assert_eq!((&*refusal.metadata["from"], &*refusal.metadata["to"]), (from, to));
    };
    region.hold(&visit).await.unwrap();
    expect(region.accept(id).await, "held", "accepted");
    expect(region.begin(id).await, "held", "started");
    expect(region.finish(id).await, "held", "finished");
    region.book(id).await.unwrap();
    expect(region.finish(id).await, "booked", "finished");
    region.begin(id).await.unwrap();
    expect(region.cancel(id).await, "started", "cancelled");
    region.finish(id).await.unwrap();
    expect(region.cancel(id).await, "finished", "cancelled");
    // What has been said of its end is not taken back.
    expect(region.give_up(id).await, "finished", "unsolved");
    assert_eq!(region.state(id).await, pb::VisitState::Finished);

    let visit = monday("ANNA");
    let id = &visit.visit_id;
    region.hold(&visit).await.unwrap();
    expect(region.give_up(id).await, "held", "unsolved");
    region.book(id).await.unwrap();
    expect(region.give_up(id).await, "booked", "unsolved");
    region.accept(id).await.unwrap();
    expect(region.give_up(id).await, "accepted", "unsolved");
    region.begin(id).await.unwrap();
    region.give_up(id).await.unwrap();
    expect(region.finish(id).await, "unsolved", "finished");
    expect(region.cancel(id).await, "unsolved", "cancelled");
    expect(region.book(id).await, "unsolved", "booked");
    assert_eq!(region.state(id).await, pb::VisitState::Unsolved);
}

#[tokio::test]
async fn a_cancelled_visit_gives_the_time_back_and_stays_cancelled() {
    let region = Region::alone("cancelled").await;
    for prepare in 0..3 {
        let visit = monday("ANNA");
        region.hold(&visit).await.unwrap();
        if prepare > 0 {
            region.book(&visit.visit_id).await.unwrap();
        }
        if prepare > 1 {
            region.accept(&visit.visit_id).await.unwrap();
        }
        let cancelled = region.cancel(&visit.visit_id).await.unwrap();
        assert_eq!(cancelled.state(), pb::VisitState::Cancelled);
        assert_eq!(region.cancel(&visit.visit_id).await.unwrap(), cancelled);
        assert_eq!(reason(region.hold(&visit).await), "VISIT_CANCELLED");
        assert_eq!(reason(region.book(&visit.visit_id).await), "VISIT_STATE");
    }
    assert_eq!(region.audit().await.open_visits, 0);
}

#[tokio::test]
async fn a_hold_that_comes_after_its_cancellation_is_refused() {
    let region = Region::alone("late hold").await;
    let visit = monday("ANNA");
    let cancelled = region.cancel(&visit.visit_id).await.unwrap();
    assert_eq!((cancelled.state(), &cancelled.visit_id), (pb::VisitState::Cancelled, &visit.visit_id));
    assert_eq!(region.cancel(&visit.visit_id).await.unwrap(), cancelled);
    assert_eq!(region.get(&visit.visit_id).await.unwrap(), cancelled);
    assert_eq!(reason(region.hold(&visit).await), "VISIT_CANCELLED");
    assert_eq!(reason(region.book(&visit.visit_id).await), "VISIT_CANCELLED");
    assert_eq!(region.audit().await.open_visits, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_hold_and_its_cancellation_at_the_same_time_the_cancellation_stands() {
    let region = Region::alone("race").await;
    for _ in 0..20 {
        let visit = monday("ANNA");
        let (held, cancelled) = tokio::join!(region.hold(&visit), region.cancel(&visit.visit_id));
        assert!(held.is_ok() || reason(held) == "VISIT_CANCELLED");
        assert_eq!(cancelled.unwrap().state(), pb::VisitState::Cancelled);
        assert_eq!(region.state(&visit.visit_id).await, pb::VisitState::Cancelled);
    }
    assert_eq!(region.audit().await.open_visits, 0);
}

#[tokio::test]
async fn the_same_id_with_other_content_is_refused() {
    let region = Region::alone("other content").await;
    let visit = monday("ANNA");
    region.hold(&visit).await.unwrap();
    for other in [
        pb::Visit { engineer_id: "BO".to_owned(), ..visit.clone() },
        pb::Visit { case_id: crate::harness::case_id(), ..visit.clone() },
        pb::Visit { site_id: "DE-HAM".to_owned(), ..visit.clone() },
        pb::Visit { level: 2, ..visit.clone() },
        pb::Visit { work: visit.during, ..visit.clone() },
    ] {
        let refusal = region.hold(&other).await.unwrap_err();
        assert_eq!((refusal.kind, &*refusal.reason), (ProblemKind::AlreadyExists, "VISIT_EXISTS"));
    }
}

#[tokio::test]
async fn a_claim_that_has_expired_cannot_be_booked_even_before_its_timer_fires() {
    let region = Region::alone("expired").await;
    let visit = monday("ANNA");
    region.hold(&visit).await.unwrap();
    region.advance_minutes(60);
    let refusal = region.book(&visit.visit_id).await.unwrap_err();
    assert_eq!((refusal.kind, &*refusal.reason), (ProblemKind::FailedPrecondition, "VISIT_EXPIRED"));
    assert_eq!(region.state(&visit.visit_id).await, pb::VisitState::Held, "no timer runs here");
    // Nor does it stand in the way.
    region.hold(&monday("ANNA")).await.unwrap();
    assert_eq!(region.state(&visit.visit_id).await, pb::VisitState::Expired);
    assert_eq!(reason(region.hold(&visit).await), "VISIT_EXPIRED");
    assert_eq!(region.cancel(&visit.visit_id).await.unwrap().state(), pb::VisitState::Cancelled);
}

#[tokio::test]
async fn the_timer_gives_back_what_nobody_booked_and_nothing_else() {
    let region = Region::running("timer").await;
    let (forgotten, booked) = (monday("ANNA"), monday("BO"));
    for visit in [&forgotten, &booked] {
        region.hold(visit).await.unwrap();
    }
    region.advance_minutes(59);
    region.book(&booked.visit_id).await.unwrap();
    let before = region.emitted().await.len();
    region.advance_minutes(1);
    let expired = || async { region.state(&forgotten.visit_id).await == pb::VisitState::Expired };
    until("the claim expires", expired).await;
    let timers_left = || async {
        let left: i64 = sqlx::query_scalar("SELECT count(*) FROM timer")
            .fetch_one(region.dispatch.journal().pool())
            .await
            .unwrap();
        left == 0
    };
    until("both timers fired", timers_left).await;
    assert_eq!(region.state(&booked.visit_id).await, pb::VisitState::Booked);
    assert_eq!(region.emitted_since(before).await, ["VisitProgressed", "FreeBusyChanged"]);
}

#[tokio::test]
async fn the_calendar_of_the_engineer_is_kept() {
    let region = Region::alone("calendar").await;
    let held = async |during: &str, work: &str| region.hold(&visit("ANNA", during, work)).await;
    let (monday, sunday) = ("2026-11-23T03:00Z/2026-11-23T20:00Z", "2026-11-29T03:00Z/2026-11-29T20:00Z");
    for (during, work) in [
        (monday, "2026-11-23T05:30Z/2026-11-23T07:00Z"),
        (monday, "2026-11-23T13:30Z/2026-11-23T14:30Z"),
        (sunday, "2026-11-29T07:00Z/2026-11-29T08:00Z"),
        ("2026-12-25T07:00Z/2026-12-25T08:00Z", "2026-12-25T07:00Z/2026-12-25T08:00Z"),
    ] {
        let refusal = held(during, work).await.unwrap_err();
        assert_eq!(
            (refusal.kind, &*refusal.reason),
            (ProblemKind::FailedPrecondition, "OUTSIDE_WORKING_TIME")
        );
    }
    held("2026-11-28T03:00Z/2026-11-28T20:00Z", "2026-11-28T07:00Z/2026-11-28T08:00Z").await.unwrap();
    let mut unskilled = visit("ANNA", monday, "2026-11-23T07:00Z/2026-11-23T08:00Z");
    unskilled.level = 5;
    assert_eq!(reason(region.hold(&unskilled).await), "LEVEL_TOO_LOW");
    unskilled.skill_id = "LASERS".to_owned();
    assert_eq!(reason(region.hold(&unskilled).await), "SKILL_MISSING");
}

#[tokio::test]
async fn what_is_unknown_or_past_is_refused() {
    let region = Region::alone("unknown").await;
    assert_eq!(reason(region.hold(&monday("NOBODY")).await), "ENGINEER_NOT_FOUND");
    assert_eq!(reason(region.book(&visit_id()).await), "VISIT_NOT_FOUND");
    assert_eq!(reason(region.get(&visit_id()).await), "VISIT_NOT_FOUND");
    assert_eq!(reason(region.absent("NOBODY", crate::sample::WEEK).await), "ENGINEER_NOT_FOUND");
    let past = visit("ANNA", "2026-11-19T07:00Z/2026-11-19T09:00Z", "2026-11-19T07:00Z/2026-11-19T09:00Z");
    let refusal = region.hold(&past).await.unwrap_err();
    assert_eq!((refusal.kind, &*refusal.reason), (ProblemKind::Invalid, "TIME_IN_PAST"));
    assert_eq!(crate::harness::fields(&refusal), ["visit.work.end"]);
}

#[tokio::test]
async fn visits_are_listed_by_start_page_by_page() {
    let region = Region::alone("list").await;
    let mut expected = Vec::new();
    for hour in [12, 8, 10, 9, 11] {
        let during = format!("2026-11-23T{hour:02}:00Z/2026-11-23T{:02}:00Z", hour + 1);
        for engineer in ["ANNA", "BO"] {
            let held = region.hold(&visit(engineer, &during, &during)).await.unwrap();
            expected.push((hour, held.visit_id.clone(), held));
        }
    }
    expected.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    let list = async |engineer_id: &str, case_id: &str, page_size: i32| {
        let (mut pages, mut page_token) = (Vec::new(), String::new());
        loop {
            let (engineer_id, case_id) = (engineer_id.to_owned(), case_id.to_owned());
            let request = pb::ListVisitsRequest { engineer_id, case_id, page_size, page_token };
            let answer = answered(region.client.clone().list_visits(request)).await.unwrap();
            pages.push(answer.visits);
            page_token = answer.next_page_token;
            if page_token.is_empty() {
                return pages;
            }
        }
    };
    let pages = list("", "", 3).await;
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [3, 3, 3, 1]);
    assert_eq!(pages.concat(), expected.iter().map(|entry| entry.2.clone()).collect::<Vec<_>>());
    assert_eq!(list("BO", "", 5).await.iter().map(Vec::len).collect::<Vec<_>>(), [5]);
    let last = &expected[9].2;
    assert_eq!(list("", &last.case_id, 0).await, [vec![last.clone()]]);
}

#[tokio::test]
async fn the_same_request_id_with_another_body_is_refused() {
    let region = Region::alone("request id").await;
    let request = holding(&monday("ANNA"));
    answered(region.client.clone().hold_visit(request.clone())).await.unwrap();
    let other = pb::HoldVisitRequest { expires_in_minutes: 61, ..request };
    assert_eq!(reason(answered(region.client.clone().hold_visit(other)).await), "REQUEST_ID_REUSED");
}
