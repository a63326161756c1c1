//! The planner from outside: golden scenarios, properties, bad input.
#![expect(clippy::unwrap_used, reason = "what a test takes for granted fails it when it does not hold")]

mod bad_input;
mod borders;
mod clock_changes;
mod company;
mod end_use;
mod enumeration;
mod every_way;
mod fewer_resources;
mod holidays;
mod hubs;
mod latest;
mod leaving_home;
mod lines;
mod monotony;
mod naive;
mod policies;
mod punctuality;
mod recompile;
mod relaxations;
mod replay;
mod rests;
mod size;
mod sourcing;
mod split;
mod tampering;
mod tampering_with_items;
mod tariffs;
mod visits;
mod weekend_alternatives;
mod weekend_repair;
mod working_days;
