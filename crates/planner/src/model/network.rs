//! Sites, customs territories, and the network that holds everything that changes rarely.

use meridian_types::{CalendarId, CountryCode, RegionId, SiteId, TerritoryId};
use serde::{Deserialize, Serialize};

use super::{Calendar, Gate, Lane, PublicCalendar};

/// Everything about the company's world that changes rarely: reference data, replicated to every region.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Network {
    /// Says which state of the reference data this is; part of every decision's snapshot.
    pub version: String,
    /// ISO 4217 code of the one currency of all costs.
    pub currency: String,
    /// Weekends and public holidays of countries and of their parts.
    pub public_calendars: Vec<PublicCalendar>,
    /// Customs territories.
    pub territories: Vec<Territory>,
    /// Clearance between two territories, where it differs from the destination's default.
    pub clearances: Vec<Clearance>,
    /// Calendars of sites, of customs offices and of on-demand lanes.
    pub calendars: Vec<Calendar>,
    /// Sites.
    pub sites: Vec<Site>,
    /// Lanes between sites.
    pub lanes: Vec<Lane>,
    /// Export rules. A controlled class that no rule opens is closed.
    pub gates: Vec<Gate>,
}

/// A customs territory: goods that enter it from another one are cleared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Territory {
    /// Its code (`EU`, `US`).
    pub id: TerritoryId,
    /// When its customs offices work.
    pub calendar: CalendarId,
    /// Working minutes that clearance on entry takes, unless a [`Clearance`] says otherwise; 0 or more.
    pub clearance_minutes: i64,
    /// Documents that every entry needs.
    pub documents: Vec<String>,
}

/// Clearance on the way from one territory into another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clearance {
    /// Where the goods come from.
    pub from: TerritoryId,
    /// Where they enter; its customs calendar counts.
    pub to: TerritoryId,
    /// Working minutes, 0 or more.
    pub minutes: i64,
    /// Documents needed.
    pub documents: Vec<String>,
}

/// What a site is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SiteKind {
    /// A support office, where engineers start from.
    Office,
    /// A warehouse.
    Warehouse,
    /// A repair depot.
    Depot,
    /// An airport, port or railway station.
    Terminal,
    /// A border post.
    Border,
    /// A customer's place.
    Customer,
}

/// A place between which lanes run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Site {
    /// Its code.
    pub id: SiteId,
    /// What it is.
    pub kind: SiteKind,
    /// The region that owns its stock and its engineers.
    pub region: RegionId,
    /// Country.
    pub country: CountryCode,
    /// Part of the country as ISO 3166-2 has it after the hyphen (`BY`), for weekends and holidays kept only there.
    pub subdivision: Option<String>,
    /// Customs territory.
    pub territory: TerritoryId,
    /// IANA zone of its clocks.
    pub zone: String,
    /// Degrees north, -90 to 90.
    pub latitude: f64,
    /// Degrees east, -180 to 180.
    pub longitude: f64,
    /// When goods are handed over and received there, and work on instruments is possible.
    pub calendar: CalendarId,
    /// Opening minutes needed to pick and pack before anything leaves; 0 or more.
    pub pick_minutes: i64,
    /// Opening minutes by which a visit must be announced before somebody is let in; 0 or more.
    #[serde(default)]
    pub visit_notice_minutes: i64,
}
