//! `meridian`: the whole system in one binary.
//!
//! Exit codes: 0 done, late solutions too; 1 the command failed, a check did not hold or nothing of ours meets the need;
//! 2 the command line is wrong, codes that `solve` does not know too; 64 the configuration is wrong; 130 interrupted
//! before it was done (`up` and `serve` are done when they are told to stop: 0).

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    meridian::run()
}
