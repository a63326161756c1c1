//! Small networks, written down quickly.

use jiff::Timestamp;
use jiff::civil::Weekday::{Friday, Monday, Saturday, Sunday, Thursday, Tuesday, Wednesday};
use meridian_planner::model::{
    Answer, Calendar, Departure, GoodsTerms, ItemFacts, Lane, Line, LocalSpan, Mode, Need, Network,
    OpenHours, PeopleTerms, PublicCalendar, PublicHoliday, Request, RightToWork, Schedule, Site, SiteKind,
    StockLevel, Territory, Weekdays, World,
};
use meridian_planner::{Compiled, Horizon, check, solve};
use meridian_types::{Interval, Quantity};

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// `2026-03-27T15:40[Europe/Helsinki]` as an instant.
pub(crate) fn local(text: &str) -> Timestamp {
    text.parse::<jiff::Zoned>().unwrap().timestamp()
}

pub(crate) fn interval(start: &str, end: &str) -> Interval {
    Interval::new(local(start), local(end)).unwrap()
}

pub(crate) fn id<T: std::str::FromStr>(text: &str) -> T
where
    T::Err: std::fmt::Debug,
{
    text.parse().unwrap()
}

pub(crate) fn horizon(start: &str, days: i64) -> Horizon {
    let start = at(start);
    Horizon { start, end: start + jiff::SignedDuration::from_hours(24 * days) }
}

pub(crate) fn days(names: &str) -> Weekdays {
    let week = [Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday];
    Weekdays::of(
        week.into_iter()
            .zip("MTWTFSS".chars())
            .zip(names.chars())
            .filter(|((_, name), given)| name == given)
            .map(|((day, _), _)| day),
    )
}

pub(crate) fn empty() -> Network {
    Network {
        version: "1".into(),
        currency: "EUR".into(),
        public_calendars: Vec::new(),
        territories: Vec::new(),
        clearances: Vec::new(),
        calendars: Vec::new(),
        sites: Vec::new(),
        lanes: Vec::new(),
        gates: Vec::new(),
    }
}

/// What a network is made of, one line each.
pub(crate) trait Build {
    /// A country, or a part of one (`DE-BY`).
    fn country(&mut self, area: &str, weekend: Weekdays, holidays: &[&str]);
    fn calendar(
        &mut self,
        name: &str,
        zone: &str,
        on: Weekdays,
        from: (i32, i32),
        to: (i32, i32),
        observes: Option<&str>,
    );
    fn territory(&mut self, name: &str, calendar: &str, minutes: i64);
    fn site(&mut self, name: &str, country: &str, territory: &str, zone: &str, calendar: &str);
    fn lane(&mut self, from: &str, to: &str, schedule: Schedule, cost: i64);
    fn people_lane(&mut self, from: &str, to: &str, schedule: Schedule, cost: i64);
}

impl Build for Network {
    fn country(&mut self, area: &str, weekend: Weekdays, holidays: &[&str]) {
        let holiday = |date: &&str| PublicHoliday { date: date.parse().unwrap(), name: "a holiday".into() };
        let holidays = holidays.iter().map(holiday).collect();
        self.public_calendars.push(PublicCalendar { area: id(area), weekend, holidays });
    }

    fn calendar(
        &mut self,
        name: &str,
        zone: &str,
        on: Weekdays,
        from: (i32, i32),
        to: (i32, i32),
        observes: Option<&str>,
    ) {
        self.calendars.push(Calendar {
            id: id(name),
            zone: zone.into(),
            hours: vec![OpenHours { days: on, span: LocalSpan::new(from, to) }],
            observes: observes.map(|country| (id(country), None)),
            exceptions: Vec::new(),
        });
    }

    fn territory(&mut self, name: &str, calendar: &str, minutes: i64) {
        self.territories.push(Territory {
            id: id(name),
            calendar: id(calendar),
            clearance_minutes: minutes,
            documents: vec!["commercial invoice".into()],
        });
    }

    fn site(&mut self, name: &str, country: &str, territory: &str, zone: &str, calendar: &str) {
        self.sites.push(Site {
            id: id(name),
            kind: SiteKind::Warehouse,
            region: id("eu"),
            country: id(country),
            subdivision: None,
            territory: id(territory),
            zone: zone.into(),
            latitude: 0.0,
            longitude: 0.0,
            calendar: id(calendar),
            pick_minutes: 0,
            visit_notice_minutes: 0,
        });
    }

    fn lane(&mut self, from: &str, to: &str, schedule: Schedule, cost: i64) {
        self.lanes.push(Lane {
            id: id(&format!("{from}-{to}-{}", self.lanes.len())),
            from: id(from),
            to: id(to),
            mode: Mode::Air,
            schedule,
            valid_from: None,
            valid_until: None,
            not_on: Vec::new(),
            runs_on_holidays: false,
            goods: Some(GoodsTerms {
                fixed_cost_minor: cost,
                cost_minor_per_kg: 0,
                co2_g_per_kg: 500,
                max_weight_g: None,
                dangerous_goods: false,
                cold_chain: false,
            }),
            people: None,
            late_probability: 0.05,
            tariff: Vec::new(),
            lateness: Vec::new(),
        });
    }

    fn people_lane(&mut self, from: &str, to: &str, schedule: Schedule, cost: i64) {
        self.lane(from, to, schedule, cost);
        let lane = self.lanes.last_mut().unwrap();
        lane.goods = None;
        lane.people = Some(PeopleTerms { cost_minor: cost, co2_g: 90_000 });
        lane.runs_on_holidays = true;
    }
}

/// A departure on `on`: last hand-over, departure, arrival so many days later.
pub(crate) fn departs(
    on: Weekdays,
    cut_off: (i32, i32),
    depart: (i32, i32),
    arrive: (i32, i32),
    after: i32,
) -> Departure {
    Departure {
        days: on,
        cut_off_minute: cut_off.0 * 60 + cut_off.1,
        cut_off_days_before: 0,
        depart_minute: depart.0 * 60 + depart.1,
        arrive_minute: arrive.0 * 60 + arrive.1,
        arrive_days_after: after,
    }
}

pub(crate) fn timetable(departures: &[Departure]) -> Schedule {
    Schedule::Timetable(departures.to_vec())
}

pub(crate) fn on_demand(minutes: i64) -> Schedule {
    Schedule::OnDemand { duration_minutes: minutes, calendar: None }
}

pub(crate) fn item(name: &str, weight_g: i64) -> ItemFacts {
    ItemFacts {
        item: id(name),
        weight_g,
        export_class: None,
        dangerous_goods: false,
        cold_chain: false,
        unit_value_minor: 0,
    }
}

pub(crate) fn stock(item: &str, warehouse: &str, available: i64) -> StockLevel {
    StockLevel { item: id(item), warehouse: id(warehouse), available, version: 1 }
}

pub(crate) fn world(items: Vec<ItemFacts>, stock: Vec<StockLevel>) -> World {
    World { items, stock, ..World::default() }
}

pub(crate) fn line(item: &str, quantity: i64) -> Line {
    Line { item: id(item), quantity: Quantity::new(quantity).unwrap() }
}

pub(crate) fn wants(
    lines: Vec<Line>,
    destination: &str,
    now: Timestamp,
    deadline: Option<Timestamp>,
) -> Request {
    let destination = id(destination);
    Request::new(
        Need::Items { lines, destination, deadline, end_use: None, model: None, revision: None },
        now,
    )
}

/// Solves and makes sure of everything that must hold of any answer.
pub(crate) fn answer(net: &Compiled, world: &World, request: &Request) -> Answer {
    let answer = solve(net, world, request);
    assert_eq!(answer.defects, []);
    assert!(answer.options.len() <= 7);
    for option in &answer.options {
        assert_eq!(check(net, world, request, option), Ok(()));
        assert!(!option.reason.sentence.is_empty());
    }
    assert!(answer.refused.iter().all(|refusal| !refusal.sentence.is_empty()));
    let again = solve(net, world, request);
    assert_eq!(serde_json::to_vec(&again).unwrap(), serde_json::to_vec(&answer).unwrap());
    answer
}

pub(crate) fn may_work(country: &str) -> RightToWork {
    RightToWork { country: id(country), lead_working_days: 0 }
}
