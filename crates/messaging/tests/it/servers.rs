//! Servers killed, wiped and restored under load: nothing is lost, nothing happens twice.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use meridian_embedded::{Nats, NatsOptions, Postgres, PostgresOptions, testing};
use tempfile::TempDir;

use crate::harness::{Load, NoteEffects, Pair, effect_count, progress, until};

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
    pair.stop().await;
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
    until("all is published", || async {
        let published: i64 = sqlx::query_scalar("SELECT coalesce(max(pub_seq), 0) FROM relay_cursor")
            .fetch_one(pair.writer.pool())
            .await
            .unwrap();
        published == 50
    })
    .await;
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
