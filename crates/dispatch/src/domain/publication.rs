//! What becomes of each order when a draft is published.

pub(crate) mod decision;
mod stranded;
mod tour;

use std::collections::BTreeMap;

use jiff::Timestamp;
use meridian_scheduler::workforce::Spans;
use meridian_scheduler::workload::{Assignee, PlannedVisit, Stint};
use meridian_types::{EngineerId, Interval, VisitId};

use super::claim::{Claim, NotAllowed};
use super::order::{Order, StoredOrder};
use super::settlement::{Conflict, Place, Proposal};
use super::technician::Technician;
use super::terms::{Terms, Trips};
use super::visit::{Visit, VisitState};

/// Engineers with their absences, by id.
pub(crate) type Technicians = BTreeMap<EngineerId, (Technician, Spans)>;

/// By order and engineer: the time that a visit takes instead of what the draft says, because a neighbour is not made.
pub(crate) type Detours = BTreeMap<(VisitId, EngineerId), Interval>;

/// What a draft says of an order, beside the order and its visits as they are now.
#[derive(Debug)]
pub(crate) struct Wish<'d> {
    pub(crate) id: VisitId,
    /// As it is now; none when it is called off.
    pub(crate) order: Option<&'d StoredOrder>,
    /// The version that the draft was made of.
    pub(crate) drafted_version: Option<i64>,
    /// Its open visits.
    pub(crate) visits: Vec<&'d Visit>,
    /// As the draft plans it; none when it leaves it out.
    pub(crate) planned: Option<&'d PlannedVisit>,
    /// Whether the draft gives it to a party.
    pub(crate) is_outsourced: bool,
}

/// Why the draft is not followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It was called off, or is done.
    Over,
    /// It is another order than the one that was planned.
    Changed,
    /// One of its visits is held, accepted or on the way, and does not move.
    Stands(VisitState),
    /// The time to set out has passed.
    Past(Timestamp),
    /// The engineer is unknown by now.
    NoEngineer(EngineerId),
    /// The engineer's calendar does not allow it.
    NotAllowed(EngineerId, NotAllowed),
    /// Another visit is in the way, or what comes first is not done.
    Conflict(Conflict),
    /// From this visit, the next one before that is made, one does not get there in time.
    TooFar(Option<VisitId>),
}

impl Wish<'_> {
    /// The visits that the draft wants, one for each engineer; none when it leaves the order out.
    pub(crate) fn claims(&self, trips: &Trips, ways: &Detours) -> Vec<Claim> {
        let (Some(StoredOrder { order, .. }), Some(planned)) = (self.order, self.planned) else {
            return Vec::new();
        };
        let Some(skill) = order.demand.skills.first() else { return Vec::new() };
        let ids = order.visit_ids();
        // Who has one of its visits already keeps it.
        let mut stints: Vec<_> = planned.stints.iter().collect();
        let second = self.visits.iter().find(|visit| visit.claim.visit == ids[1]);
        let has_second =
            |engineer: &EngineerId| second.is_some_and(|visit| visit.claim.engineer == *engineer);
        stints.sort_by_key(|stint| has_second(&stint.assignee.engineer));
        let claim = |(visit, stint): (&VisitId, &Stint)| {
            let Assignee { engineer, trip } = &stint.assignee;
            Claim {
                visit: *visit,
                case: order.case,
                engineer: engineer.clone(),
                site: order.demand.site.clone(),
                during: ways.get(&(self.id, engineer.clone())).copied().unwrap_or(stint.during),
                work: planned.work,
                skill: skill.clone(),
                stay: trip.and_then(|trip| trips.stay(engineer, trip)),
            }
        };
        ids.iter().zip(stints).map(claim).collect()
    }

    /// Whether its visits are what the draft wants.
    pub(crate) fn is_met(&self, claims: &[Claim]) -> bool {
        self.visits.len() == claims.len() && claims.iter().all(|claim| self.stands(claim))
    }

    fn stands(&self, claim: &Claim) -> bool {
        self.visits.iter().any(|visit| visit.claim == *claim)
    }

    /// Why the draft cannot be followed whatever others book.
    pub(crate) fn refusal(
        &self,
        claims: &[Claim],
        (engineers, terms): (&Technicians, &Terms),
        now: Timestamp,
    ) -> Option<Refusal> {
        let Some(stored) = self.order else { return Some(Refusal::Over) };
        if self.drafted_version != Some(stored.version) {
            return Some(Refusal::Changed);
        }
        let firm = self.visits.iter().find(|visit| visit.state != VisitState::Booked);
        if let Some(firm) = firm
            && !self.keeps_work(claims)
        {
            return Some(Refusal::Stands(firm.state));
        }
        claims.iter().filter(|claim| !self.stands(claim)).find_map(|claim| {
            if claim.during.start() < now {
                return Some(Refusal::Past(claim.during.start()));
            }
            let Some((technician, absent)) = engineers.get(&claim.engineer) else {
                return Some(Refusal::NoEngineer(claim.engineer.clone()));
            };
            let reason = claim.allowed(&technician.engineer, absent, &terms.agreed(claim)).err()?;
            Some(Refusal::NotAllowed(claim.engineer.clone(), reason))
        })
    }

    /// Whether the same engineers do the same work at the same time; only the ways differ. What is held or has begun is
    /// not even brought up to date.
    fn keeps_work(&self, claims: &[Claim]) -> bool {
        let accepted =
            self.visits.iter().all(|visit| matches!(visit.state, VisitState::Booked | VisitState::Accepted));
        accepted && self.has_same_work(claims)
    }

    /// Whether the same engineers do the same work at the same time.
    pub(crate) fn has_same_work(&self, claims: &[Claim]) -> bool {
        let same = |claim: &Claim| {
            let with_ways =
                |now: &Claim| Claim { during: claim.during, stay: claim.stay.clone(), ..now.clone() };
            self.visits.iter().any(|visit| with_ways(&visit.claim) == *claim)
        };
        self.visits.len() == claims.len() && claims.iter().all(same)
    }

    /// What is to be settled beside everything else that takes the engineers' time; `standing` is what its visits take when
    /// they stay where they are.
    pub(crate) fn proposal(&self, claims: &[Claim], standing: &[Claim], is_refused: bool) -> Proposal {
        let follows = self.order.map(|stored| stored.order.demand.after.clone());
        Proposal {
            order: self.id,
            before: standing.iter().map(Place::of).collect(),
            ends_before: self.visits.iter().map(|visit| visit.claim.work.end()).max(),
            after: claims.iter().map(Place::of).collect(),
            begins: claims.first().map(|claim| claim.work.start()),
            follows: follows.unwrap_or_default(),
            stays: is_refused,
        }
    }
}

/// What became of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Booked,
    Moved,
    Kept,
    Withdrawn,
    Refused,
    Outsourced,
}

/// What becomes of an order, given whether the draft is followed.
pub(crate) fn outcome(wish: &Wish<'_>, claims: &[Claim], is_followed: bool) -> Outcome {
    match (is_followed, wish.visits.is_empty(), claims.is_empty()) {
        (true, _, _) if wish.is_outsourced => Outcome::Outsourced,
        (true, true, _) => Outcome::Booked,
        (true, false, true) => Outcome::Withdrawn,
        (true, false, false) if wish.has_same_work(claims) => Outcome::Kept,
        (true, false, false) => Outcome::Moved,
        (false, true, _) => Outcome::Refused,
        (false, false, _) => Outcome::Kept,
    }
}

/// The order of a wish, unless it was called off or is done.
pub(crate) fn still_open<'s>(stored: Option<&'s StoredOrder>, visits: &[Visit]) -> Option<&'s StoredOrder> {
    let is_done = |order: &Order| {
        let ids = order.visit_ids();
        visits.iter().any(|visit| {
            ids.contains(&visit.claim.visit)
                && matches!(visit.state, VisitState::Finished | VisitState::Unsolved)
        })
    };
    stored.filter(|stored| !stored.is_cancelled && !is_done(&stored.order))
}
