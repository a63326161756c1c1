//! Mixed models: every level of every term has an effect of its own, drawn towards nought as far as the history
//! bears out.
//!
//! The linear predictor of a row is a sum of effects, each multiplied by a covariate. The effects of one block
//! are taken as draws from a normal distribution with mean nought, whose spread is learned from the data
//! (empirical Bayes): where the levels do not differ the spread goes to nought and so do the effects, where they
//! do a level with much history keeps what it showed and one with little is drawn to what its parents say.
//!
//! Fitted by backfitting: in turn for each block a Newton step for all of its levels at once, cheap because a row
//! has at most one level of a block and so the levels do not interact, then the block's spread by expectation
//! maximisation with the posterior variance taken level by level. (Gelman and Hill, *Data Analysis Using Regression and
//! Multilevel/Hierarchical Models*, 2007, chapters 12 to 18; Breslow and Clayton, *Approximate Inference in
//! Generalized Linear Mixed Models*, 1993.)

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::delivery::{Factors, Term};

/// Bounds of a learned spread: below the lower one the levels are alike, beyond the upper one a few deliveries
/// that all went the same way would pass for certainty.
const SPREAD_MIN: f64 = 0.01;
const SPREAD_MAX: f64 = 2.0;
/// Spread from which learning starts, and the sweeps before it does.
const SPREAD_FIRST: f64 = 0.5;
const SWEEPS_BEFORE_SPREAD: usize = 3;
/// Spread of the base: next to none is taken away from it, and yet it is finite when all rows went one way.
const BASE_SPREAD: f64 = 5.0;
/// Fitting ends when no effect and no spread moves by more than this, or after so many sweeps.
const TOLERANCE: f64 = 1e-5;
const SWEEPS_MAX: usize = 200;
/// Longest step. Within a distance of 1 of the best effect a Newton step of logistic regression contracts.
const STEP_MAX: f64 = 1.0;

/// How well linear predictors explain what was seen.
pub(crate) trait Likelihood {
    /// Learns its own parameters anew, once a sweep.
    fn adapt(&mut self, _linear: &[f64]) {}

    /// First and negative second derivative of the row's log likelihood at the linear predictor.
    fn slope_and_curvature(&self, row: usize, linear: f64) -> (f64, f64);
}

/// The effects of one term's levels while they are learned.
pub(crate) struct Block {
    level_of_row: Vec<Option<usize>>,
    /// What the effect is multiplied by, by row; 1 when absent.
    covariate: Option<Vec<f64>>,
    effects: Vec<f64>,
    spread: f64,
}

impl Block {
    /// A block with a level for each distinct key, and the covariate of each row if it is not 1.
    pub(crate) fn new<K: Ord>(
        key_of_row: impl IntoIterator<Item = Option<K>>,
        covariate: Option<Vec<f64>>,
    ) -> Self {
        let mut levels = BTreeMap::new();
        let mut level = |key| {
            let next = levels.len();
            *levels.entry(key).or_insert(next)
        };
        let level_of_row = key_of_row.into_iter().map(|key| key.map(&mut level)).collect();
        Self { level_of_row, covariate, effects: vec![0.0; levels.len()], spread: SPREAD_FIRST }
    }

    /// Moves all effects by one Newton step, and `linear` with them, then the spread if it is to be learned. Returns
    /// the longest way that anything moved.
    fn step(&mut self, likelihood: &impl Likelihood, linear: &mut [f64], learns_spread: bool) -> f64 {
        let precision = self.spread.powi(-2);
        let mut slope: Vec<f64> = self.effects.iter().map(|effect| -precision * effect).collect();
        let mut curvature = vec![precision; self.effects.len()];
        for (row, level) in self.level_of_row.iter().enumerate() {
            let Some(level) = *level else { continue };
            let covariate = self.covariate(row);
            let (first, second) = likelihood.slope_and_curvature(row, linear[row]);
            slope[level] += first * covariate;
            curvature[level] += second * covariate * covariate;
        }
        let steps: Vec<f64> =
            slope.iter().zip(&curvature).map(|(slope, of)| (slope / of).clamp(-STEP_MAX, STEP_MAX)).collect();
        for (effect, step) in self.effects.iter_mut().zip(&steps) {
            *effect += step;
        }
        for (row, level) in self.level_of_row.iter().enumerate() {
            if let Some(level) = *level {
                linear[row] += steps[level] * self.covariate(row);
            }
        }
        let moved = if learns_spread { self.learn_spread(&curvature) } else { 0.0 };
        steps.iter().fold(moved, |longest, step| step.abs().max(longest))
    }

    /// Returns by how much it moved.
    fn learn_spread(&mut self, curvature: &[f64]) -> f64 {
        if self.effects.is_empty() {
            return 0.0;
        }
        let before = self.spread;
        let squares = self.effects.iter().zip(curvature).map(|(effect, of)| effect * effect + 1.0 / of);
        let variance = squares.sum::<f64>() / self.effects.len() as f64;
        self.spread = variance.sqrt().clamp(SPREAD_MIN, SPREAD_MAX);
        (self.spread - before).abs()
    }

    fn covariate(&self, row: usize) -> f64 {
        self.covariate.as_ref().map_or(1.0, |it| it[row])
    }

    /// Effect on the row, before it is multiplied; nought without a level.
    pub(crate) fn effect(&self, row: usize) -> f64 {
        self.level_of_row[row].map_or(0.0, |level| self.effects[level])
    }

    /// Standard deviation of the effects, as learned.
    pub(crate) fn spread(&self) -> f64 {
        self.spread
    }
}

/// Fits the effects of `blocks` to `rows` rows. Returns the base, which is part of every row's linear predictor.
pub(crate) fn fit(likelihood: &mut impl Likelihood, rows: usize, blocks: &mut [&mut Block]) -> f64 {
    let mut base = Block::new(vec![Some(()); rows], None);
    base.spread = BASE_SPREAD;
    let mut linear = vec![0.0; rows];
    for sweep in 0..SWEEPS_MAX {
        likelihood.adapt(&linear);
        let learns_spread = sweep >= SWEEPS_BEFORE_SPREAD;
        let mut longest = base.step(likelihood, &mut linear, false);
        for block in blocks.iter_mut() {
            longest = block.step(likelihood, &mut linear, learns_spread).max(longest);
        }
        if learns_spread && longest < TOLERANCE {
            break;
        }
    }
    base.effects.first().copied().unwrap_or_default()
}

/// Learned effects of a term's levels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Effects {
    term: Term,
    /// Standard deviation of the effects, as learned.
    spread: f64,
    by_level: BTreeMap<String, f64>,
}

impl Effects {
    /// What the block has learned of `term`, whose rows have these factors.
    pub(crate) fn new<'a>(term: &Term, block: &Block, rows: impl IntoIterator<Item = &'a Factors>) -> Self {
        let level = |(row, factors)| Some((term.level(factors)?, block.effect(row)));
        let by_level = rows.into_iter().enumerate().filter_map(level).collect();
        Self { term: term.clone(), spread: block.spread(), by_level }
    }

    /// Effect on what has these factors; nought at a level without history.
    pub(crate) fn on(&self, factors: &Factors) -> f64 {
        let level = self.term.level(factors);
        level.and_then(|level| self.by_level.get(&level).copied()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Normal errors of variance 1.
    struct Normal(Vec<f64>);

    impl Likelihood for Normal {
        fn slope_and_curvature(&self, row: usize, linear: f64) -> (f64, f64) {
            (self.0[row] - linear, 1.0)
        }
    }

    /// Fits ten rows of each of ten levels around the level's mean.
    fn fitted(mean: impl Fn(usize) -> f64) -> (f64, Block) {
        let seen = (0..100).map(|row| mean(row % 10) + if row / 10 % 2 == 0 { 1.0 } else { -1.0 }).collect();
        let mut block = Block::new((0..100).map(|row| Some(row % 10)), None);
        let base = fit(&mut Normal(seen), 100, &mut [&mut block]);
        (base, block)
    }

    #[test]
    fn levels_that_do_not_differ_have_no_effect() {
        let (base, block) = fitted(|_| 3.0);
        assert!((base - 3.0).abs() < 0.01 && block.spread() < 0.1, "{base} {}", block.spread());
        assert!((0..10).all(|row| block.effect(row).abs() < 0.01));
    }

    #[test]
    fn an_effect_is_drawn_to_nought_by_what_the_errors_weigh_against_the_spread() {
        let (base, block) = fitted(|level| if level < 5 { 1.0 } else { -1.0 });
        let spread2 = block.spread().powi(2);
        let expected = (1.0 - base) * spread2 / (spread2 + 0.1);
        assert!((block.effect(0) - expected).abs() < 1e-3, "{} {expected}", block.effect(0));
        assert!((0.9..1.1).contains(&block.spread()), "{}", block.spread());
    }
}
