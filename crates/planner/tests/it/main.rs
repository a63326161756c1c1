//! The planner from outside: golden scenarios, properties, bad input.
#![expect(clippy::unwrap_used, reason = "what a test takes for granted fails it when it does not hold")]

mod bad_input;
mod borders;
mod clock_changes;
mod company;
mod enumeration;
mod holidays;
mod lines;
mod monotony;
mod naive;
mod recompile;
mod relaxations;
mod size;
mod visits;
mod weekend_repair;
