//! What is done about each order of a draft.
//!
//! What cannot be followed is taken out; then the ways of those before and after it lead past it, which may make others
//! impossible in turn, and so on until nothing more is taken out. What stands where it was gets other ways too, where those
//! before and after it went. So nobody sets out from a site where they never are.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use meridian_scheduler::workload::PlannedVisit;
use meridian_types::VisitId;

use super::stranded::Standing;
use super::tour::{TooFar, Tour, tours};
use super::{Detours, Outcome, Refusal, Technicians, Wish, outcome, still_open};
use crate::domain::claim::Claim;
use crate::domain::order::{StoredOrder, second_visit};
use crate::domain::scene::Places;
use crate::domain::settlement::{Conflict, Place, settle};
use crate::domain::terms::Terms;
use crate::domain::visit::{Visit, VisitState};

/// A draft as it was stored.
#[derive(Debug)]
pub(crate) struct Drafted {
    pub(crate) terms: Terms,
    /// The versions of orders that it was made of.
    pub(crate) versions: BTreeMap<VisitId, i64>,
    pub(crate) planned: BTreeMap<VisitId, PlannedVisit>,
    pub(crate) outsourced: BTreeSet<VisitId>,
    /// All orders that the draft speaks of.
    pub(crate) orders: Vec<VisitId>,
}

/// How everything is now.
#[derive(Debug)]
pub(crate) struct Present<'p> {
    /// The orders of the draft.
    pub(crate) orders: &'p BTreeMap<VisitId, StoredOrder>,
    /// Of these orders.
    pub(crate) visits: &'p [Visit],
    /// All other visits.
    pub(crate) fixed: &'p [(VisitId, Place)],
    pub(crate) engineers: &'p Technicians,
    pub(crate) now: Timestamp,
}

/// What becomes of an order, and what is to be done for that.
#[derive(Debug)]
pub(crate) struct Decided {
    pub(crate) order: VisitId,
    pub(crate) outcome: Outcome,
    pub(crate) refusal: Option<Refusal>,
    /// Whether there is anything to tell: it is planned, a party does it, or it had visits.
    pub(crate) is_told: bool,
    /// Its open visits, when they change.
    pub(crate) lifted: Vec<Visit>,
    /// What they are instead.
    pub(crate) placed: Vec<(Claim, VisitState)>,
}

/// Decides about every order of a draft.
pub(crate) fn decide(drafted: &Drafted, present: &Present<'_>) -> Vec<Decided> {
    let wishes = wishes(drafted, present);
    let any = present.engineers.values().next().map(|(technician, _)| technician.engineer.hourly_cost);
    let places = any.map(|any| {
        let orders = present.orders.values().map(|stored| &stored.order);
        let technicians = present.engineers.values().map(|(technician, _)| technician);
        Places::of(&drafted.terms, any, orders, technicians)
    });
    let tours = places.as_ref().map(|_| tours(&drafted.planned, present.orders)).unwrap_or_default();
    let trips = &drafted.terms.trips;
    let mut refused: BTreeMap<VisitId, Refusal> = BTreeMap::new();
    loop {
        let (ways, mut found) = match &places {
            Some(places) => detours(&tours, (&wishes, &refused), (places, drafted)),
            None => (Detours::new(), BTreeMap::new()),
        };
        let claims: Vec<Vec<Claim>> = wishes.iter().map(|wish| wish.claims(trips, &ways)).collect();
        let standing = standing((&wishes, &claims), &refused, (places.as_ref(), present));
        found.extend(refusals((&wishes, &claims), &refused, (drafted, present)));
        found.extend(crossed((&wishes, &claims), &refused, &ways));
        found.retain(|order, _| !refused.contains_key(order));
        if found.is_empty() {
            let proposals = wishes.iter().zip(&claims).zip(&standing);
            let proposals: Vec<_> = proposals
                .map(|((wish, claims), standing)| {
                    wish.proposal(claims, standing, refused.contains_key(&wish.id))
                })
                .collect();
            let conflicts = settle(present.fixed, &proposals).into_iter();
            found = conflicts.map(|(order, conflict)| (order, Refusal::Conflict(conflict))).collect();
        }
        if found.is_empty() {
            let decide =
                |((wish, claims), standing): ((&Wish<'_>, _), Vec<Claim>)| match refused.remove(&wish.id) {
                    Some(refusal) => decided(wish, standing, Some(refusal)),
                    None => decided(wish, claims, None),
                };
            return wishes.iter().zip(claims).zip(standing).map(decide).collect();
        }
        refused.extend(found);
    }
}

fn wishes<'d>(drafted: &'d Drafted, present: &'d Present<'_>) -> Vec<Wish<'d>> {
    let by_id: BTreeMap<VisitId, &Visit> =
        present.visits.iter().map(|visit| (visit.claim.visit, visit)).collect();
    let open = |id: VisitId| {
        let both = [id, second_visit(id)];
        let found: Vec<&Visit> = both.iter().filter_map(|id| by_id.get(id).copied()).collect();
        found.into_iter().filter(|visit| visit.state.is_open()).collect()
    };
    let wish = |id: &VisitId| Wish {
        id: *id,
        order: still_open(present.orders.get(id), present.visits),
        drafted_version: drafted.versions.get(id).copied(),
        visits: open(*id),
        planned: drafted.planned.get(id),
        is_outsourced: drafted.outsourced.contains(id),
    };
    drafted.orders.iter().map(wish).collect()
}

/// The ways that lead past what is not made, and what they do not reach in time.
fn detours(
    tours: &[Tour<'_>],
    (wishes, refused): (&[Wish<'_>], &BTreeMap<VisitId, Refusal>),
    (places, drafted): (&Places, &Drafted),
) -> (Detours, BTreeMap<VisitId, Refusal>) {
    let terms = &drafted.terms;
    // What is refused and stands just where the draft wants it is made all the same.
    let is_missed = |wish: &&Wish<'_>| {
        wish.visits.is_empty() || !wish.has_same_work(&wish.claims(&terms.trips, &Detours::new()))
    };
    let is_refused = |wish: &&Wish<'_>| refused.contains_key(&wish.id);
    let missed: BTreeSet<VisitId> =
        wishes.iter().filter(is_refused).filter(is_missed).map(|wish| wish.id).collect();
    let (mut ways, mut too_far) = (Detours::new(), BTreeMap::new());
    for tour in tours {
        match tour.detours(|order| !missed.contains(&order), (places, terms)) {
            Ok(detours) => ways.extend(detours),
            Err(TooFar { order, before }) => drop(too_far.insert(order, Refusal::TooFar(before))),
        }
    }
    (ways, too_far)
}

/// By wish: what its visits take when they stay where they are.
fn standing(
    (wishes, claims): (&[Wish<'_>], &[Vec<Claim>]),
    refused: &BTreeMap<VisitId, Refusal>,
    (places, present): (Option<&Places>, &Present<'_>),
) -> Vec<Vec<Claim>> {
    let (mut stays, mut goes, mut fixed) = (Vec::new(), Vec::new(), present.fixed.to_vec());
    for (wish, claims) in wishes.iter().zip(claims) {
        let visits = wish.visits.iter().copied();
        match (refused.contains_key(&wish.id), wish.has_same_work(claims)) {
            // It goes by the neighbours that the draft gives it.
            (true, true) => fixed.extend(visits.map(|visit| (visit.claim.visit, Place::of(&visit.claim)))),
            (true, false) => stays.extend(visits),
            (false, false) => goes.extend(visits),
            (false, true) => {}
        }
    }
    let standing = Standing { stays, goes };
    let ways = places.map(|places| standing.detours((places, present.engineers), &fixed));
    let ways = ways.unwrap_or_default();
    let claim = |visit: &&Visit| {
        let during = ways.get(&visit.claim.visit).copied().unwrap_or(visit.claim.during);
        Claim { during, ..visit.claim.clone() }
    };
    wishes.iter().map(|wish| wish.visits.iter().map(claim).collect()).collect()
}

/// Why drafts cannot be followed whatever others book.
fn refusals(
    (wishes, claims): (&[Wish<'_>], &[Vec<Claim>]),
    refused: &BTreeMap<VisitId, Refusal>,
    (drafted, present): (&Drafted, &Present<'_>),
) -> BTreeMap<VisitId, Refusal> {
    let open = wishes.iter().zip(claims).filter(|(wish, _)| !refused.contains_key(&wish.id));
    let whose = (present.engineers, &drafted.terms);
    open.filter_map(|(wish, claims)| Some((wish.id, wish.refusal(claims, whose, present.now)?))).collect()
}

/// Ways past something that are as long as to be in the way of what else the draft wants.
fn crossed(
    (wishes, claims): (&[Wish<'_>], &[Vec<Claim>]),
    refused: &BTreeMap<VisitId, Refusal>,
    ways: &Detours,
) -> BTreeMap<VisitId, Refusal> {
    let open = || wishes.iter().zip(claims).filter(|(wish, _)| !refused.contains_key(&wish.id));
    let all = || open().flat_map(|(wish, claims)| claims.iter().map(|claim| (wish.id, claim)));
    let changed = all().filter(|(order, claim)| ways.contains_key(&(*order, claim.engineer.clone())));
    changed
        .filter_map(|(order, claim)| {
            let place = Place::of(claim);
            let meets =
                |(other, claim): &(VisitId, &Claim)| *other != order && Place::of(claim).meets(&place);
            let (in_the_way, _) = all().find(meets)?;
            Some((order, Refusal::Conflict(Conflict::InTheWay(in_the_way))))
        })
        .collect()
}

/// `claims` are what its visits shall be.
fn decided(wish: &Wish<'_>, claims: Vec<Claim>, refusal: Option<Refusal>) -> Decided {
    let changes = !wish.is_met(&claims);
    let state = |claim: &Claim| {
        let now = wish.visits.iter().find(|visit| visit.claim.visit == claim.visit);
        now.map_or(VisitState::Booked, |visit| visit.state)
    };
    Decided {
        order: wish.id,
        outcome: outcome(wish, &claims, refusal.is_none()),
        is_told: wish.planned.is_some() || wish.is_outsourced || !wish.visits.is_empty(),
        lifted: if changes { wish.visits.iter().copied().cloned().collect() } else { Vec::new() },
        placed: if changes {
            claims.into_iter().map(|claim| (claim.clone(), state(&claim))).collect()
        } else {
            Vec::new()
        },
        refusal,
    }
}

#[cfg(test)]
mod tests;
