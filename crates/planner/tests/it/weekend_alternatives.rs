//! The weekend repair again: what else there is beside a visit of our own engineer.

use meridian_planner::Compiled;
use meridian_planner::model::{
    Action, Candidate, Claim, Exchange, Gate, LoanerPool, Need, PartyOffer, PartyService, Place, Policy,
    Reason, RefusedHold, RemoteFix, Request, Solution, SolutionKind, Step, Subject, Verdict, WaitCause,
    World,
};

use crate::company::{answer, horizon, id, interval, item, local, stock};
use crate::every_way::with_ways_back;
use crate::weekend_repair::{request, world};

pub(crate) fn compiled() -> Compiled {
    Compiled::compile(&with_ways_back(0), horizon("2026-03-25T00:00:00Z", 30)).unwrap()
}

pub(crate) fn loaner(loan_days: i32) -> World {
    let mut world = world();
    world.stock[0].available = 0;
    world.loaners.push(LoanerPool { model: id("SPECTRA"), warehouse: id("HEL"), available: 1, loan_days });
    world
}

pub(crate) fn partner(lead_working_days: i32) -> World {
    let mut world = world();
    world.stock[0].available = 0;
    world.party_offers.push(PartyOffer {
        party: id("PARTNER"),
        service: PartyService::Repair(id("SPECTRA")),
        countries: vec![id("DE")],
        answer_minutes: 240,
        lead_working_days,
        price_minor: 90_000,
        late_probability: 0.1,
    });
    world
}

pub(crate) fn exchange() -> (World, Request) {
    let mut world = world();
    world.stock = vec![stock("unit", "HEL", 1)];
    world.items.push(item("unit", 40_000));
    world.exchanges.push(Exchange {
        model: id("SPECTRA"),
        item: id("unit"),
        return_to: id("HEL"),
        return_days: 2,
        cost_minor: 5_000,
    });
    (world, in_stuttgart(Some("2026-04-30T12:00")))
}

/// The instrument stays where it is.
pub(crate) fn in_stuttgart(by: Option<&str>) -> Request {
    let mut request = request();
    if let Need::Repair { onward, deadline, .. } = &mut request.need {
        *onward = None;
        *deadline = by.map(|by| local(&format!("{by}[Europe/Berlin]")));
    }
    request
}

pub(crate) fn remote() -> (World, Request) {
    let mut world = world();
    world.repair_tasks[0].remote = Some(RemoteFix { work_minutes: 45, success_probability: 0.6 });
    (world, in_stuttgart(None))
}

pub(crate) fn option_of(kind: SolutionKind, world: &World, request: &Request) -> Solution {
    let answer = answer(&compiled(), world, &Request { policy: Policy::Fastest, ..request.clone() });
    let option = answer.options.iter().find(|option| option.kind == kind).cloned();
    option.unwrap_or_else(|| panic!("{answer:#?}"))
}

fn last_move(option: &Solution) -> &Step {
    option.steps.iter().rev().find(|step| matches!(step.action, Action::Move { .. })).unwrap()
}

#[test]
fn a_german_partner_is_an_option_only_if_done_by_the_flight_on_monday() {
    // Friday and then one working day: at the end of Monday, when the flight to Lagos has left.
    let slow = answer(&compiled(), &partner(1), &request());
    let party = Candidate::ThirdParty(id("PARTNER"));
    let refusal = slow.refused.iter().find(|refusal| refusal.candidate == party).unwrap();
    let Reason::AfterDeadline { arrives, .. } = &refusal.reason else { panic!("{refusal:#?}") };
    assert_eq!(*arrives, local("2026-04-07T12:00[Africa/Lagos]"));
    let stays = option_of(SolutionKind::ThirdParty, &partner(1), &in_stuttgart(None));
    assert_eq!(stays.arrival, Some(local("2026-03-31T00:00[Europe/Berlin]")));
    assert_eq!(stays.cost_minor, 90_000);
    assert!((stays.risk - 0.1).abs() < 1e-5);
    // At once, as soon as it has accepted.
    let fast = option_of(SolutionKind::ThirdParty, &partner(0), &request());
    assert_eq!(fast.arrival, Some(local("2026-03-31T12:00[Africa/Lagos]")));
    assert!(fast.meets_deadline);
    let due = local("2026-03-27T19:40[Europe/Helsinki]");
    assert!(fast.claims.contains(&Claim::Party { party: id("PARTNER"), answer_due: due }));
}

#[test]
fn a_party_that_does_not_serve_the_country_is_refused() {
    let mut world = partner(0);
    world.party_offers[0].countries = vec![id("FI")];
    let answer = answer(&compiled(), &world, &request());
    let party = Candidate::ThirdParty(id("PARTNER"));
    let refusal = answer.refused.iter().find(|refusal| refusal.candidate == party).unwrap();
    assert_eq!(refusal.reason, Reason::NotServed);
    world.party_offers[0].countries.clear();
    world.party_offers[0].lead_working_days = 200;
    let answer = crate::company::answer(&compiled(), &world, &request());
    let refusal = answer.refused.iter().find(|refusal| refusal.candidate == party).unwrap();
    assert_eq!(refusal.reason, Reason::LeadTime { working_days: 200 });
}

#[test]
fn a_party_that_said_no_is_not_asked_to_repair_again() {
    let mut request = request();
    request.refused_holds.push(RefusedHold::Party { party: id("PARTNER") });
    let answer = answer(&compiled(), &partner(0), &request);
    let party = Candidate::ThirdParty(id("PARTNER"));
    let refusal = answer.refused.iter().find(|refusal| refusal.candidate == party).unwrap();
    assert_eq!(refusal.reason, Reason::HoldRefused { item: None });
    assert_eq!(answer.defects, []);
    assert!(answer.options.iter().all(|option| option.kind != SolutionKind::ThirdParty));
}

#[test]
fn a_loaner_flies_to_lagos_on_friday_and_comes_back_after_two_weeks() {
    let option = option_of(SolutionKind::Loaner, &loaner(14), &request());
    assert_eq!(option.arrival, Some(local("2026-03-30T12:00[Africa/Lagos]")));
    assert_eq!(option.cost_minor, 95_000 + 70_000 + 12_000);
    let waits = |step: &&Step| matches!(step.action, Action::Wait { cause: WaitCause::Return, .. });
    let waits = option.steps.iter().find(waits).unwrap();
    assert_eq!(waits.end, local("2026-04-13T00:00[Africa/Lagos]"));
    // Cleared in Germany on Tuesday; the next flight to Helsinki is that of Friday.
    assert_eq!(last_move(&option).end, local("2026-04-18T01:00[Europe/Helsinki]"));
    // One leg in twenty is late; those on the way back don't count.
    assert!((option.risk - 0.05).abs() < 1e-5, "{}", option.risk);
}

#[test]
fn a_return_beyond_the_horizon_is_waited_for_and_not_invented() {
    let option = option_of(SolutionKind::Loaner, &loaner(40), &request());
    assert_eq!(option.cost_minor, 95_000);
    let last = option.steps.last().unwrap();
    assert_eq!(last.action, Action::Wait { site: id("LOS"), cause: WaitCause::Return });
    assert_eq!(last.end, compiled().horizon().end);
}

#[test]
fn a_loaner_without_a_way_back_is_refused() {
    let mut net = with_ways_back(0);
    net.lanes.retain(|lane| lane.from.as_str() != "LOS");
    let net = Compiled::compile(&net, horizon("2026-03-25T00:00:00Z", 30)).unwrap();
    let answer = answer(&net, &loaner(14), &request());
    let pool = Candidate::Loaner { model: id("SPECTRA"), site: id("HEL") };
    let refusal = answer.refused.iter().find(|refusal| refusal.candidate == pool).unwrap();
    assert_eq!(refusal.reason, Reason::NoRoute { from: id("LOS"), to: id("HEL") });
}

#[test]
fn an_exchange_unit_arrives_on_monday_and_the_old_one_leaves_on_wednesday() {
    let (world, request) = exchange();
    let option = option_of(SolutionKind::AdvanceExchange, &world, &request);
    assert_eq!(option.arrival, Some(local("2026-03-30T07:00[Europe/Berlin]")));
    assert_eq!(option.cost_minor, 12_000 + 5_000 + 5_000 + 5_000 + 12_000);
    let old = Subject::Instrument(id("SN-1"));
    let steps: Vec<&Step> = option.steps.iter().filter(|step| step.subject == old).collect();
    assert_eq!(steps[0].end, local("2026-04-01T00:00[Europe/Berlin]"));
    let first = steps.iter().find(|step| matches!(step.action, Action::Move { .. })).unwrap();
    assert!(first.start >= local("2026-04-01T07:00[Europe/Berlin]"));
    assert_eq!(last_move(&option).end, local("2026-04-04T01:00[Europe/Helsinki]"));
}

#[test]
fn a_model_that_nobody_of_ours_repairs_is_ours_when_it_is_replaced_lent_or_repaired_by_a_party() {
    let (exchanged, _) = exchange();
    let ways = [
        (SolutionKind::AdvanceExchange, exchanged),
        (SolutionKind::Loaner, loaner(14)),
        (SolutionKind::ThirdParty, partner(0)),
    ];
    for (kind, mut world) in ways {
        world.repair_tasks.clear();
        option_of(kind, &world, &in_stuttgart(None));
    }
    let mut nobody = world();
    nobody.repair_tasks.clear();
    let answer = answer(&compiled(), &nobody, &in_stuttgart(None));
    assert_eq!(answer.refused[0].reason, Reason::ModelNotSupported { model: id("SPECTRA") });
}

#[test]
fn an_exchange_needs_the_export_rules_of_both_directions() {
    let mut net = with_ways_back(0);
    let gate = |name: &str, origin: &str, destination: &str, verdict| Gate {
        id: id(name),
        export_class: id("dual"),
        origin: Place::Territory(id(origin)),
        destination: Place::Territory(id(destination)),
        end_use: None,
        verdict,
    };
    net.gates = vec![gate("OUT", "EU", "NG", Verdict::Open), gate("BACK", "NG", "EU", Verdict::Closed)];
    let (mut world, mut request) = exchange();
    world.models[0].export_class = Some(id("dual"));
    world.items.last_mut().unwrap().export_class = Some(id("dual"));
    if let Need::Repair { site, .. } = &mut request.need {
        *site = id("LOS");
    }
    let candidate = Candidate::Exchange { item: id("unit"), site: id("HEL") };
    let closed =
        answer(&Compiled::compile(&net, horizon("2026-03-25T00:00:00Z", 30)).unwrap(), &world, &request);
    let refusal = closed.refused.iter().find(|refusal| refusal.candidate == candidate).unwrap();
    assert_eq!(refusal.reason, Reason::ExportClosed { export_class: id("dual"), gate: Some(id("BACK")) });
    // The licence is applied for before the unit is even there.
    for verdict in [Verdict::Open, Verdict::Licence { working_days: 2 }] {
        net.gates[1].verdict = verdict;
        let open =
            answer(&Compiled::compile(&net, horizon("2026-03-25T00:00:00Z", 30)).unwrap(), &world, &request);
        assert_eq!(open.options[0].kind, SolutionKind::AdvanceExchange);
    }
}

#[test]
fn a_remote_fix_is_done_while_both_are_there_and_may_fail() {
    let (world, request) = remote();
    let option = option_of(SolutionKind::RemoteFix, &world, &request);
    // Twenty minutes of the engineer's Friday are left, overtime at the weekend is of no use, and on Monday Stuttgart
    // opens when Tampere begins.
    assert_eq!(option.arrival, Some(local("2026-03-30T07:45[Europe/Berlin]")));
    assert!((option.risk - 0.4).abs() < 1e-5);
    assert!(option.reason.sentence.contains("orks 60 times out of 100"), "{}", option.reason.sentence);
    assert_eq!((option.cost_minor, option.co2_g), (4_500, 0));
    let during = interval("2026-03-30T07:00[Europe/Berlin]", "2026-03-30T07:45[Europe/Berlin]");
    let (engineer, region) = (id("E1"), id("eu"));
    assert_eq!(option.claims, [Claim::Engineer { engineer, during, site: id("TMP"), region }]);
}

#[test]
fn guidance_from_afar_needs_the_skill_and_no_permit() {
    let (mut world, request) = remote();
    world.engineers[0].right_to_work.clear();
    world.engineers[0].certificates.clear();
    option_of(SolutionKind::RemoteFix, &world, &request);
    world.engineers[0].skills.clear();
    let answer = answer(&compiled(), &world, &request);
    let candidate = Candidate::Remote { engineer: id("E1") };
    let refusal = answer.refused.iter().find(|refusal| refusal.candidate == candidate).unwrap();
    assert!(matches!(refusal.reason, Reason::SkillMissing { held: 0, needed: 2, .. }));
}
