//! The network behind the deliveries: a site per place, an item per description, a lane per way and mode, and as much
//! stock as was delivered.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use meridian_network::{Network, RegionRecords};
use meridian_proto::coordinator::v1::{Calendar, Lane, LaneMode, OpenHours, Site, SiteKind};
use meridian_proto::intake::v1::{Customer, Person};
use meridian_proto::inventory::v1::{Item, OpeningStock, Pool, Warehouse};
use meridian_proto::types::v1::Money;
use meridian_types::RegionId;

use super::geography::{self, Mode, Place};
use super::records::Delivery;

const CURRENCY: &str = "USD";
const ALWAYS: &str = "always";
/// One customs territory for all: the records' times on the way include clearance.
const TERRITORY: &str = "scms";
const DAY_MINUTES: i32 = 24 * 60;
const HANDLING_MINUTES: i32 = 60;

/// Code of the site that a country's deliveries go to.
pub(super) fn destination_site(place: &Place) -> String {
    format!("to-{}", place.country.to_lowercase())
}

/// Code of the office of a region that takes its calls.
pub(super) fn office(region: &str) -> String {
    format!("office-{region}")
}

/// Person who calls for a country.
pub(super) fn person(place: &Place) -> String {
    format!("person-{}", place.country.to_lowercase())
}

/// Codes of the items and places of origin, which the records know by long names only.
pub(super) struct Codes {
    items: BTreeMap<String, String>,
    origins: BTreeMap<String, String>,
    /// Where each item came from at one time or another, by code.
    sources: BTreeMap<String, BTreeSet<String>>,
}

impl Codes {
    /// Codes by position in the alphabet: the same file gives the same codes.
    pub(super) fn of(deliveries: &[Delivery]) -> Self {
        let numbered = |names: BTreeSet<&String>, prefix: &str| {
            let numbered = names.into_iter().enumerate();
            numbered.map(|(index, name)| (name.clone(), format!("{prefix}-{:03}", index + 1))).collect()
        };
        let mut codes = Self {
            items: numbered(deliveries.iter().map(|it| &it.item).collect(), "item"),
            origins: numbered(deliveries.iter().map(|it| &it.origin).collect(), "from"),
            sources: BTreeMap::new(),
        };
        for delivery in deliveries {
            let origin = codes.origin(delivery);
            codes.sources.entry(codes.item(delivery)).or_default().insert(origin);
        }
        codes
    }

    /// Code of the item of a delivery.
    pub(super) fn item(&self, delivery: &Delivery) -> String {
        self.items[&delivery.item].clone()
    }

    /// Code of the lane that a delivery really took.
    pub(super) fn lane(&self, delivery: &Delivery) -> String {
        lane_id(&self.origin(delivery), &destination_site(delivery.destination), delivery.mode)
    }

    /// Codes of the places that have the item of a delivery too, but from where it did not come.
    pub(super) fn other_origins(&self, delivery: &Delivery) -> Vec<String> {
        let origin = self.origin(delivery);
        self.sources[&self.item(delivery)].iter().filter(|it| **it != origin).cloned().collect()
    }

    fn origin(&self, delivery: &Delivery) -> String {
        self.origins[&delivery.origin].clone()
    }
}

/// The network of the deliveries.
///
/// # Errors
/// A region of the table of places is not a region.
pub(super) fn build(deliveries: &[Delivery]) -> Result<Network> {
    let codes = Codes::of(deliveries);
    let mut regions: BTreeMap<RegionId, RegionRecords> = BTreeMap::new();
    for region in ["eu", "us", "africa"] {
        regions.insert(RegionId::parse(region).context("region")?, RegionRecords::default());
    }
    let mut records = |region: &str, change: &mut dyn FnMut(&mut RegionRecords)| {
        if let Some(found) = regions.iter_mut().find(|(id, _)| id.as_str() == region) {
            change(found.1);
        }
    };
    records("eu", &mut |it| it.network.calendars.push(always()));
    let items: BTreeMap<_, _> = deliveries.iter().map(|it| (codes.item(it), it)).collect();
    records("eu", &mut |it| it.catalogue.items = items.iter().map(|(code, one)| item(code, one)).collect());

    let destinations: BTreeMap<_, _> =
        deliveries.iter().map(|it| (it.destination.country, it.destination)).collect();
    let offices: BTreeMap<_, _> = destinations.values().map(|place| (place.region, place)).collect();
    for (region, place) in offices {
        records(region, &mut |it| {
            it.network.sites.push(site(&office(region), "Office", SiteKind::Office, place));
        });
    }
    for place in destinations.values() {
        records(place.region, &mut |it| {
            it.network.sites.push(site(&destination_site(place), place.name, SiteKind::Customer, place));
            it.directory.customers.push(customer(place));
            it.directory.people.push(caller(place));
        });
    }
    let origins: BTreeMap<_, _> =
        deliveries.iter().map(|it| (codes.origin(it), it.origin.as_str())).collect();
    for (code, name) in &origins {
        let place = geography::origin(name);
        records(place.region, &mut |it| {
            it.network.sites.push(site(code, name, SiteKind::Warehouse, &place));
            let region = place.region.to_owned();
            it.catalogue.warehouses.push(Warehouse { site_id: code.clone(), region });
        });
    }
    let mut stock: BTreeMap<(String, String), i64> = BTreeMap::new();
    for delivery in deliveries {
        *stock.entry((codes.origin(delivery), codes.item(delivery))).or_default() += delivery.quantity;
    }
    for ((origin, item_id), quantity) in stock {
        let region = geography::origin(origins[&origin]).region;
        records(region, &mut |it| {
            it.catalogue.opening_stock.push(OpeningStock {
                item_id: item_id.clone(),
                warehouse_site_id: origin.clone(),
                pool: Pool::Stock.into(),
                quantity,
            });
        });
    }
    for ((origin, country, mode), freight) in freights(deliveries, &codes) {
        let region = geography::origin(origins[&origin]).region;
        let to = destination_site(destinations[country]);
        records(region, &mut |it| it.network.lanes.push(lane(region, &origin, &to, mode, freight)));
    }
    Ok(Network {
        name: "SCMS deliveries".to_owned(),
        fictitious: false,
        currency: CURRENCY.to_owned(),
        regions,
        work_orders: Vec::new(),
    })
}

/// Median freight of each way, minor units. A way without any known freight takes the median of its mode.
fn freights(deliveries: &[Delivery], codes: &Codes) -> BTreeMap<(String, &'static str, Mode), i64> {
    let mut by_way: BTreeMap<_, Vec<f64>> = BTreeMap::new();
    let mut by_mode: BTreeMap<Mode, Vec<f64>> = BTreeMap::new();
    for delivery in deliveries {
        let way = (codes.origin(delivery), delivery.destination.country, delivery.mode);
        by_way.entry(way).or_default().extend(delivery.freight_usd);
        by_mode.entry(delivery.mode).or_default().extend(delivery.freight_usd);
    }
    let usual: BTreeMap<Mode, f64> = Mode::ALL
        .into_iter()
        .map(|mode| (mode, by_mode.get_mut(&mode).and_then(|known| median(known)).unwrap_or(1000.0)))
        .collect();
    by_way
        .into_iter()
        .map(|(way, mut known)| {
            let dollars = median(&mut known).unwrap_or(usual[&way.2]);
            (way, (dollars * 100.0).round() as i64)
        })
        .collect()
}

fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

fn always() -> Calendar {
    let day = |weekday| OpenHours { weekday, from: "00:00".to_owned(), until: "24:00".to_owned() };
    Calendar {
        calendar_id: ALWAYS.to_owned(),
        region: "eu".to_owned(),
        hours: (1..=7).map(day).collect(),
        exceptions: Vec::new(),
    }
}

fn site(code: &str, name: &str, kind: SiteKind, place: &Place) -> Site {
    Site {
        site_id: code.to_owned(),
        name: name.to_owned(),
        region: place.region.to_owned(),
        kind: kind.into(),
        country: place.country.to_owned(),
        subdivision: String::new(),
        customs_territory: TERRITORY.to_owned(),
        zone: place.zone.to_owned(),
        latitude: place.at.0,
        longitude: place.at.1,
        calendar_id: ALWAYS.to_owned(),
        handling_minutes: if kind == SiteKind::Warehouse { HANDLING_MINUTES } else { 0 },
        customer_id: if kind == SiteKind::Customer { customer(place).customer_id } else { String::new() },
        visit_notice_minutes: 0,
    }
}

fn item(code: &str, delivery: &Delivery) -> Item {
    Item {
        item_id: code.to_owned(),
        name: delivery.item.clone(),
        unit: "pack".to_owned(),
        weight_grams: ((delivery.weight_kg * 1000.0 / delivery.quantity as f64).round() as i64).max(1),
        unit_value: Some(Money { currency_code: CURRENCY.to_owned(), minor: 100 }),
        region: "eu".to_owned(),
        ..Item::default()
    }
}

fn customer(place: &Place) -> Customer {
    Customer {
        customer_id: format!("programme-{}", place.country.to_lowercase()),
        name: format!("Programme in {}", place.name),
        region: place.region.to_owned(),
        country: place.country.to_owned(),
    }
}

fn caller(place: &Place) -> Person {
    Person {
        person_id: person(place),
        customer_id: customer(place).customer_id,
        name: "Supply officer".to_owned(),
        phones: Vec::new(),
        emails: vec![format!("supply@{}.example.org", place.country.to_lowercase())],
        language: "en".to_owned(),
        zone: place.zone.to_owned(),
        external_ids: Vec::new(),
    }
}

fn lane_id(from: &str, to: &str, mode: Mode) -> String {
    format!("{from}-{to}-{}", mode.code())
}

fn lane(region: &str, from: &str, to: &str, mode: Mode, freight_minor: i64) -> Lane {
    let money = |minor| Some(Money { currency_code: CURRENCY.to_owned(), minor });
    Lane {
        lane_id: lane_id(from, to, mode),
        region: region.to_owned(),
        from_site_id: from.to_owned(),
        to_site_id: to.to_owned(),
        mode: match mode {
            Mode::Air | Mode::AirCharter => LaneMode::Air,
            Mode::Truck => LaneMode::Road,
            Mode::Ocean => LaneMode::Sea,
            Mode::Unknown => LaneMode::Courier,
        }
        .into(),
        carrier: mode.code().to_owned(),
        on_demand_minutes: mode.days() * DAY_MINUTES,
        fixed_cost: money(freight_minor),
        cost_per_kg: money(0),
        cold_chain: true,
        dangerous_goods: true,
        ..Lane::default()
    }
}
