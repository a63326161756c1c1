//! How likely a draft is to be done by when: the distribution of its arrival, worked out without any dice.
//!
//! Every leg is in time or late by what its lane's quantiles say. Who is late may miss the next cut-off, customs
//! or opening hours, and then takes the next departure of the same lane; buffers therefore count. What has to
//! come together is there when the last of it is. Legs are taken to be late independently of each other.
//!
//! A distribution keeps at most 64 moments. Beyond that, neighbours are merged into the later one, the pairs that
//! shift least probability by least time first: what is told is never too good.

use crate::compile::{Minute, Traffic, ceil, length};
use crate::draft::{Assembly, Draft, Origin, Shipment, Visit};
use crate::duty::{self, Before};
use crate::model::{Claim, Lane, LatenessQuantile, Line, PartyOffer, PartyService, Subject};
use crate::problem::Problem;
use crate::search::{Leg, View};

/// Most moments a distribution keeps.
const MOMENTS_MAX: usize = 64;
/// Most steps of lateness a lane keeps.
const STEPS_MAX: usize = 16;
/// How late something is when nobody has said.
const LATE_MINUTES: Minute = 1440;
/// A date is likely when it holds nine times out of ten.
const LIKELY: f64 = 0.9;
/// Sums of probabilities differ from what they should be by less than this.
const ROUNDING: f64 = 1e-9;

/// When something happens: moments, the earliest first, each with its probability. What is missing from 1 does
/// not happen within the horizon, or not within an engineer's time.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Spread(Vec<(Minute, f64)>);

/// How likely a draft is there in time, and by when it is likely there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Punctuality {
    /// Probability of meeting the deadline in millionths, when there is one.
    pub(crate) in_time_micro: Option<i64>,
    /// It is there by then nine times out of ten, unless nothing is that likely.
    pub(crate) likely_by: Option<Minute>,
}

/// The punctuality of a draft.
pub(crate) fn of(problem: &Problem<'_>, view: &View<'_>, draft: &Draft<'_>) -> Punctuality {
    let arrival = arrival(problem, view, draft);
    let in_time_micro = problem.deadline.map(|deadline| millionths(arrival.by(deadline)));
    Punctuality { in_time_micro, likely_by: arrival.quantile(LIKELY) }
}

/// A probability as a whole number that sorts.
#[expect(clippy::cast_possible_truncation, reason = "a probability in millionths")]
pub(crate) fn millionths(probability: f64) -> i64 {
    ((probability * 1e6).round() as i64).clamp(0, 1_000_000)
}

/// When a draft meets the need.
fn arrival(problem: &Problem<'_>, view: &View<'_>, draft: &Draft<'_>) -> Spread {
    let trip = Trip { problem, view };
    let inputs = draft.inbound.iter().map(|shipment| trip.inbound(shipment));
    let visit = draft.visit.as_ref();
    let there = visit.map(|visit| trip.travel(visit));
    let ready = inputs.chain(there).reduce(|a, b| a.and(&b)).unwrap_or_else(|| Spread::at(draft.arrival));
    let done = match visit {
        Some(visit) => ready.then(|at| trip.work(visit, at)).with_chance(trip.success(visit)),
        None => ready,
    };
    let done = match &draft.outsourced {
        Some(outsourced) => Spread::late(outsourced.done, outsourced.offer.late_probability),
        None => done,
    };
    match &draft.onward {
        Some(shipment) => trip.shipment(shipment, &done),
        None => done,
    }
}

struct Trip<'t, 'a> {
    problem: &'t Problem<'a>,
    view: &'t View<'a>,
}

impl Trip<'_, '_> {
    /// When a shipment is received that waits for nothing but its own goods.
    fn inbound(&self, shipment: &Shipment) -> Spread {
        if let Origin::Party { party, .. } = &shipment.origin {
            let Subject::Goods { lines, .. } = &*shipment.subject else { return Spread::at(shipment.ready) };
            let supplies = |offer: &&PartyOffer| {
                let brings =
                    |line: &Line| matches!(&offer.service, PartyService::Supply(item) if *item == line.item);
                offer.party == *party && lines.iter().any(brings)
            };
            let offers = self.problem.world.party_offers.iter().filter(supplies);
            return Spread::late(
                shipment.ready,
                offers.map(|offer| offer.late_probability).fold(0.0, f64::max),
            );
        }
        let assemblies = shipment.origin.assemblies();
        // A line and a part may take as many units of one receipt: claims that are alike are told apart by number.
        let parts = assemblies.iter().flat_map(|assembly| &assembly.inbound);
        let mut of_parts: Vec<&Claim> = parts.flat_map(|part| part.claims.iter()).collect();
        let own = shipment.claims.iter().filter(|claim| {
            let of_part = of_parts.iter().position(|part| part == claim);
            of_part.map(|at| of_parts.swap_remove(at)).is_none()
        });
        let put_together = assemblies.iter().map(|assembly| self.assembled(assembly));
        let start = own.filter_map(|claim| self.supplied(claim)).chain(put_together).reduce(|a, b| a.and(&b));
        self.shipment(shipment, &start.unwrap_or_else(|| Spread::at(shipment.start)))
    }

    /// When the units of a receipt are on the shelf.
    fn supplied(&self, claim: &Claim) -> Option<Spread> {
        let known = self.problem.receipt(claim)?;
        Some(Spread::late(ceil(known.expected).max(self.problem.now), known.late_probability))
    }

    /// When a kit is put together, once its parts have come.
    fn assembled(&self, assembly: &Assembly) -> Spread {
        let there = assembly.inbound.iter().map(|part| self.inbound(part)).reduce(|a, b| a.and(&b));
        let open = self.view.open(assembly.site);
        there
            .unwrap_or_else(|| Spread::at(assembly.start))
            .then(|at| open.add_working(open.next_open(at.max(self.problem.now))?, assembly.work_minutes))
    }

    /// When a shipment is received whose picking can begin at `start`.
    fn shipment(&self, shipment: &Shipment, start: &Spread) -> Spread {
        let pick_minutes = self.problem.net.sites[shipment.from as usize].pick_minutes;
        let licensed = shipment.licence.as_ref().map_or(Minute::MIN, |licence| licence.in_hand);
        let open = self.view.open(shipment.from);
        let picked = start.then(|at| Some(open.add_working(at, pick_minutes)?.max(licensed)));
        if shipment.legs.is_empty() {
            return picked.then(|at| self.within(self.view.open(shipment.to).next_open(at)?));
        }
        self.along(&shipment.legs, Traffic::Goods, picked)
    }

    /// When an engineer who leaves as planned is where the work is.
    fn travel(&self, visit: &Visit<'_>) -> Spread {
        let leaves = visit.out.first().map_or(visit.there, |leg| leg.hand_over);
        self.along(&visit.out, Traffic::People, Spread::at(leaves))
    }

    /// When work that can start at `at` is done, if the engineer can stay that long and still get home. Who has
    /// travelled is taken to have had no rest since.
    fn work(&self, visit: &Visit<'_>, at: Minute) -> Option<Minute> {
        let travelled: Vec<_> = visit.out.iter().map(|leg| (leg.hand_over, leg.arrive)).collect();
        let since = visit.pace.stretches(&travelled).last().copied();
        let before = since.map_or(Before::NOTHING, |duty_since| Before { idle_since: at, duty_since });
        let work = duty::work(&visit.windows, at, visit.work_minutes(), visit.pace, before)?;
        let end = work.last()?.1;
        let lanes: Vec<u32> = visit.back.iter().map(|leg| leg.lane).collect();
        let back = self.view.legs(&lanes, Traffic::People, end)?;
        let home = back.last().map_or(end, |leg| leg.ready);
        (home <= visit.stretch.1).then_some(end)
    }

    /// How likely the work does it.
    fn success(&self, visit: &Visit<'_>) -> f64 {
        let remote = visit.task.remote.filter(|_| visit.remote);
        remote.map_or(1.0, |remote| remote.success_probability.clamp(0.0, 1.0))
    }

    fn along(&self, legs: &[Leg], traffic: Traffic, start: Spread) -> Spread {
        legs.iter().fold(start, |spread, leg| self.ride(leg.lane, traffic, &spread))
    }

    /// When what is at the origin of a lane is received at its destination.
    fn ride(&self, lane: u32, traffic: Traffic, from: &Spread) -> Spread {
        let steps = lateness(self.problem.net.lane(lane));
        let mut arrivals = Vec::with_capacity(from.0.len() * steps.0.len());
        let mut moments = from.0.iter().copied().peekable();
        while let Some((at, mut probability)) = moments.next() {
            let Some(leg) = self.view.leg(lane, traffic, at) else { break };
            while let Some((_, more)) = moments.next_if(|(at, _)| *at <= leg.hand_over) {
                probability += more;
            }
            for (late, share) in &steps.0 {
                let arrive = leg.arrive.saturating_add(*late);
                let ready = self.view.received(lane, traffic, arrive).and_then(|ready| self.within(ready));
                arrivals.extend(ready.map(|ready| (ready, probability * share)));
            }
        }
        Spread::of(arrivals, MOMENTS_MAX)
    }

    fn within(&self, at: Minute) -> Option<Minute> {
        (at <= self.problem.net.end).then_some(at)
    }
}

/// How many minutes a lane is late, 0 included. What its quantiles leave open is a day late, or as late as the
/// last of them if that is more.
fn lateness(lane: &Lane) -> Spread {
    let late = lane.late_probability.clamp(0.0, 1.0);
    let mut steps = vec![(0, 1.0 - late)];
    let (mut told, mut most) = (0.0, 0);
    for LatenessQuantile { share, minutes } in &lane.lateness {
        most = length(*minutes).max(most);
        let share = share.clamp(told, 1.0);
        steps.push((most, (share - told) * late));
        told = share;
    }
    steps.push((most.max(LATE_MINUTES), (1.0 - told) * late));
    Spread::of(steps, STEPS_MAX)
}

impl Spread {
    fn at(minute: Minute) -> Self {
        Self(vec![(minute, 1.0)])
    }

    /// At `minute`, or with a probability of `late` a day later.
    fn late(minute: Minute, late: f64) -> Self {
        let late = late.clamp(0.0, 1.0);
        Self::of(vec![(minute, 1.0 - late), (minute.saturating_add(LATE_MINUTES), late)], MOMENTS_MAX)
    }

    /// The same, happening with a probability of `chance` only.
    fn with_chance(self, chance: f64) -> Self {
        Self(self.0.into_iter().map(|(at, probability)| (at, probability * chance)).collect())
    }

    /// Moments in any order, as often as they like, to at most `most` of them.
    fn of(mut moments: Vec<(Minute, f64)>, most: usize) -> Self {
        moments.retain(|(_, probability)| *probability > 0.0);
        moments.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        moments.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
        while moments.len() > most {
            // The probability that moves, times how far: as small as can be.
            let shift = |pair: &[(Minute, f64)]| f64::from(pair[1].0 - pair[0].0) * pair[0].1;
            let least = moments.windows(2).enumerate().min_by(|a, b| shift(a.1).total_cmp(&shift(b.1)));
            let Some((index, _)) = least else { break };
            moments[index + 1].1 += moments[index].1;
            moments.remove(index);
        }
        Self(moments)
    }

    /// What follows from each moment; `None` when nothing does.
    fn then(&self, what: impl Fn(Minute) -> Option<Minute>) -> Self {
        let moments = self.0.iter().filter_map(|&(at, probability)| Some((what(at)?, probability)));
        Self::of(moments.collect(), MOMENTS_MAX)
    }

    /// When both have happened.
    fn and(&self, other: &Self) -> Self {
        let mut moments: Vec<Minute> = self.0.iter().chain(&other.0).map(|(at, _)| *at).collect();
        moments.sort_unstable();
        moments.dedup();
        let mut before = 0.0;
        let at = |moment: Minute| {
            let by = self.by(moment) * other.by(moment);
            let exactly = by - before;
            before = by;
            (moment, exactly)
        };
        Self::of(moments.into_iter().map(at).collect(), MOMENTS_MAX)
    }

    /// The probability that it has happened by `minute`.
    fn by(&self, minute: Minute) -> f64 {
        self.0.iter().take_while(|(at, _)| *at <= minute).map(|(_, probability)| probability).sum()
    }

    /// By when it has happened with a probability of `share`.
    fn quantile(&self, share: f64) -> Option<Minute> {
        let mut by = 0.0;
        let enough = |(_, probability): &&(Minute, f64)| {
            by += probability;
            by >= share - ROUNDING
        };
        self.0.iter().find(enough).map(|(at, _)| *at)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn moments() -> impl Strategy<Value = Vec<(Minute, f64)>> {
        prop::collection::vec((0..5_000, 0.0..1.0), 1..200).prop_map(|moments| {
            let sum: f64 = moments.iter().map(|(_, weight)| weight).sum::<f64>().max(1e-3);
            moments.into_iter().map(|(at, weight)| (at, weight / sum)).collect()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn merging_moments_keeps_the_sum_and_is_never_too_good(moments in moments(), at in 0..5_000) {
            let exact = Spread::of(moments.clone(), usize::MAX);
            let merged = Spread::of(moments, MOMENTS_MAX);
            prop_assert!(merged.0.len() <= MOMENTS_MAX);
            prop_assert!((merged.by(Minute::MAX) - exact.by(Minute::MAX)).abs() < ROUNDING);
            prop_assert!(merged.by(at) <= exact.by(at) + ROUNDING);
        }

        #[test]
        fn both_have_happened_when_the_later_has(a in moments(), b in moments(), at in 0..5_000) {
            let (a, b) = (Spread::of(a, 20), Spread::of(b, 20));
            let both = a.and(&b);
            prop_assert!((both.by(at) - a.by(at) * b.by(at)).abs() < ROUNDING);
        }
    }

    #[test]
    fn a_quantile_is_the_first_moment_that_is_likely_enough() {
        let spread = Spread::of(vec![(10, 0.5), (20, 0.4), (30, 0.05)], MOMENTS_MAX);
        assert_eq!(spread.quantile(0.5), Some(10));
        assert_eq!(spread.quantile(0.9), Some(20));
        assert_eq!(spread.quantile(0.99), None);
    }
}
