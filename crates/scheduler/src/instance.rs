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
}

/// Something to be done at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// Where.
    pub place: u32,
    /// It begins within one of these, both ends included.
    pub windows_s: Vec<(i32, i32)>,
    /// What it costs to leave it out; 0 or more.
    pub absence_cost: i64,
    /// Units of each part it takes; 0 or more.
    pub parts: Vec<i32>,
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

    pub(crate) const fn border(&self) -> Segment {
        Segment::single(self.window_s, 0)
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
