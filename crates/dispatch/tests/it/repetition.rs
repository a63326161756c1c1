//! Every mutating call may be sent any number of times, also at once: one effect, one answer.

use std::fmt::Debug;
use std::future::Future;

use meridian_chassis::client::Client;
use meridian_proto::dispatch::v1 as pb;
use meridian_proto::dispatch::v1::dispatch_service_client::DispatchServiceClient;
use meridian_types::{Problem, ProblemKind};
use tokio::task::JoinSet;

use crate::harness::{Region, answered, client, request_id, visit_id};
use crate::sample::{absence, engineer, holding, interval, monday, order, terms, workforce};

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

/// Sends a request so many times at once and checks what was emitted: as much as for one. Another request with its key
/// is refused.
macro_rules! check {
    ($region:expr, $times:expr, $method:ident($request:expr, $other:expr), $emitted:expr) => {{
        let (request, before) = ($request, $region.emitted().await.len());
        let answer = sent($region, $times, move |mut client| {
            let request = request.clone();
            async move { answered(client.$method(request)).await }
        })
        .await;
        let reused = answered(client(&$region.url).$method($other)).await.unwrap_err();
        assert_eq!((reused.kind, &*reused.reason), (ProblemKind::AlreadyExists, "REQUEST_ID_REUSED"));
        assert_eq!($region.emitted_since(before).await, $emitted, "{} times {}", $times, stringify!($method));
        answer
    }};
}

/// The same for a command about nothing but a visit.
macro_rules! check_visit {
    ($region:expr, $times:expr, $method:ident($message:ident, $visit_id:expr), $emitted:expr) => {{
        let request = pb::$message { request_id: request_id(), visit_id: $visit_id.clone() };
        let other = pb::$message { visit_id: visit_id(), ..request.clone() };
        check!($region, $times, $method(request, other), $emitted)
    }};
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_mutating_call_sent_1_to_5_times_at_once_has_one_effect_and_one_answer() {
    const NONE: [&str; 0] = [];
    const MOVED_ON: [&str; 1] = ["VisitProgressed"];
    const ENDED: [&str; 2] = ["VisitProgressed", "FreeBusyChanged"];
    let region = &Region::alone("repetition").await;
    for times in 1..=5 {
        let id = format!("CY-{times}");
        let put = pb::PutWorkforceRequest { engineers: vec![engineer(&id, "eu")], ..workforce("eu") };
        let other = pb::PutWorkforceRequest { engineers: Vec::new(), ..put.clone() };
        check!(region, times, put_workforce(put, other), ["EngineerDefined"]).unwrap();

        let (visit, second) = (monday(&id), monday(&id));
        let held = visit.visit_id.clone();
        let hold = holding(&visit);
        let other = pb::HoldVisitRequest { request_id: hold.request_id.clone(), ..holding(&second) };
        check!(region, times, hold_visit(hold, other), ["VisitHeld", "FreeBusyChanged"]).unwrap();
        let hold = holding(&second);
        let other = pb::HoldVisitRequest { request_id: hold.request_id.clone(), ..holding(&visit) };
        let refused = check!(region, times, hold_visit(hold, other), NONE).unwrap_err();
        assert_eq!(refused.metadata["visit_id"], held);

        check_visit!(region, times, book_visit(BookVisitRequest, held), MOVED_ON).unwrap();
        check_visit!(region, times, accept_visit(AcceptVisitRequest, held), MOVED_ON).unwrap();
        check_visit!(region, times, start_visit(StartVisitRequest, held), MOVED_ON).unwrap();
        check_visit!(region, times, cancel_visit(CancelVisitRequest, held), NONE).unwrap_err();
        let finish =
            pb::FinishVisitRequest { request_id: request_id(), visit_id: held, unsolved: times % 2 == 0 };
        let other = pb::FinishVisitRequest { unsolved: !finish.unsolved, ..finish.clone() };
        check!(region, times, finish_visit(finish, other), ENDED).unwrap();

        let visit = monday(&id);
        region.hold(&visit).await.unwrap();
        check_visit!(region, times, cancel_visit(CancelVisitRequest, visit.visit_id), ENDED).unwrap();

        let visit = monday(&id);
        region.hold(&visit).await.unwrap();
        let request = absence(&id, "2026-11-23T10:00Z/2026-11-24T10:00Z");
        let during = Some(interval("2026-11-25T10:00Z/2026-11-26T10:00Z"));
        let other = pb::RecordAbsenceRequest { during, ..request.clone() };
        let told = ["VisitDisrupted", "FreeBusyChanged", "EngineerAbsent"];
        let answer = check!(region, times, record_absence(request, other), told).unwrap();
        assert_eq!(answer.cancelled_visit_ids, [visit.visit_id]);
    }
    let absences: i64 = sqlx::query_scalar("SELECT count(*) FROM absence")
        .fetch_one(region.dispatch.journal().pool())
        .await
        .unwrap();
    assert_eq!((absences, region.audit().await.open_visits), (5, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_call_that_plans_sent_1_to_5_times_at_once_has_one_effect_and_one_answer() {
    const NONE: [&str; 0] = [];
    let region = &Region::running("planning again").await;
    for times in 1..=5 {
        let order = order(&[]);
        let put = pb::PutWorkOrdersRequest { request_id: request_id(), work_orders: vec![order.clone()] };
        let other = pb::PutWorkOrdersRequest { work_orders: Vec::new(), ..put.clone() };
        let answer = check!(region, times, put_work_orders(put, other), NONE).unwrap();
        assert_eq!(answer.stored, 1);

        let terms = Some(terms());
        let begin = pb::OptimiseRequest { request_id: request_id(), terms, budget_ms: 600_000, seed: 1 };
        let other = pb::OptimiseRequest { seed: 2, ..begin.clone() };
        let begun = check!(region, times, optimise(begin, other), NONE).unwrap();
        let id = begun.optimisation.unwrap().optimisation_id;

        let end = pb::CancelOptimisationRequest { request_id: request_id(), optimisation_id: id.clone() };
        let other = pb::CancelOptimisationRequest {
            optimisation_id: "opt_0".to_owned() + &"0".repeat(31),
            ..end.clone()
        };
        check!(region, times, cancel_optimisation(end, other), NONE).unwrap();
        region.ended(&id).await;

        let publish = pb::PublishOptimisationRequest { request_id: request_id(), optimisation_id: id };
        let other = pb::PublishOptimisationRequest {
            optimisation_id: "opt_0".to_owned() + &"0".repeat(31),
            ..publish.clone()
        };
        let told = ["VisitProgressed", "FreeBusyChanged"];
        check!(region, times, publish_optimisation(publish, other), told).unwrap();

        let ended =
            check_visit!(region, times, cancel_work_order(CancelWorkOrderRequest, order.visit_id), told);
        assert_eq!(ended.unwrap().status.unwrap().stage(), pb::WorkOrderStage::Historic);
    }
    let searches: i64 = sqlx::query_scalar("SELECT count(*) FROM optimisation")
        .fetch_one(region.dispatch.journal().pool())
        .await
        .unwrap();
    assert_eq!((searches, region.audit().await.open_visits), (5, 0));
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
