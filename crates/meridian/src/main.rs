//! `meridian`: the whole system in one binary.
//!
//! Exit codes: 0 done; 1 the command failed or a check did not hold; 2 the command line is wrong; 64 the
//! configuration is wrong; 130 interrupted.

use std::process::ExitCode;

fn main() -> ExitCode {
    meridian::run()
}
