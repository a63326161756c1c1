//! Messages into the values of the rules, and back.

pub(crate) mod appointment;
pub(crate) mod assignment;
pub(crate) mod command;
pub(crate) mod fact;
pub(crate) mod need;
pub(crate) mod plan;
pub(crate) mod record;
