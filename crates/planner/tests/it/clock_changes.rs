//! Both Sundays on which the clocks change, in four zones, and the day that Apia never had.

use jiff::SignedDuration;
use meridian_planner::model::{PartyOffer, Weekdays};
use meridian_planner::{Compiled, Fault, check};
use proptest::prelude::*;

use crate::company::{
    Build, answer, at, departs, empty, horizon, item, line, local, on_demand, stock, timetable, wants, world,
};
use crate::sourcing::offer;

/// Two sites in one zone: `A` never closes, `B` is open on every day from `from` to `to`.
fn arrival(
    zone: &str,
    open: ((i32, i32), (i32, i32)),
    schedule: meridian_planner::model::Schedule,
    now: &str,
) -> jiff::Timestamp {
    let mut net = empty();
    net.country("XX", Weekdays::NONE, &[]);
    net.calendar("always", zone, Weekdays::ALL, (0, 0), (24, 0), None);
    net.calendar("hours", zone, Weekdays::ALL, open.0, open.1, None);
    net.territory("T", "always", 0);
    net.site("A", "XX", "T", zone, "always");
    net.site("B", "XX", "T", zone, "hours");
    net.lane("A", "B", schedule, 1);
    let now = local(&format!("{now}[{zone}]"));
    let start = (now - SignedDuration::from_hours(48)).to_string();
    let net = Compiled::compile(&net, horizon(&start, 14)).unwrap();
    let world = world(vec![item("x", 1)], vec![stock("x", "A", 1)]);
    answer(&net, &world, &wants(vec![line("x", 1)], "B", now, None)).options[0].arrival.unwrap()
}

#[test]
fn a_night_is_an_hour_shorter_in_spring_and_longer_in_autumn() {
    let open = ((0, 0), (24, 0));
    let nights = [
        ("Europe/Helsinki", "2026-03-28", "2026-03-29", 9 * 60),
        ("Europe/Helsinki", "2026-10-24", "2026-10-25", 11 * 60),
        ("Europe/Berlin", "2026-03-28", "2026-03-29", 9 * 60),
        ("Europe/Berlin", "2026-10-24", "2026-10-25", 11 * 60),
        ("America/Chicago", "2026-03-07", "2026-03-08", 9 * 60),
        ("America/Chicago", "2026-10-31", "2026-11-01", 11 * 60),
        ("Australia/Lord_Howe", "2026-10-03", "2026-10-04", 9 * 60 + 30),
        ("Australia/Lord_Howe", "2026-04-04", "2026-04-05", 10 * 60 + 30),
    ];
    for (zone, evening, morning, minutes) in nights {
        let lorry = timetable(&[departs(Weekdays::ALL, (20, 0), (20, 0), (6, 0), 1)]);
        let arrives = arrival(zone, open, lorry, &format!("{evening}T19:00"));
        assert_eq!(arrives, local(&format!("{morning}T06:00[{zone}]")), "{zone} {evening}");
        let departed = local(&format!("{evening}T20:00[{zone}]"));
        assert_eq!(arrives.duration_since(departed).as_mins(), minutes, "{zone} {evening}");
    }
}

#[test]
fn ten_hours_on_the_way_are_ten_hours_whatever_the_clocks_do() {
    for (zone, now, then) in [
        ("Europe/Helsinki", "2026-03-28T20:00", "2026-03-29T07:00"),
        ("Europe/Helsinki", "2026-10-24T20:00", "2026-10-25T05:00"),
        ("Australia/Lord_Howe", "2026-04-04T20:00", "2026-04-05T05:30"),
        ("America/Chicago", "2026-03-07T20:00", "2026-03-08T07:00"),
    ] {
        assert_eq!(arrival(zone, ((0, 0), (24, 0)), on_demand(600), now), local(&format!("{then}[{zone}]")));
    }
}

#[test]
fn an_opening_time_that_is_skipped_is_the_moment_of_the_change() {
    // Berlin skips from 02:00 to 03:00: who opens at 02:30 is open at 03:00.
    let arrives = arrival("Europe/Berlin", ((2, 30), (12, 0)), on_demand(30), "2026-03-29T00:10");
    assert_eq!(arrives, local("2026-03-29T03:00[Europe/Berlin]"));
    // Lord Howe skips from 02:00 to 02:30.
    let arrives = arrival("Australia/Lord_Howe", ((2, 15), (12, 0)), on_demand(30), "2026-10-04T00:10");
    assert_eq!(arrives, local("2026-10-04T02:30[Australia/Lord_Howe]"));
}

#[test]
fn an_arrival_in_the_hour_that_comes_twice_is_promised_for_the_second() {
    let lorry = timetable(&[departs(Weekdays::ALL, (20, 0), (20, 0), (2, 30), 1)]);
    let arrives = arrival("Europe/Berlin", ((0, 0), (24, 0)), lorry, "2026-10-24T19:00");
    assert_eq!(arrives, "2026-10-25T01:30:00Z".parse().unwrap());
}

#[test]
fn nothing_opens_or_departs_on_the_day_that_apia_skipped() {
    let lorry = timetable(&[departs(Weekdays::ALL, (9, 0), (9, 0), (10, 0), 0)]);
    let arrives = arrival("Pacific/Apia", ((8, 0), (17, 0)), lorry, "2011-12-29T09:30");
    assert_eq!(arrives, local("2011-12-31T10:00[Pacific/Apia]"));
}

#[test]
fn nobody_works_on_the_day_that_apia_skipped() {
    let mut net = empty();
    net.country("WS", Weekdays::SATURDAY_SUNDAY, &[]);
    net.calendar("always", "Pacific/Apia", Weekdays::ALL, (0, 0), (24, 0), None);
    net.territory("WS", "always", 0);
    net.site("A", "WS", "WS", "Pacific/Apia", "always");
    let net = Compiled::compile(&net, horizon("2011-12-20T00:00:00Z", 30)).unwrap();
    let mut world = world(vec![item("x", 1)], Vec::new());
    let lead_working_days = 1;
    world.party_offers = vec![PartyOffer { lead_working_days, ..offer("ACME", "x", &[]) }];
    // Thursday the 29th; the next day is Saturday the 31st.
    let mut request = wants(vec![line("x", 1)], "A", at("2011-12-29T20:00:00Z"), None);
    let bought = answer(&net, &world, &request).options.remove(0);
    assert_eq!(bought.arrival, Some(at("2012-01-02T10:00:00Z")));
    assert_eq!(bought.latest_safe_decision, local("2012-01-01T23:59[Pacific/Apia]"));
    let early = at("2011-12-30T10:00:00Z");
    let mut told = bought;
    (told.arrival, told.steps[0].end) = (Some(early), early);
    let faults = check(&net, &world, &request, &told).unwrap_err();
    assert!(faults.contains(&Fault::NotAvailable), "{faults:?}");
    // From Tuesday on it is Wednesday and Thursday.
    request.now = at("2011-12-27T20:00:00Z");
    world.party_offers[0].lead_working_days = 2;
    assert_eq!(answer(&net, &world, &request).options[0].arrival, Some(early));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]
    // The search and the checker work out wall time separately; `answer` fails where they differ.
    #[test]
    fn search_and_checker_agree_around_every_change(
        zone in prop::sample::select(vec!["Europe/Helsinki", "Europe/Berlin", "America/Chicago", "Australia/Lord_Howe"]),
        day in prop::sample::select(vec!["2026-03-07", "2026-03-28", "2026-04-04", "2026-10-03", "2026-10-24", "2026-10-31"]),
        (opens, length) in (0..1380i32, 30..720i32),
        (cut_off, arrives) in (0..1440i32, 0..1440i32),
    ) {
        let closes = (opens + length).min(1440);
        let open = ((opens / 60, opens % 60), (closes / 60, closes % 60));
        let lorry = departs(Weekdays::ALL, (cut_off / 60, cut_off % 60), (cut_off / 60, cut_off % 60), (arrives / 60, arrives % 60), 1);
        let planned = arrival(zone, open, timetable(&[lorry]), &format!("{day}T12:00"));
        let asked = local(&format!("{day}T12:00[{zone}]"));
        prop_assert!(planned > asked);
    }
}
