//! Records by key: what references are judged by.

use std::cell::Cell;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use meridian_types::Rule;

use crate::report::{Place, Report};
use crate::table::Row;

/// The records of a table by key, for references to them and against duplicates.
#[derive(Debug)]
pub(crate) struct Known<T> {
    /// What a reference must be: "a site of sites.csv".
    what: &'static str,
    /// Whether the table could be read; if not, references to it are not judged.
    pub(crate) complete: bool,
    /// The file that the records would stand in, when it is not there.
    pub(crate) absent: Option<&'static str>,
    /// Whether that was told.
    told: Cell<bool>,
    entries: HashMap<String, (u64, T)>,
}

impl<T> Known<T> {
    pub(crate) fn new(what: &'static str) -> Self {
        Self { what, complete: true, absent: None, told: Cell::new(false), entries: HashMap::new() }
    }

    /// Adds a record; refuses a key that was there before. An empty key was refused already.
    pub(crate) fn add(&mut self, row: &Row<'_>, column: &str, key: String, value: T) {
        if key.is_empty() {
            return;
        }
        match self.entries.entry(key) {
            Entry::Vacant(vacant) => {
                vacant.insert((row.line(), value));
            }
            Entry::Occupied(earlier) => {
                row.refuse(column, format!("given once; it stands in line {} already", earlier.get().0));
            }
        }
    }

    /// Adds a record that is not a row of a table.
    pub(crate) fn insert(&mut self, key: String, value: T) {
        self.entries.insert(key, (0, value));
    }

    pub(crate) fn into_values(self) -> impl Iterator<Item = T> {
        self.entries.into_values().map(|(_, value)| value)
    }

    pub(crate) fn has_any(&self) -> bool {
        !self.entries.is_empty()
    }

    /// Whether a reference that leads nowhere is refused. Those to a file that is not there are not, but the first of
    /// them tells the cause.
    pub(crate) fn judges(&self, report: &Report) -> bool {
        let Some(file) = self.absent else { return self.complete };
        if !self.told.replace(true) {
            report.add(Place::file(file), None, "this file is not there, but others refer to it");
        }
        false
    }

    /// What a reference must be.
    pub(crate) fn rule(&self) -> Rule {
        Rule::new(self.what)
    }

    pub(crate) fn get(&self, key: &str) -> Option<&T> {
        self.entries.get(key).map(|(_, value)| value)
    }
}
