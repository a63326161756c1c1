//! A second opinion on the search: a clock and calendars minute by minute, every departure written out, every
//! sequence of departures walked. Slow, and too simple to be wrong in the same way.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use meridian_planner::model::{Calendar, Departure, Lane, LocalSpan, Network, Schedule, Site};
use meridian_planner::{Freight, Horizon, Start};
use meridian_types::{CalendarId, SiteId};

/// Minutes before the horizon that are known.
const BEFORE: i64 = 3 * 1440;
/// Minutes after the horizon that are known.
const AFTER: i64 = 1440;

/// Minute of readiness, cost, CO2, risk.
pub(crate) type Point = (usize, i64, i64, i64);

pub(crate) struct Naive<'n> {
    net: &'n Network,
    freight: Freight,
    legs_max: Option<usize>,
    holiday: Date,
    start: Timestamp,
    /// Last minute of the horizon.
    end: usize,
    /// Whether each minute is open.
    open: BTreeMap<&'n CalendarId, Vec<bool>>,
    /// First and last minute at which clocks show a wall time.
    shown: BTreeMap<&'n str, BTreeMap<DateTime, (usize, usize)>>,
}

impl<'n> Naive<'n> {
    /// `holiday` is the only public holiday of every country.
    pub(crate) fn new(
        net: &'n Network,
        horizon: Horizon,
        holiday: Date,
        freight: Freight,
        legs_max: Option<usize>,
    ) -> Self {
        let start = horizon.start - SignedDuration::from_mins(BEFORE);
        let minute = |instant: Timestamp| usize::try_from(instant.duration_since(start).as_mins()).unwrap();
        let end = minute(horizon.end);
        let minutes = end + AFTER as usize;
        let mut shown = BTreeMap::new();
        for site in &net.sites {
            shown.entry(site.zone.as_str()).or_insert_with(|| walls(&site.zone, start, minutes));
        }
        let open = |calendar: &'n Calendar| (&calendar.id, open_minutes(calendar, holiday, start, minutes));
        let open = net.calendars.iter().map(open).collect();
        Self { net, freight, legs_max, holiday, start, end, open, shown }
    }

    pub(crate) fn minute(&self, instant: Timestamp) -> usize {
        usize::try_from(instant.duration_since(self.start).as_mins()).unwrap()
    }

    fn site(&self, id: &SiteId) -> &'n Site {
        self.net.sites.iter().find(|site| site.id == *id).unwrap()
    }

    fn open(&self, site: &Site) -> &[bool] {
        &self.open[&site.calendar]
    }

    /// When clocks in a zone show a wall time: of one that is skipped the moment after the jump.
    fn shown(&self, zone: &str, date: Date, minute: i32) -> Option<(usize, usize)> {
        let wall = date.at((minute / 60) as i8, (minute % 60) as i8, 0, 0);
        let (known, minutes) = self.shown[zone].range(wall..).next()?;
        Some(if *known == wall { *minutes } else { (minutes.0, minutes.0) })
    }

    /// When what is at the origin at `from` can be received, for each departure that it can still take.
    fn received(&self, lane: &Lane, from: usize) -> Vec<usize> {
        let (origin, destination) = (self.site(&lane.from), self.site(&lane.to));
        let arrivals = match &lane.schedule {
            Schedule::OnDemand { duration_minutes, calendar } => {
                let zone = TimeZone::get(&origin.zone).unwrap();
                let date = |minute: usize| {
                    zone.to_datetime(self.start + SignedDuration::from_mins(minute as i64)).date()
                };
                let runs = |minute: &usize| {
                    self.open(origin)[*minute]
                        && calendar.as_ref().is_none_or(|calendar| self.open[calendar][*minute])
                        && (lane.runs_on_holidays || date(*minute) != self.holiday)
                };
                let departs = (from..self.end).find(runs);
                departs.map(|minute| minute + *duration_minutes as usize).into_iter().collect()
            }
            Schedule::Timetable(departures) => {
                let dates = (0..30).map(|day| self.start.to_zoned(TimeZone::UTC).date() + day.days());
                let runs = |date: Date| {
                    let today = departures.iter().filter(move |known| known.days.contains(date.weekday()));
                    today.filter_map(move |known| self.run(known, date, lane, from)).collect::<Vec<_>>()
                };
                dates.flat_map(runs).collect::<Vec<_>>()
            }
        };
        let received = arrivals.into_iter().filter_map(|arrive| self.cleared(origin, destination, arrive));
        let received = received.filter_map(|cleared| {
            (cleared..self.open(destination).len()).find(|minute| self.open(destination)[*minute])
        });
        received.filter(|ready| *ready <= self.end).collect()
    }

    /// The arrival of the departure of one date, when what is there at `from` can still take it.
    fn run(&self, known: &Departure, date: Date, lane: &Lane, from: usize) -> Option<usize> {
        if !lane.runs_on_holidays && date == self.holiday {
            return None;
        }
        let (origin, destination) = (self.site(&lane.from), self.site(&lane.to));
        let depart = self.shown(&origin.zone, date, known.depart_minute)?.0;
        let cut_off_on = date - i64::from(known.cut_off_days_before).days();
        let cut_off = self.shown(&origin.zone, cut_off_on, known.cut_off_minute)?.0.min(depart);
        let arrives_on = date + i64::from(known.arrive_days_after).days();
        let arrive = self.shown(&destination.zone, arrives_on, known.arrive_minute)?.1.max(depart);
        // Handed over while it is open or just closing.
        let open = self.open(origin);
        (from..=cut_off).any(|minute| open[minute] || open[minute - 1]).then_some(arrive)
    }

    fn cleared(&self, origin: &Site, destination: &Site, arrive: usize) -> Option<usize> {
        let mut minute = arrive;
        if origin.territory != destination.territory {
            let territory = self.net.territories.iter().find(|known| known.id == destination.territory)?;
            let mut left = territory.clearance_minutes;
            while left > 0 {
                left -= i64::from(*self.open[&territory.calendar].get(minute)?);
                minute += 1;
            }
        }
        Some(minute)
    }

    /// What the freight spends on a lane, unless the lane refuses it.
    fn spends(&self, lane: &Lane) -> Option<(i64, i64, i64)> {
        let (terms, freight) = (lane.goods?, &self.freight);
        if (freight.dangerous_goods && !terms.dangerous_goods)
            || (freight.cold_chain && !terms.cold_chain)
            || terms.max_weight_g.is_some_and(|max| freight.weight_g > max)
        {
            return None;
        }
        let kilograms = (freight.weight_g + 999) / 1000;
        let risk = (-(1.0 - lane.late_probability).ln() * 1e6).round() as i64;
        let cost = terms.fixed_cost_minor + kilograms * terms.cost_minor_per_kg;
        Some((cost, (terms.co2_g_per_kg * freight.weight_g + 999) / 1000, risk))
    }

    /// Every way without a site twice, with every departure.
    fn walk(
        &self,
        site: &SiteId,
        point: Point,
        seen: &mut Vec<SiteId>,
        to: &SiteId,
        found: &mut BTreeSet<Point>,
    ) {
        if site == to {
            found.insert(point);
            return;
        }
        if self.legs_max.is_some_and(|legs_max| seen.len() > legs_max) {
            return;
        }
        for lane in self.net.lanes.iter().filter(|lane| lane.from == *site) {
            let Some((cost, co2, risk)) = self.spends(lane).filter(|_| !seen.contains(&lane.to)) else {
                continue;
            };
            seen.push(lane.to.clone());
            for ready in self.received(lane, point.0) {
                let point = (ready, point.1 + cost, point.2 + co2, point.3 + risk);
                self.walk(&lane.to, point, seen, to, found);
            }
            seen.pop();
        }
    }

    /// All ways there are from any of the points at a site.
    pub(crate) fn all(&self, starts: &[(SiteId, Point)], to: &SiteId) -> BTreeSet<Point> {
        let mut found = BTreeSet::new();
        for (site, point) in starts {
            self.walk(site, *point, &mut vec![site.clone()], to, &mut found);
        }
        found
    }

    pub(crate) fn start(&self, start: &Start) -> (SiteId, Point) {
        (start.site.clone(), (self.minute(start.at), start.cost_minor, start.co2_g, start.risk_micro))
    }
}

/// Those of `points` that no other beats.
pub(crate) fn unbeaten(points: &BTreeSet<Point>) -> Vec<Point> {
    let beats = |a: &Point, b: &Point| a != b && a.0 <= b.0 && a.1 <= b.1 && a.2 <= b.2 && a.3 <= b.3;
    points.iter().filter(|point| !points.iter().any(|other| beats(other, point))).copied().collect()
}

fn walls(zone: &str, start: Timestamp, minutes: usize) -> BTreeMap<DateTime, (usize, usize)> {
    let zone = TimeZone::get(zone).unwrap();
    let mut shown = BTreeMap::new();
    for minute in 0..minutes {
        let wall = zone.to_datetime(start + SignedDuration::from_mins(minute as i64));
        shown.entry(wall).or_insert((minute, minute)).1 = minute;
    }
    shown
}

fn open_minutes(calendar: &Calendar, holiday: Date, start: Timestamp, minutes: usize) -> Vec<bool> {
    let zone = TimeZone::get(&calendar.zone).unwrap();
    let is_open = |minute: usize| {
        let wall = zone.to_datetime(start + SignedDuration::from_mins(minute as i64));
        let of_day = i32::from(wall.hour()) * 60 + i32::from(wall.minute());
        let within = |span: &LocalSpan| span.from_minute <= of_day && of_day < span.to_minute;
        match calendar.exceptions.iter().find(|own| own.date == wall.date()) {
            Some(own) => own.spans.iter().any(within),
            None if calendar.observes.is_some() && wall.date() == holiday => false,
            None => {
                let mut today = calendar.hours.iter().filter(|hours| hours.days.contains(wall.weekday()));
                today.any(|hours| within(&hours.span))
            }
        }
    };
    (0..minutes).map(is_open).collect()
}
