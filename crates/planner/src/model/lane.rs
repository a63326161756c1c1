//! Ways between two sites.

use jiff::civil::Date;
use meridian_types::{CalendarId, LaneId, SiteId};
use serde::{Deserialize, Serialize};

use super::Weekdays;

/// A way from one site to another.
///
/// Goods are handed over at the origin by the cut-off and while the origin is open, cross customs where the
/// territory changes, and are received once the destination is open. People need to be there by the cut-off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lane {
    /// Its code.
    pub id: LaneId,
    /// Origin.
    pub from: SiteId,
    /// Destination, another site.
    pub to: SiteId,
    /// Means of transport.
    pub mode: Mode,
    /// When it runs.
    pub schedule: Schedule,
    /// First local date at the origin on which it departs; no limit when absent.
    pub valid_from: Option<Date>,
    /// Last local date at the origin on which it departs; no limit when absent.
    pub valid_until: Option<Date>,
    /// Local dates at the origin on which it does not depart.
    pub not_on: Vec<Date>,
    /// Whether it departs on public holidays of the origin.
    pub runs_on_holidays: bool,
    /// Terms for goods; absent when it carries none.
    pub goods: Option<GoodsTerms>,
    /// Terms for people; absent when it carries none.
    pub people: Option<PeopleTerms>,
    /// Probability that it arrives late, 0 or more and less than 1.
    pub late_probability: f64,
    /// What consignments cost by weight, in place of the costs of [`GoodsTerms`]: in between along a straight line,
    /// rounded up; below the first point as the first; beyond the last in proportion to the last. Empty when the
    /// terms hold.
    #[serde(default)]
    pub tariff: Vec<TariffPoint>,
    /// How late it is when it is late; a day when empty.
    #[serde(default)]
    pub lateness: Vec<LatenessQuantile>,
}

/// What a consignment of some weight costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TariffPoint {
    /// Weight in grams, 1 or more; rises from point to point.
    pub weight_g: i64,
    /// Its cost in minor units of the network's currency, 0 or more; does not fall from point to point.
    pub cost_minor: i64,
}

/// Means of transport.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Air freight or a flight.
    Air,
    /// Lorry.
    Road,
    /// Ship or ferry.
    Sea,
    /// Rail freight or a train.
    Rail,
    /// Door-to-door courier.
    Courier,
    /// A car that somebody drives.
    Drive,
}

/// A point of the distribution of lateness of those arrivals that are late.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LatenessQuantile {
    /// Share of the late arrivals, more than 0 and at most 1; rises from point to point.
    pub share: f64,
    /// They are at most this many minutes late, 1 or more; does not fall from point to point.
    pub minutes: i64,
}

/// When a lane runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Schedule {
    /// At fixed times. Of a wall time that the clocks skip the moment after the jump counts; of one shown
    /// twice the first for cut-off and departure, the second for arrival.
    Timetable(Vec<Departure>),
    /// At any time at which `calendar` is open, or at any time at all.
    OnDemand {
        /// Minutes on the way, 1 or more.
        duration_minutes: i64,
        /// When it can start.
        calendar: Option<CalendarId>,
    },
}

/// One departure of a weekly timetable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Departure {
    /// Local days at the origin on which it departs.
    pub days: Weekdays,
    /// Last hand-over: minutes after local midnight at the origin, 0 to 1439.
    pub cut_off_minute: i32,
    /// How many days before the departure that is; 0 for the same day.
    pub cut_off_days_before: i32,
    /// Departure: minutes after local midnight at the origin, 0 to 1439.
    pub depart_minute: i32,
    /// Arrival: minutes after local midnight at the destination, 0 to 1439.
    pub arrive_minute: i32,
    /// Calendar days from the date of departure to the date of arrival; -1 across the date line, else 0 or more.
    pub arrive_days_after: i32,
}

/// Terms for goods, in minor units of the network's currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoodsTerms {
    /// Cost of a consignment, whatever its weight; 0 or more.
    pub fixed_cost_minor: i64,
    /// Cost per started kilogram of 1,000 g; 0 or more.
    pub cost_minor_per_kg: i64,
    /// Grams of CO2 per kilogram, 0 or more; those of a consignment are rounded up to whole grams.
    pub co2_g_per_kg: i64,
    /// Heaviest consignment in grams; no limit when absent.
    pub max_weight_g: Option<i64>,
    /// Whether it takes dangerous goods.
    pub dangerous_goods: bool,
    /// Whether it keeps goods cold.
    pub cold_chain: bool,
}

/// Terms for people, in minor units of the network's currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeopleTerms {
    /// Cost of one person; 0 or more.
    pub cost_minor: i64,
    /// Grams of CO2 of one person; 0 or more.
    pub co2_g: i64,
}
