//! What is asked on the command line, in the planner's terms.

use anyhow::{Context as _, Result, bail};
use jiff::Timestamp;
use jiff::civil::DateTime;
use meridian_coordinator::{Grounds, RegionFiles, grounds};
use meridian_network::Network;
use meridian_planner::model::{Line, Need, Policy, Request, World};
use meridian_proto::intake::v1::Instrument;
use meridian_types::{EndUse, InstrumentModel, ItemId, Quantity, SiteId, Symptom, TaskId, resolve_local};

use super::options::Solve;
use crate::cli::NeedArgs;

/// What the files of a company say at a moment.
pub(super) fn company(network: &Network, now: Timestamp) -> Grounds {
    let regions = network.regions.values().map(|records| RegionFiles {
        network: &records.network,
        catalogue: &records.catalogue,
        workforce: &records.workforce,
        directory: &records.directory,
    });
    grounds(&regions.collect::<Vec<_>>(), now)
}

/// An instant ("2026-12-02T12:00Z"), or a wall time with its zone ("2026-12-02T12:00[Europe/Berlin]").
pub(super) fn moment(option: &str, text: &str) -> Result<Timestamp> {
    if let Ok(instant) = text.parse() {
        return Ok(instant);
    }
    let wall = text.strip_suffix(']').and_then(|text| text.split_once('['));
    let (local, zone) = wall
        .with_context(|| format!("--{option} {text:?}: neither an instant nor a wall time with its zone"))?;
    let local: DateTime = local.parse().with_context(|| format!("--{option} {text:?}: not a wall time"))?;
    resolve_local(local, zone, None).with_context(|| format!("--{option} {text:?}"))
}

/// The request that the options stand for.
pub(super) fn request(
    options: &Solve,
    network: &Network,
    grounds: &Grounds,
    now: Timestamp,
) -> Result<Request> {
    let deadline = options.need.deadline.as_deref().map(|text| moment("deadline", text)).transpose()?;
    let need = match &options.need.repair {
        Some(serial) => repair(serial, &options.need, network, &grounds.world, deadline)?,
        None => items(&options.need, deadline)?,
    };
    let mut request = Request::new(need, now);
    if let Some(name) = &options.policy {
        let names = Policy::ALL.map(Policy::name).join(", ");
        request.policy =
            Policy::from_name(name).with_context(|| format!("--policy {name:?}: one of {names}"))?;
    }
    if let Some(probability) = options.in_time_probability_min {
        if !(probability > 0.0 && probability <= 1.0) {
            bail!("--in-time-probability-min {probability}: more than 0, at most 1");
        }
        request.in_time_probability_min = probability;
    }
    Ok(request)
}

fn items(asked: &NeedArgs, deadline: Option<Timestamp>) -> Result<Need> {
    let destination =
        asked.deliver_to.as_ref().context("--deliver-to: the site that the items must reach")?;
    if asked.items.is_empty() {
        bail!("--item SKU=QUANTITY or --repair SERIAL: what is needed");
    }
    let line = |(item, quantity): &(String, i64)| {
        let quantity = Quantity::new(*quantity)
            .map_err(|rule| anyhow::anyhow!("--item {item}={quantity}: {}", rule.0))?;
        Ok(Line { item: code::<ItemId>("item", item)?, quantity })
    };
    Ok(Need::Items {
        lines: asked.items.iter().map(line).collect::<Result<_>>()?,
        destination: code("deliver-to", destination)?,
        deadline,
        end_use: end_use(asked)?,
        model: None,
        revision: None,
    })
}

fn repair(
    serial: &str,
    asked: &NeedArgs,
    network: &Network,
    world: &World,
    deadline: Option<Timestamp>,
) -> Result<Need> {
    let mut instruments = network.regions.values().flat_map(|records| &records.directory.instruments);
    let known: &Instrument = instruments
        .find(|instrument| instrument.serial_number == serial)
        .with_context(|| format!("--repair {serial:?}: an instrument of instruments.csv"))?;
    let model: InstrumentModel = code("repair", &known.model)?;
    let onward = asked.onward_to.as_deref().map(|site| code::<SiteId>("onward-to", site)).transpose()?;
    let symptom = asked.symptom.as_deref().map(|text| code::<Symptom>("symptom", text)).transpose()?;
    let for_symptom = |symptom: &Symptom| {
        let task = world
            .repair_tasks
            .iter()
            .find(|task| task.model == model && task.task.as_str() == symptom.as_str())?;
        Some(task.task.clone())
    };
    let task: Option<TaskId> = symptom.as_ref().and_then(for_symptom);
    Ok(Need::Repair {
        serial: code("repair", serial)?,
        site: code("repair", &known.site_id)?,
        revision: known.revision.parse().ok(),
        model,
        task,
        onward,
        deadline,
        end_use: end_use(asked)?,
    })
}

fn end_use(asked: &NeedArgs) -> Result<Option<EndUse>> {
    asked.end_use.as_deref().map(|text| code("end-use", text)).transpose()
}

fn code<T: std::str::FromStr<Err = meridian_types::Rule>>(option: &str, text: &str) -> Result<T> {
    text.parse().map_err(|rule: meridian_types::Rule| anyhow::anyhow!("--{option} {text:?}: {}", rule.0))
}
