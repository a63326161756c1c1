//! What plans for workloads promise.

mod cases;
mod errors;
mod fixture;
mod random;
mod rules;
mod slots;
mod tampering;
