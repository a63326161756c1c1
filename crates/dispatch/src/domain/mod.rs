//! The rules of dispatch. Pure: no I/O, no clock, no randomness.

pub(crate) mod absence;
pub(crate) mod availability;
pub(crate) mod claim;
pub(crate) mod optimisation;
pub(crate) mod order;
pub(crate) mod publication;
pub(crate) mod repair;
pub(crate) mod scene;
pub(crate) mod settlement;
pub(crate) mod slot;
pub(crate) mod technician;
pub(crate) mod terms;
pub(crate) mod visit;

#[cfg(test)]
pub(crate) mod sample;
