//! What the commands print: text for people, JSON for programs.

use std::io::{ErrorKind, Write as _};

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

/// A table without lines, as wide as a line allows.
pub(crate) fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(width()).unwrap_or(u16::MAX))
        .set_header(header);
    table
}

/// Characters that fit on a line: what `COLUMNS` says, what the terminal has, or as many as people read well.
pub(crate) fn width() -> usize {
    let columns = std::env::var_os("COLUMNS").and_then(|text| text.to_str()?.parse().ok());
    let terminal = || Table::new().width().map_or(LINE_CHARS, usize::from);
    columns.filter(|columns| *columns > 0).unwrap_or_else(terminal)
}

/// Text in lines of at most `chars`, broken between words: the first begins after `first` spaces, the others after
/// `others`. A word that is longer has a line of its own.
pub(crate) fn wrapped(text: &str, chars: usize, first: usize, others: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut written = " ".repeat(first);
    let mut is_begun = false;
    for word in text.split_whitespace() {
        if is_begun && written.chars().count() + 1 + word.chars().count() > chars {
            lines.push(std::mem::replace(&mut written, " ".repeat(others)));
            is_begun = false;
        }
        if is_begun {
            written.push(' ');
        }
        written.push_str(word);
        is_begun = true;
    }
    if is_begun {
        lines.push(written);
    }
    lines
}

/// An instant on the wall of a zone: "Wed 2026-12-02 12:00 CET". In UTC when the zone is unknown.
pub(crate) fn wall(instant: Option<&prost_types::Timestamp>, zone: &str) -> String {
    let Some(instant) = instant.and_then(instant_of) else { return "-".to_owned() };
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    instant.to_zoned(zone).strftime("%a %Y-%m-%d %H:%M %Z").to_string()
}

/// An instant on the wall of a zone without its year: "Wed 2 Dec 12:00 CET". In UTC when the zone is unknown.
pub(crate) fn day(instant: Option<&prost_types::Timestamp>, zone: &str) -> String {
    let Some(instant) = instant.and_then(instant_of) else { return "-".to_owned() };
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    instant.to_zoned(zone).strftime("%a %-d %b %H:%M %Z").to_string()
}

/// The instant of a protobuf timestamp.
pub(crate) fn instant_of(timestamp: &prost_types::Timestamp) -> Option<Timestamp> {
    Timestamp::new(timestamp.seconds, timestamp.nanos).ok()
}

/// A probability for a table: "97 %". What is not certain is neither 0 nor 100.
pub(crate) fn percent(probability: f64) -> String {
    let rounded = (probability * 100.0).round();
    let is_certain = probability <= 0.0 || probability >= 1.0;
    format!("{} %", if is_certain { rounded } else { rounded.clamp(1.0, 99.0) })
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
        return causes(error);
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

/// An error and its causes, each once: many say their cause themselves.
fn causes(error: &anyhow::Error) -> String {
    let mut told = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if told.is_empty() {
            told = cause;
        } else if !told.contains(&cause) {
            told = format!("{told}: {cause}");
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_told_once_whether_or_not_the_error_says_it_itself() {
        let refused = std::io::Error::other("connection refused");
        let connect = anyhow::Error::new(refused).context("cannot connect: connection refused");
        assert_eq!(
            explain(&connect.context("list the streams")),
            "list the streams: cannot connect: connection refused"
        );
    }

    #[tokio::test]
    async fn of_a_nats_server_that_is_away_every_cause_is_told_once() {
        let nats = async_nats::ConnectOptions::new().connect("nats://127.0.0.1:1").await;
        let told = explain(&anyhow::Error::new(nats.unwrap_err()).context("list the streams"));
        let causes: Vec<&str> = told.split(": ").collect();
        let distinct: std::collections::BTreeSet<&str> = causes.iter().copied().collect();
        assert!(causes.len() > 1 && causes.len() == distinct.len(), "{told}");
    }

    #[test]
    fn what_is_not_certain_is_not_shown_as_certain() {
        let told = [0.0, 0.001, 0.845, 0.996, 1.0].map(percent);
        assert_eq!(told, ["0 %", "1 %", "85 %", "99 %", "100 %"]);
    }

    #[test]
    fn text_is_broken_between_words_and_keeps_within_its_width() {
        let told = wrapped("one two three four-and-a-half five", 12, 2, 4);
        assert_eq!(told, ["  one two", "    three", "    four-and-a-half", "    five"]);
        assert!(wrapped(" ", 10, 2, 2).is_empty());
    }

    #[test]
    fn an_instant_is_shown_on_the_wall_of_its_zone() {
        let instant = prost_types::Timestamp { seconds: 1_780_311_600, nanos: 0 };
        assert_eq!(wall(Some(&instant), "Europe/Berlin"), "Mon 2026-06-01 13:00 CEST");
        assert_eq!(wall(None, "UTC"), "-");
    }
}
