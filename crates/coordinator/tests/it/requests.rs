//! Requests and records of the tests.

use meridian_proto::coordinator::v1 as pb;
use meridian_proto::intake::v1 as intake;
use meridian_proto::inventory::v1 as inventory;
use meridian_proto::types::v1::Money;
use meridian_types::{IdSource, SystemIds};

/// A key that no other request has.
pub(crate) fn request_id() -> String {
    SystemIds.uuid().simple().to_string()
}

pub(crate) fn eur(minor: i64) -> Option<Money> {
    Some(Money { currency_code: "EUR".to_owned(), minor })
}

/// A site that never closes.
pub(crate) fn site(site_id: &str, kind: pb::SiteKind, country: &str, zone: &str) -> pb::Site {
    let customs_territory = if matches!(country, "DE" | "FI") { "EU" } else { country };
    pb::Site {
        site_id: site_id.to_owned(),
        name: format!("{site_id} site"),
        kind: kind.into(),
        country: country.to_owned(),
        customs_territory: customs_territory.to_owned(),
        zone: zone.to_owned(),
        ..pb::Site::default()
    }
}

/// A lane for goods that goes at any time and takes so long.
pub(crate) fn lane(from: &str, to: &str, minutes: i32, cost: i64) -> pb::Lane {
    pb::Lane {
        lane_id: format!("{from}-{to}"),
        from_site_id: from.to_owned(),
        to_site_id: to.to_owned(),
        mode: pb::LaneMode::Courier.into(),
        carrier: "Test Express".to_owned(),
        on_demand_minutes: minutes,
        fixed_cost: eur(cost),
        ..pb::Lane::default()
    }
}

/// The same for people.
pub(crate) fn flight(from: &str, to: &str, minutes: i32, cost: i64) -> pb::Lane {
    pb::Lane {
        lane_id: format!("{from}-{to}-flight"),
        mode: pb::LaneMode::Flight.into(),
        people: true,
        ..lane(from, to, minutes, cost)
    }
}

pub(crate) fn item(item_id: &str) -> inventory::Item {
    inventory::Item {
        item_id: item_id.to_owned(),
        name: format!("{item_id} pump"),
        unit: "each".to_owned(),
        weight_grams: 1000,
        ..inventory::Item::default()
    }
}

pub(crate) fn opening(warehouse: &str, item_id: &str, quantity: i64) -> inventory::OpeningStock {
    inventory::OpeningStock {
        item_id: item_id.to_owned(),
        warehouse_site_id: warehouse.to_owned(),
        pool: inventory::Pool::Stock.into(),
        quantity,
    }
}

/// So many of an item at a place.
pub(crate) fn items_need(item_id: &str, quantity: i64, to: &str) -> intake::Need {
    let line = intake::NeedLine { item_id: item_id.to_owned(), quantity, ..intake::NeedLine::default() };
    let items = intake::ItemsNeed { lines: vec![line], deliver_to_site_id: to.to_owned() };
    intake::Need { kind: Some(intake::need::Kind::Items(items)), ..intake::Need::default() }
}
