//! Nights, rests, permits and notice of an engineer from Helsinki who works at a laboratory in Berlin.

use meridian_planner::Compiled;
use meridian_planner::model::{
    Action, CalendarException, Claim, Depot, Engineer, ExtraAccess, LocalSpan, Need, Network, Policy, Reason,
    RepairTask, Request, RestRule, RightToWork, Skill, Solution, Step, Subject, WaitCause, Weekdays, World,
};
use meridian_types::Interval;

use crate::company::{Build, answer, departs, empty, horizon, id, interval, local, may_work, timetable};
use crate::weekend_repair::spectra;

const NIGHT_COST_MINOR: i64 = 15_000;
pub(crate) const ELEVEN_HOURS: RestRule = RestRule { rest_minutes: 660, duty_minutes_max: 600 };

/// Flights to Berlin leave at 08:00 and 18:00 and take 2 h 45 min; those to Helsinki leave at 19:00.
pub(crate) fn network(notice_minutes: i64) -> Network {
    let mut net = empty();
    net.country("FI", Weekdays::SATURDAY_SUNDAY, &[]);
    let holidays = ["2026-04-03", "2026-04-06", "2026-12-25", "2026-12-26"];
    net.country("DE", Weekdays::SATURDAY_SUNDAY, &holidays);
    let (fi, de) = ("Europe/Helsinki", "Europe/Berlin");
    net.calendar("fi", fi, Weekdays::ALL, (0, 0), (24, 0), None);
    net.calendar("de", de, Weekdays::MONDAY_TO_FRIDAY, (8, 0), (17, 0), Some("DE"));
    net.calendars[1].exceptions.push(CalendarException {
        date: "2026-12-24".parse().unwrap(),
        spans: vec![LocalSpan::new((8, 0), (12, 0))],
    });
    net.territory("EU", "de", 0);
    net.site("HEL", "FI", "EU", fi, "fi");
    net.site("LAB", "DE", "EU", de, "de");
    net.sites[1].visit_notice_minutes = notice_minutes;
    let daily = Weekdays::ALL;
    let out = [departs(daily, (7, 0), (8, 0), (9, 45), 0), departs(daily, (17, 0), (18, 0), (19, 45), 0)];
    net.people_lane("HEL", "LAB", timetable(&out), 20_000);
    net.people_lane("LAB", "HEL", timetable(&[departs(daily, (18, 0), (19, 0), (22, 45), 0)]), 20_000);
    net
}

/// Free at any time of these days.
pub(crate) fn engineer(from: &str, to: &str) -> Engineer {
    Engineer {
        id: id("E1"),
        region: id("eu"),
        home: id("HEL"),
        skills: vec![Skill { skill: id("laser"), level: 1 }],
        certificates: Vec::new(),
        free: vec![interval(&format!("{from}[Europe/Helsinki]"), &format!("{to}[Europe/Helsinki]"))],
        overtime: Vec::new(),
        overtime_allowed: false,
        away: Vec::new(),
        right_to_work: vec![may_work("DE")],
        rest: None,
        night_cost_minor: NIGHT_COST_MINOR,
        cost_minor_per_hour: 6_000,
        overtime_cost_minor_per_hour: 12_000,
    }
}

pub(crate) fn work_on(engineer: Engineer, work_minutes: i64) -> World {
    World {
        models: vec![spectra()],
        repair_tasks: vec![RepairTask {
            task: id("replace-laser"),
            model: id("SPECTRA"),
            skill: id("laser"),
            level: 1,
            certificates: Vec::new(),
            work_minutes,
            parts: Vec::new(),
            remote: None,
        }],
        engineers: vec![engineer],
        ..World::default()
    }
}

fn request(now: &str, deadline: Option<&str>) -> Request {
    let mut request = repair("LAB", local(&format!("{now}[Europe/Helsinki]")));
    if let Need::Repair { deadline: by, .. } = &mut request.need {
        *by = deadline.map(|deadline| local(&format!("{deadline}[Europe/Berlin]")));
    }
    request
}

pub(crate) fn repair(site: &str, now: jiff::Timestamp) -> Request {
    let need = Need::Repair {
        serial: id("SN-1"),
        model: id("SPECTRA"),
        revision: None,
        site: id(site),
        task: None,
        onward: None,
        deadline: None,
        end_use: None,
    };
    Request { policy: Policy::Fastest, ..Request::new(need, now) }
}

fn compiled(start: &str, notice_minutes: i64) -> Compiled {
    Compiled::compile(&network(notice_minutes), horizon(start, 20)).unwrap()
}

pub(crate) fn berlin(text: &str) -> jiff::Timestamp {
    local(&format!("{text}[Europe/Berlin]"))
}

fn work(option: &Solution) -> Vec<&Step> {
    option.steps.iter().filter(|step| matches!(step.action, Action::Work { .. })).collect()
}

fn rests(option: &Solution) -> Vec<(jiff::Timestamp, jiff::Timestamp)> {
    let rest = |step: &&Step| matches!(step.action, Action::Wait { cause: WaitCause::Rest, .. });
    option.steps.iter().filter(rest).map(|step| (step.start, step.end)).collect()
}

/// Arrival, and cost beyond that of the journey and the work, in nights.
fn nights(option: &Solution, work_minutes: i64) -> (jiff::Timestamp, i64) {
    let day = 40_000 + (330 + work_minutes) * 100;
    assert_eq!((option.cost_minor - day) % NIGHT_COST_MINOR, 0, "{option:#?}");
    (option.arrival.unwrap(), (option.cost_minor - day) / NIGHT_COST_MINOR)
}

#[test]
fn travelling_the_evening_before_is_earlier_and_costs_a_night() {
    let net = compiled("2026-06-01T00:00:00Z", 0);
    let world = work_on(engineer("2026-06-01T00:00", "2026-06-14T00:00"), 180);
    let answer = answer(&net, &world, &request("2026-06-01T12:00", None));
    let found: Vec<_> = answer.options.iter().map(|option| nights(option, 180)).collect();
    assert_eq!(found, [(berlin("2026-06-02T11:00"), 1), (berlin("2026-06-02T12:45"), 0)]);
    let claim = answer.options[0].claims.iter().find_map(|claim| match claim {
        Claim::Engineer { during, .. } => Some(*during),
        _ => None,
    });
    let booked = interval("2026-06-01T17:00[Europe/Helsinki]", "2026-06-02T22:45[Europe/Helsinki]");
    assert_eq!(claim, Some(booked));
}

#[test]
fn who_would_be_on_duty_too_long_goes_home_after_a_rest() {
    let net = compiled("2026-06-01T00:00:00Z", 0);
    let mut world = work_on(engineer("2026-06-01T00:00", "2026-06-14T00:00"), 180);
    world.engineers[0].rest = Some(ELEVEN_HOURS);
    let answer = answer(&net, &world, &request("2026-06-01T12:00", None));
    // There in the evening, 11 h 15 min of rest, and the last flight of the day comes within the ten hours no more.
    let option = &answer.options[0];
    assert_eq!(nights(option, 180), (berlin("2026-06-02T11:00"), 2));
    let back = berlin("2026-06-03T18:00");
    assert_eq!(
        rests(option),
        [(berlin("2026-06-01T19:45"), berlin("2026-06-02T08:00")), (berlin("2026-06-02T11:00"), back)]
    );
    // From six in the morning until a quarter to one is no ten hours.
    assert_eq!(nights(&answer.options[1], 180), (berlin("2026-06-02T12:45"), 1));
}

#[test]
fn work_over_several_days_is_told_day_by_day() {
    let net = compiled("2026-06-01T00:00:00Z", 0);
    let mut world = work_on(engineer("2026-06-01T00:00", "2026-06-14T00:00"), 720);
    for (rest, cause) in [(None, WaitCause::Work), (Some(ELEVEN_HOURS), WaitCause::Rest)] {
        world.engineers[0].rest = rest;
        let answer = answer(&net, &world, &request("2026-06-01T12:00", None));
        let option = &answer.options[0];
        let spans: Vec<_> = work(option).iter().map(|step| (step.start, step.end)).collect();
        let days = [
            (berlin("2026-06-02T08:00"), berlin("2026-06-02T17:00")),
            (berlin("2026-06-03T08:00"), berlin("2026-06-03T11:00")),
        ];
        assert_eq!(spans, days);
        let night = option.steps.iter().find(|step| step.start == days[0].1).unwrap();
        assert_eq!(night.action, Action::Wait { site: id("LAB"), cause });
    }
}

#[test]
fn over_christmas_one_can_stay_or_come_later() {
    let net = compiled("2026-12-21T00:00:00Z", 0);
    let world = work_on(engineer("2026-12-23T00:00", "2026-12-31T00:00"), 360);
    let answer = answer(&net, &world, &request("2026-12-23T12:00", None));
    // Some of it on the 24th, there the evening before or that morning, and the rest on the 28th; or all of it on
    // the 28th, there the evening before or that morning.
    let found: Vec<_> = answer.options.iter().map(|option| nights(option, 360)).collect();
    assert_eq!(
        found,
        [
            (berlin("2026-12-28T10:00"), 5),
            (berlin("2026-12-28T11:45"), 4),
            (berlin("2026-12-28T14:00"), 1),
            (berlin("2026-12-28T15:45"), 0)
        ]
    );
}

#[test]
fn a_rest_is_as_long_as_it_really_is_when_the_clocks_change() {
    for (saturday, sunday, begins) in [
        ("2026-03-28", "2026-03-29", "07:45"),
        ("2026-06-06", "2026-06-07", "06:45"),
        ("2026-10-24", "2026-10-25", "06:00"),
    ] {
        let start = format!("{saturday}T00:00:00Z");
        let net = compiled(&start, 0);
        let to = local(&format!("{saturday}T00:00[Europe/Helsinki]")) + jiff::SignedDuration::from_hours(240);
        let mut world = work_on(engineer(&format!("{saturday}T00:00"), &format!("{sunday}T00:00")), 120);
        world.engineers[0].free =
            vec![Interval::new(local(&format!("{saturday}T00:00[Europe/Helsinki]")), to).unwrap()];
        world.engineers[0].rest = Some(ELEVEN_HOURS);
        let mut request = request(&format!("{saturday}T12:00"), None);
        let during = Interval::new(berlin(&format!("{sunday}T06:00")), berlin(&format!("{sunday}T20:00")));
        request.extra_access.push(ExtraAccess { site: id("LAB"), during: during.unwrap() });
        let answer = answer(&net, &world, &request);
        let first = work(&answer.options[0])[0];
        assert_eq!(first.start, berlin(&format!("{sunday}T{begins}")), "{sunday}");
    }
}

#[test]
fn a_permit_of_three_working_days_outlasts_easter() {
    let net = compiled("2026-04-01T00:00:00Z", 0);
    let mut world = work_on(engineer("2026-04-01T00:00", "2026-04-19T00:00"), 120);
    world.engineers[0].right_to_work = vec![RightToWork { country: id("DE"), lead_working_days: 3 }];
    // Asked for on Maundy Thursday: Tuesday, Wednesday and Thursday after Easter.
    let asked = request("2026-04-02T10:00", Some("2026-04-08T17:00"));
    let late = answer(&net, &world, &asked);
    assert_eq!(work(&late.options[0])[0].start, berlin("2026-04-10T08:00"));
    let pending =
        Reason::PermitPending { country: id("DE"), working_days: 3, from: Some(berlin("2026-04-10T00:00")) };
    let Reason::AfterDeadline { because: Some(because), .. } = &late.refused[0].reason else {
        panic!("{late:#?}")
    };
    assert_eq!(**because, pending);
    let short = Compiled::compile(&network(0), horizon("2026-04-01T00:00:00Z", 8)).unwrap();
    assert_eq!(answer(&short, &world, &asked).refused[0].reason, pending);
}

#[test]
fn a_permit_takes_working_days_of_the_country_where_the_place_of_work_never_closes() {
    let mut net = network(0);
    net.sites[1].calendar = id("fi");
    let net = Compiled::compile(&net, horizon("2026-04-01T00:00:00Z", 20)).unwrap();
    let mut world = work_on(engineer("2026-04-01T00:00", "2026-04-19T00:00"), 120);
    world.engineers[0].right_to_work = vec![RightToWork { country: id("DE"), lead_working_days: 3 }];
    let found = answer(&net, &world, &request("2026-04-02T10:00", None));
    assert_eq!(work(&found.options[0])[0].start, berlin("2026-04-10T00:00"));
}

#[test]
fn nobody_is_let_in_before_notice_was_given() {
    let mut world = work_on(engineer("2026-06-01T00:00", "2026-06-06T00:00"), 120);
    // Ten opening hours from Monday 10:00 on: seven that day and three on Tuesday.
    let asked = request("2026-06-01T11:00", None);
    let found = answer(&compiled("2026-06-01T00:00:00Z", 600), &world, &asked);
    assert_eq!(work(&found.options[0])[0].start, berlin("2026-06-02T11:00"));
    world.engineers[0].free[0] =
        interval("2026-06-01T00:00[Europe/Helsinki]", "2026-06-03T00:00[Europe/Helsinki]");
    let late = answer(&compiled("2026-06-01T00:00:00Z", 1_600), &world, &asked);
    let until = berlin("2026-06-04T09:40");
    assert_eq!(late.refused[0].reason, Reason::NoticeNeeded { site: id("LAB"), until });
    // Who is posted there is let in at any time.
    let engineers = vec![id("E1")];
    world.depots.push(Depot { site: id("LAB"), models: Vec::new(), engineers });
    let posted = answer(&compiled("2026-06-01T00:00:00Z", 1_600), &world, &asked);
    assert_eq!(work(&posted.options[0])[0].start, berlin("2026-06-01T10:00"));
}

#[test]
fn rests_that_leave_no_time_are_the_reason() {
    let net = compiled("2026-06-01T00:00:00Z", 0);
    let mut world = work_on(engineer("2026-06-02T05:00", "2026-06-02T23:00"), 180);
    let asked = request("2026-06-01T12:00", None);
    assert_eq!(nights(&answer(&net, &world, &asked).options[0], 180), (berlin("2026-06-02T12:45"), 0));
    world.engineers[0].rest = Some(ELEVEN_HOURS);
    let refused = answer(&net, &world, &asked).refused;
    let rule = Reason::RestNeeded { rest_minutes: 660, duty_minutes_max: 600 };
    assert_eq!(refused[0].reason, rule);
}

#[test]
fn an_instrument_at_a_depot_is_repaired_in_place_day_by_day() {
    let net = compiled("2026-06-01T00:00:00Z", 0);
    let mut world = work_on(engineer("2026-06-01T00:00", "2026-06-01T18:00"), 720);
    let free = [("2026-06-01T09:00", "2026-06-01T18:00"), ("2026-06-02T09:00", "2026-06-02T18:00")];
    world.engineers[0].free = free
        .into_iter()
        .map(|(from, to)| interval(&format!("{from}[Europe/Helsinki]"), &format!("{to}[Europe/Helsinki]")))
        .collect();
    world.depots.push(Depot { site: id("LAB"), models: Vec::new(), engineers: vec![id("E1")] });
    let answer = answer(&net, &world, &request("2026-06-01T07:00", None));
    let option = &answer.options[0];
    assert_eq!(option.arrival, Some(berlin("2026-06-02T11:00")));
    assert!(option.steps.iter().all(|step| !matches!(step.action, Action::Move { .. })));
    assert!(option.steps.iter().any(|step| step.subject == Subject::Instrument(id("SN-1"))));
    let booked: Vec<_> = option
        .claims
        .iter()
        .map(|claim| match claim {
            Claim::Engineer { during, .. } => (during.start(), during.end()),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        booked,
        [
            (berlin("2026-06-01T08:00"), berlin("2026-06-01T17:00")),
            (berlin("2026-06-02T08:00"), berlin("2026-06-02T11:00"))
        ]
    );
    assert_eq!(option.cost_minor, 72_000);
}

/// A visit over two days, with a rest rule: for those who tamper with it.
pub(crate) fn two_days() -> (Compiled, World, Request, Solution) {
    let net = compiled("2026-06-01T00:00:00Z", 300);
    let mut world = work_on(engineer("2026-06-01T00:00", "2026-06-14T00:00"), 720);
    world.engineers[0].rest = Some(ELEVEN_HOURS);
    let request = request("2026-06-01T12:00", None);
    let option = answer(&net, &world, &request).options.remove(0);
    (net, world, request, option)
}
