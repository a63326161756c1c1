use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use meridian_embedded::{Binaries, LocateOptions, Postgres, PostgresOptions, StartError, testing};
use sqlx::{Connection, PgConnection};
use tempfile::TempDir;

/// The servers the tests use, and every PostgreSQL that a package manager installed.
fn every_postgres() -> Vec<Binaries> {
    let packaged = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let packaged = packaged.map(|entry| entry.path().join("bin")).filter(|bin| bin.join("initdb").exists());
    let locate = |bin: PathBuf| {
        let nats_bin_dir = testing::binaries().nats_server().parent().map(Path::to_owned);
        let options = LocateOptions { postgres_bin_dir: Some(bin), nats_bin_dir, ..LocateOptions::default() };
        Binaries::locate(&options).unwrap()
    };
    std::iter::once(testing::binaries().clone()).chain(packaged.map(locate)).collect()
}

fn start(binaries: &Binaries, dir: &Path) -> Result<Postgres, StartError> {
    Postgres::start(binaries, dir, PostgresOptions::default())
}

async fn connect(postgres: &Postgres) -> PgConnection {
    PgConnection::connect(&postgres.url("postgres")).await.unwrap()
}

#[tokio::test]
async fn a_committed_row_survives_kill_9() {
    for binaries in every_postgres() {
        let dir = TempDir::new().unwrap();
        let mut postgres = start(&binaries, dir.path()).unwrap();
        let url = postgres.url("postgres");

        let mut connection = connect(&postgres).await;
        sqlx::query("CREATE TABLE marks (id int)").execute(&mut connection).await.unwrap();
        sqlx::query("INSERT INTO marks VALUES (42)").execute(&mut connection).await.unwrap();
        postgres.kill();
        postgres.restart().unwrap();
        assert_eq!(postgres.url("postgres"), url, "clients reconnect");

        // And by a new owner, with a pid file that names a process that runs.
        postgres.kill();
        drop(postgres);
        fs::write(dir.path().join("cluster/postmaster.pid"), format!("{}\n", std::process::id())).unwrap();
        let postgres = start(&binaries, dir.path()).unwrap();
        assert_eq!(postgres.url("postgres"), url);
        let mut connection = connect(&postgres).await;
        let ids: Vec<i32> =
            sqlx::query_scalar("SELECT id FROM marks").fetch_all(&mut connection).await.unwrap();
        assert_eq!(ids, [42]);
    }
}

#[tokio::test]
async fn each_database_is_new_and_empty() {
    let (first, second) = (testing::database("Same name!"), testing::database("Same name!"));
    for url in [first, second] {
        let mut connection = PgConnection::connect(&url).await.unwrap();
        sqlx::query("CREATE TABLE marks (id int)").execute(&mut connection).await.unwrap();
    }
}

#[tokio::test]
async fn creating_a_database_twice_gives_the_same_one() {
    let postgres = testing::postgres();
    let url = postgres.create_database("twice").unwrap();
    let mut connection = PgConnection::connect(&url).await.unwrap();
    sqlx::query("CREATE TABLE marks (id int)").execute(&mut connection).await.unwrap();
    assert_eq!(postgres.create_database("twice").unwrap(), url);
    sqlx::query("SELECT id FROM marks").execute(&mut connection).await.unwrap();
}

#[tokio::test]
async fn text_is_unicode_in_every_version() {
    for binaries in every_postgres() {
        let dir = TempDir::new().unwrap();
        let postgres = start(&binaries, dir.path()).unwrap();
        let mut connection = connect(&postgres).await;
        let lower: String =
            sqlx::query_scalar("SELECT lower('ÄÅÖ')").fetch_one(&mut connection).await.unwrap();
        assert_eq!(lower, "äåö");
    }
}

#[tokio::test]
async fn only_the_password_opens_the_server() {
    let url = testing::postgres().url("postgres");
    let (password, rest) = url.strip_prefix("postgres://postgres:").unwrap().split_once('@').unwrap();
    let refused = PgConnection::connect(&format!("postgres://postgres:guess@{rest}")).await.unwrap_err();
    assert!(refused.to_string().contains("password authentication failed"), "{refused}");
    assert!(!format!("{:?}", testing::postgres()).contains(password));
}

#[test]
fn a_data_folder_has_one_owner() {
    let dir = TempDir::new().unwrap();
    let first = start(testing::binaries(), dir.path()).unwrap();
    let second = start(testing::binaries(), dir.path());
    assert!(matches!(second, Err(StartError::FolderInUse { .. })), "{second:?}");
    drop(first);
    start(testing::binaries(), dir.path()).unwrap();
}

#[test]
fn a_failed_start_shows_what_the_server_logged() {
    let dir = TempDir::new().unwrap();
    drop(start(testing::binaries(), dir.path()).unwrap());
    fs::write(dir.path().join("cluster/postgresql.conf"), "no_such_setting = 1\n").unwrap();
    let error = start(testing::binaries(), dir.path()).unwrap_err().to_string();
    assert!(error.contains("no_such_setting") && error.contains("postgres.log"), "{error}");
}

#[test]
fn data_of_another_major_version_is_refused() {
    let dir = TempDir::new().unwrap();
    fs::create_dir(dir.path().join("cluster")).unwrap();
    fs::write(dir.path().join("cluster/PG_VERSION"), "9\n").unwrap();
    let error = start(testing::binaries(), dir.path()).unwrap_err().to_string();
    assert!(error.contains("holds data of PostgreSQL 9"), "{error}");
}

#[test]
fn a_given_port_that_is_taken_is_named() {
    let dir = TempDir::new().unwrap();
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = other.local_addr().unwrap().port();
    let options = PostgresOptions { port: Some(port), ..PostgresOptions::default() };
    let error = Postgres::start(testing::binaries(), dir.path(), options).unwrap_err();
    assert!(matches!(error, StartError::PortTaken { port: taken, .. } if taken == port), "{error}");
}
