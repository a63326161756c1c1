//! The rules, free of I/O, clocks and randomness.

pub(crate) mod back_off;
pub(crate) mod language;
pub(crate) mod letter;
pub(crate) mod milestone;
pub(crate) mod notice;
pub(crate) mod overtaking;
pub(crate) mod payload;
pub(crate) mod public_address;
pub(crate) mod signature;
mod texts;
pub(crate) mod view;
pub(crate) mod wall_time;
pub(crate) mod webhook_url;
