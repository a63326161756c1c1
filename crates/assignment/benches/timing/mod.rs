//! How the benchmarks of this crate take their times.

use std::time::{Duration, Instant};

/// How often each thing is run.
const RUNS: usize = 3;

/// The median time of a few runs, and the last result.
pub(crate) fn median<T>(mut run: impl FnMut() -> T) -> (Duration, T) {
    let mut once = || {
        let start = Instant::now();
        let result = run();
        (start.elapsed(), result)
    };
    let mut results: Vec<_> = (0..RUNS).map(|_| once()).collect();
    results.sort_by_key(|(time, _)| *time);
    results.swap_remove(RUNS / 2)
}
