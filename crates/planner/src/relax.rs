//! Which changes, alone or in pairs, would let what is refused meet the need. Nothing is guessed: a change is
//! offered only after the same search was run with it, for the earliest way at least.

use std::collections::BTreeMap;
use std::mem::{Discriminant, discriminant};
use std::rc::Rc;

use jiff::civil::Date;

use crate::compile::{Minute, instant};
use crate::explain::suggestions;
use crate::kinds::{self, Found};
use crate::model::{Candidate, Change, Reason, Refusal, Relaxation};
use crate::problem::Problem;
use crate::scenario::Scenario;
use crate::sentence;
use crate::solve::Tried;

/// Relaxations offered per refusal.
const OFFERED_MAX: usize = 3;
/// Changes tried alone per candidate.
const ALONE_MAX: usize = 5;
/// Changes tried alone that are then tried with another one.
const FIRSTS_MAX: usize = 2;
/// Changes tried with each of those.
const SECONDS_MAX: usize = 2;
/// Once lanes were searched so often for the sake of relaxations, no further change is tried: a bound on the work
/// that one request can cause.
const SEARCHES_MAX: usize = 80;
/// Neither are more changes than this tried per request ...
const TRIALS_MAX: usize = 48;
/// ... and only for so many candidates of each kind, those that promise most.
const EACH_KIND_MAX: usize = 6;

/// Tries changes out for all candidates of a request. Scenarios are made once and shared.
pub(crate) struct Relaxing<'p, 'a> {
    problem: &'p Problem<'a>,
    base: &'p Scenario<'a>,
    scenarios: BTreeMap<Vec<Change>, Option<Rc<Scenario<'a>>>>,
    kinds: Vec<Discriminant<Candidate>>,
    searched_before: usize,
    trials: usize,
}

/// What a candidate comes to under changes.
struct Trial<'a> {
    changes: Vec<Change>,
    scenario: Scenario<'a>,
    found: Found<'a>,
}

impl Trial<'_> {
    fn arrival(&self) -> Minute {
        self.found.as_ref().ok().and_then(|drafts| drafts.first()).map_or(Minute::MAX, |draft| draft.arrival)
    }
}

impl<'p, 'a> Relaxing<'p, 'a> {
    pub(crate) fn new(problem: &'p Problem<'a>, base: &'p Scenario<'a>) -> Self {
        let searched_before = base.searched();
        Self { problem, base, scenarios: BTreeMap::new(), kinds: Vec::new(), searched_before, trials: 0 }
    }

    /// The smallest changes that let a candidate meet the need in time or, failing that, bring it forward; a pair
    /// only where no change alone is enough and neither of the two does as much.
    pub(crate) fn relaxations(&mut self, tried: &Tried<'a>) -> Vec<Relaxation> {
        let candidate = &tried.candidate;
        let kind = discriminant(candidate);
        if self.kinds.iter().filter(|known| **known == kind).count() == EACH_KIND_MAX {
            return Vec::new();
        }
        let now = tried.first().map_or(Minute::MAX, |draft| draft.arrival);
        let changes = suggestions(self.problem, &tried.scenario, candidate, &tried.found);
        if changes.is_empty() {
            return Vec::new();
        }
        self.kinds.push(kind);
        let mut alone: Vec<Trial<'a>> = changes
            .into_iter()
            .take(ALONE_MAX)
            .filter_map(|change| self.run(candidate, vec![change]))
            .collect();
        alone.sort_by_cached_key(|trial| {
            (trial.arrival(), trial.changes.iter().map(weight).collect::<Vec<_>>())
        });
        let enough = alone.first().is_some_and(|trial| self.in_time(trial.arrival()));
        let pairs = if enough { Vec::new() } else { self.pairs(candidate, &mut alone) };
        let better = alone.iter().filter(|trial| trial.arrival() < now);
        let mut offered: Vec<Relaxation> =
            better.chain(&pairs).filter_map(|trial| self.relaxation(trial)).collect();
        offered.sort_by_cached_key(usefulness);
        offered.truncate(OFFERED_MAX);
        offered
    }

    /// Pairs that meet the deadline, which neither of their changes does alone. The second change is one that the
    /// first makes worth while.
    fn pairs(&mut self, candidate: &Candidate, alone: &mut Vec<Trial<'a>>) -> Vec<Trial<'a>> {
        let mut pairs: Vec<Trial<'a>> = Vec::new();
        for first in 0..alone.len().min(FIRSTS_MAX) {
            let Trial { changes, scenario, found } = &alone[first];
            let seconds = suggestions(self.problem, scenario, candidate, found);
            let known = changes.clone();
            for second in seconds.into_iter().filter(|second| !known.contains(second)).take(SECONDS_MAX) {
                let mut both = known.clone();
                both.push(second.clone());
                both.sort();
                if pairs.iter().any(|pair| pair.changes == both) {
                    continue;
                }
                let Some(pair) = self.run(candidate, both) else { continue };
                if !self.in_time(pair.arrival()) {
                    continue;
                }
                let second = vec![second];
                if alone.iter().all(|trial| trial.changes != second) {
                    alone.extend(self.run(candidate, second.clone()));
                }
                // What could not be tried alone any more is not known to be needed.
                let needed = alone.iter().find(|trial| trial.changes == second);
                if needed.is_some_and(|trial| !self.in_time(trial.arrival())) {
                    pairs.push(pair);
                }
            }
        }
        pairs
    }

    /// What comes of a candidate under changes; none once enough was tried.
    fn run(&mut self, candidate: &Candidate, changes: Vec<Change>) -> Option<Trial<'a>> {
        let searched = self.base.searched() - self.searched_before;
        if self.trials == TRIALS_MAX || searched >= SEARCHES_MAX {
            return None;
        }
        self.trials += 1;
        let scenario = self.scenario(&changes)?.alike().soonest();
        let found = kinds::evaluate(self.problem, &scenario, candidate);
        Some(Trial { changes, scenario, found })
    }

    fn scenario(&mut self, changes: &[Change]) -> Option<Rc<Scenario<'a>>> {
        if let Some(known) = self.scenarios.get(changes) {
            return known.clone();
        }
        let made = match changes.split_last() {
            Some((last, [])) => self.base.with(self.problem, last),
            Some((last, first)) => self.scenario(first).and_then(|first| first.with(self.problem, last)),
            None => None,
        };
        let made = made.map(Rc::new);
        self.scenarios.insert(changes.to_vec(), made.clone());
        made
    }

    fn in_time(&self, arrival: Minute) -> bool {
        arrival < Minute::MAX && self.problem.late_by(arrival).is_none()
    }

    fn relaxation(&self, trial: &Trial<'a>) -> Option<Relaxation> {
        let first = trial.found.as_ref().ok()?.first()?;
        Some(Relaxation {
            changes: trial.changes.clone(),
            sentence: sentence::changes(&trial.changes),
            arrival_with_it: instant(first.arrival),
            cost_minor_with_it: first.spent().cost_minor,
            meets_deadline: self.in_time(first.arrival),
        })
    }
}

/// How much it promises to try changes out for a refusal: what sorts first promises most. Where one thing is in
/// the way, little has to be tried; then what is nearly in time comes first.
pub(crate) fn promise(refusal: &Refusal) -> impl Ord + use<> {
    match refusal.reason {
        Reason::NotFree { .. } => (2, None),
        _ => (u8::from(refusal.earliest_possible.is_some()), refusal.earliest_possible),
    }
}

/// How much a change asks of others: what sorts first is smaller.
fn weight(change: &Change) -> (u8, i64, Option<Date>) {
    match change {
        Change::EndUseDeclared { .. } => (0, 0, None),
        Change::LaterCutOff { by_minutes, .. } => (0, *by_minutes, None),
        Change::ApproveSubstitute { .. } => (1, 0, None),
        Change::SiteOpens { date, .. } => (2, 0, Some(*date)),
        Change::Overtime { .. } => (3, 0, None),
        Change::CustomsPrecleared { .. } => (4, 0, None),
        Change::LicenceInHand { .. } => (5, 0, None),
        Change::ReleaseHold { .. } => (6, 0, None),
    }
}

/// How useful and how small a relaxation is: what sorts first is better. In time, what asks for less; otherwise
/// what arrives earlier.
pub(crate) fn usefulness(relaxation: &Relaxation) -> impl Ord + use<> {
    let late = (!relaxation.meets_deadline).then_some(relaxation.arrival_with_it);
    let mut weights: Vec<_> = relaxation.changes.iter().map(weight).collect();
    weights.sort_unstable();
    (late, weights.len(), weights, relaxation.arrival_with_it)
}
