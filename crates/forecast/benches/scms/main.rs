//! Lateness and freight of real deliveries, forecast from those before them: the SCMS delivery history (USAID).
//!
//! ```text
//! cargo bench -p meridian-forecast --bench scms
//! cargo bench -p meridian-forecast --bench scms -- --test later.csv
//! ```
//!
//! Without `--test` it cuts the file at hand by the day on which deliveries were due: at each new year, tested on
//! the year that follows, and 75 % of the way, tested on the rest (of the rows with numbers, for freight). With
//! it, it learns from the whole file at hand and tests on those of another file of the same format that are due
//! later than all of them.
//!
//! Nothing that was not known at the cut is used: a delivery that had not arrived counts as late by the days since
//! it was due. Every anchor is learned from the same rows and scored on the same rows as the model next to it.
//!
//! The settings were chosen by the mean over such cuts through this file, so that only later files are untouched by
//! the choice.
//!
//! The file is `scms/deliveries_until_2013.csv` in `$MERIDIAN_DATA`, or in `../shared/data` beside the workspace.

mod anchors;
mod freight;
mod lateness;
mod records;
mod splits;

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use meridian_forecast::Delivery;

fn main() -> Result<()> {
    let later = later_file()?;
    let mut out = std::io::stdout().lock();
    let data = std::env::var_os("MERIDIAN_DATA").map_or_else(data_beside_workspace, PathBuf::from);
    let path = data.join("scms/deliveries_until_2013.csv");
    if !path.exists() {
        writeln!(out, "SKIPPED: {} does not exist; set MERIDIAN_DATA", path.display())?;
        return Ok(());
    }
    let deliveries = read(&mut out, &path)?;
    let billed = |deliveries: &[Delivery]| -> Vec<Delivery> {
        deliveries.iter().filter(|it| anchors::weight_and_freight(it).is_some()).cloned().collect()
    };
    let (splits, bill_splits) = if let Some(later) = later {
        let tested = read(&mut out, &later)?;
        let splits = vec![splits::against(&deliveries, &tested, &later)?];
        (splits, vec![splits::against(&billed(&deliveries), &billed(&tested), &later)?])
    } else {
        (splits::by_date(&deliveries)?, splits::by_date(&billed(&deliveries))?)
    };
    lateness::print_brier(&mut out, &splits)?;
    lateness::print_pinball(&mut out, &splits)?;
    lateness::print_reliability(&mut out, splits.last().context("no split")?)?;
    freight::print_errors(&mut out, &bill_splits)?;
    lateness::print_cost(&mut out, &deliveries)?;
    freight::print_cost(&mut out, &deliveries)
}

fn data_beside_workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data")
}

/// The file after `--test`. Cargo itself adds `--bench`.
fn later_file() -> Result<Option<PathBuf>> {
    let mut later = None;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--bench" => {}
            "--test" => later = Some(arguments.next().context("--test needs a file")?.into()),
            other => bail!("{other:?}: only --test FILE is known"),
        }
    }
    Ok(later)
}

fn read(out: &mut impl Write, path: &Path) -> Result<Vec<Delivery>> {
    let records = records::read(path)?;
    let billed = records.deliveries.iter().filter(|it| anchors::weight_and_freight(it).is_some()).count();
    writeln!(
        out,
        "{}: {} deliveries, {billed} with a number for freight and for weight.",
        path.display(),
        records.deliveries.len()
    )?;
    for (what, rows) in records.unusable {
        writeln!(out, "  not usable in {rows:>5} rows, {what}")?;
    }
    writeln!(out)?;
    Ok(records.deliveries)
}
