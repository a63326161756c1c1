//! Servers killed, wiped and restored under load: nothing is lost, nothing happens twice.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use meridian_chassis::tasks::Tasks;
use meridian_embedded::{Nats, NatsOptions, Postgres, PostgresOptions, testing};
use meridian_messaging::spawn_relay;
use tempfile::TempDir;

use crate::harness::{Load, NoteEffects, Pair, effect_count, progress, published, until};

/// Servers of the test's own, to be ill-treated.
struct Servers {
    postgres: Postgres,
    nats: Nats,
    folder: TempDir,
}

impl Servers {
    fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let binaries = testing::binaries();
        let postgres =
            Postgres::start(binaries, &folder.path().join("postgres"), PostgresOptions::default()).unwrap();
        let nats = Nats::start(binaries, &folder.path().join("nats"), NatsOptions::default()).unwrap();
        Self { postgres, nats, folder }
    }

    fn database(&self, name: &str) -> String {
        self.postgres.create_database(name).unwrap()
    }

    async fn pair(&self) -> Pair {
        Pair::on(self.database("writer"), self.database("reader"), &self.nats.url()).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_of_nats_lose_nothing_and_double_nothing() {
    let mut servers = Servers::start();
    let pair = servers.pair().await;
    pair.run();
    let load = Load::start(&pair.writer, 4);
    for _ in 0..5 {
        progress(pair.reader.pool(), 100).await;
        tokio::task::block_in_place(|| {
            servers.nats.kill();
            servers.nats.restart().unwrap();
        });
    }
    load.finish().await;
    pair.settle().await;
    assert_stream_in_order(&pair).await;
    pair.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_not_heard_a_source_to_its_end_or_is_cut_off_from_it_knows_so() {
    let mut servers = Servers::start();
    let pair = servers.pair().await;
    let source = pair.source().service;
    let keeps_up = async || pair.reader.keeps_up_with(&source);
    assert!(keeps_up().await, "nothing is to be read");
    pair.read_with(Arc::new(NoteEffects));
    assert!(!keeps_up().await, "there is no stream yet");
    spawn_relay(&pair.tasks, &pair.writer, pair.nats.clone());
    pair.add("n", "told").await;
    until("everything is read", keeps_up).await;
    assert_eq!(effect_count(pair.reader.pool()).await, 1);
    assert!(pair.reader.keeps_up_with(&pair.reader.origin().service), "of another service nothing is read");
    tokio::task::block_in_place(|| servers.nats.kill());
    until("the cut is noticed", async || !keeps_up().await).await;
    tokio::task::block_in_place(|| servers.nats.restart().unwrap());
    until("everything is read again", keeps_up).await;
    pair.stop().await;
}

/// What a subscriber who is not ours sees: repetitions perhaps, but each aggregate in order.
async fn assert_stream_in_order(pair: &Pair) {
    let context = async_nats::jetstream::new(pair.nats.client());
    let stream = context.get_stream(pair.writer.origin().stream_name()).await.unwrap();
    let mut highest = std::collections::BTreeMap::<String, i64>::new();
    for stream_seq in 1..=stream.cached_info().state.last_sequence {
        let headers = stream.get_raw_message(stream_seq).await.unwrap().headers;
        let notebook = headers.get("ce-subject").unwrap().to_string();
        let version: i64 = headers.get("meridian-aggregate-version").unwrap().as_str().parse().unwrap();
        let highest = highest.entry(notebook).or_default();
        assert!(version <= *highest + 1, "version {version} comes before {}", *highest + 1);
        *highest = version.max(*highest);
    }
    assert_eq!(highest, crate::harness::versions(pair.writer.pool()).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_of_postgres_lose_nothing_and_double_nothing() {
    let mut servers = Servers::start();
    let pair = servers.pair().await;
    pair.run();
    let load = Load::start(&pair.writer, 4);
    for _ in 0..5 {
        progress(pair.reader.pool(), 100).await;
        tokio::task::block_in_place(|| {
            servers.postgres.kill();
            servers.postgres.restart().unwrap();
        });
    }
    load.finish().await;
    pair.settle().await;
    pair.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_nats_wiped_under_load_loses_nothing() {
    let mut servers = Servers::start();
    let pair = servers.pair().await;
    pair.run();
    let load = Load::start(&pair.writer, 4);
    for _ in 0..3 {
        progress(pair.reader.pool(), 100).await;
        tokio::task::block_in_place(|| servers.nats.wipe()).unwrap();
    }
    load.finish().await;
    pair.settle().await;
    pair.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_published_but_not_read_survives_a_wipe() {
    let mut servers = Servers::start();
    let pair = servers.pair().await;
    meridian_messaging::spawn_relay(&pair.tasks, &pair.writer, pair.nats.clone());
    for note in 0..50 {
        pair.add("n", &note.to_string()).await;
    }
    published(&pair, 50).await;
    tokio::task::block_in_place(|| servers.nats.wipe()).unwrap();
    pair.read_with(Arc::new(NoteEffects));
    pair.settle().await;
    pair.stop().await;
}

fn copy(from: &Path, to: &Path) {
    let done = std::process::Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap();
    assert!(done.success());
}

/// A volume put back to an earlier state keeps system and timeline; only the stream shows it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_owner_restored_to_an_earlier_point_goes_on_in_a_new_epoch() {
    let mut servers = Servers::start();
    // The reader's database is not restored.
    let reader_url = testing::database("restored");
    let pair = Pair::on(servers.database("writer"), reader_url, &servers.nats.url()).await;
    pair.run();
    for note in 0..10 {
        pair.add("before", &note.to_string()).await;
    }
    pair.settle().await;
    let (data, saved) = (servers.folder.path().join("postgres"), servers.folder.path().join("saved"));
    tokio::task::block_in_place(|| {
        servers.postgres.stop();
        copy(&data, &saved);
        servers.postgres.restart().unwrap();
    });
    until("the database is back", || async {
        sqlx::query("SELECT 1").execute(pair.writer.pool()).await.is_ok()
    })
    .await;
    for note in 0..5 {
        pair.add("lost", &note.to_string()).await;
    }
    until("what will be lost took effect", || async { effect_count(pair.reader.pool()).await == 15 }).await;
    tokio::task::block_in_place(|| {
        servers.postgres.stop();
        fs::remove_dir_all(&data).unwrap();
        copy(&saved, &data);
        servers.postgres.restart().unwrap();
    });
    until("the database is back", || async {
        sqlx::query("SELECT 1").execute(pair.writer.pool()).await.is_ok()
    })
    .await;
    for note in 0..5 {
        pair.add("after", &note.to_string()).await;
    }
    until("what came after took effect", || async { effect_count(pair.reader.pool()).await >= 20 }).await;
    let seen = crate::harness::effects(pair.reader.pool()).await;
    assert_eq!(seen["before"], (1..=10).collect::<Vec<_>>());
    assert_eq!(seen["after"], (1..=5).collect::<Vec<_>>());
    pair.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_nats_server_without_jetstream_is_refused() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut server = tokio::process::Command::new(testing::binaries().nats_server())
        .args(["--addr", "127.0.0.1", "--port", &port.to_string(), "--log", "/dev/null"])
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    until("it listens", || async { tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() }).await;
    let url = format!("nats://meridian:swordfish@127.0.0.1:{port}");
    let refusal = meridian_messaging::Nats::connect(&url, meridian_messaging::NatsOptions::default()).await;
    assert!(matches!(refusal, Err(meridian_messaging::NatsError::NoJetStream { .. })), "{refusal:?}");
    let told = refusal.unwrap_err().to_string();
    assert!(told.contains(&format!("127.0.0.1:{port}")) && !told.contains("swordfish"), "{told}");
    // Unless it is a peer's.
    let options = meridian_messaging::NatsOptions { requires_jetstream: false, ..Default::default() };
    meridian_messaging::Nats::connect(&url, options).await.unwrap();
    server.kill().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_nats_server_that_is_away_is_waited_for() {
    let servers = Servers::start();
    let (writer, reader) = (servers.database("writer"), servers.database("reader"));
    let Servers { nats, folder, postgres: _postgres } = servers;
    let (url, mut nats) = (nats.url(), nats);
    nats.stop();
    let pair = Pair::on(writer, reader, &url).await;
    pair.run();
    pair.add("n", "x").await;
    tokio::task::block_in_place(|| nats.restart()).unwrap();
    pair.settle().await;
    pair.stop().await;
    drop(folder);
}

/// A standby is promoted: nothing is lost, but the timeline is another one, and the relay had published more than its
/// cursor says.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_relay_published_beyond_its_cursor_keeps_its_numbers_in_the_next_epoch() {
    let mut servers = Servers::start();
    let reader_url = testing::database("promoted");
    let pair = Pair::on(servers.database("writer"), reader_url, &servers.nats.url()).await;
    let relay = Tasks::new();
    spawn_relay(&relay, &pair.writer, pair.nats.clone());
    pair.read_with(Arc::new(NoteEffects));
    for note in 0..10 {
        pair.add(&format!("n{}", note % 3), &note.to_string()).await;
    }
    pair.settle().await;
    relay.stop(Duration::from_secs(20)).await.unwrap();
    sqlx::query(
        "UPDATE relay_cursor SET (pub_seq, stream_seq, seq, stream_event) =
             (SELECT 6, 6, seq, event_id FROM outbox ORDER BY seq OFFSET 5 LIMIT 1)",
    )
    .execute(pair.writer.pool())
    .await
    .unwrap();
    tokio::task::block_in_place(|| {
        servers.postgres.stop();
        promote(&servers.folder.path().join("postgres/cluster"));
        servers.postgres.restart().unwrap();
    });
    until("the database is writable again", || async {
        let in_recovery = sqlx::query_scalar("SELECT pg_is_in_recovery()").fetch_one(pair.writer.pool());
        in_recovery.await.is_ok_and(|in_recovery: bool| !in_recovery)
    })
    .await;
    spawn_relay(&pair.tasks, &pair.writer, pair.nats.clone());
    for note in 10..15 {
        pair.add(&format!("n{}", note % 3), &note.to_string()).await;
    }
    pair.settle().await;
    let epoch: (String, i64) = sqlx::query_as("SELECT epoch, epoch_base FROM reader_cursor")
        .fetch_one(pair.reader.pool())
        .await
        .unwrap();
    assert!(epoch.0.ends_with("-2") && epoch.1 == 10, "{epoch:?}");
    pair.stop().await;
}

/// Lets the stopped server come up on the next timeline, as one that was a standby.
fn promote(cluster: &Path) {
    fs::write(cluster.join("recovery.signal"), "").unwrap();
    let mut settings =
        fs::OpenOptions::new().append(true).open(cluster.join("postgresql.auto.conf")).unwrap();
    settings.write_all(b"\nrestore_command = 'false'\n").unwrap();
}
