//! Opening a journal.

use futures::future::join_all;
use meridian_embedded::testing;
use sqlx::{AssertSqlSafe, Row};

use crate::harness::{Pair, add_note, note, open};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_has_a_schema_and_a_role_of_its_own() {
    let pair = Pair::new("schema").await;
    let row = sqlx::query(
        "SELECT current_schema()::text, current_user::text, current_setting('statement_timeout')",
    )
    .fetch_one(pair.writer.pool())
    .await
    .unwrap();
    assert_eq!(row.get::<String, _>(0), "writer");
    assert_eq!(row.get::<String, _>(1), "meridian_writer");
    assert_eq!(row.get::<String, _>(2), "15s");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_service_cannot_read_the_tables_of_another() {
    let database = testing::database("walls");
    let prefix = testing::prefix();
    let writer = open(&database, &prefix, "writer").await;
    let reader = open(&database, &prefix, "reader").await;
    let error = sqlx::query("SELECT * FROM reader.notebook").fetch_all(writer.pool()).await.unwrap_err();
    assert_eq!(error.as_database_error().and_then(|e| e.code()).as_deref(), Some("42501"), "{error}");
    sqlx::query("SELECT * FROM reader.notebook").fetch_all(reader.pool()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_may_open_a_journal_at_once_and_again() {
    let database = testing::database("replicas");
    let prefix = testing::prefix();
    let open = || open(&database, &prefix, "writer");
    let _all = tokio::join!(open(), open(), open(), open());
    open().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn days_of_the_outbox_may_be_made_by_many_at_once() {
    let database = testing::database("many_days");
    let journal = open(&database, &testing::prefix(), "writer").await;
    for _ in 0..20 {
        let days: Vec<String> = sqlx::query_scalar(
            "SELECT relname::text FROM pg_class WHERE relname ~ '^outbox_[0-9]{8}$' AND relkind = 'r'",
        )
        .fetch_all(journal.pool())
        .await
        .unwrap();
        assert_eq!(days.len(), 2, "{days:?}");
        for day in days {
            sqlx::query(AssertSqlSafe(format!("DROP TABLE {day}"))).execute(journal.pool()).await.unwrap();
        }
        let make = || sqlx::query("SELECT outbox_create_partitions()").execute(journal.pool());
        for made in join_all((0..6).map(|_| make())).await {
            made.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_day_of_the_outbox_is_dropped_once_it_is_old_and_published() {
    let pair = Pair::new("days").await;
    let pool = pair.writer.pool();
    pair.run();
    for text in ["1", "2", "3"] {
        pair.add("n", text).await;
    }
    pair.settle().await;
    pair.stop().await;
    // Move the three rows to a day long past, as if three weeks had gone by.
    for statement in [
        "CREATE TABLE outbox_20200101 PARTITION OF outbox
             FOR VALUES FROM ('2020-01-01 00:00:00+00') TO ('2020-01-02 00:00:00+00')",
        "UPDATE outbox SET created_at = '2020-01-01 12:00:00+00'",
    ] {
        sqlx::query(statement).execute(pool).await.unwrap();
    }
    pair.add("n", "4").await;
    let dropped: Option<String> =
        sqlx::query_scalar("SELECT outbox_drop_partition('14 days')").fetch_one(pool).await.unwrap();
    assert_eq!(dropped.as_deref(), Some("outbox_20200101"));
    let floor: i64 =
        sqlx::query_scalar("SELECT floor_pub_seq FROM relay_cursor").fetch_one(pool).await.unwrap();
    assert_eq!(floor, 3);
    // Rows that nobody has published yet stay, however old they are.
    for statement in [
        "CREATE TABLE outbox_20200102 PARTITION OF outbox
             FOR VALUES FROM ('2020-01-02 00:00:00+00') TO ('2020-01-03 00:00:00+00')",
        "UPDATE outbox SET created_at = '2020-01-02 12:00:00+00'",
    ] {
        sqlx::query(statement).execute(pool).await.unwrap();
    }
    let dropped: Option<String> =
        sqlx::query_scalar("SELECT outbox_drop_partition('14 days')").fetch_one(pool).await.unwrap();
    assert_eq!(dropped, None);
}

/// A process that slept over midnight, or a clock of the server that jumped, finds no partition for the day.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_day_that_began_without_its_partition_gets_it_later() {
    let database = testing::database("midnight");
    let prefix = testing::prefix();
    let writer = open(&database, &prefix, "writer").await;
    let days: Vec<String> = sqlx::query_scalar(
        "SELECT inhrelid::regclass::text FROM pg_inherits
          WHERE inhparent = 'outbox'::regclass AND inhrelid <> 'outbox_default'::regclass ORDER BY 1",
    )
    .fetch_all(writer.pool())
    .await
    .unwrap();
    for day in &days {
        sqlx::query(sqlx::AssertSqlSafe(format!("DROP TABLE {day}"))).execute(writer.pool()).await.unwrap();
    }
    let request = add_note("n", "x");
    writer.execute("r", &request, note(&request)).await.unwrap();
    let in_default = "SELECT count(*) FROM outbox_default";
    assert_eq!(sqlx::query_scalar::<_, i64>(in_default).fetch_one(writer.pool()).await.unwrap(), 1);
    // Opening makes the days, as the hourly upkeep does.
    let writer = open(&database, &prefix, "writer").await;
    assert_eq!(sqlx::query_scalar::<_, i64>(in_default).fetch_one(writer.pool()).await.unwrap(), 0);
    let rows: Vec<String> = sqlx::query_scalar("SELECT tableoid::regclass::text FROM outbox")
        .fetch_all(writer.pool())
        .await
        .unwrap();
    assert_eq!(rows, days[..1]);
}
