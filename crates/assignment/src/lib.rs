//! Shares out what is scarce: units of stock, loaners and engineers' time among many requests.
//!
//! [`greedy`] answers at once, by regret; [`exact`] finds the best answer by set packing and is never worse. Both
//! take a [`Batch`]: for each request the short list of ways that the planner found for it ([`Choice`]), what is
//! free, and the holds of other cases, some of which may be pre-empted. The [`Outcome`] names the way chosen for
//! each request; for each that gets none what was scarce, who has it and how much more it would take; for each hold
//! that is pre-empted its replacement and who must be told. [`sourcing`] is the large and simple sibling: a day's
//! single-line orders over warehouses with a daily capacity.
//!
//! *What is best*, in this order, all in whole numbers:
//! 1. the most critical requests served; then the most of high priority; then the most of normal priority;
//! 2. the least lateness: the sum of `lateness_weight` times minutes late over what is served;
//! 3. the fewest holds pre-empted;
//! 4. the least cost, replacements included.
//!
//! The fast answer settles ties by the order of the batch: put first who asked first.
//!
//! How an answer comes about: `packing` turns the batch into options that use rows with a capacity: a row per
//! pool, per engineer and instant at which the most claims overlap, and per priority where holds could be taken;
//! `component` splits it where requests share nothing scarce; `greedy` fills it; `branch` proves small components
//! by enumeration with bounds; `set_packing` gives the rest to HiGHS, where the feature `highs` is on, and leaves them as
//! `greedy` filled them where it is not; `explain` says what came of it.
//!
//! *Invariants.*
//! - Pure: no I/O, no clock, no randomness. Same batch, same answer, byte for byte, as long as [`exact`] is not
//!   cut short by its time limit (then [`Proof::Feasible`] says so).
//! - No capacity is exceeded and no case gets two ways.
//! - A pre-empted case keeps its date, by a way that takes nothing from anybody; nothing that [`Protection`] names
//!   is ever taken, nor anything by a request that is not strictly more urgent.
//! - [`exact`] is never worse than [`greedy`], and says [`Proof::Optimal`] only of what was proven; whatever happens
//!   inside HiGHS, its answer is checked in integers.
//!
//! *The commonest change: a rule on what may be pre-empted.* Add what the rule looks at to [`Hold`], a variant to
//! [`Protection`], a line to `Hold::protection`, and a case to the test of the table beside it.

mod batch;
mod branch;
mod component;
mod explain;
mod greedy;
mod outcome;
mod packing;
mod preemption;
mod rows;
#[cfg(feature = "highs")]
mod set_packing;
pub mod sourcing;
mod state;

pub use batch::{Batch, BatchError, Choice, Priority, Request};
pub use outcome::{
    Holder, Outcome, Preempted, Proof, Recipient, Resource, Served, Shortfall, Standing, Taken, Tell, Total,
    Unserved, Why,
};
pub use preemption::{Commitment, Hold, Protection};

use packing::Packing;
#[cfg(feature = "highs")]
use set_packing::best as pack;
use state::State;

/// Large components when HiGHS is not built in: the fast answer stands, unproven.
#[cfg(not(feature = "highs"))]
const fn pack(_: &Packing, start: packing::Chosen, _seconds: f64) -> (packing::Chosen, Proof) {
    (start, Proof::Feasible { gap: None })
}

/// The fast answer: by priority, then by regret (who would lose most by waiting chooses first), improved by moving
/// aside what is in the way as long as that helps.
///
/// # Errors
/// A batch that breaks a rule of its types; see [`BatchError`].
pub fn greedy(batch: &Batch) -> Result<Outcome, BatchError> {
    let packing = Packing::of(batch)?;
    let mut chosen = packing.nobody_served();
    for part in component::split(&packing) {
        part.write_back(&greedy::fill(&part.packing), &mut chosen);
    }
    Ok(explain::outcome(batch, &packing, &State::with(&packing, chosen), Proof::Feasible { gap: None }))
}

/// The best answer, or the best that was found when HiGHS has used `seconds` in all. The limit is shared out among
/// components by size beforehand, because nothing here reads a clock. Without the feature `highs` large components
/// keep the fast answer, and the proof says that there may be a better one.
///
/// # Errors
/// A batch that breaks a rule of its types; see [`BatchError`].
pub fn exact(batch: &Batch, seconds: f64) -> Result<Outcome, BatchError> {
    let packing = Packing::of(batch)?;
    let mut chosen = packing.nobody_served();
    let mut hard = Vec::new();
    for part in component::split(&packing) {
        let start = greedy::fill(&part.packing);
        match branch::best(&part.packing, &start) {
            Some(best) => part.write_back(&best, &mut chosen),
            None => hard.push((part, start)),
        }
    }
    let options: usize = hard.iter().map(|(part, _)| part.packing.option_count()).sum();
    let mut proof = Proof::Optimal;
    for (part, start) in hard {
        let share = part.packing.option_count() as f64 / options as f64;
        let (best, part_proof) = pack(&part.packing, start, seconds * share);
        part.write_back(&best, &mut chosen);
        proof = proof.and(part_proof);
    }
    Ok(explain::outcome(batch, &packing, &State::with(&packing, chosen), proof))
}
