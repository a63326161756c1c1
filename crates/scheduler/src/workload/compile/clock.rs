//! Instants as seconds and back.

use jiff::{SignedDuration, Timestamp};
use meridian_types::Interval;

/// Counts seconds from the beginning of a horizon, which is a full second. What lies ten years away counts as that far.
#[derive(Debug, Clone, Copy)]
pub(in crate::workload) struct Clock(pub(super) Timestamp);

impl Clock {
    /// The first full second that is not before an instant.
    pub(in crate::workload) fn ceil_s(self, instant: Timestamp) -> i32 {
        near(-(-self.nanos(instant)).div_euclid(NANOS_PER_S))
    }

    /// The last full second that is not after an instant.
    pub(in crate::workload) fn floor_s(self, instant: Timestamp) -> i32 {
        near(self.nanos(instant).div_euclid(NANOS_PER_S))
    }

    fn nanos(self, instant: Timestamp) -> i128 {
        instant.as_nanosecond() - self.0.as_nanosecond()
    }

    pub(in crate::workload) fn at(self, second: i32) -> Timestamp {
        self.0.saturating_add(SignedDuration::from_secs(i64::from(second))).unwrap_or(self.0)
    }

    /// From a second to a later one.
    pub(in crate::workload) fn interval(self, from_s: i32, until_s: i32) -> Interval {
        Interval::new(self.at(from_s), self.at(until_s))
            .expect("work takes a minute at least, and ends in the horizon")
    }
}

const NANOS_PER_S: i128 = 1_000_000_000;
/// Beyond any horizon.
const FAR_S: i32 = 10 * 366 * 86_400;

fn near(seconds: i128) -> i32 {
    i32::try_from(seconds.clamp(i128::from(-FAR_S), i128::from(FAR_S))).unwrap_or(FAR_S)
}
