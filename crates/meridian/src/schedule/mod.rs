//! `meridian schedule`: plans work orders from files without any service, and draws who does what when.

mod gantt;
mod opening;
mod options;
mod progress;
mod svg;
mod table;

use std::collections::BTreeMap;
use std::num::{NonZeroU32, NonZeroUsize};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use meridian_dispatch::Desk;
use meridian_network::Network;
use meridian_proto::dispatch::v1 as pb;
use meridian_scheduler::workload::{Crew, Plan, Seeds, optimise};
use meridian_types::{CaseId, Clock as _, Interval, SeededIds, SystemClock, VisitId};

pub(crate) use options::Schedule;

use crate::cli::Misuse;
use crate::output::{line, width};
use crate::{load, moment};
use opening::Openings;
use progress::Progress;

/// Names of orders by the ids that they were given.
type Names = BTreeMap<VisitId, String>;

/// Plans. Fails when an order is left out.
pub(crate) fn run(options: &Schedule, json: bool) -> Result<ExitCode> {
    let network = load::network(&options.network)?;
    let from = match &options.from {
        Some(text) => moment::parse("--from", text).map_err(Misuse::from)?,
        None => SystemClock.now(),
    };
    let zone = options.zone.as_deref().map(zone).transpose().map_err(Misuse::from)?;
    let (desk, names) = desk(&network, from, options.days)?;
    let progress = Progress::begin(Duration::from_secs(options.seconds));
    let seeds = Seeds::side_by_side(options.seed, searches());
    let plan = optimise(&desk.workload, seeds, |found| progress.spent(found));
    progress.finish();
    let plan = plan?;
    let zone = zone.unwrap_or_else(|| commonest_zone(&desk, &plan));
    let rows = rows(&desk, &plan, &names);
    if let Some(file) = &options.svg {
        let picture = svg::draw(&rows, &zone);
        std::fs::write(file, picture).with_context(|| format!("--svg {}", file.display()))?;
    }
    if json {
        crate::output::json(&named(desk.draft(&plan), &names))?;
    } else {
        gantt::draw(&rows, &zone, width()).iter().for_each(line);
        table::show(&desk, &plan, &names);
    }
    let left_out = desk.left().count() + plan.unplanned.len();
    Ok(if left_out == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A search for each processor.
fn searches() -> NonZeroU32 {
    let processors = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    u32::try_from(processors).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MIN)
}

/// What is planned: the orders of the network, by all of its engineers.
fn desk(network: &Network, from: Timestamp, days: i64) -> Result<(Desk, Names)> {
    if network.work_orders.is_empty() {
        anyhow::bail!("--network: there is nothing to plan: work_orders.csv is not there, or empty");
    }
    let ids = SeededIds::new(0);
    let (mut names, mut id_of) = (Names::new(), BTreeMap::new());
    for order in &network.work_orders {
        let id = VisitId::fresh(&ids);
        names.insert(id, order.visit_id.clone());
        id_of.insert(order.visit_id.as_str(), id.to_string());
    }
    let id = |name: &String| id_of.get(name.as_str()).cloned().unwrap_or_default();
    let orders = network.work_orders.iter().map(|order| pb::WorkOrder {
        visit_id: id(&order.visit_id),
        case_id: CaseId::fresh(&ids).to_string(),
        after_visit_ids: order.after_visit_ids.iter().map(id).collect(),
        ..order.clone()
    });
    let until = from.checked_add(SignedDuration::from_hours(days * 24)).context("--days")?;
    let window = Interval::new(from, until).map_err(|rule| anyhow::anyhow!("--days: {}", rule.0))?;
    let openings = Openings::of(network);
    let sites = network.regions.values().flat_map(|region| &region.network.sites);
    let places = sites.map(|site| {
        let open = openings.during(site, window).with_context(|| format!("site {}", site.site_id))?;
        Ok(pb::Place {
            site_id: site.site_id.clone(),
            country: site.country.clone(),
            position: Some(pb::Position { latitude: site.latitude, longitude: site.longitude }),
            opening: open.into_iter().map(meridian_chassis::encode::interval).collect(),
        })
    });
    let regions = network.regions.iter().map(|(region, records)| (region, &records.workforce));
    let terms = pb::Terms {
        window: Some(meridian_chassis::encode::interval(window)),
        places: places.collect::<Result<_>>()?,
        ..pb::Terms::default()
    };
    Ok((Desk::new(regions, orders.collect(), terms)?, names))
}

fn zone(name: &str) -> Result<TimeZone> {
    TimeZone::get(name).with_context(|| format!("--zone {name:?}: an IANA time zone such as Europe/Berlin"))
}

/// The zone by whose clocks most visits are made.
fn commonest_zone(desk: &Desk, plan: &Plan) -> TimeZone {
    let visits_of = |crew: &Crew| {
        let zone = &crew.engineer.calendar.zone;
        let is_there = |engineer: &meridian_types::EngineerId| {
            let mut crews = desk.workload.engineers.iter();
            crews.any(|other| other.engineer.id == *engineer && other.engineer.calendar.zone == *zone)
        };
        let stints = plan.visits.iter().flat_map(|visit| &visit.stints);
        stints.filter(|stint| is_there(&stint.assignee.engineer)).count()
    };
    let crew = desk.workload.engineers.iter().max_by_key(|crew| visits_of(crew));
    crew.map_or(TimeZone::UTC, table::zone_of_crew)
}

/// What each engineer does who does anything, in the order in which they are known.
fn rows(desk: &Desk, plan: &Plan, names: &Names) -> Vec<gantt::Row> {
    let row = |engineer: &meridian_types::EngineerId| {
        let bars = plan.visits.iter().flat_map(|visit| {
            let stints = visit.stints.iter().filter(|stint| stint.assignee.engineer == *engineer);
            stints.map(|stint| gantt::Bar {
                order: names[&visit.order].clone(),
                during: stint.during,
                work: visit.work,
                overtime: !stint.overtime.is_zero(),
            })
        });
        gantt::Row { engineer: engineer.to_string(), bars: bars.collect() }
    };
    let rows = desk.workload.engineers.iter().map(|crew| row(&crew.engineer.id));
    rows.filter(|row| !row.bars.is_empty()).collect()
}

/// The draft with the names of the file in place of ids.
fn named(mut draft: pb::Draft, names: &Names) -> pb::Draft {
    let name = |id: &mut String| {
        if let Some(name) = id.parse().ok().and_then(|id: VisitId| names.get(&id)) {
            id.clone_from(name);
        }
    };
    draft.visits.iter_mut().for_each(|visit| name(&mut visit.visit_id));
    draft.outsourced.iter_mut().for_each(|order| name(&mut order.visit_id));
    draft.changes.iter_mut().for_each(|change| name(&mut change.visit_id));
    for order in &mut draft.unplanned {
        name(&mut order.visit_id);
        name(&mut order.witness);
    }
    draft
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sites_of_the_sample_company_are_open_by_their_calendars() {
        let network = load::network(std::path::Path::new("sample")).unwrap();
        let (desk, _) = desk(&network, "2026-12-05T00:00Z".parse().unwrap(), 3).unwrap();
        let stuttgart = desk.workload.sites.iter().find(|site| site.id.as_str() == "lab-stuttgart").unwrap();
        // Closed on Saturday and Sunday.
        let opens = stuttgart.opening.as_ref().unwrap().iter().next().unwrap().start();
        assert_eq!(opens.to_string().get(..10), Some("2026-12-07"));
    }
}
