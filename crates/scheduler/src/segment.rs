//! Stretches of a route, so that what comes of joining them is known without walking along them.
//!
//! After Kindervater and Savelsbergh (1997) and Vidal et al. (2013): for a stretch it is enough to know how long it
//! takes at least, and when at the earliest and at the latest it can begin so that it takes no longer.

/// A stretch of a route in which every visit begins within its window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Segment {
    /// Seconds from its beginning to its end, waits included, when it begins within the two times below.
    pub(crate) duration_s: i32,
    /// When it can begin at the earliest without waiting longer.
    pub(crate) earliest_s: i32,
    /// When it can begin at the latest.
    pub(crate) latest_s: i32,
    /// What its ways cost.
    pub(crate) travel_cost: i64,
}

impl Segment {
    /// Something at one place that begins within a window.
    pub(crate) const fn single((open_s, close_s): (i32, i32), duration_s: i32) -> Self {
        Self { duration_s, earliest_s: open_s, latest_s: close_s, travel_cost: 0 }
    }

    /// This, then a way, then `next`; none when that comes too late.
    #[inline]
    pub(crate) fn then(&self, way: Way, next: &Self) -> Option<Self> {
        let before_s = self.duration_s + way.seconds;
        if self.earliest_s + before_s > next.latest_s {
            return None;
        }
        let wait_s = (next.earliest_s - before_s - self.latest_s).max(0);
        Some(Self {
            duration_s: before_s + wait_s + next.duration_s,
            earliest_s: (next.earliest_s - before_s).max(self.earliest_s) - wait_s,
            latest_s: (next.latest_s - before_s).min(self.latest_s),
            travel_cost: self.travel_cost + way.cost + next.travel_cost,
        })
    }
}

/// From one place to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Way {
    pub(crate) seconds: i32,
    pub(crate) cost: i64,
}
