//! What a state costs, and how near it is to costing less.

use super::compile::Compiled;
use super::state::{Place, State};

/// How much it matters when the work of a priority ends on average, beside when the last of it does.
const MEAN: f64 = 0.1;
/// How much it matters what is left of it on its last day, beside the same.
const TAIL: f64 = 0.05;

/// What it costs, and that together with what leads to less: most changes leave the ends of all priorities as they are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Score {
    pub(super) cost: i64,
    pub(super) smooth: f64,
}

impl Score {
    pub(super) const WORST: Self = Self { cost: i64::MAX, smooth: f64::INFINITY };
}

/// All that is counted together: a priority, or everything.
#[derive(Debug, Clone, Copy, Default)]
struct Group {
    /// What a minute costs.
    cost: i64,
    /// How much there is, in technicians' minutes.
    volume: f64,
}

pub(super) struct Scorer {
    /// Priority by priority, and all of them last.
    groups: Vec<Group>,
}

/// How far a group is.
#[derive(Debug, Clone, Copy, Default)]
struct Reached {
    end_min: i32,
    /// Volumes by when they end.
    weighed: f64,
    /// The volume on the last day.
    tail: f64,
}

impl Scorer {
    pub(super) fn of(compiled: &Compiled) -> Self {
        let costs = compiled.priority_costs.iter().chain([&compiled.whole_cost]);
        let mut groups: Vec<Group> = costs.map(|cost| Group { cost: *cost, volume: 0.0 }).collect();
        let all = groups.len() - 1;
        for job in &compiled.jobs {
            for group in [job.priority, all] {
                groups[group].volume += job.volume;
            }
        }
        Self { groups }
    }

    pub(super) fn score(&self, state: &State<'_>) -> Score {
        let compiled = state.compiled;
        let all = self.groups.len() - 1;
        let mut reached = vec![Reached::default(); self.groups.len()];
        for (job, place) in compiled.jobs.iter().zip(&state.places) {
            let Place::Planned { begin_min, .. } = place else { continue };
            let end_min = begin_min + job.duration_min;
            for group in [job.priority, all] {
                let reached = &mut reached[group];
                reached.end_min = reached.end_min.max(end_min);
                reached.weighed += job.volume * f64::from(end_min);
            }
        }
        let day_min = compiled.day_min;
        for (job, place) in compiled.jobs.iter().zip(&state.places) {
            let Place::Planned { begin_min, .. } = place else { continue };
            for group in [job.priority, all] {
                let reached = &mut reached[group];
                if begin_min / day_min == (reached.end_min - 1) / day_min {
                    reached.tail += job.volume;
                }
            }
        }
        let people = f64::from(u32::try_from(compiled.technicians.len()).unwrap_or(u32::MAX));
        let (mut cost, mut near) = (0, 0.0);
        for (group, reached) in self.groups.iter().zip(reached) {
            cost += group.cost * i64::from(reached.end_min);
            if group.volume > 0.0 {
                let mean_min = reached.weighed / group.volume;
                let tail_min = reached.tail / people;
                #[expect(clippy::cast_precision_loss, reason = "a weight")]
                let weight = group.cost as f64;
                near += weight * (MEAN * mean_min + TAIL * tail_min);
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "a weight")]
        let exact = cost as f64;
        Score { cost, smooth: exact + near }
    }
}
