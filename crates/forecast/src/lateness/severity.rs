//! How late the late ones are, and how early the others.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Outcome;
use crate::delivery::{Factors, Term};

/// What the parents of a level say counts as much as so many recent deliveries of its own.
const PARENT_WEIGHT: f64 = 20.0;

/// Minutes of lateness, and the weight of the deliveries that were late by so much.
type Histogram = BTreeMap<i64, f64>;

/// Two distributions of lateness, of the late and of those in time, so that their mixture agrees with the
/// probability of being late whatever that is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Severity {
    late: Pool,
    in_time: Pool,
}

/// Histograms from the general to the particular.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Pool {
    all: Histogram,
    terms: Vec<TermHistograms>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct TermHistograms {
    term: Term,
    by_level: BTreeMap<String, Histogram>,
}

/// A distribution of lateness: minutes in ascending order, and the probability of being late by at most that.
pub(super) struct Lateness(Vec<(i64, f64)>);

impl Severity {
    pub(super) fn learn(outcomes: &[Outcome], terms: &[Term]) -> Self {
        let (late, in_time): (Vec<&Outcome>, Vec<_>) = outcomes.iter().partition(|it| it.minutes > 0);
        Self { late: Pool::learn(&late, terms), in_time: Pool::learn(&in_time, terms) }
    }

    pub(super) fn knows_how_late(&self) -> bool {
        !self.late.all.is_empty()
    }

    /// The lateness of a delivery with these factors that is late with `late_probability`.
    pub(super) fn of(&self, factors: &Factors, late_probability: f64) -> Lateness {
        let mut masses: Vec<(i64, f64)> = self.in_time.masses(factors, 1.0 - late_probability);
        masses.extend(self.late.masses(factors, late_probability));
        masses.sort_by_key(|(minutes, _)| *minutes);
        let mut sum = 0.0;
        for (_, mass) in &mut masses {
            sum += *mass;
            *mass = sum;
        }
        Lateness(masses)
    }
}

impl Pool {
    fn learn(outcomes: &[&Outcome], terms: &[Term]) -> Self {
        let mut pool = Self { all: Histogram::new(), terms: Vec::new() };
        for outcome in outcomes {
            *pool.all.entry(outcome.minutes).or_default() += outcome.weight;
        }
        for term in terms {
            let mut by_level = BTreeMap::<String, Histogram>::new();
            for outcome in outcomes {
                if let Some(level) = term.level(outcome.factors) {
                    let histogram = by_level.entry(level).or_default();
                    *histogram.entry(outcome.minutes).or_default() += outcome.weight;
                }
            }
            pool.terms.push(TermHistograms { term: term.clone(), by_level });
        }
        pool
    }

    /// The pooled distribution, scaled to `total`: a level's own deliveries count by their weight, its parents'
    /// as [`PARENT_WEIGHT`].
    fn masses<'a>(&'a self, factors: &Factors, total: f64) -> Vec<(i64, f64)> {
        let own = |it: &'a TermHistograms| it.by_level.get(&it.term.level(factors)?);
        let mut left = total;
        let mut masses = Vec::new();
        let particular_first = self.terms.iter().rev().filter_map(own);
        for (histogram, is_last) in particular_first.map(|it| (it, false)).chain([(&self.all, true)]) {
            let weight: f64 = histogram.values().sum();
            let parents = if is_last { 0.0 } else { PARENT_WEIGHT };
            let scale = left / (weight + parents);
            masses.extend(histogram.iter().map(|(minutes, weight)| (*minutes, weight * scale)));
            left *= parents / (weight + parents);
        }
        masses
    }
}

impl Lateness {
    /// Minutes late at most with `probability`.
    pub(super) fn quantile(&self, probability: f64) -> i64 {
        let total = self.0.last().map_or(0.0, |(_, sum)| *sum);
        let reached = self.0.partition_point(|(_, sum)| *sum < probability * total);
        self.0.get(reached.min(self.0.len().saturating_sub(1))).map_or(0, |(minutes, _)| *minutes)
    }
}
