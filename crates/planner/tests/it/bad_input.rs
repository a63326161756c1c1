//! Bad input is a typed error or a refusal with a reason, never a panic.

use meridian_planner::model::{
    Action, Approval, CalendarException, Exchange, ExtraAccess, Gate, LatenessQuantile, LoanerPool,
    LocalSpan, Need, Network, OpenHours, Place, Reason, Request, Schedule, Solution, SolutionKind,
    Substitute, Verdict, Weekdays,
};
use meridian_planner::{CompileError, CompileRule, Compiled, Horizon, solve};
use meridian_types::{Interval, Violation};
use proptest::prelude::*;

use crate::company::{
    Build, answer, at, departs, empty, horizon, id, item, line, on_demand, stock, timetable, wants, world,
};

fn valid() -> Network {
    let mut net = empty();
    net.country("DE", Weekdays::SATURDAY_SUNDAY, &[]);
    net.calendar("c", "Europe/Berlin", Weekdays::MONDAY_TO_FRIDAY, (8, 0), (17, 0), Some("DE"));
    net.territory("EU", "c", 10);
    net.site("A", "DE", "EU", "Europe/Berlin", "c");
    net.site("B", "DE", "EU", "Europe/Berlin", "c");
    net.lane("A", "B", on_demand(60), 100);
    net.lane("A", "B", timetable(&[departs(Weekdays::ALL, (8, 0), (9, 0), (10, 0), 0)]), 100);
    net
}

fn errors(change: impl Fn(&mut Network)) -> Vec<(String, String, CompileRule)> {
    let mut net = valid();
    change(&mut net);
    let errors = Compiled::compile(&net, horizon("2026-06-01T00:00:00Z", 10)).unwrap_err();
    assert!(!errors.to_string().is_empty());
    errors.0.into_iter().map(|error| (error.record, error.field, error.rule)).collect()
}

/// That this change, and nothing else, breaks `rule` at `place`.
fn breaks(place: &str, rule: CompileRule, change: impl Fn(&mut Network)) {
    let errors = errors(change);
    let places: Vec<_> =
        errors.iter().map(|(record, field, rule)| (format!("{record}/{field}"), *rule)).collect();
    assert_eq!(places, [(place.to_owned(), rule)]);
}

#[test]
fn every_broken_field_of_a_lane_is_named_with_its_rule() {
    use CompileRule as Rule;
    let duration = "lane A-B-0/schedule.duration_minutes";
    breaks("lane A-B-0/to", Rule::UnknownReference, |net| net.lanes[0].to = id("NOWHERE"));
    breaks("lane A-B-0/to", Rule::SamePlace, |net| net.lanes[0].to = id("A"));
    breaks("lane A-B-0/goods", Rule::CarriesNothing, |net| net.lanes[0].goods = None);
    breaks(duration, Rule::Negative, |net| net.lanes[0].schedule = on_demand(-5));
    breaks(duration, Rule::OutOfRange, |net| net.lanes[0].schedule = on_demand(0));
    breaks(duration, Rule::OutOfRange, |net| net.lanes[0].schedule = on_demand(i64::MAX));
    for probability in [f64::NAN, 1.0, -0.1] {
        breaks("lane A-B-0/late_probability", Rule::OutOfRange, |net| {
            net.lanes[0].late_probability = probability
        });
    }
    let lateness = |place: &str, told: [(f64, i64); 2]| {
        breaks(&format!("lane A-B-0/lateness[{place}"), Rule::OutOfRange, |net| {
            let quantile = |(share, minutes)| LatenessQuantile { share, minutes };
            net.lanes[0].lateness = told.map(quantile).into();
        });
    };
    lateness("0].share", [(0.0, 10), (1.0, 20)]);
    lateness("0].minutes", [(0.5, 0), (1.0, 20)]);
    lateness("1].share", [(0.5, 10), (0.5, 20)]);
    lateness("1].share", [(0.5, 10), (f64::NAN, 20)]);
    lateness("1].share", [(0.5, 10), (1.1, 20)]);
    lateness("1].minutes", [(0.5, 10), (1.0, 9)]);
    breaks("lane A-B-0/goods.cost_minor_per_kg", Rule::Negative, |net| {
        net.lanes[0].goods.as_mut().unwrap().cost_minor_per_kg = -1;
    });
    breaks("lane A-B-0/valid_until", Rule::Reversed, |net| {
        net.lanes[0].valid_from = Some("2026-06-02".parse().unwrap());
        net.lanes[0].valid_until = Some("2026-06-01".parse().unwrap());
    });
    breaks("lane A-B-1/id", Rule::Duplicate, |net| net.lanes[0].id = id("A-B-1"));
}

#[test]
fn every_broken_field_of_a_departure_is_named_with_its_rule() {
    let departing = |place: &str, rule, departure| {
        breaks(&format!("lane A-B-1/schedule[0].{place}"), rule, |net| {
            net.lanes[1].schedule = timetable(&[departure])
        });
    };
    let all = Weekdays::ALL;
    departing("cut_off_minute", CompileRule::CutOffAfterDeparture, departs(all, (9, 30), (9, 0), (10, 0), 0));
    departing("arrive_minute", CompileRule::ArrivalBeforeDeparture, departs(all, (8, 0), (9, 0), (8, 30), 0));
    departing("depart_minute", CompileRule::OutOfRange, departs(all, (8, 0), (25, 0), (8, 30), 1));
    departing("arrive_days_after", CompileRule::OutOfRange, departs(all, (8, 0), (9, 0), (8, 30), 5_000));
}

#[test]
fn every_broken_field_of_a_calendar_is_named_with_its_rule() {
    use CompileRule as Rule;
    breaks("calendar c/zone", Rule::UnknownZone, |net| net.calendars[0].zone = "Mars/Base".into());
    breaks("calendar c/hours[0]", Rule::Reversed, |net| net.calendars[0].hours[0].span.to_minute = 480);
    breaks("calendar c/hours[0]", Rule::OutOfRange, |net| net.calendars[0].hours[0].span.to_minute = 1441);
    breaks("calendar c/hours[1]", Rule::Overlapping, |net| {
        let days = Weekdays::of([jiff::civil::Weekday::Friday]);
        net.calendars[0].hours.push(OpenHours { days, span: LocalSpan::new((16, 0), (20, 0)) });
    });
    breaks("calendar c/exceptions[2026-06-03]", Rule::Overlapping, |net| {
        let spans = vec![LocalSpan::new((8, 0), (12, 0)), LocalSpan::new((11, 0), (13, 0))];
        net.calendars[0].exceptions.push(CalendarException { date: "2026-06-03".parse().unwrap(), spans });
    });
}

#[test]
fn every_broken_field_of_a_public_calendar_is_named_with_its_rule() {
    use CompileRule as Rule;
    breaks("public_calendar DE/weekend", Rule::NoWorkingDay, |net| {
        net.public_calendars[0].weekend = Weekdays::ALL;
    });
    breaks("public_calendar DE/id", Rule::Duplicate, |net| {
        net.country("DE", Weekdays::NONE, &["2026-12-25"]);
    });
    breaks("public_calendar DE-BY/holidays[2026-12-25]", Rule::Duplicate, |net| {
        net.country("DE-BY", Weekdays::SATURDAY_SUNDAY, &["2026-12-25", "2026-12-26", "2026-12-25"]);
    });
    assert!(serde_json::from_str::<Weekdays>("128").is_err());
    assert_eq!(serde_json::from_str::<Weekdays>("96").unwrap(), Weekdays::SATURDAY_SUNDAY);
}

#[test]
fn every_broken_field_of_other_records_is_named_with_its_rule() {
    use CompileRule as Rule;
    breaks("site A/zone", Rule::UnknownZone, |net| net.sites[0].zone = "Europe/Nowhere".into());
    breaks("site A/latitude", Rule::OutOfRange, |net| net.sites[0].latitude = f64::INFINITY);
    breaks("site A/pick_minutes", Rule::Negative, |net| net.sites[0].pick_minutes = -1);
    breaks("site A/visit_notice_minutes", Rule::Negative, |net| net.sites[0].visit_notice_minutes = -1);
    breaks("site A/calendar", Rule::UnknownReference, |net| net.sites[0].calendar = id("none"));
    breaks("territory EU/clearance_minutes", Rule::Negative, |net| net.territories[0].clearance_minutes = -1);
    breaks("network/currency", Rule::UnknownCurrency, |net| net.currency = "EURO".into());
    breaks("gate G/origin", Rule::UnknownReference, |net| {
        net.gates.push(Gate {
            id: id("G"),
            export_class: id("X"),
            origin: Place::Territory(id("ZZ")),
            destination: Place::Anywhere,
            end_use: None,
            verdict: Verdict::Open,
        });
    });
}

#[test]
fn all_errors_are_told_at_once() {
    let all = errors(|net| {
        net.lanes[0].to = id("NOWHERE");
        net.lanes[1].from = id("NOWHERE");
        net.sites[0].zone = "X/Y".into();
    });
    assert_eq!(all.len(), 3);
    let mut net = valid();
    net.currency = "?".into();
    let error = Compiled::compile(&net, horizon("2026-06-01T00:00:00Z", 1)).unwrap_err().0.remove(0);
    assert_eq!(Violation::from(error).field, "network.currency");
}

#[test]
fn a_horizon_ends_after_it_begins_and_is_not_endless() {
    let start = at("2026-06-01T00:00:00Z");
    for (end, rule) in [
        ("2026-06-01T00:00:00Z", CompileRule::Reversed),
        ("2020-01-01T00:00:00Z", CompileRule::Reversed),
        ("9000-01-01T00:00:00Z", CompileRule::OutOfRange),
    ] {
        let errors = Compiled::compile(&valid(), Horizon { start, end: at(end) }).unwrap_err().0;
        assert_eq!((errors[0].record.as_str(), errors[0].rule), ("horizon", rule));
    }
}

#[test]
fn a_horizon_lies_between_the_years_1_and_5000() {
    let errors = |start: &str, end: &str| {
        let errors = Compiled::compile(&valid(), Horizon { start: at(start), end: at(end) }).map(|_| ());
        let told = |error: CompileError| (error.record, error.field, error.value, error.rule);
        errors.err().map_or(Vec::new(), |errors| errors.0.into_iter().map(told).collect())
    };
    let beyond =
        |field: &str, value: &str| ("horizon".into(), field.into(), value.into(), CompileRule::Beyond);
    for (start, end, told) in [
        ("-009998-01-01T00:00:00Z", "-009998-04-01T00:00:00Z", &["start", "end"][..]),
        ("0000-12-31T23:59:00Z", "0001-01-10T00:00:00Z", &["start"]),
        ("4999-12-30T00:00:00Z", "5000-01-01T00:01:00Z", &["end"]),
        ("6053-01-20T00:00:00Z", "6053-01-30T00:00:00Z", &["start", "end"]),
        ("9999-12-01T00:00:00Z", "9999-12-30T22:00:00Z", &["start", "end"]),
    ] {
        let value = |field: &str| if field == "start" { start } else { end };
        let told: Vec<_> = told.iter().map(|field| beyond(field, value(field))).collect();
        assert_eq!(errors(start, end), told);
    }
    for (start, end) in
        [("0001-01-01T00:00:00Z", "0001-01-10T00:00:00Z"), ("4999-12-01T00:00:00Z", "5000-01-01T00:00:00Z")]
    {
        let net = Compiled::compile(&valid(), Horizon { start: at(start), end: at(end) }).unwrap();
        let world = world(vec![item("x", 1)], vec![stock("x", "A", 1)]);
        let request = wants(vec![line("x", 1)], "B", at(start), Some(at(end)));
        assert!(!answer(&net, &world, &request).options.is_empty());
    }
}

#[test]
fn times_at_the_ends_of_time_are_survived() {
    use crate::weekend_repair::{network, request, world};
    use jiff::Timestamp;
    let ends = [
        (Timestamp::MIN, Timestamp::MAX),
        (Timestamp::MIN, at("-009998-01-01T00:00:00Z")),
        (at("9999-01-01T00:00:00Z"), Timestamp::MAX),
    ];
    let net = Compiled::compile(&network(), horizon("2026-03-25T00:00:00Z", 30)).unwrap();
    for (start, end) in ends {
        let during = Interval::new(start, end).unwrap();
        let (mut world, mut request) = (world(), request());
        request.extra_access.push(ExtraAccess { site: id("LAB"), during });
        let engineer = &mut world.engineers[0];
        for spans in [&mut engineer.free, &mut engineer.overtime, &mut engineer.away] {
            spans.push(during);
        }
        let options = answer(&net, &world, &request).options;
        // Who is always free and let in works at once.
        let work =
            |option: &Solution| option.steps.iter().any(|step| matches!(step.action, Action::Work { .. }));
        assert!(options.iter().any(work) || during.end() < request.now || during.start() > request.now);
    }
}

#[test]
fn loans_and_exchanges_without_end_are_survived() {
    use crate::every_way::with_ways_back;
    use crate::weekend_repair::{request, world};
    let net = Compiled::compile(&with_ways_back(0), horizon("2026-03-25T00:00:00Z", 30)).unwrap();
    for days in [1_000_000_000, i32::MAX, i32::MIN] {
        let (mut world, mut request) = (world(), request());
        world.loaners =
            vec![LoanerPool { model: id("SPECTRA"), warehouse: id("HEL"), available: 1, loan_days: days }];
        world.exchanges = vec![Exchange {
            model: id("SPECTRA"),
            item: id("laser-unit"),
            return_to: id("HEL"),
            return_days: days,
            cost_minor: 1,
        }];
        if let Need::Repair { onward, deadline, .. } = &mut request.need {
            (*onward, *deadline) = (None, None);
        }
        let options = answer(&net, &world, &request).options;
        for kind in [SolutionKind::Loaner, SolutionKind::AdvanceExchange] {
            assert!(options.iter().any(|option| option.kind == kind), "{kind:?} {days}");
        }
    }
}

fn reason(request: &Request) -> Reason {
    let net = Compiled::compile(&valid(), horizon("2026-06-01T00:00:00Z", 10)).unwrap();
    let world = world(vec![item("x", 1)], vec![stock("x", "A", 1)]);
    let answer = answer(&net, &world, request);
    assert!(answer.options.is_empty());
    answer.refused[0].reason.clone()
}

#[test]
fn a_request_that_makes_no_sense_is_refused_with_the_reason() {
    let now = at("2026-06-02T08:00:00Z");
    assert_eq!(
        reason(&wants(vec![line("x", 1)], "NOWHERE", now, None)),
        Reason::UnknownSite { site: id("NOWHERE") }
    );
    assert_eq!(reason(&wants(vec![], "B", now, None)), Reason::NothingAsked);
    assert_eq!(
        reason(&wants(vec![line("unknown", 1)], "B", now, None)),
        Reason::ItemNotSupported { item: id("unknown") }
    );
    assert_eq!(
        reason(&wants(vec![line("x", 1)], "B", at("2030-01-01T00:00:00Z"), None)),
        Reason::OutsideHorizon
    );
    assert_eq!(
        reason(&wants(vec![line("x", 1)], "B", at("2001-01-01T00:00:00Z"), None)),
        Reason::OutsideHorizon
    );
    let most = line("x", 1_000_000_000);
    let too_many = Reason::NoStock { item: Some(id("x")), available: 0, needed: 2_000_000_000 };
    assert_eq!(reason(&wants(vec![most.clone(), most], "B", now, None)), too_many);
    let repair = Need::Repair {
        serial: id("S"),
        model: id("M"),
        revision: None,
        site: id("B"),
        task: None,
        onward: Some(id("GONE")),
        deadline: Some(at("1999-01-01T00:00:00Z")),
        end_use: None,
    };
    assert_eq!(reason(&Request::new(repair, now)), Reason::UnknownSite { site: id("GONE") });
}

#[test]
fn absurd_figures_in_the_world_are_survived() {
    let net = Compiled::compile(&valid(), horizon("2026-06-01T00:00:00Z", 10)).unwrap();
    let mut world = world(
        vec![item("x", i64::MAX), item("y", i64::MIN)],
        vec![stock("x", "A", i64::MAX), stock("y", "GONE", i64::MIN), stock("y", "A", i64::MIN)],
    );
    world.items[0].unit_value_minor = i64::MIN;
    world.items[1].unit_value_minor = i64::MAX;
    let cycle = |item: &str, substitute: &str| Substitute {
        item: id(item),
        substitute: id(substitute),
        approval: Approval::NotNeeded,
        fits: Vec::new(),
    };
    world.substitutes = vec![cycle("x", "y"), cycle("y", "x"), cycle("x", "x"), cycle("x", "nothing")];
    let now = at("2026-06-02T08:00:00Z");
    let late = Some(at("0001-01-01T00:00:00Z"));
    for request in [
        wants(vec![line("x", 1_000_000_000), line("y", 1)], "B", now, late),
        wants(vec![line("y", 7)], "B", now, None),
        wants(vec![line("x", 9)], "B", now, Some(jiff::Timestamp::MAX)),
    ] {
        let answer = solve(&net, &world, &request);
        assert_eq!(answer.defects, []);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]
    #[test]
    fn no_schedule_makes_it_panic(
        numbers in prop::array::uniform6(prop_oneof![-3..3000i32, any::<i32>()]),
        spans in prop::array::uniform4(prop_oneof![-10..1500i32, any::<i32>()]),
        duration in any::<i64>(),
        clearance in any::<i64>(),
    ) {
        let mut net = valid();
        let [cut_off, days_before, depart, arrive, days_after, pick] = numbers;
        let mut departure = departs(Weekdays::ALL, (0, cut_off), (0, depart), (0, arrive), days_after);
        departure.cut_off_days_before = days_before;
        net.lanes[1].schedule = Schedule::Timetable(vec![departure]);
        net.lanes[0].schedule = on_demand(duration);
        net.sites[0].pick_minutes = i64::from(pick);
        net.territories[0].clearance_minutes = clearance;
        net.calendars[0].hours[0].span = LocalSpan { from_minute: spans[0], to_minute: spans[1] };
        net.calendars[0].exceptions.push(CalendarException {
            date: "2026-06-03".parse().unwrap(),
            spans: vec![LocalSpan { from_minute: spans[2], to_minute: spans[3] }],
        });
        if let Ok(compiled) = Compiled::compile(&net, horizon("2026-06-01T00:00:00Z", 10)) {
            let world = world(vec![item("x", 1)], vec![stock("x", "A", 1)]);
            answer(&compiled, &world, &wants(vec![line("x", 1)], "B", at("2026-06-02T08:00:00Z"), None));
        }
    }
}
