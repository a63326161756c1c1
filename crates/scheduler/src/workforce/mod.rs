//! Who works when and can do what: calendars, skills with their certificates, and engineers.

mod calendar;
mod engineer;
mod skill;
mod spans;
mod wall;

#[cfg(test)]
mod sample;

pub use calendar::{Calendar, WorkingHours, WorkingTime};
pub use engineer::{Engineer, FreeBusy, Rest};
pub use skill::{Level, Skill, SkillNeeded, Unskilled, certified_time};
pub use spans::Spans;
pub use wall::{MinuteOfDay, Occurrence, Zone};
