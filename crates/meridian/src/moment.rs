//! Moments as people write them on the command line.

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use jiff::civil::DateTime;
use meridian_types::{Interval, resolve_local};

/// What a moment looks like.
pub(crate) const RULE: &str = "an instant such as 2026-12-02T12:00Z or a wall time with its zone such as 2026-12-02T12:00[Europe/Berlin]";

/// The wall time and the zone of "2026-12-02T12:00[Europe/Berlin]".
pub(crate) fn wall(text: &str) -> Option<(&str, &str)> {
    text.strip_suffix(']').and_then(|text| text.split_once('['))
}

/// An instant, or a wall time with its zone; `name` is what is asked for, such as `--now`.
pub(crate) fn parse(name: &str, text: &str) -> Result<Timestamp> {
    if let Ok(instant) = text.parse() {
        return Ok(instant);
    }
    let (local, zone) = wall(text).with_context(|| format!("{name} {text:?}: {RULE}"))?;
    let local: DateTime = local.parse().ok().with_context(|| format!("{name} {text:?}: {RULE}"))?;
    resolve_local(local, zone, None).with_context(|| format!("{name} {text:?}"))
}

/// Two moments with a slash between them.
pub(crate) fn span(name: &str, text: &str) -> Result<Interval> {
    // Zones have slashes of their own.
    let first_end = text.find(']').unwrap_or(0);
    let slash = text[first_end..].find('/').map(|at| at + first_end).or_else(|| text.find('/'));
    let (start, end) = slash
        .map(|at| (&text[..at], &text[at + 1..]))
        .with_context(|| format!("{name} {text:?}: START/END, each {RULE}"))?;
    let (start, end) = (parse(name, start)?, parse(name, end)?);
    Interval::new(start, end).map_err(|rule| anyhow::anyhow!("{name} {text:?}: {}", rule.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_two_moments_whatever_form_each_has() {
        let expected = span("--at", "2026-11-28T07:00Z/2026-11-28T17:00Z").unwrap();
        for text in [
            "2026-11-28T08:00[Europe/Berlin]/2026-11-28T18:00[Europe/Berlin]",
            "2026-11-28T08:00[Europe/Berlin]/2026-11-28T17:00Z",
            "2026-11-28T07:00Z/2026-11-28T18:00[Europe/Berlin]",
        ] {
            assert_eq!(span("--at", text).unwrap(), expected, "{text}");
        }
        for (text, told) in [("tomorrow", "START/END"), ("2026-11-28T17:00Z/2026-11-28T07:00Z", "must end")] {
            assert!(span("--at", text).unwrap_err().to_string().contains(told), "{text}");
        }
    }
}
