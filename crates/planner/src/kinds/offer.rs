//! Consignments that could be sent, and the amounts that they bring.

use super::lots::LOTS_MAX;
use crate::compile::Minute;
use crate::draft::Spent;

/// Units of each lot of a group; 0 where it has fewer lots.
pub(super) type Units = [i64; LOTS_MAX];

/// One consignment on one way.
#[derive(Debug, Clone)]
pub(super) struct Offer {
    /// How much of each lot it brings.
    pub(super) gives: Units,
    pub(super) ready: Minute,
    pub(super) spent: Spent,
    /// What it takes from each contested pool.
    pub(super) takes: Vec<i64>,
    /// Whose consignment it is: what takes from contested pools is decided place by place.
    pub(super) place: u32,
    /// Whether something in it is put together first.
    pub(super) prepared: bool,
    /// The caller's index of the way.
    pub(super) way: usize,
}

impl Offer {
    pub(super) const fn score(&self) -> (Minute, Spent) {
        (self.ready, self.spent)
    }
}

/// Whether what is given is no more than what is missing.
pub(super) fn fits(missing: &Units, gives: &Units) -> bool {
    missing.iter().zip(gives).all(|(missing, gives)| gives <= missing)
}

/// What is still missing of what was once something is given.
pub(super) fn less(missing: &Units, gives: &Units) -> Units {
    std::array::from_fn(|lot| missing[lot] - gives[lot])
}

/// The first lot of which there is some.
pub(super) fn first(units: &Units) -> Option<usize> {
    units.iter().position(|units| *units > 0)
}
