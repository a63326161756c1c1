//! What the freight of a delivery will cost.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::delivery::{Delivery, Factors, ForecastError, Term};
use crate::mixed::{self, Block, Effects, Likelihood};
use crate::recency;

/// Degrees of freedom of the errors' distribution: freight bills go wrong by factors, not by percents.
const DEGREES_OF_FREEDOM: f64 = 3.0;
/// Least variance of the errors, of logarithms: bills are not exact to a tenth of a percent.
const VARIANCE_MIN: f64 = 1e-6;

/// What freight is learned from, and how fast it is forgotten.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FreightSettings {
    /// What may make freight dearer or cheaper at any weight.
    pub levels: Vec<Term>,
    /// What may make it rise faster or slower with weight.
    pub slopes: Vec<Term>,
    /// What may bend the rise: price per kilogram that falls or rises with weight.
    pub curves: Vec<Term>,
    /// Days after which a delivery counts half; above 0.
    pub half_life_days: f64,
}

impl Default for FreightSettings {
    /// For lanes, with the factors of [`Factors::of_lane`]; three years.
    fn default() -> Self {
        let origin = || Term::of(["origin"]);
        let destination = || Term::of(["destination"]);
        let mode = || Term::of(["mode"]);
        Self {
            levels: vec![mode(), origin(), destination(), Term::of(["lane"])],
            slopes: vec![Term::of([]), mode(), origin(), destination()],
            curves: vec![mode()],
            half_life_days: 1096.0,
        }
    }
}

/// What a history says about the freight of coming deliveries: a power law of weight, whose factor, exponent and
/// curvature differ between levels as far as the history bears out. Fitted to logarithms under Student's t with
/// three degrees of freedom, so that bills that went astray pull little (Lange, Little and Taylor, *Robust
/// Statistical Modeling Using the t Distribution*, 1989).
///
/// Serialises to one object: `settings`, `as_of`, `deliveries` (how many were learned from), `base_log_minor`,
/// `weights`, and `levels`, `slopes` and `curves`, for each term its `spread` and the effect `by_level`. Values of a
/// term of several factors are joined with ` | `.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FreightModel {
    settings: FreightSettings,
    as_of: Timestamp,
    deliveries: usize,
    base_log_minor: f64,
    weights: Weights,
    levels: Vec<Effects>,
    slopes: Vec<Effects>,
    curves: Vec<Effects>,
}

/// Weights in the history, and their logarithms' mean and standard deviation, by which they are standardised.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Weights {
    lightest_g: f64,
    heaviest_g: f64,
    mean_log: f64,
    deviation_log: f64,
}

/// A freight bill of the past.
struct Bill<'a> {
    factors: &'a Factors,
    weight_g: f64,
    log_minor: f64,
    recency: f64,
}

impl FreightModel {
    /// Learns from deliveries that were due and had arrived before `as_of`, and whose weight and freight are known and
    /// above 0. Deliveries that share one bill are one delivery with the weight of all. The order of `history` does
    /// not matter.
    ///
    /// # Errors
    /// No such delivery had arrived before `as_of`, or a setting is out of range.
    pub fn learn(
        history: &[Delivery],
        as_of: Timestamp,
        settings: &FreightSettings,
    ) -> Result<Self, ForecastError> {
        recency::check_days("half_life_days", settings.half_life_days)?;
        let bills = bills(history, as_of, settings.half_life_days);
        let weights = Weights::of(&bills)
            .ok_or(ForecastError::NoHistory { what: "with weight and freight had arrived", as_of })?;
        let standard: Vec<f64> = bills.iter().map(|it| weights.standardise(it.weight_g)).collect();
        let squares: Vec<f64> = standard.iter().map(|it| it * it).collect();
        let factors = || bills.iter().map(|it| it.factors);
        let block = |term: &Term, covariate: Option<&Vec<f64>>| {
            Block::new(factors().map(|it| term.level(it)), covariate.cloned())
        };
        let blocks = |terms: &[Term], covariate: Option<&Vec<f64>>| -> Vec<Block> {
            terms.iter().map(|term| block(term, covariate)).collect()
        };
        let mut levels = blocks(&settings.levels, None);
        let mut slopes = blocks(&settings.slopes, Some(&standard));
        let mut curves = blocks(&settings.curves, Some(&squares));
        let mut all: Vec<_> = levels.iter_mut().chain(&mut slopes).chain(&mut curves).collect();
        let mut errors = StudentT::of(&bills);
        let base = mixed::fit(&mut errors, bills.len(), &mut all);
        let learned = |terms: &[Term], blocks: &[Block]| -> Vec<Effects> {
            terms.iter().zip(blocks).map(|(term, block)| Effects::new(term, block, factors())).collect()
        };
        Ok(Self {
            settings: settings.clone(),
            as_of,
            deliveries: bills.len(),
            base_log_minor: errors.mean + base,
            weights,
            levels: learned(&settings.levels, &levels),
            slopes: learned(&settings.slopes, &slopes),
            curves: learned(&settings.curves, &curves),
        })
    }

    /// Median freight of `weight_g` grams, in minor units; nothing for a weight that is not above 0.
    ///
    /// Below the lightest delivery of the history freight stays what it was there, above the heaviest it rises in
    /// proportion: neither end of a fitted curve is worth following any further. A factor without history, or
    /// that is not known, is taken as average.
    pub fn cost_minor(&self, factors: &Factors, weight_g: i64) -> Option<i64> {
        if weight_g <= 0 {
            return None;
        }
        let Weights { lightest_g, heaviest_g, .. } = self.weights;
        let weight_g = weight_g as f64;
        let within = weight_g.clamp(lightest_g, heaviest_g);
        let standard = self.weights.standardise(within);
        let sum = |effects: &[Effects]| effects.iter().map(|it| it.on(factors)).sum::<f64>();
        let log_minor = self.base_log_minor
            + sum(&self.levels)
            + sum(&self.slopes) * standard
            + sum(&self.curves) * standard * standard;
        let beyond = (weight_g / within).max(1.0);
        // A conversion to integers saturates: a cost without bound stays a number.
        Some((log_minor.exp() * beyond).round() as i64)
    }

    /// How many deliveries it was learned from.
    pub fn deliveries(&self) -> usize {
        self.deliveries
    }

    /// Up to when.
    pub fn as_of(&self) -> Timestamp {
        self.as_of
    }
}

impl Weights {
    /// Nothing if there are none.
    fn of(bills: &[Bill]) -> Option<Self> {
        let weights = || bills.iter().map(|it| it.weight_g);
        let lightest_g = weights().reduce(f64::min)?;
        let heaviest_g = weights().reduce(f64::max)?;
        let count = bills.len() as f64;
        let mean_log = weights().map(f64::ln).sum::<f64>() / count;
        let variance = weights().map(|it| (it.ln() - mean_log).powi(2)).sum::<f64>() / count;
        // Where all weigh the same any unit will do.
        let deviation_log = if variance > f64::EPSILON { variance.sqrt() } else { 1.0 };
        Some(Self { lightest_g, heaviest_g, mean_log, deviation_log })
    }

    fn standardise(&self, weight_g: f64) -> f64 {
        (weight_g.ln() - self.mean_log) / self.deviation_log
    }
}

fn bills(history: &[Delivery], as_of: Timestamp, half_life_days: f64) -> Vec<Bill<'_>> {
    let has_arrived = |it: &&Delivery| it.due < as_of && it.arrived.is_some_and(|arrived| arrived < as_of);
    let mut known: Vec<&Delivery> = history.iter().filter(has_arrived).collect();
    // Sums of numbers depend on their order in the last digit.
    known.sort();
    let positive = |it: Option<i64>| it.filter(|it| *it > 0).map(|it| it as f64);
    let bill =
        |delivery: &'_ Delivery| Some((positive(delivery.weight_g)?, positive(delivery.freight_minor)?.ln()));
    known
        .into_iter()
        .filter_map(|delivery| {
            let (weight_g, log_minor) = bill(delivery)?;
            let recency = recency::weight(delivery.due, as_of, half_life_days);
            Some(Bill { factors: &delivery.factors, weight_g, log_minor, recency })
        })
        .collect()
}

/// Logarithms of freight about their mean, with errors of Student's t distribution: by expectation maximisation
/// a bill far from what is expected of it counts less.
struct StudentT {
    mean: f64,
    /// Distance from the mean, by row.
    seen: Vec<f64>,
    recency: Vec<f64>,
    /// Weight of the row over the variance of the errors.
    precision: Vec<f64>,
    variance: f64,
}

impl StudentT {
    fn of(bills: &[Bill]) -> Self {
        let recency: Vec<f64> = bills.iter().map(|it| it.recency).collect();
        let total: f64 = recency.iter().sum();
        let mean = bills.iter().map(|it| it.recency * it.log_minor).sum::<f64>() / total;
        let seen: Vec<f64> = bills.iter().map(|it| it.log_minor - mean).collect();
        let variance = seen.iter().zip(&recency).map(|(it, weight)| weight * it * it).sum::<f64>() / total;
        Self {
            mean,
            seen,
            precision: vec![0.0; recency.len()],
            recency,
            variance: variance.max(VARIANCE_MIN),
        }
    }
}

impl Likelihood for StudentT {
    fn adapt(&mut self, linear: &[f64]) {
        let (mut squares, mut total) = (0.0, 0.0);
        for (row, recency) in self.recency.iter().enumerate() {
            let square = (self.seen[row] - linear[row]).powi(2);
            let trust = (DEGREES_OF_FREEDOM + 1.0) / (DEGREES_OF_FREEDOM + square / self.variance);
            self.precision[row] = recency * trust;
            squares += recency * trust * square;
            total += recency;
        }
        self.variance = (squares / total).max(VARIANCE_MIN);
        for precision in &mut self.precision {
            *precision /= self.variance;
        }
    }

    fn slope_and_curvature(&self, row: usize, linear: f64) -> (f64, f64) {
        (self.precision[row] * (self.seen[row] - linear), self.precision[row])
    }
}
