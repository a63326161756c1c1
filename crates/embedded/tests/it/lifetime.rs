//! What becomes of processes when the one that started them is killed.
#![cfg(target_os = "linux")]

use std::env;
use std::io::{BufRead, BufReader, Write, stderr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use meridian_embedded::{Nats, NatsOptions, Postgres, PostgresOptions, testing};
use sqlx::{Connection, PgConnection};
use tempfile::TempDir;

/// Set for the process that is to be killed: the folder for its servers.
const DATA_DIR: &str = "EMBEDDED_TEST_DATA_DIR";

fn start(dir: &Path) -> (Postgres, Nats) {
    let binaries = testing::binaries();
    let postgres = Postgres::start(binaries, &dir.join("postgres"), PostgresOptions::default()).unwrap();
    let nats = Nats::start(binaries, &dir.join("nats"), NatsOptions::default()).unwrap();
    (postgres, nats)
}

/// The life of the process that is to be killed; in the ordinary run of the tests it does nothing.
#[test]
fn process_that_is_killed() {
    let Some(dir) = env::var_os(DATA_DIR).map(PathBuf::from) else { return };
    // In a thread that ends at once, as the threads of callers do: the servers must not end with it.
    let (postgres, nats) = thread::spawn(move || start(&dir)).join().unwrap();
    writeln!(stderr(), "{} {}", postgres.pid().unwrap(), nats.pid().unwrap()).unwrap();
    loop {
        thread::park();
    }
}

/// Runs this test binary again as the process that is to be killed, and returns it with its servers' process ids.
fn run_again(dir: &Path) -> (Child, Vec<u32>) {
    let mut process = Command::new(env::current_exe().unwrap())
        .args(["--exact", "lifetime::process_that_is_killed", "--nocapture"])
        .env(DATA_DIR, dir)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(process.stderr.take().unwrap()).read_line(&mut line).unwrap();
    let pids = line.split_whitespace().map(|pid| pid.parse().unwrap_or_else(|_| panic!("{line}"))).collect();
    (process, pids)
}

fn runs(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // One that ended and is not yet collected by init is in state Z.
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}

#[test]
fn servers_do_not_outlive_a_killed_parent_and_start_again() {
    let dir = TempDir::new().unwrap();
    let (mut parent, pids) = run_again(dir.path());
    assert!(pids.iter().all(|pid| runs(*pid)));
    parent.kill().unwrap();
    parent.wait().unwrap();

    // Started at once: waits for the old servers to be gone.
    let (_postgres, _nats) = start(dir.path());
    assert!(!pids.iter().any(|pid| runs(*pid)));
}

#[test]
fn servers_of_a_killed_parent_end_by_themselves() {
    let dir = TempDir::new().unwrap();
    let (mut parent, pids) = run_again(dir.path());
    parent.kill().unwrap();
    parent.wait().unwrap();
    let deadline = Instant::now() + Duration::from_secs(30);
    while pids.iter().any(|pid| runs(*pid)) {
        assert!(Instant::now() < deadline, "{pids:?} still run");
        thread::yield_now();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_backend_does_not_outlive_its_killed_server() {
    let dir = TempDir::new().unwrap();
    let (mut postgres, _nats) = start(dir.path());
    let mut connection = PgConnection::connect(&postgres.url("postgres")).await.unwrap();
    let backend: i32 =
        sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut connection).await.unwrap();
    let query = tokio::spawn(async move {
        sqlx::query("SELECT count(*) FROM generate_series(1, 100000000000)").execute(&mut connection).await
    });
    let mut watcher = PgConnection::connect(&postgres.url("postgres")).await.unwrap();
    let active = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $1 AND state = 'active')";
    while !sqlx::query_scalar::<_, bool>(active).bind(backend).fetch_one(&mut watcher).await.unwrap() {}

    let pids = [postgres.pid().unwrap(), backend.try_into().unwrap()];
    postgres.kill();
    assert!(!pids.iter().any(|pid| runs(*pid)));
    assert!(query.await.unwrap().is_err());
    assert_eq!(postgres.pid(), None);
    postgres.restart().unwrap();
}
