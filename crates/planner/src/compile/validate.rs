//! Every rule a network must keep before anything is compiled from it.

use std::collections::BTreeSet;
use std::fmt::Display;

use jiff::civil::{DateTime, date};
use jiff::tz::TimeZone;
use meridian_types::{CalendarId, Money, SiteId, TerritoryId};

use super::Horizon;
use super::error::{CompileError, CompileRule};
use super::kept::Kept;
use crate::model::{Calendar, LocalSpan, Network, OpenHours, Place, PublicCalendar, Site, Verdict, Weekdays};

/// Longest horizon.
const HORIZON_DAYS_MAX: i64 = 400;
/// The first instant that a horizon may have in it, and the last that may end it, in UTC. Minutes are counted in 32
/// bits from 1970 on, which reaches from the year -2113 to the year 6053: on both sides there is room for more.
const BOUNDS: (DateTime, DateTime) = (date(1, 1, 1).at(0, 0, 0, 0), date(5000, 1, 1).at(0, 0, 0, 0));
/// Longest length, in minutes.
const LENGTH_MINUTES_MAX: i64 = HORIZON_DAYS_MAX * 1440;

/// Collects what is wrong with one network.
pub(super) struct Validator<'a> {
    sites: BTreeSet<&'a SiteId>,
    calendars: BTreeSet<&'a CalendarId>,
    territories: BTreeSet<&'a TerritoryId>,
    pub(super) errors: Vec<CompileError>,
}

/// Everything that is wrong with `network` and `horizon`, as far as single records show it.
/// `kept` vouches for lanes that an earlier compile found valid.
pub(super) fn errors(network: &Network, horizon: Horizon, kept: Option<&Kept<'_>>) -> Vec<CompileError> {
    let mut validator = Validator {
        sites: network.sites.iter().map(|site| &site.id).collect(),
        calendars: network.calendars.iter().map(|calendar| &calendar.id).collect(),
        territories: network.territories.iter().map(|territory| &territory.id).collect(),
        errors: Vec::new(),
    };
    if kept.is_none() {
        validator.horizon(horizon);
    }
    let currency = &network.currency;
    validator.expect(
        Money::new(currency, 0).is_ok(),
        "network",
        "currency",
        currency,
        CompileRule::UnknownCurrency,
    );
    validator.duplicates(network);
    if !kept.is_some_and(|kept| kept.same_lane_ids(network)) {
        validator.distinct("lane", network.lanes.iter().map(|lane| &lane.id));
    }
    network.public_calendars.iter().for_each(|record| validator.public_calendar(record));
    network.calendars.iter().for_each(|calendar| validator.calendar(calendar));
    network.sites.iter().for_each(|site| validator.site(site));
    for (index, lane) in network.lanes.iter().enumerate() {
        if !kept.is_some_and(|kept| kept.is_valid(index)) {
            validator.lane(lane);
        }
    }
    validator.customs(network);
    validator.gates(network);
    validator.errors
}

impl<'a> Validator<'a> {
    pub(super) fn add(&mut self, record: &str, field: &str, value: impl Display, rule: CompileRule) {
        let (record, field, value) = (record.to_owned(), field.to_owned(), value.to_string());
        self.errors.push(CompileError { record, field, value, rule });
    }

    pub(super) fn expect(
        &mut self,
        holds: bool,
        record: &str,
        field: &str,
        value: impl Display,
        rule: CompileRule,
    ) {
        if !holds {
            self.add(record, field, value, rule);
        }
    }

    pub(super) fn known_site(&mut self, record: &str, field: &str, site: &SiteId) {
        self.expect(self.sites.contains(site), record, field, site, CompileRule::UnknownReference);
    }

    pub(super) fn known_calendar(&mut self, record: &str, field: &str, calendar: &CalendarId) {
        self.expect(
            self.calendars.contains(calendar),
            record,
            field,
            calendar,
            CompileRule::UnknownReference,
        );
    }

    fn known_territory(&mut self, record: &str, field: &str, territory: &TerritoryId) {
        let known = self.territories.contains(territory);
        self.expect(known, record, field, territory, CompileRule::UnknownReference);
    }

    /// A length in minutes, 0 or more.
    pub(super) fn length(&mut self, record: &str, field: &str, minutes: i64) {
        self.expect(minutes >= 0, record, field, minutes, CompileRule::Negative);
        self.expect(minutes <= LENGTH_MINUTES_MAX, record, field, minutes, CompileRule::OutOfRange);
    }

    fn zone(&mut self, record: &str, zone: &str) {
        self.expect(TimeZone::get(zone).is_ok(), record, "zone", zone, CompileRule::UnknownZone);
    }

    fn horizon(&mut self, horizon: Horizon) {
        let length = horizon.end.duration_since(horizon.start);
        self.expect(length.is_positive(), "horizon", "end", horizon.end, CompileRule::Reversed);
        let fits = length.as_hours() <= HORIZON_DAYS_MAX * 24;
        self.expect(fits, "horizon", "end", horizon.end, CompileRule::OutOfRange);
        for (field, instant) in [("start", horizon.start), ("end", horizon.end)] {
            let wall = TimeZone::UTC.to_datetime(instant);
            let counted = BOUNDS.0 <= wall && wall <= BOUNDS.1;
            self.expect(counted, "horizon", field, instant, CompileRule::Beyond);
        }
    }

    fn duplicates(&mut self, network: &Network) {
        self.distinct("site", network.sites.iter().map(|site| &site.id));
        self.distinct("calendar", network.calendars.iter().map(|calendar| &calendar.id));
        self.distinct("public_calendar", network.public_calendars.iter().map(|record| &record.area));
        self.distinct("territory", network.territories.iter().map(|territory| &territory.id));
        self.distinct("gate", network.gates.iter().map(|gate| &gate.id));
        let pairs: Vec<String> =
            network.clearances.iter().map(|pair| format!("{} to {}", pair.from, pair.to)).collect();
        self.distinct("clearance", pairs.iter());
    }

    fn distinct<T: Ord + Display>(&mut self, kind: &str, ids: impl Iterator<Item = T>) {
        let mut seen = BTreeSet::new();
        for id in ids {
            if seen.contains(&id) {
                self.add(&format!("{kind} {id}"), "id", &id, CompileRule::Duplicate);
            }
            seen.insert(id);
        }
    }

    fn public_calendar(&mut self, calendar: &PublicCalendar) {
        let record = format!("public_calendar {}", calendar.area);
        let works = calendar.weekend != Weekdays::ALL;
        self.expect(works, &record, "weekend", "all seven days", CompileRule::NoWorkingDay);
        let mut dates = BTreeSet::new();
        for holiday in &calendar.holidays {
            let field = format!("holidays[{}]", holiday.date);
            self.expect(dates.insert(holiday.date), &record, &field, holiday.date, CompileRule::Duplicate);
        }
    }

    fn calendar(&mut self, calendar: &'a Calendar) {
        let record = format!("calendar {}", calendar.id);
        self.zone(&record, &calendar.zone);
        for (index, hours) in calendar.hours.iter().enumerate() {
            let field = format!("hours[{index}]");
            self.span(&record, &field, hours.span);
            let clash =
                |other: &OpenHours| other.days.intersects(hours.days) && overlap(other.span, hours.span);
            if calendar.hours[..index].iter().any(clash) {
                self.add(&record, &field, show(hours.span), CompileRule::Overlapping);
            }
        }
        self.distinct(&record, calendar.exceptions.iter().map(|exception| exception.date));
        for exception in &calendar.exceptions {
            let field = format!("exceptions[{}]", exception.date);
            for (index, span) in exception.spans.iter().enumerate() {
                self.span(&record, &field, *span);
                if exception.spans[..index].iter().any(|other| overlap(*other, *span)) {
                    self.add(&record, &field, show(*span), CompileRule::Overlapping);
                }
            }
        }
    }

    fn span(&mut self, record: &str, field: &str, span: LocalSpan) {
        let in_day = (0..1440).contains(&span.from_minute) && (0..=1440).contains(&span.to_minute);
        self.expect(in_day, record, field, show(span), CompileRule::OutOfRange);
        self.expect(span.from_minute < span.to_minute, record, field, show(span), CompileRule::Reversed);
    }

    fn site(&mut self, site: &'a Site) {
        let record = format!("site {}", site.id);
        self.zone(&record, &site.zone);
        self.known_territory(&record, "territory", &site.territory);
        self.known_calendar(&record, "calendar", &site.calendar);
        self.length(&record, "pick_minutes", site.pick_minutes);
        self.length(&record, "visit_notice_minutes", site.visit_notice_minutes);
        let north = (-90.0..=90.0).contains(&site.latitude);
        self.expect(north, &record, "latitude", site.latitude, CompileRule::OutOfRange);
        let east = (-180.0..=180.0).contains(&site.longitude);
        self.expect(east, &record, "longitude", site.longitude, CompileRule::OutOfRange);
    }

    fn customs(&mut self, network: &'a Network) {
        for territory in &network.territories {
            let record = format!("territory {}", territory.id);
            self.known_calendar(&record, "calendar", &territory.calendar);
            self.length(&record, "clearance_minutes", territory.clearance_minutes);
        }
        for clearance in &network.clearances {
            let record = format!("clearance {} to {}", clearance.from, clearance.to);
            self.known_territory(&record, "from", &clearance.from);
            self.known_territory(&record, "to", &clearance.to);
            self.length(&record, "minutes", clearance.minutes);
        }
    }

    fn gates(&mut self, network: &'a Network) {
        for gate in &network.gates {
            let record = format!("gate {}", gate.id);
            for (field, place) in [("origin", &gate.origin), ("destination", &gate.destination)] {
                if let Place::Territory(territory) = place {
                    self.known_territory(&record, field, territory);
                }
            }
            if let Verdict::Licence { working_days } = gate.verdict {
                self.expect(working_days >= 0, &record, "verdict", working_days, CompileRule::Negative);
            }
        }
    }
}

const fn overlap(a: LocalSpan, b: LocalSpan) -> bool {
    a.from_minute < b.to_minute && b.from_minute < a.to_minute
}

fn show(span: LocalSpan) -> String {
    let wall = |minute: i32| format!("{:02}:{:02}", minute.div_euclid(60), minute.rem_euclid(60));
    format!("{}-{}", wall(span.from_minute), wall(span.to_minute))
}
