//! Searches side by side, each in a thread of its own: chance leads each elsewhere, and the best counts.

use std::num::NonZeroU32;
use std::ops::Range;

use crate::instance::{Instance, Start};
use crate::{InstanceError, Progress, Schedule, schedule};

/// Where chance begins: a seed for each of the searches that are made side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seeds(Range<u64>);

impl From<u64> for Seeds {
    /// One search.
    fn from(seed: u64) -> Self {
        Self::side_by_side(seed, NonZeroU32::MIN)
    }
}

impl Seeds {
    /// As many searches, with this seed and those that follow it. More than there are processors are no use.
    #[must_use]
    pub fn side_by_side(first: u64, searches: NonZeroU32) -> Self {
        // Seeds at the end of the range begin further down.
        let first = first.min(u64::MAX - u64::from(searches.get()));
        Self(first..first + u64::from(searches.get()))
    }
}

/// The cheapest of the schedules that the searches find; of those that cost the same that of the lowest seed.
pub(super) fn cheapest(
    instance: &Instance,
    start: &[Start],
    Seeds(seeds): Seeds,
    spent: &(impl Fn(&Progress) -> f64 + Sync),
) -> Result<Schedule, InstanceError> {
    let search = |seed: u64| schedule(instance, start, seed, spent);
    std::thread::scope(|scope| {
        let others = seeds.clone().skip(1).map(|seed| scope.spawn(move || search(seed)));
        let others: Vec<_> = others.collect();
        let mut best = search(seeds.start)?;
        for other in others {
            let found = other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
            if found.cost < best.cost {
                best = found;
            }
        }
        Ok(best)
    })
}
