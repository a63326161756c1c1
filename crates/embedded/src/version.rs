//! Versions as the servers print them.

use std::fmt;
use std::path::Path;
use std::process::Command;

/// A server's version, e.g. 2.15.1. Parts that were not printed are 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// The first number.
    pub major: u32,
    /// The second number.
    pub minor: u32,
    /// The third number; PostgreSQL has none.
    pub patch: u32,
}

impl Version {
    pub(crate) const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Self { major, minor, patch }
    }

    /// The first word that looks like a version: `postgres (PostgreSQL) 15.18 (Debian ...)`, `nats-server: v2.15.1`.
    pub(crate) fn find_in(text: &str) -> Option<Self> {
        text.split_whitespace().find_map(Self::parse)
    }

    fn parse(word: &str) -> Option<Self> {
        let word = word.strip_prefix('v').unwrap_or(word);
        let mut numbers = word.split(['.', '-', '+']).map_while(|part| {
            // A beta prints as `19beta1`.
            let digits = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
            part[..digits].parse::<u32>().ok()
        });
        Some(Self::new(numbers.next()?, numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)))
    }

    /// Asks the program itself.
    pub(crate) fn of(program: &Path) -> Result<Self, String> {
        let output = Command::new(program)
            .arg("--version")
            .output()
            .map_err(|error| format!("does not run: {error}"))?;
        let printed = String::from_utf8_lossy(&output.stdout);
        Self::find_in(&printed)
            .ok_or_else(|| format!("does not tell its version ({}, printed {printed:?})", output.status))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { major, minor, patch } = self;
        match patch {
            0 => write!(f, "{major}.{minor}"),
            _ => write!(f, "{major}.{minor}.{patch}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_the_servers_print_them() {
        let read = |text| Version::find_in(text).unwrap();
        assert_eq!(read("postgres (PostgreSQL) 18.6"), Version::new(18, 6, 0));
        assert_eq!(read("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"), Version::new(15, 18, 0));
        assert_eq!(read("postgres (PostgreSQL) 19beta1"), Version::new(19, 0, 0));
        assert_eq!(read("nats-server: v2.15.1\n"), Version::new(2, 15, 1));
        assert_eq!(read("nats-server: v2.16.0-RC.2"), Version::new(2, 16, 0));
        assert_eq!(Version::find_in("no such thing"), None);
    }

    #[test]
    fn versions_compare_number_by_number() {
        assert!(Version::new(2, 9, 10) < Version::new(2, 15, 1));
        assert!(Version::new(2, 15, 1) <= Version::new(2, 15, 1));
    }
}
