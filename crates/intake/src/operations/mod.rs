//! One module for each use case. gRPC calls, events and timers run the same functions.
//!
//! Whatever changes a case goes through [`settle`]: it stores the case and derives events and timer from what changed.

pub(crate) mod add_fact;
pub(crate) mod answer_referral;
pub(crate) mod assess_issue;
pub(crate) mod close_case;
pub(crate) mod directory;
pub(crate) mod follow_plan;
pub(crate) mod known_codes;
pub(crate) mod open_case;
pub(crate) mod party_order;
pub(crate) mod pass_due_time;
pub(crate) mod put_directory;
pub(crate) mod read_case;
pub(crate) mod recognize_caller;
pub(crate) mod refer_case;
pub(crate) mod settle;
