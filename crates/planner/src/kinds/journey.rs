//! Journeys of one person: every way that nothing beats in arrival, cost, CO2, risk and rest.
//!
//! A search of its own beside that for goods: a traveller's labels also say since when they have been on duty, a
//! leg may follow a rest, hours and nights on the way cost money, and nobody passes one place twice.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::rc::Rc;

use super::least::Least;
use crate::compile::{Minute, Traffic};
use crate::draft::Spent;
use crate::duty::Pace;
use crate::model::Engineer;
use crate::problem::Problem;
use crate::search::{Leg, Payload, View};

/// Who travels, and what that costs.
pub(super) struct Traveller<'t, 'a> {
    pub(super) problem: &'t Problem<'a>,
    pub(super) view: &'t View<'a>,
    pub(super) engineer: &'a Engineer,
    pub(super) home: u32,
    pub(super) pace: Pace,
}

/// Most journeys that are kept at one place, and most that are gone on with.
const KEPT_MAX: usize = 1_024;
const LABELS_MAX: usize = 1 << 17;

/// Which journeys are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Wanted {
    /// All that no other beats.
    All,
    /// Those that are the cheapest for their arrival.
    Cheap,
    /// Those that emit least for their arrival.
    Green,
    /// Those that are least likely to be late for their arrival.
    Safe,
}

impl Wanted {
    /// What of a label counts.
    const fn of(self, label: Label) -> Label {
        let Label { cost, co2_g, risk_micro, .. } = label;
        let (cost, co2_g, risk_micro) = match self {
            Self::All => (cost, co2_g, risk_micro),
            Self::Cheap => (cost, 0, 0),
            Self::Green => (0, co2_g, 0),
            Self::Safe => (0, 0, risk_micro),
        };
        Label { cost, co2_g, risk_micro, ..label }
    }
}

/// A journey as far as some site. The order is the one in which labels are settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Label {
    pub(super) at: Minute,
    /// Sixtieths of a minor unit, so that hours are paid to the minute.
    pub(super) cost: i64,
    pub(super) risk_micro: i64,
    pub(super) co2_g: i64,
    /// When the present stretch of duty began, at the latest.
    pub(super) duty_since: Minute,
    site: u32,
    parent: u32,
    lane: u32,
    /// Whether its last leg followed a rest.
    rested: bool,
}

const NONE: u32 = u32::MAX;

impl Label {
    /// What it comes to at least when it is there; `None` where no lanes lead there.
    fn there(&self, least: &Least) -> Option<Self> {
        let rest = least[self.site as usize]?;
        Some(Self {
            at: self.at.saturating_add(rest.minutes),
            cost: self.cost.saturating_add(rest.cost),
            co2_g: self.co2_g.saturating_add(rest.co2_g),
            risk_micro: self.risk_micro.saturating_add(rest.risk_micro),
            ..*self
        })
    }
}

/// Everything that journeys depend on. People who are paid alike and rest alike travel alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Asked {
    from: Departure,
    to: u32,
    until: Minute,
    wanted: Wanted,
    home: u32,
    pace: Pace,
    cost_minor_per_hour: i64,
    night_cost_minor: i64,
}

/// The journeys to one place. What they come to is in their labels only as far as it was wanted.
#[derive(Debug, Default)]
pub(crate) struct Journeys {
    labels: Vec<Label>,
    there: Vec<u32>,
}

impl Journeys {
    pub(super) fn iter(&self) -> impl Iterator<Item = &Label> {
        self.there.iter().map(|&label| &self.labels[label as usize])
    }

    /// The lanes of a journey, last to first, and whether a rest came before each.
    fn lanes<'j>(&'j self, label: &'j Label) -> impl Iterator<Item = (u32, bool)> + 'j {
        let earlier = |label: &&'j Label| self.labels.get(label.parent as usize);
        std::iter::successors(Some(label), earlier)
            .filter(|label| label.parent != NONE)
            .map(|label| (label.lane, label.rested))
    }

    /// How many of the legs of a journey follow a rest.
    pub(super) fn rests(&self, label: &Label) -> usize {
        self.lanes(label).filter(|(_, rested)| *rested).count()
    }
}

/// Where and when somebody sets out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Departure {
    pub(super) site: u32,
    pub(super) at: Minute,
    /// Since when on duty; absent for who comes rested.
    pub(super) duty_since: Option<Minute>,
}

impl Traveller<'_, '_> {
    /// Every journey to `to` that ends by `until` and that no other beats; looked for once per request, since no
    /// change touches the journeys of people.
    pub(super) fn journeys(
        &self,
        from: Departure,
        (to, least): (u32, &Least),
        until: Minute,
        wanted: Wanted,
    ) -> Rc<Journeys> {
        let &Engineer { cost_minor_per_hour, night_cost_minor, .. } = self.engineer;
        let (home, pace) = (self.home, self.pace);
        let asked = Asked { from, to, until, wanted, home, pace, cost_minor_per_hour, night_cost_minor };
        let known = self.problem.journeys.borrow().get(&asked).cloned();
        known.unwrap_or_else(|| {
            let found = Rc::new(self.search(from, (to, least), until, wanted));
            self.problem.journeys.borrow_mut().insert(asked, Rc::clone(&found));
            found
        })
    }

    /// When there are too many, the search is cut short, which the view remembers: then those that are the earliest,
    /// the cheapest, the greenest and the safest are looked for one by one.
    fn search(&self, from: Departure, to: (u32, &Least), until: Minute, wanted: Wanted) -> Journeys {
        let mut found = Journeys::default();
        if !self.add(&mut found, from, to, until, wanted) {
            self.view.cut();
            let singly = [Wanted::Cheap, Wanted::Green, Wanted::Safe];
            for wanted in singly.into_iter().filter(|_| wanted == Wanted::All) {
                self.add(&mut found, from, to, until, wanted);
            }
        }
        found
    }

    /// Adds the journeys that nothing beats in what is wanted; whether these are all of them.
    fn add(
        &self,
        found: &mut Journeys,
        from: Departure,
        (to, least): (u32, &Least),
        until: Minute,
        wanted: Wanted,
    ) -> bool {
        let start = Label {
            at: from.at,
            cost: 0,
            risk_micro: 0,
            co2_g: 0,
            duty_since: from.duty_since.unwrap_or(from.at),
            site: from.site,
            parent: NONE,
            lane: NONE,
            rested: false,
        };
        let before = found.labels.len();
        let mut bags: Vec<Vec<u32>> = vec![Vec::new(); self.view.net.sites.len()];
        let mut heap = BinaryHeap::from([Reverse(start)]);
        let mut whole = true;
        while whole && let Some(Reverse(label)) = heap.pop() {
            let beaten = |label: &Label, site: u32| {
                let beats = |other: u32| self.beats(&found.labels[other as usize], label, wanted);
                bags[site as usize].iter().any(|&other| beats(other))
            };
            let Some(at_least) = label.there(least) else { continue };
            if beaten(&label, label.site) || beaten(&at_least, to) {
                continue;
            }
            let index = u32::try_from(found.labels.len()).unwrap_or(NONE);
            let bag = &mut bags[label.site as usize];
            bag.push(index);
            whole = bag.len() <= KEPT_MAX && found.labels.len() - before < LABELS_MAX;
            found.labels.push(label);
            if label.site != to {
                self.go_on(found, index, from.duty_since, |next| {
                    if next.there(least).is_some_and(|there| there.at <= until) {
                        heap.push(Reverse(wanted.of(next)));
                    }
                });
            }
        }
        found.there.append(&mut bags[to as usize]);
        whole
    }

    /// Whether `b` is no better than `a` for somebody who waits until `b` is there.
    fn beats(&self, a: &Label, b: &Label, wanted: Wanted) -> bool {
        let paid = matches!(wanted, Wanted::All | Wanted::Cheap);
        a.at <= b.at
            && a.cost <= b.cost
            && a.co2_g <= b.co2_g
            && a.risk_micro <= b.risk_micro
            && (!self.pace.rules() || a.duty_since >= b.duty_since || self.pace.rests(a.at, b.at))
            && (!paid || a.cost.saturating_add(self.stay(a.site, a.at, b.at)) <= b.cost)
    }

    /// What the nights of a stay cost, in sixtieths.
    fn stay(&self, site: u32, from: Minute, to: Minute) -> i64 {
        let each = self.engineer.night_cost_minor.max(0);
        if each == 0 || site == self.home || to <= from {
            return 0;
        }
        self.problem.nights(site, from, to).saturating_mul(each).saturating_mul(60)
    }

    /// Each lane from where a label is: at once, and after a rest.
    fn go_on(&self, found: &Journeys, index: u32, since: Option<Minute>, mut push: impl FnMut(Label)) {
        let label = found.labels[index as usize];
        let fresh = label.parent == NONE && since.is_none();
        for &lane in self.view.net.graph(Traffic::People).rows.outgoing(label.site) {
            let to = self.view.net.lanes[lane as usize].to;
            if self.passed(found, &label, to) {
                continue;
            }
            if let Some(leg) = self.view.leg(lane, Traffic::People, label.at) {
                let rested = !fresh && self.pace.rests(label.at, leg.hand_over);
                let duty_since = match (fresh || rested, self.pace.rules()) {
                    (true, _) => leg.hand_over,
                    (false, false) => label.duty_since,
                    (false, true) => self.duty_since(found, &label, leg.hand_over, since),
                };
                self.ride(&label, index, (lane, leg), (duty_since, rested)).into_iter().for_each(&mut push);
                if rested || fresh || !self.pace.rules() {
                    continue;
                }
            }
            if !fresh
                && self.pace.rules()
                && let Some(leg) =
                    self.view.leg(lane, Traffic::People, label.at.saturating_add(self.pace.rest))
            {
                self.ride(&label, index, (lane, leg), (leg.hand_over, true)).into_iter().for_each(&mut push);
            }
        }
    }

    fn passed(&self, found: &Journeys, label: &Label, site: u32) -> bool {
        let earlier = |label: &&Label| found.labels.get(label.parent as usize);
        let labels = || std::iter::successors(Some(label), earlier);
        labels().any(|label| label.site == site)
    }

    /// When the stretch of duty that leads to a hand-over begins, at the latest.
    fn duty_since(
        &self,
        found: &Journeys,
        label: &Label,
        hand_over: Minute,
        since: Option<Minute>,
    ) -> Minute {
        let mut by = hand_over;
        for (lane, rested) in found.lanes(label) {
            by = self.view.latest(lane, Traffic::People, by).map_or(by, |(hand_over, _)| hand_over);
            if rested {
                return by;
            }
        }
        since.unwrap_or(by)
    }

    fn ride(
        &self,
        label: &Label,
        parent: u32,
        (lane, leg): (u32, Leg),
        (duty_since, rested): (Minute, bool),
    ) -> Option<Label> {
        if leg.arrive - duty_since > self.pace.duty_max {
            return None;
        }
        let fare = self.fare(lane);
        let hours =
            i64::from(leg.arrive - leg.depart).saturating_mul(self.engineer.cost_minor_per_hour.max(0));
        let cost = fare.cost_minor.saturating_mul(60).saturating_add(hours);
        let waits = self.stay(label.site, label.at, leg.depart);
        Some(Label {
            at: leg.arrive,
            cost: label.cost.saturating_add(cost).saturating_add(waits),
            risk_micro: label.risk_micro.saturating_add(fare.risk_micro),
            co2_g: label.co2_g.saturating_add(fare.co2_g),
            duty_since,
            site: self.view.net.lanes[lane as usize].to,
            parent,
            lane,
            rested,
        })
    }

    /// What a seat on a lane costs, emits and risks.
    pub(super) fn fare(&self, lane: u32) -> Spent {
        let (cost_minor, co2_g) = Payload::PERSON.terms(self.view.net.lane(lane)).unwrap_or_default();
        Spent { cost_minor, co2_g, risk_micro: self.view.net.lanes[lane as usize].risk_micro }
    }

    /// The legs of a journey that set out as late as being there by `by` allows, and not before `from`; only its last
    /// `rests` rests are taken on the way.
    pub(super) fn legs(
        &self,
        found: &Journeys,
        label: &Label,
        (from, by): (Minute, Minute),
        rests: usize,
    ) -> Option<Vec<Leg>> {
        let (mut by, mut rests) = (by, rests);
        let mut legs = Vec::new();
        for (lane, rested) in found.lanes(label) {
            let (hand_over, _) = self.view.latest(lane, Traffic::People, by)?;
            let leg = self.view.leg(lane, Traffic::People, hand_over)?;
            by = leg.hand_over;
            if rested && let Some(left) = rests.checked_sub(1) {
                (by, rests) = (by - self.pace.rest, left);
            }
            legs.push(leg);
        }
        legs.reverse();
        legs.first().is_none_or(|leg| leg.hand_over >= from).then_some(legs)
    }
}
