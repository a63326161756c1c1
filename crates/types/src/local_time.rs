//! Wall-clock times: what people say, resolved to what happens.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};

/// Why a wall time could not be resolved.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LocalTimeError {
    /// The clocks jump over this time.
    #[error("{local} does not exist in {zone}: the clocks go forward over it")]
    Gap {
        /// The wall time.
        local: DateTime,
        /// The IANA zone.
        zone: String,
    },
    /// The clocks show this time twice.
    #[error("{local} happens twice in {zone}: give the offset, {before} or {after}")]
    Fold {
        /// The wall time.
        local: DateTime,
        /// The IANA zone.
        zone: String,
        /// Offset of the first occurrence.
        before: Offset,
        /// Offset of the second occurrence.
        after: Offset,
    },
    /// The zone is not in the IANA database.
    #[error("{0:?} is not an IANA time zone such as Europe/Berlin")]
    UnknownZone(String),
    /// The offset given is not one the zone has at this time.
    #[error("{zone} is not at offset {offset} at {local}")]
    WrongOffset {
        /// The wall time.
        local: DateTime,
        /// The IANA zone.
        zone: String,
        /// The offset that was given.
        offset: Offset,
    },
    /// The instant lies outside the years that can be represented.
    #[error("{0} lies outside the range of instants")]
    OutOfRange(DateTime),
}

/// The instant at which a clock on the wall in `zone` shows `local`.
///
/// A time in a gap is rejected; a time in a fold needs `offset` to say which of the two is meant.
///
/// # Errors
/// Says which rule the wall time broke.
pub fn resolve_local(
    local: DateTime,
    zone: &str,
    offset: Option<Offset>,
) -> Result<Timestamp, LocalTimeError> {
    // POSIX strings ("EST5EDT,M3.2.0") and bare offsets are not zones people live in.
    let time_zone = TimeZone::get(zone).map_err(|_| LocalTimeError::UnknownZone(zone.to_owned()))?;
    let ambiguous = time_zone.to_ambiguous_timestamp(local);
    let zone = zone.to_owned();
    let chosen = match (ambiguous.offset(), offset) {
        (AmbiguousOffset::Gap { .. }, _) => return Err(LocalTimeError::Gap { local, zone }),
        (AmbiguousOffset::Unambiguous { offset }, None) => offset,
        (AmbiguousOffset::Unambiguous { offset }, Some(given)) if given == offset => offset,
        (AmbiguousOffset::Fold { before, after }, Some(given)) if given == before || given == after => given,
        (AmbiguousOffset::Fold { before, after }, None) => {
            return Err(LocalTimeError::Fold { local, zone, before, after });
        }
        (_, Some(offset)) => return Err(LocalTimeError::WrongOffset { local, zone, offset }),
    };
    chosen.to_timestamp(local).map_err(|_| LocalTimeError::OutOfRange(local))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime {
        text.parse().unwrap()
    }

    #[test]
    fn a_wall_time_in_a_gap_is_rejected() {
        for (local, zone) in [
            ("2026-03-29T02:30", "Europe/Berlin"),
            ("2026-03-29T03:30", "Europe/Helsinki"),
            ("2026-03-08T02:30", "America/Chicago"),
            ("2026-10-04T02:15", "Australia/Lord_Howe"),
            ("2011-12-30T12:00", "Pacific/Apia"),
        ] {
            let outcome = resolve_local(at(local), zone, None);
            assert!(matches!(outcome, Err(LocalTimeError::Gap { .. })), "{local} {zone}: {outcome:?}");
        }
    }

    #[test]
    fn a_wall_time_in_a_fold_needs_its_offset() {
        let local = at("2026-10-25T02:30");
        assert!(matches!(resolve_local(local, "Europe/Berlin", None), Err(LocalTimeError::Fold { .. })));
        let first = resolve_local(local, "Europe/Berlin", Some(Offset::constant(2))).unwrap();
        let second = resolve_local(local, "Europe/Berlin", Some(Offset::constant(1))).unwrap();
        assert_eq!(second.duration_since(first).as_mins(), 60);
        assert!(resolve_local(local, "Europe/Berlin", Some(Offset::constant(5))).is_err());
    }

    #[test]
    fn a_zone_that_does_not_exist_is_named() {
        let error = resolve_local(at("2026-01-01T00:00"), "Europe/Nowhere", None).unwrap_err();
        assert!(error.to_string().contains("Europe/Nowhere"));
    }
}
