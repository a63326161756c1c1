//! A small network for the tests: in each region a warehouse, a customer, and lanes from every warehouse to every
//! customer.

use std::collections::BTreeMap;

use meridian_network::{Network, RegionRecords};
use meridian_proto::coordinator::v1::{Calendar, Lane, LaneMode, OpenHours, Site, SiteKind};
use meridian_proto::intake::v1::{Customer, Person};
use meridian_proto::inventory::v1::{Item, OpeningStock, Pool, Warehouse};
use meridian_proto::types::v1::Money;
use meridian_types::RegionId;

use crate::cluster::REGIONS;

const HOURS_MINUTES: i32 = 60;

/// Item that only the warehouse of `region` has.
pub(crate) fn item_of(region: &str) -> String {
    format!("part-{region}")
}

/// Customer site of a region.
pub(crate) fn site_of(region: &str) -> String {
    format!("customer-{region}")
}

/// Office that takes the calls of a region.
pub(crate) fn office_of(region: &str) -> String {
    format!("office-{region}")
}

/// Person who calls in a region.
pub(crate) fn person_of(region: &str) -> String {
    format!("person-{region}")
}

/// The network, with so many units of each item.
pub(crate) fn network(units: i64) -> Network {
    let regions = REGIONS.map(|region| (RegionId::parse(region).unwrap(), records(region, units)));
    Network {
        name: "Test".to_owned(),
        fictitious: true,
        currency: "EUR".to_owned(),
        regions: BTreeMap::from(regions),
        work_orders: Vec::new(),
    }
}

fn records(region: &str, units: i64) -> RegionRecords {
    let mut records = RegionRecords::default();
    let calendar_id = format!("always-{region}");
    let day = |weekday| OpenHours { weekday, from: "00:00".to_owned(), until: "24:00".to_owned() };
    records.network.calendars.push(Calendar {
        calendar_id: calendar_id.clone(),
        region: region.to_owned(),
        hours: (1..=7).map(day).collect(),
        exceptions: Vec::new(),
    });
    let warehouse = format!("warehouse-{region}");
    let places = [
        (&warehouse, SiteKind::Warehouse),
        (&site_of(region), SiteKind::Customer),
        (&office_of(region), SiteKind::Office),
    ];
    for (site_id, kind) in places {
        records.network.sites.push(Site {
            site_id: site_id.clone(),
            name: site_id.clone(),
            region: region.to_owned(),
            kind: kind.into(),
            country: country(region).to_owned(),
            customs_territory: "one".to_owned(),
            zone: "UTC".to_owned(),
            calendar_id: calendar_id.clone(),
            handling_minutes: HOURS_MINUTES,
            ..Site::default()
        });
    }
    for to in REGIONS {
        let money = |minor| Some(Money { currency_code: "EUR".to_owned(), minor });
        records.network.lanes.push(Lane {
            lane_id: format!("{region}-{to}"),
            region: region.to_owned(),
            from_site_id: warehouse.clone(),
            to_site_id: site_of(to),
            mode: LaneMode::Air.into(),
            carrier: "Test".to_owned(),
            on_demand_minutes: 24 * HOURS_MINUTES,
            fixed_cost: money(10_000),
            cost_per_kg: money(100),
            ..Lane::default()
        });
    }
    records.catalogue.items.push(Item {
        item_id: item_of(region),
        name: format!("Part of {region}"),
        unit: "each".to_owned(),
        weight_grams: 1000,
        region: region.to_owned(),
        ..Item::default()
    });
    records.catalogue.warehouses.push(Warehouse { site_id: warehouse.clone(), region: region.to_owned() });
    records.catalogue.opening_stock.push(OpeningStock {
        item_id: item_of(region),
        warehouse_site_id: warehouse,
        pool: Pool::Stock.into(),
        quantity: units,
    });
    add_customer(&mut records, region);
    records
}

fn add_customer(records: &mut RegionRecords, region: &str) {
    let customer_id = format!("customer-{region}");
    records.directory.customers.push(Customer {
        customer_id: customer_id.clone(),
        name: "Test customer".to_owned(),
        region: region.to_owned(),
        country: country(region).to_owned(),
    });
    records.directory.people.push(Person {
        person_id: person_of(region),
        customer_id,
        name: "Test Person".to_owned(),
        emails: vec![format!("person@{region}.example")],
        language: "en".to_owned(),
        zone: "UTC".to_owned(),
        ..Person::default()
    });
}

fn country(region: &str) -> &'static str {
    match region {
        "africa" => "KE",
        "us" => "US",
        _ => "DE",
    }
}
