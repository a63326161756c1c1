//! What must hold of every assignment.

mod bad_input;
mod batches;
mod oracle;
mod preemption;
mod properties;
mod sourcing;
mod unserved;
