//! The planner from outside: golden scenarios, properties, bad input.

mod bad_input;
mod borders;
mod clock_changes;
mod company;
mod enumeration;
mod holidays;
mod lines;
mod monotony;
mod relaxations;
mod size;
mod visits;
mod weekend_repair;
