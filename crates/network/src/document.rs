//! TOML with the line of every value, reading on after errors.

use meridian_types::Rule;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::report::{Place, Report};

/// Most characters of a line that an error about its syntax repeats.
const LINE_SHOWN_CHARS: usize = 80;

/// A TOML file.
#[derive(Debug)]
pub(crate) struct Document<'a> {
    report: &'a Report,
    file: &'static str,
    text: &'a str,
    /// Byte at which each line begins.
    line_starts: Vec<usize>,
}

impl<'a> Document<'a> {
    pub(crate) fn new(file: &'static str, text: &'a str, report: &'a Report) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let line_starts = std::iter::once(0).chain(breaks.map(|(at, _)| at + 1)).collect();
        Self { report, file, text, line_starts }
    }

    /// Parses the text; the syntax errors are reported. Says whether there were none.
    pub(crate) fn parse(&self) -> (Spanned<DeTable<'a>>, bool) {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        for error in &errors {
            let line = self.line_of(error.span().map_or(0, |span| span.start));
            let message = error.message().replace('\n', ", ");
            // From the start of the line, not by counting lines: there may be very many errors.
            let start = usize::try_from(line).ok().and_then(|line| self.line_starts.get(line - 1));
            let text = start.map(|start| self.text[*start..].chars().take_while(|it| *it != '\n'));
            let text: Option<String> = text.map(|text| text.take(LINE_SHOWN_CHARS).collect());
            self.report.add(Place::line(self.file, line), text.as_deref().map(str::trim), message);
        }
        (table, errors.is_empty())
    }

    pub(crate) fn root<'d>(&'d self, table: &'d DeTable<'a>) -> Section<'d> {
        Section { document: self, path: String::new(), table, line: 1 }
    }

    fn line_of(&self, byte: usize) -> u64 {
        self.line_starts.partition_point(|start| *start <= byte) as u64
    }

    /// The value as people see it: strings without their quotes.
    fn shown<'v>(&'v self, value: &'v Spanned<DeValue<'_>>) -> &'v str {
        match value.get_ref() {
            DeValue::String(text) => text,
            _ => self.text.get(value.span()).unwrap_or_default(),
        }
    }
}

/// A table of a document.
#[derive(Debug)]
pub(crate) struct Section<'d> {
    document: &'d Document<'d>,
    /// Dotted path; empty at the top.
    path: String,
    table: &'d DeTable<'d>,
    line: u64,
}

impl<'d> Section<'d> {
    /// Reports the keys that are not among `known`.
    pub(crate) fn only(&self, known: &[&str]) {
        for key in self.table.keys() {
            let name: &str = key.get_ref();
            if !known.contains(&name) {
                self.refuse_name(name, format!("no such key; there are {}", known.join(", ")));
            }
        }
    }

    /// All keys with their values.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&'d str, &'d Spanned<DeValue<'d>>)> {
        self.table.iter().map(|(key, value)| {
            let key: &str = key.get_ref();
            (key, value)
        })
    }

    /// A string that must be there.
    pub(crate) fn text<T>(&self, key: &str, parse: impl FnOnce(&str) -> Result<T, Rule>) -> Option<T> {
        let Some(value) = self.table.get(key) else {
            self.refuse_name(key, "this key is needed");
            return None;
        };
        self.text_of(key, value, parse)
    }

    /// The string `value` that stands at `key`.
    pub(crate) fn text_of<T>(
        &self,
        key: &str,
        value: &Spanned<DeValue<'_>>,
        parse: impl FnOnce(&str) -> Result<T, Rule>,
    ) -> Option<T> {
        let DeValue::String(text) = value.get_ref() else {
            self.refuse(key, value, "a text in quotes");
            return None;
        };
        parse(text).map_err(|rule| self.refuse(key, value, rule)).ok()
    }

    /// `true` or `false`; false when absent.
    pub(crate) fn flag(&self, key: &str) -> bool {
        match self.table.get(key).map(|value| (value, value.get_ref())) {
            Some((_, DeValue::Boolean(flag))) => *flag,
            Some((value, _)) => {
                self.refuse(key, value, "true or false");
                false
            }
            None => false,
        }
    }

    /// A list of strings; empty when absent.
    pub(crate) fn list<T>(&self, key: &str, parse: impl Fn(&str) -> Result<T, Rule>) -> Vec<T> {
        match self.table.get(key).map(|value| (value, value.get_ref())) {
            Some((_, DeValue::Array(values))) => {
                values.iter().filter_map(|value| self.text_of(key, value, &parse)).collect()
            }
            Some((value, _)) => {
                self.refuse(key, value, "a list such as [\"one\", \"two\"]");
                Vec::new()
            }
            None => Vec::new(),
        }
    }

    /// The table at a key; absent when it is not there or no table.
    pub(crate) fn section(&self, key: &str) -> Option<Section<'d>> {
        let value = self.table.get(key)?;
        let DeValue::Table(table) = value.get_ref() else {
            self.refuse(key, value, "a table");
            return None;
        };
        let line = self.document.line_of(value.span().start);
        Some(Section { document: self.document, path: self.path_of(key), table, line })
    }

    /// Reports that the value at `key` breaks a rule.
    pub(crate) fn refuse(&self, key: &str, value: &Spanned<DeValue<'_>>, rule: impl std::fmt::Display) {
        let path = self.path_of(key);
        let place = Place::line(self.document.file, self.document.line_of(value.span().start)).field(&path);
        self.document.report.add(place, Some(self.document.shown(value)), rule);
    }

    /// Reports that the name `key` itself breaks a rule, or what should stand there.
    pub(crate) fn refuse_name(&self, key: &str, rule: impl std::fmt::Display) {
        let line = self.table.get_key_value(key).map(|(key, _)| self.document.line_of(key.span().start));
        let path = self.path_of(key);
        let place = Place::line(self.document.file, line.unwrap_or(self.line)).field(&path);
        self.document.report.add(place, None, rule);
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }
}
