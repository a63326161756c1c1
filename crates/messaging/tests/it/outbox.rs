//! The publication order: final, gapless, and blind to nothing.

use std::time::Duration;

use meridian_embedded::{Postgres, PostgresOptions, testing};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use crate::harness::{Pair, published};

async fn begin(pool: &PgPool) -> sqlx::pool::PoolConnection<sqlx::Postgres> {
    let mut conn = pool.acquire().await.unwrap();
    sqlx::query("BEGIN").execute(&mut *conn).await.unwrap();
    // Takes a transaction id.
    sqlx::query("SELECT pg_current_xact_id()").execute(&mut *conn).await.unwrap();
    conn
}

/// What a unit of work writes when it commits.
async fn append(conn: &mut PgConnection, notebook: &str) {
    sqlx::query("INSERT INTO notebook VALUES ($1, 1)").bind(notebook).execute(&mut *conn).await.unwrap();
    sqlx::query(
        "INSERT INTO outbox (xid, event_id, type_name, aggregate, event, aggregate_id, aggregate_version, occurred_at,
                             body)
         VALUES (pg_current_xact_id(), $1, 'meridian.inventory.v1.HoldConfirmed', 'notebook', 'noted', $2, 1, now(),
                 json_build_object('holdId', $2::text)::text)",
    )
    .bind(Uuid::from_u128(notebook.bytes().fold(0, |sum, byte| sum * 256 + u128::from(byte))))
    .bind(notebook)
    .execute(conn)
    .await
    .unwrap();
}

async fn commit(mut conn: sqlx::pool::PoolConnection<sqlx::Postgres>) {
    sqlx::query("COMMIT").execute(&mut *conn).await.unwrap();
}

/// Waits until the relay has looked into the outbox several times more.
async fn relay_looked(pair: &Pair) {
    let administrator = pair.administrator().await;
    let mut looks = std::collections::HashSet::new();
    testing::until("five looks of the relay", Duration::from_secs(30), async || {
        let look: Option<String> = sqlx::query_scalar(
            "SELECT query_start::text FROM pg_stat_activity
              WHERE datname = current_database() AND query LIKE '%pg_snapshot_xmin%'
                AND pid <> pg_backend_pid()",
        )
        .fetch_optional(&administrator)
        .await
        .unwrap();
        looks.extend(look);
        (looks.len() >= 5).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lower_sequence_that_commits_later_is_not_skipped() {
    let pair = Pair::new("lowerseq").await;
    let pool = pair.writer.pool();
    pair.run();
    let (mut one, mut two) = (begin(pool).await, begin(pool).await);
    append(&mut one, "one").await;
    append(&mut two, "two").await;
    commit(two).await;
    relay_looked(&pair).await;
    commit(one).await;
    pair.settle().await;
    pair.stop().await;
}

/// The transaction with the highest id of all is open: no snapshot tells how high that is. On a server of its own, where
/// no other test takes a higher one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lower_sequence_of_the_youngest_transaction_is_not_skipped() {
    let folder = tempfile::TempDir::new().unwrap();
    let server = Postgres::start(testing::binaries(), folder.path(), PostgresOptions::default()).unwrap();
    let database = |name| server.create_database(name).unwrap();
    let pair = Pair::on(database("writer"), database("reader"), &testing::nats().url()).await;
    let pool = pair.writer.pool();
    pair.run();
    pair.add("first", "x").await;
    pair.settle().await;
    published(&pair, 1).await;
    let mut old = begin(pool).await;
    let mut youngest = begin(pool).await;
    append(&mut youngest, "youngest").await;
    append(&mut old, "old").await;
    commit(old).await;
    relay_looked(&pair).await;
    commit(youngest).await;
    pair.settle().await;
    pair.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_higher_sequence_of_an_older_transaction_is_not_skipped() {
    let pair = Pair::new("higherseq").await;
    let pool = pair.writer.pool();
    pair.run();
    let (mut old, mut young) = (begin(pool).await, begin(pool).await);
    append(&mut young, "young").await;
    commit(young).await;
    relay_looked(&pair).await;
    append(&mut old, "old").await;
    commit(old).await;
    pair.settle().await;
    pair.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_rolled_back_leaves_no_gap() {
    let pair = Pair::new("gapless").await;
    let pool = pair.writer.pool();
    pair.run();
    for round in 0..10 {
        pair.add("n", &round.to_string()).await;
        let mut undone = begin(pool).await;
        append(&mut undone, "undone").await;
        sqlx::query("ROLLBACK").execute(&mut *undone).await.unwrap();
    }
    pair.settle().await;
    let numbers: Vec<i64> = sqlx::query_scalar("SELECT pub_seq FROM effect ORDER BY ordinal")
        .fetch_all(pair.reader.pool())
        .await
        .unwrap();
    assert_eq!(numbers, (1..=10).collect::<Vec<_>>());
    pair.stop().await;
}
