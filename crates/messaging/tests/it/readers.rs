//! Readers: each event once and in order, however it arrives.

use std::sync::Arc;
use std::time::Duration;

use async_nats::HeaderMap;
use async_trait::async_trait;
use meridian_chassis::tasks::Tasks;
use meridian_messaging::{Event, Handler, Work, spawn_reader};
use meridian_types::Problem;
use uuid::Uuid;

use crate::harness::{
    Effects, Load, NoteEffects, Pair, assert_exactly_once_in_order, effect_count, effects, note_effect,
    progress, until,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_replicas_of_a_reader_apply_each_event_once() {
    let pair = Pair::new("tworeaders").await;
    pair.run();
    let other = Tasks::new();
    spawn_reader(&other, &pair.another_reader().await, pair.source(), Arc::new(NoteEffects));
    let load = Load::start(&pair.writer, 4);
    progress(pair.reader.pool(), 1000).await;
    load.finish().await;
    pair.settle().await;
    // One goes, the other goes on.
    pair.tasks.stop(Duration::from_secs(20)).await.unwrap();
    let relay = Tasks::new();
    meridian_messaging::spawn_relay(&relay, &pair.writer, pair.nats.clone());
    pair.add("n1", "after").await;
    pair.settle().await;
    other.stop(Duration::from_secs(20)).await.unwrap();
    relay.stop(Duration::from_secs(20)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_comes_later_reads_everything() {
    let pair = Pair::new("later").await;
    meridian_messaging::spawn_relay(&pair.tasks, &pair.writer, pair.nats.clone());
    for note in 0..500 {
        pair.add(&format!("n{}", note % 7), &note.to_string()).await;
    }
    pair.read_with(Arc::new(NoteEffects));
    pair.settle().await;
    pair.stop().await;
}

/// Cares for one notebook only.
struct Selective;

#[async_trait]
impl Handler for Selective {
    async fn handle(&self, work: &mut Work, event: &Event) -> Result<(), Problem> {
        note_effect(work, event).await
    }

    fn concerns(&self, event: &Event) -> bool {
        event.aggregate_id == "wanted"
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_of_no_concern_are_passed_over_and_the_position_follows() {
    let pair = Pair::new("concern").await;
    meridian_messaging::spawn_relay(&pair.tasks, &pair.writer, pair.nats.clone());
    pair.read_with(Arc::new(Selective));
    // Another replica passes over what the first one has not stored yet.
    let other = Tasks::new();
    spawn_reader(&other, &pair.another_reader().await, pair.source(), Arc::new(Selective));
    pair.add("wanted", "1").await;
    until("the first effect", || async { effect_count(pair.reader.pool()).await == 1 }).await;
    for note in 0..40 {
        pair.add("noise", &note.to_string()).await;
    }
    let position = || async {
        let position: i64 = sqlx::query_scalar("SELECT pub_seq FROM reader_cursor")
            .fetch_one(pair.reader.pool())
            .await
            .unwrap();
        position
    };
    until("the position behind the noise", || async { position().await == 41 }).await;
    assert_eq!(effect_count(pair.reader.pool()).await, 1);
    pair.add("noise", "unstored").await;
    pair.add("wanted", "2").await;
    until("the second effect", || async { position().await == 43 }).await;
    assert_eq!(effects(pair.reader.pool()).await["wanted"], [1, 2]);
    other.stop(Duration::from_secs(20)).await.unwrap();
    pair.stop().await;
}

/// Publishes an event by hand, as a relay would.
async fn publish(pair: &Pair, pub_seq: u64, notebook: &str, version: i64) {
    let id = Uuid::from_u128(u128::from(pub_seq));
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("ce-id", id.to_string()),
        ("ce-source", "/eu/writer".to_owned()),
        ("ce-type", "meridian.inventory.v1.HoldConfirmed".to_owned()),
        ("ce-specversion", "1.0".to_owned()),
        ("ce-time", "2026-11-20T10:00:00Z".to_owned()),
        ("ce-subject", notebook.to_owned()),
        ("meridian-epoch", "1-1".to_owned()),
        ("meridian-epoch-base", "0".to_owned()),
        ("meridian-epoch-started", "2026-11-01T00:00:00Z".to_owned()),
        ("meridian-floor", "0".to_owned()),
        ("meridian-pub-seq", pub_seq.to_string()),
        ("meridian-aggregate", "notebook".to_owned()),
        ("meridian-aggregate-version", version.to_string()),
    ] {
        headers.insert(name, value);
    }
    let context = async_nats::jetstream::new(pair.nats.client());
    let subject = pair.writer.origin().subject("notebook", "noted").unwrap();
    let body = format!(r#"{{"holdId":"{notebook}"}}"#);
    context.publish_with_headers(subject, headers, body.into()).await.unwrap().await.unwrap();
}

async fn create_stream(pair: &Pair) {
    let context = async_nats::jetstream::new(pair.nats.client());
    let name = pair.writer.origin().stream_name();
    let subjects = vec![pair.writer.origin().subjects()];
    let config = async_nats::jetstream::stream::Config { name, subjects, ..Default::default() };
    context.create_stream(config).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_arrives_shuffled_and_twice_is_applied_once_and_in_order() {
    let pair = Pair::new("shuffled").await;
    create_stream(&pair).await;
    pair.read_with(Arc::new(NoteEffects));
    // Each event twice, every stretch of 40 deliveries shuffled.
    let mut random = fastrand::Rng::with_seed(7);
    let mut deliveries: Vec<u64> = (1..=300).flat_map(|pub_seq| [pub_seq, pub_seq]).collect();
    for stretch in deliveries.chunks_mut(40) {
        random.shuffle(stretch);
    }
    for pub_seq in deliveries {
        publish(&pair, pub_seq, "n", pub_seq.cast_signed()).await;
    }
    // Rubbish in between stops nothing.
    let context = async_nats::jetstream::new(pair.nats.client());
    let subject = pair.writer.origin().subject("notebook", "noted").unwrap();
    context.publish(subject, "rubbish".into()).await.unwrap().await.unwrap();
    publish(&pair, 301, "n", 301).await;
    until("301 effects", || async { effect_count(pair.reader.pool()).await >= 301 }).await;
    let expected = [("n".to_owned(), 301)].into_iter().collect();
    assert_exactly_once_in_order(&expected, &effects(pair.reader.pool()).await);
    pair.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_after_a_gap_is_applied_before_the_gap_is_closed() {
    let pair = Pair::new("gap").await;
    create_stream(&pair).await;
    pair.read_with(Arc::new(NoteEffects));
    for pub_seq in [1, 2, 4, 5, 6] {
        publish(&pair, pub_seq, &format!("n{pub_seq}"), 1).await;
    }
    until("two effects", || async { effect_count(pair.reader.pool()).await >= 2 }).await;
    // Long enough for the reader to have read the whole stream again.
    let consumers = async_nats::jetstream::new(pair.nats.client());
    let stream = consumers.get_stream(pair.writer.origin().stream_name()).await.unwrap();
    let first = stream.get_info().await.unwrap().state.consumer_count;
    until("the stream is read again", || async {
        stream.get_info().await.unwrap().state.consumer_count > first
    })
    .await;
    assert_eq!(effect_count(pair.reader.pool()).await, 2);
    publish(&pair, 3, "n3", 1).await;
    until("six effects", || async { effect_count(pair.reader.pool()).await >= 6 }).await;
    let expected: Effects = (1..=6).map(|n| (format!("n{n}"), vec![1])).collect();
    assert_eq!(effects(pair.reader.pool()).await, expected);
    pair.stop().await;
}

/// A handler that takes as long as it is held up.
struct HeldUp(tokio::sync::Semaphore);

#[async_trait]
impl Handler for HeldUp {
    async fn handle(&self, work: &mut Work, event: &Event) -> Result<(), Problem> {
        let _turn = self.0.acquire().await.unwrap();
        note_effect(work, event).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_takes_long_over_what_was_told_knows_that_it_does_not_keep_up() {
    let pair = Pair::new("long").await;
    let source = pair.source().service;
    let keeps_up = async || pair.reader.keeps_up_with(&source);
    meridian_messaging::spawn_relay(&pair.tasks, &pair.writer, pair.nats.clone());
    let held_up = Arc::new(HeldUp(tokio::sync::Semaphore::new(1)));
    pair.read_with(held_up.clone());
    pair.add("n", "told").await;
    until("everything is read", keeps_up).await;
    held_up.0.forget_permits(1);
    pair.add("n", "next").await;
    until("it takes too long", async || !keeps_up().await).await;
    held_up.0.add_permits(1);
    until("everything is read again", keeps_up).await;
    assert_eq!(effect_count(pair.reader.pool()).await, 2);
    pair.stop().await;
}
