//! CSV tables: named columns in any order, `#` comments, every error with its line.

use csv::StringRecord;
use meridian_types::Rule;

use crate::folder::Source;
use crate::known::Known;
use crate::report::{Place, Report};

/// Most rows of one table.
const ROWS_MAX: usize = 1_000_000;
/// Most fields of the first line; no table has so many columns.
const FIELDS_MAX: usize = 100;
/// Longest field: generous for a timetable, and no row can make reading slow.
const FIELD_BYTES_MAX: usize = 4_096;

/// What a table looks like.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) file: &'static str,
    /// Columns that must be there.
    pub(crate) needed: &'static [&'static str],
    /// Columns that may be left out; a field of theirs is then empty.
    pub(crate) optional: &'static [&'static str],
}

impl Shape {
    pub(crate) fn columns(&self) -> impl Iterator<Item = &'static str> {
        self.needed.iter().chain(self.optional).copied()
    }

    /// Calls `take` for every row. Says whether all of them could be told apart, or an absent table was empty.
    pub(crate) fn read(
        &'static self,
        source: Source<'_>,
        report: &Report,
        mut take: impl FnMut(&Row<'_>),
    ) -> bool {
        let text = match source {
            Source::Absent => return true,
            Source::Unreadable => return false,
            Source::Text(text) => text,
        };
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .trim(csv::Trim::All)
            .comment(Some(b'#'))
            .from_reader(text.as_bytes());
        let mut lines = Lines { text, byte: 0, line: 1 };
        let mut record = StringRecord::new();
        // Text in memory that is UTF-8 and may have rows of any length can't fail to be read.
        if !matches!(reader.read_record(&mut record), Ok(true)) {
            report.add(Place::file(self.file), None, "a first line with the names of the columns");
            return false;
        }
        let Some(columns) = self.columns_of(&record, lines.of(&record), report) else { return false };
        let width = record.len();
        let (mut rows, mut is_whole) = (0, true);
        while matches!(reader.read_record(&mut record), Ok(true)) {
            let line = lines.of(&record);
            rows += 1;
            if rows > ROWS_MAX {
                report.add(Place::line(self.file, line), None, format!("at most {ROWS_MAX} rows"));
                return false;
            }
            let row = Row { report, file: self.file, columns: &columns, record: &record, line };
            // What a quote that is never closed swallows ends with the text, or with the next quote.
            let end = usize::try_from(reader.position().byte()).unwrap_or(text.len()).min(text.len());
            let open_quote = record.len() != width && text[lines.byte..end].matches('"').count() % 2 == 1;
            if row.has_width(width, open_quote) {
                take(&row);
            } else {
                is_whole = false;
            }
        }
        is_whole
    }

    /// Where each column stands, when all needed ones are there and no other is.
    fn columns_of(
        &self,
        header: &StringRecord,
        line: u64,
        report: &Report,
    ) -> Option<Vec<(&'static str, usize)>> {
        let place = Place::line(self.file, line);
        if header.len() > FIELDS_MAX {
            report.add(place, None, format!("at most {FIELDS_MAX} columns"));
            return None;
        }
        let mut columns: Vec<(&'static str, usize)> = Vec::new();
        let mut good = true;
        for (position, name) in header.iter().enumerate() {
            match self.columns().find(|known| *known == name) {
                Some(known) if columns.iter().all(|(earlier, _)| *earlier != known) => {
                    columns.push((known, position));
                }
                Some(known) => {
                    report.add(place.field(known), None, "each column once");
                    good = false;
                }
                None => {
                    let known = self.columns().collect::<Vec<_>>().join(", ");
                    report.add(place, Some(name), format!("no such column; there are {known}"));
                    good = false;
                }
            }
        }
        for needed in self.needed {
            if columns.iter().all(|(name, _)| name != needed) {
                report.add(place.field(needed), None, "this column is needed");
                good = false;
            }
        }
        good.then_some(columns)
    }
}

/// Counts lines. The reader's own position of a record is that of the comments and empty lines before it.
struct Lines<'a> {
    text: &'a str,
    byte: usize,
    line: u64,
}

impl Lines<'_> {
    fn of(&mut self, record: &StringRecord) -> u64 {
        let bytes = self.text.as_bytes();
        let start = record.position().map_or(self.byte, |position| {
            usize::try_from(position.byte()).unwrap_or(self.byte).clamp(self.byte, bytes.len())
        });
        self.advance(start);
        while let Some(first) = bytes.get(self.byte) {
            match first {
                b'\n' | b'\r' => self.advance(self.byte + 1),
                b'#' => {
                    let length = bytes[self.byte..].iter().position(|byte| *byte == b'\n');
                    self.advance(length.map_or(bytes.len(), |length| self.byte + length + 1));
                }
                _ => break,
            }
        }
        self.line
    }

    fn advance(&mut self, to: usize) {
        let skipped = &self.text.as_bytes()[self.byte..to];
        self.line += skipped.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.byte = to;
    }
}

/// One row of a table.
#[derive(Debug)]
pub(crate) struct Row<'a> {
    report: &'a Report,
    file: &'static str,
    columns: &'a [(&'static str, usize)],
    record: &'a StringRecord,
    line: u64,
}

impl Row<'_> {
    fn has_width(&self, width: usize, open_quote: bool) -> bool {
        let place = Place::line(self.file, self.line);
        if self.record.len() != width {
            let fields = self.record.len();
            let goes_on = open_quote || self.record.iter().any(|field| field.contains('\n'));
            let cause =
                if goes_on { "; the row goes on over further lines: is a quote not closed?" } else { "" };
            self.report.add(place, None, format!("{width} fields like the first line, not {fields}{cause}"));
            return false;
        }
        let long = self.columns.iter().find(|(_, at)| self.record[*at].len() > FIELD_BYTES_MAX);
        if let Some((name, at)) = long {
            let rule = format!("at most {FIELD_BYTES_MAX} bytes");
            self.report.add(place.field(name), Some(&self.record[*at]), rule);
        }
        long.is_none()
    }

    pub(crate) const fn line(&self) -> u64 {
        self.line
    }

    /// What stands in a column; empty when an optional column was left out.
    pub(crate) fn text(&self, column: &str) -> &str {
        let column = self.columns.iter().find(|(name, _)| *name == column);
        column.and_then(|(_, at)| self.record.get(*at)).unwrap_or_default()
    }

    pub(crate) fn is_empty(&self, column: &str) -> bool {
        self.text(column).is_empty()
    }

    /// Remembers that the value of a column breaks a rule.
    pub(crate) fn refuse(&self, column: &str, rule: impl std::fmt::Display) {
        let place = Place::line(self.file, self.line).field(column);
        self.report.add(place, Some(self.text(column)), rule);
    }

    /// The value of a column.
    pub(crate) fn get<T: Default>(&self, column: &str, parse: impl FnOnce(&str) -> Result<T, Rule>) -> T {
        parse(self.text(column)).unwrap_or_else(|rule| {
            self.refuse(column, rule);
            T::default()
        })
    }

    /// The value of a column that may be empty.
    pub(crate) fn optional<T: Default>(
        &self,
        column: &str,
        parse: impl FnOnce(&str) -> Result<T, Rule>,
    ) -> T {
        if self.is_empty(column) { T::default() } else { self.get(column, parse) }
    }

    /// The values of a list `a; b; c`; none when the field is empty.
    pub(crate) fn list<T>(&self, column: &str, parse: impl Fn(&str) -> Result<T, Rule>) -> Vec<T> {
        let mut values = Vec::new();
        for text in split_list(self.text(column)) {
            match parse(text) {
                Ok(value) => values.push(value),
                Err(rule) => self.refuse_part(column, text, rule),
            }
        }
        values
    }

    fn refuse_part(&self, column: &str, part: &str, rule: impl std::fmt::Display) {
        self.report.add(Place::line(self.file, self.line).field(column), Some(part), rule);
    }

    /// A code, kept as text.
    pub(crate) fn code<T: Into<String>>(
        &self,
        column: &str,
        parse: impl FnOnce(&str) -> Result<T, Rule>,
    ) -> String {
        self.get(column, |text| parse(text).map(Into::into))
    }

    /// A code, kept as text; empty when the field is.
    pub(crate) fn optional_code<T: Into<String>>(
        &self,
        column: &str,
        parse: impl FnOnce(&str) -> Result<T, Rule>,
    ) -> String {
        self.optional(column, |text| parse(text).map(Into::into))
    }

    /// A list of codes, kept as text.
    pub(crate) fn codes<T: Into<String>>(
        &self,
        column: &str,
        parse: impl Fn(&str) -> Result<T, Rule>,
    ) -> Vec<String> {
        self.list(column, |text| parse(text).map(Into::into))
    }

    /// What is known of the record that a column names.
    pub(crate) fn reference<'k, T>(&self, column: &str, known: &'k Known<T>) -> Option<&'k T> {
        let found = known.get(self.text(column));
        if found.is_none() && known.judges(self.report) {
            self.refuse(column, known.rule());
        }
        found
    }

    /// The records that a list names, as codes.
    pub(crate) fn references<T>(&self, column: &str, known: &Known<T>) -> Vec<String> {
        self.list(column, |text| {
            if known.get(text).is_some() || !known.judges(self.report) {
                Ok(text.to_owned())
            } else {
                Err(known.rule())
            }
        })
    }
}

/// The parts of a list `a; b; c`.
pub(crate) fn split_list(text: &str) -> impl Iterator<Item = &str> {
    text.split(';').map(str::trim).filter(|part| !part.is_empty())
}
