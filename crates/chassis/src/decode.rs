//! Request fields into valid values. Each function returns the value, or remembers which rule the field broke;
//! [`complete`] ends the decoding of a request with all violations at once.
//!
//! ```
//! # use meridian_chassis::decode;
//! # use meridian_types::{ItemId, Problem, Quantity, Violations};
//! fn line(item_id: &str, quantity: i64) -> Result<(ItemId, Quantity), Problem> {
//!     let mut violations = Violations::new();
//!     let item = decode::parsed(&mut violations, "item_id", item_id);
//!     let quantity = decode::quantity(&mut violations, "quantity", quantity);
//!     decode::complete(violations, item.zip(quantity))
//! }
//! assert_eq!(line("", 0).unwrap_err().violations.len(), 2);
//! ```

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::fmt::strtime;
use jiff::tz::Offset;
use meridian_proto::types::v1 as pb;
use meridian_types::{Interval, Money, Problem, ProblemKind, Quantity, Rule, Violations, resolve_local};

/// Longest request id, in characters.
const REQUEST_ID_CHARS_MAX: usize = 64;
/// Page size for a request that names none.
pub const PAGE_SIZE_DEFAULT: usize = 50;
/// Largest page.
pub const PAGE_SIZE_MAX: i32 = 200;

const MUST_BE_SET: &str = "must be set";

/// The decoded request, or the problem that names every violated field.
///
/// # Errors
/// All violations; or an internal problem when `request` is `None` although no violation was remembered, which
/// is a mistake in the decoding.
pub fn complete<T>(violations: Violations, request: Option<T>) -> Result<T, Problem> {
    violations.finish()?;
    request.ok_or_else(|| Problem::new(ProblemKind::Internal, "INTERNAL", "a field was lost while decoding"))
}

/// A field that must be present.
pub fn required<T>(violations: &mut Violations, field: &str, value: Option<T>) -> Option<T> {
    if value.is_none() {
        violations.add(field, "", MUST_BE_SET);
    }
    value
}

/// A code or an id.
pub fn parsed<T: FromStr<Err = Rule>>(violations: &mut Violations, field: &str, text: &str) -> Option<T> {
    violations.check(field, text, text.parse())
}

/// A code or an id that may be left out: empty text is `None` and no violation.
pub fn parsed_if_set<T: FromStr<Err = Rule>>(
    violations: &mut Violations,
    field: &str,
    text: &str,
) -> Option<T> {
    if text.is_empty() { None } else { parsed(violations, field, text) }
}

/// The key of a mutation (AIP-155): 1 to 64 letters, digits, `-` and `_`, the same for every retry.
pub fn request_id(violations: &mut Violations, text: &str) -> Option<String> {
    let kept = (1..=REQUEST_ID_CHARS_MAX).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if !kept {
        violations.add(
            "request_id",
            text,
            "1 to 64 letters, digits, '-' and '_', fresh for every new request",
        );
    }
    kept.then(|| text.to_owned())
}

/// Text of so many characters (Unicode scalar values) without control characters other than line breaks and
/// tabs.
pub fn text(
    violations: &mut Violations,
    field: &str,
    text: &str,
    chars: RangeInclusive<usize>,
) -> Option<String> {
    if !chars.contains(&text.chars().count()) {
        violations.add(field, text, format!("{} to {} characters", chars.start(), chars.end()));
        return None;
    }
    if text.chars().any(|char| char.is_control() && !matches!(char, '\n' | '\t')) {
        violations.add(field, text.escape_debug(), "no control characters");
        return None;
    }
    Some(text.to_owned())
}

/// A number within bounds.
pub fn within<T: PartialOrd + Display + Copy>(
    violations: &mut Violations,
    field: &str,
    number: T,
    bounds: RangeInclusive<T>,
) -> Option<T> {
    let kept = bounds.contains(&number);
    if !kept {
        violations.add(field, number, format!("{} to {}", bounds.start(), bounds.end()));
    }
    kept.then_some(number)
}

/// A number of units of an item.
pub fn quantity(violations: &mut Violations, field: &str, units: i64) -> Option<Quantity> {
    violations.check(field, units, Quantity::new(units))
}

/// How many entries a page may have: 1 to 200, or 50 for 0 (AIP-158).
pub fn page_size(violations: &mut Violations, size: i32) -> Option<usize> {
    let size = within(violations, "page_size", size, 0..=PAGE_SIZE_MAX)?;
    Some(if size == 0 { PAGE_SIZE_DEFAULT } else { usize::try_from(size).unwrap_or(PAGE_SIZE_DEFAULT) })
}

/// An instant that must be present, in the years 1 to 9999.
pub fn timestamp(
    violations: &mut Violations,
    field: &str,
    value: Option<prost_types::Timestamp>,
) -> Option<Timestamp> {
    let value = required(violations, field, value)?;
    let shown = format!("{}.{:09} s", value.seconds, value.nanos);
    // Nanoseconds count forwards also before 1970; jiff would accept negative ones.
    let instant = (0..=999_999_999)
        .contains(&value.nanos)
        .then(|| Timestamp::new(value.seconds, value.nanos).ok())
        .flatten()
        .filter(|instant| *instant >= YEAR_1);
    violations.check(
        field,
        shown,
        instant.ok_or(Rule::new("seconds in the years 1 to 9999, nanos from 0 to 999999999")),
    )
}

/// An instant that may be left out.
pub fn timestamp_if_set(
    violations: &mut Violations,
    field: &str,
    value: Option<prost_types::Timestamp>,
) -> Option<Timestamp> {
    if value.is_none() { None } else { timestamp(violations, field, value) }
}

/// A span of time that must be present.
pub fn interval(violations: &mut Violations, field: &str, value: Option<pb::Interval>) -> Option<Interval> {
    let value = required(violations, field, value)?;
    let start = timestamp(violations, &format!("{field}.start"), value.start);
    let end = timestamp(violations, &format!("{field}.end"), value.end);
    let (start, end) = start.zip(end)?;
    violations.check(field, format!("{start} to {end}"), Interval::new(start, end))
}

/// An amount of money that must be present.
pub fn money(violations: &mut Violations, field: &str, value: Option<pb::Money>) -> Option<Money> {
    let value = required(violations, field, value)?;
    let money = Money::new(&value.currency_code, value.minor);
    violations.check(format!("{field}.currency_code"), &value.currency_code, money)
}

/// The instant behind a wall time that must be present. A time that the clocks skip is a violation, and so is one
/// that they show twice unless the offset says which is meant.
pub fn local_date_time(
    violations: &mut Violations,
    field: &str,
    value: Option<pb::LocalDateTime>,
) -> Option<Timestamp> {
    let value = required(violations, field, value)?;
    let local = value
        .local
        .parse::<DateTime>()
        .map_err(|_| Rule::new("ISO 8601 without offset, such as 2026-11-23T10:00"));
    let local = violations.check(format!("{field}.local"), &value.local, local);
    let offset = if value.offset.is_empty() {
        Some(None)
    } else {
        violations.check(format!("{field}.offset"), &value.offset, offset(&value.offset).map(Some))
    };
    let (local, offset) = local.zip(offset)?;
    let shown = format!("{} {}", value.local, value.zone);
    let instant = resolve_local(local, &value.zone, offset).map_err(|error| Rule::from(error.to_string()));
    violations.check(field, shown, instant)
}

fn offset(text: &str) -> Result<Offset, Rule> {
    strtime::parse("%:z", text)
        .ok()
        .and_then(|parsed| parsed.offset())
        .ok_or(Rule::new("an offset such as +02:00"))
}

/// The first instant that protobuf and PostgreSQL both can hold.
const YEAR_1: Timestamp = Timestamp::constant(-62_135_596_800, 0);
