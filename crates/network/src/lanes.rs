//! `lanes.csv`: the ways between sites.

use meridian_proto::coordinator::v1::{Departure, Lane, LaneMode};
use meridian_types::{LaneId, RegionId, Rule};

use crate::holidays::Holidays;
use crate::known::Known;
use crate::learned;
use crate::notation;
use crate::reading::{Reading, amount, flag};
use crate::settings::Settings;
use crate::sites::SiteFacts;
use crate::table::{Row, Shape, split_list};
use crate::values;

pub(crate) const LANES: Shape = Shape {
    file: "lanes.csv",
    needed: &["lane", "from", "to", "mode", "carrier", "cost", "co2_g", "late_risk"],
    optional: &[
        "timetable",
        "minutes",
        "both_ways",
        "calendar",
        "not_on",
        "cost_per_kg",
        "weight_max_kg",
        "dangerous_goods",
        "cold_chain",
        "lateness",
        "tariff",
    ],
};

/// 120 days.
const ON_DEMAND_MINUTES_MAX: i32 = 172_800;
/// What only lanes for goods have.
const GOODS_COLUMNS: [&str; 5] = ["cost_per_kg", "tariff", "weight_max_kg", "dangerous_goods", "cold_chain"];

pub(crate) fn read(reading: &mut Reading<'_>, sites: &Known<SiteFacts>) -> Known<()> {
    let mut lanes = Known::new("a lane of lanes.csv");
    let source = reading.files.get(LANES.file);
    let complete = LANES.read(source, reading.report, |row| {
        let from = row.reference("from", sites);
        let to = row.reference("to", sites);
        let mut lane = lane(row, &reading.settings, &reading.holidays);
        lane.departures = departures(row, from, to);
        let region = from.and_then(|site| site.region.as_ref());
        lane.region = region.map(RegionId::to_string).unwrap_or_default();
        lanes.add(row, "lane", lane.lane_id.clone(), ());
        if flag(row, "both_ways") {
            let back = way_back(row, &lane, to);
            lanes.add(row, "lane", back.lane_id.clone(), ());
            reading.regions.of(to.and_then(|site| site.region.as_ref())).network.lanes.push(back);
        }
        reading.regions.of(region).network.lanes.push(lane);
    });
    lanes.complete = complete;
    lanes
}

/// Everything but its timetable and its owner.
fn lane(row: &Row<'_>, settings: &Settings, holidays: &Holidays) -> Lane {
    let (mode, people) = row.get("mode", |text| mode(text).map(Some)).unwrap_or_default();
    if !row.is_empty("from") && row.text("from") == row.text("to") {
        row.refuse("to", "another site than the one it comes from");
    }
    if !row.is_empty("calendar") {
        row.reference("calendar", &settings.calendars);
    }
    for column in GOODS_COLUMNS {
        if people && !row.is_empty(column) {
            row.refuse(column, "empty for people, who go by flight, train or drive");
        }
    }
    let not_on = row.get("not_on", |text| holidays.dates(split_list(text)));
    Lane {
        lane_id: row.code("lane", LaneId::parse),
        region: String::new(),
        from_site_id: row.text("from").to_owned(),
        to_site_id: row.text("to").to_owned(),
        mode: mode.into(),
        carrier: row.get("carrier", values::text),
        people,
        departures: Vec::new(),
        on_demand_minutes: row.optional("minutes", values::whole_i32(1, ON_DEMAND_MINUTES_MAX)),
        calendar_id: row.text("calendar").to_owned(),
        not_on: not_on.into_keys().collect(),
        fixed_cost: amount(row, "cost", settings),
        cost_per_kg: amount(row, "cost_per_kg", settings),
        co2_grams: row.get("co2_g", values::whole(0, values::NUMBER_MAX)),
        risk: row.get("late_risk", values::probability),
        weight_max_grams: row.optional("weight_max_kg", values::kilograms),
        dangerous_goods: flag(row, "dangerous_goods"),
        cold_chain: flag(row, "cold_chain"),
        lateness: learned::lateness(row),
        tariff: learned::tariff(row, settings),
    }
}

/// The timetable, if the lane has one rather than going on demand.
fn departures(row: &Row<'_>, from: Option<&SiteFacts>, to: Option<&SiteFacts>) -> Vec<Departure> {
    if row.is_empty("timetable") == row.is_empty("minutes") {
        row.refuse("timetable", "a timetable, or the minutes it takes on demand, and not both");
        return Vec::new();
    }
    if row.is_empty("timetable") {
        return Vec::new();
    }
    for column in ["calendar", "both_ways"] {
        if !row.is_empty(column) {
            row.refuse(column, "empty for a lane with a timetable");
        }
    }
    let departures = row.get("timetable", notation::timetable);
    let zone = |site: Option<&'_ SiteFacts>| site.and_then(|site| site.zone.clone());
    if let (Some(from), Some(to)) = (zone(from), zone(to))
        && let Some(rule) = notation::arrives_too_early(&departures, &from, &to)
    {
        row.refuse("timetable", rule);
    }
    departures
}

/// The same lane the other way, with `-back` after its code.
fn way_back(row: &Row<'_>, lane: &Lane, origin: Option<&SiteFacts>) -> Lane {
    let lane_id = format!("{}-back", lane.lane_id);
    if !lane.lane_id.is_empty() && LaneId::parse(&lane_id).is_err() {
        row.refuse("lane", "at most 59 characters, so that -back can follow");
    }
    let region = origin.and_then(|site| site.region.as_ref());
    Lane {
        lane_id,
        region: region.map(RegionId::to_string).unwrap_or_default(),
        from_site_id: lane.to_site_id.clone(),
        to_site_id: lane.from_site_id.clone(),
        ..lane.clone()
    }
}

/// How it goes, and whether that is for people.
fn mode(text: &str) -> Result<(LaneMode, bool), Rule> {
    match text {
        "air" => Ok((LaneMode::Air, false)),
        "road" => Ok((LaneMode::Road, false)),
        "sea" => Ok((LaneMode::Sea, false)),
        "rail" => Ok((LaneMode::Rail, false)),
        "courier" => Ok((LaneMode::Courier, false)),
        "flight" => Ok((LaneMode::Flight, true)),
        "train" => Ok((LaneMode::Train, true)),
        "drive" => Ok((LaneMode::Drive, true)),
        _ => Err(Rule::new("air, road, sea, rail, courier, flight, train or drive")),
    }
}
