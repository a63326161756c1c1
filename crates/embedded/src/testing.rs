//! One PostgreSQL and one nats-server for each test process, for the integration tests of every crate.
//!
//! ```no_run
//! use meridian_embedded::testing;
//!
//! let database_url = testing::database("holds"); // a new, empty database
//! let nats_url = testing::nats().url();
//! let prefix = testing::prefix(); // keeps this test's subjects and streams apart
//! ```
//!
//! The servers start when they are first asked for (about a second), installing the pinned ones into the workspace's
//! `.local` when nothing suitable is there, and shut down when the process ends. Their data is in the temporary folder;
//! the next test process deletes what an ended one left. Tests that kill or wipe a server start their own with
//! [`binaries`] and [`Postgres::start`] or [`Nats::start`].
//!
//! Every function here but [`until`] blocks, for milliseconds once the servers run, and panics with the reason when it cannot do
//! its work. None of them needs or disturbs an async runtime.

use std::fs;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rustix::process::Pid;

use crate::folder::{self, Folder};
use crate::{Binaries, LocateOptions, Nats, NatsOptions, Postgres, PostgresOptions};

const DATA_PREFIX: &str = "meridian-test-";

/// How often [`until`] looks.
const LOOK_PAUSE: Duration = Duration::from_millis(10);

/// Waits for a condition: looks until there is something, and returns it. The only way in which tests wait.
///
/// # Panics
/// When there is nothing within `limit`, however long a look takes.
pub async fn until<T>(what: &str, limit: Duration, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let found = tokio::time::timeout(limit, async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(LOOK_PAUSE).await;
        }
    });
    found.await.unwrap_or_else(|_| panic!("waited {} s in vain for: {what}", limit.as_secs()))
}

/// The servers' programs, found or installed once.
///
/// # Panics
/// When they are neither found nor installed.
pub fn binaries() -> &'static Binaries {
    static BINARIES: OnceLock<Binaries> = OnceLock::new();
    BINARIES.get_or_init(|| {
        let tools_dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.local");
        let options = LocateOptions { tools_dir, ..LocateOptions::default() };
        Binaries::locate_or_install(&options)
            .unwrap_or_else(|error| panic!("no servers to test with:\n{error}"))
    })
}

/// This process's PostgreSQL.
///
/// # Panics
/// When it does not start.
pub fn postgres() -> &'static Postgres {
    static POSTGRES: OnceLock<Postgres> = OnceLock::new();
    POSTGRES.get_or_init(|| {
        Postgres::start(binaries(), &data_dir().join("postgres"), PostgresOptions::default())
            .unwrap_or_else(|error| panic!("PostgreSQL did not start: {error}"))
    })
}

/// This process's nats-server.
///
/// # Panics
/// When it does not start.
pub fn nats() -> &'static Nats {
    static NATS: OnceLock<Nats> = OnceLock::new();
    NATS.get_or_init(|| {
        Nats::start(binaries(), &data_dir().join("nats"), NatsOptions::default())
            .unwrap_or_else(|error| panic!("nats-server did not start: {error}"))
    })
}

/// Creates a new, empty database and returns its URL. The hint, e.g. the test's subject, becomes part of its name.
///
/// # Panics
/// When it cannot be created.
pub fn database(name_hint: &str) -> String {
    let hint: String = name_hint.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
    let name = format!("t{}_{}", next_number(), hint.to_ascii_lowercase());
    postgres().create_database(&name).unwrap_or_else(|error| panic!("no database {name}: {error}"))
}

/// A subject prefix that no other test has: lower-case letters and digits.
pub fn prefix() -> String {
    format!("t{}n{}", process::id(), next_number())
}

fn next_number() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// This process's data folder. Made new; folders of processes that ended are deleted first.
fn data_dir() -> &'static Path {
    static DATA_DIR: OnceLock<PathBuf> = OnceLock::new();
    DATA_DIR.get_or_init(|| {
        let temporary = std::env::temp_dir();
        delete_abandoned(&temporary);
        // Random, because a process id may have been another's before: its data would not be empty.
        let [a, b] = folder::random().unwrap_or_else(|error| panic!("no random number: {error}"));
        let dir = temporary.join(format!("{DATA_PREFIX}{}-{a:02x}{b:02x}", process::id()));
        fs::create_dir(&dir).unwrap_or_else(|error| panic!("cannot create {}: {error}", dir.display()));
        dir
    })
}

fn delete_abandoned(temporary: &Path) {
    for entry in fs::read_dir(temporary).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let owner =
            name.to_str().and_then(|name| name.strip_prefix(DATA_PREFIX)?.split('-').next()?.parse().ok());
        let Some(owner) = owner.and_then(Pid::from_raw) else { continue };
        let ended = rustix::process::test_kill_process(owner).is_err();
        let dir = entry.path();
        if ended && ["postgres", "nats"].iter().all(|server| Folder::is_abandoned(&dir.join(server))) {
            // Several test processes may delete at once; what is left is the next one's.
            let _ = fs::remove_dir_all(&dir);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_folders_of_ended_processes_without_servers_are_deleted() {
        let temporary = tempfile::tempdir().unwrap();
        let mut ended = process::Command::new("true").spawn().unwrap();
        ended.wait().unwrap();
        let folder = |owner: u32, suffix: &str| {
            let path = temporary.path().join(format!("{DATA_PREFIX}{owner}-{suffix}"));
            fs::create_dir_all(path.join("nats")).unwrap();
            path
        };
        let (mine, left, still_used) =
            (folder(process::id(), "0"), folder(ended.id(), "0"), folder(ended.id(), "1"));
        let server = Folder::open(&still_used.join("nats")).unwrap();

        delete_abandoned(temporary.path());
        assert!(mine.exists() && still_used.exists() && !left.exists());
        drop(server);
        delete_abandoned(temporary.path());
        assert!(mine.exists() && !still_used.exists());
    }
}
