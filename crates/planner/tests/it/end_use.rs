//! While the use of goods is not declared, the strictest export rule for any use counts.

use jiff::Timestamp;
use meridian_planner::model::{Answer, Change, Gate, Need, Network, Place, Reason, Request, Verdict, World};
use meridian_planner::{Compiled, check};
use proptest::prelude::*;

use crate::borders::{gate, helsinki_nairobi};
use crate::company::{answer, at, horizon, id, line, wants};

const LICENCE: Verdict = Verdict::Licence { working_days: 3 };

fn for_use(end_use: &str, gate: Gate) -> Gate {
    Gate { end_use: Some(id(end_use)), ..gate }
}

fn wide(name: &str, verdict: Verdict) -> Gate {
    gate(name, Place::Anywhere, Place::Anywhere, verdict)
}

/// From Helsinki to Nairobi, for a declared use or an undeclared one.
fn asked(declared: Option<&str>) -> Request {
    let deadline = Some(at("2026-06-18T08:00:00Z"));
    let mut request = wants(vec![line("laser", 1)], "NBO", at("2026-06-17T08:00:00Z"), deadline);
    let (Need::Items { end_use, .. } | Need::Repair { end_use, .. }) = &mut request.need;
    *end_use = declared.map(id);
    request
}

fn compiled(gates: &[Gate]) -> (Compiled, World) {
    let (mut net, world): (Network, World) = helsinki_nairobi();
    net.gates = gates.to_vec();
    (Compiled::compile(&net, horizon("2026-06-15T00:00:00Z", 40)).unwrap(), world)
}

fn said(gates: &[Gate], declared: Option<&str>) -> Answer {
    let (net, world) = compiled(gates);
    answer(&net, &world, &asked(declared))
}

/// Passes in time, passes later with a licence, or does not pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Passes,
    Waits,
    Stays,
}

fn outcome(gates: &[Gate], declared: Option<&str>) -> Outcome {
    match said(gates, declared).options.first() {
        None => Outcome::Stays,
        Some(option) if option.meets_deadline => Outcome::Passes,
        Some(_) => Outcome::Waits,
    }
}

#[test]
fn an_undeclared_use_passes_only_where_every_use_does() {
    use Outcome::{Passes, Stays, Waits};
    let (open, closed) = (Verdict::Open, Verdict::Closed);
    let military = |verdict| for_use("military", wide("MIL", verdict));
    let medical = |verdict| for_use("medical", wide("MED", verdict));
    // By no declaration, and by those of military, medical and another use.
    for (gates, expected) in [
        (vec![], [Stays, Stays, Stays, Stays]),
        (vec![wide("ALL", open)], [Passes, Passes, Passes, Passes]),
        (vec![wide("ALL", open), military(closed)], [Stays, Stays, Passes, Passes]),
        (vec![wide("ALL", open), military(LICENCE)], [Waits, Waits, Passes, Passes]),
        (vec![wide("ALL", open), military(open)], [Passes, Passes, Passes, Passes]),
        (vec![wide("ALL", LICENCE), medical(open)], [Waits, Waits, Passes, Waits]),
        (vec![wide("ALL", closed), medical(open)], [Stays, Stays, Stays, Stays]),
        (vec![medical(open)], [Stays, Stays, Passes, Stays]),
        (vec![wide("ALL", open), military(closed), medical(LICENCE)], [Stays, Stays, Waits, Passes]),
    ] {
        let found = [None, Some("military"), Some("medical"), Some("research")].map(|it| outcome(&gates, it));
        assert_eq!(found, expected, "{gates:?}");
    }
}

#[test]
fn a_rule_about_another_way_or_class_does_not_ask_for_a_declaration() {
    let nairobi = Place::Country(id("KE"));
    let back = for_use("military", gate("BACK", nairobi, Place::Anywhere, Verdict::Closed));
    let other = Gate { export_class: id("5A002"), ..for_use("military", wide("OTHER", Verdict::Closed)) };
    assert_eq!(outcome(&[wide("ALL", Verdict::Open), back, other], None), Outcome::Passes);
}

#[test]
fn the_refusal_says_that_declaring_the_use_would_decide() {
    let gates = [wide("ALL", Verdict::Open), for_use("military", wide("MIL", Verdict::Closed))];
    let refusal = said(&gates, None).refused.remove(0);
    let class = id("6A005");
    let closed = Reason::ExportClosed { export_class: id("6A005"), gate: Some(id("MIL")) };
    assert_eq!(refusal.reason, Reason::EndUseUndeclared { export_class: class, because: Box::new(closed) });
    assert_eq!(
        refusal.sentence,
        "The end use is not declared and would decide; until then export of class 6A005 is closed by gate MIL."
    );
    // No use that a rule names would open it.
    assert_eq!(refusal.relaxations, []);
    let declared = said(&gates, Some("military")).refused.remove(0);
    assert!(matches!(declared.reason, Reason::ExportClosed { .. }), "{declared:?}");
}

#[test]
fn declaring_the_use_that_opens_the_way_is_offered_and_brings_it_in_time() {
    for general in [LICENCE, Verdict::Licence { working_days: 99 }] {
        let gates = [wide("ALL", general), for_use("medical", wide("MED", Verdict::Open))];
        let refusal = said(&gates, None).refused.remove(0);
        let told = serde_json::to_string(&refusal.reason).unwrap();
        assert!(told.contains("EndUseUndeclared"), "{told}");
        let change = Change::EndUseDeclared { end_use: id("medical") };
        assert_eq!(refusal.relaxations[0].changes, [change]);
        assert_eq!(refusal.relaxations[0].sentence, "If the end use medical is declared.");
        assert!(refusal.relaxations[0].meets_deadline);
        assert_eq!(
            said(&gates, Some("medical")).options[0].arrival,
            Some(refusal.relaxations[0].arrival_with_it)
        );
    }
}

#[test]
fn a_licence_for_one_use_does_not_stand_in_for_that_of_another() {
    let gates = [
        for_use("military", wide("MIL", Verdict::Licence { working_days: 8 })),
        wide("ALL", Verdict::Licence { working_days: 3 }),
    ];
    let refusal = said(&gates, None).refused.remove(0);
    let in_hand = Change::LicenceInHand { gate: id("MIL") };
    let alone =
        refusal.relaxations.iter().find(|relaxation| relaxation.changes == [in_hand.clone()]).unwrap();
    assert!(!alone.meets_deadline);
}

fn any_gate() -> impl Strategy<Value = Gate> {
    let place = |country: &'static str, territory: &'static str| {
        prop_oneof![
            Just(Place::Anywhere),
            Just(Place::Territory(id(territory))),
            Just(Place::Country(id(country))),
        ]
    };
    let end_use = prop::option::of(prop_oneof![Just("military"), Just("medical")]);
    let verdict = prop_oneof![
        3 => Just(Verdict::Open),
        3 => (0..9i32).prop_map(|working_days| Verdict::Licence { working_days }),
        1 => Just(Verdict::Closed),
    ];
    (place("FI", "EU"), place("KE", "EAC"), end_use, verdict).prop_map(
        |(origin, destination, end_use, verdict)| Gate {
            end_use: end_use.map(id),
            ..gate("G", origin, destination, verdict)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn an_undeclared_use_goes_as_the_use_that_waits_longest_and_the_checker_lets_nothing_else_pass(
        mut gates in prop::collection::vec(any_gate(), 0..6),
    ) {
        for (index, gate) in gates.iter_mut().enumerate() {
            gate.id = id(&format!("G{index}"));
        }
        let (net, world) = compiled(&gates);
        let declared = ["military", "medical", "research"].map(|end_use| answer(&net, &world, &asked(Some(end_use))));
        let arrival = |answer: &Answer| {
            answer.options.first().map_or(Timestamp::MAX, |option| option.arrival.unwrap())
        };
        let undeclared = answer(&net, &world, &asked(None));
        prop_assert_eq!(arrival(&undeclared), declared.iter().map(arrival).max().unwrap());
        for option in declared.iter().filter_map(|answer| answer.options.first()) {
            let sooner = option.arrival.unwrap() < arrival(&undeclared);
            let verdict = check(&net, &world, &asked(None), option);
            prop_assert!(!sooner || verdict.is_err(), "{:?}", option);
        }
    }
}
