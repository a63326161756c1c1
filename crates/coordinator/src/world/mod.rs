//! What is known of the world, in the planner's terms: records of the network, stock, engineers, and the question.

pub(crate) mod calendar;
pub(crate) mod files;
pub(crate) mod lane;
pub(crate) mod network;
pub(crate) mod party;
pub(crate) mod question;
pub(crate) mod spans;
pub(crate) mod stock;
pub(crate) mod workforce;
