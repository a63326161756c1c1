//! The fictitious company's reference data: sites, lanes, customs, export rules.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Weekday::{self, Friday, Monday, Saturday, Sunday, Thursday, Tuesday, Wednesday};
use meridian_planner::Horizon;
use meridian_planner::model::{
    Calendar, Clearance, Departure, Gate, GoodsTerms, Lane, LatenessQuantile, LocalSpan, Mode, Network,
    OpenHours, PeopleTerms, Place, PublicCalendar, PublicHoliday, Schedule, Site, SiteKind, Territory,
    Verdict, Weekdays,
};

use crate::geography::{COMPANY, COUNTRIES, CUSTOMERS, CountryFacts, Spot, kilometres};

const WEEK: [Weekday; 7] = [Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday];
/// Sites with an airport come first.
const AIRPORTS: usize = 18;
/// Airports from which a flight goes almost everywhere.
const HUBS: [&str; 5] = ["FRA", "LEJ", "DXB", "SIN", "MEM"];

pub(crate) fn id<T: std::str::FromStr>(text: &str) -> T
where
    T::Err: std::fmt::Debug,
{
    text.parse().unwrap()
}

pub(crate) fn horizon() -> Horizon {
    let start: Timestamp = "2026-04-20T00:00:00Z".parse().unwrap();
    Horizon { start, end: start + jiff::SignedDuration::from_hours(24 * 56) }
}

/// A number that looks random and never changes.
pub(crate) fn dice(seed: u64) -> u64 {
    let mut x = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

pub(crate) fn network() -> Network {
    let spots: Vec<&Spot> = COMPANY.iter().chain(&CUSTOMERS).collect();
    let mut territories: Vec<&Spot> = Vec::new();
    for spot in &spots {
        if territories.iter().all(|known| known.territory != spot.territory) {
            territories.push(spot);
        }
    }
    Network {
        version: "bench".into(),
        currency: "EUR".into(),
        public_calendars: COUNTRIES.iter().flat_map(public_calendars).collect(),
        territories: territories.iter().map(|spot| territory(spot)).collect(),
        clearances: vec![Clearance {
            from: id("CH"),
            to: id("EU"),
            minutes: 45,
            documents: vec!["commercial invoice".into()],
        }],
        calendars: calendars(&spots),
        sites: spots.iter().enumerate().map(|(index, spot)| site(index, spot)).collect(),
        lanes: lanes(),
        gates: gates(),
    }
}

fn weekend(country: &str) -> Weekdays {
    let friday = COUNTRIES.iter().any(|(code, weekend, _)| *code == country && *weekend == "FS");
    if friday { Weekdays::of([Friday, Saturday]) } else { Weekdays::SATURDAY_SUNDAY }
}

fn working_days(country: &str) -> Weekdays {
    Weekdays::of(WEEK.into_iter().filter(|day| !weekend(country).contains(*day)))
}

/// A record of the country, and one of each part with a holiday of its own.
fn public_calendars((code, _, holidays): &CountryFacts) -> Vec<PublicCalendar> {
    let holiday = |date: &str| PublicHoliday { date: date.parse().unwrap(), name: "a public holiday".into() };
    let record = |part: Option<&str>| {
        let kept = holidays.iter().filter(|(_, only)| only.is_none() || *only == part);
        PublicCalendar {
            area: part.map_or_else(|| id(code), |part| id(&format!("{code}-{part}"))),
            weekend: weekend(code),
            holidays: kept.map(|(date, _)| holiday(date)).collect(),
        }
    };
    let parts: BTreeSet<Option<&str>> = holidays.iter().map(|(_, part)| *part).chain([None]).collect();
    parts.into_iter().map(record).collect()
}

fn territory(spot: &Spot) -> Territory {
    let minutes = match spot.territory {
        "EU" | "GB" | "US" | "SG" => 120,
        "BR" | "NG" | "IN" => 600,
        _ => 300,
    };
    let documents = vec!["commercial invoice".into(), "packing list".into()];
    Territory { id: id(spot.territory), calendar: customs(spot), clearance_minutes: minutes, documents }
}

fn customs(spot: &Spot) -> meridian_types::CalendarId {
    id(&format!("customs-{}", spot.territory))
}

fn calendars(spots: &[&Spot]) -> Vec<Calendar> {
    let mut calendars: Vec<Calendar> = Vec::new();
    let mut add = |name: String, spot: &Spot, days: Weekdays, span: LocalSpan, part: bool| {
        if calendars.iter().all(|known| known.id.as_str() != name) {
            calendars.push(Calendar {
                id: id(&name),
                zone: spot.zone.into(),
                hours: vec![OpenHours { days, span }],
                observes: Some((id(spot.country), spot.part.filter(|_| part).map(str::to_owned))),
                exceptions: Vec::new(),
            });
        }
    };
    for spot in spots {
        let days = working_days(spot.country);
        add(format!("customs-{}", spot.territory), spot, days, LocalSpan::new((8, 0), (17, 0)), false);
        add(format!("work-{}", spot.code), spot, days, LocalSpan::new((8, 0), (17, 30)), true);
    }
    calendars.push(Calendar::always(id("always"), "UTC"));
    calendars
}

fn site(index: usize, spot: &Spot) -> Site {
    let hub = HUBS.contains(&spot.code);
    let kind = match index {
        _ if hub => SiteKind::Terminal,
        0..AIRPORTS => SiteKind::Warehouse,
        18..20 => SiteKind::Depot,
        _ => SiteKind::Customer,
    };
    let region = match spot.east_minutes {
        ..-120 => "am",
        -120..=200 => "eu",
        _ => "ap",
    };
    Site {
        id: id(spot.code),
        kind,
        region: id(region),
        country: id(spot.country),
        subdivision: spot.part.map(str::to_owned),
        territory: id(spot.territory),
        zone: spot.zone.into(),
        latitude: spot.north,
        longitude: spot.east,
        calendar: if hub { id("always") } else { id(&format!("work-{}", spot.code)) },
        pick_minutes: if kind == SiteKind::Customer { 0 } else { 45 },
        visit_notice_minutes: if kind == SiteKind::Customer { 120 } else { 0 },
    }
}

/// Flights between airports, for goods and for people; couriers and cars between what is near.
fn lanes() -> Vec<Lane> {
    let mut lanes = Vec::new();
    for (i, from) in COMPANY.iter().enumerate().take(AIRPORTS) {
        for (j, to) in COMPANY.iter().enumerate().take(AIRPORTS) {
            let seed = (i * 100 + j) as u64;
            let hub = HUBS.contains(&from.code) || HUBS.contains(&to.code);
            let served = i != j && (hub || dice(seed).is_multiple_of(6)) && !dice(seed + 1).is_multiple_of(4);
            if served && kilometres(from, to) > 300.0 {
                lanes.push(flight(from, to, seed, true));
                if dice(seed + 2).is_multiple_of(2) {
                    lanes.push(flight(from, to, seed + 50_000, false));
                }
            }
        }
    }
    let all: Vec<&Spot> = COMPANY.iter().chain(&CUSTOMERS).collect();
    for from in &all {
        for to in &all {
            let far = kilometres(from, to);
            if from.code != to.code && far < 650.0 && (from.country == to.country || far < 350.0) {
                lanes.extend(on_the_road(from, to));
            }
        }
    }
    lanes
}

fn lane(kind: &str, from: &Spot, to: &Spot, mode: Mode, schedule: Schedule) -> Lane {
    Lane {
        id: id(&format!("{kind}-{}-{}", from.code, to.code)),
        from: id(from.code),
        to: id(to.code),
        mode,
        schedule,
        valid_from: None,
        valid_until: None,
        not_on: Vec::new(),
        runs_on_holidays: mode == Mode::Air || mode == Mode::Drive,
        goods: None,
        people: None,
        late_probability: 0.0,
        tariff: Vec::new(),
        lateness: Vec::new(),
    }
}

fn quantiles(minutes: [i64; 3]) -> Vec<LatenessQuantile> {
    let shares = [0.5, 0.9, 1.0];
    shares.into_iter().zip(minutes).map(|(share, minutes)| LatenessQuantile { share, minutes }).collect()
}

#[expect(clippy::cast_possible_truncation, reason = "kilometres, minutes and days of one flight")]
fn flight(from: &Spot, to: &Spot, seed: u64, goods: bool) -> Lane {
    let far = kilometres(from, to);
    let minutes = (far / 780.0 * 60.0) as i32 + 60;
    let flies = |(day, index): (Weekday, u64)| (!dice(seed + 10 + index).is_multiple_of(4)).then_some(day);
    let days = Weekdays::of(WEEK.into_iter().zip(0..).filter_map(flies));
    let depart_minute = 300 + (dice(seed + 3) % 1080) as i32;
    let arrive = depart_minute + minutes + to.east_minutes - from.east_minutes;
    let departure = Departure {
        days,
        cut_off_minute: depart_minute - if goods { 180 } else { 60 },
        cut_off_days_before: 0,
        depart_minute,
        arrive_minute: arrive.rem_euclid(1440),
        arrive_days_after: arrive.div_euclid(1440),
    };
    let kind = if goods { "cargo" } else { "flight" };
    let mut lane = lane(kind, from, to, Mode::Air, Schedule::Timetable(vec![departure]));
    lane.late_probability = 0.04 + (dice(seed + 4) % 12) as f64 / 100.0;
    lane.lateness = quantiles([45, 240, 1440]);
    if goods {
        lane.goods = Some(GoodsTerms {
            fixed_cost_minor: 4_000 + (far * 1.5) as i64,
            cost_minor_per_kg: 150 + (far / 25.0) as i64,
            co2_g_per_kg: (far * 0.6) as i64,
            max_weight_g: Some(1_500_000),
            dangerous_goods: dice(seed + 5).is_multiple_of(2),
            cold_chain: !dice(seed + 6).is_multiple_of(3),
        });
    } else {
        lane.people =
            Some(PeopleTerms { cost_minor: 9_000 + (far * 9.0) as i64, co2_g: (far * 110.0) as i64 });
    }
    lane
}

/// A courier by day, a lorry in the evening, and a car.
#[expect(clippy::cast_possible_truncation, reason = "kilometres and minutes of one drive")]
fn on_the_road(from: &Spot, to: &Spot) -> Vec<Lane> {
    let far = kilometres(from, to) * 1.25;
    let minutes = (far / 75.0 * 60.0) as i64 + 30;
    let terms = |fixed: i64, per_kg: i64| GoodsTerms {
        fixed_cost_minor: fixed + (far * 20.0) as i64,
        cost_minor_per_kg: per_kg,
        co2_g_per_kg: (far * 0.15) as i64,
        max_weight_g: Some(800_000),
        dangerous_goods: true,
        cold_chain: per_kg > 100,
    };
    let calendar = Some(id(&format!("work-{}", from.code)));
    let courier = Schedule::OnDemand { duration_minutes: minutes, calendar };
    let mut courier = lane("courier", from, to, Mode::Courier, courier);
    courier.goods = Some(terms(9_000, 120));
    courier.late_probability = 0.06;
    courier.lateness = quantiles([20, 60, 180]);
    let evening = Departure {
        days: working_days(from.country),
        cut_off_minute: 16 * 60 + 30,
        cut_off_days_before: 0,
        depart_minute: 18 * 60,
        arrive_minute: 7 * 60,
        arrive_days_after: 1,
    };
    let mut lorry = lane("lorry", from, to, Mode::Road, Schedule::Timetable(vec![evening]));
    lorry.goods = Some(terms(2_000, 40));
    lorry.late_probability = 0.1;
    let car = Schedule::OnDemand { duration_minutes: minutes, calendar: None };
    let mut car = lane("car", from, to, Mode::Drive, car);
    car.people = Some(PeopleTerms { cost_minor: (far * 30.0) as i64, co2_g: (far * 150.0) as i64 });
    car.late_probability = 0.03;
    car.lateness = quantiles([15, 45, 120]);
    vec![courier, lorry, car]
}

fn gates() -> Vec<Gate> {
    let gate = |name: &str, class: &str, origin: Place, destination: Place, verdict| Gate {
        id: id(name),
        export_class: id(class),
        origin,
        destination,
        end_use: None,
        verdict,
    };
    let licence = |working_days| Verdict::Licence { working_days };
    vec![
        gate("any-5A002", "5A002", Place::Anywhere, Place::Anywhere, licence(3)),
        gate("EU-5A002-GB", "5A002", Place::Territory(id("EU")), Place::Territory(id("GB")), Verdict::Open),
        gate("US-6A005", "6A005", Place::Country(id("US")), Place::Anywhere, licence(8)),
        gate("EU-6A005", "6A005", Place::Territory(id("EU")), Place::Anywhere, licence(2)),
        gate("no-6A005-NG", "6A005", Place::Anywhere, Place::Country(id("NG")), Verdict::Closed),
    ]
}
