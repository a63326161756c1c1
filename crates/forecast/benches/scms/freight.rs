//! What freight costs.

use std::io::Write;
use std::time::Instant;

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use meridian_forecast::{Delivery, FreightModel, FreightSettings, Term, score};

use crate::anchors::{PowerLaws, weight_and_freight};
use crate::splits::Split;

/// The lane is vendor and country.
fn settings() -> FreightSettings {
    let mode = || Term::of(["mode"]);
    let vendor = || Term::of(["vendor"]);
    let country = || Term::of(["country"]);
    FreightSettings {
        levels: vec![mode(), vendor(), country(), Term::of(["vendor", "country"])],
        slopes: vec![Term::of([]), mode(), vendor(), country()],
        curves: vec![mode()],
        ..FreightSettings::default()
    }
}

fn learn(known: &[Delivery], as_of: Timestamp) -> Result<FreightModel> {
    Ok(FreightModel::learn(known, as_of, &settings())?)
}

/// Pairs of forecast and freight, in dollars.
fn forecasts(later: &[Delivery], forecast: impl Fn(&Delivery, f64) -> Option<f64>) -> Vec<(f64, f64)> {
    let pair = |it: &Delivery| {
        let (weight_kg, cost) = weight_and_freight(it)?;
        Some((forecast(it, weight_kg)?, cost))
    };
    later.iter().filter_map(pair).collect()
}

fn by_model(model: &FreightModel, later: &[Delivery]) -> Vec<(f64, f64)> {
    forecasts(later, |it, _| Some(model.cost_minor(&it.factors, it.weight_g?)? as f64 / 100.0))
}

fn median_error(forecasts: &[(f64, f64)]) -> Result<f64> {
    score::median_absolute_percentage_error(forecasts).context("nothing to forecast")
}

/// Median absolute percentage errors of each split.
pub(crate) fn print_errors(out: &mut impl Write, splits: &[Split]) -> Result<()> {
    writeln!(
        out,
        "Freight: median absolute percentage error, of rows with a number for freight and for weight."
    )?;
    writeln!(
        out,
        "Anchor: power law of weight by mode (46.6 % on the years after the file). Goal: below 40 % there,"
    )?;
    writeln!(out, "which is a ratio to the anchor below 0.858.")?;
    writeln!(
        out,
        "{:<22}{:>7}{:>7} {:>9} {:>9} {:>7} {:>20} {:>7}",
        "split", "known", "later", "anchor", "model", "ratio", "re-learned", "ratio"
    )?;
    for split in splits {
        let laws = PowerLaws::learn(&split.known);
        let anchor = forecasts(&split.later, |it, weight_kg| Some(laws.cost(it, weight_kg)));
        let model = learn(&split.known, split.cut)?;
        let frozen = by_model(&model, &split.later);
        let (anchor_relearned, relearned) = split.relearned(|known, month, as_of| {
            let laws = PowerLaws::learn(known);
            let anchor = forecasts(month, |it, weight_kg| Some(laws.cost(it, weight_kg)));
            Ok((anchor, by_model(&learn(known, as_of)?, month)))
        })?;
        let rows = anchor.len();
        let (anchor, frozen) = (median_error(&anchor)?, median_error(&frozen)?);
        let (anchor_relearned, relearned) = (median_error(&anchor_relearned)?, median_error(&relearned)?);
        writeln!(
            out,
            "{:<22}{:>7}{rows:>7} {:>7.1} % {:>7.1} % {:>7.3} {:>20} {:>7.3}",
            split.name,
            model.deliveries(),
            100.0 * anchor,
            100.0 * frozen,
            frozen / anchor,
            format!("{:.1} % -> {:.1} %", 100.0 * anchor_relearned, 100.0 * relearned),
            relearned / anchor_relearned,
        )?;
    }
    Ok(writeln!(out)?)
}

/// The anchor's laws, what learning and asking cost.
pub(crate) fn print_cost(out: &mut impl Write, deliveries: &[Delivery]) -> Result<()> {
    let started = Instant::now();
    let model = learn(deliveries, Timestamp::MAX)?;
    let learned = started.elapsed();
    let started = Instant::now();
    for delivery in deliveries {
        std::hint::black_box(model.cost_minor(&delivery.factors, delivery.weight_g.unwrap_or(1_000)));
    }
    let asked = started.elapsed() / u32::try_from(deliveries.len())?;
    let bytes = serde_json::to_vec(&model)?.len();
    writeln!(
        out,
        "Freight of {} deliveries: learned in {learned:.1?}, asked in {asked:.1?}, stored in {bytes} bytes.",
        model.deliveries()
    )?;
    for (mode, (factor, exponent)) in PowerLaws::learn(deliveries).by_mode {
        writeln!(out, "Anchor's power law of the whole file, {mode}: {factor:.0} USD x kg^{exponent:.2}.")?;
    }
    Ok(())
}
