//! What is scheduled, as dense numbers: places, shifts and visits are counted from 0.
//!
//! Times are seconds since whatever the caller counts from. Costs are of whatever unit the caller counts in, the same
//! everywhere.

use crate::segment::{Segment, Way};

/// Everything that is scheduled together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// How many places there are.
    pub places: usize,
    /// Seconds from each place to each other one, row by row; 0 or more. That no way is longer than a detour is
    /// expected: where it is, the answer keeps every rule, but may be worse.
    pub way_s: Vec<i32>,
    /// What these ways cost; 0 or more.
    pub way_cost: Vec<i64>,
    /// Who can work when.
    pub shifts: Vec<Shift>,
    /// What is to be done.
    pub visits: Vec<Visit>,
    /// How each visit is done in each shift, visit by visit.
    pub fits: Vec<Fit>,
    /// Where everything can be picked up that is not aboard, if anywhere.
    pub pickup: Option<Pickup>,
    /// What visits have to do with each other.
    pub links: Vec<Link>,
    /// What shifts have to do with each other.
    pub rests: Vec<Rest>,
    /// What each trip costs of which any shift is used; 0 or more.
    pub trip_costs: Vec<i64>,
}

/// What two visits have to do with each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// Both begin at the same moment, in two shifts between which there is no [`Rest`], or both are left out. A visit is
    /// in one of these at most.
    Together {
        /// The two.
        visits: (u32, u32),
    },
    /// One is only done when the other is, and begins when that has ended or later.
    After {
        /// What comes first.
        first: u32,
        /// What comes then.
        then: u32,
    },
}

/// What two shifts have to do with each other, of one engineer usually.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rest {
    /// The earlier one.
    pub before: u32,
    /// The later one.
    pub after: u32,
    /// When both are used: seconds at least from the end of the one to the beginning of the other, 0 or more; none when
    /// only one of them can be used.
    pub least_s: Option<i32>,
}

/// What a search begins with: a tour as it was published. Whatever of it keeps no rule any more is planned anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// Which shift; each once at most.
    pub shift: u32,
    /// When it sets out and when it is back.
    pub span_s: (i32, i32),
    /// Which visits in their order, and when they begin; each in one tour at most.
    pub visits: Vec<(u32, i32)>,
}

/// One shift of one engineer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shift {
    /// The place where it begins.
    pub from: u32,
    /// The place where it ends.
    pub to: u32,
    /// When it can begin at the earliest, and must have ended.
    pub window_s: (i32, i32),
    /// What a second from its first departure to its last arrival costs; 0 or more.
    pub cost_per_s: i64,
    /// The part of the window that is no overtime.
    pub regular_s: (i32, i32),
    /// What a second outside it costs on top; 0 or more.
    pub overtime_cost_per_s: i64,
    /// What it costs that there is any visit in it; 0 or more.
    pub fixed_cost: i64,
    /// Units of each part aboard; 0 or more.
    pub aboard: Vec<i32>,
    /// Shifts of one class can stand for each other in everything.
    pub class: u32,
    /// Which trip it belongs to, if any.
    pub trip: Option<u32>,
}

/// Something to be done at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// Where.
    pub place: u32,
    /// When it can be done; no two of them share a moment to begin at.
    pub windows: Vec<Window>,
    /// What it costs to leave it out; 0 or more.
    pub absence_cost: i64,
    /// Units of each part it takes; 0 or more.
    pub parts: Vec<i32>,
    /// Whether it stays in the shift in which a search finds it ([`Start`]).
    pub pinned: bool,
}

/// When a visit can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// When it begins at the earliest.
    pub open_s: i32,
    /// When it begins at the latest.
    pub close_s: i32,
    /// When it ends at the latest.
    pub end_s: i32,
    /// What it costs that it is done in this one; 0 or more.
    pub charge: i64,
}

/// Whether and how a visit is done in a shift.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fit {
    /// Whether it can be in it.
    pub allowed: Allowed,
    /// How long it takes; 0 or more.
    pub duration_s: i32,
    /// What it costs beside time and ways; 0 or more.
    pub charge: i64,
}

/// Whether a visit can be in a shift.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowed {
    /// In no way.
    Never,
    /// Once everything was picked up.
    AfterPickup,
    /// As long as there are enough parts aboard.
    Aboard,
}

/// A place at which everything that visits could need is taken aboard. Nobody goes there twice in a shift.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pickup {
    /// Where.
    pub place: u32,
    /// It begins within this, both ends included.
    pub window_s: (i32, i32),
    /// How long it takes; 0 or more.
    pub duration_s: i32,
}

impl Shift {
    /// What the shift costs with everything in it, without charges.
    #[inline]
    pub(crate) fn cost(&self, whole: &Segment) -> i64 {
        let always = whole.travel_cost + self.cost_per_s * i64::from(whole.duration_s) + self.fixed_cost;
        if self.overtime_cost_per_s == 0 {
            return always;
        }
        let start_s = self.start_s(whole);
        let early_s = (self.regular_s.0 - start_s).clamp(0, whole.duration_s);
        let late_s = (start_s + whole.duration_s - self.regular_s.1).clamp(0, whole.duration_s);
        always + self.overtime_cost_per_s * i64::from(early_s + late_s)
    }

    /// When to set out so that there is as little overtime as can be; the earliest of these times.
    pub(crate) fn start_s(&self, whole: &Segment) -> i32 {
        // Within the regular time; or, if it takes longer than that, so that all of that is used.
        let latest_s = self.regular_s.1 - whole.duration_s;
        self.regular_s.0.min(latest_s).clamp(whole.earliest_s, whole.latest_s)
    }
}

impl Window {
    /// One without an end of the work, without a charge.
    #[must_use]
    pub const fn within(open_s: i32, close_s: i32) -> Self {
        Self { open_s, close_s, end_s: i32::MAX, charge: 0 }
    }

    /// When something can begin that takes so long; the first is later than the second when it can't.
    #[inline]
    pub(crate) const fn begins(&self, duration_s: i32) -> (i32, i32) {
        let latest_s = self.end_s.saturating_sub(duration_s);
        (self.open_s, if latest_s < self.close_s { latest_s } else { self.close_s })
    }
}

impl Instance {
    #[inline]
    pub(crate) fn way(&self, from: u32, to: u32) -> Way {
        let at = from as usize * self.places + to as usize;
        Way { seconds: self.way_s[at], cost: self.way_cost[at] }
    }

    #[inline]
    pub(crate) fn fit(&self, visit: u32, shift: u32) -> &Fit {
        &self.fits[visit as usize * self.shifts.len() + shift as usize]
    }
}
