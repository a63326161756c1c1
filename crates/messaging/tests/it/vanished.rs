//! A database whose machine vanishes, so that nobody closes the connections.

use meridian_embedded::testing;
use sqlx::PgPool;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::harness::{Pair, add_note, add_until_answered, until};

/// A way to the database whose machine can vanish: what is connected then hears nothing more, not even an end.
async fn way_to(database_url: &str, vanish: watch::Receiver<()>) -> String {
    let (before, rest) = database_url.rsplit_once(':').unwrap();
    let (port, database) = rest.split_once('/').unwrap();
    let port: u16 = port.parse().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("{before}:{}/{database}", listener.local_addr().unwrap().port());
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let mut vanish = vanish.clone();
            vanish.mark_unchanged();
            tokio::spawn(async move {
                let mut server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                let passed_on = tokio::select! {
                    passed_on = tokio::io::copy_bidirectional(&mut client, &mut server) => passed_on.is_ok(),
                    _ = vanish.changed() => false,
                };
                drop(server);
                if !passed_on {
                    std::future::pending::<()>().await;
                }
            });
        }
    });
    url
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_vanishes_without_a_word_is_connected_to_anew() {
    let (vanish, vanished) = watch::channel(());
    let database_url = testing::database("vanished");
    let administrator = PgPool::connect(&database_url).await.unwrap();
    let writer_url = way_to(&database_url, vanished).await;
    let pair = Pair::on(writer_url, testing::database("vanishedreader"), &testing::nats().url()).await;
    pair.run();
    pair.add("n", "before").await;
    pair.settle().await;
    // All connections of the pool are in use, and their users will give up.
    let mut holder = administrator.acquire().await.unwrap();
    sqlx::query("SELECT pg_advisory_lock(1)").execute(&mut *holder).await.unwrap();
    let mut reads = JoinSet::new();
    for _ in 0..8 {
        let pool = pair.writer.pool().clone();
        reads.spawn(async move { sqlx::query("SELECT pg_advisory_lock(1)").execute(&pool).await });
    }
    let waiting = "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
                    WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted";
    until("all connections are in use", || async {
        sqlx::query_scalar::<_, i64>(waiting).fetch_one(&administrator).await.unwrap() == 8
    })
    .await;
    vanish.send_replace(());
    reads.shutdown().await;
    let request = add_note("n", "after");
    add_until_answered(&pair.writer, "after", &request).await;
    pair.settle().await;
    pair.stop().await;
}
