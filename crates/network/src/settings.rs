//! `network.toml`: name, currency, regions, customs territories, calendars.

use std::collections::{BTreeMap, HashMap};

use meridian_proto::coordinator::v1 as coordinator;
use meridian_types::{CalendarId, CountryCode, RegionId, TerritoryId};

use crate::document::{Document, Section};
use crate::folder::Source;
use crate::holidays::Holidays;
use crate::known::Known;
use crate::notation::{self, Span};
use crate::report::{Place, Report};
use crate::values::{self, Currency};

pub(crate) const FILE: &str = "network.toml";

/// What everything else refers to.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) name: String,
    pub(crate) fictitious: bool,
    /// Absent when it could not be read.
    pub(crate) currency: Option<Currency>,
    pub(crate) regions: Known<RegionId>,
    /// Territories; once the sites are read, also the countries of sites outside all of them.
    pub(crate) territories: Known<()>,
    /// Territory of each country that is in one.
    pub(crate) territory_of: HashMap<String, String>,
    pub(crate) calendars: Known<()>,
    /// In the order of their codes.
    pub(crate) calendar_records: Vec<coordinator::Calendar>,
}

impl Settings {
    pub(crate) fn read(source: Source<'_>, holidays: &Holidays, report: &Report) -> Self {
        let mut settings = Self {
            name: String::new(),
            fictitious: false,
            currency: None,
            regions: Known::new("a region of network.toml"),
            territories: Known::new("a territory of network.toml or a country outside all of them"),
            territory_of: HashMap::new(),
            calendars: Known::new("a calendar of network.toml"),
            calendar_records: Vec::new(),
        };
        settings.judge_references(false);
        let text = match source {
            Source::Absent => {
                report.add(Place::file(FILE), None, "this file is needed");
                return settings;
            }
            Source::Unreadable => return settings,
            Source::Text(text) => text,
        };
        let document = Document::new(FILE, text, report);
        let (table, well_formed) = document.parse();
        settings.judge_references(well_formed);
        if well_formed {
            settings.take(&document.root(table.get_ref()), holidays);
        }
        settings
    }

    fn judge_references(&mut self, judged: bool) {
        self.regions.complete = judged;
        self.territories.complete = judged;
        self.calendars.complete = judged;
    }

    fn take(&mut self, root: &Section<'_>, holidays: &Holidays) {
        root.only(&["name", "fictitious", "currency", "regions", "territories", "calendars"]);
        self.name = root.text("name", values::text).unwrap_or_default();
        self.fictitious = root.flag("fictitious");
        self.currency = root.text("currency", Currency::parse);
        for region in root.list("regions", RegionId::parse) {
            self.regions.insert(region.to_string(), region);
        }
        if !self.regions.has_any() {
            root.refuse_name("regions", "a list of at least one region, such as [\"eu\", \"us\"]");
        }
        if let Some(territories) = root.section("territories") {
            self.take_territories(&territories);
        }
        if let Some(calendars) = root.section("calendars") {
            for (code, _) in calendars.entries() {
                self.take_calendar(&calendars, code, holidays);
            }
        }
    }

    fn take_territories(&mut self, territories: &Section<'_>) {
        for (code, value) in territories.entries() {
            if let Err(rule) = TerritoryId::parse(code) {
                territories.refuse_name(code, rule);
            }
            for country in territories.list(code, CountryCode::parse) {
                if let Some(other) = self.territory_of.insert(country.to_string(), code.to_owned()) {
                    territories.refuse(
                        code,
                        value,
                        format!("countries of one territory; {country} is in {other}"),
                    );
                }
            }
            self.territories.insert(code.to_owned(), ());
        }
    }

    fn take_calendar(&mut self, calendars: &Section<'_>, code: &str, holidays: &Holidays) {
        if let Err(rule) = CalendarId::parse(code) {
            calendars.refuse_name(code, rule);
        }
        self.calendars.insert(code.to_owned(), ());
        let Some(calendar) = calendars.section(code) else { return };
        calendar.only(&["region", "hours", "closed", "special"]);
        let region = calendar.text("region", |text| match self.regions.get(text) {
            Some(region) => Ok(region.to_string()),
            None => Err(self.regions.rule()),
        });
        let hours = calendar.text("hours", notation::weekly_hours).unwrap_or_default();
        let mut exceptions = BTreeMap::new();
        for dates in calendar.list("closed", |text| holidays.dates(std::iter::once(text))) {
            for (date, name) in dates {
                exceptions.entry(date.clone()).or_insert_with(|| exception(date, name, &[]));
            }
        }
        if let Some(special) = calendar.section("special") {
            for (date, value) in special.entries() {
                if let Err(rule) = values::date(date) {
                    special.refuse_name(date, rule);
                }
                let hours = special.text_of(date, value, notation::hours_of_a_date).unwrap_or_default();
                let name = exceptions.get(date).map(|holiday| holiday.name.clone()).unwrap_or_default();
                exceptions.insert(date.to_owned(), exception(date.to_owned(), name, &hours));
            }
        }
        self.calendar_records.push(coordinator::Calendar {
            calendar_id: code.to_owned(),
            region: region.unwrap_or_default(),
            hours: hours.iter().map(|span| open_hours(span, span.weekday)).collect(),
            exceptions: exceptions.into_values().collect(),
        });
    }
}

fn exception(date: String, name: String, hours: &[Span]) -> coordinator::CalendarException {
    let hours = hours.iter().map(|span| open_hours(span, 0)).collect();
    coordinator::CalendarException { date, hours, name }
}

fn open_hours(span: &Span, weekday: i32) -> coordinator::OpenHours {
    coordinator::OpenHours { weekday, from: span.from(), until: span.until() }
}
