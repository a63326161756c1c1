//! Events that cannot be applied step aside, with those behind them, and come back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use async_trait::async_trait;
use meridian_messaging::{Event, EventLog, Handler, Work, spawn_reader};
use meridian_proto::messaging::v1::event_log_service_server::EventLogService;
use meridian_proto::messaging::v1::{
    ListDeadLettersRequest, ListDeadLettersResponse, ReplayDeadLettersRequest, ReplayDeadLettersResponse,
};
use meridian_types::{Problem, ProblemKind};
use tonic::{Code, Request};

use crate::harness::{Pair, effect_count, effects, note_effect, until};

/// Fails on one notebook's second note while `is_broken`.
struct Broken {
    is_broken: AtomicBool,
    failures: AtomicU32,
    how: fn() -> Problem,
}

impl Broken {
    fn new(how: fn() -> Problem) -> Arc<Self> {
        Arc::new(Self { is_broken: AtomicBool::new(true), failures: AtomicU32::new(0), how })
    }
}

#[async_trait]
impl Handler for Broken {
    async fn handle(&self, work: &mut Work, event: &Event) -> Result<(), Problem> {
        note_effect(work, event).await?;
        let is_poison = event.aggregate_id == "poison" && event.aggregate_version == 2;
        if is_poison && self.is_broken.load(Ordering::SeqCst) {
            self.failures.fetch_add(1, Ordering::SeqCst);
            return Err((self.how)());
        }
        Ok(())
    }
}

async fn list(log: &EventLog, page_size: i32, page_token: &str) -> ListDeadLettersResponse {
    let request =
        ListDeadLettersRequest { service: "reader".to_owned(), page_size, page_token: page_token.to_owned() };
    log.list_dead_letters(Request::new(request)).await.unwrap().into_inner()
}

async fn replay(log: &EventLog, event_id: &str) -> ReplayDeadLettersResponse {
    let request = ReplayDeadLettersRequest { service: String::new(), event_id: event_id.to_owned() };
    log.replay_dead_letters(Request::new(request)).await.unwrap().into_inner()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_replicas_that_meet_a_poison_event_apply_what_follows_once() {
    let pair = Pair::new("twopoisoned").await;
    let other = pair.another_reader().await;
    meridian_messaging::spawn_relay(&pair.tasks, &pair.writer, pair.nats.clone());
    for (note, notebook) in ["poison"; 2].into_iter().chain(["good"; 100]).enumerate() {
        pair.add(notebook, &note.to_string()).await;
    }
    let broken = Broken::new(|| Problem::new(ProblemKind::Invalid, "POISON", "on purpose"));
    pair.read_with(Arc::clone(&broken) as Arc<dyn Handler>);
    spawn_reader(&pair.tasks, &other, pair.source(), broken);
    until("all that is no poison", || async { effect_count(pair.reader.pool()).await >= 101 }).await;
    pair.stop().await;
    let seen = effects(pair.reader.pool()).await;
    assert_eq!((&seen["poison"][..], &seen["good"][..]), (&[1][..], &(1..=100).collect::<Vec<i64>>()[..]));
}

async fn a_poison_event_steps_aside(hint: &str, how: fn() -> Problem) {
    let pair = Pair::new(hint).await;
    meridian_messaging::spawn_relay(&pair.tasks, &pair.writer, pair.nats.clone());
    let broken = Broken::new(how);
    pair.read_with(Arc::clone(&broken) as Arc<dyn Handler>);
    for note in 1..=4 {
        for notebook in ["poison", "well", "good"] {
            pair.add(notebook, &note.to_string()).await;
        }
    }
    until("the others flow on", || async { effect_count(pair.reader.pool()).await >= 9 }).await;
    let log = EventLog::new(vec![pair.reader.clone()]);
    until("three dead letters", || async { list(&log, 0, "").await.dead_letters.len() == 3 }).await;
    let seen = effects(pair.reader.pool()).await;
    assert_eq!(
        (&seen["poison"][..], &seen["well"][..], &seen["good"][..]),
        (&[1][..], &[1, 2, 3, 4][..], &[1, 2, 3, 4][..])
    );
    assert_eq!(broken.failures.load(Ordering::SeqCst) % 3, 1, "once in the batch, then three times singly");

    let first = list(&log, 2, "").await;
    assert_eq!(first.dead_letters.iter().map(|letter| letter.attempts).collect::<Vec<_>>(), [3, 0]);
    let rest = list(&log, 2, &first.next_page_token).await;
    assert_eq!((rest.dead_letters.len(), &*rest.next_page_token), (1, ""));

    // Still broken: the poison fails again, those behind it stay.
    assert_eq!(replay(&log, "").await, ReplayDeadLettersResponse { applied: 0, failed: 3 });
    broken.is_broken.store(false, Ordering::SeqCst);
    // A later one cannot overtake.
    let last_id = rest.dead_letters[0].event.as_ref().unwrap().event_id.clone();
    assert_eq!(replay(&log, &last_id).await, ReplayDeadLettersResponse { applied: 0, failed: 1 });
    assert_eq!(replay(&log, "").await, ReplayDeadLettersResponse { applied: 3, failed: 0 });
    pair.add("poison", "5").await;
    pair.settle().await;
    assert_eq!(list(&log, 0, "").await, ListDeadLettersResponse::default());
    pair.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_is_refused_steps_aside() {
    a_poison_event_steps_aside("refused", || Problem::new(ProblemKind::Invalid, "POISON", "on purpose"))
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_makes_the_handler_panic_steps_aside() {
    a_poison_event_steps_aside("panics", || panic!("on purpose")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_passing_fault_is_waited_out() {
    let pair = Pair::new("waits").await;
    meridian_messaging::spawn_relay(&pair.tasks, &pair.writer, pair.nats.clone());
    let broken = Broken::new(|| Problem::new(ProblemKind::Unavailable, "AWAY", "on purpose"));
    pair.read_with(Arc::clone(&broken) as Arc<dyn Handler>);
    for note in ["1", "2", "3"] {
        pair.add("poison", note).await;
    }
    until("ten attempts", || async { broken.failures.load(Ordering::SeqCst) >= 10 }).await;
    let log = EventLog::new(vec![pair.reader.clone()]);
    assert!(list(&log, 0, "").await.dead_letters.is_empty());
    broken.is_broken.store(false, Ordering::SeqCst);
    pair.settle().await;
    pair.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_malformed_request_names_its_field() {
    let pair = Pair::new("fields").await;
    let log = EventLog::new(vec![pair.reader.clone()]);
    let bad_page =
        ListDeadLettersRequest { page_size: 201, page_token: "x".to_owned(), ..Default::default() };
    let status = log.list_dead_letters(Request::new(bad_page)).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert!(status.message().contains("page_size") && status.message().contains("page_token"), "{status}");
    let bad_id = ReplayDeadLettersRequest { event_id: "x".to_owned(), ..Default::default() };
    let status = log.replay_dead_letters(Request::new(bad_id)).await.unwrap_err();
    assert!(status.message().contains("event_id"), "{status}");
    let unknown = ReplayDeadLettersRequest { service: "nobody".to_owned(), ..Default::default() };
    assert_eq!(log.replay_dead_letters(Request::new(unknown)).await.unwrap_err().code(), Code::NotFound);
}
