//! Messages into valid values and back. Requests, events and stored records all pass here.

pub(crate) mod absence;
pub(crate) mod draft;
pub(crate) mod engineer;
pub(crate) mod free_busy;
pub(crate) mod optimisation;
pub(crate) mod order;
pub(crate) mod repair;
pub(crate) mod span;
pub(crate) mod terms;
pub(crate) mod visit;

use meridian_chassis::decode;
use meridian_proto::types::v1 as types;
use meridian_types::{Money, Violations};

/// An amount from nothing to `most` minor units.
pub(crate) fn amount(
    v: &mut Violations,
    field: &str,
    message: Option<types::Money>,
    most: i64,
) -> Option<Money> {
    let amount = decode::money(v, field, message)?;
    decode::within(v, &format!("{field}.minor"), amount.minor(), 0..=most).map(|_| amount)
}

/// Decodes every entry of a list of at most `most`, each with its place in the field's name. `None` when one
/// of them is not valid.
pub(crate) fn list<M, T>(
    violations: &mut Violations,
    field: &str,
    entries: Vec<M>,
    most: usize,
    mut decode: impl FnMut(&mut Violations, &str, M) -> Option<T>,
) -> Option<Vec<T>> {
    if entries.len() > most {
        violations.add(field, format!("{} entries", entries.len()), format!("at most {most} entries"));
        return None;
    }
    let decoded = entries.into_iter().enumerate();
    // Every entry is decoded, so that the caller learns of all violations.
    let decoded: Vec<Option<T>> =
        decoded.map(|(place, entry)| decode(violations, &format!("{field}[{place}]"), entry)).collect();
    decoded.into_iter().collect()
}
