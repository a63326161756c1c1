//! What comes of scheduling: tours with times, and what is left out.

use crate::instance::Start;

/// Tours that together cost `cost`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// Shifts with at least one visit, in the order of the shifts.
    pub tours: Vec<Tour>,
    /// Visits that are left out, in their order.
    pub absent: Vec<u32>,
    /// What all tours cost with their charges, and what is left out.
    pub cost: i64,
    /// How many rounds of the search it took.
    pub rounds: u64,
}

/// What is done in one shift.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tour {
    /// Which shift.
    pub shift: u32,
    /// When it sets out.
    pub start_s: i32,
    /// Calls, in order.
    pub calls: Vec<Call>,
    /// When it is back.
    pub end_s: i32,
    /// What it costs with its charges.
    pub cost: i64,
}

/// A stay at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call {
    /// What for.
    pub purpose: Purpose,
    /// Arrival there.
    pub arrive_s: i32,
    /// Beginning of the work, after waiting for its window.
    pub begin_s: i32,
    /// End of the work.
    pub end_s: i32,
}

/// What a stay is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Taking everything aboard.
    Pickup,
    /// This visit.
    Visit(u32),
}

impl Tour {
    /// It as what a search begins with.
    #[must_use]
    pub fn start(&self) -> Start {
        let begins = |call: &Call| match call.purpose {
            Purpose::Visit(visit) => Some((visit, call.begin_s)),
            Purpose::Pickup => None,
        };
        Start {
            shift: self.shift,
            span_s: (self.start_s, self.end_s),
            visits: self.calls.iter().filter_map(begins).collect(),
        }
    }
}
