//! Builds the tables: every record once, references resolved. What an earlier compile built and still holds is
//! shared, not built again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use meridian_types::{CalendarId, CountryCode, SiteId, TerritoryId};

use super::board::Board;
use super::calendar::{self, PublicDays};
use super::error::{CompileError, CompileErrors, CompileRule};
use super::graph::{Graph, Rows};
use super::intervals::IntervalSet;
use super::kept::Kept;
use super::lane_table::{Ends, LaneTable};
use super::minute::{self, Minute};
use super::tables::{ClearanceData, Compiled, LaneData, SiteData, Traffic};
use super::timetable::{self, ArrivesBeforeDeparting, Origin, Service};
use crate::model::{Calendar, Lane, Network, Schedule, Weekdays};

/// Departures before the horizon that are kept, so that a missed one can be named.
const BEFORE_MINUTES: Minute = 3 * 1440;
/// Calendars reach this far beyond the horizon.
const AFTER_MINUTES: Minute = 1440;

/// What the records refer to, while tables are built.
struct Builder<'a> {
    network: &'a Network,
    kept: Option<&'a Kept<'a>>,
    public_days: PublicDays<'a>,
    calendar_index: BTreeMap<&'a CalendarId, usize>,
    from: Minute,
    end: Minute,
    errors: Vec<CompileError>,
}

/// Builds the tables of a network whose records are valid one by one.
pub(super) fn build(
    network: &Arc<Network>,
    (start, end): (Minute, Minute),
    kept: Option<&Kept<'_>>,
) -> Result<Compiled, CompileErrors> {
    let mut builder = Builder {
        network,
        kept,
        public_days: PublicDays::new(&network.public_calendars),
        calendar_index: network.calendars.iter().zip(0..).map(|(calendar, i)| (&calendar.id, i)).collect(),
        from: start - BEFORE_MINUTES,
        end,
        errors: Vec::new(),
    };
    let calendars = builder.calendars();
    let sites = builder.sites(&calendars);
    let site_index: BTreeMap<SiteId, u32> =
        network.sites.iter().zip(0..).map(|(site, index)| (site.id.clone(), index)).collect();
    let lanes = builder.lanes(&sites, &site_index, &calendars);
    if !builder.errors.is_empty() {
        return Err(CompileErrors(builder.errors));
    }
    let [goods, people] =
        [Traffic::Goods, Traffic::People].map(|traffic| builder.graph(traffic, &sites, &lanes));
    Ok(Compiled {
        network: Arc::clone(network),
        start,
        end,
        sites: Arc::new(sites),
        lanes: Arc::new(lanes),
        site_index: Arc::new(site_index),
        calendars,
        goods,
        people,
    })
}

impl Builder<'_> {
    fn zone(&mut self, record: String, zone: &str) -> TimeZone {
        TimeZone::get(zone).unwrap_or_else(|_| {
            let (field, value) = ("zone".to_owned(), zone.to_owned());
            self.errors.push(CompileError { record, field, value, rule: CompileRule::UnknownZone });
            TimeZone::UTC
        })
    }

    fn calendars(&mut self) -> Vec<Arc<IntervalSet>> {
        let network = self.network;
        let compile = |record: &Calendar| {
            if let Some(known) = self.kept.and_then(|kept| kept.calendar(record)) {
                return known;
            }
            let zone = self.zone(format!("calendar {}", record.id), &record.zone);
            let observed = record.observes.as_ref();
            let observed = observed.and_then(|(country, part)| self.public_days.of(country, part.as_deref()));
            let to = self.end + AFTER_MINUTES;
            let holidays = calendar::holidays(observed);
            let open = calendar::open_minutes(record, &zone, &holidays, self.from, to);
            Arc::new(open)
        };
        network.calendars.iter().map(compile).collect()
    }

    fn sites(&mut self, calendars: &[Arc<IntervalSet>]) -> Vec<SiteData> {
        let network = self.network;
        type Days = (Weekdays, Arc<BTreeSet<Date>>);
        let mut known: BTreeMap<(&CountryCode, Option<&str>), Days> = BTreeMap::new();
        let mut sites = Vec::with_capacity(network.sites.len());
        for site in &network.sites {
            let part = site.subdivision.as_deref();
            let days = known.entry((&site.country, part)).or_insert_with(|| {
                let record = self.public_days.of(&site.country, part);
                let weekend =
                    record.map_or_else(|| Weekdays::usual_weekend(&site.country), |record| record.weekend);
                (weekend, Arc::new(calendar::holidays(record)))
            });
            let (weekend, holidays) = (days.0, Arc::clone(&days.1));
            sites.push(SiteData {
                zone: self.zone(format!("site {}", site.id), &site.zone),
                pick_minutes: minute::length(site.pick_minutes),
                open: Arc::clone(&calendars[self.calendar_index[&site.calendar]]),
                weekend,
                holidays,
            });
        }
        sites
    }

    /// The lanes as far as they are well-formed; what is not is among the errors.
    fn lanes(
        &mut self,
        sites: &[SiteData],
        index: &BTreeMap<SiteId, u32>,
        calendars: &[Arc<IntervalSet>],
    ) -> Vec<Arc<LaneData>> {
        let network = self.network;
        let mut clearances = Clearances::new(network, calendars, &self.calendar_index);
        let mut lanes = Vec::with_capacity(network.lanes.len());
        for (place, lane) in network.lanes.iter().enumerate() {
            let known = self.kept.and_then(|kept| kept.ends(place));
            let ends = known.unwrap_or_else(|| (index[&lane.from], index[&lane.to]));
            let hours = match &lane.schedule {
                Schedule::OnDemand { calendar: Some(calendar), .. } => {
                    Some(&calendars[self.calendar_index[calendar]])
                }
                _ => None,
            };
            let clearance = clearances.between(ends);
            let kept =
                self.kept.and_then(|kept| kept.lane((place, lane), ends, sites, clearance.as_ref(), hours));
            lanes.extend(kept.or_else(|| self.lane(lane, ends, sites, clearance, hours).map(Arc::new)));
        }
        lanes
    }

    fn lane(
        &mut self,
        lane: &Lane,
        (from, to): (u32, u32),
        sites: &[SiteData],
        clearance: Option<Arc<ClearanceData>>,
        hours: Option<&Arc<IntervalSet>>,
    ) -> Option<LaneData> {
        let (origin, destination) = (&sites[from as usize], &sites[to as usize]);
        let dates = Origin { zone: &origin.zone, holidays: &origin.holidays, from: self.from, to: self.end };
        let mut service = match timetable::service(lane, &dates, &destination.zone, hours.map(|open| &**open))
        {
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
            runs.retain(|run| run.arrive <= self.end);
            runs.shrink_to_fit();
        }
        Some(LaneData { from, to, service, risk_micro: risk_micro(lane.late_probability), clearance })
    }

    fn graph(&self, traffic: Traffic, sites: &[SiteData], lanes: &[Arc<LaneData>]) -> Graph {
        let before = self.kept.map(|kept| kept.old().graph(traffic));
        let records = &self.network.lanes;
        let carried = |record: &Lane| match traffic {
            Traffic::Goods => record.goods.is_some(),
            Traffic::People => record.people.is_some(),
        };
        let same_rows =
            self.kept.zip(before).filter(|(kept, _)| kept.same_shape(self.network, (sites, lanes)));
        let rows = same_rows.map(|(_, before)| Arc::clone(&before.rows)).unwrap_or_else(|| {
            let used = lanes.iter().zip(records).zip(0..).filter(|((_, record), _)| carried(record));
            let used = used.map(|((lane, _), index)| (index, lane.from, lane.to));
            Arc::new(Rows::new(sites.len(), lanes.len(), used))
        });
        let board = |site: u32| {
            let outgoing = rows.outgoing(site);
            let known = self.kept.zip(before).and_then(|(kept, before)| {
                kept.board((sites, lanes), (site, outgoing), before, traffic == Traffic::Goods)
            });
            known.unwrap_or_else(|| {
                let table = |lane: &u32| {
                    let lane = &lanes[*lane as usize];
                    (lane.to, LaneTable::new(&lane.service, &ends(sites, lane, traffic), 0, self.end))
                };
                Arc::new(Board::new(outgoing.iter().map(table)))
            })
        };
        let boards = (0..sites.len()).map(|site| board(u32::try_from(site).unwrap_or(u32::MAX))).collect();
        Graph { rows, boards: Arc::new(boards) }
    }
}

fn ends<'s>(sites: &'s [SiteData], lane: &'s LaneData, traffic: Traffic) -> Ends<'s> {
    let open = |site: u32| Some(&*sites[site as usize].open);
    match traffic {
        Traffic::Goods => {
            Ends { origin: open(lane.from), destination: open(lane.to), customs: lane.customs() }
        }
        Traffic::People => Ends { origin: None, destination: None, customs: None },
    }
}

/// Clearance between territories, built once per pair.
struct Clearances<'a> {
    network: &'a Network,
    calendars: &'a [Arc<IntervalSet>],
    calendar_index: BTreeMap<&'a CalendarId, usize>,
    /// The territory of each site.
    territories: Vec<usize>,
    pairs: BTreeMap<(usize, usize), Arc<ClearanceData>>,
}

impl<'a> Clearances<'a> {
    fn new(
        network: &'a Network,
        calendars: &'a [Arc<IntervalSet>],
        calendar_index: &BTreeMap<&'a CalendarId, usize>,
    ) -> Self {
        let index: BTreeMap<&TerritoryId, usize> =
            network.territories.iter().zip(0..).map(|(territory, index)| (&territory.id, index)).collect();
        let territories = network.sites.iter().map(|site| index[&site.territory]).collect();
        let (calendar_index, pairs) = (calendar_index.clone(), BTreeMap::new());
        Self { network, calendars, calendar_index, territories, pairs }
    }

    /// What goods need on their way from one site to another.
    fn between(&mut self, (from, to): (u32, u32)) -> Option<Arc<ClearanceData>> {
        let (from, to) = (self.territories[from as usize], self.territories[to as usize]);
        if from == to {
            return None;
        }
        let build = || {
            let (origin, entered) = (&self.network.territories[from], &self.network.territories[to]);
            let special = |pair: &&crate::model::Clearance| pair.from == origin.id && pair.to == entered.id;
            let special = self.network.clearances.iter().find(special);
            let minutes = special.map_or(entered.clearance_minutes, |pair| pair.minutes);
            Arc::new(ClearanceData {
                territory: entered.id.clone(),
                documents: special.map_or(&entered.documents, |pair| &pair.documents).clone(),
                open: Arc::clone(&self.calendars[self.calendar_index[&entered.calendar]]),
                minutes: minute::length(minutes),
            })
        };
        Some(Arc::clone(self.pairs.entry((from, to)).or_insert_with(build)))
    }
}

/// The additive form of a probability, in millionths.
#[expect(clippy::cast_possible_truncation, reason = "a probability below 1 gives at most some millions")]
pub(crate) fn risk_micro(late_probability: f64) -> i64 {
    (-(1.0 - late_probability).ln() * 1e6).round() as i64
}
