//! How hot a search is in the course of its time.
//!
//! One with little time cools once. One with much would be frozen for most of it: it cools down to where good schedules
//! still change into each other, whose routes are kept and joined (`pool`), and cools again from there. Measured on the
//! hardest of the published instances, 10 s: 1.6 % above the best known with one cooling, 0.9 % with two, 0.7 % with two
//! and joining.

use crate::cooling::Cooling;

/// Where a search begins, and ends, in costs of a way between near visits: what costs so much more is gone on with in
/// one case of e.
const ONCE: Cooling = Cooling { hot: 3.0, cold: 0.01 };
/// The same where there is much time, at first and again.
const FIRST: Cooling = Cooling { hot: 10.0, cold: 0.3 };
const AGAIN: Cooling = Cooling { hot: 1.0, cold: 0.1 };
/// How much of the time the first cooling takes.
const FIRST_PART: f64 = 0.45;
/// Below this schedules are good enough for their routes to be kept.
const KEEP_BELOW: f64 = 1.5;
/// So many rounds for each visit are much time.
const MUCH: f64 = 5_000.0;
/// When so much of the time has gone into rounds it is known how many there will be.
const KNOWN_AFTER: f64 = 0.01;

/// The course of one search.
#[derive(Debug)]
pub(super) struct Course {
    scale: f64,
    visits: usize,
    /// What was over before the first round.
    began: Option<f64>,
    has_much_time: Option<bool>,
    /// What was over when the first cooling had ended and all was joined.
    joined: Option<f64>,
}

/// What is to be done until it is asked again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Phase {
    /// Searching at a temperature; whether routes are kept.
    Search {
        /// What costs so much more is gone on with in one case of e.
        temperature: f64,
        /// Whether routes are kept.
        keep: bool,
    },
    /// Joining what was kept.
    Join,
}

impl Course {
    /// `scale`: what a way between near visits costs.
    pub(super) const fn new(scale: f64, visits: usize) -> Self {
        Self { scale, visits, began: None, has_much_time: None, joined: None }
    }

    /// What is to be done after so many rounds, when so much of the time is over.
    pub(super) fn phase(&mut self, rounds: u64, spent: f64) -> Phase {
        let began = *self.began.get_or_insert(spent);
        if self.has_much_time.is_none() && spent - began > KNOWN_AFTER {
            #[expect(clippy::cast_precision_loss, reason = "counts")]
            let rounds_each = rounds as f64 / (spent - began) / self.visits.max(1) as f64;
            self.has_much_time = Some(rounds_each > MUCH);
        }
        let search =
            |temperature: f64, keep: bool| Phase::Search { temperature: temperature * self.scale, keep };
        if self.has_much_time != Some(true) {
            return search(ONCE.at(spent), false);
        }
        match self.joined {
            None if spent < FIRST_PART => {
                let temperature = FIRST.at(spent / FIRST_PART);
                search(temperature, temperature < KEEP_BELOW)
            }
            None => {
                self.joined = Some(spent);
                Phase::Join
            }
            Some(joined) => search(AGAIN.at((spent - joined) / (1.0 - joined).max(f64::EPSILON)), false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is done in a hundred looks at a search that is begun when so much is over, with so many rounds between two.
    fn phases(began: f64, rounds: u64) -> Vec<Phase> {
        let mut course = Course::new(1.0, 10);
        let phase = |look: u32| {
            course.phase(u64::from(look) * rounds, f64::from(look).mul_add((1.0 - began) / 100.0, began))
        };
        (0..100).map(phase).collect()
    }

    fn joins(phases: &[Phase]) -> usize {
        phases.iter().filter(|phase| **phase == Phase::Join).count()
    }

    #[test]
    fn with_little_time_it_only_gets_colder() {
        let phases = phases(0.0, 499);
        assert_eq!(joins(&phases), 0);
        let temperature = |phase: &Phase| match phase {
            Phase::Search { temperature, keep: false } => *temperature,
            _ => panic!("{phase:?}"),
        };
        assert!(phases.is_sorted_by(|one, next| temperature(one) > temperature(next)));
    }

    #[test]
    fn with_much_time_it_joins_once_what_it_kept_when_it_was_no_longer_hot_and_warms_up_again() {
        for began in [0.0, 0.05] {
            let phases = phases(began, 501);
            assert_eq!(joins(&phases), 1, "{began}");
            let join = phases.iter().position(|phase| *phase == Phase::Join).unwrap();
            let (first, again) = (&phases[..join], &phases[join + 1..]);
            let is_kept = |phase: &Phase| matches!(phase, Phase::Search { keep: true, .. });
            assert!(!is_kept(&first[0]) && is_kept(&first[join - 1]) && !again.iter().any(is_kept));
            let (Phase::Search { temperature: cold, .. }, Phase::Search { temperature: warm, .. }) =
                (first[join - 1], again[0])
            else {
                panic!("{phases:?}");
            };
            assert!(warm > cold, "{warm} {cold}");
        }
    }
}
