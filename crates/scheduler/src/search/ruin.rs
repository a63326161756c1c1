//! Taking visits out again: strings of neighbouring stops from routes near each other, after the slack induction by
//! string removals of Christiaens and Vanden Berghe (2020).

use std::cell::OnceCell;

use fastrand::Rng;

use super::state::State;
use crate::instance::Instance;

/// How much is taken out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ruin {
    /// Visits taken out on average.
    pub(crate) visits: f64,
    /// Most stops taken out of one route.
    pub(crate) string_max: f64,
    /// How often stops stay within a string.
    pub(crate) split: f64,
    /// How often one more of them stays.
    pub(crate) deepen: f64,
}

impl Ruin {
    pub(crate) const USUAL: Self = Self { visits: 10.0, string_max: 10.0, split: 0.5, deepen: 0.5 };
}

/// Visits by how near they are to each other, the nearest first; worked out when it is asked for.
pub(crate) struct Neighbours(Vec<OnceCell<Vec<u32>>>);

/// Most neighbours of a visit that are looked at.
const NEIGHBOURS_MAX: usize = 400;

impl Neighbours {
    pub(crate) fn of(instance: &Instance) -> Self {
        Self(vec![OnceCell::new(); instance.visits.len()])
    }

    /// Those of a visit, itself the first of them.
    fn around(&self, instance: &Instance, visit: usize) -> &[u32] {
        let visits = &instance.visits;
        self.0[visit].get_or_init(|| {
            let key = |other: u32| {
                let (a, b) = (visits[visit].place, visits[other as usize].place);
                let both_ways = i64::from(instance.way(a, b).seconds) + i64::from(instance.way(b, a).seconds);
                (other as usize != visit, both_ways, other)
            };
            let count = u32::try_from(visits.len()).unwrap_or(u32::MAX);
            let mut others: Vec<_> = (0..count).map(key).collect();
            if others.len() > NEIGHBOURS_MAX {
                others.select_nth_unstable(NEIGHBOURS_MAX);
                others.truncate(NEIGHBOURS_MAX);
            }
            others.sort_unstable();
            others.into_iter().map(|(_, _, other)| other).collect()
        })
    }
}

impl Ruin {
    /// Takes out some visits near each other, in a wild round whole routes too. Whether what is left can be done.
    pub(crate) fn run(
        &self,
        state: &mut State<'_>,
        neighbours: &Neighbours,
        wild: bool,
        rng: &mut Rng,
    ) -> bool {
        let planned = state.instance.visits.len() - state.absent.len();
        if planned == 0 {
            return true;
        }
        let used = state.routes.iter().filter(|route| !route.stops.is_empty()).count();
        #[expect(clippy::cast_precision_loss, reason = "counts of stops")]
        let mean = planned as f64 / used.max(1) as f64;
        // Usually no more than an average route, so that something stays.
        let string_max = if wild { self.string_max } else { self.string_max.min(mean).max(1.0) };
        let strings_max = 4.0 * self.visits / (1.0 + string_max) - 1.0;
        let strings = whole(rng.f64().mul_add(strings_max, 1.0));
        let seed = rng.usize(0..state.instance.visits.len());
        let mut ruined = Vec::with_capacity(strings);
        for &visit in neighbours.around(state.instance, seed) {
            if ruined.len() == strings {
                break;
            }
            let Some(route) = state.route_of[visit as usize] else { continue };
            if ruined.contains(&route) {
                continue;
            }
            ruined.push(route);
            if !self.string(state, (route, visit), string_max, rng) {
                return false;
            }
        }
        true
    }

    /// Takes a string with a visit in it out of its route; of a split string some in the middle stay.
    fn string(&self, state: &mut State<'_>, (route, visit): (u32, u32), most: f64, rng: &mut Rng) -> bool {
        let stops = &state.routes[route as usize].stops;
        let count = stops.len();
        let Some(at) = stops.iter().position(|stop| stop.visit == visit) else { return true };
        #[expect(clippy::cast_precision_loss, reason = "counts of stops")]
        let length = whole(rng.f64().mul_add(most.min(count as f64), 1.0)).clamp(1, count);
        let mut stay = 0;
        if length > 1 && length < count && rng.f64() < self.split {
            stay = 1;
            while length + stay < count && rng.f64() < self.deepen {
                stay += 1;
            }
        }
        let span = length + stay;
        let begin = rng.usize(at.saturating_sub(span - 1)..=at.min(count - span));
        let stay_from = if stay == 0 { 0 } else { begin + 1 + rng.usize(0..length - 1) };
        let stays = stay_from..stay_from + stay;
        state.remove(route, |at| (begin..begin + span).contains(&at) && !stays.contains(&at))
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small and not negative")]
fn whole(number: f64) -> usize {
    number.max(0.0) as usize
}
