//! Everything that changes rarely: sites, lanes, weekends and holidays, customs and export rules of all regions.

use std::collections::{BTreeMap, BTreeSet};

use meridian_planner::model::{
    Clearance, Gate, Lane, Network, Place, PublicCalendar, PublicHoliday, Site, SiteKind, Territory, Verdict,
    Weekdays,
};
use meridian_proto::coordinator::v1 as pb;
use meridian_types::{AreaCode, EndUse, SiteId, TerritoryId};

use super::calendar::{self, Calendars};
use super::lane;

/// Currency of a network without a price.
const CURRENCY_DEFAULT: &str = "EUR";

/// The records of the network, as they stand in the database.
#[derive(Debug, Clone, Default)]
pub(crate) struct Records {
    /// Grows with every change of a record.
    pub(crate) version: i64,
    pub(crate) sites: Vec<pb::Site>,
    pub(crate) calendars: Vec<pb::Calendar>,
    pub(crate) public_calendars: Vec<pb::PublicCalendar>,
    pub(crate) lanes: Vec<pb::Lane>,
    pub(crate) customs_rules: Vec<pb::CustomsRule>,
    pub(crate) gates: Vec<pb::Gate>,
}

/// The planner's network. Records of different regions arrive in any order: what leads to something that is not known
/// yet is left out.
pub(crate) fn network(records: &Records) -> Network {
    let mut calendars = Calendars::new(&records.calendars);
    let sites: Vec<Site> = records.sites.iter().filter_map(|record| site(record, &mut calendars)).collect();
    let zones: BTreeMap<&str, &str> =
        sites.iter().map(|site| (site.id.as_str(), site.zone.as_str())).collect();
    let lanes = records.lanes.iter().filter_map(|record| {
        zones.get(record.to_site_id.as_str())?;
        lane::lane(record, zones.get(record.from_site_id.as_str())?, &mut calendars)
    });
    let territory_of = sites.iter().map(|site| (&site.id, &site.territory)).collect();
    let lanes = lanes.filter(|lane| may_enter(lane, &territory_of, &records.customs_rules)).collect();
    let territories = territories(&sites, &records.customs_rules, &mut calendars);
    let known: BTreeSet<&TerritoryId> = territories.iter().map(|territory| &territory.id).collect();
    let clearances = records.customs_rules.iter().filter_map(|rule| clearance(rule, &known)).collect();
    let gates = records.gates.iter().filter_map(|record| gate(record, &known)).collect();
    Network {
        version: records.version.to_string(),
        currency: currency(&records.lanes).to_owned(),
        public_calendars: records.public_calendars.iter().filter_map(public_calendar).collect(),
        clearances,
        gates,
        territories,
        lanes,
        sites,
        calendars: calendars.into_list(),
    }
}

/// The currency of all prices.
pub(crate) fn currency(lanes: &[pb::Lane]) -> &str {
    let prices = lanes.iter().flat_map(|lane| [&lane.fixed_cost, &lane.cost_per_kg]).flatten();
    prices.map(|price| price.currency_code.as_str()).next().unwrap_or(CURRENCY_DEFAULT)
}

fn site(record: &pb::Site, calendars: &mut Calendars<'_>) -> Option<Site> {
    let territory =
        if record.customs_territory.is_empty() { &record.country } else { &record.customs_territory };
    Some(Site {
        id: record.site_id.parse().ok()?,
        kind: match record.kind() {
            pb::SiteKind::Warehouse => SiteKind::Warehouse,
            pb::SiteKind::Depot => SiteKind::Depot,
            pb::SiteKind::Hub => SiteKind::Terminal,
            pb::SiteKind::Customer => SiteKind::Customer,
            pb::SiteKind::Office | pb::SiteKind::Home | pb::SiteKind::Unspecified => SiteKind::Office,
        },
        region: record.region.parse().ok()?,
        country: record.country.parse().ok()?,
        subdivision: (!record.subdivision.is_empty()).then(|| record.subdivision.clone()),
        territory: territory.parse().ok()?,
        zone: record.zone.clone(),
        latitude: record.latitude,
        longitude: record.longitude,
        calendar: calendars.of(&record.calendar_id, &record.zone)?,
        pick_minutes: record.handling_minutes.into(),
        visit_notice_minutes: record.visit_notice_minutes.into(),
    })
}

fn public_calendar(record: &pb::PublicCalendar) -> Option<PublicCalendar> {
    let area: AreaCode = record.area.parse().ok()?;
    let weekend = match record.weekend.as_slice() {
        [] => Weekdays::usual_weekend(&area.country()),
        days => Weekdays::of(days.iter().filter_map(|day| calendar::weekday(*day))),
    };
    let holiday = |holiday: &pb::PublicHoliday| {
        Some(PublicHoliday { date: holiday.date.parse().ok()?, name: holiday.name.clone() })
    };
    Some(PublicCalendar { area, weekend, holidays: record.holidays.iter().filter_map(holiday).collect() })
}

/// One record for each customs territory with a site. Its customs office keeps the clocks of most of its sites.
fn territories(sites: &[Site], rules: &[pb::CustomsRule], calendars: &mut Calendars<'_>) -> Vec<Territory> {
    let mut zones: BTreeMap<&TerritoryId, BTreeMap<&str, usize>> = BTreeMap::new();
    for site in sites {
        *zones.entry(&site.territory).or_default().entry(&site.zone).or_default() += 1;
    }
    let territory = |(id, zones): (&TerritoryId, BTreeMap<&str, usize>)| {
        let (zone, _) = zones.iter().max_by_key(|(zone, sites)| (**sites, std::cmp::Reverse(**zone)))?;
        let into = || rules.iter().filter(|rule| rule.into_territory == id.as_str());
        let general = into().find(|rule| rule.from_territory.is_empty());
        let hours = general.or_else(|| into().next()).map_or("", |rule| rule.calendar_id.as_str());
        Some(Territory {
            id: id.clone(),
            calendar: calendars.of(hours, zone).or_else(|| calendars.of("", zone))?,
            clearance_minutes: general.map_or(0, |rule| rule.clearance_minutes.into()),
            documents: general.map(|rule| rule.documents.clone()).unwrap_or_default(),
        })
    };
    zones.into_iter().filter_map(territory).collect()
}

/// Whether goods may go by a lane as far as customs are concerned. Fails closed: what no rule lets in stays out.
fn may_enter(lane: &Lane, territory_of: &BTreeMap<&SiteId, &TerritoryId>, rules: &[pb::CustomsRule]) -> bool {
    let (Some(from), Some(into)) = (territory_of.get(&lane.from), territory_of.get(&lane.to)) else {
        return true;
    };
    let applies = |rule: &pb::CustomsRule| {
        rule.into_territory == into.as_str()
            && (rule.from_territory.is_empty() || rule.from_territory == from.as_str())
    };
    lane.goods.is_none() || from == into || rules.iter().any(applies)
}

fn clearance(rule: &pb::CustomsRule, known: &BTreeSet<&TerritoryId>) -> Option<Clearance> {
    let (from, to): (TerritoryId, TerritoryId) =
        (rule.from_territory.parse().ok()?, rule.into_territory.parse().ok()?);
    let both = known.contains(&from) && known.contains(&to);
    let (minutes, documents) = (rule.clearance_minutes.into(), rule.documents.clone());
    both.then_some(Clearance { from, to, minutes, documents })
}

fn gate(record: &pb::Gate, known: &BTreeSet<&TerritoryId>) -> Option<Gate> {
    let place = |territory: &str| {
        if territory.is_empty() {
            return Some(Place::Anywhere);
        }
        territory.parse().ok().filter(|territory| known.contains(territory)).map(Place::Territory)
    };
    let end_use: Option<Result<EndUse, _>> = (!record.end_use.is_empty()).then(|| record.end_use.parse());
    // Fails closed.
    let unreadable = matches!(end_use, Some(Err(_)));
    Some(Gate {
        id: record.gate_id.parse().ok()?,
        export_class: record.export_class.parse().ok()?,
        origin: place(&record.from_territory)?,
        destination: place(&record.into_territory)?,
        end_use: end_use.and_then(Result::ok),
        verdict: match record.effect() {
            _ if unreadable => Verdict::Closed,
            pb::GateEffect::Open => Verdict::Open,
            pb::GateEffect::Licence => Verdict::Licence { working_days: record.licence_working_days },
            pb::GateEffect::Closed | pb::GateEffect::Unspecified => Verdict::Closed,
        },
    })
}

/// A network without some records: the lanes, gates, public calendars or sites that a compiler complained of, and what leads there.
pub(crate) fn without(mut network: Network, records: &BTreeSet<String>) -> Network {
    let gone = |kind: &str, id: &dyn std::fmt::Display| records.contains(&format!("{kind} {id}"));
    network.sites.retain(|site| !gone("site", &site.id));
    let known: BTreeSet<SiteId> = network.sites.iter().map(|site| site.id.clone()).collect();
    network
        .lanes
        .retain(|lane| !gone("lane", &lane.id) && known.contains(&lane.from) && known.contains(&lane.to));
    network.gates.retain(|gate| !gone("gate", &gate.id));
    network.public_calendars.retain(|record| !gone("public_calendar", &record.area));
    network
}
