//! Terms of planning as messages.

use std::collections::BTreeMap;

use meridian_chassis::decode;
use meridian_proto::dispatch::v1 as pb;
use meridian_scheduler::workforce::Spans;
use meridian_scheduler::workload::{PickupPoint, Roads, Trip};
use meridian_types::{EngineerId, Money, SiteId, Violations};

use super::order::position_if_set;
use super::{amount, list, span};
use crate::domain::terms::{Charges, Place, Terms, Trips};

/// Longest time that is planned together.
const WINDOW_DAYS_MAX: i64 = 60;
const PLACES_MAX: usize = 5000;
const OPENINGS_MAX: usize = 500;
const WAYS_MAX: usize = 20_000;
/// A week.
const WAY_MINUTES_MAX: i32 = 7 * 24 * 60;
/// The highest charge for a change and the highest cost of a way, in minor units.
const AMOUNT_MAX: i64 = 50_000_000;
/// The highest charge for leaving out what is least urgent, and for a day.
const DAILY_MAX: i64 = 1_000_000;
/// The highest cost of a trip; as much as the scheduler reckons with.
const TRIP_COST_MAX: i64 = 250_000_000;
const TRIPS_MAX: usize = 1000;
/// Working time of a trip, and overtime of an engineer.
const SPANS_MAX: usize = 100;
const OVERTIME_MAX: usize = 1000;
/// A day.
const PICKUP_MINUTES_MAX: i32 = 24 * 60;
/// The highest cost of a kilometre.
const KM_MAX: i64 = 1000;

/// The terms that the message describes.
pub(crate) fn decode(v: &mut Violations, field: &str, message: Option<pb::Terms>) -> Option<Terms> {
    let message = decode::required(v, field, message)?;
    let window = span::decode(v, &format!("{field}.window"), message.window, WINDOW_DAYS_MAX);
    let frozen_until = decode::timestamp_if_set(v, &format!("{field}.frozen_until"), message.frozen_until);
    let places = list(v, &format!("{field}.places"), message.places, PLACES_MAX, place);
    let ways = list(v, &format!("{field}.ways"), message.ways, WAYS_MAX, way);
    let roads = match message.roads {
        None => Some(None),
        Some(message) => roads(v, &format!("{field}.roads"), message).map(Some),
    };
    let charges = match message.charges {
        None => Some(None),
        Some(message) => charges(v, &format!("{field}.charges"), message).map(Some),
    };
    let pickup = match &message.pickup {
        None => Some(None),
        Some(message) => pickup(v, &format!("{field}.pickup"), message).map(Some),
    };
    let trips = trips(v, &format!("{field}.trips"), message.trips);
    let overtime = overtime(v, &format!("{field}.overtime"), message.overtime);
    let mut known = BTreeMap::new();
    let ways = ways?;
    for (from, to, way) in &ways {
        known.insert((to.clone(), from.clone()), *way);
    }
    // What is said of a way itself comes before what follows from the way back.
    known.extend(ways.into_iter().map(|(from, to, way)| ((from, to), way)));
    Some(Terms {
        window: window?,
        frozen_until,
        places: places?,
        ways: known,
        roads: roads?,
        charges: charges?,
        pickup: pickup?,
        trips: trips?,
        overtime: overtime?,
    })
}

fn place(v: &mut Violations, field: &str, message: pb::Place) -> Option<Place> {
    let site = decode::parsed(v, &format!("{field}.site_id"), &message.site_id);
    let country = if message.country.is_empty() {
        Some(None)
    } else {
        decode::parsed(v, &format!("{field}.country"), &message.country).map(Some)
    };
    let position = position_if_set(v, &format!("{field}.position"), message.position);
    let opening = list(v, &format!("{field}.opening"), message.opening, OPENINGS_MAX, |v, field, span| {
        span::decode(v, field, Some(span), 366)
    })?;
    let opening = (!opening.is_empty()).then(|| opening.into_iter().collect());
    Some(Place { site: site?, country: country?, position: position?, opening })
}

fn way(v: &mut Violations, field: &str, message: pb::Way) -> Option<(SiteId, SiteId, (i32, Option<Money>))> {
    let from = decode::parsed(v, &format!("{field}.from_site_id"), &message.from_site_id);
    let to = decode::parsed(v, &format!("{field}.to_site_id"), &message.to_site_id);
    let minutes = decode::within(v, &format!("{field}.minutes"), message.minutes, 0..=WAY_MINUTES_MAX);
    let cost = match message.cost {
        None => Some(None),
        cost => amount(v, &format!("{field}.cost"), cost, AMOUNT_MAX).map(Some),
    };
    Some((from?, to?, (minutes?, cost?)))
}

fn roads(v: &mut Violations, field: &str, message: pb::Roads) -> Option<Roads> {
    let detour = decode::within(v, &format!("{field}.detour_percent"), message.detour_percent, 100..=1000);
    let speed = decode::within(v, &format!("{field}.speed_km_per_h"), message.speed_km_per_h, 1..=300);
    let cost = amount(v, &format!("{field}.cost_per_km"), message.cost_per_km, KM_MAX);
    Some(Roads { detour_percent: detour?, speed_km_per_h: speed?, cost_per_km: cost? })
}

fn charges(v: &mut Violations, field: &str, message: pb::Charges) -> Option<Charges> {
    let mut charge = |name: &str, message, most| amount(v, &format!("{field}.{name}"), message, most);
    let engineer = charge("engineer", message.engineer, AMOUNT_MAX);
    let day = charge("day", message.day, AMOUNT_MAX);
    let window = charge("window", message.window, AMOUNT_MAX);
    let absence = charge("absence", message.absence, DAILY_MAX);
    let late_day = charge("late_day", message.late_day, DAILY_MAX);
    Some(Charges { engineer: engineer?, day: day?, window: window?, absence: absence?, late_day: late_day? })
}

fn pickup(v: &mut Violations, field: &str, message: &pb::PickupPoint) -> Option<PickupPoint> {
    let site = decode::parsed(v, &format!("{field}.site_id"), &message.site_id);
    let minutes = decode::within(v, &format!("{field}.minutes"), message.minutes, 0..=PICKUP_MINUTES_MAX);
    Some(PickupPoint { site: site?, minutes: minutes? })
}

fn trips(v: &mut Violations, field: &str, messages: Vec<pb::Trip>) -> Option<Trips> {
    let mut trips = Trips::default();
    for (place, (engineer, trip)) in list(v, field, messages, TRIPS_MAX, trip)?.into_iter().enumerate() {
        let known = trips.0.entry(engineer.clone()).or_default();
        if known.iter().any(|known| (&known.lodging, known.away) == (&trip.lodging, trip.away)) {
            let value = format!("{engineer} at {} from {}", trip.lodging, trip.away.start());
            v.add(format!("{field}[{place}]"), value, "each stay of an engineer once");
        }
        known.push(trip);
    }
    Some(trips)
}

fn trip(v: &mut Violations, field: &str, message: pb::Trip) -> Option<(EngineerId, Trip)> {
    let engineer = decode::parsed(v, &format!("{field}.engineer_id"), &message.engineer_id);
    let lodging = decode::parsed(v, &format!("{field}.lodging_site_id"), &message.lodging_site_id);
    let away = span::decode(v, &format!("{field}.away"), message.away, WINDOW_DAYS_MAX);
    let name = format!("{field}.work");
    if message.work.is_empty() {
        v.add(&*name, "0 entries", format!("1 to {SPANS_MAX} entries"));
    }
    let work = list(v, &name, message.work, SPANS_MAX, |v, field, work| {
        let work = span::decode(v, field, Some(work), WINDOW_DAYS_MAX)?;
        if let Some(away) = away
            && !away.encloses(work)
        {
            let rule = format!("within away, {} to {}", away.start(), away.end());
            v.add(field, format!("{} to {}", work.start(), work.end()), rule);
        }
        Some(work)
    });
    let cost = amount(v, &format!("{field}.cost"), message.cost, TRIP_COST_MAX);
    let work = work?.into_iter().collect();
    Some((engineer?, Trip { lodging: lodging?, away: away?, work, cost: cost? }))
}

fn overtime(
    v: &mut Violations,
    field: &str,
    messages: Vec<pb::AgreedOvertime>,
) -> Option<BTreeMap<EngineerId, Spans>> {
    let agreed = list(v, field, messages, OVERTIME_MAX, |v, field, message| {
        let engineer: Option<EngineerId> =
            decode::parsed(v, &format!("{field}.engineer_id"), &message.engineer_id);
        let during = list(v, &format!("{field}.during"), message.during, SPANS_MAX, |v, field, span| {
            span::decode(v, field, Some(span), WINDOW_DAYS_MAX)
        });
        Some((engineer?, during?.into_iter().collect::<Spans>()))
    })?;
    let mut overtime = BTreeMap::new();
    for (place, (engineer, during)) in agreed.into_iter().enumerate() {
        if overtime.insert(engineer.clone(), during).is_some() {
            v.add(format!("{field}[{place}].engineer_id"), engineer, "each engineer once");
        }
    }
    Some(overtime)
}
