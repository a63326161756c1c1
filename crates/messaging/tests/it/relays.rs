//! Several relays, and streams that lose what they held.

use std::time::Duration;

use meridian_chassis::tasks::Tasks;
use meridian_messaging::spawn_relay;
use sqlx::PgPool;

use crate::harness::{Load, Pair, progress, until};

/// Ends the session that holds the relay's lock, as a failing network would.
async fn cut_off_relay(administrator: &PgPool) {
    sqlx::query(
        "SELECT pg_terminate_backend(pid) FROM pg_locks
          WHERE locktype = 'advisory' AND classid = (hashtext('meridian relay')::bigint & 4294967295)::oid
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
    )
    .execute(administrator)
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_relays_lose_nothing_and_double_nothing() {
    let pair = Pair::new("tworelays").await;
    pair.run();
    let other = Tasks::new();
    spawn_relay(&other, &pair.another_writer().await, pair.nats.clone());
    let administrator = pair.administrator().await;
    let load = Load::start(&pair.writer, 4);
    for _ in 0..10 {
        progress(pair.reader.pool(), 50).await;
        cut_off_relay(&administrator).await;
    }
    load.finish().await;
    pair.settle().await;
    other.stop(Duration::from_secs(20)).await.unwrap();
    pair.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_second_relay_takes_over_from_the_first() {
    let pair = Pair::new("takeover").await;
    pair.run();
    pair.add("n", "1").await;
    pair.settle().await;
    let other = Tasks::new();
    let successor = pair.another_writer().await;
    spawn_relay(&other, &successor, pair.nats.clone());
    pair.stop().await;
    spawn_readers_again(&pair, &other);
    pair.add("n", "2").await;
    pair.settle().await;
    other.stop(Duration::from_secs(20)).await.unwrap();
}

fn spawn_readers_again(pair: &Pair, tasks: &Tasks) {
    let handler = std::sync::Arc::new(crate::harness::NoteEffects);
    meridian_messaging::spawn_reader(tasks, &pair.reader, pair.source(), handler);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_was_deleted_is_made_anew_and_refilled() {
    let pair = Pair::new("deleted").await;
    pair.run();
    for note in 0..30 {
        pair.add("n", &note.to_string()).await;
    }
    pair.settle().await;
    let context = async_nats::jetstream::new(pair.nats.client());
    let name = pair.writer.origin().stream_name();
    // Nothing is written meanwhile: an idle relay notices, too.
    context.delete_stream(&name).await.unwrap();
    until("the stream is refilled", || async {
        match context.get_stream(&name).await {
            Ok(stream) => stream.cached_info().state.messages == 30,
            Err(_) => false,
        }
    })
    .await;
    pair.add("n", "after").await;
    pair.settle().await;
    pair.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_has_the_settings_that_the_code_declares() {
    let pair = Pair::new("settings").await;
    let context = async_nats::jetstream::new(pair.nats.client());
    let name = pair.writer.origin().stream_name();
    let subjects = vec![pair.writer.origin().subjects()];
    let other = async_nats::jetstream::stream::Config { name: name.clone(), subjects, ..Default::default() };
    context.create_stream(other).await.unwrap();
    pair.run();
    until("the settings are right", || async {
        let config = context.get_stream(&name).await.unwrap().cached_info().config.clone();
        config.max_age == Duration::from_secs(14 * 86_400)
            && config.duplicate_window == Duration::from_secs(120)
            && config.max_message_size == 256 * 1024
            && config.deny_delete
            && config.deny_purge
    })
    .await;
    pair.add("n", "x").await;
    pair.settle().await;
    pair.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_that_finds_another_timeline_begins_an_epoch() {
    let pair = Pair::new("timeline").await;
    pair.run();
    pair.add("n", "1").await;
    pair.settle().await;
    pair.stop().await;
    // As if the database had been another one when the cursor was stored.
    sqlx::query("UPDATE relay_cursor SET epoch = '1-1'").execute(pair.writer.pool()).await.unwrap();
    let tasks = Tasks::new();
    spawn_relay(&tasks, &pair.writer, pair.nats.clone());
    spawn_readers_again(&pair, &tasks);
    pair.add("n", "2").await;
    pair.settle().await;
    let (of_relay, base): (String, i64) = sqlx::query_as("SELECT epoch, epoch_base FROM relay_cursor")
        .fetch_one(pair.writer.pool())
        .await
        .unwrap();
    let of_reader: String =
        sqlx::query_scalar("SELECT epoch FROM reader_cursor").fetch_one(pair.reader.pool()).await.unwrap();
    assert_eq!((of_reader, base), (of_relay.clone(), 1));
    assert!(of_relay.ends_with("-1") && of_relay != "1-1", "<system identifier>-<timeline>: {of_relay}");
    tasks.stop(Duration::from_secs(20)).await.unwrap();
}
