//! Export rules fail closed, licences take working days, dangerous goods and weights stop at lanes.

use meridian_planner::Compiled;
use meridian_planner::model::{
    Action, Change, Gate, GateKind, Network, Place, Reason, Verdict, Weekdays, World,
};

use crate::company::{
    Build, answer, at, empty, horizon, id, item, line, local, on_demand, stock, wants, world,
};

pub(crate) fn helsinki_nairobi() -> (Network, World) {
    let mut net = empty();
    net.country("FI", Weekdays::SATURDAY_SUNDAY, &["2026-06-19"]);
    net.country("KE", Weekdays::SATURDAY_SUNDAY, &[]);
    net.calendar("fi", "Europe/Helsinki", Weekdays::ALL, (0, 0), (24, 0), None);
    net.calendar("ke", "Africa/Nairobi", Weekdays::ALL, (0, 0), (24, 0), None);
    net.territory("EU", "fi", 0);
    net.territory("EAC", "ke", 120);
    net.site("HEL", "FI", "EU", "Europe/Helsinki", "fi");
    net.site("TMP", "FI", "EU", "Europe/Helsinki", "fi");
    net.site("NBO", "KE", "EAC", "Africa/Nairobi", "ke");
    net.lane("HEL", "NBO", on_demand(600), 90_000);
    net.lane("HEL", "TMP", on_demand(120), 2_000);
    let mut laser = item("laser", 4_000);
    laser.export_class = Some(id("6A005"));
    (net, world(vec![laser], vec![stock("laser", "HEL", 1)]))
}

pub(crate) fn gate(name: &str, origin: Place, destination: Place, verdict: Verdict) -> Gate {
    Gate { id: id(name), export_class: id("6A005"), origin, destination, end_use: None, verdict }
}

fn refused(net: &Network, world: &World, to: &str) -> Option<(Reason, Option<Change>)> {
    let net = Compiled::compile(net, horizon("2026-06-15T00:00:00Z", 40)).unwrap();
    let request =
        wants(vec![line("laser", 1)], to, at("2026-06-17T08:00:00Z"), Some(at("2026-06-18T08:00:00Z")));
    let refusal = answer(&net, world, &request).refused.into_iter().next()?;
    Some((
        refusal.reason,
        refusal.relaxations.into_iter().next().map(|relaxation| relaxation.changes[0].clone()),
    ))
}

#[test]
fn a_controlled_item_that_no_rule_opens_stays() {
    let (mut net, world) = helsinki_nairobi();
    let closed = |gate| Reason::ExportClosed { export_class: id("6A005"), gate };
    assert_eq!(refused(&net, &world, "NBO"), Some((closed(None), None)));
    assert_eq!(refused(&net, &world, "TMP"), None);
    net.gates.push(gate("OTHER", Place::Country(id("KE")), Place::Anywhere, Verdict::Open));
    assert_eq!(refused(&net, &world, "NBO"), Some((closed(None), None)));
    net.gates.push(gate("ALL", Place::Territory(id("EU")), Place::Anywhere, Verdict::Open));
    assert_eq!(refused(&net, &world, "NBO"), None);
    net.gates.push(gate("NO", Place::Anywhere, Place::Country(id("KE")), Verdict::Closed));
    assert_eq!(refused(&net, &world, "NBO"), Some((closed(Some(id("NO"))), None)));
}

#[test]
fn the_most_specific_rule_decides_and_the_stricter_of_two_equals() {
    let (mut net, world) = helsinki_nairobi();
    let licence = |working_days| Verdict::Licence { working_days };
    net.gates.push(gate("WIDE", Place::Territory(id("EU")), Place::Anywhere, licence(20)));
    net.gates.push(gate("NARROW", Place::Territory(id("EU")), Place::Country(id("KE")), Verdict::Open));
    assert_eq!(refused(&net, &world, "NBO"), None);
    net.gates.push(gate("EQUAL", Place::Country(id("FI")), Place::Territory(id("EAC")), licence(5)));
    let (reason, change) = refused(&net, &world, "NBO").unwrap();
    assert!(matches!(reason, Reason::AfterDeadline { because: Some(because), .. }
        if *because == Reason::LicenceNeeded { gate: id("EQUAL"), working_days: 5 }));
    assert_eq!(change, Some(Change::LicenceInHand { gate: id("EQUAL") }));
}

#[test]
fn a_licence_takes_working_days_of_the_origin() {
    let (mut net, world) = helsinki_nairobi();
    net.gates.push(gate("L2", Place::Anywhere, Place::Anywhere, Verdict::Licence { working_days: 2 }));
    let net = Compiled::compile(&net, horizon("2026-06-15T00:00:00Z", 40)).unwrap();
    let request = wants(vec![line("laser", 1)], "NBO", at("2026-06-17T08:00:00Z"), None);
    let answer = answer(&net, &world, &request);
    let gates: Vec<_> =
        answer.options[0].steps.iter().filter(|step| matches!(step.action, Action::Gate { .. })).collect();
    // Thursday, not Midsummer Eve, not the weekend, Monday: in hand when Monday ends.
    assert_eq!(gates[0].end, local("2026-06-23T00:00[Europe/Helsinki]"));
    assert!(
        matches!(&gates[0].action, Action::Gate { gate: GateKind::Licence { gate }, .. } if *gate == id("L2"))
    );
    assert!(
        matches!(&gates[1].action, Action::Gate { gate: GateKind::Customs { .. }, documents, .. } if documents.len() == 1)
    );
    assert_eq!(answer.options[0].arrival, Some(local("2026-06-23T12:00[Africa/Nairobi]")));
    // Applied for on any later moment of the same day it is in hand at the same time.
    assert_eq!(answer.options[0].latest_safe_decision, local("2026-06-17T23:59[Europe/Helsinki]"));
}

#[test]
fn a_licence_that_takes_longer_than_the_horizon_is_a_refusal() {
    let (mut net, world) = helsinki_nairobi();
    net.gates.push(gate("L99", Place::Anywhere, Place::Anywhere, Verdict::Licence { working_days: 99 }));
    let (reason, change) = refused(&net, &world, "NBO").unwrap();
    assert_eq!(reason, Reason::LicenceNeeded { gate: id("L99"), working_days: 99 });
    assert_eq!(change, Some(Change::LicenceInHand { gate: id("L99") }));
}

#[test]
fn a_lane_names_what_it_does_not_take() {
    let (mut net, mut world) = helsinki_nairobi();
    world.items[0].export_class = None;
    world.items[0].dangerous_goods = true;
    let lane = net.lanes[0].id.clone();
    assert_eq!(refused(&net, &world, "NBO").unwrap().0, Reason::DangerousGoods { lane: lane.clone() });
    world.items[0].dangerous_goods = false;
    world.items[0].cold_chain = true;
    assert_eq!(refused(&net, &world, "NBO").unwrap().0, Reason::ColdChain { lane: lane.clone() });
    world.items[0].cold_chain = false;
    net.lanes[0].goods.as_mut().unwrap().max_weight_g = Some(3_999);
    let heavy = Reason::TooHeavy { lane, weight_g: 4_000, max_weight_g: 3_999 };
    assert_eq!(refused(&net, &world, "NBO").unwrap().0, heavy);
    net.lanes.remove(0);
    assert_eq!(refused(&net, &world, "NBO").unwrap().0, Reason::NoRoute { from: id("HEL"), to: id("NBO") });
}
