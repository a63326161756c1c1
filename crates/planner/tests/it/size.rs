//! A company of the usual size is answered, and a hundred thousand lanes are survived. How quickly is measured in
//! `benches`.

use meridian_planner::Compiled;
use meridian_planner::model::{Network, Weekdays, World};

use crate::company::{
    Build, answer, at, days, departs, empty, horizon, item, line, on_demand, stock, timetable, wants, world,
};

/// Forty sites in four territories, each with lanes to ten others.
pub(crate) fn company() -> (Network, World) {
    let mut net = empty();
    let zones = ["Europe/Berlin", "America/Chicago", "Asia/Singapore", "Africa/Nairobi"];
    for (index, zone) in zones.into_iter().enumerate() {
        let country = ["DE", "US", "SG", "KE"][index];
        net.country(country, Weekdays::SATURDAY_SUNDAY, &["2026-05-01"]);
        net.calendar(
            &format!("work{index}"),
            zone,
            Weekdays::MONDAY_TO_FRIDAY,
            (8, 0),
            (17, 0),
            Some(country),
        );
        net.territory(&format!("T{index}"), &format!("work{index}"), 240);
    }
    for site in 0..40 {
        let region = site % 4;
        let (country, zone) = (["DE", "US", "SG", "KE"][region], zones[region]);
        net.site(&format!("S{site}"), country, &format!("T{region}"), zone, &format!("work{region}"));
        net.sites.last_mut().unwrap().pick_minutes = 60;
    }
    for site in 0..40usize {
        for step in 1..=10usize {
            let to = (site + step * step) % 40;
            if to == site {
                continue;
            }
            let hour = ((site * 7 + step * 5) % 20) as i32;
            let schedule = if site % 4 == to % 4 {
                on_demand(120 + 30 * step as i64)
            } else {
                timetable(&[departs(days("MTWTFS "), (hour, 0), (hour + 2, 0), (hour, 30), 2)])
            };
            let cost = 1_000 + ((site * 31 + step * 17) % 90) as i64 * 100;
            net.lane(&format!("S{site}"), &format!("S{to}"), schedule, cost);
        }
    }
    let levels =
        (0..40).filter(|site| site % 3 == 0).map(|site| stock("x", &format!("S{site}"), (site % 2) as i64));
    (net, world(vec![item("x", 1_500)], levels.collect()))
}

#[test]
fn a_company_of_forty_sites_is_answered() {
    let (net, world) = company();
    let net = Compiled::compile(&net, horizon("2026-04-27T00:00:00Z", 56)).unwrap();
    let now = at("2026-04-28T15:10:00Z");
    let request = wants(vec![line("x", 1)], "S7", now, Some(at("2026-05-01T08:00:00Z")));
    assert!(!answer(&net, &world, &request).options.is_empty());
}

#[test]
fn a_hundred_thousand_lanes_between_two_sites_are_answered() {
    let mut net = empty();
    net.country("DE", Weekdays::SATURDAY_SUNDAY, &[]);
    net.calendar("c", "Europe/Berlin", Weekdays::MONDAY_TO_FRIDAY, (8, 0), (17, 0), None);
    net.territory("EU", "c", 0);
    net.site("A", "DE", "EU", "Europe/Berlin", "c");
    net.site("B", "DE", "EU", "Europe/Berlin", "c");
    for index in 0..100_000 {
        net.lane("A", "B", on_demand(60 + index % 977), 100_000 - index % 991);
    }
    let net = Compiled::compile(&net, horizon("2026-06-01T00:00:00Z", 3)).unwrap();
    let world = world(vec![item("x", 1)], vec![stock("x", "A", 1)]);
    let answer = answer(&net, &world, &wants(vec![line("x", 1)], "B", at("2026-06-01T08:00:00Z"), None));
    assert!(!answer.options.is_empty());
}
