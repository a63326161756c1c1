//! What the commands print: text for people, JSON for programs.

use std::io::{ErrorKind, IsTerminal as _, Write as _};

use anyhow::Result;
use comfy_table::{ContentArrangement, Table, presets};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use meridian_chassis::status;
use prost::{Message, Name};

/// Width where there is no terminal.
const LINE_CHARS: usize = 120;

/// Prints one line. Where nobody reads any more (`| head`), the process ends: a stream would go on for ever.
pub(crate) fn line(text: impl AsRef<str>) {
    if let Err(error) = writeln!(std::io::stdout().lock(), "{}", text.as_ref())
        && error.kind() == ErrorKind::BrokenPipe
    {
        std::process::exit(0);
    }
}

/// Prints a message as JSON on one line.
pub(crate) fn json<M: Message + Name>(message: &M) -> Result<()> {
    line(meridian_proto::json::to_string(message)?);
    Ok(())
}

/// A table without lines, as wide as the terminal allows.
pub(crate) fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(header);
    if !std::io::stdout().is_terminal() {
        table.set_content_arrangement(ContentArrangement::Disabled);
    }
    table
}

/// Characters that fit on a line: of the terminal, or as many as people read well.
pub(crate) fn width() -> usize {
    Table::new().width().map_or(LINE_CHARS, usize::from)
}

/// An instant on the wall of a zone: "Wed 2026-12-02 12:00 CET". In UTC when the zone is unknown.
pub(crate) fn wall(instant: Option<&prost_types::Timestamp>, zone: &str) -> String {
    let Some(instant) = instant.and_then(instant_of) else { return "-".to_owned() };
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    instant.to_zoned(zone).strftime("%a %Y-%m-%d %H:%M %Z").to_string()
}

/// The instant of a protobuf timestamp.
pub(crate) fn instant_of(timestamp: &prost_types::Timestamp) -> Option<Timestamp> {
    Timestamp::new(timestamp.seconds, timestamp.nanos).ok()
}

/// A duration in words short enough for a table: "3 d 4 h", "-25 min".
pub(crate) fn minutes(total: i64) -> String {
    let (sign, total) = (if total < 0 { "-" } else { "" }, total.abs());
    match (total / 1440, total / 60 % 24, total % 60) {
        (0, 0, min) => format!("{sign}{min} min"),
        (0, h, 0) => format!("{sign}{h} h"),
        (0, h, min) => format!("{sign}{h} h {min} min"),
        (d, 0, _) => format!("{sign}{d} d"),
        (d, h, _) => format!("{sign}{d} d {h} h"),
    }
}

/// A probability for a table: "97.5 %".
pub(crate) fn percent(probability: f64) -> String {
    format!("{:.1} %", probability * 100.0)
}

/// An amount of money in words: "1205.50 EUR".
pub(crate) fn money(amount: Option<&meridian_proto::types::v1::Money>) -> String {
    amount
        .and_then(|it| meridian_types::Money::new(&it.currency_code, it.minor).ok())
        .map_or_else(|| "-".to_owned(), |it| it.to_string())
}

/// The last part of a SCREAMING enum name, in lower case with spaces: "LOCAL_STOCK" becomes "local stock".
pub(crate) fn words(name: &str, prefix: &str) -> String {
    name.strip_prefix(prefix).unwrap_or(name).trim_start_matches('_').to_lowercase().replace('_', " ")
}

/// An error with its causes, and what a service said about each field.
pub(crate) fn explain(error: &anyhow::Error) -> String {
    let Some(refusal) = error.chain().find_map(|cause| cause.downcast_ref::<tonic::Status>()) else {
        return format!("{error:#}");
    };
    let problem = status::problem(refusal);
    let mut text = format!("{} ({})", problem.message, problem.reason);
    if problem.violations.len() > 1 {
        text = format!("the request was refused ({})", problem.reason);
        for violation in &problem.violations {
            text.push_str(&format!("\n  {violation}"));
        }
    }
    for (name, value) in &problem.metadata {
        text.push_str(&format!("\n  {name}: {value}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_shown_in_their_two_largest_units() {
        assert_eq!(minutes(0), "0 min");
        assert_eq!(minutes(-25), "-25 min");
        assert_eq!(minutes(120), "2 h");
        assert_eq!(minutes(125), "2 h 5 min");
        assert_eq!(minutes(4560), "3 d 4 h");
    }

    #[test]
    fn an_instant_is_shown_on_the_wall_of_its_zone() {
        let instant = prost_types::Timestamp { seconds: 1_780_311_600, nanos: 0 };
        assert_eq!(wall(Some(&instant), "Europe/Berlin"), "Mon 2026-06-01 13:00 CEST");
        assert_eq!(wall(None, "UTC"), "-");
    }
}
