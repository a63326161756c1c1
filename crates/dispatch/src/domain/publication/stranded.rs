//! Visits that stay where they are while those before or after them on their old tour go.
//!
//! Visits of one tour follow each other without a gap. Where the one before is gone, the way begins at the one before that,
//! or at home; where all those after are gone, it ends at home.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use meridian_types::{Interval, SiteId, VisitId};

use super::Technicians;
use crate::domain::scene::Places;
use crate::domain::settlement::Place;
use crate::domain::visit::{Visit, VisitState};

/// Visits as they are, of those that are on the same tours.
pub(super) struct Standing<'v> {
    /// Those that stay.
    pub(super) stays: Vec<&'v Visit>,
    /// Those that go.
    pub(super) goes: Vec<&'v Visit>,
}

impl<'v> Standing<'v> {
    /// What visits that stay take instead, where their neighbours go; unless `fixed` visits or others that stay are in the way.
    pub(super) fn detours(
        &self,
        (places, engineers): (&Places, &Technicians),
        fixed: &[(VisitId, Place)],
    ) -> BTreeMap<VisitId, Interval> {
        let of = |visit: &Visit| (visit.claim.visit, Place::of(&visit.claim));
        let mut taken: BTreeMap<VisitId, Place> =
            fixed.iter().cloned().chain(self.stays.iter().map(|visit| of(visit))).collect();
        let mut detours = BTreeMap::new();
        for visit in &self.stays {
            let id = visit.claim.visit;
            let moves = matches!(visit.state, VisitState::Booked | VisitState::Accepted);
            let during = self.during(visit, (places, engineers)).filter(|_| moves);
            let Some(during) = during.filter(|during| *during != visit.claim.during) else { continue };
            let place = Place { during, ..Place::of(&visit.claim) };
            if !taken.iter().any(|(other, taken)| *other != id && taken.meets(&place)) {
                taken.insert(id, place);
                detours.insert(id, during);
            }
        }
        detours
    }

    /// None where nothing tells of a way.
    fn during(&self, visit: &Visit, (places, engineers): (&Places, &Technicians)) -> Option<Interval> {
        let claim = &visit.claim;
        let home = || engineers.get(&claim.engineer).map(|(technician, _)| &technician.engineer.home_site);
        let base: &SiteId = claim.stay.as_ref().map(|stay| &stay.lodging).or_else(home)?;
        let way = |minutes: i32| SignedDuration::from_mins(minutes.into());
        let start = match self.left(visit, Self::before) {
            Left::Same => claim.during.start(),
            Left::Next(before) => before.claim.during.end(),
            Left::None => claim.work.start().checked_sub(way(places.minutes(base, &claim.site)?)).ok()?,
        };
        let end = match self.left(visit, Self::after) {
            Left::Same | Left::Next(_) => claim.during.end(),
            Left::None => claim.work.end().checked_add(way(places.minutes(&claim.site, base)?)).ok()?,
        };
        let is_there = |during: &Interval| claim.stay.as_ref().is_none_or(|stay| stay.away.encloses(*during));
        Interval::new(start, end).ok().filter(is_there)
    }

    /// What is left of the neighbours on one side.
    fn left(&self, visit: &Visit, next: impl Fn(&Self, &Visit) -> Option<&'v Visit>) -> Left<'v> {
        let is_gone = |visit: &&Visit| self.goes.iter().any(|gone| gone.claim.visit == visit.claim.visit);
        let Some(mut neighbour) = next(self, visit).filter(is_gone) else { return Left::Same };
        loop {
            match next(self, neighbour) {
                None => return Left::None,
                Some(further) if is_gone(&further) => neighbour = further,
                Some(further) => return Left::Next(further),
            }
        }
    }

    fn before(&self, visit: &Visit) -> Option<&'v Visit> {
        self.beside(visit, |other| other.claim.during.end() == visit.claim.during.start())
    }

    fn after(&self, visit: &Visit) -> Option<&'v Visit> {
        self.beside(visit, |other| other.claim.during.start() == visit.claim.during.end())
    }

    fn beside(&self, visit: &Visit, is_next: impl Fn(&Visit) -> bool) -> Option<&'v Visit> {
        let claim = &visit.claim;
        let same = |other: &&Visit| other.claim.engineer == claim.engineer && other.claim.stay == claim.stay;
        self.stays.iter().chain(&self.goes).copied().filter(same).find(|other| is_next(other))
    }
}

/// What is left of the neighbours of a visit on one side.
enum Left<'v> {
    /// The next one stays, or there never was one.
    Same,
    /// Some go; this one is the next.
    Next(&'v Visit),
    /// All go.
    None,
}
