//! The rules of dispatch. Pure: no I/O, no clock, no randomness.

pub(crate) mod absence;
pub(crate) mod availability;
pub(crate) mod calendar;
pub(crate) mod claim;
pub(crate) mod engineer;
pub(crate) mod repair;
pub(crate) mod skill;
pub(crate) mod slot;
pub(crate) mod spans;
pub(crate) mod visit;
pub(crate) mod wall;

#[cfg(test)]
pub(crate) mod sample;
