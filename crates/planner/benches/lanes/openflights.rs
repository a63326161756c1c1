//! Networks out of the OpenFlights routes. Real: airports, their places, zones and countries, and which airline
//! flies between which of them. Made up from a seed: timetables (3 to 7 departures a week), cut-offs, costs, CO2,
//! risk of lateness, and customs: every country (the EU as one) clears goods in 60 to 240 working minutes.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use meridian_planner::Horizon;
use meridian_planner::model::{
    Calendar, Departure, GoodsTerms, Lane, LocalSpan, Mode, Network, OpenHours, Schedule, Site, SiteKind,
    Territory, Weekdays,
};

use crate::random::Random;

const EU: &str = "Austria,Belgium,Bulgaria,Croatia,Cyprus,Czech Republic,Denmark,Estonia,Finland,France,Germany,\
    Greece,Hungary,Ireland,Italy,Latvia,Lithuania,Luxembourg,Malta,Netherlands,Poland,Portugal,Romania,Slovakia,\
    Slovenia,Spain,Sweden";
const START: &str = "2026-03-23T00:00:00Z";

/// From Monday, 23 March 2026, on; summer time begins in Europe within the first week.
pub(crate) fn horizon(days: i64) -> Horizon {
    let start: Timestamp = START.parse().expect("a valid instant");
    Horizon { start, end: start.checked_add((24 * days).hours()).expect("within the range of instants") }
}

struct Airport {
    code: String,
    country: String,
    zone: String,
    /// Degrees north and east.
    place: (f64, f64),
}

/// The records of the two files.
pub(crate) struct OpenFlights {
    airports: Vec<Airport>,
    /// Pairs of airports, one per airline.
    routes: Vec<(usize, usize)>,
}

impl OpenFlights {
    /// From the folder with the data, unless there is none.
    pub(crate) fn read() -> Option<Self> {
        let folder = std::env::var_os("MERIDIAN_DATA").map_or_else(
            || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")),
            PathBuf::from,
        );
        let text = |name: &str| std::fs::read_to_string(folder.join("openflights").join(name)).ok();
        let airports: Vec<Airport> = text("airports.dat")?.lines().filter_map(airport).collect();
        let index: BTreeMap<&str, usize> =
            airports.iter().zip(0..).map(|(airport, index)| (airport.code.as_str(), index)).collect();
        let route = |line: &str| {
            let fields = fields(line);
            let end = |field: usize| index.get(fields.get(field)?.as_str()).copied();
            Some((end(2)?, end(4)?)).filter(|(from, to)| from != to)
        };
        let routes = text("routes.dat")?.lines().filter_map(route).collect();
        Some(Self { airports, routes })
    }

    /// The network of all airports that have a route.
    pub(crate) fn world(&self) -> Network {
        let mut flown = vec![false; self.airports.len()];
        self.routes.iter().for_each(|(from, to)| (flown[*from], flown[*to]) = (true, true));
        self.network(&flown)
    }

    /// The network of the airports with most routes.
    pub(crate) fn hubs(&self, count: usize) -> Network {
        let mut routes = vec![0; self.airports.len()];
        self.routes.iter().for_each(|(from, _)| routes[*from] += 1);
        let mut by_routes: Vec<usize> = (0..self.airports.len()).collect();
        by_routes.sort_by_key(|airport| std::cmp::Reverse(routes[*airport]));
        let mut chosen = vec![false; self.airports.len()];
        by_routes[..count].iter().for_each(|airport| chosen[*airport] = true);
        self.network(&chosen)
    }

    fn network(&self, chosen: &[bool]) -> Network {
        let mut random = Random(2026);
        let mut network = Network {
            version: "bench".into(),
            currency: "EUR".into(),
            public_calendars: Vec::new(),
            territories: Vec::new(),
            clearances: Vec::new(),
            calendars: vec![Calendar::always(code("always"), "UTC")],
            sites: Vec::new(),
            lanes: Vec::new(),
            gates: Vec::new(),
        };
        let mut territories: BTreeMap<&str, String> = BTreeMap::new();
        for (airport, _) in self.airports.iter().zip(chosen).filter(|(_, chosen)| **chosen) {
            let member = EU.split(',').any(|member| member == airport.country);
            let name = if member { "EU" } else { airport.country.as_str() };
            let count = territories.len();
            let territory = territories.entry(name).or_insert_with(|| letters(count)).clone();
            if territories.len() > count {
                customs(&mut network, &territory, &airport.zone, &mut random);
            }
            network.sites.push(site(airport, &territory));
        }
        for &(from, to) in self.routes.iter().filter(|(from, to)| chosen[*from] && chosen[*to]) {
            let number = network.lanes.len();
            network.lanes.push(lane(number, &self.airports[from], &self.airports[to], &mut random));
        }
        network
    }
}

/// The fields of a line of comma-separated values.
fn fields(line: &str) -> Vec<String> {
    let (mut fields, mut quoted) = (vec![String::new()], false);
    for character in line.chars() {
        match character {
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            _ => fields.last_mut().expect("never empty").push(character),
        }
    }
    fields
}

fn airport(line: &str) -> Option<Airport> {
    let fields = fields(line);
    let [_, _, _, country, code, _, north, east, _, _, _, zone, ..] = fields.as_slice() else { return None };
    let zone = if TimeZone::get(zone).is_ok() { zone.clone() } else { "UTC".to_owned() };
    let place = (north.parse().ok()?, east.parse().ok()?);
    (code != "\\N").then(|| Airport { code: code.clone(), country: country.clone(), zone, place })
}

fn code<T: std::str::FromStr>(text: &str) -> T {
    text.parse().unwrap_or_else(|_| panic!("{text} is a valid code"))
}

/// Two letters that stand for a number.
fn letters(number: usize) -> String {
    let letter = |number: usize| char::from(b'A' + u8::try_from(number % 26).unwrap_or(0));
    [letter(number / 26), letter(number)].iter().collect()
}

/// A country that is a customs territory, with offices that work Monday to Friday.
fn customs(network: &mut Network, territory: &str, zone: &str, random: &mut Random) {
    let hours = OpenHours { days: Weekdays::MONDAY_TO_FRIDAY, span: LocalSpan::new((8, 0), (17, 0)) };
    network.calendars.push(Calendar {
        id: code(territory),
        zone: zone.to_owned(),
        hours: vec![hours],
        observes: None,
        exceptions: Vec::new(),
    });
    network.territories.push(Territory {
        id: code(territory),
        calendar: code(territory),
        clearance_minutes: random.between(60, 240),
        documents: Vec::new(),
    });
}

fn site(airport: &Airport, territory: &str) -> Site {
    Site {
        id: code(&airport.code),
        kind: SiteKind::Terminal,
        region: code("eu"),
        country: code(territory),
        subdivision: None,
        territory: code(territory),
        zone: airport.zone.clone(),
        latitude: airport.place.0,
        longitude: airport.place.1,
        calendar: code("always"),
        pick_minutes: 0,
        visit_notice_minutes: 0,
    }
}

/// Kilometres between two airports on the great circle, by the haversine formula.
fn kilometres((north_a, east_a): (f64, f64), (north_b, east_b): (f64, f64)) -> f64 {
    let half = |a: f64, b: f64| ((b - a).to_radians() / 2.0).sin().powi(2);
    let across = north_a.to_radians().cos() * north_b.to_radians().cos();
    2.0 * 6371.0 * (half(north_a, north_b) + across * half(east_a, east_b)).sqrt().asin()
}

#[expect(clippy::cast_possible_truncation, reason = "minutes, cents and grams of one flight")]
fn lane(number: usize, from: &Airport, to: &Airport, random: &mut Random) -> Lane {
    let km = kilometres(from.place, to.place);
    let price = 0.6 + random.fraction();
    // Where clocks change on different days, a shorter flight could arrive before it left.
    let flight_minutes_min = if from.zone == to.zone { 0 } else { 100 };
    let flight_minutes = ((km / 13.0) as i64 + 40).max(flight_minutes_min);
    Lane {
        id: code(&format!("L{number}")),
        from: code(&from.code),
        to: code(&to.code),
        mode: Mode::Air,
        schedule: Schedule::Timetable(vec![departure(flight_minutes, from, to, random)]),
        valid_from: None,
        valid_until: None,
        not_on: Vec::new(),
        runs_on_holidays: true,
        goods: Some(GoodsTerms {
            fixed_cost_minor: 2_000 + (km * price) as i64,
            cost_minor_per_kg: 40 + (km * 0.03 * price) as i64,
            co2_g_per_kg: 100 + (km * (0.5 + 0.5 * random.fraction())) as i64,
            max_weight_g: None,
            dangerous_goods: true,
            cold_chain: true,
        }),
        people: None,
        late_probability: 0.02 + 0.23 * random.fraction(),
        tariff: Vec::new(),
        lateness: Vec::new(),
    }
}

/// The same flight on 3 to 7 days of the week.
#[expect(clippy::cast_possible_truncation, reason = "minutes of a day, a few days")]
fn departure(flight_minutes: i64, from: &Airport, to: &Airport, random: &mut Random) -> Departure {
    let mut days: Vec<Weekday> = Weekday::Monday.cycle_forward().take(7).collect();
    while days.len() as i64 > random.between(3, 7) {
        days.remove(random.between(0, days.len() as i64 - 1) as usize);
    }
    let minute = random.between(0, 1439);
    let monday = horizon(7).start.to_zoned(TimeZone::UTC).date();
    let zone = |airport: &Airport| TimeZone::get(&airport.zone).expect("checked when it was read");
    let departs = monday
        .at((minute / 60) as i8, (minute % 60) as i8, 0, 0)
        .to_zoned(zone(from))
        .expect("within the range of instants");
    let arrives = departs.timestamp().checked_add(flight_minutes.minutes()).expect("within the range");
    let arrives = arrives.to_zoned(zone(to));
    let cut_off = minute - random.between(60, 240);
    Departure {
        days: Weekdays::of(days),
        cut_off_minute: cut_off.rem_euclid(1440) as i32,
        cut_off_days_before: i32::from(cut_off < 0),
        depart_minute: minute as i32,
        arrive_minute: i32::from(arrives.hour()) * 60 + i32::from(arrives.minute()),
        arrive_days_after: (arrives.date() - departs.date()).get_days(),
    }
}
