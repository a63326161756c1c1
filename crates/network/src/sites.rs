//! `sites.csv`: the places.

use jiff::tz::TimeZone;
use meridian_proto::coordinator::v1::{Site, SiteKind};
use meridian_proto::dispatch::v1::Position;
use meridian_proto::inventory::v1::Warehouse;
use meridian_types::{CountryCode, CustomerId, RegionId, Rule, SiteId, TerritoryId};

use crate::folder::Source;
use crate::known::Known;
use crate::reading::Reading;
use crate::table::Shape;
use crate::values;

pub(crate) const SITES: Shape = Shape {
    file: "sites.csv",
    needed: &["site", "name", "region", "kind", "country", "zone", "latitude", "longitude", "calendar"],
    optional: &["subdivision", "territory", "handling_minutes", "customer", "visit_notice_minutes"],
};

/// A week: longer handling is a mistake.
const HANDLING_MINUTES_MAX: i32 = 10_080;

/// What other files need to know of a site.
#[derive(Debug)]
pub(crate) struct SiteFacts {
    pub(crate) region: Option<RegionId>,
    pub(crate) kind: SiteKind,
    pub(crate) country: String,
    pub(crate) position: Position,
    /// Absent when it could not be read.
    pub(crate) zone: Option<TimeZone>,
}

impl SiteFacts {
    /// Whether stock can stand there.
    pub(crate) fn holds_stock(&self) -> bool {
        matches!(self.kind, SiteKind::Warehouse | SiteKind::Depot | SiteKind::Unspecified)
    }
}

pub(crate) fn read(reading: &mut Reading<'_>, customers: &Known<Option<RegionId>>) -> Known<SiteFacts> {
    let mut sites = Known::new("a site of sites.csv");
    let mut alone = Vec::new();
    let source = reading.files.get(SITES.file);
    sites.absent = matches!(source, Source::Absent).then_some(SITES.file);
    sites.complete = SITES.read(source, reading.report, |row| {
        let code = row.code("site", SiteId::parse);
        let region = row.reference("region", &reading.settings.regions);
        let kind = row.get("kind", kind);
        let zone = row.get("zone", |text| values::zone(text).map(Some));
        let country = row.code("country", CountryCode::parse);
        let mut customs_territory = row.optional_code("territory", TerritoryId::parse);
        if customs_territory.is_empty() {
            customs_territory = reading.settings.territory_of.get(&country).unwrap_or(&country).clone();
            alone.push(customs_territory.clone());
        } else {
            row.reference("territory", &reading.settings.territories);
        }
        row.reference("calendar", &reading.settings.calendars);
        if (kind == SiteKind::Customer) == row.is_empty("customer") {
            row.refuse("customer", "the customer for a site of kind customer; empty for every other");
        } else if kind == SiteKind::Customer && CustomerId::parse(row.text("customer")).is_ok() {
            row.reference("customer", customers);
        }
        let site = Site {
            site_id: code.clone(),
            name: row.get("name", values::text),
            region: region.map(RegionId::to_string).unwrap_or_default(),
            kind: kind.into(),
            subdivision: row.optional("subdivision", values::subdivision),
            customs_territory,
            zone: zone.as_ref().and_then(TimeZone::iana_name).unwrap_or_default().to_owned(),
            latitude: row.get("latitude", values::degrees(90.0)),
            longitude: row.get("longitude", values::degrees(180.0)),
            calendar_id: row.text("calendar").to_owned(),
            handling_minutes: row.optional("handling_minutes", values::whole_i32(0, HANDLING_MINUTES_MAX)),
            customer_id: row.text("customer").to_owned(),
            visit_notice_minutes: row
                .optional("visit_notice_minutes", values::whole_i32(0, HANDLING_MINUTES_MAX)),
            country: country.clone(),
        };
        let position = Position { latitude: site.latitude, longitude: site.longitude };
        let facts = SiteFacts { region: region.cloned(), kind, country, position, zone };
        let records = reading.regions.of(region);
        records.network.sites.push(site);
        if facts.holds_stock() {
            let region = region.map(RegionId::to_string).unwrap_or_default();
            records.catalogue.warehouses.push(Warehouse { site_id: code.clone(), region });
        }
        sites.add(row, "site", code, facts);
    });
    reading.settings.territories.complete &= sites.complete && sites.absent.is_none();
    for territory in alone {
        reading.settings.territories.insert(territory, ());
    }
    sites
}

fn kind(text: &str) -> Result<SiteKind, Rule> {
    match text {
        "office" => Ok(SiteKind::Office),
        "warehouse" => Ok(SiteKind::Warehouse),
        "depot" => Ok(SiteKind::Depot),
        "hub" => Ok(SiteKind::Hub),
        "customer" => Ok(SiteKind::Customer),
        "home" => Ok(SiteKind::Home),
        _ => Err(Rule::new("office, warehouse, depot, hub, customer or home")),
    }
}
