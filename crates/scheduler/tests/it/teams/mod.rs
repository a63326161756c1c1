//! What plans of teams promise.

mod enumerated;
mod errors;
mod fixture;
mod rules;
mod tampering;
