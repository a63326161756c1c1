//! Random workloads in weeks of 167 to 169 hours, in several zones.

use jiff::{SignedDuration, Timestamp};
use meridian_scheduler::workforce::{FreeBusy, Rest};
use meridian_scheduler::workload::{
    Crew, Due, Engineers, PickupPoint, Plan, Roads, Trip, WorkOrder, Workload,
};
use meridian_types::{Interval, SiteId};
use proptest::prelude::*;
use proptest::sample::select;

use super::fixture::{at, crew, eur, hours, needed, order, skill, visit_id, week};

/// Mondays, 00:00 UTC, before weeks in which clocks change in Europe, America or on Lord Howe, and one without.
const MONDAYS: [&str; 6] = [
    "2026-03-23T00:00Z",
    "2026-10-19T00:00Z",
    "2026-10-26T00:00Z",
    "2026-03-02T00:00Z",
    "2026-03-30T00:00Z",
    "2026-11-23T00:00Z",
];

const HOMES: [(&str, &str, &str); 4] = [
    ("HEL", "FI", "Europe/Helsinki"),
    ("STR", "DE", "Europe/Berlin"),
    ("CHI", "US", "America/Chicago"),
    ("LDH", "AU", "Australia/Lord_Howe"),
];
const SITES: [&str; 9] = ["HEL", "ESP", "VAN", "TMP", "STR", "ULM", "CHI", "GRY", "LDH"];

/// An hour of the week, as so many after its beginning.
fn span(start: Timestamp, (from_h, length_h): (i64, i64)) -> Interval {
    let from = start + SignedDuration::from_hours(from_h);
    Interval::new(from, from + SignedDuration::from_hours(length_h)).unwrap()
}

fn any_crew(number: usize) -> impl Strategy<Value = Crew> {
    let habits = select(vec!["day", "night", "split", "long", "always"]);
    let rest = prop::option::of((400..720_i32, 300..900_i32));
    let until = prop::option::weighted(0.3, 23..30_i32);
    let away = prop::option::weighted(0.4, (0..150_i64, 1..40_i64, any::<bool>()));
    let trip = prop::option::weighted(0.4, (0..100_i64, 20..60_i64, select(&SITES[..])));
    let permit = prop::option::of(0..4_i32);
    (select(&HOMES[..]), habits, rest, until, away, trip, permit, 50..200_i32).prop_map(
        move |((home, country, zone), habit, rest, until, away, trip, permit, efficiency_percent)| {
            let mut crew = crew(&format!("E-{number}"), home, country, zone);
            let daily = |from: &str, until: &str, overtime| {
                (1..=7).map(|day| hours(day, from, until, overtime)).collect::<Vec<_>>()
            };
            crew.engineer.calendar.hours = match habit {
                "night" => daily("22:00", "06:00", false),
                "split" => [
                    daily("08:00", "12:00", false),
                    daily("13:00", "17:00", false),
                    daily("12:00", "13:00", true),
                ]
                .concat(),
                "long" => [daily("08:00", "16:00", false), daily("00:00", "24:00", true)].concat(),
                "always" => daily("00:00", "24:00", false),
                _ => crew.engineer.calendar.hours,
            };
            crew.engineer.rest =
                rest.map(|(rest_minutes, duty_minutes_max)| Rest { rest_minutes, duty_minutes_max });
            // Offsets from the week: dates and instants are put right once the week is known.
            if let Some(days) = until {
                crew.engineer.skills = vec![skill("PUMPS", 4, "", &format!("2026-01-{days}"))];
            }
            crew.engineer.work_permits = permit
                .map(|days| {
                    [("DE", days), ("FI", days)]
                        .map(|(country, days)| (country.parse().unwrap(), days))
                        .into()
                })
                .unwrap_or_default();
            crew.efficiency_percent = efficiency_percent;
            let zero = at("2026-01-23T00:00Z");
            if let Some((from_h, length_h, absent)) = away {
                let taken = [span(zero, (from_h, length_h))].into_iter().collect();
                crew.taken = if absent {
                    FreeBusy { absent: taken, ..FreeBusy::default() }
                } else {
                    FreeBusy { busy: taken, ..FreeBusy::default() }
                };
            }
            if let Some((from_h, length_h, lodging)) = trip {
                let away = span(zero, (from_h, length_h));
                let work = [span(zero, (from_h + 5, 8))].into_iter().collect();
                crew.trips = vec![Trip { lodging: lodging.parse().unwrap(), away, work, cost: eur(5_000) }];
            }
            crew
        },
    )
}

fn any_order(number: u128, count: u128) -> impl Strategy<Value = WorkOrder> {
    let windows = prop::collection::vec((0..160_i64, 1..30_i64), 0..3);
    let times =
        (prop::option::weighted(0.2, 0..150_i64), prop::option::weighted(0.4, (0..150_i64, 0..50_i64)));
    let options = (any::<bool>(), any::<bool>(), prop::option::weighted(0.2, 0..60_000_i64));
    let after = prop::option::weighted(0.3, 0..count.max(1));
    (select(&SITES[..]), 1..400_i32, windows, times, options, (1..=5_u8, after, 1..=4_i32)).prop_map(
        move |(
            site,
            work_minutes,
            windows,
            (release, due),
            (two, picks_up, outsource),
            (priority, after, level),
        )| {
            let zero = at("2026-01-23T00:00Z");
            let hour = |hour: i64| zero + SignedDuration::from_hours(hour);
            WorkOrder {
                skills: vec![needed("PUMPS", level)],
                work_minutes,
                engineers: if two && number.is_multiple_of(3) { Engineers::Two } else { Engineers::One },
                windows: windows.into_iter().map(|window| span(zero, window)).collect(),
                release: release.map(hour),
                due: due.map(|(by, cost)| Due { by: hour(by), late_cost_per_day: eur(cost * 100) }),
                priority,
                // Only earlier ones: no circle.
                after: after.filter(|first| *first < number).map(visit_id).into_iter().collect(),
                needs_pickup: picks_up && number.is_multiple_of(4),
                outsource: outsource.map(eur),
                ..order(number, site)
            }
        },
    )
}

fn moved(interval: Interval, by: SignedDuration) -> Interval {
    Interval::new(interval.start() + by, interval.end() + by).unwrap()
}

/// Puts everything into a week.
fn in_week(mut workload: Workload, monday: &str) -> Workload {
    let by = at(monday).duration_since(at("2026-01-23T00:00Z"));
    let horizon = Interval::new(at(monday), at(monday) + SignedDuration::from_hours(200)).unwrap();
    (workload.horizon, workload.frozen_until) = (horizon, horizon.start());
    for crew in &mut workload.engineers {
        for skill in &mut crew.engineer.skills {
            let days = by.as_hours() / 24;
            skill.valid_until = skill.valid_until.map(|until| until + SignedDuration::from_hours(days * 24));
        }
        let free = &mut crew.taken;
        for spans in [&mut free.busy, &mut free.absent] {
            *spans = spans.iter().map(|span| moved(span, by)).collect();
        }
        for trip in &mut crew.trips {
            trip.away = moved(trip.away, by);
            trip.work = trip.work.iter().map(|span| moved(span, by)).collect();
        }
    }
    for order in &mut workload.orders {
        order.windows.iter_mut().for_each(|window| *window = moved(*window, by));
        order.release = order.release.map(|release| release + by);
        if let Some(due) = &mut order.due {
            due.by += by;
        }
    }
    workload
}

/// A week of work, nothing of it published.
pub(crate) fn any_workload(orders: u128) -> impl Strategy<Value = Workload> {
    let crews = (2..5_usize).prop_flat_map(|count| (0..count).map(any_crew).collect::<Vec<_>>());
    let orders = (0..=orders)
        .prop_flat_map(|count| (0..count).map(|number| any_order(number, count)).collect::<Vec<_>>());
    let opening =
        prop::option::of((select(&SITES[..]), prop::collection::vec((0..190_i64, 1..20_i64), 1..12)));
    (select(&MONDAYS[..]), crews, orders, opening, select(&SITES[..])).prop_map(
        |(monday, crews, orders, opening, pickup)| {
            let mut workload = week(orders);
            workload.engineers = crews;
            if let Some((site, spans)) = opening {
                let id: SiteId = site.parse().unwrap();
                let open: meridian_scheduler::workforce::Spans =
                    spans.into_iter().map(|open| span(at(monday), open)).collect();
                workload
                    .sites
                    .iter_mut()
                    .filter(|site| site.id == id)
                    .for_each(|site| site.opening = Some(open.clone()));
            }
            // Quick enough to get abroad within a long day.
            let roads = Roads { detour_percent: 100, speed_km_per_h: 300, cost_per_km: eur(2) };
            workload.ways.roads = Some(roads);
            workload.pickup = Some(PickupPoint { site: pickup.parse().unwrap(), minutes: 7 });
            in_week(workload, monday)
        },
    )
}

/// The workload once so many hours of it have passed, with a plan published, of which every third appointment is pinned.
pub(crate) fn later(workload: &Workload, plan: &Plan, hours: i64) -> Workload {
    let mut later = workload.clone();
    later.frozen_until = workload.horizon.start() + SignedDuration::from_hours(hours);
    later.published = plan.appointments();
    for (number, appointment) in later.published.iter_mut().enumerate() {
        appointment.pinned = number.is_multiple_of(3);
    }
    later
}
