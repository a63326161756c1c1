//! An instrument in Stuttgart, engineers in Tampere, a ship date on Monday to Lagos; the clocks change on the
//! Sunday between.

use jiff::civil::Weekday::{Friday, Monday, Saturday, Sunday};
use meridian_planner::Compiled;
use meridian_planner::model::{
    Action, Candidate, Certificate, Change, Claim, Depot, Engineer, ExtraAccess, LoanerPool, ModelFacts,
    Need, Network, Reason, ReferralParty, Relaxation, RepairTask, Request, Skill, SolutionKind, Weekdays,
    World,
};

use crate::company::{
    Build, answer, departs, empty, horizon, id, interval, item, line, local, on_demand, stock, timetable,
};

pub(crate) fn network() -> Network {
    let mut net = empty();
    for country in ["FI", "DE", "NG"] {
        net.country(country, Weekdays::SATURDAY_SUNDAY, &[]);
    }
    let (fi, de, ng) = ("Europe/Helsinki", "Europe/Berlin", "Africa/Lagos");
    net.calendar("fi-always", fi, Weekdays::ALL, (0, 0), (24, 0), None);
    net.calendar("fi-work", fi, Weekdays::MONDAY_TO_FRIDAY, (8, 0), (18, 0), Some("FI"));
    net.calendar("de-always", de, Weekdays::ALL, (0, 0), (24, 0), None);
    net.calendar("de-work", de, Weekdays::MONDAY_TO_FRIDAY, (7, 0), (18, 0), Some("DE"));
    net.calendar("ng-work", ng, Weekdays::MONDAY_TO_FRIDAY, (8, 0), (17, 0), Some("NG"));
    net.territory("EU", "de-work", 120);
    net.territory("NG", "ng-work", 240);
    net.site("TMP", "FI", "EU", fi, "fi-work");
    net.site("HEL", "FI", "EU", fi, "fi-always");
    net.site("STR", "DE", "EU", de, "de-always");
    net.site("LAB", "DE", "EU", de, "de-work");
    net.site("LOS", "NG", "NG", ng, "ng-work");
    let daily = Weekdays::ALL;
    net.people_lane("TMP", "HEL", on_demand(120), 4_000);
    net.people_lane("HEL", "TMP", on_demand(120), 4_000);
    net.people_lane("HEL", "STR", timetable(&[departs(daily, (7, 0), (8, 0), (9, 45), 0)]), 30_000);
    net.people_lane("STR", "HEL", timetable(&[departs(daily, (18, 0), (19, 0), (22, 45), 0)]), 30_000);
    net.people_lane("STR", "LAB", on_demand(45), 5_000);
    net.people_lane("LAB", "STR", on_demand(45), 5_000);
    let freight = Weekdays::of([Monday, Friday, Saturday, Sunday]);
    net.lane("HEL", "STR", timetable(&[departs(freight, (18, 0), (21, 0), (23, 0), 0)]), 12_000);
    net.lane("STR", "HEL", timetable(&[departs(freight, (18, 0), (21, 0), (1, 0), 1)]), 12_000);
    net.lane("HEL", "TMP", on_demand(180), 6_000);
    net.lane("TMP", "HEL", on_demand(180), 6_000);
    net.lane("STR", "LAB", on_demand(60), 5_000);
    net.lane("LAB", "STR", on_demand(60), 5_000);
    let monday = Weekdays::of([Monday]);
    net.lane("STR", "LOS", timetable(&[departs(monday, (10, 0), (11, 0), (17, 0), 0)]), 80_000);
    net.lane(
        "HEL",
        "LOS",
        timetable(&[departs(Weekdays::of([Friday]), (18, 0), (20, 0), (6, 0), 1)]),
        95_000,
    );
    net
}

pub(crate) fn engineer(name: &str) -> Engineer {
    Engineer {
        id: id(name),
        region: id("eu"),
        home: id("TMP"),
        skills: vec![Skill { skill: id("laser"), level: 3 }],
        certificates: vec![Certificate {
            certificate: id("laser-safety"),
            valid_from: "2025-01-01".parse().unwrap(),
            valid_until: "2026-12-31".parse().unwrap(),
        }],
        free: vec![
            interval("2026-03-27T08:00[Europe/Helsinki]", "2026-03-27T16:00[Europe/Helsinki]"),
            interval("2026-03-30T08:00[Europe/Helsinki]", "2026-03-30T16:00[Europe/Helsinki]"),
            interval("2026-03-31T08:00[Europe/Helsinki]", "2026-03-31T16:00[Europe/Helsinki]"),
        ],
        overtime: vec![interval("2026-03-28T06:00[Europe/Helsinki]", "2026-03-29T23:30[Europe/Helsinki]")],
        overtime_allowed: true,
        away: vec![interval("2026-03-27T16:00[Europe/Helsinki]", "2026-04-02T23:00[Europe/Helsinki]")],
        right_to_work: vec![crate::company::may_work("DE")],
        rest: None,
        night_cost_minor: 0,
        cost_minor_per_hour: 6_000,
        overtime_cost_minor_per_hour: 12_000,
    }
}

pub(crate) fn spectra() -> ModelFacts {
    ModelFacts {
        model: id("SPECTRA"),
        weight_g: 40_000,
        export_class: None,
        dangerous_goods: false,
        shippable: true,
    }
}

pub(crate) fn world() -> World {
    World {
        models: vec![spectra()],
        repair_tasks: vec![RepairTask {
            task: id("replace-laser"),
            model: id("SPECTRA"),
            skill: id("laser"),
            level: 2,
            certificates: vec![id("laser-safety")],
            work_minutes: 240,
            parts: vec![line("laser-unit", 1)],
            remote: None,
        }],
        engineers: vec![engineer("E1")],
        depots: vec![Depot { site: id("TMP"), models: Vec::new(), engineers: vec![id("E1")] }],
        ..crate::company::world(vec![item("laser-unit", 3_000)], vec![stock("laser-unit", "HEL", 1)])
    }
}

pub(crate) fn request() -> Request {
    let need = Need::Repair {
        serial: id("SN-1"),
        model: id("SPECTRA"),
        revision: None,
        site: id("LAB"),
        task: None,
        onward: Some(id("LOS")),
        deadline: Some(local("2026-03-31T17:00[Africa/Lagos]")),
        end_use: None,
    };
    Request::new(need, local("2026-03-27T15:40[Europe/Helsinki]"))
}

fn sunday() -> ExtraAccess {
    let during = interval("2026-03-29T08:00[Europe/Berlin]", "2026-03-29T20:00[Europe/Berlin]");
    ExtraAccess { site: id("LAB"), during }
}

fn compiled() -> Compiled {
    Compiled::compile(&network(), horizon("2026-03-25T00:00:00Z", 30)).unwrap()
}

#[test]
fn a_certificate_without_a_first_or_last_day_is_as_good_as_one_that_covers_the_horizon() {
    use jiff::civil::Date;
    let (net, covers) = (compiled(), world());
    let mut endless = covers.clone();
    endless.engineers[0].certificates[0].valid_from = Date::MIN;
    endless.engineers[0].certificates[0].valid_until = Date::MAX;
    let options = answer(&net, &endless, &request()).options;
    assert!(options.iter().any(|option| option.kind == SolutionKind::EngineerVisit));
    assert_eq!(options, answer(&net, &covers, &request()).options);
    let mut never = covers;
    never.engineers[0].certificates[0].valid_from = Date::MAX;
    assert!(
        answer(&net, &never, &request())
            .options
            .iter()
            .all(|option| option.kind != SolutionKind::EngineerVisit)
    );
}

#[test]
fn with_access_on_sunday_an_engineer_repairs_it_in_time_for_the_flight_on_monday() {
    let mut request = request();
    request.extra_access.push(sunday());
    let answer = answer(&compiled(), &world(), &request);
    let option = &answer.options[0];
    assert_eq!(option.kind, SolutionKind::EngineerVisit);
    assert!(option.meets_deadline);
    let work = option.steps.iter().find(|step| matches!(step.action, Action::Work { .. })).unwrap();
    // The part waits at the airport until the site opens; the engineer flies on Saturday, no flight of Sunday
    // being there by eight, and leaves home no earlier than that takes.
    assert_eq!(work.start, local("2026-03-29T08:00[Europe/Berlin]"));
    assert_eq!(work.end, local("2026-03-29T12:00[Europe/Berlin]"));
    let booked = option.claims.iter().find_map(|claim| match claim {
        Claim::Engineer { during, .. } => Some(*during),
        _ => None,
    });
    assert_eq!(
        booked,
        Some(interval("2026-03-28T05:00[Europe/Helsinki]", "2026-03-30T00:45[Europe/Helsinki]"))
    );
    // Cleared in Lagos on Tuesday: four hours from 08:00.
    assert_eq!(option.arrival, Some(local("2026-03-31T12:00[Africa/Lagos]")));
    assert!(option.claims.iter().any(|claim| matches!(claim, Claim::Stock { .. })));
    let onward = option.steps.iter().rev().find(|step| matches!(step.action, Action::Move { .. })).unwrap();
    assert_eq!(onward.latest_start, local("2026-03-30T10:00[Europe/Berlin]"));
}

#[test]
fn without_access_the_weekend_is_lost_and_opening_on_sunday_is_offered() {
    let answer = answer(&compiled(), &world(), &request());
    let visit = answer
        .refused
        .iter()
        .find(|refusal| refusal.candidate == Candidate::Visit { engineer: id("E1") })
        .unwrap();
    assert!(matches!(&visit.reason, Reason::AfterDeadline { because: Some(_), .. }), "{visit:#?}");
    let relaxation = visit.relaxations.first().unwrap();
    assert_eq!(
        relaxation.changes[0],
        Change::SiteOpens { site: id("LAB"), date: "2026-03-28".parse().unwrap() }
    );
    assert_eq!(relaxation.arrival_with_it, local("2026-03-31T12:00[Africa/Lagos]"));
    assert!(relaxation.meets_deadline);
}

#[test]
fn opening_on_the_weekend_is_offered_although_the_journey_was_planned_for_monday() {
    let mut net = network();
    // Cheaper than any flight of the weekend, and early enough for a site that opens on Monday.
    let monday = Weekdays::of([Monday]);
    net.people_lane("HEL", "STR", timetable(&[departs(monday, (4, 0), (5, 0), (6, 45), 0)]), 10_000);
    let net = Compiled::compile(&net, horizon("2026-03-25T00:00:00Z", 30)).unwrap();
    let answer = answer(&net, &world(), &request());
    let candidate = Candidate::Visit { engineer: id("E1") };
    let visit = answer.refused.iter().find(|refusal| refusal.candidate == candidate).unwrap();
    let opens = |relaxation: &&Relaxation| {
        let [Change::SiteOpens { site, .. }] = relaxation.changes.as_slice() else { return false };
        site.as_str() == "LAB" && relaxation.meets_deadline
    };
    assert!(visit.relaxations.iter().any(|relaxation| opens(&relaxation)), "{visit:#?}");
}

#[test]
fn shipping_to_the_depot_is_too_late_because_nobody_is_there_on_sunday() {
    let answer = answer(&compiled(), &world(), &request());
    let depot = Candidate::Depot { site: id("TMP"), engineer: Some(id("E1")) };
    let refusal = answer.refused.iter().find(|refusal| refusal.candidate == depot).unwrap();
    let Reason::AfterDeadline { because: Some(because), .. } = &refusal.reason else {
        panic!("{refusal:#?}")
    };
    assert!(matches!(**because, Reason::CutOffMissed { .. } | Reason::SiteClosed { .. }), "{because:?}");
    assert!(refusal.earliest_possible.unwrap() > local("2026-03-31T17:00[Africa/Lagos]"));
}

#[test]
fn an_engineer_who_may_not_is_refused_with_the_reason() {
    let mut world = world();
    let with = |name: &str, change: &dyn Fn(&mut Engineer)| {
        let mut engineer = engineer(name);
        change(&mut engineer);
        engineer
    };
    world.engineers.push(with("LOW", &|e| e.skills[0].level = 1));
    world.engineers.push(with("NOCERT", &|e| e.certificates.clear()));
    world.engineers.push(with("EXPIRED", &|e| e.certificates[0].valid_until = "2026-03-01".parse().unwrap()));
    world.engineers.push(with("EXPIRES", &|e| e.certificates[0].valid_until = "2026-03-28".parse().unwrap()));
    world.engineers.push(with("STAYS", &|e| e.right_to_work.clear()));
    world.engineers.push(with("BUSY", &|e| {
        e.free.clear();
        e.overtime.clear();
        e.away.clear();
    }));
    let mut request = request();
    request.extra_access.push(sunday());
    let answer = answer(&compiled(), &world, &request);
    let reason = |name: &str| {
        let candidate = Candidate::Visit { engineer: id(name) };
        answer
            .refused
            .iter()
            .find(|refusal| refusal.candidate == candidate)
            .map(|refusal| refusal.reason.clone())
    };
    let skill = Reason::SkillMissing { skill: id("laser"), needed: 2, held: 1 };
    assert_eq!(reason("LOW"), Some(skill));
    assert_eq!(reason("NOCERT"), Some(Reason::CertificateMissing { certificate: id("laser-safety") }));
    let expired =
        |on: &str| Reason::CertificateExpired { certificate: id("laser-safety"), on: on.parse().unwrap() };
    assert_eq!(reason("EXPIRED"), Some(expired("2026-03-01")));
    assert_eq!(reason("EXPIRES"), Some(expired("2026-03-28")));
    assert_eq!(reason("STAYS"), Some(Reason::NoRightToWork { country: id("DE") }));
    assert_eq!(reason("BUSY"), Some(Reason::NotFree { work_minutes: 240 }));
    assert_eq!(reason("E1"), None);
}

#[test]
fn overtime_that_is_not_agreed_is_not_used_but_offered() {
    let mut world = world();
    world.engineers[0].overtime_allowed = false;
    let mut request = request();
    request.extra_access.push(sunday());
    if let Need::Repair { onward, deadline, .. } = &mut request.need {
        *onward = None;
        *deadline = Some(local("2026-03-29T20:00[Europe/Berlin]"));
    }
    let answer = answer(&compiled(), &world, &request);
    let refusal = answer
        .refused
        .iter()
        .find(|refusal| refusal.candidate == Candidate::Visit { engineer: id("E1") })
        .unwrap();
    let relaxation = refusal.relaxations.first().unwrap();
    assert_eq!(relaxation.changes[0], Change::Overtime { engineer: id("E1") });
    assert_eq!(relaxation.arrival_with_it, local("2026-03-29T12:00[Europe/Berlin]"));
    assert!(relaxation.meets_deadline);
}

#[test]
fn a_missing_part_refuses_the_visit_and_a_loaner_still_works() {
    let mut world = world();
    world.stock[0].available = 0;
    world.loaners.push(LoanerPool { model: id("SPECTRA"), warehouse: id("HEL"), available: 1, loan_days: 0 });
    let mut request = request();
    if let Need::Repair { deadline, .. } = &mut request.need {
        *deadline = Some(local("2026-03-31T17:00[Africa/Lagos]"));
    }
    let answer = answer(&compiled(), &world, &request);
    assert_eq!(answer.options[0].kind, SolutionKind::Loaner);
    assert!(
        matches!(&answer.options[0].claims[0], Claim::Loaner { warehouse, .. } if *warehouse == id("HEL"))
    );
    let visit = answer
        .refused
        .iter()
        .find(|refusal| refusal.candidate == Candidate::Visit { engineer: id("E1") })
        .unwrap();
    assert!(matches!(&visit.reason, Reason::PartMissing { item, because }
        if *item == id("laser-unit") && matches!(**because, Reason::NoStock { available: 0, needed: 1, .. })));
}

#[test]
fn what_is_not_ours_is_referred_to_who_serves_the_country() {
    let mut world = world();
    let party = |name: &str, countries: &[&str]| ReferralParty {
        party: id(name),
        countries: countries.iter().map(|country| id(country)).collect(),
        items: Vec::new(),
        models: Vec::new(),
        answer_minutes: 240,
    };
    world.parties = vec![party("ELSEWHERE", &["US"]), party("PARTNER", &["NG", "DE"])];
    let mut request = request();
    if let Need::Repair { model, .. } = &mut request.need {
        *model = id("FOREIGN");
    }
    let answer = answer(&compiled(), &world, &request);
    assert_eq!(answer.options.len(), 1);
    assert_eq!(answer.options[0].kind, SolutionKind::Referral);
    assert_eq!(answer.options[0].arrival, None);
    assert!(matches!(&answer.options[0].claims[0], Claim::Party { party, .. } if *party == id("PARTNER")));
    assert_eq!(answer.refused[0].reason, Reason::ModelNotSupported { model: id("FOREIGN") });
    assert_eq!(answer.refused[1].candidate, Candidate::Party(id("ELSEWHERE")));
}
