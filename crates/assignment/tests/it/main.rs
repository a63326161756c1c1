//! What must hold of every assignment.
#![expect(clippy::unwrap_used, reason = "what a test takes for granted fails it when it does not hold")]

mod bad_input;
mod batches;
mod oracle;
mod preemption;
mod properties;
mod sourcing;
mod unserved;
