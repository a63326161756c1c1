//! What is decided at the last safe moment, and not before, is in time all the same.

use jiff::Timestamp;
use meridian_planner::model::{
    Action, Claim, Need, Network, PartyOffer, Policy, Request, Solution, SolutionKind, World,
};
use meridian_planner::{Compiled, Horizon};
use meridian_types::Quantity;
use proptest::prelude::*;

use crate::company::{answer, at, horizon, line};
use crate::every_way::{ways, with, with_ways_back};
use crate::sourcing::{self, anything, items, offer, span};
use crate::visits::{Situation, situation};

/// A world with nothing but what an option takes, and a network with no lanes but those it takes.
fn only(network: &Network, world: &World, option: &Solution) -> (Network, World) {
    let (mut network, mut world) = (network.clone(), world.clone());
    let rides =
        |id| option.steps.iter().any(|step| matches!(&step.action, Action::Move { lane, .. } if *lane == id));
    // What goes back later than is planned for has a way nevertheless.
    if !matches!(option.kind, SolutionKind::Loaner | SolutionKind::AdvanceExchange) {
        network.lanes.retain(|lane| rides(lane.id.clone()));
    }
    let has = |wanted: &dyn Fn(&Claim) -> bool| option.claims.iter().any(wanted);
    let units = |wanted: &dyn Fn(&Claim) -> Option<Quantity>| {
        option.claims.iter().filter_map(wanted).map(Quantity::units).sum::<i64>()
    };
    for level in &mut world.stock {
        level.available = units(&|claim| match claim {
            Claim::Stock { item, warehouse, quantity, .. } => {
                (*item == level.item && *warehouse == level.warehouse).then_some(*quantity)
            }
            _ => None,
        });
    }
    for record in &mut world.receipts {
        record.available = units(&|claim| match claim {
            Claim::Receipt { quantity, .. } => (claim.receipt() == Some(record.at())).then_some(*quantity),
            _ => None,
        });
    }
    world.loaners.retain(|pool| {
        has(&|claim| matches!(claim, Claim::Loaner { warehouse, .. } if *warehouse == pool.warehouse))
    });
    world.engineers.retain(|record| {
        has(&|claim| matches!(claim, Claim::Engineer { engineer, .. } if *engineer == record.id))
    });
    world
        .party_offers
        .retain(|record| has(&|claim| matches!(claim, Claim::Party { party, .. } if *party == record.party)));
    if option.kind != SolutionKind::RemoteFix {
        world.repair_tasks.iter_mut().for_each(|task| task.remote = None);
    }
    if option.kind != SolutionKind::AdvanceExchange {
        world.exchanges.clear();
    }
    (network, world)
}

/// Asks again at the last safe moment of each option of an answer: it is still offered and still in time.
fn stays_in_time((network, span): (&Network, Horizon), world: &World, request: &Request) {
    let net = Compiled::compile(network, span).unwrap();
    for option in answer(&net, world, request).options {
        let (Some(arrival), now) = (option.arrival, option.latest_safe_decision) else { continue };
        if now >= span.end {
            continue;
        }
        let mut again = Request { now, policy: Policy::Fastest, ..request.clone() };
        let (Need::Items { deadline, .. } | Need::Repair { deadline, .. }) = &mut again.need;
        *deadline = Some(deadline.filter(|_| option.meets_deadline).unwrap_or(arrival));
        let (network, world) = only(network, world, &option);
        let net = Compiled::compile(&network, span).unwrap();
        let found = answer(&net, &world, &again).options;
        let same = |found: &Solution| found.kind == option.kind && found.meets_deadline;
        assert!(found.iter().any(same), "{again:?}\n{option:#?}\n{found:#?}");
    }
}

#[test]
fn a_party_is_asked_in_time_to_answer() {
    let mut world = crate::company::world(items(), Vec::new());
    let slow = PartyOffer { answer_minutes: 3 * 1440, lead_working_days: 1, ..offer("ACME", "pump", &[]) };
    world.party_offers = vec![slow];
    let mut request = sourcing::ask("pump", 1);
    let (Need::Items { deadline, .. } | Need::Repair { deadline, .. }) = &mut request.need;
    *deadline = Some(at("2026-06-12T12:00:00Z"));
    let option = answer(&sourcing::compiled(), &world, &request).options.remove(0);
    let decide: Timestamp = at("2026-06-09T12:00:00Z");
    assert_eq!((option.latest_safe_decision, option.steps[0].latest_start), (decide, decide));
    stays_in_time((&sourcing::network(), span()), &world, &request);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(128) })]
    #[test]
    fn every_repair_can_be_decided_at_its_last_safe_moment(
        situation in situation(),
        ways in ways(),
        notice in prop_oneof![Just(0), 0..3_000i64],
    ) {
        // Journeys under rest rules, and work partly in overtime, are looked for within bounds: they may be found at one
        // moment and not at another.
        let ways = ways.without_rest();
        let Situation { mut world, request } = with(situation, &ways);
        world.engineers.iter_mut().for_each(|engineer| engineer.overtime_allowed = false);
        let span = horizon("2026-03-25T00:00:00Z", 20);
        stays_in_time((&with_ways_back(notice), span), &world, &request);
    }

    #[test]
    fn every_delivery_can_be_decided_at_its_last_safe_moment(
        world in anything(),
        name in prop::sample::select(vec!["pump", "hose", "set"]),
        units in 1..4i64,
        answer_minutes in 1..9_000i64,
        lead_working_days in 0..4i32,
        hours in prop::option::of(1..300i64),
        another in any::<bool>(),
    ) {
        let mut world = world;
        for offer in &mut world.party_offers {
            (offer.answer_minutes, offer.lead_working_days) = (answer_minutes, lead_working_days);
        }
        let mut request = sourcing::ask(name, units);
        let now = request.now;
        if let Need::Items { lines, deadline, .. } = &mut request.need {
            lines.extend(another.then(|| line("pump", 1)));
            *deadline = hours.map(|hours| now + jiff::SignedDuration::from_hours(hours));
        }
        stays_in_time((&sourcing::network(), span()), &world, &request);
    }
}
