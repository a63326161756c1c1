//! Finds every way to meet a need over lanes, calendars, borders and people.
//!
//! Pure: no I/O, no clock, no randomness. So far the records it is given and answers with.

pub mod model;
