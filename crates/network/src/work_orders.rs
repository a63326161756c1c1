//! `work_orders.csv`: what is to be done where, before anybody has been found to do it.

use jiff::civil::DateTime;
use meridian_proto::coordinator::v1::Site;
use meridian_proto::dispatch::v1::{Position, WorkOrder};
use meridian_proto::types::v1::Interval;
use meridian_types::{InstrumentModel, Rule, SkillId, Symptom, TaskId, resolve_local};

use crate::folder::Source;
use crate::known::Known;
use crate::report::Report;
use crate::table::{Row, Shape};
use crate::{Network, values};

pub(crate) const WORK_ORDERS: Shape = Shape {
    file: "work_orders.csv",
    needed: &["order", "site"],
    optional: &[
        "model",
        "symptom",
        "skill",
        "level",
        "work_minutes",
        "engineers",
        "windows",
        "release",
        "due",
        "priority",
        "after",
        "excluded",
    ],
};

const WINDOWS_MAX: usize = 20;
const MOMENT: &str =
    "a wall time of the site such as 2026-12-01T08:00, or an instant such as 2026-12-01T06:00Z";

/// Reads what is to be done at the sites of a network. Orders have no ids yet: they stand by the names of the file.
pub(crate) fn read(source: Source<'_>, network: &Network, report: &Report) -> Vec<WorkOrder> {
    let records = || network.regions.values();
    let mut sites: Known<&Site> = Known::new("a site of the network");
    for site in records().flat_map(|region| &region.network.sites) {
        sites.insert(site.site_id.clone(), site);
    }
    let mut models: Known<()> = Known::new("a model of a repair of the network");
    for profile in records().flat_map(|region| &region.workforce.repair_profiles) {
        models.insert(profile.model.clone(), ());
    }
    let mut engineers: Known<()> = Known::new("an engineer of the network");
    for engineer in records().flat_map(|region| &region.workforce.engineers) {
        engineers.insert(engineer.engineer_id.clone(), ());
    }
    // Of records that are wrong, some are missing: that was told.
    (sites.complete, models.complete, engineers.complete) =
        (report.is_empty(), report.is_empty(), report.is_empty());
    // Orders may come before those that they wait for.
    let mut names: Known<()> = Known::new("an order of this file");
    names.complete = WORK_ORDERS.read(source, &Report::default(), |row| {
        names.insert(row.text("order").to_owned(), ());
    });
    let mut seen: Known<()> = Known::new("an order of this file");
    let mut orders = Vec::new();
    WORK_ORDERS.read(source, report, |row| {
        let name = row.code("order", TaskId::parse);
        seen.add(row, "order", name, ());
        let site = row.reference("site", &sites).copied();
        if !row.is_empty("model") {
            row.reference("model", &models);
        }
        orders.push(WorkOrder {
            after_visit_ids: row.references("after", &names),
            excluded_engineer_ids: row.references("excluded", &engineers),
            ..order(row, site)
        });
    });
    orders
}

fn order(row: &Row<'_>, site: Option<&Site>) -> WorkOrder {
    let zone = site.map_or("UTC", |site| site.zone.as_str());
    if row.is_empty("model") == row.is_empty("skill") {
        row.refuse("skill", "a skill and its level, or a model whose repair says what it takes");
    }
    if row.is_empty("work_minutes") && row.is_empty("model") {
        row.refuse("work_minutes", "minutes of work, unless the repair of a model says how long it takes");
    }
    let windows = row.list("windows", |text| {
        let (start, end) = text.split_once('/').ok_or(Rule::new("START/END"))?;
        let span = meridian_types::Interval::new(moment(start, zone)?, moment(end, zone)?)?;
        Ok(Interval { start: Some(timestamp(span.start())), end: Some(timestamp(span.end())) })
    });
    if windows.len() > WINDOWS_MAX {
        row.refuse("windows", format!("at most {WINDOWS_MAX} windows"));
    }
    let instant = |column| row.optional(column, |text| moment(text, zone).map(timestamp).map(Some));
    WorkOrder {
        visit_id: row.text("order").to_owned(),
        site_id: row.text("site").to_owned(),
        country: site.map(|site| site.country.clone()).unwrap_or_default(),
        position: site.map(|site| Position { latitude: site.latitude, longitude: site.longitude }),
        skill_id: row.optional_code("skill", SkillId::parse),
        level: if row.is_empty("skill") { 0 } else { row.get("level", values::whole_i32(1, 5)) },
        model: row.optional_code("model", InstrumentModel::parse),
        symptom: row.optional_code("symptom", Symptom::parse),
        work_minutes: row.optional("work_minutes", values::whole_i32(1, 10_080)),
        engineers: row.optional("engineers", values::whole_i32(1, 2)),
        windows,
        release: instant("release"),
        due: instant("due"),
        priority: row.optional("priority", values::whole_i32(1, 5)),
        ..WorkOrder::default()
    }
}

/// An instant, or a wall time in a zone.
fn moment(text: &str, zone: &str) -> Result<jiff::Timestamp, Rule> {
    if let Ok(instant) = text.parse() {
        return Ok(instant);
    }
    let local: DateTime = text.parse().map_err(|_| Rule::new(MOMENT))?;
    resolve_local(local, zone, None).map_err(|error| Rule::from(error.to_string()))
}

fn timestamp(instant: jiff::Timestamp) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds: instant.as_second(), nanos: instant.subsec_nanosecond() }
}
