//! Wall time, opening hours and departures, straight from the records.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use meridian_types::{CountryCode, Interval, SiteId};

use super::Checker;
use crate::model::{Calendar, Departure, Lane, LocalSpan, Network, PublicCalendar, Schedule, Site};

/// A stretch of time.
pub(super) type Span = (Timestamp, Timestamp);

/// The instant of a wall time. Of a time that is skipped the clock change counts, of one shown twice the first
/// or the second moment.
pub(super) fn wall(zone: &TimeZone, date: Date, minute_of_day: i32, second: bool) -> Option<Timestamp> {
    let midnight = date.at(0, 0, 0, 0);
    let local = midnight.checked_add(i64::from(minute_of_day).minutes()).ok()?;
    let ambiguous = zone.to_ambiguous_timestamp(local);
    let (earlier, later) = (ambiguous.earlier().ok()?, ambiguous.later().ok()?);
    match ambiguous.offset() {
        jiff::tz::AmbiguousOffset::Gap { .. } => {
            zone.following(earlier).next().map(|change| change.timestamp())
        }
        _ => Some(if second { later } else { earlier }),
    }
}

/// The dates that clocks in `zone` show around a stretch of time.
fn dates(zone: &TimeZone, (from, to): Span) -> Vec<Date> {
    let first = zone.to_datetime(from).date().yesterday();
    let last = zone.to_datetime(to).date().tomorrow();
    let (Ok(first), Ok(last)) = (first, last) else { return Vec::new() };
    first.series(1.day()).take_while(|date| *date <= last).collect()
}

/// Local midnights after the start of a stretch of time, up to and including its end.
pub(super) fn midnights(zone: &TimeZone, (from, to): Span) -> impl Iterator<Item = Timestamp> {
    let mut midnights: Vec<Timestamp> =
        dates(zone, (from, to)).into_iter().filter_map(|date| wall(zone, date, 0, false)).collect();
    midnights.dedup();
    midnights.into_iter().filter(move |midnight| from < *midnight && *midnight <= to)
}

/// Overlapping spans as one.
pub(super) fn merged<T: Copy + Ord>(mut spans: Vec<(T, T)>) -> Vec<(T, T)> {
    spans.sort();
    let mut merged: Vec<(T, T)> = Vec::new();
    for span in spans {
        match merged.last_mut() {
            Some(last) if span.0 <= last.1 => last.1 = last.1.max(span.1),
            _ => merged.push(span),
        }
    }
    merged
}

/// What two lists of disjoint spans share.
pub(super) fn shared<T: Copy + Ord>(a: &[(T, T)], b: &[(T, T)]) -> Vec<(T, T)> {
    let pairs = a.iter().flat_map(|a| b.iter().map(move |b| (a.0.max(b.0), a.1.min(b.1))));
    pairs.filter(|span| span.0 < span.1).collect()
}

/// Whole minutes of `spans` within one stretch.
pub(super) fn minutes_within(spans: &[Span], within: Span) -> i64 {
    shared(spans, &[within]).iter().map(|span| span.1.duration_since(span.0).as_mins()).sum()
}

/// Intervals cut to whole minutes, as plans are made of them.
pub(super) fn spans(intervals: &[Interval]) -> Vec<Span> {
    let up = |instant: Timestamp| {
        let rest = instant.as_nanosecond().rem_euclid(60_000_000_000);
        let missing = if rest == 0 { 0 } else { 60_000_000_000 - rest };
        Timestamp::from_nanosecond(instant.as_nanosecond() + missing).unwrap_or(instant)
    };
    let down = |instant: Timestamp| {
        let rest = instant.as_nanosecond().rem_euclid(60_000_000_000);
        Timestamp::from_nanosecond(instant.as_nanosecond() - rest).unwrap_or(instant)
    };
    intervals.iter().map(|interval| (up(interval.start()), down(interval.end()))).collect()
}

/// The public calendar of a part of a country: of the records about the country as a whole and about that part the
/// one with the longest code.
pub(super) fn public_calendar<'n>(
    network: &'n Network,
    country: &CountryCode,
    subdivision: Option<&str>,
) -> Option<&'n PublicCalendar> {
    let about = |record: &&PublicCalendar| match record.area.as_str().split_once('-') {
        None => record.area.as_str() == country.as_str(),
        Some((whole, part)) => whole == country.as_str() && Some(part) == subdivision,
    };
    network.public_calendars.iter().filter(about).max_by_key(|record| record.area.as_str().len())
}

fn is_holiday(network: &Network, country: &CountryCode, subdivision: Option<&str>, date: Date) -> bool {
    public_calendar(network, country, subdivision)
        .is_some_and(|record| record.holidays.iter().any(|holiday| holiday.date == date))
}

/// The spans of a local date in which a calendar is open.
pub(super) fn open_on(network: &Network, calendar: &Calendar, zone: &TimeZone, date: Date) -> Vec<Span> {
    let own = calendar.exceptions.iter().find(|exception| exception.date == date);
    let closed = || {
        let observed = calendar.observes.as_ref();
        observed.is_some_and(|(country, part)| is_holiday(network, country, part.as_deref(), date))
    };
    let span = |span: &LocalSpan| {
        let opens = wall(zone, date, span.from_minute, false);
        let closes = wall(zone, date, span.to_minute, span.to_minute < 1440);
        opens.zip(closes).filter(|(opens, closes)| opens < closes)
    };
    match own {
        Some(own) => own.spans.iter().filter_map(span).collect(),
        None if closed() => Vec::new(),
        None => {
            let today = calendar.hours.iter().filter(|hours| hours.days.contains(date.weekday()));
            today.filter_map(|hours| span(&hours.span)).collect()
        }
    }
}

/// Whether a lane from `origin` departs on a local date of its.
pub(super) fn departs_on(network: &Network, lane: &Lane, origin: &Site, date: Date) -> bool {
    lane.valid_from.is_none_or(|first| first <= date)
        && lane.valid_until.is_none_or(|last| date <= last)
        && !lane.not_on.contains(&date)
        && (lane.runs_on_holidays
            || !is_holiday(network, &origin.country, origin.subdivision.as_deref(), date))
}

/// Last hand-over, departure and arrival of a departure on a local date; none when the clocks skip that day.
pub(super) fn run_on(
    departure: &Departure,
    (from, to): (&TimeZone, &TimeZone),
    date: Date,
) -> Option<(Timestamp, Timestamp, Timestamp)> {
    let day = |days: i32| date.checked_add(i64::from(days).days()).ok();
    let (before, after) = (day(-departure.cut_off_days_before)?, day(departure.arrive_days_after)?);
    let cut_off = wall(from, before, departure.cut_off_minute, false)?;
    let leaves = wall(from, date, departure.depart_minute, false)?;
    let arrives = wall(to, after, departure.arrive_minute, true)?.max(leaves);
    (from.to_datetime(leaves).date() == date).then_some((cut_off.min(leaves), leaves, arrives))
}

impl<'c> Checker<'c> {
    pub(super) fn site(&self, site: &SiteId) -> Option<&'c Site> {
        self.network.sites.iter().find(|known| known.id == *site)
    }

    /// When a calendar is open around a stretch of time.
    pub(super) fn open(&self, calendar: &meridian_types::CalendarId, around: Span) -> Vec<Span> {
        let Some(calendar) = self.network.calendars.iter().find(|known| known.id == *calendar) else {
            return Vec::new();
        };
        let Ok(zone) = TimeZone::get(&calendar.zone) else { return Vec::new() };
        let days = dates(&zone, around).into_iter();
        merged(days.flat_map(|date| open_on(self.network, calendar, &zone, date)).collect())
    }

    /// When a site is open around a stretch of time, with the access that was agreed.
    pub(super) fn site_open(&self, site: &SiteId, around: Span) -> Vec<Span> {
        let Some(record) = self.site(site) else { return Vec::new() };
        let mut open = self.open(&record.calendar, around);
        let extra = self.request.extra_access.iter().filter(|access| access.site == *site);
        open.extend(extra.flat_map(|access| spans(&[access.during])));
        merged(open)
    }

    /// Whether a site takes something in.
    pub(super) fn takes_in(&self, site: &SiteId, at: Timestamp) -> bool {
        self.site_open(site, (at, at)).iter().any(|open| open.0 <= at && at < open.1)
    }

    /// Whether a site lets something out.
    pub(super) fn lets_out(&self, site: &SiteId, at: Timestamp) -> bool {
        self.site_open(site, (at, at)).iter().any(|open| open.0 <= at && at <= open.1)
    }

    /// Whether a lane runs from `depart` to `arrive` for who hands over by `hand_over_by`.
    pub(super) fn runs(&self, lane: &Lane, (depart, arrive): Span, hand_over_by: Timestamp) -> bool {
        let (Some(from), Some(to)) = (self.site(&lane.from), self.site(&lane.to)) else { return false };
        let (Ok(from_zone), Ok(to_zone)) = (TimeZone::get(&from.zone), TimeZone::get(&to.zone)) else {
            return false;
        };
        let on = |date: Date| departs_on(self.network, lane, from, date);
        match &lane.schedule {
            Schedule::OnDemand { duration_minutes, calendar } => {
                let open = calendar.as_ref().is_none_or(|calendar| {
                    self.open(calendar, (depart, depart))
                        .iter()
                        .any(|open| open.0 <= depart && depart < open.1)
                });
                open && on(from_zone.to_datetime(depart).date())
                    && arrive.duration_since(depart).as_mins() == *duration_minutes
                    && hand_over_by == depart
            }
            Schedule::Timetable(departures) => {
                let is_it = |date: Date, departure: &Departure| {
                    run_on(departure, (&from_zone, &to_zone), date).is_some_and(|(by, leaves, arrives)| {
                        leaves == depart && arrives == arrive && hand_over_by <= by
                    })
                };
                dates(&from_zone, (depart, depart)).into_iter().filter(|date| on(*date)).any(|date| {
                    departures
                        .iter()
                        .filter(|departure| departure.days.contains(date.weekday()))
                        .any(|departure| is_it(date, departure))
                })
            }
        }
    }
}
