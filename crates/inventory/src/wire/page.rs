//! Page tokens of lists that are ordered by a number, newest first.

use meridian_types::Violations;

/// The token for the page after the entry with this number. Opaque to callers.
pub(crate) fn token(last_seq: i64) -> String {
    format!("{last_seq:x}")
}

/// Number that a page comes after; without a token, one above all.
pub(crate) fn before(violations: &mut Violations, token: &str) -> Option<i64> {
    if token.is_empty() {
        return Some(i64::MAX);
    }
    let seq = i64::from_str_radix(token, 16).ok().filter(|seq| *seq > 0);
    if seq.is_none() {
        violations.add("page_token", token, "next_page_token of an earlier answer, or empty");
    }
    seq
}
