//! Late or not, and by how much.

use std::io::Write;
use std::time::Instant;

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use meridian_forecast::{Delivery, LatenessModel, LatenessSettings, Term, score};

use crate::anchors::{SmoothedRates, days_late, global_quantile, is_late};
use crate::splits::Split;

const PROBABILITIES: [f64; 4] = [0.5, 0.8, 0.9, 0.95];
const BINS: usize = 8;
const MINUTES_PER_DAY: f64 = 1440.0;

/// The lane is vendor and country; the programme is who pays and says when it is needed.
fn settings() -> LatenessSettings {
    LatenessSettings {
        effects: vec![
            Term::of(["mode"]),
            Term::of(["vendor"]),
            Term::of(["country"]),
            Term::of(["vendor", "country"]),
            Term::of(["programme"]),
        ],
        severity: vec![Term::of(["mode"])],
        ..LatenessSettings::default()
    }
}

fn learn(known: &[Delivery], as_of: Timestamp) -> Result<LatenessModel> {
    Ok(LatenessModel::learn(known, &[], as_of, &settings())?)
}

fn brier(later: &[Delivery], forecast: impl Fn(&Delivery) -> f64) -> Result<f64> {
    let forecasts: Vec<_> = later.iter().map(|it| (forecast(it), is_late(it))).collect();
    score::brier(&forecasts).context("nothing to forecast")
}

/// Brier scores of each split.
pub(crate) fn print_brier(out: &mut impl Write, splits: &[Split]) -> Result<()> {
    writeln!(
        out,
        "Probability of being late: Brier score. Anchor: vendor x mode, smoothed (0.1118 on the years"
    )?;
    writeln!(out, "after the file). Goal: below 0.110 there, which is a ratio to the anchor below 0.984.")?;
    writeln!(
        out,
        "{:<22}{:>7}{:>7}{:>8} {:>9} {:>9} {:>9} {:>7} {:>20} {:>7}",
        "split", "known", "later", "late", "base rate", "anchor", "model", "ratio", "re-learned", "ratio"
    )?;
    for split in splits {
        let rates = SmoothedRates::learn(&split.known);
        let anchor = brier(&split.later, |it| rates.late_probability(it))?;
        let model = learn(&split.known, split.cut)?;
        let frozen = brier(&split.later, |it| model.late_probability(&it.factors))?;
        let (anchor_relearned, relearned) = relearned(split)?;
        let late = split.later.iter().filter(|it| is_late(it)).count() as f64 / split.later.len() as f64;
        writeln!(
            out,
            "{:<22}{:>7}{:>7}{:>6.1} % {:>9.4} {anchor:>9.4} {frozen:>9.4} {:>7.3} {:>20} {:>7.3}",
            split.name,
            split.known.len(),
            split.later.len(),
            100.0 * late,
            brier(&split.later, |_| rates.base)?,
            frozen / anchor,
            format!("{anchor_relearned:.4} -> {relearned:.4}"),
            relearned / anchor_relearned,
        )?;
    }
    Ok(writeln!(
        out,
        "(re-learned: anchor -> model, each at the start of each month from what was due before)\n"
    )?)
}

/// Brier scores of the anchor and of the model if both are learned anew each month, as they would be in use.
fn relearned(split: &Split) -> Result<(f64, f64)> {
    let (anchor, model) = split.relearned(|known, month, as_of| {
        let (rates, learned) = (SmoothedRates::learn(known), learn(known, as_of)?);
        let anchor = month.iter().map(|it| (rates.late_probability(it), is_late(it)));
        let model = month.iter().map(|it| (learned.late_probability(&it.factors), is_late(it)));
        Ok((anchor.collect(), model.collect()))
    })?;
    score::brier(&anchor).zip(score::brier(&model)).context("nothing to forecast")
}

/// Pinball losses of each split.
pub(crate) fn print_pinball(out: &mut impl Write, splits: &[Split]) -> Result<()> {
    writeln!(out, "Quantiles of lateness: pinball loss in days, quantile of all deliveries alike -> model.")?;
    write!(out, "{:<22}", "split")?;
    for probability in PROBABILITIES {
        write!(out, "{:>18}", format!("{:.0} %", 100.0 * probability))?;
    }
    writeln!(out, "{:>9}", "ratio")?;
    for split in splits {
        let model = learn(&split.known, split.cut)?;
        let quantiles: Vec<_> =
            split.later.iter().map(|it| model.quantiles(&it.factors, &PROBABILITIES).minutes).collect();
        write!(out, "{:<22}", split.name)?;
        let (mut anchors, mut models) = (0.0, 0.0);
        for (index, probability) in PROBABILITIES.into_iter().enumerate() {
            let global = global_quantile(&split.known, probability);
            let loss = |forecast: &dyn Fn(usize) -> f64| {
                let pairs = split.later.iter().enumerate().map(|(row, it)| (forecast(row), days_late(it)));
                score::pinball(probability, &pairs.collect::<Vec<_>>()).context("nothing to forecast")
            };
            let anchor = loss(&|_| global)?;
            let model = loss(&|row| quantiles[row][index].1 as f64 / MINUTES_PER_DAY)?;
            write!(out, "{:>18}", format!("{anchor:.2} -> {model:.2}"))?;
            anchors += anchor;
            models += model;
        }
        writeln!(out, "{:>9.3}", models / anchors)?;
    }
    Ok(writeln!(out)?)
}

/// How often those came late that were said to.
pub(crate) fn print_reliability(out: &mut impl Write, split: &Split) -> Result<()> {
    writeln!(out, "Calibration, {}: forecasts in {BINS} bins of equal size.", split.name)?;
    writeln!(out, "{:>10}{:>12}{:>12}", "forecasts", "said", "came late")?;
    let model = learn(&split.known, split.cut)?;
    let forecasts: Vec<_> =
        split.later.iter().map(|it| (model.late_probability(&it.factors), is_late(it))).collect();
    for bin in score::reliability(&forecasts, BINS) {
        let said = 100.0 * bin.mean_probability;
        let came = 100.0 * bin.observed_share;
        writeln!(out, "{:>10}{said:>10.1} %{came:>10.1} %", bin.forecasts)?;
    }
    Ok(writeln!(out)?)
}

/// What learning and asking cost.
pub(crate) fn print_cost(out: &mut impl Write, deliveries: &[Delivery]) -> Result<()> {
    let started = Instant::now();
    let model = learn(deliveries, Timestamp::MAX)?;
    let learned = started.elapsed();
    let started = Instant::now();
    for delivery in deliveries {
        std::hint::black_box(model.quantiles(&delivery.factors, &PROBABILITIES));
    }
    let asked = started.elapsed() / u32::try_from(deliveries.len())?;
    let bytes = serde_json::to_vec(&model)?.len();
    writeln!(
        out,
        "Lateness of {} deliveries: learned in {learned:.1?}, asked for quantiles in {asked:.1?}, stored in {bytes} bytes.",
        model.deliveries()
    )?;
    Ok(())
}
