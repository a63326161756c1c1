//! What is asked on the command line, in the planner's terms.

use anyhow::{Context as _, Result, bail};
use jiff::Timestamp;
use meridian_coordinator::{ANY_SYMPTOM, Grounds, RegionFiles, grounds};
use meridian_network::Network;
use meridian_planner::model::{ExtraAccess, Line, Need, Policy, Request, World};
use meridian_proto::intake::v1::Instrument;
use meridian_types::{EndUse, InstrumentModel, ItemId, Quantity, SiteId, TaskId};

use super::known::known;
use super::options::Solve;
use crate::cli::NeedArgs;
use crate::moment;

/// What the files of a company say at a moment.
pub(crate) fn company(network: &Network, now: Timestamp) -> Grounds {
    let regions = network.regions.values().map(|records| RegionFiles {
        network: &records.network,
        catalogue: &records.catalogue,
        workforce: &records.workforce,
        directory: &records.directory,
    });
    grounds(&regions.collect::<Vec<_>>(), now)
}

/// The request that the options stand for.
pub(super) fn request(
    options: &Solve,
    network: &Network,
    grounds: &Grounds,
    now: Timestamp,
) -> Result<Request> {
    let deadline =
        options.need.deadline.as_deref().map(|text| moment::parse("--deadline", text)).transpose()?;
    if let Some(deadline) = deadline.filter(|deadline| *deadline <= now) {
        bail!("--deadline {deadline}: after the moment of planning, which is {now}");
    }
    let need = match &options.need.repair {
        Some(serial) => repair(serial, &options.need, network, &grounds.world, deadline)?,
        None => items(&options.need, network, &grounds.world, deadline)?,
    };
    let mut request = Request::new(need, now);
    if let Need::Repair { site, .. } = &request.need {
        let access = |text: &String| {
            Ok(ExtraAccess { site: site.clone(), during: moment::span("--site-access", text)? })
        };
        request.extra_access = options.site_access.iter().map(access).collect::<Result<_>>()?;
    }
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

fn items(asked: &NeedArgs, network: &Network, world: &World, deadline: Option<Timestamp>) -> Result<Need> {
    let destination =
        asked.deliver_to.as_ref().context("--deliver-to: the site that the items must reach")?;
    if asked.items.is_empty() {
        bail!("--item SKU=QUANTITY or --repair SERIAL: what is needed");
    }
    known("--deliver-to", destination, "a site of the network", sites(network))?;
    let line = |(item, quantity): &(String, i64)| {
        known("--item", item, "an item of the network", world.items.iter().map(|known| known.item.as_str()))?;
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
    let instruments = || network.regions.values().flat_map(|records| &records.directory.instruments);
    let serials = instruments().map(|instrument| instrument.serial_number.as_str());
    known("--repair", serial, "an instrument of instruments.csv", serials)?;
    let of_serial = |instrument: &&Instrument| instrument.serial_number == serial;
    let known_as: &Instrument = instruments().find(of_serial).context("an instrument of instruments.csv")?;
    if let Some(site) = &asked.onward_to {
        known("--onward-to", site, "a site of the network", sites(network))?;
    }
    let model: InstrumentModel = code("repair", &known_as.model)?;
    let onward = asked.onward_to.as_deref().map(|site| code::<SiteId>("onward-to", site)).transpose()?;
    let task = task(asked.symptom.as_deref(), &model, world)?;
    Ok(Need::Repair {
        serial: code("repair", serial)?,
        site: code("repair", &known_as.site_id)?,
        revision: known_as.revision.parse().ok(),
        model,
        task,
        onward,
        deadline,
        end_use: end_use(asked)?,
    })
}

/// What has to be done about a symptom; what is done about any other when none is told, as dispatch has it.
fn task(symptom: Option<&str>, model: &InstrumentModel, world: &World) -> Result<Option<TaskId>> {
    let tasks = || world.repair_tasks.iter().filter(|task| task.model == *model).map(|task| &task.task);
    let symptoms = || tasks().map(TaskId::as_str).filter(|task| *task != ANY_SYMPTOM);
    if let Some(symptom) = symptom {
        let all = symptoms().collect::<Vec<_>>().join(", ");
        known(
            "--symptom",
            symptom,
            &format!("one that {model} is repaired for ({all}), or left out"),
            symptoms(),
        )?;
    }
    let wanted = symptom.unwrap_or(ANY_SYMPTOM);
    let task = tasks().find(|task| task.as_str() == wanted);
    if task.is_none() && tasks().next().is_some() {
        bail!("--symptom: {model} is repaired only for {}", symptoms().collect::<Vec<_>>().join(", "));
    }
    Ok(task.cloned())
}

fn sites(network: &Network) -> impl Iterator<Item = &str> {
    network.regions.values().flat_map(|records| &records.network.sites).map(|site| site.site_id.as_str())
}

fn end_use(asked: &NeedArgs) -> Result<Option<EndUse>> {
    asked.end_use.as_deref().map(|text| code("end-use", text)).transpose()
}

fn code<T: std::str::FromStr<Err = meridian_types::Rule>>(option: &str, text: &str) -> Result<T> {
    text.parse().map_err(|rule: meridian_types::Rule| anyhow::anyhow!("--{option} {text:?}: {}", rule.0))
}
