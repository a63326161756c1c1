//! Putting absent visits back, each where it is cheapest, in one of several orders, and sometimes where it only seems so.

use std::cmp::Reverse;

use fastrand::Rng;

use super::insertion::{Blink, Insertion};
use super::state::State;
use crate::instance::{Allowed, Instance};

/// How often half of the places of a route are overlooked, out of a thousand times.
const BLINKS_PER_MILLE: u32 = 20;
/// The same in a wild round, and for a visit with several windows, of which some are overlooked too: what is best for
/// one visit may be in the way of the next.
const OFTEN_PER_MILLE: u32 = 200;
/// How much of what its absence costs a visit may cost in a wild round.
const WILD_PERCENT_MAX: i64 = 400;

/// In which orders visits are put back: by what each is known for.
pub(crate) struct Orders {
    /// Those that few shifts can take first.
    choosy: Vec<i64>,
    /// Those far from where any shift begins first.
    far: Vec<i64>,
    /// Those with the shortest windows first.
    tight: Vec<i64>,
    /// Those that take longest first.
    long: Vec<i64>,
    /// The shifts that can take each visit.
    shifts: Vec<Vec<u32>>,
}

impl Orders {
    pub(crate) fn of(instance: &Instance) -> Self {
        let shifts_of = |visit: u32| -> Vec<u32> {
            let shifts = 0..u32::try_from(instance.shifts.len()).unwrap_or(u32::MAX);
            shifts.filter(|shift| instance.fit(visit, *shift).allowed != Allowed::Never).collect()
        };
        let visits = 0..u32::try_from(instance.visits.len()).unwrap_or(u32::MAX);
        let shifts: Vec<Vec<u32>> = visits.map(shifts_of).collect();
        let far = |(visit, shifts): (&crate::instance::Visit, &Vec<u32>)| {
            let from = |shift: &u32| {
                i64::from(instance.way(instance.shifts[*shift as usize].from, visit.place).seconds)
            };
            -shifts.iter().map(from).min().unwrap_or(0)
        };
        let tight = |visit: &crate::instance::Visit| {
            visit.windows.iter().map(|window| i64::from(window.close_s - window.open_s)).sum()
        };
        let long = |visit: usize| {
            let seconds = |shift: &u32| {
                i64::from(instance.fits[visit * instance.shifts.len() + *shift as usize].duration_s)
            };
            -shifts[visit].first().map_or(0, seconds)
        };
        Self {
            choosy: shifts.iter().map(|shifts| i64::try_from(shifts.len()).unwrap_or(i64::MAX)).collect(),
            far: instance.visits.iter().zip(&shifts).map(far).collect(),
            tight: instance.visits.iter().map(tight).collect(),
            long: (0..instance.visits.len()).map(long).collect(),
            shifts,
        }
    }

    fn sort(&self, absent: &mut [u32], rng: &mut Rng) {
        rng.shuffle(absent);
        match rng.u32(0..12) {
            0..4 => {}
            4..6 => absent.sort_by_key(|visit| self.choosy[*visit as usize]),
            6..8 => absent.sort_by_key(|visit| self.far[*visit as usize]),
            8 => absent.sort_by_key(|visit| -self.far[*visit as usize]),
            9..11 => absent.sort_by_key(|visit| self.tight[*visit as usize]),
            _ => absent.sort_by_key(|visit| self.long[*visit as usize]),
        }
    }

    /// Visits in the order in which the first schedule takes them: what costs most to leave out comes first.
    pub(crate) fn first(&self, instance: &Instance) -> Vec<u32> {
        let mut visits: Vec<u32> = (0..u32::try_from(instance.visits.len()).unwrap_or(u32::MAX)).collect();
        visits.sort_by_key(|visit| {
            let at = *visit as usize;
            (Reverse(instance.visits[at].absence_cost), self.tight[at], self.far[at])
        });
        visits
    }

    /// Puts the absent visits back, in some order.
    pub(crate) fn run(&self, state: &mut State<'_>, wild: bool, rng: &mut Rng) {
        let mut absent = std::mem::take(&mut state.absent);
        self.sort(&mut absent, rng);
        self.put(state, &mut absent, wild, rng);
        state.absent = absent;
    }

    /// Puts visits where they are cheapest; those that stay absent are left. What costs more than its absence stays
    /// absent; in a wild round only what costs several times as much, for what opens a shift or leads far away may be
    /// worth it together with others.
    pub(crate) fn put(&self, state: &mut State<'_>, visits: &mut Vec<u32>, wild: bool, rng: &mut Rng) {
        let most_percent = if wild { rng.i64(100..WILD_PERCENT_MAX) } else { 100 };
        let mut seen = vec![false; state.instance.shifts.len()];
        loop {
            let so_many = visits.len();
            for &visit in visits.iter() {
                self.put_one(state, (visit, wild, most_percent), &mut seen, rng);
            }
            visits.retain(|visit| state.route_of[*visit as usize].is_none());
            // What could not be planned before what comes first.
            let waits = |visit: &u32| state.ties.waits(*visit);
            if visits.len() == so_many || state.ties.are_none() || !visits.iter().any(waits) {
                return;
            }
        }
    }

    fn put_one(
        &self,
        state: &mut State<'_>,
        (visit, wild, most_percent): (u32, bool, i64),
        seen: &mut [bool],
        rng: &mut Rng,
    ) {
        if !state.ties.is_tied(visit) {
            self.put_alone(state, (visit, wild, most_percent), seen, rng);
            return;
        }
        let mut next = vec![visit];
        while let Some(visit) = next.pop() {
            if state.route_of[visit as usize].is_none()
                && self.put_alone(state, (visit, wild, most_percent), seen, rng)
            {
                // At once, while it is when it was put for them.
                next.extend(state.ties.waiting_for(visit));
            }
        }
    }

    fn put_alone(
        &self,
        state: &mut State<'_>,
        (visit, wild, most_percent): (u32, bool, i64),
        seen: &mut [bool],
        rng: &mut Rng,
    ) -> bool {
        if let Some(partner) = state.ties.partner(visit) {
            let worth = state.ties.worth(visit) + state.ties.worth(partner);
            return state.put_pair((visit, partner), worth * most_percent / 100, (&self.shifts, rng));
        }
        let worth = state.ties.worth(visit);
        if state.ties.is_tied(visit)
            && rng.bool()
            && state.ties.waiting_for(visit).any(|then| state.route_of[then as usize].is_none())
        {
            let shifts = &self.shifts[visit as usize];
            return state.put_at_some_moment(visit, worth * most_percent / 100, (shifts, rng));
        }
        match self.best(state, (visit, wild), seen, rng) {
            Some((shift, found)) if found.delta * 100 < worth * most_percent => {
                state.insert(visit, shift, found)
            }
            _ => false,
        }
    }

    /// Where a visit is cheapest, as far as it is not overlooked. `seen` says of which classes an empty shift was.
    fn best(
        &self,
        state: &mut State<'_>,
        (visit, wild): (u32, bool),
        seen: &mut [bool],
        rng: &mut Rng,
    ) -> Option<(u32, Insertion)> {
        seen.fill(false);
        let record = &state.instance.visits[visit as usize];
        let often = wild || record.windows.len() > 1;
        let blinks = if often { OFTEN_PER_MILLE } else { BLINKS_PER_MILLE };
        let mut best: Option<(u32, Insertion)> = None;
        for &shift in &self.shifts[visit as usize] {
            let class = state.instance.shifts[shift as usize].class as usize;
            let alike = state.ties.of_shift(shift).is_empty();
            let empty = alike && state.routes[shift as usize].stops.is_empty();
            if empty && std::mem::replace(&mut seen[class], true) {
                continue;
            }
            let blink = if rng.u32(0..1000) < blinks { Blink(rng.u64(..)) } else { Blink::NONE };
            if let Some(found) = state.insertion(visit, shift, blink)
                && best.is_none_or(|(_, best)| found.delta < best.delta)
            {
                best = Some((shift, found));
            }
        }
        best
    }
}
