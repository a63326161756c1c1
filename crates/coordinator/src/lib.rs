//! Not written yet.
#![expect(dead_code, reason = "the shell around the rules follows")]
mod domain;
