//! Every mutating call may be sent any number of times, also at once: one effect, one answer.

use std::fmt::Debug;
use std::future::Future;

use meridian_chassis::client::Client;
use meridian_proto::dispatch::v1 as pb;
use meridian_proto::dispatch::v1::dispatch_service_client::DispatchServiceClient;
use meridian_types::Problem;
use tokio::task::JoinSet;

use crate::harness::{Region, answered, client, request_id};
use crate::sample::{absence, engineer, holding, monday, workforce};

/// Sends the same request `times` times at once. All answers must be the same.
async fn sent<R, F>(
    region: &Region,
    times: usize,
    call: impl Fn(DispatchServiceClient<Client>) -> F,
) -> Result<R, Problem>
where
    R: PartialEq + Debug + Send + 'static,
    F: Future<Output = Result<R, Problem>> + Send + 'static,
{
    let mut calls = JoinSet::new();
    for _ in 0..times {
        calls.spawn(call(client(&region.url)));
    }
    let mut answers = calls.join_all().await;
    let first = answers.pop().unwrap();
    for answer in answers {
        assert_eq!(answer, first);
    }
    first
}

/// Sends each request 1 to 5 times and checks what was emitted: as much as for one.
macro_rules! check {
    ($region:expr, $times:expr, $method:ident($request:expr), $emitted:expr) => {{
        let (request, before) = ($request, $region.emitted().await.len());
        let answer = sent($region, $times, move |mut client| {
            let request = request.clone();
            async move { answered(client.$method(request)).await }
        })
        .await;
        assert_eq!($region.emitted_since(before).await, $emitted, "{} times {}", $times, stringify!($method));
        answer
    }};
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_mutating_call_sent_1_to_5_times_at_once_has_one_effect_and_one_answer() {
    const NONE: [&str; 0] = [];
    let region = &Region::alone("repetition").await;
    for times in 1..=5 {
        let id = format!("CY-{times}");
        let put = pb::PutWorkforceRequest { engineers: vec![engineer(&id, "eu")], ..workforce("eu") };
        check!(region, times, put_workforce(put), ["EngineerDefined"]).unwrap();

        let visit = monday(&id);
        let visit_id = visit.visit_id.clone();
        check!(region, times, hold_visit(holding(&visit)), ["VisitHeld", "FreeBusyChanged"]).unwrap();
        let refused = check!(region, times, hold_visit(holding(&monday(&id))), NONE).unwrap_err();
        assert_eq!(refused.metadata["visit_id"], visit_id);

        let request = pb::BookVisitRequest { request_id: request_id(), visit_id: visit_id.clone() };
        check!(region, times, book_visit(request), ["VisitProgressed"]).unwrap();
        let request = pb::AcceptVisitRequest { request_id: request_id(), visit_id: visit_id.clone() };
        check!(region, times, accept_visit(request), ["VisitProgressed"]).unwrap();
        let request = pb::StartVisitRequest { request_id: request_id(), visit_id: visit_id.clone() };
        check!(region, times, start_visit(request), ["VisitProgressed"]).unwrap();
        let request = pb::CancelVisitRequest { request_id: request_id(), visit_id: visit_id.clone() };
        check!(region, times, cancel_visit(request), NONE).unwrap_err();
        let request = pb::FinishVisitRequest { request_id: request_id(), visit_id };
        check!(region, times, finish_visit(request), ["VisitProgressed", "FreeBusyChanged"]).unwrap();

        let visit = monday(&id);
        region.hold(&visit).await.unwrap();
        let request = pb::CancelVisitRequest { request_id: request_id(), visit_id: visit.visit_id };
        check!(region, times, cancel_visit(request), ["VisitProgressed", "FreeBusyChanged"]).unwrap();

        let visit = monday(&id);
        region.hold(&visit).await.unwrap();
        let request = absence(&id, "2026-11-23T10:00Z/2026-11-24T10:00Z");
        let told = ["VisitDisrupted", "FreeBusyChanged", "EngineerAbsent"];
        let answer = check!(region, times, record_absence(request), told).unwrap();
        assert_eq!(answer.cancelled_visit_ids, [visit.visit_id]);
    }
    let absences: i64 = sqlx::query_scalar("SELECT count(*) FROM absence")
        .fetch_one(region.dispatch.journal().pool())
        .await
        .unwrap();
    assert_eq!((absences, region.audit().await.open_visits), (5, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_visit_that_several_callers_hold_at_once_is_held_once() {
    let region = &Region::alone("callers").await;
    let visit = monday("ANNA");
    let before = region.emitted().await.len();
    let mut calls = JoinSet::new();
    for _ in 0..8 {
        let (mut client, request) = (client(&region.url), holding(&visit));
        calls.spawn(async move { answered(client.hold_visit(request)).await.unwrap() });
    }
    let answers = calls.join_all().await;
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert_eq!(region.emitted_since(before).await, ["VisitHeld", "FreeBusyChanged"]);
}
