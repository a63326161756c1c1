//! Licences, permits and lead times take working days of the country, and of the part of it, where they are asked for.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use meridian_planner::Compiled;
use meridian_planner::model::{Gate, Network, Place, Verdict, Weekdays};
use proptest::prelude::*;

use crate::company::{
    Build, answer, at, days, empty, horizon, id, item, line, local, on_demand, stock, wants, world,
};

/// Sites that are open day and night, of two German states and of elsewhere, with couriers of an hour to Zurich.
fn network(sites: &[(&str, &str, Option<&str>, &str)], working_days: i32) -> Network {
    let mut net = empty();
    net.calendar("always", "Europe/Zurich", Weekdays::ALL, (0, 0), (24, 0), None);
    net.territory("CH", "always", 0);
    net.territory("FROM", "always", 0);
    net.site("ZRH", "CH", "CH", "Europe/Zurich", "always");
    for (name, country, part, zone) in sites {
        net.site(name, country, "FROM", zone, "always");
        net.sites.last_mut().unwrap().subdivision = part.map(str::to_owned);
        net.lane(name, "ZRH", on_demand(60), 100);
        net.lanes.last_mut().unwrap().runs_on_holidays = true;
    }
    net.gates.push(Gate {
        id: id("L"),
        export_class: id("6A005"),
        origin: Place::Territory(id("FROM")),
        destination: Place::Anywhere,
        end_use: None,
        verdict: Verdict::Licence { working_days },
    });
    net
}

const GERMAN: [(&str, &str, Option<&str>, &str); 2] =
    [("MUC", "DE", Some("BY"), "Europe/Berlin"), ("BER", "DE", Some("BE"), "Europe/Berlin")];

/// When a licence asked for at `now` lets goods leave `from`.
fn leaves(net: &Compiled, from: &str, now: Timestamp) -> Option<Timestamp> {
    let mut laser = item("laser", 1_000);
    laser.export_class = Some(id("6A005"));
    let world = world(vec![laser], vec![stock("laser", from, 1)]);
    let options = answer(net, &world, &wants(vec![line("laser", 1)], "ZRH", now, None)).options;
    options.first().and_then(|option| Some(option.arrival? - 1.hour()))
}

fn compiled(net: &Network) -> Compiled {
    Compiled::compile(net, horizon("2026-12-01T00:00:00Z", 90)).unwrap()
}

fn berlin(wall: &str) -> Option<Timestamp> {
    Some(local(&format!("{wall}[Europe/Berlin]")))
}

#[test]
fn epiphany_is_a_working_day_in_berlin_and_none_in_bavaria() {
    let common = ["2026-12-25", "2026-12-26", "2027-01-01"];
    let bavarian = ["2026-12-25", "2026-12-26", "2027-01-01", "2027-01-06"];
    let mut net = network(&GERMAN, 8);
    net.country("DE", Weekdays::SATURDAY_SUNDAY, &common);
    net.country("DE-BY", Weekdays::SATURDAY_SUNDAY, &bavarian);
    let net = compiled(&net);
    // The 24th, 28th to 31st, 4th and 5th; then the 6th, or the 7th.
    let asked = berlin("2026-12-23T10:00").unwrap();
    assert_eq!(leaves(&net, "BER", asked), berlin("2027-01-07T00:00"));
    assert_eq!(leaves(&net, "MUC", asked), berlin("2027-01-08T00:00"));
}

#[test]
fn nobody_works_from_the_24th_to_the_26th_where_all_three_are_holidays() {
    let mut net = network(&GERMAN, 1);
    net.country("DE", Weekdays::SATURDAY_SUNDAY, &["2026-12-24", "2026-12-25", "2026-12-26"]);
    let net = compiled(&net);
    // Thursday to Saturday, then Sunday.
    assert_eq!(leaves(&net, "BER", berlin("2026-12-23T10:00").unwrap()), berlin("2026-12-29T00:00"));
    assert_eq!(leaves(&net, "BER", berlin("2026-12-22T10:00").unwrap()), berlin("2026-12-24T00:00"));
}

#[test]
fn the_record_of_a_part_alone_counts_there() {
    let mut net = network(&GERMAN, 1);
    net.country("DE", Weekdays::SATURDAY_SUNDAY, &["2026-12-24"]);
    net.country("DE-BY", Weekdays::SATURDAY_SUNDAY, &[]);
    net.country("FR-BE", Weekdays::NONE, &["2026-12-25"]);
    let net = compiled(&net);
    let asked = berlin("2026-12-23T10:00").unwrap();
    assert_eq!(leaves(&net, "BER", asked), berlin("2026-12-26T00:00"));
    assert_eq!(leaves(&net, "MUC", asked), berlin("2026-12-25T00:00"));
}

#[test]
fn a_country_without_a_record_has_its_usual_weekend_and_no_holidays() {
    let cairo = [("CAI", "EG", None, "Africa/Cairo"), ("BER", "DE", None, "Europe/Berlin")];
    let net = network(&cairo, 1);
    let asked = at("2026-12-24T09:00:00Z");
    let cairo = |wall: &str| Some(local(&format!("{wall}[Africa/Cairo]")));
    // Christmas Day is a Friday.
    assert_eq!(leaves(&compiled(&net), "BER", asked), berlin("2026-12-26T00:00"));
    assert_eq!(leaves(&compiled(&net), "CAI", asked), cairo("2026-12-28T00:00"));
    let mut changed = net;
    changed.country("EG", days("     S "), &[]);
    assert_eq!(leaves(&compiled(&changed), "CAI", asked), cairo("2026-12-26T00:00"));
}

/// The first midnight in UTC after `needed` days after `asked` on which work is done.
fn by_hand(asked: Date, needed: i32, works: impl Fn(Date) -> bool) -> Timestamp {
    let mut date = asked;
    for _ in 0..needed {
        date = date.tomorrow().unwrap();
        while !works(date) {
            date = date.tomorrow().unwrap();
        }
    }
    local(&format!("{}T00:00[UTC]", date.tomorrow().unwrap()))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn working_days_are_those_of_the_most_specific_record_counted_by_hand(
        records in prop::collection::btree_map(0..5usize, (0..127u8, prop::collection::btree_set(1..31i8, 0..12)), 0..5),
        place in 0..4usize,
        (asked, needed) in (1..28i8, 0..12i32),
    ) {
        let areas = ["EG", "EG-C", "EG-ALX", "DE", "DE-C"];
        let (country, part) = [("EG", None), ("EG", Some("C")), ("EG", Some("ALX")), ("DE", Some("C"))][place];
        let day = |day: i8| Date::new(2026, 12, day).unwrap();
        let mut net = network(&[("HERE", country, part, "UTC")], needed);
        for (area, (weekend, holidays)) in &records {
            let weekend = serde_json::from_str(&weekend.to_string()).unwrap();
            let dates: Vec<String> = holidays.iter().map(|date| day(*date).to_string()).collect();
            net.country(areas[*area], weekend, &dates.iter().map(String::as_str).collect::<Vec<_>>());
        }
        let named = |name: &str| areas.iter().position(|area| *area == name).and_then(|area| records.get(&area));
        let record = part.and_then(|part| named(&format!("{country}-{part}"))).or_else(|| named(country));
        let usual = if country == "EG" { 0b011_0000 } else { 0b110_0000 };
        let works = |date: Date| {
            let bit = 1 << date.weekday().to_monday_zero_offset();
            match record {
                Some((weekend, holidays)) => {
                    weekend & bit == 0 && !(date.month() == 12 && holidays.contains(&date.day()))
                }
                None => usual & bit == 0,
            }
        };
        let now = local(&format!("{}T10:00[UTC]", day(asked)));
        let expected = if needed == 0 { now } else { by_hand(day(asked), needed, works) };
        // Beyond the horizon there is no answer.
        let expected = Some(expected).filter(|at| *at + 1.hour() <= self::at("2027-03-01T00:00:00Z"));
        prop_assert_eq!(leaves(&compiled(&net), "HERE", now), expected);
    }
}
