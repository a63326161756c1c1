//! Says what came of a batch: who gets what, who does not and why, who gives way and who is told.

use std::collections::BTreeMap;

use meridian_planner::model::Claim;

use crate::batch::{Batch, Choice, Request};
use crate::outcome::{
    Holder, Outcome, Preempted, Proof, Recipient, Resource, Served, Shortfall, Standing, Taken, Tell,
    Unserved, Why,
};
use crate::packing::{Candidate, Packing};
use crate::preemption::{Commitment, Hold, Protection};
use crate::state::State;

/// The outcome that an answer to the batch's packing stands for.
pub(crate) fn outcome(batch: &Batch, packing: &Packing, state: &State<'_>, proof: Proof) -> Outcome {
    let (mut served, mut unserved) = (Vec::new(), Vec::new());
    let present = Present::new(batch, state);
    for (group, request) in batch.requests.iter().enumerate() {
        match state.candidate(group) {
            Some(it) => {
                let others = packing.groups[group].candidates.iter().filter(|other| other.index != it.index);
                let open = others.filter(|other| state.fits(group, other)).map(|other| other.index).collect();
                served.push(Served { case: request.case, choice: it.index, open });
            }
            None => unserved.push(lacking(packing, state, group, request, &present)),
        }
    }
    let moved = present.holds.iter().filter(|it| it.standing.is_none());
    let preempted = moved.map(|it| preempted(it, &present)).collect();
    let value = state.value();
    let at_first = State::with(packing, packing.nobody_served()).value();
    Outcome { served, unserved, preempted, total: value.minus(at_first).total(), proof }
}

/// Who has what after the assignment.
struct Present<'a> {
    /// Requests that are served, with what they get.
    winners: Vec<(&'a Request, &'a Choice)>,
    holds: Vec<PresentHold<'a>>,
}

/// A hold after the assignment.
struct PresentHold<'a> {
    hold: &'a Hold,
    /// By what right it still holds; none when it was taken.
    standing: Option<Standing>,
    /// Index of what it has instead.
    alternative: usize,
}

impl<'a> Present<'a> {
    fn new(batch: &'a Batch, state: &State<'_>) -> Self {
        let requests = batch.requests.iter().enumerate();
        let winners = requests
            .filter_map(|(group, request)| Some((request, &request.choices[state.candidate(group)?.index])));
        let mut group = batch.requests.len();
        let holds = batch.holds.iter().map(|hold| {
            let protection: Option<Protection> = hold.protection();
            let mut standing = protection.map(Standing::Protected);
            let mut alternative = 0;
            if protection.is_none() {
                alternative = state.candidate(group).map_or(0, |it| it.index);
                standing = (state.chosen[group] == Some(0)).then_some(Standing::Holds);
                group += 1;
            }
            PresentHold { hold, standing, alternative }
        });
        Self { winners: winners.collect(), holds: holds.collect() }
    }

    /// Who has something that `claims` need of the resource.
    fn holders(&self, claims: &[Claim], resource: &Resource) -> Vec<Holder> {
        let collide = |other: &Choice| other.claims.iter().any(|it| meets(claims, it, resource));
        let winners = self
            .winners
            .iter()
            .filter(|(_, choice)| collide(choice))
            .map(|(request, _)| Holder { case: request.case, standing: Standing::AssignedNow });
        let holders = self.holds.iter().filter_map(|it| {
            let standing = it.standing.filter(|_| collide(&it.hold.present))?;
            Some(Holder { case: it.hold.case, standing })
        });
        let moved = self
            .holds
            .iter()
            .filter(|it| it.standing.is_none() && collide(&it.hold.alternatives[it.alternative]));
        let moved = moved.map(|it| Holder { case: it.hold.case, standing: Standing::AssignedNow });
        winners.chain(holders).chain(moved).collect()
    }
}

/// Whether a claim takes the resource, and at a time at which one of `claims` needs it.
fn meets(claims: &[Claim], other: &Claim, resource: &Resource) -> bool {
    match (other, resource) {
        (Claim::Stock { item, warehouse, .. }, Resource::Stock { item: wanted, warehouse: at }) => {
            item == wanted && warehouse == at
        }
        (Claim::Receipt { receipt, warehouse, .. }, Resource::Receipt(wanted)) => {
            *receipt == wanted.receipt && *warehouse == wanted.warehouse
        }
        (Claim::Loaner { model, warehouse, .. }, Resource::Loaner { model: wanted, warehouse: at }) => {
            model == wanted && warehouse == at
        }
        (Claim::Engineer { engineer: busy, during: taken, .. }, Resource::Engineer { engineer: wanted }) => {
            let needs_then = |it: &Claim| {
                matches!(it, Claim::Engineer { engineer, during, .. }
                    if engineer == wanted && during.overlaps(*taken))
            };
            busy == wanted && claims.iter().any(needs_then)
        }
        _ => false,
    }
}

/// The choice that lacks least, and what it lacks.
fn lacking(
    packing: &Packing,
    state: &State<'_>,
    group: usize,
    request: &Request,
    present: &Present<'_>,
) -> Unserved {
    let candidates = packing.groups[group].candidates.iter();
    let shortages = candidates.map(|it| (it, shortage(packing, state, group, it)));
    let least = shortages
        .min_by_key(|(it, lacks)| (lacks.values().sum::<i64>(), std::cmp::Reverse(it.value), it.index));
    let Some((candidate, lacks)) = least else {
        return Unserved { case: request.case, choice: None, lacks: Vec::new() };
    };
    let claims = &request.choices[candidate.index].claims;
    let lacks = lacks.into_iter().map(|(resource, units)| Shortfall {
        holders: present.holders(claims, resource),
        resource: resource.clone(),
        units,
    });
    Unserved { case: request.case, choice: Some(candidate.index), lacks: lacks.collect() }
}

fn shortage<'a>(
    packing: &'a Packing,
    state: &State<'_>,
    group: usize,
    candidate: &Candidate,
) -> BTreeMap<&'a Resource, i64> {
    let mut lacks = BTreeMap::new();
    for &(row, _) in &candidate.uses {
        let excess = state.excess(group, candidate, row);
        if excess > 0 {
            let most = lacks.entry(&packing.rows[row].resource).or_insert(0);
            *most = excess.max(*most);
        }
    }
    lacks
}

/// What was taken from a hold, who has it now, and who must be told.
fn preempted(moved: &PresentHold<'_>, present: &Present<'_>) -> Preempted {
    let hold = moved.hold;
    let mut taken: BTreeMap<Resource, Taken> = BTreeMap::new();
    for claim in &hold.present.claims {
        let resource = match claim {
            Claim::Engineer { engineer, .. } => Resource::Engineer { engineer: engineer.clone() },
            other => match Resource::pool(other) {
                Some((resource, _)) => resource,
                None => continue,
            },
        };
        let takers = present.winners.iter().filter(|(request, choice)| {
            request.priority < hold.priority
                && choice.claims.iter().any(|it| meets(&hold.present.claims, it, &resource))
        });
        let by: Vec<_> = takers.map(|(request, _)| request.case).collect();
        if !by.is_empty() {
            taken.insert(resource.clone(), Taken { resource, by });
        }
    }
    let taken: Vec<Taken> = taken.into_values().collect();
    let mut takers: Vec<_> = taken.iter().flat_map(|it| it.by.iter().copied()).collect();
    takers.sort_unstable();
    takers.dedup();
    let mut tell = Vec::new();
    if hold.commitment == Commitment::DateTold {
        tell.push(Tell { recipient: Recipient::Customer(hold.case), why: Why::AnotherWaySameDate });
    }
    for by in takers {
        tell.push(Tell { recipient: Recipient::Office(hold.case), why: Why::HoldTakenBy(by) });
        tell.push(Tell { recipient: Recipient::Requester(by), why: Why::ServedFrom(hold.case) });
    }
    Preempted { case: hold.case, alternative: moved.alternative, taken, tell }
}
