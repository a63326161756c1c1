//! The rules again, straight from the batch, and the best outcome by trying everything.

use std::collections::BTreeMap;

use meridian_assignment::{Batch, Choice, Commitment, Hold, Outcome, Priority, Total};
use meridian_planner::model::Claim;

/// What each request gets and, for each hold, the alternative it moves to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Picks {
    pub requests: Vec<Option<usize>>,
    pub holds: Vec<Option<usize>>,
}

impl Picks {
    pub(crate) fn of(batch: &Batch, outcome: &Outcome) -> Self {
        let served = |case| outcome.served.iter().find(|it| it.case == case).map(|it| it.choice);
        let moved = |case| outcome.preempted.iter().find(|it| it.case == case).map(|it| it.alternative);
        Self {
            requests: batch.requests.iter().map(|it| served(it.case)).collect(),
            holds: batch.holds.iter().map(|it| moved(it.case)).collect(),
        }
    }
}

/// Whether two claims want one engineer at one time.
pub(crate) fn double_booked(claims: &[Claim]) -> bool {
    claims.iter().enumerate().any(|(position, one)| claims[position + 1..].iter().any(|it| collide(one, it)))
}

fn collide(one: &Claim, other: &Claim) -> bool {
    match (one, other) {
        (
            Claim::Engineer { engineer: one, during: when, .. },
            Claim::Engineer { engineer: other, during, .. },
        ) => one == other && when.overlaps(*during),
        _ => false,
    }
}

fn may_move(hold: &Hold, alternative: &Choice) -> bool {
    matches!(hold.commitment, Commitment::Held | Commitment::DateTold)
        && !hold.preempted_before
        && alternative.late_minutes == 0
}

/// The rule that the picks break, if any.
pub(crate) fn broken_rule(batch: &Batch, picks: &Picks) -> Option<String> {
    let winners: Vec<(Priority, &Choice)> = batch
        .requests
        .iter()
        .zip(&picks.requests)
        .filter_map(|(it, pick)| Some((it.priority, it.choices.get((*pick)?)?)))
        .collect();
    let moved: Vec<(&Hold, &Choice)> = batch
        .holds
        .iter()
        .zip(&picks.holds)
        .filter_map(|(it, pick)| Some((it, it.alternatives.get((*pick)?)?)))
        .collect();
    if let Some((hold, _)) = moved.iter().find(|(hold, to)| !may_move(hold, to)) {
        return Some(format!("{} may not be moved so", hold.case));
    }
    let stays: Vec<&Choice> = batch
        .holds
        .iter()
        .zip(&picks.holds)
        .filter(|(_, it)| it.is_none())
        .map(|(it, _)| &it.present)
        .collect();
    let everybody = winners.iter().map(|(_, it)| *it).chain(moved.iter().map(|(_, it)| *it)).chain(stays);
    if double_booked(&everybody.flat_map(|it| it.claims.clone()).collect::<Vec<_>>()) {
        return Some("an engineer in two places".to_owned());
    }
    for (left, _) in &moved {
        for claim in &left.present.claims {
            let takes = |it: &Choice| it.claims.iter().any(|it| collide(claim, it));
            if winners.iter().any(|(by, it)| *by >= left.priority && takes(it)) {
                return Some(format!("{} lost its engineer to somebody not more urgent", left.case));
            }
            if moved.iter().any(|(other, it)| other.case != left.case && takes(it)) {
                return Some(format!("{} lost its engineer to a replacement", left.case));
            }
        }
    }
    pools(batch, &winners, &moved)
}

/// What a choice takes from each pool.
fn takes(choice: &Choice) -> BTreeMap<String, i64> {
    let mut takes = BTreeMap::new();
    for claim in &choice.claims {
        match claim {
            Claim::Stock { item, quantity, warehouse, .. } => {
                *takes.entry(format!("{item} at {warehouse}")).or_default() += quantity.units();
            }
            Claim::Receipt { receipt, quantity, warehouse, .. } => {
                *takes.entry(format!("receipt {receipt} at {warehouse}")).or_default() += quantity.units();
            }
            Claim::Loaner { model, warehouse, .. } => {
                *takes.entry(format!("loaner {model} at {warehouse}")).or_default() += 1;
            }
            Claim::Engineer { .. } | Claim::Party { .. } => {}
        }
    }
    takes
}

/// Gives out units one by one: replacements first from what is free, then the least urgent first, each from what
/// holds less urgent than itself gave up, the most urgent of those first to be spared, and from what is free.
fn pools(batch: &Batch, winners: &[(Priority, &Choice)], moved: &[(&Hold, &Choice)]) -> Option<String> {
    let mut free: BTreeMap<String, i64> = BTreeMap::new();
    for level in &batch.stock {
        *free.entry(format!("{} at {}", level.item, level.warehouse)).or_default() += level.available;
    }
    for receipt in &batch.receipts {
        *free.entry(format!("receipt {} at {}", receipt.receipt, receipt.warehouse)).or_default() +=
            receipt.available;
    }
    for pool in &batch.loaners {
        *free.entry(format!("loaner {} at {}", pool.model, pool.warehouse)).or_default() += pool.available;
    }
    let mut given_up: BTreeMap<(String, Priority), i64> = BTreeMap::new();
    for (hold, to) in moved {
        let mut needs = takes(to);
        for (pool, units) in takes(&hold.present) {
            let again = needs.entry(pool.clone()).or_default();
            let own = units.min(*again);
            *again -= own;
            *given_up.entry((pool, hold.priority)).or_default() += units - own;
        }
        for (pool, units) in needs {
            *free.entry(pool).or_default() -= units;
        }
    }
    if let Some((pool, _)) = free.iter().find(|(_, units)| **units < 0) {
        return Some(format!("replacements take {pool} from others"));
    }
    let mut sorted = winners.to_vec();
    sorted.sort_by_key(|(priority, _)| std::cmp::Reverse(*priority));
    for (priority, choice) in sorted {
        for (pool, mut units) in takes(choice) {
            for from in [Priority::Normal, Priority::High].into_iter().filter(|it| *it > priority) {
                let there = given_up.entry((pool.clone(), from)).or_default();
                let taken = units.min(*there);
                *there -= taken;
                units -= taken;
            }
            let there = free.entry(pool.clone()).or_default();
            *there -= units;
            if *there < 0 {
                return Some(format!("too little of {pool}"));
            }
        }
    }
    None
}

/// How good the picks are.
pub(crate) fn total(batch: &Batch, picks: &Picks) -> Total {
    let mut total = Total { served: [0; 3], weighted_late_minutes: 0, preempted: 0, cost_minor: 0 };
    for (request, pick) in batch.requests.iter().zip(&picks.requests) {
        if let Some(choice) = pick.map(|it| &request.choices[it]) {
            total.served[request.priority as usize] += 1;
            total.weighted_late_minutes += request.lateness_weight * choice.late_minutes;
            total.cost_minor += choice.cost_minor;
        }
    }
    for (hold, pick) in batch.holds.iter().zip(&picks.holds) {
        if let Some(choice) = pick.map(|it| &hold.alternatives[it]) {
            total.preempted += 1;
            total.cost_minor += choice.cost_minor - hold.present.cost_minor;
        }
    }
    total
}

/// Greater is better.
pub(crate) fn rank(total: &Total) -> ([i64; 3], i64, i64, i64) {
    (total.served, -total.weighted_late_minutes, -total.preempted, -total.cost_minor)
}

/// The best total of all picks that break no rule.
pub(crate) fn best(batch: &Batch) -> Total {
    let sizes = batch
        .requests
        .iter()
        .map(|it| it.choices.len())
        .chain(batch.holds.iter().map(|it| it.alternatives.len()));
    let sizes: Vec<usize> = sizes.collect();
    let mut best = total(
        batch,
        &Picks { requests: vec![None; batch.requests.len()], holds: vec![None; batch.holds.len()] },
    );
    let mut numbers = vec![0; sizes.len()];
    loop {
        let Some(place) = (0..sizes.len()).find(|&it| numbers[it] < sizes[it]) else { return best };
        numbers[..place].fill(0);
        numbers[place] += 1;
        let picks: Vec<Option<usize>> = numbers.iter().map(|number: &usize| number.checked_sub(1)).collect();
        let (requests, holds) = picks.split_at(batch.requests.len());
        let picks = Picks { requests: requests.to_vec(), holds: holds.to_vec() };
        let found = total(batch, &picks);
        if rank(&found) > rank(&best) && broken_rule(batch, &picks).is_none() {
            best = found;
        }
    }
}
