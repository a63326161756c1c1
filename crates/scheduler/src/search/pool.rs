//! Routes that were met with on the way, and the best that can be put together from them: what was found in different
//! schedules is joined. Which routes these are is a set partitioning problem (`partition`, with the feature `highs`).

use std::collections::BTreeMap;

use super::insertion::Insertion;
use super::route::{Narrowing, Route};
use super::state::State;
use crate::instance::{Allowed, Instance};

/// Most routes that are kept. When there are more, those from before are let go: they are from hotter times.
const ROUTES_MAX: usize = 20_000;

/// Routes by class of shifts and by visits, each the cheapest that was seen.
pub(super) struct Pool {
    /// A random number for each visit: those of a set, joined, stand for the set.
    marks: Vec<u64>,
    routes: BTreeMap<(u32, u64), Kept>,
}

/// A route that can be in any shift of its class.
pub(super) struct Kept {
    pub(super) class: u32,
    /// With their windows.
    pub(super) stops: Vec<(u32, u32)>,
    pub(super) cost: i64,
}

impl Pool {
    /// None where routes can't be joined freely: where visits or shifts have to do with each other, or stay.
    pub(super) fn of(state: &State<'_>, rng: &mut fastrand::Rng) -> Option<Self> {
        let instance = state.instance;
        let free = instance.visits.iter().all(|visit| !visit.pinned) && instance.trip_costs.is_empty();
        let marks = instance.visits.iter().map(|_| rng.u64(..)).collect();
        (cfg!(feature = "highs") && free && state.ties.are_none())
            .then_some(Self { marks, routes: BTreeMap::new() })
    }

    /// Keeps the routes of a state that its last changes left.
    pub(super) fn keep_changed(&mut self, state: &State<'_>) {
        state.changed().for_each(|route| self.keep(state.instance, route));
    }

    fn keep(&mut self, instance: &Instance, route: &Route) {
        if route.stops.is_empty() {
            return;
        }
        let class = instance.shifts[route.shift as usize].class;
        let set = route.stops.iter().fold(0, |set, stop| set ^ self.marks[stop.visit as usize]);
        if self.routes.len() >= ROUTES_MAX {
            self.routes.clear();
        }
        let kept = || Kept {
            class,
            stops: route.stops.iter().map(|stop| (stop.visit, stop.window)).collect(),
            cost: route.cost,
        };
        match self.routes.get_mut(&(class, set)) {
            Some(known) if known.cost <= route.cost => {}
            Some(known) => *known = kept(),
            None => {
                self.routes.insert((class, set), kept());
            }
        }
    }

    /// Makes of a state the best that can be put together from what was kept and `best`, which costs so much, if that
    /// is better. Whether it is.
    pub(super) fn join(mut self, state: &mut State<'_>, (best, cost): (&[Route], i64)) -> bool {
        best.iter().for_each(|route| self.keep(state.instance, route));
        let routes: Vec<Kept> = self.routes.into_values().collect();
        let Some(chosen) = cheapest(state.instance, &routes) else { return false };
        state.begin();
        let is_better = rebuild(state, &routes, &chosen) && state.cost < cost;
        if !is_better {
            state.undo();
        }
        is_better
    }
}

#[cfg(feature = "highs")]
use super::partition::cheapest;

/// Nothing is joined when HiGHS is not built in.
#[cfg(not(feature = "highs"))]
const fn cheapest(_: &Instance, _: &[Kept]) -> Option<Vec<usize>> {
    None
}

/// Puts chosen routes into shifts of their classes. Whether it could be done.
fn rebuild(state: &mut State<'_>, routes: &[Kept], chosen: &[usize]) -> bool {
    let shifts = 0..u32::try_from(state.routes.len()).unwrap_or(u32::MAX);
    if !shifts.clone().all(|shift| state.remove(shift, |_| true)) {
        return false;
    }
    for kept in chosen.iter().map(|at| &routes[*at]) {
        let is_free = |shift: &u32| {
            let class = state.instance.shifts[*shift as usize].class;
            class == kept.class && state.routes[*shift as usize].stops.is_empty()
        };
        let Some(shift) = shifts.clone().find(is_free) else { return false };
        for (at, &(visit, window)) in (0..).zip(&kept.stops) {
            let insertion = Insertion { delta: 0, at, window };
            if state.route_of[visit as usize].is_some()
                || state.instance.fit(visit, shift).allowed == Allowed::Never
                || !state.insert_within(visit, shift, insertion, &Narrowing::NONE)
            {
                return false;
            }
        }
    }
    let route_of = &state.route_of;
    state.absent.retain(|visit| route_of[*visit as usize].is_none());
    true
}

#[cfg(all(test, feature = "highs"))]
#[expect(clippy::unwrap_used, reason = "a test fails where something is missing")]
mod tests {
    use super::*;
    use crate::instance::{Fit, Shift, Visit, Window};

    const VISITS: usize = 6;

    /// Visits on a line, between the homes of two who go there.
    fn line() -> Instance {
        let place = |at: usize| i32::try_from(at).unwrap();
        let way = |from: usize, to: usize| (place(from) - place(to)).abs();
        let places = VISITS + 2;
        let way_s: Vec<i32> = (0..places).flat_map(|from| (0..places).map(move |to| way(from, to))).collect();
        let shift = |(class, home)| Shift {
            from: home,
            to: home,
            window_s: (0, 100),
            cost_per_s: 0,
            regular_s: (0, 100),
            overtime_cost_per_s: 0,
            fixed_cost: 0,
            aboard: vec![],
            class,
            trip: None,
        };
        let visit = |place| Visit {
            place,
            windows: vec![Window::within(0, 100)],
            absence_cost: 1_000,
            parts: vec![],
            pinned: false,
        };
        let last = u32::try_from(places - 1).unwrap();
        Instance {
            places,
            way_cost: way_s.iter().map(|way| i64::from(*way)).collect(),
            way_s,
            shifts: [(0, 0), (1, last)].map(shift).into(),
            visits: (1..last).map(visit).collect(),
            fits: vec![Fit { allowed: Allowed::Aboard, duration_s: 1, charge: 0 }; VISITS * 2],
            pickup: None,
            links: vec![],
            rests: vec![],
            trip_costs: vec![],
        }
    }

    /// Each shift's visits, in this order.
    fn plan(state: &mut State<'_>, tours: [&[u32]; 2]) {
        for (shift, visits) in (0..).zip(tours) {
            for (at, &visit) in (0..).zip(visits) {
                let insertion = Insertion { delta: 0, at, window: 0 };
                assert!(state.insert_within(visit, shift, insertion, &Narrowing::NONE));
                state.absent.retain(|absent| *absent != visit);
            }
        }
    }

    fn kept(pool: &mut Pool, tours: [&[u32]; 2]) -> Vec<Route> {
        let instance = line();
        let mut state = State::new(&instance);
        state.begin();
        plan(&mut state, tours);
        pool.keep_changed(&state);
        state.routes
    }

    #[test]
    fn good_routes_of_different_schedules_are_joined() {
        let instance = line();
        let mut state = State::new(&instance);
        let mut pool = Pool::of(&state, &mut fastrand::Rng::with_seed(1)).unwrap();
        kept(&mut pool, [&[0, 1, 2], &[4, 5, 3]]);
        let best = kept(&mut pool, [&[1, 0, 2], &[5, 4, 3]]);
        kept(&mut pool, [&[5], &[0]]);
        let cost = best.iter().map(|route| route.cost).sum();
        assert!(pool.join(&mut state, (&best, cost)));
        let tours: Vec<Vec<u32>> =
            state.routes.iter().map(|route| route.stops.iter().map(|stop| stop.visit).collect()).collect();
        assert_eq!(tours, [[0, 1, 2], [5, 4, 3]]);
        assert_eq!((state.cost, state.absent.len()), (12, 0));
    }

    #[test]
    fn what_can_t_be_put_together_better_stays_as_it_is() {
        let instance = line();
        let mut state = State::new(&instance);
        let mut pool = Pool::of(&state, &mut fastrand::Rng::with_seed(1)).unwrap();
        plan(&mut state, [&[0, 1, 2], &[5, 4, 3]]);
        kept(&mut pool, [&[5], &[0]]);
        let (best, cost) = (state.routes.clone(), state.cost);
        assert!(!pool.join(&mut state, (&best, cost)));
        assert_eq!((state.cost, state.routes[0].stops.len(), state.absent.len()), (cost, 3, 0));
    }
}
