//! What of a draft can still be booked, now that others have booked too.
//!
//! Whatever cannot go where the draft wants it stays where it is, which may take the place of something else: that is
//! followed to its end, so that nothing which stands is lost and nothing overlaps.

use std::collections::BTreeMap;

use jiff::Timestamp;
use meridian_types::{EngineerId, Interval, VisitId};

use super::claim::{Claim, Stay};

/// Time of an engineer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) engineer: EngineerId,
    pub(crate) during: Interval,
    /// None: from home.
    pub(crate) stay: Option<Stay>,
}

impl Place {
    pub(crate) fn of(claim: &Claim) -> Self {
        Self { engineer: claim.engineer.clone(), during: claim.during, stay: claim.stay.clone() }
    }

    /// Whether the engineer cannot be in both: nobody is in two places at once, nor at home or elsewhere while away.
    pub(crate) fn meets(&self, other: &Self) -> bool {
        let takes = |place: &Self| place.stay.as_ref().map_or(place.during, |stay| stay.away);
        let lodging = |place: &Self| place.stay.as_ref().map(|stay| stay.lodging.clone());
        let elsewhere = || lodging(self) != lodging(other) && takes(self).overlaps(takes(other));
        self.engineer == other.engineer && (self.during.overlaps(other.during) || elsewhere())
    }
}

/// What a draft wants of one order.
#[derive(Debug, Clone)]
pub(crate) struct Proposal {
    pub(crate) order: VisitId,
    /// What its visits take now; empty when it has none.
    pub(crate) before: Vec<Place>,
    /// When its work ends as it stands.
    pub(crate) ends_before: Option<Timestamp>,
    /// What its visits should take; empty when it shall have none.
    pub(crate) after: Vec<Place>,
    /// When its work should begin.
    pub(crate) begins: Option<Timestamp>,
    /// The orders that have to be done first.
    pub(crate) follows: Vec<VisitId>,
    /// Why it stays as it is, whatever the draft wants.
    pub(crate) stays: bool,
}

/// Why a proposal can't be followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Conflict {
    /// This visit takes the engineer's time.
    InTheWay(VisitId),
    /// This order comes first, and is not done by then.
    Waits(VisitId),
}

/// The proposals that can't be followed, besides those that stay anyway, beside visits that are fixed. All others can
/// be at once.
pub(crate) fn settle(fixed: &[(VisitId, Place)], proposals: &[Proposal]) -> BTreeMap<VisitId, Conflict> {
    let mut taken = Taken::default();
    for (visit, place) in fixed {
        taken.add(*visit, place);
    }
    let mut open: BTreeMap<VisitId, &Proposal> = BTreeMap::new();
    let mut standing: BTreeMap<VisitId, Option<Timestamp>> = BTreeMap::new();
    for proposal in proposals {
        if proposal.stays {
            taken.stand(proposal);
            standing.insert(proposal.order, proposal.ends_before);
        } else {
            open.insert(proposal.order, proposal);
        }
    }
    let mut refused = BTreeMap::new();
    loop {
        let found = open.values().find_map(|proposal| {
            let conflict = taken.conflict(proposal).or_else(|| waits(proposal, &open, &standing))?;
            Some((*proposal, conflict))
        });
        let Some((proposal, conflict)) = found else { return refused };
        open.remove(&proposal.order);
        taken.stand(proposal);
        standing.insert(proposal.order, proposal.ends_before);
        refused.insert(proposal.order, conflict);
    }
}

/// An order that has to be done first and is not, because it does not go where the draft wants it or is withdrawn.
fn waits(
    proposal: &Proposal,
    open: &BTreeMap<VisitId, &Proposal>,
    standing: &BTreeMap<VisitId, Option<Timestamp>>,
) -> Option<Conflict> {
    let begins = proposal.begins?;
    let is_late = |first: &&VisitId| {
        let withdrawn = open.get(*first).is_some_and(|first| first.after.is_empty());
        let stands_later = standing.get(*first).is_some_and(|ends| ends.is_none_or(|ends| begins < ends));
        withdrawn || stands_later
    };
    proposal.follows.iter().find(is_late).map(|first| Conflict::Waits(*first))
}

/// Time that is taken, by engineer; nothing in it is in the way of anything else.
#[derive(Default)]
struct Taken(BTreeMap<EngineerId, Vec<(Place, VisitId)>>);

impl Taken {
    fn add(&mut self, visit: VisitId, place: &Place) {
        self.0.entry(place.engineer.clone()).or_default().push((place.clone(), visit));
    }

    fn stand(&mut self, proposal: &Proposal) {
        for place in &proposal.before {
            self.add(proposal.order, place);
        }
    }

    fn conflict(&self, proposal: &Proposal) -> Option<Conflict> {
        let in_the_way = |place: &Place| {
            let mut taken = self.0.get(&place.engineer)?.iter();
            taken.find(|(taken, _)| taken.meets(place)).map(|(_, visit)| *visit)
        };
        proposal.after.iter().find_map(in_the_way).map(Conflict::InTheWay)
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn at(hour: i64) -> Timestamp {
        "2026-11-23T00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(hour)
    }

    fn place(engineer: &str, from: i64, until: i64) -> Place {
        let during = Interval::new(at(from), at(until)).unwrap();
        Place { engineer: engineer.parse().unwrap(), during, stay: None }
    }

    fn id(number: u128) -> VisitId {
        VisitId::from_uuid(Uuid::from_u128(number))
    }

    fn proposal(number: u128, before: &[Place], after: &[Place]) -> Proposal {
        Proposal {
            order: id(number),
            before: before.to_vec(),
            ends_before: before.first().map(|place| place.during.end()),
            after: after.to_vec(),
            begins: after.first().map(|place| place.during.start()),
            follows: Vec::new(),
            stays: false,
        }
    }

    #[test]
    fn visits_that_change_places_both_move() {
        let (morning, noon) = (place("ANNA", 8, 10), place("ANNA", 12, 14));
        let swap = [
            proposal(1, std::slice::from_ref(&morning), std::slice::from_ref(&noon)),
            proposal(2, std::slice::from_ref(&noon), std::slice::from_ref(&morning)),
        ];
        assert_eq!(settle(&[], &swap), BTreeMap::new());
    }

    #[test]
    fn what_cannot_move_stays_and_holds_up_what_wanted_its_place() {
        let proposals = [
            proposal(1, &[place("ANNA", 8, 10)], &[place("BO", 8, 10)]),
            proposal(2, &[place("ANNA", 12, 14)], &[place("ANNA", 9, 11)]),
            proposal(3, &[], &[place("ANNA", 13, 15)]),
            proposal(4, &[], &[place("BO", 12, 14)]),
        ];
        assert_eq!(settle(&[], &proposals), BTreeMap::new());
        let refused = settle(&[(id(9), place("BO", 9, 10))], &proposals);
        let expected = [(1, 9), (2, 1), (3, 2)].map(|(one, other)| (id(one), Conflict::InTheWay(id(other))));
        assert_eq!(refused, BTreeMap::from(expected));
    }

    #[test]
    fn an_order_is_not_booked_before_what_it_waits_for() {
        let second = Proposal { follows: vec![id(1)], ..proposal(2, &[], &[place("BO", 10, 12)]) };
        let first = |before: &[Place]| proposal(1, before, &[place("ANNA", 8, 10)]);
        let busy = [(id(9), place("ANNA", 9, 10))];
        let settled =
            |fixed: &[(VisitId, Place)], before: &[Place]| settle(fixed, &[first(before), second.clone()]);
        assert_eq!(settled(&[], &[]), BTreeMap::new());
        assert_eq!(settled(&busy, &[]).get(&id(2)), Some(&Conflict::Waits(id(1))));
        assert_eq!(settled(&busy, &[place("ANNA", 6, 8)]).get(&id(2)), None, "it stands early enough");
        assert_eq!(settled(&busy, &[place("ANNA", 12, 14)]).get(&id(2)), Some(&Conflict::Waits(id(1))));
        let withdrawn = proposal(1, &[place("ANNA", 6, 8)], &[]);
        assert_eq!(settle(&[], &[withdrawn, second.clone()]).get(&id(2)), Some(&Conflict::Waits(id(1))));
    }

    #[test]
    fn a_stay_is_in_the_way_of_everything_but_visits_of_the_same_stay() {
        let lodged = |lodging: &str, from, until| {
            let away = Interval::new(at(0), at(100)).unwrap();
            let stay = Some(Stay { lodging: lodging.parse().unwrap(), away });
            Place { stay, ..place("ANNA", from, until) }
        };
        let wanted = [
            proposal(1, &[], &[lodged("INN", 30, 34)]),
            proposal(2, &[], &[lodged("INN", 9, 11)]),
            proposal(3, &[], &[lodged("HOSTEL", 50, 52)]),
            proposal(4, &[], &[place("ANNA", 60, 62)]),
            proposal(5, &[], &[place("ANNA", 100, 104)]),
            proposal(6, &[], &[place("BO", 60, 62)]),
        ];
        let refused = settle(&[(id(9), lodged("INN", 8, 10))], &wanted);
        let expected = [2, 3, 4].map(|number| (id(number), Conflict::InTheWay(id(9))));
        assert_eq!(refused, BTreeMap::from(expected));
    }

    /// Spans of one engineer that do not overlap, from gaps and lengths.
    fn row(engineer: &'static str, steps: Vec<(i64, i64)>) -> Vec<Place> {
        let mut hour = 0;
        let next = |(gap, length): (i64, i64)| {
            let from = hour + gap;
            hour = from + length;
            place(engineer, from, hour)
        };
        steps.into_iter().map(next).collect()
    }

    fn rows() -> impl Strategy<Value = Vec<Place>> {
        let steps = || prop::collection::vec((0..3_i64, 1..4_i64), 0..8);
        (steps(), steps()).prop_map(|(anna, bo)| [row("ANNA", anna), row("BO", bo)].concat())
    }

    proptest! {
        /// What stands and what is followed never overlaps, and what is refused has a reason that stands.
        #[test]
        fn nothing_overlaps_after_a_settlement(
            standing in rows(), wanted in rows(), fixed in prop::collection::vec(any::<bool>(), 16),
            pairs in prop::collection::vec(any::<prop::sample::Index>(), 16),
        ) {
            let mut wanted: Vec<Option<Place>> = wanted.into_iter().map(Some).collect();
            let mut proposals = Vec::new();
            let mut others = Vec::new();
            for (number, place) in (1..).zip(&standing) {
                if fixed[usize::try_from(number).unwrap() - 1] {
                    others.push((id(number), place.clone()));
                } else {
                    let index = pairs[usize::try_from(number).unwrap() - 1];
                    let count = wanted.len();
                    let taken = if count == 0 { None } else { wanted[index.index(count)].take() };
                    proposals.push(proposal(number, std::slice::from_ref(place), taken.as_slice()));
                }
            }
            let fresh = wanted.into_iter().flatten();
            proposals.extend((100..).zip(fresh).map(|(number, place)| proposal(number, &[], &[place])));
            let refused = settle(&others, &proposals);
            let mut all: Vec<Place> = others.into_iter().map(|(_, place)| place).collect();
            for proposal in &proposals {
                let stands = refused.contains_key(&proposal.order);
                all.extend(if stands { proposal.before.clone() } else { proposal.after.clone() });
            }
            for (index, one) in all.iter().enumerate() {
                for other in &all[..index] {
                    let overlap = one.engineer == other.engineer && one.during.overlaps(other.during);
                    prop_assert!(!overlap, "{one:?} {other:?}");
                }
            }
        }
    }
}
