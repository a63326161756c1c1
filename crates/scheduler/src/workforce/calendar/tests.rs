use jiff::ToSpan;
use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;
use crate::workforce::sample::{hours, interval, overtime};

fn calendar(zone: &str, hours: Vec<WorkingHours>, days_off: &[&str]) -> Calendar {
    let days_off = days_off.iter().map(|date| date.parse().unwrap()).collect();
    Calendar { zone: zone.parse().unwrap(), hours, days_off }
}

fn shown(spans: &Spans) -> Vec<String> {
    spans.iter().map(|span| format!("{} {}", span.start(), span.end())).collect()
}

fn regular(calendar: &Calendar, window: &str) -> Vec<String> {
    shown(&calendar.working_time(interval(window)).regular)
}

/// Every day of the week at the same hours.
fn daily(from: &str, until: &str) -> Vec<WorkingHours> {
    (1..=7).map(|weekday| hours(weekday, from, until)).collect()
}

#[test]
fn hours_follow_the_wall_clock_over_a_change() {
    // Same wall time, another instant: +2 before, +3 after.
    let helsinki = calendar("Europe/Helsinki", daily("08:00", "16:00"), &[]);
    assert_eq!(
        regular(&helsinki, "2026-03-28T00:00Z/2026-03-30T00:00Z"),
        ["2026-03-28T06:00:00Z 2026-03-28T14:00:00Z", "2026-03-29T05:00:00Z 2026-03-29T13:00:00Z"]
    );
}

#[test]
fn a_night_shift_over_a_change_is_as_long_as_the_night_was() {
    for (zone, window, shift, minutes) in [
        (
            "Europe/Helsinki",
            "2026-03-28T12:00Z/2026-03-29T12:00Z",
            "2026-03-28T20:00:00Z 2026-03-29T03:00:00Z",
            420,
        ),
        (
            "Europe/Berlin",
            "2026-10-24T12:00Z/2026-10-25T12:00Z",
            "2026-10-24T20:00:00Z 2026-10-25T05:00:00Z",
            540,
        ),
        (
            "America/Chicago",
            "2026-03-07T18:00Z/2026-03-08T18:00Z",
            "2026-03-08T04:00:00Z 2026-03-08T11:00:00Z",
            420,
        ),
        (
            "America/Chicago",
            "2026-10-31T18:00Z/2026-11-01T18:00Z",
            "2026-11-01T03:00:00Z 2026-11-01T12:00:00Z",
            540,
        ),
        (
            "Australia/Lord_Howe",
            "2026-10-03T02:00Z/2026-10-04T02:00Z",
            "2026-10-03T11:30:00Z 2026-10-03T19:00:00Z",
            450,
        ),
        (
            "Australia/Lord_Howe",
            "2026-04-04T02:00Z/2026-04-05T02:00Z",
            "2026-04-04T11:00:00Z 2026-04-04T19:30:00Z",
            510,
        ),
    ] {
        let night = calendar(zone, daily("22:00", "06:00"), &[]).working_time(interval(window)).regular;
        assert_eq!(shown(&night), [shift], "{zone}");
        let length: i64 = night.iter().map(|span| span.duration().as_mins()).sum();
        assert_eq!(length, minutes, "{zone}");
    }
}

#[test]
fn hours_in_a_gap_begin_and_end_at_the_change() {
    let window = "2026-03-29T00:00Z/2026-03-29T12:00Z";
    let opening = calendar("Europe/Berlin", vec![hours(7, "02:30", "10:00")], &[]);
    assert_eq!(regular(&opening, window), ["2026-03-29T01:00:00Z 2026-03-29T08:00:00Z"]);
    let closing = calendar("Europe/Berlin", vec![hours(7, "01:00", "02:30")], &[]);
    assert_eq!(regular(&closing, window), ["2026-03-29T00:00:00Z 2026-03-29T01:00:00Z"]);
    let within = calendar("Europe/Berlin", vec![hours(7, "02:10", "02:50")], &[]);
    assert_eq!(regular(&within, window), Vec::<String>::new());
}

#[test]
fn hours_in_a_fold_run_from_the_first_to_the_second() {
    let berlin = calendar("Europe/Berlin", vec![hours(7, "02:15", "02:45")], &[]);
    let window = "2026-10-25T00:00Z/2026-10-25T12:00Z";
    assert_eq!(regular(&berlin, window), ["2026-10-25T00:15:00Z 2026-10-25T01:45:00Z"]);
    let midnight =
        calendar("America/Havana", vec![hours(6, "20:00", "00:00"), hours(7, "00:00", "04:00")], &[]);
    // Havana's clocks go back at 01:00 to 00:00: Saturday ends when it is midnight first.
    let night = midnight.working_time(interval("2026-10-31T12:00Z/2026-11-01T12:00Z")).regular;
    assert_eq!(shown(&night), ["2026-11-01T00:00:00Z 2026-11-01T09:00:00Z"]);
}

#[test]
fn a_whole_day_lasts_from_midnight_to_midnight() {
    for (zone, window, minutes) in [
        ("Europe/Helsinki", "2026-03-28T00:00Z/2026-03-30T22:00Z", 23 * 60),
        ("Europe/Berlin", "2026-10-23T00:00Z/2026-10-27T00:00Z", 25 * 60),
        ("Australia/Lord_Howe", "2026-04-03T00:00Z/2026-04-07T00:00Z", 24 * 60 + 30),
    ] {
        let sunday = calendar(zone, vec![hours(7, "00:00", "24:00")], &[]);
        let length: i64 =
            sunday.working_time(interval(window)).regular.iter().map(|span| span.duration().as_mins()).sum();
        assert_eq!(length, minutes, "{zone}");
    }
}

#[test]
fn a_day_off_takes_its_part_of_the_night_shifts_around_it() {
    let nights = calendar("Europe/Berlin", daily("22:00", "06:00"), &["2026-12-25"]);
    assert_eq!(
        regular(&nights, "2026-12-24T12:00Z/2026-12-26T12:00Z"),
        ["2026-12-24T21:00:00Z 2026-12-24T23:00:00Z", "2026-12-25T23:00:00Z 2026-12-26T05:00:00Z"]
    );
}

#[test]
fn the_days_off_of_a_country_are_days_of_its_own_zone() {
    let chicago = calendar("America/Chicago", daily("00:00", "24:00"), &["2026-11-26"]);
    assert_eq!(
        regular(&chicago, "2026-11-26T00:00Z/2026-11-28T00:00Z"),
        ["2026-11-26T00:00:00Z 2026-11-26T06:00:00Z", "2026-11-27T06:00:00Z 2026-11-28T00:00:00Z"]
    );
}

#[test]
fn overtime_is_apart_from_regular_hours() {
    let berlin =
        calendar("Europe/Berlin", vec![hours(1, "08:00", "16:00"), overtime(1, "14:00", "20:00")], &[]);
    let monday = berlin.working_time(interval("2026-11-23T00:00Z/2026-11-24T00:00Z"));
    assert_eq!(shown(&monday.regular), ["2026-11-23T07:00:00Z 2026-11-23T15:00:00Z"]);
    assert_eq!(shown(&monday.overtime), ["2026-11-23T15:00:00Z 2026-11-23T19:00:00Z"]);
}

#[test]
fn work_begins_and_ends_in_working_time_and_rests_in_between() {
    let week: Vec<_> = (1..=5).map(|weekday| hours(weekday, "08:00", "16:00")).collect();
    let berlin = calendar("Europe/Berlin", week, &["2026-11-25"]);
    for (work, allowed) in [
        ("2026-11-23T07:00Z/2026-11-23T15:00Z", true),
        ("2026-11-23T12:00Z/2026-11-24T09:00Z", true),
        ("2026-11-23T06:59Z/2026-11-23T15:00Z", false),
        ("2026-11-23T12:00Z/2026-11-23T15:01Z", false),
        ("2026-11-23T12:00Z/2026-11-24T06:00Z", false),
        ("2026-11-23T22:00Z/2026-11-23T23:00Z", false),
        ("2026-11-24T12:00Z/2026-11-25T09:00Z", false),
        ("2026-11-24T12:00Z/2026-11-26T09:00Z", true),
        ("2026-11-27T12:00Z/2026-11-30T09:00Z", true),
    ] {
        assert_eq!(berlin.allows(interval(work), &Spans::default()), allowed, "{work}");
    }
}

#[test]
fn the_edges_of_what_can_be_represented_are_no_panic() {
    let berlin = calendar("Europe/Berlin", daily("22:00", "06:00"), &[]);
    let (first, last) = (Timestamp::MIN, Timestamp::MAX);
    for (start, end) in [(first, first + 48.hours()), (last - 48.hours(), last)] {
        let _ = berlin.working_time(Interval::new(start, end).unwrap());
    }
}

const ZONES: [&str; 6] = [
    "Europe/Helsinki",
    "Europe/Berlin",
    "America/Chicago",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "Asia/Kathmandu",
];

prop_compose! {
    fn any_hours()(weekday in 1..=7_i8, from in 0..24_u32, length in 1..24_u32, half in any::<bool>(), extra in any::<bool>())
        -> WorkingHours
    {
        let minutes = if half { 30 } else { 0 };
        let from_text = format!("{from:02}:{minutes:02}");
        let until_text = format!("{:02}:{minutes:02}", (from + length) % 24);
        let mut hours = hours(weekday, &from_text, &until_text);
        hours.overtime = extra;
        hours
    }
}

/// What the definition says of one instant: the clock on the wall shows a time of the shift.
fn works(hours: &WorkingHours, zone: &TimeZone, at: Timestamp) -> bool {
    let wall = zone.to_datetime(at);
    let minute: MinuteOfDay = format!("{:02}:{:02}", wall.hour(), wall.minute()).parse().unwrap();
    let today = hours.weekday == wall.date().weekday();
    let yesterday = hours.weekday == wall.date().yesterday().unwrap().weekday();
    if hours.from < hours.until {
        today && (hours.from..hours.until).contains(&minute)
    } else {
        (today && minute >= hours.from) || (yesterday && minute < hours.until)
    }
}

fn is_around_a_fold(zone: &TimeZone, at: Timestamp) -> bool {
    let offset = |hours: i64| zone.to_offset(at + hours.hours());
    offset(-2) > offset(2)
}

proptest! {
    /// Compared with the definition every quarter of an hour over two weeks around each change of 2026. In a
    /// fold, hours run on from the first to the second occurrence, so that there they may be longer.
    #[test]
    fn working_time_agrees_with_the_clock_on_the_wall(
        zone in prop::sample::select(&ZONES[..]),
        hours in prop::collection::vec(any_hours(), 1..5),
        start_day in 0..360_i64,
        day_off in 0..14_i64,
    ) {
        let start = "2026-01-01T00:00Z".parse::<Timestamp>().unwrap() + (start_day * 24).hours();
        let window = Interval::new(start, start + (14 * 24).hours()).unwrap();
        let mut calendar = calendar(zone, hours.clone(), &[]);
        let off = calendar.zone.date(start + (day_off * 24).hours());
        calendar.days_off.insert(off);
        let time = calendar.working_time(window);
        let time_zone = TimeZone::get(zone).unwrap();
        prop_assert!(time.regular.intersection(&time.overtime).is_empty());
        let all = time.all();
        let mut at = start;
        while at < window.end() {
            let on_duty = time_zone.to_datetime(at).date() != off && hours.iter().any(|hours| works(hours, &time_zone, at));
            let found = all.iter().any(|span| span.contains(at));
            if !is_around_a_fold(&time_zone, at) {
                prop_assert_eq!(found, on_duty, "{} {}", zone, at);
            } else {
                prop_assert!(found || !on_duty, "{} {}", zone, at);
            }
            at += 15.minutes();
        }
    }

    /// Looking through a smaller window shows the same.
    #[test]
    fn working_time_does_not_depend_on_the_window(
        zone in prop::sample::select(&ZONES[..]),
        hours in prop::collection::vec(any_hours(), 1..5),
        start_hour in 0..8000_i64,
        offset in 1..100_i64,
        length in 1..60_i64,
    ) {
        let start = "2026-01-01T00:00Z".parse::<Timestamp>().unwrap() + start_hour.hours();
        let wide = Interval::new(start, start + 200.hours()).unwrap();
        let narrow = Interval::new(start + offset.hours(), start + (offset + length).hours()).unwrap();
        let calendar = calendar(zone, hours, &[]);
        let seen = calendar.working_time(wide).map(|spans| spans.within(narrow));
        prop_assert_eq!(calendar.working_time(narrow), seen);
    }
}
