//! `holidays.csv`: named sets of dates, which calendars, lanes and engineers refer to.

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};

use meridian_types::Rule;

use crate::folder::Source;
use crate::known::Known;
use crate::report::Report;
use crate::table::Shape;
use crate::values;

pub(crate) const HOLIDAYS: Shape =
    Shape { file: "holidays.csv", needed: &["set", "date", "name"], optional: &[] };

/// Most dates that all calendars, lanes and engineers together may refer to: a small file must not become a
/// large network.
const DATES_MAX: usize = 2_000_000;

/// Dates as `2026-12-25`, each with its name.
pub(crate) type Dates = BTreeMap<String, String>;

/// The sets by name.
#[derive(Debug)]
pub(crate) struct Holidays {
    complete: bool,
    sets: HashMap<String, Dates>,
    referred: Cell<usize>,
}

impl Holidays {
    pub(crate) fn read(source: Source<'_>, report: &Report) -> Self {
        let mut sets: HashMap<String, Dates> = HashMap::new();
        let mut seen = Known::new("a holiday");
        let complete = HOLIDAYS.read(source, report, |row| {
            let set = row.get("set", values::word);
            let date = row.get("date", |text| values::date(text).map(|date| date.to_string()));
            let name = row.get("name", values::text);
            seen.add(row, "date", format!("{set} {date}"), ());
            sets.entry(set).or_default().insert(date, name);
        });
        Self { complete, sets, referred: Cell::new(0) }
    }

    /// The dates of sets and of single dates; the first name that a date has counts.
    pub(crate) fn dates<'a>(&self, parts: impl Iterator<Item = &'a str>) -> Result<Dates, Rule> {
        let mut dates = Dates::new();
        for part in parts {
            if let Some(set) = self.sets.get(part) {
                self.referred.set(self.referred.get() + set.len());
                if self.referred.get() > DATES_MAX {
                    return Err(format!("at most {DATES_MAX} dates in the whole network").into());
                }
                for (date, name) in set {
                    dates.entry(date.clone()).or_insert_with(|| name.clone());
                }
            } else if let Ok(date) = values::date(part) {
                dates.entry(date.to_string()).or_default();
            } else if self.complete {
                return Err(format!("sets of holidays.csv or dates, unlike {part:.40}").into());
            }
        }
        Ok(dates)
    }
}
