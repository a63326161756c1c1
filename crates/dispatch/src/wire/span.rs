//! Spans of time that dispatch can reckon with.

use jiff::{SignedDuration, Timestamp};
use meridian_chassis::{decode, encode};
use meridian_proto::types::v1 as pb;
use meridian_scheduler::workforce::Spans;
use meridian_types::{Interval, Rule, Violations};

/// 2000-01-01 to 2200-01-01: beyond, zones have no meaningful rules.
const FIRST: Timestamp = Timestamp::constant(946_684_800, 0);
const LAST: Timestamp = Timestamp::constant(7_258_118_400, 0);

/// A span of at most `days` days (of 24 hours) in the years 2000 to 2199. It is cut to whole microseconds,
/// which the database can hold.
pub(crate) fn decode(
    violations: &mut Violations,
    field: &str,
    value: Option<pb::Interval>,
    days: i64,
) -> Option<Interval> {
    let given = decode::interval(violations, field, value)?;
    let shown = format!("{} to {}", given.start(), given.end());
    if given.start() < FIRST || given.end() > LAST {
        violations.add(field, shown, "within the years 2000 to 2199");
        return None;
    }
    if given.duration() > SignedDuration::from_hours(24 * days) {
        violations.add(field, shown, format!("at most {days} days"));
        return None;
    }
    violations.check(
        field,
        shown,
        Interval::new(whole(given.start())?, whole(given.end())?).map_err(too_short),
    )
}

fn whole(instant: Timestamp) -> Option<Timestamp> {
    Timestamp::from_microsecond(instant.as_microsecond()).ok()
}

fn too_short(_: Rule) -> Rule {
    Rule::new("at least a microsecond")
}

pub(crate) fn decode_all(
    violations: &mut Violations,
    field: &str,
    values: Vec<pb::Interval>,
) -> Option<Spans> {
    let spans = super::list(violations, field, values, usize::MAX, |violations, field, value| {
        decode::interval(violations, field, Some(value))
    })?;
    Some(spans.into_iter().collect())
}

pub(crate) fn encode_all(spans: &Spans) -> Vec<pb::Interval> {
    spans.iter().map(encode::interval).collect()
}
