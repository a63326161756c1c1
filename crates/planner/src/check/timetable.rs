//! Opening hours and departures in UTC minutes, out of the records day by day, as far ahead as somebody asks.
//!
//! What is late is followed through them by all options of an answer, so what was worked out once is kept.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use meridian_types::{CalendarId, LaneId, SiteId};

use super::clock::{departs_on, merged, open_on, run_on, spans, wall};
use crate::compile::Compiled;
use crate::model::{Calendar, Lane, Network, Request, Schedule, Site};

/// Minutes since the Unix epoch.
pub(super) type Minute = i64;

/// The last whole minute not after an instant.
pub(super) fn minute(instant: Timestamp) -> Minute {
    instant.as_second().div_euclid(60)
}

/// The first whole minute not before an instant: when a wall time begins to count, where clocks are not whole minutes
/// apart from UTC, as most were not once.
pub(super) fn minute_up(instant: Timestamp) -> Minute {
    let seconds = instant.as_second() + i64::from(instant.subsec_nanosecond() > 0);
    -(-seconds).div_euclid(60)
}

/// Opening hours and departures from the moment of a request on.
pub(crate) struct Timetable<'c> {
    network: &'c Network,
    request: &'c Request,
    pub(super) now: Minute,
    /// Nothing happens after it.
    pub(super) end: Minute,
    hours: Vec<Hours<'c>>,
    /// Places in `hours`; a site may be open for longer than its calendar says.
    known_hours: BTreeMap<(&'c CalendarId, Option<&'c SiteId>), usize>,
    lines: Vec<Line<'c>>,
    /// Places in `lines`, for goods and for people.
    known_lines: BTreeMap<(&'c LaneId, bool), usize>,
}

/// When something is open.
struct Hours<'c> {
    calendar: &'c Calendar,
    zone: TimeZone,
    /// Disjoint and in order; complete before `known`.
    spans: Vec<(Minute, Minute)>,
    known: Minute,
    /// The local date that begins then.
    next: Date,
}

/// A lane as goods or people see it.
struct Line<'c> {
    lane: &'c Lane,
    origin: &'c Site,
    zones: (TimeZone, TimeZone),
    /// Hours of both ends and customs, places in [`Timetable::hours`]; none for people.
    ends: Option<(usize, usize)>,
    customs: Option<(usize, Minute)>,
    /// Hours in which it can start on demand.
    starts: Option<usize>,
    /// All that leave before `known`, and are received in time.
    runs: Vec<Run>,
    known: Minute,
    next: Date,
}

/// One departure.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run {
    pub(super) hand_over: Minute,
    pub(super) arrive: Minute,
    /// When who is not late is received.
    pub(super) received: Minute,
}

impl Hours<'_> {
    /// Makes everything before `until` known.
    fn know(&mut self, network: &Network, until: Minute) {
        while self.known <= until {
            let Ok(tomorrow) = self.next.tomorrow() else { return };
            let Some(midnight) = wall(&self.zone, tomorrow, 0, false) else { return };
            let today = open_on(network, self.calendar, &self.zone, self.next);
            let in_order = today.len() < 2 && self.spans.last().is_none_or(|span| span.1 <= self.known);
            self.spans.extend(today.into_iter().map(|(opens, closes)| (minute_up(opens), minute_up(closes))));
            if !in_order {
                self.spans = merged(std::mem::take(&mut self.spans));
            }
            (self.next, self.known) = (tomorrow, minute_up(midnight));
        }
    }

    /// What `find` finds among the spans, looking ahead as far as it takes but not beyond `end`.
    fn find(
        &mut self,
        network: &Network,
        (from, end): (Minute, Minute),
        find: impl Fn(&[(Minute, Minute)]) -> Option<Minute>,
    ) -> Option<Minute> {
        self.know(network, from);
        loop {
            let first = self.spans.partition_point(|span| span.1 <= from);
            let found = find(&self.spans[first..]);
            if found.is_some_and(|found| found < self.known) || self.known > end {
                return found.filter(|found| *found <= end);
            }
            self.know(network, self.known);
        }
    }
}

impl<'c> Timetable<'c> {
    /// That of a network from the moment of a request on, with the access agreed for it.
    pub(crate) fn new(net: &'c Compiled, request: &'c Request) -> Self {
        Self {
            network: net.network(),
            request,
            now: minute_up(request.now),
            end: minute(net.horizon().end),
            hours: Vec::new(),
            known_hours: BTreeMap::new(),
            lines: Vec::new(),
            known_lines: BTreeMap::new(),
        }
    }

    fn site(&self, site: &SiteId) -> Option<&'c Site> {
        self.network.sites.iter().find(|known| known.id == *site)
    }

    /// The place of the hours of a calendar, or of a site that follows it.
    fn hours_of(&mut self, calendar: &'c CalendarId, site: Option<&'c SiteId>) -> Option<usize> {
        let extra = site
            .iter()
            .flat_map(|site| self.request.extra_access.iter().filter(move |access| access.site == **site));
        let extra = spans(&extra.map(|access| access.during).collect::<Vec<_>>());
        let key = (calendar, site.filter(|_| !extra.is_empty()));
        if let Some(known) = self.known_hours.get(&key) {
            return Some(*known);
        }
        let calendar = self.network.calendars.iter().find(|known| known.id == *calendar)?;
        let zone = TimeZone::get(&calendar.zone).ok()?;
        let next = zone.to_datetime(self.request.now).date().yesterday().ok()?;
        let known = minute_up(wall(&zone, next, 0, false)?);
        let spans = merged(extra.into_iter().map(|(from, to)| (minute(from), minute(to))).collect());
        self.hours.push(Hours { calendar, zone, spans, known, next });
        self.known_hours.insert(key, self.hours.len() - 1);
        Some(self.hours.len() - 1)
    }

    fn site_hours(&mut self, site: &SiteId) -> Option<usize> {
        let site = self.site(site)?;
        self.hours_of(&site.calendar, Some(&site.id))
    }

    fn next_open(&mut self, hours: usize, at: Minute) -> Option<Minute> {
        self.hours[hours].find(self.network, (at, self.end), |spans| spans.first().map(|span| span.0.max(at)))
    }

    /// When so many minutes have been open since `from`.
    fn worked(&mut self, hours: usize, from: Minute, minutes: Minute) -> Option<Minute> {
        if minutes <= 0 {
            return Some(from);
        }
        self.hours[hours].find(self.network, (from, self.end), |spans| {
            let mut left = minutes;
            for span in spans {
                let begin = span.0.max(from);
                if span.1 - begin >= left {
                    return Some(begin + left);
                }
                left -= span.1 - begin;
            }
            None
        })
    }

    /// When a site opens after `at`, or `at` when it is open.
    pub(super) fn opens(&mut self, site: &SiteId, at: Minute) -> Option<Minute> {
        let hours = self.site_hours(site)?;
        self.next_open(hours, at)
    }

    /// When a site has been open for so many minutes since `from`.
    pub(super) fn open_for(&mut self, site: &SiteId, from: Minute, minutes: Minute) -> Option<Minute> {
        let hours = self.site_hours(site)?;
        self.worked(hours, from, minutes)
    }

    /// When a site is open between two moments.
    pub(super) fn open_within(&mut self, site: &SiteId, from: Minute, to: Minute) -> Vec<(Minute, Minute)> {
        let Some(hours) = self.site_hours(site) else { return Vec::new() };
        let hours = &mut self.hours[hours];
        hours.know(self.network, to);
        let first = hours.spans.partition_point(|span| span.1 <= from);
        let here = hours.spans[first..].iter().take_while(|span| span.0 < to);
        here.map(|span| (span.0.max(from), span.1.min(to))).collect()
    }

    /// The place of a lane, for goods or for people.
    pub(super) fn line(&mut self, lane: &LaneId, goods: bool) -> Option<usize> {
        if let Some(known) = self.known_lines.get(&(lane, goods)) {
            return Some(*known);
        }
        let lane = self.network.lanes.iter().find(|known| known.id == *lane)?;
        let (origin, to) = (self.site(&lane.from)?, self.site(&lane.to)?);
        let zones = (TimeZone::get(&origin.zone).ok()?, TimeZone::get(&to.zone).ok()?);
        let (mut ends, mut customs) = (None, None);
        if goods {
            ends = Some((self.site_hours(&origin.id)?, self.site_hours(&to.id)?));
            customs = self.customs(origin, to);
        }
        let starts = match &lane.schedule {
            Schedule::OnDemand { calendar: Some(calendar), .. } => Some(self.hours_of(calendar, None)?),
            _ => None,
        };
        let next = zones.0.to_datetime(self.request.now).date();
        let known = minute_up(wall(&zones.0, next, 0, false)?);
        self.lines.push(Line { lane, origin, zones, ends, customs, starts, runs: Vec::new(), known, next });
        self.known_lines.insert((&lane.id, goods), self.lines.len() - 1);
        Some(self.lines.len() - 1)
    }

    /// The record of a line.
    pub(super) fn lane(&self, line: usize) -> &'c Lane {
        self.lines[line].lane
    }

    fn customs(&mut self, from: &Site, to: &Site) -> Option<(usize, Minute)> {
        if from.territory == to.territory {
            return None;
        }
        let network = self.network;
        let entered = network.territories.iter().find(|known| known.id == to.territory)?;
        let pair = |pair: &&crate::model::Clearance| pair.from == from.territory && pair.to == to.territory;
        let minutes = network.clearances.iter().find(pair).map_or(entered.clearance_minutes, |it| it.minutes);
        Some((self.hours_of(&entered.calendar, None)?, minutes))
    }

    /// When what arrives on a line at `arrive` is received.
    pub(super) fn received(&mut self, line: usize, arrive: Minute) -> Option<Minute> {
        let (ends, customs) = (self.lines[line].ends, self.lines[line].customs);
        let cleared = match customs {
            Some((hours, minutes)) => self.worked(hours, arrive, minutes)?,
            None => arrive,
        };
        let received = match ends {
            Some((_, destination)) => self.next_open(destination, cleared)?,
            None => cleared,
        };
        (received <= self.end).then_some(received)
    }

    /// The departure that who is at the origin of a line at `at` takes: the one that is received first, of equals
    /// the one with the latest hand-over.
    pub(super) fn catch(&mut self, line: usize, at: Minute) -> Option<Run> {
        if let Schedule::OnDemand { duration_minutes, .. } = self.lines[line].lane.schedule {
            let depart = self.on_demand(line, at)?;
            let arrive = depart + duration_minutes;
            return Some(Run { hand_over: depart, arrive, received: self.received(line, arrive)? });
        }
        loop {
            let open = self.lines[line].runs.iter().filter(|run| run.hand_over >= at);
            let best = open.min_by_key(|run| (run.received, -run.hand_over, run.arrive)).copied();
            let known = self.lines[line].known;
            if best.is_some_and(|best| best.received < known) || known > self.end {
                return best;
            }
            self.another_day(line)?;
        }
    }

    /// Adds the departures of the next local date.
    fn another_day(&mut self, line: usize) -> Option<()> {
        let Line { lane, origin, next: date, ref zones, ends, .. } = self.lines[line];
        let tomorrow = date.tomorrow().ok()?;
        let known = minute_up(wall(&zones.0, tomorrow, 0, false)?);
        let mut runs = Vec::new();
        if let Schedule::Timetable(departures) = &lane.schedule
            && departs_on(self.network, lane, origin, date)
        {
            let today = departures.iter().filter(|departure| departure.days.contains(date.weekday()));
            runs.extend(today.filter_map(|departure| run_on(departure, (&zones.0, &zones.1), date)));
        }
        for (by, _, arrive) in runs {
            let (by, arrive) = (minute_up(by), minute_up(arrive));
            let hand_over = match ends {
                Some((origin, _)) => self.last_way_out(origin, by),
                None => Some(by),
            };
            if let Some((hand_over, received)) = hand_over.zip(self.received(line, arrive)) {
                self.lines[line].runs.push(Run { hand_over, arrive, received });
            }
        }
        (self.lines[line].next, self.lines[line].known) = (tomorrow, known);
        Some(())
    }

    /// The last moment up to `by` at which it is open or just closing.
    fn last_way_out(&mut self, hours: usize, by: Minute) -> Option<Minute> {
        let hours = &mut self.hours[hours];
        hours.know(self.network, by);
        let begun = hours.spans.partition_point(|span| span.0 <= by);
        begun.checked_sub(1).map(|last| hours.spans[last].1.min(by))
    }

    /// When an on-demand lane can be started at `at` or later.
    fn on_demand(&mut self, line: usize, mut at: Minute) -> Option<Minute> {
        let Line { lane, origin, ends, starts, ref zones, .. } = self.lines[line];
        let zone = zones.0.clone();
        loop {
            let let_out = ends.map_or(Some(at), |(origin, _)| self.next_open(origin, at))?;
            let next = starts.map_or(Some(let_out), |starts| self.next_open(starts, let_out))?;
            if next > self.end {
                return None;
            }
            let date = zone.to_datetime(Timestamp::from_second(next * 60).ok()?).date();
            let departs = departs_on(self.network, lane, origin, date);
            if departs && next == at {
                return Some(at);
            }
            at = if departs { next } else { minute_up(wall(&zone, date.tomorrow().ok()?, 0, false)?) };
        }
    }
}
