//! `meridian solve`: plans from files without any service, compares what was found, and draws one of it.

mod known;
mod options;
mod question;
mod table;
mod timeline;

use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use jiff::tz::TimeZone;
use meridian_planner::model::{Answer, Network};
use meridian_planner::{Decision, Difference, compare};
use meridian_types::{Clock as _, SystemClock};

pub(crate) use options::Solve;
pub(crate) use question::company;

use crate::cli::Misuse;
use crate::output::{line, width, wrapped};
use crate::{load, moment};

const MORE_WAYS: &str = "There are more ways than could be compared: the extremes of each part are among them, \
                         others may be missing.";

/// Plans, or decides again. Fails when nothing meets the need, or when the ranking is another than the stored one.
pub(crate) fn run(options: &Solve, json: bool) -> Result<ExitCode> {
    let decision = match &options.decision {
        Some(file) => read(file)?,
        None => decide(options)?,
    };
    let again = if options.decision.is_some() { Some(decision.again()?) } else { None };
    if let Some(file) = &options.save {
        let text = serde_json::to_vec(&decision)?;
        std::fs::write(file, text).with_context(|| format!("--save {}", file.display()))?;
    }
    let answer = again.as_ref().unwrap_or(&decision.answer);
    let differences = compare(&decision.answer, answer);
    let same_ranking = !differences.iter().any(Difference::of_ranking);
    if json {
        line(serde_json::to_string(answer)?);
    } else {
        show(&decision, answer, usize::from(options.draw));
        if again.is_some() {
            line(match (differences.is_empty(), same_ranking) {
                (true, _) => "The same answer as stored, to the last byte.",
                (false, true) => "The same ranking as stored; other things differ:",
                (false, false) => "Another ranking than stored:",
            });
            for difference in &differences {
                line(format!("  {difference}"));
            }
        }
    }
    let is_met = answer.options.iter().any(|option| option.arrival.is_some());
    Ok(if is_met && same_ranking { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn read(file: &Path) -> Result<Decision> {
    let mut text = String::new();
    if file == Path::new("-") {
        std::io::stdin().read_to_string(&mut text).context("the standard input")?;
    } else {
        text = std::fs::read_to_string(file).with_context(|| format!("--decision {}", file.display()))?;
    }
    serde_json::from_str(&text).with_context(|| format!("--decision {}: not a decision", file.display()))
}

fn decide(options: &Solve) -> Result<Decision> {
    let folder = options.network.as_deref().context("--network: the folder to plan from")?;
    let network = load::network(folder)?;
    let now = match &options.now {
        Some(text) => moment::parse("--now", text).map_err(Misuse::from)?,
        None => SystemClock.now(),
    };
    let grounds = company(&network, now);
    let request = question::request(options, &network, &grounds, now).map_err(Misuse::from)?;
    Ok(Decision::take(grounds.network, grounds.horizon, grounds.world, request)?)
}

fn show(decision: &Decision, answer: &Answer, draw: usize) {
    let need = &decision.request.need;
    let zone = zone(&decision.network, need.destination());
    let chars = width();
    for text in table::options(answer, &decision.network.currency, &zone, chars) {
        line(text);
    }
    if answer.cut {
        wrapped(MORE_WAYS, chars, 0, 0).iter().for_each(line);
    }
    for ending in &answer.holidays_end {
        wrapped(&ending.to_string(), chars, 0, 0).iter().for_each(line);
    }
    for text in table::refused(answer, &zone, chars) {
        line(text);
    }
    if let Some(solution) = answer.options.get(draw.saturating_sub(1)) {
        line("");
        wrapped(&format!("Option {draw}: {}", solution.reason.sentence), chars, 0, 4).iter().for_each(line);
        for text in timeline::draw(solution, need.deadline(), &zone, chars) {
            line(text);
        }
    }
}

fn zone(network: &Network, site: &meridian_types::SiteId) -> TimeZone {
    let record = network.sites.iter().find(|record| record.id == *site);
    record.and_then(|record| TimeZone::get(&record.zone).ok()).unwrap_or(TimeZone::UTC)
}
