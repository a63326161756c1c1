//! Weekends and public holidays, of the right country and on the right side.

use meridian_planner::model::{
    Action, CalendarException, Candidate, Change, HolidaysEnd, LocalSpan, Network, Reason, Weekdays, World,
};
use meridian_planner::{Compiled, solve};

use crate::company::line;
use crate::company::{
    Build, answer, at, days, departs, empty, horizon, id, item, local, on_demand, stock, timetable, wants,
    world,
};

/// A warehouse in Chicago, the hub and customs in Frankfurt, a customer there.
fn chicago_frankfurt() -> (Network, World) {
    let mut net = empty();
    net.country("US", Weekdays::SATURDAY_SUNDAY, &[]);
    net.country("DE", Weekdays::SATURDAY_SUNDAY, &["2026-04-03", "2026-04-06"]);
    net.calendar("chi", "America/Chicago", Weekdays::MONDAY_TO_FRIDAY, (8, 0), (18, 0), Some("US"));
    net.calendar("hub", "Europe/Berlin", Weekdays::ALL, (0, 0), (24, 0), None);
    net.calendar("customer", "Europe/Berlin", Weekdays::MONDAY_TO_FRIDAY, (7, 0), (17, 0), Some("DE"));
    net.calendar("de-customs", "Europe/Berlin", Weekdays::MONDAY_TO_FRIDAY, (8, 0), (16, 0), Some("DE"));
    net.calendar("us-customs", "America/Chicago", Weekdays::MONDAY_TO_FRIDAY, (8, 0), (16, 0), Some("US"));
    net.territory("EU", "de-customs", 240);
    net.territory("US", "us-customs", 240);
    net.site("CHI", "US", "US", "America/Chicago", "chi");
    net.sites[0].pick_minutes = 60;
    net.sites[0].region = id("us");
    net.site("FRA", "DE", "EU", "Europe/Berlin", "hub");
    net.site("LAB", "DE", "EU", "Europe/Berlin", "customer");
    let flight = departs(Weekdays::ALL, (17, 46), (20, 0), (11, 0), 1);
    net.lane("CHI", "FRA", timetable(&[flight]), 50_000);
    let (morning, noon) = (
        departs(days("MTWTF  "), (7, 30), (8, 0), (10, 0), 0),
        departs(days("MTWTF  "), (13, 30), (14, 0), (16, 0), 0),
    );
    net.lane("FRA", "LAB", timetable(&[morning, noon]), 4_000);
    (net, world(vec![item("pump", 2_000)], vec![stock("pump", "CHI", 3)]))
}

#[test]
fn a_part_from_chicago_on_good_friday_waits_for_the_end_of_easter() {
    let (net, world) = chicago_frankfurt();
    let net = Compiled::compile(&net, horizon("2026-04-01T00:00:00Z", 30)).unwrap();
    let now = local("2026-04-03T17:00[America/Chicago]");
    let deadline = local("2026-04-07T12:00[Europe/Berlin]");
    let answer = answer(&net, &world, &wants(vec![line("pump", 1)], "LAB", now, Some(deadline)));

    let option = &answer.options[0];
    assert_eq!(option.arrival, Some(local("2026-04-07T16:00[Europe/Berlin]")), "{option:#?}");
    assert!(!option.meets_deadline);
    assert_eq!(option.slack_minutes, Some(-240));
    // Handed over as the warehouse closes, for the flight on Saturday.
    let flight = option.steps.iter().find(|step| matches!(step.action, Action::Move { .. })).unwrap();
    assert_eq!(flight.start, local("2026-04-04T20:00[America/Chicago]"));

    let refusal = &answer.refused[0];
    assert_eq!(refusal.candidate, Candidate::Source { site: id("CHI") });
    assert!(
        matches!(&refusal.reason, Reason::AfterDeadline { late_by_minutes: 240, because: Some(because), .. }
            if matches!(**because, Reason::CustomsWait { .. })),
        "{refusal:#?}"
    );
    let relaxation = refusal.relaxations.first().unwrap();
    assert_eq!(relaxation.changes[0], Change::CustomsPrecleared { territory: id("EU") });
    assert_eq!(relaxation.arrival_with_it, local("2026-04-07T10:00[Europe/Berlin]"));
    assert!(relaxation.meets_deadline);
    assert_eq!(answer.earliest.unwrap().relaxation.as_ref(), Some(relaxation));
}

#[test]
fn the_latest_safe_decision_is_the_last_moment_before_the_cut_off_less_picking() {
    let (net, world) = chicago_frankfurt();
    let net = Compiled::compile(&net, horizon("2026-03-20T00:00:00Z", 30)).unwrap();
    let now = local("2026-03-23T09:00[America/Chicago]");
    let deadline = local("2026-03-27T17:00[Europe/Berlin]");
    let answer = answer(&net, &world, &wants(vec![line("pump", 1)], "LAB", now, Some(deadline)));
    let option = &answer.options[0];
    assert_eq!(option.arrival, Some(local("2026-03-25T10:00[Europe/Berlin]")));
    // The flight of Wednesday lands on Thursday at 11:00, is cleared at 15:00, and Friday's lorry takes it.
    assert_eq!(option.latest_safe_decision, local("2026-03-25T16:46[America/Chicago]"));

    // Decided then it still arrives in time; a minute later it does not.
    let decide = |now| solve(&net, &world, &wants(vec![line("pump", 1)], "LAB", now, Some(deadline)));
    assert!(decide(option.latest_safe_decision).options[0].meets_deadline);
    assert!(
        !decide(option.latest_safe_decision + jiff::SignedDuration::from_mins(1)).options[0].meets_deadline
    );
}

#[test]
fn a_cut_off_missed_by_minutes_is_named_and_asking_the_carrier_to_wait_is_offered() {
    let (net, world) = chicago_frankfurt();
    let net = Compiled::compile(&net, horizon("2026-03-20T00:00:00Z", 30)).unwrap();
    let now = local("2026-03-23T17:00[America/Chicago]");
    let deadline = local("2026-03-25T10:00[Europe/Berlin]");
    let answer = answer(&net, &world, &wants(vec![line("pump", 1)], "LAB", now, Some(deadline)));
    let refusal = &answer.refused[0];
    let relaxation = refusal.relaxations.first().unwrap();
    assert_eq!(relaxation.changes[0], Change::LaterCutOff { lane: id("CHI-FRA-0"), by_minutes: 14 });
    assert_eq!(relaxation.arrival_with_it, deadline);
    let Reason::AfterDeadline { because: Some(because), .. } = &refusal.reason else {
        panic!("{refusal:#?}")
    };
    assert!(matches!(&**because, Reason::CutOffMissed { by_minutes: 14, .. }), "{because:?}");
}

/// Helsinki to Nairobi by way of Frankfurt; in Kenya the first of June, a Monday, is Madaraka Day.
fn helsinki_nairobi() -> Network {
    let (fi, de, ke) = ("Europe/Helsinki", "Europe/Berlin", "Africa/Nairobi");
    let mut net = empty();
    net.country("FI", Weekdays::SATURDAY_SUNDAY, &[]);
    net.country("DE", Weekdays::SATURDAY_SUNDAY, &[]);
    net.country("KE", Weekdays::SATURDAY_SUNDAY, &["2026-06-01"]);
    net.calendar("warehouse", fi, Weekdays::MONDAY_TO_FRIDAY, (8, 0), (18, 0), Some("FI"));
    net.calendar("hub", de, Weekdays::ALL, (0, 0), (24, 0), None);
    net.calendar("office", ke, Weekdays::MONDAY_TO_FRIDAY, (8, 0), (17, 0), Some("KE"));
    net.territory("EU", "warehouse", 60);
    net.territory("KE", "office", 180);
    net.site("HEL", "FI", "EU", fi, "warehouse");
    net.sites[0].pick_minutes = 60;
    net.site("FRA", "DE", "EU", de, "hub");
    net.site("NBO", "KE", "KE", ke, "office");
    net.site("LAB", "KE", "KE", ke, "office");
    net.lane("HEL", "FRA", timetable(&[departs(days("M W F  "), (16, 26), (18, 0), (20, 0), 0)]), 20_000);
    net.lane("FRA", "NBO", timetable(&[departs(days(" T T S "), (9, 0), (11, 0), (20, 30), 0)]), 60_000);
    net.lane("NBO", "LAB", on_demand(30), 2_000);
    net
}

#[test]
fn a_cut_off_missed_by_14_minutes_on_a_friday_before_a_long_weekend_is_the_reason_and_waiting_the_way_out() {
    let net = Compiled::compile(&helsinki_nairobi(), horizon("2026-05-25T00:00:00Z", 30)).unwrap();
    let world = world(vec![item("pump", 2_000)], vec![stock("pump", "HEL", 1)]);
    let now = local("2026-05-29T15:40[Europe/Helsinki]");
    let deadline = local("2026-06-02T12:00[Africa/Nairobi]");
    let answer = answer(&net, &world, &wants(vec![line("pump", 1)], "LAB", now, Some(deadline)));
    let [refusal] = answer.refused.as_slice() else { panic!("{:?}", answer.refused) };
    assert_eq!(refusal.earliest_possible, Some(local("2026-06-03T11:30[Africa/Nairobi]")));
    assert_eq!(
        refusal.sentence,
        "Meets the need 23 h 30 min too late, on Wed 2026-06-03 11:30 EAT: \
         the cut-off of lane HEL-FRA-0 was missed by 14 min."
    );
    // Monday is a holiday in Nairobi: what lands on Saturday is cleared on Tuesday from 8 to 11.
    let best = &refusal.relaxations[0];
    assert_eq!(best.changes, [Change::LaterCutOff { lane: id("HEL-FRA-0"), by_minutes: 14 }]);
    assert_eq!(
        best.sentence,
        "If the carrier of lane HEL-FRA-0 takes it 14 min after the cut-off, the need is met on \
         Tue 2026-06-02 11:30 EAT."
    );
    assert_eq!(best.arrival_with_it, local("2026-06-02T11:30[Africa/Nairobi]"));
    assert_eq!((best.cost_minor_with_it, best.meets_deadline), (82_000, true));
    // Nothing else is enough, neither alone nor with another change.
    assert!(refusal.relaxations[1..].iter().all(|other| !other.meets_deadline && other.changes.len() == 1));
    let earliest = answer.earliest.unwrap();
    assert_eq!((earliest.arrival, earliest.relaxation.as_ref()), (refusal.earliest_possible, Some(best)));
}

#[test]
fn friday_and_saturday_are_the_weekend_where_they_are() {
    for (country, zone) in [("SA", "Asia/Riyadh"), ("IL", "Asia/Jerusalem"), ("EG", "Africa/Cairo")] {
        let mut net = empty();
        net.country(country, days("    FS "), &[]);
        net.calendar("office", zone, days("MTWT  S"), (8, 0), (16, 0), Some(country));
        net.calendar("always", zone, Weekdays::ALL, (0, 0), (24, 0), None);
        net.territory("HERE", "office", 0);
        net.site("A", country, "HERE", zone, "always");
        net.site("B", country, "HERE", zone, "office");
        net.lane("A", "B", on_demand(60), 100);
        let net = Compiled::compile(&net, horizon("2026-05-01T00:00:00Z", 20)).unwrap();
        let world = world(vec![item("x", 1)], vec![stock("x", "A", 1)]);
        let now = local(&format!("2026-05-07T16:30[{zone}]"));
        let answer = answer(&net, &world, &wants(vec![line("x", 1)], "B", now, None));
        // Thursday after closing; open again on Sunday.
        assert_eq!(answer.options[0].arrival, Some(local(&format!("2026-05-10T08:00[{zone}]"))), "{country}");
    }
}

#[test]
fn christmas_is_two_days_in_germany_and_carriers_keep_it() {
    let mut net = empty();
    net.country("DE", Weekdays::SATURDAY_SUNDAY, &["2026-12-25", "2026-12-26"]);
    net.calendar("work", "Europe/Berlin", Weekdays::MONDAY_TO_FRIDAY, (8, 0), (18, 0), Some("DE"));
    net.calendars[0].exceptions.push(CalendarException {
        date: "2026-12-24".parse().unwrap(),
        spans: vec![LocalSpan::new((8, 0), (12, 0))],
    });
    net.calendar("always", "Europe/Berlin", Weekdays::ALL, (0, 0), (24, 0), None);
    net.territory("EU", "work", 0);
    net.site("A", "DE", "EU", "Europe/Berlin", "always");
    net.site("B", "DE", "EU", "Europe/Berlin", "work");
    net.lane("A", "B", timetable(&[departs(Weekdays::ALL, (9, 0), (9, 30), (12, 30), 0)]), 100);
    let net = Compiled::compile(&net, horizon("2026-12-20T00:00:00Z", 20)).unwrap();
    let world = world(vec![item("x", 1)], vec![stock("x", "A", 1)]);
    let arrives = |now: &str| {
        let request = wants(vec![line("x", 1)], "B", local(&format!("{now}[Europe/Berlin]")), None);
        answer(&net, &world, &request).options[0].arrival.unwrap()
    };
    assert_eq!(arrives("2026-12-23T08:00"), local("2026-12-23T12:30[Europe/Berlin]"));
    // On the 24th the lorry comes half an hour after closing; no lorry on the 25th and 26th; the one of Sunday
    // finds the place closed.
    assert_eq!(arrives("2026-12-23T10:00"), local("2026-12-28T08:00[Europe/Berlin]"));
}

#[test]
fn a_holiday_of_one_federal_state_closes_that_state_only() {
    let mut net = empty();
    net.country("DE", Weekdays::SATURDAY_SUNDAY, &[]);
    net.country("DE-BY", Weekdays::SATURDAY_SUNDAY, &["2026-06-04"]);
    net.calendar("by", "Europe/Berlin", Weekdays::MONDAY_TO_FRIDAY, (8, 0), (18, 0), Some("DE"));
    net.calendars[0].observes = Some((id("DE"), Some("BY".into())));
    net.calendar("be", "Europe/Berlin", Weekdays::MONDAY_TO_FRIDAY, (8, 0), (18, 0), Some("DE"));
    net.territory("EU", "be", 0);
    net.site("MUC", "DE", "EU", "Europe/Berlin", "by");
    net.site("BER", "DE", "EU", "Europe/Berlin", "be");
    net.site("SRC", "DE", "EU", "Europe/Berlin", "be");
    let night = departs(Weekdays::ALL, (18, 0), (19, 0), (6, 0), 1);
    net.lane("SRC", "MUC", timetable(&[night]), 100);
    net.lane("SRC", "BER", timetable(&[night]), 100);
    let net = Compiled::compile(&net, horizon("2026-06-01T00:00:00Z", 20)).unwrap();
    let world = world(vec![item("x", 1)], vec![stock("x", "SRC", 1)]);
    let arrives = |to: &str| {
        let request = wants(vec![line("x", 1)], to, at("2026-06-03T08:00:00Z"), None);
        answer(&net, &world, &request).options[0].arrival.unwrap()
    };
    assert_eq!(arrives("BER"), local("2026-06-04T08:00[Europe/Berlin]"));
    assert_eq!(arrives("MUC"), local("2026-06-05T08:00[Europe/Berlin]"));
}

#[test]
fn an_answer_says_which_public_calendars_end_before_its_horizon() {
    let (mut net, world) = chicago_frankfurt();
    net.country("FI", Weekdays::SATURDAY_SUNDAY, &["2026-12-06", "2027-01-01"]);
    let asked = wants(vec![line("pump", 1)], "LAB", at("2026-12-02T00:00:00Z"), None);
    let told = |days: i64| {
        let net = Compiled::compile(&net, horizon("2026-12-01T00:00:00Z", days)).unwrap();
        answer(&net, &world, &asked).holidays_end
    };
    // The calendar of Chicago has no holiday at all, and that of Finland reaches into the next year.
    assert_eq!(told(31), []);
    let ends = HolidaysEnd { areas: vec![id("DE")], last_year: 2026 };
    assert_eq!(
        ends.to_string(),
        "Public holidays of DE are on record until the end of 2026 only: later ones are not reckoned with."
    );
    assert_eq!(told(32), [ends]);
}
