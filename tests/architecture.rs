//! The rules of the source tree: who may depend on whom, what may stand where, how long a file may be.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use cargo_metadata::{DependencyKind, MetadataCommand, Package};

const LINES_MAX: usize = 500;

/// What each package may depend on inside the workspace, development dependencies aside.
fn allowed() -> BTreeMap<&'static str, Vec<&'static str>> {
    let service = vec!["meridian-types", "meridian-proto", "meridian-chassis", "meridian-messaging"];
    let dispatch = [service.clone(), vec!["meridian-scheduler"]].concat();
    let coordinator = [service.clone(), vec!["meridian-planner", "meridian-assignment"]].concat();
    let binary = [
        service.clone(),
        vec![
            "meridian-planner",
            "meridian-scheduler",
            "meridian-forecast",
            "meridian-network",
            "meridian-embedded",
            "meridian-intake",
            "meridian-inventory",
            "meridian-dispatch",
            "meridian-coordinator",
            "meridian-notification",
        ],
    ]
    .concat();
    BTreeMap::from([
        ("meridian-types", vec![]),
        ("meridian-proto", vec![]),
        ("meridian-embedded", vec![]),
        ("meridian-planner", vec!["meridian-types"]),
        ("meridian-assignment", vec!["meridian-types", "meridian-planner"]),
        ("meridian-forecast", vec![]),
        ("meridian-scheduler", vec!["meridian-types"]),
        ("meridian-network", vec!["meridian-types", "meridian-proto"]),
        ("meridian-chassis", vec!["meridian-types", "meridian-proto"]),
        ("meridian-messaging", vec!["meridian-types", "meridian-proto", "meridian-chassis"]),
        ("meridian-intake", service.clone()),
        ("meridian-inventory", service.clone()),
        ("meridian-dispatch", dispatch),
        ("meridian-notification", service),
        ("meridian-coordinator", coordinator),
        ("meridian", binary),
        ("meridian-tests", vec![]),
    ])
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the workspace exists")
}

fn packages() -> Result<Vec<Package>> {
    let metadata = MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .exec()
        .context("cargo metadata")?;
    Ok(metadata.packages)
}

fn files(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && name != "target" && !name.starts_with('.') && name != "node_modules" {
            files(&path, extension, found)?;
        } else if path.extension().is_some_and(|it| it == extension) {
            found.push(path);
        }
    }
    Ok(())
}

fn rust_files() -> Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    for folder in ["crates", "tests"] {
        files(&root().join(folder), "rs", &mut found)?;
    }
    found
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(root())?.to_string_lossy().into_owned();
            Ok((name, fs::read_to_string(&path)?))
        })
        .collect()
}

fn none(found: &[String], rule: &str) {
    assert!(found.is_empty(), "{rule}:\n{}", found.join("\n"));
}

#[test]
fn a_package_depends_only_on_what_lies_below_it() -> Result<()> {
    let allowed = allowed();
    let mut wrong = Vec::new();
    for package in packages()? {
        let Some(allowed) = allowed.get(package.name.as_str()) else {
            wrong.push(format!("{} has no line in this test", package.name));
            continue;
        };
        for dependency in &package.dependencies {
            let internal = dependency.name.starts_with("meridian");
            let ours = dependency.kind != DependencyKind::Development;
            if internal && ours && !allowed.contains(&dependency.name.as_str()) {
                wrong.push(format!("{} depends on {}", package.name, dependency.name));
            }
        }
    }
    none(&wrong, "dependencies point downwards");
    Ok(())
}

#[test]
fn the_pure_crates_know_neither_network_nor_database() -> Result<()> {
    let banned: BTreeSet<_> = ["tonic", "async-nats", "sqlx", "tokio", "prost"].into();
    let mut wrong = Vec::new();
    for package in packages()? {
        let pure = [
            "meridian-types",
            "meridian-planner",
            "meridian-assignment",
            "meridian-forecast",
            "meridian-scheduler",
        ];
        if pure.contains(&package.name.as_str()) {
            let normal = package.dependencies.iter().filter(|it| it.kind != DependencyKind::Development);
            let found = normal.filter(|it| banned.contains(it.name.as_str()));
            wrong.extend(found.map(|it| format!("{} depends on {}", package.name, it.name)));
        }
    }
    none(&wrong, "types, planner, assignment, forecast and scheduler are pure");
    Ok(())
}

#[test]
fn every_package_takes_versions_and_lints_from_the_workspace() -> Result<()> {
    let mut wrong = Vec::new();
    for package in packages()? {
        let manifest = fs::read_to_string(&package.manifest_path)?;
        if !manifest.contains("[lints]\nworkspace = true") {
            wrong.push(format!("{}: no [lints] workspace = true", package.manifest_path));
        }
        let mut inside = false;
        for line in manifest.lines() {
            if line.starts_with('[') {
                inside = line.contains("dependencies");
            } else if inside
                && line.contains('=')
                && !line.contains("workspace = true")
                && !line.starts_with('#')
            {
                wrong.push(format!("{}: {line}", package.manifest_path));
            }
        }
    }
    none(&wrong, "one place for versions and lints");
    Ok(())
}

#[test]
fn sql_stands_only_in_stores_and_in_messaging() -> Result<()> {
    let allowed = |name: &str| {
        name.contains("/store/")
            || name.contains("/store.rs")
            || name.contains("/tests/")
            || name.contains("/benches/")
            || name.starts_with("tests/")
            || name.starts_with("crates/messaging/src/")
    };
    let wrong: Vec<_> = rust_files()?
        .into_iter()
        .filter(|(name, text)| {
            !allowed(name) && (text.contains("sqlx::query") || text.contains("QueryBuilder"))
        })
        .map(|(name, _)| name)
        .collect();
    none(&wrong, "SQL stands in store/ modules and in messaging");
    Ok(())
}

#[test]
fn a_status_is_made_only_at_the_boundary() -> Result<()> {
    let allowed = |name: &str| {
        name.starts_with("crates/chassis/")
            || name.contains("/grpc")
            || name.ends_with("/error.rs")
            || name.ends_with("/event_log.rs")
            || name.contains("/tests/")
            || name.starts_with("tests/")
            || name.starts_with("crates/meridian/")
    };
    let wrong: Vec<_> = rust_files()?
        .into_iter()
        .filter(|(name, text)| !allowed(name) && text.contains("tonic::Status"))
        .map(|(name, _)| name)
        .collect();
    none(&wrong, "tonic::Status stands in chassis, grpc and error modules");
    Ok(())
}

#[test]
fn no_file_is_longer_than_five_hundred_lines() -> Result<()> {
    let wrong: Vec<_> = rust_files()?
        .into_iter()
        .filter(|(_, text)| text.lines().count() > LINES_MAX)
        .map(|(name, text)| format!("{name}: {} lines", text.lines().count()))
        .collect();
    none(&wrong, "a file that long holds more than one thing");
    Ok(())
}

#[test]
fn no_module_is_a_drawer_for_leftovers() -> Result<()> {
    let banned = ["common", "util", "utils", "helpers", "helper", "manager", "misc", "shared", "prelude"];
    let wrong: Vec<_> = rust_files()?
        .into_iter()
        .map(|(name, _)| name)
        .filter(|name| {
            let path = Path::new(name);
            path.iter().any(|part| banned.contains(&part.to_string_lossy().trim_end_matches(".rs")))
        })
        .collect();
    none(&wrong, "a module's name tells what is in it");
    Ok(())
}

#[test]
fn tests_wait_for_conditions_and_are_never_skipped_in_silence() -> Result<()> {
    // Written in two halves, so that this file does not break its own rule.
    let banned =
        [concat!("#[ig", "nore"), concat!("thread::sl", "eep("), concat!("todo", "!("), concat!("dbg", "!(")];
    let mut wrong = Vec::new();
    for (name, text) in rust_files()? {
        let is_test = name.contains("/tests/") || name.starts_with("tests/");
        for word in banned {
            if text.contains(word) && (is_test || !word.starts_with("thread")) {
                wrong.push(format!("{name}: {word}"));
            }
        }
    }
    none(&wrong, "no skipped tests, sleeping waits or leftovers");
    Ok(())
}

#[test]
fn every_service_has_the_same_inner_shape() -> Result<()> {
    let mut wrong = Vec::new();
    for service in ["intake", "inventory", "dispatch", "coordinator", "notification"] {
        let folder = root().join("crates").join(service);
        for part in [
            "src/lib.rs",
            "src/server.rs",
            "src/events.rs",
            "src/operations",
            "src/domain",
            "src/store",
            "migrations",
            "tests/it/main.rs",
        ] {
            if !folder.join(part).exists() && !folder.join(part.replace(".rs", "")).exists() {
                wrong.push(format!("{service} lacks {part}"));
            }
        }
    }
    none(&wrong, "the file name is what you want to change");
    Ok(())
}
