//! Use cases, one file each. Calls and events use the same.

pub(crate) mod advance;
pub(crate) mod assign_solutions;
pub(crate) mod commit_solution;
pub(crate) mod confirm_return;
pub(crate) mod find_solutions;
pub(crate) mod forget_decisions;
pub(crate) mod keep_appointment;
pub(crate) mod learn;
pub(crate) mod open_plan;
pub(crate) mod put_network;
pub(crate) mod read_decision;
pub(crate) mod read_plans;
pub(crate) mod search;
pub(crate) mod watch_case;
pub(crate) mod withdraw_plan;
