//! Ruin and recreate under simulated annealing.

use fastrand::Rng;

use super::course::{Course, Phase};
use super::pool::Pool;
use super::recreate::Orders;
use super::route::Route;
use super::ruin::{Neighbours, Ruin};
use super::state::State;
use super::tell::tell;
use crate::Progress;
use crate::cooling::accepts;
use crate::instance::{Instance, Start, Visit};
use crate::schedule::Schedule;

/// Visits of the first schedule between two looks at what was spent.
const VISITS_APART: usize = 64;
/// Rounds between two looks at what was spent.
const ROUNDS_APART: u64 = 32;

/// The best schedule found until `spent` says that everything is spent that may be: 1, when nothing was yet 0.
pub(crate) fn anneal(
    instance: &Instance,
    start: &[Start],
    seed: u64,
    spent: &mut dyn FnMut(&Progress) -> f64,
) -> Schedule {
    let mut rng = Rng::with_seed(seed);
    let orders = Orders::of(instance);
    let mut state = State::new(instance);
    state.begin_as(start);
    let mut best = Best { routes: state.routes.clone(), absent: state.absent.clone(), cost: state.cost };
    let finished = first(&mut state, &orders, &mut rng, spent);
    if state.cost < best.cost {
        best.take_from(&state);
    }
    let mut rounds = 0;
    if finished {
        let neighbours = Neighbours::of(instance);
        let mut course = Course::new(scale(instance), instance.visits.len());
        let mut pool = Pool::of(&state, &mut rng);
        let (mut temperature, mut keep) = (0.0, false);
        loop {
            if rounds % ROUNDS_APART == 0 {
                let spent = spent(&Progress { rounds, cost: best.cost, absent: best.absent.len() });
                if spent >= 1.0 {
                    break;
                }
                match course.phase(rounds, spent) {
                    Phase::Search { temperature: now, keep: keeps } => (temperature, keep) = (now, keeps),
                    Phase::Join => {
                        if let Some(pool) = pool.take()
                            && pool.join(&mut state, (&best.routes, best.cost))
                        {
                            best.take_from(&state);
                        }
                        continue;
                    }
                }
            }
            rounds += 1;
            let before = state.cost;
            state.begin();
            let wild = rng.u32(0..WILD_EVERY) == 0;
            let possible = Ruin::USUAL.run(&mut state, &neighbours, wild, &mut rng);
            if possible {
                orders.run(&mut state, wild, &mut rng);
            }
            #[expect(clippy::cast_precision_loss, reason = "a chance")]
            let more = (state.cost - before) as f64;
            if !possible || !accepts(more, temperature, &mut rng) {
                state.undo();
                continue;
            }
            if keep && let Some(pool) = &mut pool {
                pool.keep_changed(&state);
            }
            if state.cost < best.cost {
                best.take_from(&state);
            }
        }
    }
    tell(instance, &best.routes, best.absent, rounds)
}

/// A first schedule: every visit where it is cheapest, in one go. Whether there was time for all of them.
fn first(
    state: &mut State<'_>,
    orders: &Orders,
    rng: &mut Rng,
    spent: &mut dyn FnMut(&Progress) -> f64,
) -> bool {
    let mut waiting = orders.first(state.instance);
    waiting.retain(|visit| state.route_of[*visit as usize].is_none());
    state.absent.clear();
    while !waiting.is_empty() {
        let mut some: Vec<u32> = waiting.drain(..waiting.len().min(VISITS_APART)).collect();
        orders.put(state, &mut some, false, rng);
        state.absent.append(&mut some);
        // With its partner, or after what comes first.
        let (route_of, ties) = (&state.route_of, &state.ties);
        if !ties.are_none() {
            state.absent.retain(|visit| route_of[*visit as usize].is_none());
            waiting.retain(|visit| route_of[*visit as usize].is_none());
        }
        let absent = state.absent.len() + waiting.len();
        if spent(&Progress { rounds: 0, cost: state.cost, absent }) >= 1.0 {
            state.absent.append(&mut waiting);
            return false;
        }
    }
    true
}

/// The best that was found.
struct Best {
    routes: Vec<Route>,
    absent: Vec<u32>,
    cost: i64,
}

impl Best {
    fn take_from(&mut self, state: &State<'_>) {
        for (best, found) in self.routes.iter_mut().zip(&state.routes) {
            if best.version != found.version {
                best.take_from(found);
            }
        }
        self.absent.clone_from(&state.absent);
        self.cost = state.cost;
    }
}

/// One round of so many is wild: it may take a way that leads uphill for several steps.
const WILD_EVERY: u32 = 8;

/// Most visits that are looked at for a scale of costs.
const SAMPLE: usize = 1_000;

/// What a way between near visits costs, about.
fn scale(instance: &Instance) -> f64 {
    let rate = instance.shifts.iter().map(|shift| shift.cost_per_s).max().unwrap_or(0);
    let visits = &instance.visits;
    let near = |visit: &Visit| {
        let cost = |other: &Visit| {
            let way = instance.way(visit.place, other.place);
            way.cost + rate * i64::from(way.seconds)
        };
        let mut costs: Vec<i64> = visits.iter().take(SAMPLE).map(cost).collect();
        let tenth = costs.len() / 10;
        *costs.select_nth_unstable(tenth).1
    };
    let sum: i64 = visits.iter().take(SAMPLE).map(near).sum();
    #[expect(clippy::cast_precision_loss, reason = "a scale")]
    let mean = sum as f64 / visits.len().clamp(1, SAMPLE) as f64;
    mean.max(1.0)
}
