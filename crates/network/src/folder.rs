//! Reading the files of a folder.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use crate::report::{Place, Report};
use crate::settings;

/// Largest table.
const TABLE_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Largest `network.toml`; a thousand calendars need a quarter of it.
const SETTINGS_BYTES_MAX: usize = 1024 * 1024;

fn bytes_max(name: &str) -> usize {
    if name == settings::FILE { SETTINGS_BYTES_MAX } else { TABLE_BYTES_MAX }
}

/// What there is of a file.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Source<'a> {
    /// It is not there.
    Absent,
    /// It is there and could not be read, which was reported.
    Unreadable,
    Text(&'a str),
}

/// The files of a network by name.
#[derive(Debug)]
pub(crate) struct Files<'a>(HashMap<&'a str, Source<'a>>);

impl<'a> Files<'a> {
    /// Takes the texts, except those that are too large.
    pub(crate) fn new(texts: impl IntoIterator<Item = (&'a str, Option<&'a str>)>, report: &Report) -> Self {
        let source = |(name, text): (&'a str, Option<&'a str>)| match text {
            Some(text) if text.len() <= bytes_max(name) => {
                (name, Source::Text(text.strip_prefix('\u{feff}').unwrap_or(text)))
            }
            Some(_) => {
                report.add(Place::file(name), None, format!("at most {} bytes", bytes_max(name)));
                (name, Source::Unreadable)
            }
            None => (name, Source::Unreadable),
        };
        Self(texts.into_iter().map(source).collect())
    }

    pub(crate) fn get(&self, name: &str) -> Source<'a> {
        self.0.get(name).copied().unwrap_or(Source::Absent)
    }
}

/// The text of every file of a network that the folder has, by name; none for one that can't be read. Other files are left alone, unless they
/// are tables: a table of another name is a mistake.
pub(crate) fn read(
    folder: &Path,
    known: &[&'static str],
    report: &Report,
) -> HashMap<String, Option<String>> {
    let mut files = HashMap::new();
    let entries = std::fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let entries = match entries {
        Ok(entries) => entries,
        Err(error) => {
            let place = Place::file(folder.to_str().unwrap_or_default());
            report.add(place, None, format!("a folder that can be read: {error}"));
            return files;
        }
    };
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        let place = Place::file(&name);
        if !known.contains(&name.as_str()) {
            if Path::new(&name).extension().is_some_and(|extension| extension == "csv" || extension == "toml")
            {
                refuse_unknown(&name, known, report);
            }
            continue;
        }
        let text = match read_file(&entry.path(), bytes_max(&name)).map(String::from_utf8) {
            Ok(Ok(text)) => Some(text),
            Ok(Err(error)) => {
                let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
                let line = 1 + good.iter().filter(|byte| **byte == b'\n').count() as u64;
                report.add(Place::line(&name, line), None, "text in UTF-8");
                None
            }
            Err(error) => {
                report.add(place, None, format!("a file that can be read: {error}"));
                None
            }
        };
        files.insert(name, text);
    }
    files
}

/// Reports a table that no network has.
pub(crate) fn refuse_unknown(name: &str, known: &[&'static str], report: &Report) {
    let rule = format!("no such file in a network; there are {}", known.join(", "));
    report.add(Place::file(name), None, rule);
}

/// At most one byte more than is allowed, so that a file that grows, or never ends, is refused as too large.
fn read_file(path: &Path, bytes_max: usize) -> io::Result<Vec<u8>> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(bytes_max as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
