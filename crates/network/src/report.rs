//! Every error of every file, like a compiler's.

use std::cell::{Cell, RefCell};
use std::fmt;

/// Most errors kept; the others are counted, so that a wrong file of a million rows stays readable.
const ERRORS_KEPT_MAX: usize = 100_000;
/// Longest part of a value that an error repeats.
const VALUE_SHOWN_CHARS: usize = 80;

/// One thing that is wrong. Displays as `stock.csv:14: quantity: "-3": a whole number from 0 to 1000000000`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadError {
    /// Name of the file in the folder.
    pub file: String,
    /// Line, from 1; absent when it is about the file as a whole.
    pub line: Option<u64>,
    /// Column of a table or dotted path in `network.toml`; absent when it is about the whole row or file.
    pub field: Option<String>,
    /// The value as written, cut to 80 characters; absent where there is none.
    pub value: Option<String>,
    /// What would be right.
    pub rule: String,
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if let Some(field) = &self.field {
            write!(f, ": {field}")?;
        }
        if let Some(value) = &self.value {
            write!(f, ": {value:?}")?;
        }
        write!(f, ": {}", self.rule)
    }
}

/// Everything that is wrong with a network, by file and line. Displays one error per line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct LoadErrors {
    /// The errors, at most 100,000; never empty.
    pub errors: Vec<LoadError>,
    /// How many more there are.
    pub further: usize,
}

impl fmt::Display for LoadErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.errors.iter().enumerate() {
            let line_break = if index == 0 { "" } else { "\n" };
            write!(f, "{line_break}{error}")?;
        }
        if self.further > 0 {
            write!(f, "\nand {} more", self.further)?;
        }
        Ok(())
    }
}

/// Where an error is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) file: &'a str,
    pub(crate) line: Option<u64>,
    pub(crate) field: Option<&'a str>,
}

impl<'a> Place<'a> {
    pub(crate) const fn file(file: &'a str) -> Self {
        Self { file, line: None, field: None }
    }

    pub(crate) const fn line(file: &'a str, line: u64) -> Self {
        Self { file, line: Some(line), field: None }
    }

    pub(crate) const fn field(self, field: &'a str) -> Self {
        Self { field: Some(field), ..self }
    }
}

/// Collects errors while reading goes on.
///
/// A value that broke its rule is replaced by a default: one error refuses the whole network, so nobody ever
/// sees the replacement, and reading can find the next error.
#[derive(Debug, Default)]
pub(crate) struct Report {
    errors: RefCell<Vec<LoadError>>,
    further: Cell<usize>,
}

impl Report {
    pub(crate) fn add(&self, place: Place<'_>, value: Option<&str>, rule: impl fmt::Display) {
        let mut errors = self.errors.borrow_mut();
        if errors.len() == ERRORS_KEPT_MAX {
            self.further.set(self.further.get() + 1);
            return;
        }
        errors.push(LoadError {
            file: place.file.chars().take(VALUE_SHOWN_CHARS).collect(),
            line: place.line,
            field: place.field.map(str::to_owned),
            value: value.map(|value| value.chars().take(VALUE_SHOWN_CHARS).collect()),
            rule: rule.to_string(),
        });
    }

    /// Whether nothing was wrong so far.
    pub(crate) fn is_empty(&self) -> bool {
        self.errors.borrow().is_empty()
    }

    /// The value, unless something was wrong anywhere.
    pub(crate) fn finish<T>(self, value: T) -> Result<T, LoadErrors> {
        let mut errors = self.errors.into_inner();
        if errors.is_empty() {
            return Ok(value);
        }
        errors.sort_by(|one, other| (&one.file, one.line).cmp(&(&other.file, other.line)));
        Err(LoadErrors { errors, further: self.further.get() })
    }
}
