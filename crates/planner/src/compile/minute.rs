//! Instants as whole UTC minutes, the unit in which the planner counts.

use jiff::Timestamp;

/// Minutes since the Unix epoch in UTC, from the year -2113 to the year 6053. What lies beyond counts as the first or
/// the last of them. Horizons keep away from both ends, so that lengths can be added to what lies in a horizon.
pub(crate) type Minute = i32;

const SECONDS: i64 = 60;

fn clamp(minutes: i64) -> Minute {
    Minute::try_from(minutes).unwrap_or(if minutes < 0 { Minute::MIN } else { Minute::MAX })
}

/// The last whole minute not after `instant`.
pub(crate) fn floor(instant: Timestamp) -> Minute {
    let seconds = instant.as_second() - i64::from(instant.subsec_nanosecond() < 0);
    clamp(seconds.div_euclid(SECONDS))
}

/// The first whole minute not before `instant`.
pub(crate) fn ceil(instant: Timestamp) -> Minute {
    let seconds = instant.as_second() + i64::from(instant.subsec_nanosecond() > 0);
    clamp(-(-seconds).div_euclid(SECONDS))
}

/// The instant of a minute.
pub(crate) fn instant(minute: Minute) -> Timestamp {
    Timestamp::from_second(i64::from(minute) * SECONDS).unwrap_or(Timestamp::MAX)
}

/// A length in minutes, at most what fits beside any instant of a horizon.
pub(crate) fn length(minutes: i64) -> Minute {
    clamp(minutes.clamp(0, i64::from(Minute::MAX / 8)))
}
