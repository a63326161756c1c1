//! The rules of lanes.

use meridian_chassis::decode;
use meridian_proto::coordinator::v1 as pb;
use meridian_proto::types::v1::Money;
use meridian_types::{CalendarId, LaneId, SiteId, Violations};

use super::{NAME_CHARS_MAX, date, wall_time};
use crate::world::calendar::weekday;

const DEPARTURES_MAX: usize = 100;
/// 120 days.
const ON_DEMAND_MINUTES_MAX: i32 = 172_800;
const DAYS_LATER_MAX: i32 = 120;
/// Largest amount, in minor units.
const AMOUNT_MAX: i64 = 1_000_000_000_000;
const GRAMS_MAX: i64 = 1_000_000_000_000;
/// Quantiles of lateness, points of a tariff.
const POINTS_MAX: usize = 100;
/// Two years.
const MINUTES_LATE_MAX: i64 = 2 * 366 * 24 * 60;

pub(super) fn lane(v: &mut Violations, field: &str, lane: &pb::Lane) {
    decode::parsed::<LaneId>(v, &format!("{field}.lane_id"), &lane.lane_id);
    decode::parsed::<SiteId>(v, &format!("{field}.from_site_id"), &lane.from_site_id);
    decode::parsed::<SiteId>(v, &format!("{field}.to_site_id"), &lane.to_site_id);
    if lane.from_site_id == lane.to_site_id {
        v.add(format!("{field}.to_site_id"), &lane.to_site_id, "another site than the one it comes from");
    }
    if pb::LaneMode::try_from(lane.mode).unwrap_or_default() == pb::LaneMode::Unspecified {
        v.add(format!("{field}.mode"), lane.mode, "a mode of transport");
    }
    decode::text(v, &format!("{field}.carrier"), &lane.carrier, 0..=NAME_CHARS_MAX);
    schedule(v, field, lane);
    for (index, day) in lane.not_on.iter().enumerate() {
        date(v, &format!("{field}.not_on[{index}]"), day);
    }
    price(v, &format!("{field}.fixed_cost"), lane.fixed_cost.as_ref());
    price(v, &format!("{field}.cost_per_kg"), lane.cost_per_kg.as_ref());
    decode::within(v, &format!("{field}.co2_grams"), lane.co2_grams, 0..=GRAMS_MAX);
    decode::within(v, &format!("{field}.weight_max_grams"), lane.weight_max_grams, 0..=GRAMS_MAX);
    if !(0.0..1.0).contains(&lane.risk) {
        v.add(format!("{field}.risk"), lane.risk, "a probability, 0 or more and below 1");
    }
    lateness(v, &format!("{field}.lateness"), &lane.lateness);
    tariff(v, &format!("{field}.tariff"), &lane.tariff);
}

fn lateness(v: &mut Violations, field: &str, quantiles: &[pb::LatenessQuantile]) {
    if quantiles.len() > POINTS_MAX {
        v.add(field, quantiles.len(), format!("at most {POINTS_MAX} quantiles"));
    }
    let (mut share, mut minutes) = (0.0, 1);
    for (index, quantile) in quantiles.iter().enumerate() {
        if !(quantile.share > share && quantile.share <= 1.0) {
            let rule = format!("more than {share}, at most 1: shares rise");
            v.add(format!("{field}[{index}].share"), quantile.share, rule);
        }
        decode::within(v, &format!("{field}[{index}].minutes"), quantile.minutes, minutes..=MINUTES_LATE_MAX);
        (share, minutes) = (quantile.share, quantile.minutes);
    }
}

fn tariff(v: &mut Violations, field: &str, points: &[pb::TariffPoint]) {
    if points.len() > POINTS_MAX {
        v.add(field, points.len(), format!("at most {POINTS_MAX} points"));
    }
    let (mut weight_grams, mut minor) = (0_i64, 0_i64);
    for (index, point) in points.iter().enumerate() {
        let weight = format!("{field}[{index}].weight_grams");
        decode::within(v, &weight, point.weight_grams, weight_grams.saturating_add(1)..=GRAMS_MAX);
        let cost = format!("{field}[{index}].cost");
        if decode::money(v, &cost, point.cost.clone()).is_some() {
            let given = point.cost.as_ref().map_or(0, |cost| cost.minor);
            decode::within(v, &format!("{cost}.minor"), given, minor..=AMOUNT_MAX);
            minor = given;
        }
        weight_grams = point.weight_grams;
    }
}

/// A timetable, or the minutes it takes on demand.
fn schedule(v: &mut Violations, field: &str, lane: &pb::Lane) {
    let calendar_id = format!("{field}.calendar_id");
    decode::parsed_if_set::<CalendarId>(v, &calendar_id, &lane.calendar_id);
    let minutes = format!("{field}.on_demand_minutes");
    if lane.departures.is_empty() {
        decode::within(v, &minutes, lane.on_demand_minutes, 1..=ON_DEMAND_MINUTES_MAX);
        return;
    }
    if lane.on_demand_minutes != 0 {
        v.add(minutes, lane.on_demand_minutes, "0 for a lane with a timetable");
    }
    if !lane.calendar_id.is_empty() {
        v.add(calendar_id, &lane.calendar_id, "empty for a lane with a timetable");
    }
    if lane.departures.len() > DEPARTURES_MAX {
        let rule = format!("at most {DEPARTURES_MAX} departures");
        v.add(format!("{field}.departures"), lane.departures.len(), rule);
    }
    for (index, departure) in lane.departures.iter().enumerate() {
        self::departure(v, &format!("{field}.departures[{index}]"), departure);
    }
}

fn departure(v: &mut Violations, field: &str, departure: &pb::Departure) {
    if departure.weekdays.is_empty() || departure.weekdays.iter().any(|day| weekday(*day).is_none()) {
        let shown: Vec<_> = departure.weekdays.iter().map(ToString::to_string).collect();
        v.add(format!("{field}.weekdays"), shown.join(","), "at least one of 1 (Monday) to 7 (Sunday)");
    }
    for (name, text) in
        [("cut_off", &departure.cut_off), ("departs", &departure.departs), ("arrives", &departure.arrives)]
    {
        let field = format!("{field}.{name}");
        if wall_time(v, &field, text) == Some(24 * 60) {
            v.add(field, text, "00:00 of the next day instead");
        }
    }
    let days = format!("{field}.arrives_days_later");
    decode::within(v, &days, departure.arrives_days_later, 0..=DAYS_LATER_MAX);
}

fn price(v: &mut Violations, field: &str, price: Option<&Money>) {
    let Some(price) = price else { return };
    if decode::money(v, field, Some(price.clone())).is_some() {
        decode::within(v, &format!("{field}.minor"), price.minor, 0..=AMOUNT_MAX);
    }
}
