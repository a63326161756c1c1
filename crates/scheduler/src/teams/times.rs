//! When the jobs of a team are done: where one more fits in, and everything as early as it can be.

use super::state::{Place, State, Team};

/// A place in the order of a team.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Slot {
    pub(super) at: usize,
    pub(super) begin_min: i32,
    /// How much later things of weight end.
    pub(super) delay: f64,
}

impl State<'_> {
    /// The best place in the order of a team for a job that begins at `window_min.0` at the earliest and ends by
    /// `window_min.1`, which lie within the day: that which delays least what has weight.
    pub(super) fn slot(
        &self,
        team: &Team,
        job: u32,
        (from_min, until_min): (i32, i32),
        weights: &[f64],
    ) -> Option<Slot> {
        let jobs = &self.compiled.jobs;
        let duration_min = jobs[job as usize].duration_min;
        let day_min = self.compiled.day_min;
        let closes_min = from_min - from_min % day_min + day_min;
        let weight = |job: u32| weights[jobs[job as usize].priority];
        let mut best: Option<Slot> = None;
        let mut free_min = from_min;
        for at in 0..=team.jobs.len() {
            if at > 0 {
                free_min = free_min.max(self.end_min(team.jobs[at - 1]));
            }
            let begin_min = free_min;
            if begin_min + duration_min > until_min {
                break;
            }
            // What begins before it can does not give way to it: it may be what it waits for.
            let next = team.jobs.get(at);
            if next.is_some_and(|next| self.start_min(*next) < from_min) {
                continue;
            }
            let mut delay = weight(job) * f64::from(begin_min + duration_min - from_min);
            let mut ends_min = begin_min + duration_min;
            let mut fits = true;
            for &other in &team.jobs[at..] {
                let start_min = self.start_min(other);
                if start_min >= ends_min {
                    break;
                }
                let later = f64::from(ends_min - start_min);
                delay += weight(other) * later;
                ends_min += jobs[other as usize].duration_min;
                if ends_min > closes_min || ends_min > self.latest_min(other) {
                    fits = false;
                    break;
                }
            }
            if fits && best.is_none_or(|best| delay < best.delay) {
                best = Some(Slot { at, begin_min, delay });
            }
        }
        best
    }

    fn start_min(&self, job: u32) -> i32 {
        match self.places[job as usize] {
            Place::Planned { begin_min, .. } => begin_min,
            Place::Open | Place::Outsourced => i32::MAX,
        }
    }

    /// Everything on the days that were changed in this round as early as it can be in the order of its team.
    pub(super) fn advance(&mut self) {
        let compiled = self.compiled;
        let mut order: Vec<(i32, u32, usize)> = Vec::new();
        let mut free_min: Vec<i32> = Vec::new();
        for index in 0..self.changed_days().len() {
            let day = self.changed_days()[index].0;
            let Some(of_day) = self.days.get(day as usize) else { continue };
            order.clear();
            for (team, of_team) in of_day.teams.iter().enumerate() {
                order.extend(of_team.jobs.iter().map(|job| (self.start_min(*job), *job, team)));
            }
            order.sort_unstable();
            free_min.clear();
            free_min.resize(of_day.teams.len(), i32::try_from(day).unwrap_or(i32::MAX) * compiled.day_min);
            for &(_, job, team) in &order {
                let earliest_min = free_min[team].max(self.earliest_min(job));
                if let Place::Planned { begin_min, .. } = &mut self.places[job as usize] {
                    *begin_min = earliest_min;
                }
                free_min[team] = earliest_min + compiled.jobs[job as usize].duration_min;
            }
        }
    }
}
