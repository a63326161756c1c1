//! Builds the tables: every record once, references resolved.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use meridian_types::{CalendarId, CountryCode, SiteId};

use super::error::{CompileError, CompileErrors, CompileRule};
use super::intervals::IntervalSet;
use super::lane_table::{Customs, Ends, LaneTable};
use super::minute::{self, Minute};
use super::tables::{ClearanceData, Compiled, LaneData, SiteData};
use super::timetable::{self, ArrivesBeforeDeparting, Origin, Service};
use super::{Horizon, calendar};
use crate::model::{Calendar, Country, Lane, Network, Schedule};

/// Departures before the horizon that are kept, so that a missed one can be named.
const BEFORE_MINUTES: Minute = 3 * 1440;
/// Calendars reach this far beyond the horizon.
const AFTER_MINUTES: Minute = 1440;

/// What the records refer to, while tables are built.
struct Builder<'a> {
    network: &'a Network,
    countries: BTreeMap<&'a CountryCode, &'a Country>,
    calendar_index: BTreeMap<&'a CalendarId, usize>,
    from: Minute,
    to: Minute,
    errors: Vec<CompileError>,
}

/// Builds the tables of a network whose records are valid one by one.
pub(super) fn build(network: &Network, horizon: Horizon) -> Result<Compiled, CompileErrors> {
    let (start, end) = (minute::floor(horizon.start), minute::floor(horizon.end));
    let mut builder = Builder {
        network,
        countries: network.countries.iter().map(|country| (&country.code, country)).collect(),
        calendar_index: network.calendars.iter().zip(0..).map(|(calendar, i)| (&calendar.id, i)).collect(),
        from: start - BEFORE_MINUTES,
        to: end + AFTER_MINUTES,
        errors: Vec::new(),
    };
    let calendars = builder.calendars();
    let sites = builder.sites();
    let site_index: BTreeMap<SiteId, u32> =
        network.sites.iter().zip(0..).map(|(site, index)| (site.id.clone(), index)).collect();
    let places = Places { sites: &sites, index: &site_index, calendars: &calendars };
    let lanes = builder.lanes(end, &places);
    if builder.errors.is_empty() {
        Ok(Compiled::new(network.clone(), (start, end), sites, lanes, site_index, calendars))
    } else {
        Err(CompileErrors(builder.errors))
    }
}

/// What lanes run between.
struct Places<'a> {
    sites: &'a [SiteData],
    index: &'a BTreeMap<SiteId, u32>,
    calendars: &'a [IntervalSet],
}

impl Builder<'_> {
    fn zone(&mut self, record: String, zone: &str) -> TimeZone {
        TimeZone::get(zone).unwrap_or_else(|_| {
            let (field, value) = ("zone".to_owned(), zone.to_owned());
            self.errors.push(CompileError { record, field, value, rule: CompileRule::UnknownZone });
            TimeZone::UTC
        })
    }

    fn calendars(&mut self) -> Vec<IntervalSet> {
        let network = self.network;
        let compile = |record: &Calendar| {
            let zone = self.zone(format!("calendar {}", record.id), &record.zone);
            let observed = record.observes.as_ref();
            let holidays =
                observed.map(|(country, part)| calendar::holidays(&self.countries, country, part.as_deref()));
            calendar::open_minutes(record, &zone, &holidays.unwrap_or_default(), self.from, self.to)
        };
        network.calendars.iter().map(compile).collect()
    }

    fn sites(&mut self) -> Vec<SiteData> {
        let network = self.network;
        let mut known: BTreeMap<(&CountryCode, Option<&str>), Arc<BTreeSet<Date>>> = BTreeMap::new();
        let mut sites = Vec::with_capacity(network.sites.len());
        for site in &network.sites {
            let part = site.subdivision.as_deref();
            let holidays = known
                .entry((&site.country, part))
                .or_insert_with(|| Arc::new(calendar::holidays(&self.countries, &site.country, part)));
            let holidays = Arc::clone(holidays);
            sites.push(SiteData {
                zone: self.zone(format!("site {}", site.id), &site.zone),
                pick_minutes: minute::length(site.pick_minutes),
                calendar: self.calendar_index[&site.calendar],
                weekend: self.countries[&site.country].weekend,
                holidays,
            });
        }
        sites
    }

    /// The lanes as far as they are well-formed; what is not is among the errors.
    fn lanes(&mut self, end: Minute, places: &Places<'_>) -> Vec<LaneData> {
        let network = self.network;
        network.lanes.iter().filter_map(|lane| self.lane(lane, end, places)).collect()
    }

    fn lane(&mut self, lane: &Lane, end: Minute, places: &Places<'_>) -> Option<LaneData> {
        let (from, to) = (places.index[&lane.from], places.index[&lane.to]);
        let (origin, destination) = (&places.sites[from as usize], &places.sites[to as usize]);
        let dates = Origin { zone: &origin.zone, holidays: &origin.holidays, from: self.from, to: end };
        let hours = match &lane.schedule {
            Schedule::OnDemand { calendar: Some(calendar), .. } => {
                Some(&places.calendars[self.calendar_index[calendar]])
            }
            _ => None,
        };
        let mut service = match timetable::service(lane, &dates, &destination.zone, hours) {
            Ok(service) => service,
            Err(ArrivesBeforeDeparting(departure)) => {
                let (record, value) = (format!("lane {}", lane.id), lane.to.to_string());
                let field = format!("schedule[{departure}].arrive_minute");
                let rule = CompileRule::ArrivalBeforeDeparture;
                self.errors.push(CompileError { record, field, value, rule });
                return None;
            }
        };
        if let Service::Timetable(runs) = &mut service {
            runs.retain(|run| run.arrive <= end);
        }
        let clearance = self.clearance(from, to);
        let customs = clearance.as_ref().map(|clearance| Customs {
            open: &places.calendars[clearance.calendar],
            minutes: clearance.minutes,
        });
        let open = |site: &SiteData| &places.calendars[site.calendar];
        let (origin, destination) = (Some(open(origin)), Some(open(destination)));
        let goods = Ends { origin, destination, customs };
        let people = Ends { origin: None, destination: None, customs: None };
        Some(LaneData {
            from,
            to,
            risk_micro: risk_micro(lane.late_probability),
            goods: lane.goods.as_ref().map(|_| LaneTable::new(&service, &goods, 0, end)),
            people: lane.people.as_ref().map(|_| LaneTable::new(&service, &people, 0, end)),
            clearance,
            service,
        })
    }

    fn clearance(&self, from: u32, to: u32) -> Option<ClearanceData> {
        let (from, to) =
            (&self.network.sites[from as usize].territory, &self.network.sites[to as usize].territory);
        if from == to {
            return None;
        }
        let territory = self.network.territories.iter().find(|territory| territory.id == *to)?;
        let special = self.network.clearances.iter().find(|pair| pair.from == *from && pair.to == *to);
        let minutes = special.map_or(territory.clearance_minutes, |pair| pair.minutes);
        let documents = special.map_or(&territory.documents, |pair| &pair.documents);
        Some(ClearanceData {
            territory: territory.id.clone(),
            documents: documents.clone(),
            calendar: self.calendar_index[&territory.calendar],
            minutes: minute::length(minutes),
        })
    }
}

/// The additive form of a probability, in millionths.
#[expect(clippy::cast_possible_truncation, reason = "a probability below 1 gives at most some millions")]
pub(crate) fn risk_micro(late_probability: f64) -> i64 {
    (-(1.0 - late_probability).ln() * 1e6).round() as i64
}
