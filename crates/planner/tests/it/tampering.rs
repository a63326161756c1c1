//! The checker objects to whatever somebody changes about a solution that was right.

use meridian_planner::model::{
    Action, Claim, LatenessQuantile, Request, RestRule, RightToWork, Solution, SolutionKind, Step, WaitCause,
    World,
};
use meridian_planner::{Compiled, Fault, check};

use crate::company::{id, interval};
use crate::rests::two_days;
use crate::weekend_alternatives::{compiled, exchange, in_stuttgart, loaner, option_of, partner, remote};
use crate::weekend_repair::request;

type Case = (Compiled, World, Request, Solution);

/// One right solution of each kind that gets an instrument working.
fn cases() -> Vec<Case> {
    let of = |kind, world: World, request: Request| {
        let option = option_of(kind, &world, &request);
        (compiled(), world, request, option)
    };
    let (exchange, remote) = (exchange(), remote());
    let mut depot = crate::weekend_repair::world();
    depot.engineers[0].right_to_work.clear();
    vec![
        two_days(),
        of(SolutionKind::Loaner, loaner(14), request()),
        of(SolutionKind::ThirdParty, partner(0), request()),
        of(SolutionKind::AdvanceExchange, exchange.0, exchange.1),
        of(SolutionKind::RemoteFix, remote.0, remote.1),
        of(SolutionKind::ShipToDepot, depot, in_stuttgart(None)),
    ]
}

fn faults((net, world, request, solution): &Case) -> Vec<Fault> {
    check(net, world, request, solution).err().unwrap_or_default()
}

fn changed(case: &Case, change: impl Fn(&mut World, &mut Request, &mut Solution)) -> Vec<Fault> {
    let (net, mut world, mut request, mut solution) =
        (&case.0, case.1.clone(), case.2.clone(), case.3.clone());
    change(&mut world, &mut request, &mut solution);
    check(net, &world, &request, &solution).err().unwrap_or_default()
}

#[test]
fn nothing_that_happens_can_be_left_out() {
    for case in cases() {
        assert_eq!(faults(&case), []);
        for (index, step) in case.3.steps.iter().enumerate() {
            let waits = matches!(&step.action, Action::Wait { cause, .. } if *cause != WaitCause::Return);
            let without = changed(&case, |_, _, solution| drop(solution.steps.remove(index)));
            assert!(waits || !without.is_empty(), "{:?} without {step:#?}", case.3.kind);
        }
        for (index, claim) in case.3.claims.iter().enumerate() {
            let without = changed(&case, |_, _, solution| drop(solution.claims.remove(index)));
            assert!(!without.is_empty(), "{:?} without {claim:#?}", case.3.kind);
        }
    }
}

#[test]
fn nothing_that_happens_can_be_sooner_or_shorter() {
    let minute = jiff::SignedDuration::from_mins(1);
    for case in cases() {
        for (index, step) in case.3.steps.iter().enumerate() {
            if matches!(step.action, Action::Wait { .. } | Action::Pick { .. }) || step.start == step.end {
                continue;
            }
            let sooner = changed(&case, |_, _, solution| solution.steps[index].start -= minute);
            assert!(!sooner.is_empty(), "{:?} with a sooner {step:#?}", case.3.kind);
            let shorter = changed(&case, |_, _, solution| solution.steps[index].end -= minute);
            assert!(!shorter.is_empty(), "{:?} with a shorter {step:#?}", case.3.kind);
        }
    }
}

#[test]
fn what_is_said_about_the_whole_must_hold() {
    for case in cases() {
        let cost = changed(&case, |_, _, solution| solution.cost_minor -= 1);
        assert!(matches!(cost.as_slice(), [.., Fault::WrongCost { .. }]), "{cost:?}");
        let co2 = changed(&case, |_, _, solution| solution.co2_g += 1);
        assert!(matches!(co2.as_slice(), [.., Fault::WrongCo2 { .. }]), "{co2:?}");
        let risk = changed(&case, |_, _, solution| solution.risk += 0.01);
        assert_eq!(risk, [Fault::WrongRisk]);
        for kind in [SolutionKind::Loaner, SolutionKind::ThirdParty, SolutionKind::Split] {
            let other = changed(&case, |_, _, solution| solution.kind = kind);
            assert!(kind == case.3.kind || !other.is_empty(), "{:?} as {kind:?}", case.3.kind);
        }
    }
}

fn is_of_likely_by(faults: &[Fault]) -> bool {
    matches!(faults, [Fault::WrongLikelyBy { .. }])
}

#[test]
fn what_is_said_about_being_in_time_must_hold() {
    let minute = jiff::SignedDuration::from_mins(1);
    for case in cases() {
        let sooner =
            changed(&case, |_, _, solution| solution.likely_by = solution.likely_by.map(|by| by - minute));
        let never = changed(&case, |_, _, solution| {
            solution.likely_by = solution.likely_by.xor(Some(jiff::Timestamp::MAX));
        });
        assert!(case.3.likely_by.is_none() || is_of_likely_by(&sooner), "{:?}: {sooner:?}", case.3.kind);
        assert!(is_of_likely_by(&never), "{:?}: {never:?}", case.3.kind);
        for off in [0.001, -0.02] {
            let other = changed(&case, |_, _, solution| {
                solution.in_time_probability = solution.in_time_probability.map(|told| told + off);
            });
            let due = case.2.need.deadline().is_some();
            let wrong = matches!(other.as_slice(), [Fault::WrongInTimeProbability { .. }]);
            assert_eq!(wrong, due, "{:?} off by {off}: {other:?}", case.3.kind);
        }
        let unasked = changed(&case, |_, request, solution| {
            let deadline = request.need.deadline();
            solution.in_time_probability = deadline.is_none().then_some(1.0);
        });
        assert!(matches!(unasked.as_slice(), [Fault::WrongInTimeProbability { .. }]), "{unasked:?}");
    }
    let dues = cases().iter().filter(|case| case.2.need.deadline().is_some()).count();
    assert!(dues > 0, "nobody asks by when");
}

#[test]
fn how_late_a_lane_is_when_it_is_late_counts() {
    let slower = |(net, world, request, solution): &Case| {
        let mut network = net.network().clone();
        for lane in &mut network.lanes {
            lane.lateness = vec![LatenessQuantile { share: 1.0, minutes: 4 * 1440 }];
        }
        let net = Compiled::compile(&network, net.horizon()).unwrap();
        check(&net, world, request, solution).err().unwrap_or_default()
    };
    let cases = cases();
    assert_eq!(slower(&cases[1]), [Fault::WrongInTimeProbability { micro: Some(950_000) }]);
    assert_eq!(slower(&cases[5]), [Fault::WrongLikelyBy { likely_by: None }]);
}

fn first_work(solution: &Solution) -> usize {
    solution.steps.iter().position(|step| matches!(step.action, Action::Work { .. })).unwrap()
}

#[test]
fn a_visit_keeps_the_rules_about_people() {
    let case = two_days();
    let work = first_work(&case.3);
    let rule = |rest_minutes, duty_minutes_max| {
        changed(&case, |world, _, _| {
            world.engineers[0].rest = Some(RestRule { rest_minutes, duty_minutes_max });
        })
    };
    assert_eq!(rule(660, 600), []);
    assert_eq!(rule(660, 539), [Fault::NoRest { step: work }]);
    assert!(rule(16 * 60, 600).contains(&Fault::NoRest { step: work }));
    let permit = changed(&case, |world, _, _| {
        world.engineers[0].right_to_work = vec![RightToWork { country: id("DE"), lead_working_days: 2 }];
    });
    assert_eq!(permit, [Fault::NotAdmitted { step: work }]);
    let booked = changed(&case, |_, _, solution| {
        if let Claim::Engineer { during, .. } = &mut solution.claims[0] {
            *during = interval("2026-06-01T17:30[Europe/Helsinki]", "2026-06-04T00:00[Europe/Helsinki]");
        }
    });
    assert_eq!(booked, [Fault::NotFree { step: work }]);
    let nights = changed(&case, |world, _, _| world.engineers[0].night_cost_minor += 1);
    assert!(matches!(nights.as_slice(), [Fault::WrongCost { .. }]));
    let skill = changed(&case, |world, _, _| world.engineers[0].skills[0].level = 0);
    assert_eq!(skill, [Fault::NotQualified { step: work }]);
    let remote = changed(&case, |_, _, solution| {
        if let Action::Work { remote, .. } = &mut solution.steps[work].action {
            *remote = true;
        }
    });
    assert!(remote.contains(&Fault::WrongWork { step: work }));
}

#[test]
fn a_site_that_needs_more_notice_lets_nobody_in() {
    let (_, world, request, solution) = two_days();
    let work = first_work(&solution);
    let mut network = two_days().0.network().clone();
    network.sites[1].visit_notice_minutes = 400;
    let net = Compiled::compile(&network, two_days().0.horizon()).unwrap();
    assert_eq!(check(&net, &world, &request, &solution), Err(vec![Fault::NotAdmitted { step: work }]));
}

fn return_wait(solution: &Solution) -> usize {
    let waits = |step: &Step| matches!(step.action, Action::Wait { cause: WaitCause::Return, .. });
    solution.steps.iter().position(waits).unwrap()
}

#[test]
fn what_goes_back_goes_back_on_the_day_agreed_and_where_it_belongs() {
    let cases = cases();
    let (loan, exchange) = (&cases[1], &cases[3]);
    let longer = changed(loan, |world, _, _| world.loaners[0].loan_days = 15);
    assert_eq!(longer, [Fault::NotReturned]);
    let elsewhere = changed(exchange, |world, _, _| world.exchanges[0].return_to = id("TMP"));
    assert_eq!(elsewhere, [Fault::NotReturned]);
    let later = changed(exchange, |world, _, _| world.exchanges[0].return_days = 3);
    assert_eq!(later, [Fault::NotReturned]);
    let kept = changed(loan, |_, _, solution| {
        let from = return_wait(solution) + 1;
        solution.steps.truncate(from);
    });
    assert!(kept.contains(&Fault::NotReturned), "{kept:?}");
}

#[test]
fn a_party_does_what_it_offers_at_its_price_and_no_sooner() {
    let case = &cases()[2];
    let order = case.3.steps.iter().position(|step| matches!(step.action, Action::Outsource { .. })).unwrap();
    let wrong = [Fault::WrongOffer { step: order }];
    let slower = changed(case, |world, _, _| world.party_offers[0].lead_working_days = 1);
    assert!(slower.starts_with(&wrong), "{slower:?}");
    let later = changed(case, |world, _, _| world.party_offers[0].answer_minutes = 241);
    assert!(later.starts_with(&wrong), "{later:?}");
    let elsewhere = changed(case, |world, _, _| world.party_offers[0].countries = vec![id("NG")]);
    assert!(elsewhere.starts_with(&wrong), "{elsewhere:?}");
    let price = changed(case, |world, _, _| world.party_offers[0].price_minor += 1);
    assert!(matches!(price.as_slice(), [Fault::WrongCost { .. }]), "{price:?}");
}
