//! What several cases want at the same moment, shared out among them. Pure.
//!
//! `supply` says what was free, this file puts the ways that were found for each case into the terms of
//! `meridian_assignment`. What the planner ranks behind another way of the same case is never worth more here: whom
//! nobody meets gets the best way by the planner's own ranking.

mod supply;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::Timestamp;
use meridian_assignment::{Batch, BatchError, Choice, Hold, Priority, Request, exact};
use meridian_planner::model::Claim;
use meridian_types::{CaseId, EngineerId, RegionId};

use crate::offer::Offer;
pub(crate) use supply::{Supply, less_own};

/// Time for proofs, where HiGHS is built in.
pub(crate) const SECONDS_MAX: f64 = 1.0;
/// Beyond these figures the assignment counts no further.
const LATE_MINUTES_MAX: i64 = 1_000_000;
const COST_MINOR_MAX: i64 = 10_000_000_000;

/// A way to meet the need of a case.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Way {
    /// When the need is met.
    pub(crate) arrival: Timestamp,
    /// In minor units of the network's currency.
    pub(crate) cost_minor: i64,
    /// What it takes that the case does not have already; engineers by their own codes.
    pub(crate) claims: Vec<Claim>,
}

impl Way {
    /// An offer as a way, to a case that has nothing of it already.
    pub(crate) fn of(offer: &Offer) -> Self {
        let cost_minor = offer.solution.cost.as_ref().map_or(0, |cost| cost.minor);
        Self { arrival: offer.chosen.arrival, cost_minor, claims: offer.claims.clone() }
    }
}

/// A case that looks for a way.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Wish {
    /// Which case.
    pub(crate) case: CaseId,
    /// How urgent it is.
    pub(crate) priority: Priority,
    /// The date that counts: the deadline, or the date that the customer was told if that is earlier.
    pub(crate) due: Option<Timestamp>,
    /// At most 10 ways, the best first.
    pub(crate) ways: Vec<Way>,
    /// What was free to everybody when they were found.
    pub(crate) supply: Supply,
}

/// The ways of a wish after sharing out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Share {
    /// Indices of all ways: the one that it gets, then those that take nothing from anybody, then the others.
    pub(crate) ways: Vec<usize>,
    /// How many of them, from the first on, take nothing from anybody; 0 when there is nothing left for it.
    pub(crate) open: usize,
}

/// Shares out what is scarce: for each wish, in their order, what comes of it.
///
/// # Errors
/// A case has two wishes, or a wish too many ways.
pub(crate) fn share(wishes: &[Wish]) -> Result<Vec<Share>, BatchError> {
    let outcome = exact(&batch(wishes, Holdings::default()).0, SECONDS_MAX)?;
    let served: BTreeMap<CaseId, _> = outcome.served.iter().map(|served| (served.case, served)).collect();
    let shared = wishes.iter().map(|wish| {
        let mut ways = Vec::new();
        if let Some(served) = served.get(&wish.case) {
            ways.push(served.choice);
            ways.extend(&served.open);
        }
        let open = ways.len();
        let others = (0..wish.ways.len()).filter(|way| !ways.contains(way)).collect::<Vec<_>>();
        ways.extend(others);
        Share { ways, open }
    });
    Ok(shared.collect())
}

/// Engineers under codes that no other has: a code of their own means somebody else in another region.
#[derive(Debug, Default)]
pub(crate) struct Engineers(BTreeMap<(RegionId, EngineerId), EngineerId>);

impl Engineers {
    /// Who goes by a code: their region, and their code there.
    pub(crate) fn who(&self, code: &EngineerId) -> Option<&(RegionId, EngineerId)> {
        self.0.iter().find(|(_, it)| *it == code).map(|(who, _)| who)
    }

    /// The claims, with engineers under those codes.
    pub(crate) fn coded(&mut self, claims: &[Claim]) -> Vec<Claim> {
        let mut claims = claims.to_vec();
        for claim in &mut claims {
            if let Claim::Engineer { engineer, region, .. } = claim {
                let next = self.0.len();
                let code = self.0.entry((region.clone(), engineer.clone()));
                *engineer = code.or_insert_with(|| numbered(next)).clone();
            }
        }
        claims
    }
}

fn numbered(number: usize) -> EngineerId {
    EngineerId::parse(&format!("E{number}")).expect("a letter and a number are a code")
}

/// What cases hold that do not wish for anything, and what was free when their other ways were looked for.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Holdings {
    pub(crate) holds: Vec<Hold>,
    pub(crate) supply: Supply,
}

/// The wishes as requests, what others hold, and of everything the least that any search saw free.
pub(crate) fn batch(wishes: &[Wish], holdings: Holdings) -> (Batch, Engineers) {
    let Holdings { mut holds, mut supply } = holdings;
    let mut engineers = Engineers::default();
    for choice in holds.iter_mut().flat_map(|hold| hold.alternatives.iter_mut().chain([&mut hold.present])) {
        choice.claims = engineers.coded(&choice.claims);
    }
    let request = |wish: &Wish| {
        supply.limit_to(&wish.supply);
        Request {
            case: wish.case,
            priority: wish.priority,
            lateness_weight: lateness_weight(wish),
            choices: choices(wish, &mut engineers),
        }
    };
    let requests = wishes.iter().map(request).collect();
    let (stock, receipts, loaners) = supply.levels();
    (Batch { stock, receipts, loaners, requests, holds }, engineers)
}

/// What a minute counts: of those who are equally late the more urgent matters more, and a date that somebody counts on
/// more than none.
fn lateness_weight(wish: &Wish) -> i64 {
    let weight = match wish.priority {
        Priority::Critical => 100,
        Priority::High => 30,
        Priority::Normal => 10,
    };
    if wish.due.is_some() { weight } else { weight / 10 }
}

/// The ways of a wish, none worth more than one before it. Without a date, minutes are counted from the earliest arrival.
fn choices(wish: &Wish, engineers: &mut Engineers) -> Vec<Choice> {
    let earliest = wish.ways.iter().map(|way| way.arrival).min();
    let Some(due) = wish.due.or(earliest) else { return Vec::new() };
    let mut worst = (0, -COST_MINOR_MAX);
    let choice = |way: &Way| {
        let late = way.arrival.duration_since(due).as_mins().clamp(0, LATE_MINUTES_MAX);
        let cost = way.cost_minor.clamp(-COST_MINOR_MAX, COST_MINOR_MAX);
        worst = if late > worst.0 { (late, cost) } else { (worst.0, cost.max(worst.1 + 1)) };
        Choice { late_minutes: worst.0, cost_minor: worst.1, claims: engineers.coded(&way.claims) }
    };
    wish.ways.iter().map(choice).collect()
}
