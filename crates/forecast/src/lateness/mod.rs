//! How late a delivery will be.

mod severity;

use std::collections::BTreeMap;
use std::f64::consts::PI;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::delivery::{Delivery, Factors, ForecastError, Term};
use crate::mixed::{self, Block, Effects, Likelihood};
use crate::recency;
use severity::Severity;

const MILLISECONDS_PER_MINUTE: i64 = 60_000;
/// What is stated counts as much as so many deliveries of today, of which as many were late as it says.
const STATED_WEIGHT: f64 = 10.0;

/// What lateness is learned from, and how fast it is forgotten.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LatenessSettings {
    /// What may make a delivery more or less likely to be late.
    pub effects: Vec<Term>,
    /// What may make a delivery late by more or less, from the general to the particular.
    pub severity: Vec<Term>,
    /// Days after which a delivery counts half; above 0.
    pub half_life_days: f64,
    /// Days of a wave: a time in which all deliveries together are late more or less often than usual; above 0.
    pub wave_days: f64,
}

impl Default for LatenessSettings {
    /// For lanes, with the factors of [`Factors::of_lane`]; three years and waves of a quarter, of which forecasts
    /// depend little: with two to five years or one to six months the mean Brier score of the bench is within 1 %.
    fn default() -> Self {
        let lane = || Term::of(["lane"]);
        let mode = || Term::of(["mode"]);
        Self {
            effects: vec![mode(), Term::of(["origin"]), Term::of(["destination"]), lane()],
            severity: vec![mode(), lane()],
            half_life_days: 1096.0,
            wave_days: 91.0,
        }
    }
}

/// What a history says about the lateness of coming deliveries.
///
/// Serialises to one object: `settings`, `as_of`, `deliveries` (how many were learned from), `base_log_odds`,
/// `effects` (for each term its `spread` and the log odds `by_level`), `occasion_spread`, `waves` and `severity`.
/// Values of a term of several factors are joined with ` | `.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LatenessModel {
    settings: LatenessSettings,
    as_of: Timestamp,
    deliveries: usize,
    base_log_odds: f64,
    effects: Vec<Effects>,
    /// Standard deviation of the log odds between occasions.
    occasion_spread: f64,
    waves: Vec<Wave>,
    severity: Severity,
}

/// A time in which deliveries were late more or less often than usual.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Wave {
    log_odds: f64,
    /// How likely the next is like it: the weight of its deliveries, of 1.
    share: f64,
}

/// What is said of deliveries with these factors before any of them is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Stated {
    /// What they have in common.
    pub factors: Factors,
    /// Probability that one is late, 0 to 1.
    pub late_probability: f64,
}

/// How late a delivery will be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Quantiles {
    /// Probability that it arrives after it is due, 0 to 1.
    pub late_probability: f64,
    /// Probability, and minutes after it is due by which it has arrived with that probability; negative when
    /// early. In ascending order.
    pub minutes: Vec<(f64, i64)>,
}

/// What a delivery of the past says.
struct Outcome<'a> {
    factors: &'a Factors,
    /// Minutes after it was due, negative when early; at least so many if it had not arrived.
    minutes: i64,
    weight: f64,
    due: Timestamp,
    wave: u64,
}

impl LatenessModel {
    /// Learns from what was known at `as_of`: deliveries that were due before. One that had not arrived by then
    /// was late by at least the time since; when it arrived later is not looked at. The order of `history`
    /// does not matter.
    ///
    /// What is `stated` is a prior: with probability `p` it adds `10 (p ln q + (1 - p) ln (1 - q))` to the log likelihood
    /// of a forecast `q`, as ten deliveries of today would of which the share `p` was late, apart from all waves and
    /// occasions. Hence of a lane that is all there is, with `k` of `n` recent deliveries late, about
    /// `(k + 10 p) / (n + 10)` will be. How late the late ones are follows from deliveries alone.
    ///
    /// # Errors
    /// No delivery was due before `as_of`, or a setting is out of range.
    pub fn learn(
        history: &[Delivery],
        stated: &[Stated],
        as_of: Timestamp,
        settings: &LatenessSettings,
    ) -> Result<Self, ForecastError> {
        recency::check_days("half_life_days", settings.half_life_days)?;
        recency::check_days("wave_days", settings.wave_days)?;
        let outcomes = outcomes(history, as_of, settings);
        if outcomes.is_empty() {
            return Err(ForecastError::NoHistory { what: "was due", as_of });
        }
        let rows = rows(&outcomes, stated);
        let block = |term: &Term| Block::new(rows.iter().map(|it| term.level(it.factors)), None);
        let mut effects: Vec<Block> = settings.effects.iter().map(block).collect();
        let occasions = rows.iter().map(|it| it.outcome.map(|outcome| (outcome.due, outcome.factors)));
        let mut occasions = Block::new(occasions, None);
        let mut waves = Block::new(rows.iter().map(|it| it.outcome.map(|outcome| outcome.wave)), None);
        let mut blocks: Vec<_> = effects.iter_mut().chain([&mut occasions, &mut waves]).collect();
        let base_log_odds = mixed::fit(&mut Logistic { rows: &rows }, rows.len(), &mut blocks);
        let learned = settings.effects.iter().zip(&effects);
        let factors = || rows.iter().map(|it| it.factors);
        Ok(Self {
            settings: settings.clone(),
            as_of,
            deliveries: outcomes.len(),
            base_log_odds,
            effects: learned.map(|(term, block)| Effects::new(term, block, factors())).collect(),
            occasion_spread: occasions.spread(),
            waves: Wave::all(&waves, &rows),
            severity: Severity::learn(&outcomes, &settings.severity),
        })
    }

    /// Probability that a delivery with these factors arrives after it is due, above 0 and below 1.
    ///
    /// Which wave it will meet and what its occasion brings is not known: it is the mean over all waves of the
    /// past and over the spread of occasions. A factor without history, or that is not known, is taken as average.
    pub fn late_probability(&self, factors: &Factors) -> f64 {
        let log_odds =
            self.base_log_odds + self.effects.iter().map(|effects| effects.on(factors)).sum::<f64>();
        // The mean of a logistic function over normally distributed log odds (MacKay 1992).
        let flattened = (1.0 + PI / 8.0 * self.occasion_spread.powi(2)).sqrt();
        self.waves.iter().map(|it| it.share * probability((log_odds + it.log_odds) / flattened)).sum()
    }

    /// By how many minutes a delivery with these factors is late, with each of `probabilities` (0 to 1; others
    /// are taken as the nearest of them). Quantiles never cross, and are above 0 where the probability exceeds
    /// that of arriving in time, provided that the history holds deliveries in time and late ones.
    pub fn quantiles(&self, factors: &Factors, probabilities: &[f64]) -> Quantiles {
        let late_probability = self.late_probability(factors);
        let mut probabilities: Vec<f64> =
            probabilities.iter().filter(|it| !it.is_nan()).map(|it| it.clamp(0.0, 1.0)).collect();
        probabilities.sort_by(f64::total_cmp);
        let lateness = self.severity.of(factors, late_probability);
        let minutes = probabilities.into_iter().map(|it| (it, lateness.quantile(it))).collect();
        Quantiles { late_probability, minutes }
    }

    /// Whether any delivery that it was learned from was late: without one, nothing is known of how late they are.
    pub fn knows_how_late(&self) -> bool {
        self.severity.knows_how_late()
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

fn outcomes<'a>(history: &'a [Delivery], as_of: Timestamp, settings: &LatenessSettings) -> Vec<Outcome<'a>> {
    let mut known: Vec<&Delivery> = history.iter().filter(|it| it.due < as_of).collect();
    // Sums of numbers depend on their order in the last digit.
    known.sort();
    let outcome = |delivery: &'a Delivery| {
        let arrived = delivery.arrived.map_or(as_of, |it| it.min(as_of));
        Outcome {
            factors: &delivery.factors,
            minutes: minutes(delivery.due, arrived),
            weight: recency::weight(delivery.due, as_of, settings.half_life_days),
            due: delivery.due,
            wave: (recency::age_days(delivery.due, as_of) / settings.wave_days) as u64,
        }
    };
    known.into_iter().map(outcome).collect()
}

/// Minutes from `due` to `arrived`; a minute that has begun counts.
fn minutes(due: Timestamp, arrived: Timestamp) -> i64 {
    let late = arrived.as_millisecond() - due.as_millisecond();
    late.div_euclid(MILLISECONDS_PER_MINUTE) + i64::from(late.rem_euclid(MILLISECONDS_PER_MINUTE) > 0)
}

impl Wave {
    /// Every wave of the past, and none at all as far as what is stated counts.
    fn all(block: &Block, rows: &[Row]) -> Vec<Self> {
        let total: f64 = rows.iter().map(|it| it.weight).sum();
        let mut waves = BTreeMap::new();
        for (index, row) in rows.iter().enumerate() {
            let wave = row.outcome.map(|outcome| outcome.wave);
            let wave = waves.entry(wave).or_insert(Self { log_odds: block.effect(index), share: 0.0 });
            wave.share += row.weight / total;
        }
        waves.into_values().collect()
    }
}

fn probability(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds).exp())
}

/// What the model is fitted to: a delivery, or what is stated.
struct Row<'a> {
    factors: &'a Factors,
    /// Share that was late, 0 to 1.
    late: f64,
    weight: f64,
    /// The delivery, when it is one.
    outcome: Option<&'a Outcome<'a>>,
}

/// The deliveries in their order, then what is stated.
fn rows<'a>(outcomes: &'a [Outcome<'a>], stated: &'a [Stated]) -> Vec<Row<'a>> {
    let seen = outcomes.iter().map(|it| Row {
        factors: it.factors,
        late: if it.minutes > 0 { 1.0 } else { 0.0 },
        weight: it.weight,
        outcome: Some(it),
    });
    let mut stated: Vec<&Stated> = stated.iter().filter(|it| !it.late_probability.is_nan()).collect();
    let order = |it: &&Stated, other: &&Stated| {
        it.factors.cmp(&other.factors).then(it.late_probability.total_cmp(&other.late_probability))
    };
    stated.sort_by(order);
    let stated = stated.into_iter().map(|it| Row {
        factors: &it.factors,
        late: it.late_probability.clamp(0.0, 1.0),
        weight: STATED_WEIGHT,
        outcome: None,
    });
    seen.chain(stated).collect()
}

/// Late or not, as logistic regression sees it.
struct Logistic<'a> {
    rows: &'a [Row<'a>],
}

impl Likelihood for Logistic<'_> {
    fn slope_and_curvature(&self, row: usize, linear: f64) -> (f64, f64) {
        let Row { late: seen, weight, .. } = self.rows[row];
        let late = probability(linear);
        (weight * (seen - late), weight * late * (1.0 - late))
    }
}
