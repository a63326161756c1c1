//! `meridian learn`: what past deliveries say of the lanes of a network, as the file that the network takes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Args;
use jiff::{SignedDuration, Timestamp};
use meridian_forecast::{
    Delivery, Factors, FreightModel, FreightSettings, LatenessModel, LatenessSettings, Stated,
};
use meridian_proto::coordinator::v1::{Lane, LaneMode};
use meridian_types::{Clock as _, Money, SystemClock};
use serde::Deserialize;

use crate::load;
use crate::output::{line, words};

/// Shares of the late arrivals whose lateness is told.
const SHARES: [f64; 5] = [0.25, 0.5, 0.75, 0.9, 1.0];
/// Weights whose cost is told, in grams.
const WEIGHTS_G: [i64; 7] = [1_000, 5_000, 20_000, 100_000, 500_000, 2_000_000, 10_000_000];
/// Rows that are shown of those that are not understood.
const SHOWN_MAX: usize = 10;

/// What to learn from, and for which lanes.
#[derive(Debug, Args)]
pub(crate) struct Learn {
    /// Past deliveries (CSV): lane, due, arrived (empty while it has not), and if known weight_kg and freight.
    pub(crate) history: PathBuf,
    /// Folder of the network whose lanes they went by, or "sample".
    #[arg(long, value_name = "DIR")]
    pub(crate) network: PathBuf,
    /// Learn as of this instant instead of now: what happened later is not used.
    #[arg(long, value_name = "TIME")]
    pub(crate) as_of: Option<Timestamp>,
}

/// A row as it is written.
#[derive(Debug, Deserialize)]
struct Row {
    lane: String,
    due: String,
    #[serde(default)]
    arrived: String,
    #[serde(default)]
    weight_kg: String,
    #[serde(default)]
    freight: String,
}

/// Furthest from when it was due that something can have arrived: beyond it somebody mistook a year.
const OFF_MAX: SignedDuration = SignedDuration::from_hours(3 * 365 * 24);
/// Heaviest consignment, in kilograms.
const WEIGHT_KG_MAX: f64 = 1e6;
/// Dearest freight, in units of the network's currency.
const FREIGHT_MAX: f64 = 1e9;
/// A lane on which everything was late is not written as one on which everything will be.
const LATE_RISK_MAX: f64 = 0.9999;

/// What is known of a lane by now.
struct Learned<'a> {
    lane: &'a Lane,
    late_risk: f64,
    /// Share of the late arrivals, minutes.
    lateness: Vec<(f64, i64)>,
    /// Grams, minor units.
    tariff: Vec<(i64, i64)>,
}

/// Writes `learned.csv` to the standard output, for every lane that a delivery went by.
pub(crate) fn run(options: &Learn, json: bool) -> Result<ExitCode> {
    let network = load::unlearned(&options.network)?;
    let lanes = network.regions.values().flat_map(|records| &records.network.lanes);
    let lanes: BTreeMap<&str, &Lane> = lanes.map(|lane| (lane.lane_id.as_str(), lane)).collect();
    let unit = 10_f64.powi(i32::try_from(Money::new(&network.currency, 0).map_or(2, Money::exponent))?);
    let history = read(options, &lanes, unit)?;
    let as_of = options.as_of.unwrap_or_else(|| SystemClock.now());
    let used: BTreeSet<&str> = history.iter().filter_map(|delivery| delivery.factors.get("lane")).collect();
    let stated = used.iter().filter_map(|lane| {
        let lane = lanes.get(lane)?;
        Some(Stated { factors: factors(lane), late_probability: lane.risk })
    });
    let stated: Vec<Stated> = stated.collect();
    let lateness = LatenessModel::learn(&history, &stated, as_of, &LatenessSettings::default())?;
    let freight = FreightModel::learn(&history, as_of, &FreightSettings::default()).ok();
    let learned = used.iter().filter_map(|lane| Some(learned(lanes.get(lane)?, &lateness, freight.as_ref())));
    if !json {
        line("lane,late_risk,lateness,tariff");
    }
    for it in learned {
        line(if json { it.json() } else { it.row(unit) });
    }
    let count =
        |count: usize, one: &str, more: &str| format!("{count} {}", if count == 1 { one } else { more });
    let (deliveries, lanes) =
        (count(history.len(), "delivery", "deliveries"), count(used.len(), "lane", "lanes"));
    eprintln!("meridian: {deliveries}, {lanes}");
    Ok(ExitCode::SUCCESS)
}

fn read(options: &Learn, lanes: &BTreeMap<&str, &Lane>, unit: f64) -> Result<Vec<Delivery>> {
    let file = File::open(&options.history).with_context(|| options.history.display().to_string())?;
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).comment(Some(b'#')).from_reader(file);
    let header = reader.headers().with_context(|| options.history.display().to_string())?.clone();
    for column in ["lane", "due"] {
        if !header.iter().any(|known| known == column) {
            anyhow::bail!("{}: no column {column:?} in the first line", options.history.display());
        }
    }
    let (mut history, mut refused) = (Vec::new(), 0);
    for record in reader.records() {
        let number =
            record.as_ref().ok().and_then(csv::StringRecord::position).map_or(0, csv::Position::line);
        let row = record.and_then(|record| record.deserialize::<Row>(Some(&header)));
        let delivery = row.map_err(anyhow::Error::from).and_then(|row| delivery(&row, lanes, unit));
        match delivery {
            Ok(delivery) => history.push(delivery),
            Err(error) => {
                refused += 1;
                if refused <= SHOWN_MAX {
                    eprintln!("meridian: {}:{number}: {error:#}", options.history.display());
                }
            }
        }
    }
    if refused > 0 {
        let rows = if refused == 1 { "row is" } else { "rows are" };
        eprintln!("meridian: {refused} {rows} left out");
    }
    if history.is_empty() {
        anyhow::bail!("{}: no delivery can be learned from", options.history.display());
    }
    Ok(history)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "amounts and weights far below 2^63, which casts saturate at"
)]
fn delivery(row: &Row, lanes: &BTreeMap<&str, &Lane>, unit: f64) -> Result<Delivery> {
    let lane =
        lanes.get(row.lane.as_str()).with_context(|| format!("lane {:?}: a lane of lanes.csv", row.lane))?;
    let figure = |name: &str, text: &str, most: f64, scale: f64| {
        if text.is_empty() {
            return Ok(None);
        }
        let value = text.parse::<f64>().ok().filter(|value| *value > 0.0 && *value <= most);
        let rule =
            || format!("{name} {text:?}: more than 0 and at most {most}, or empty when it is not known");
        Ok::<_, anyhow::Error>(Some((value.with_context(rule)? * scale).round() as i64))
    };
    let instant = |name: &str, text: &str| {
        let rule = || format!("{name} {text:?}: an instant such as 2026-12-02T12:00:00Z");
        text.parse::<Timestamp>().ok().with_context(rule)
    };
    let due = instant("due", &row.due)?;
    let arrived = if row.arrived.is_empty() { None } else { Some(instant("arrived", &row.arrived)?) };
    let years_apart = |arrived: Timestamp| arrived.duration_since(due).abs() > OFF_MAX;
    if let Some(arrived) = arrived.filter(|arrived| years_apart(*arrived)) {
        anyhow::bail!("arrived {arrived}: at most {} days before or after due", OFF_MAX.as_hours() / 24);
    }
    Ok(Delivery {
        due,
        arrived,
        factors: factors(lane),
        weight_g: figure("weight_kg", &row.weight_kg, WEIGHT_KG_MAX, 1_000.0)?,
        freight_minor: figure("freight", &row.freight, FREIGHT_MAX, unit)?,
    })
}

fn factors(lane: &Lane) -> Factors {
    let mode = words(LaneMode::try_from(lane.mode).unwrap_or_default().as_str_name(), "LANE_MODE");
    Factors::of_lane(&lane.lane_id, &lane.from_site_id, &lane.to_site_id, &mode)
}

fn learned<'a>(lane: &'a Lane, model: &LatenessModel, freight: Option<&FreightModel>) -> Learned<'a> {
    let factors = factors(lane);
    let late_risk = model.late_probability(&factors).min(LATE_RISK_MAX);
    let probabilities = SHARES.map(|share| 1.0 - late_risk * (1.0 - share));
    let quantiles = model.quantiles(&factors, &probabilities).minutes;
    let lateness = SHARES.into_iter().zip(quantiles).map(|(share, (_, minutes))| (share, minutes.max(1)));
    // What was never late says nothing of how late it would be.
    let lateness = lateness.filter(|_| model.knows_how_late());
    let mut tariff: Vec<(i64, i64)> = Vec::new();
    for weight_g in WEIGHTS_G.into_iter().filter(|_| !lane.people) {
        if let Some(minor) = freight.and_then(|freight| freight.cost_minor(&factors, weight_g)) {
            let least = tariff.last().map_or(0, |(_, minor)| *minor);
            tariff.push((weight_g, minor.max(least)));
        }
    }
    Learned { lane, late_risk, lateness: lateness.collect(), tariff }
}

impl Learned<'_> {
    #[expect(clippy::cast_precision_loss, reason = "amounts far below 2^52")]
    fn row(&self, unit: f64) -> String {
        let lateness: Vec<_> =
            self.lateness.iter().map(|(share, minutes)| format!("{share} {minutes}")).collect();
        let point = |(weight_g, minor): &(i64, i64)| {
            format!("{} {:.*}", weight_g / 1_000, unit.log10() as usize, *minor as f64 / unit)
        };
        let tariff: Vec<_> = self.tariff.iter().map(point).collect();
        format!("{},{:.4},{},{}", self.lane.lane_id, self.late_risk, lateness.join("; "), tariff.join("; "))
    }

    fn json(&self) -> String {
        serde_json::json!({
            "lane": self.lane.lane_id,
            "late_risk": self.late_risk,
            "lateness": self.lateness,
            "tariff_minor": self.tariff,
        })
        .to_string()
    }
}
