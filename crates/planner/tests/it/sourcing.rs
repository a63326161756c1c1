//! Where items come from: receipts, kits, parties, substitutes; what there is too little of; bad records.

use meridian_planner::model::{
    Action, Answer, Approval, Candidate, Claim, Fit, ItemFacts, Kit, Need, Network, PartyOffer, PartyService,
    Reason, Refusal, RefusedHold, Request, ScheduledReceipt, Solution, SolutionKind, StockHold, Substitute,
    WaitCause, Weekdays, World,
};
use meridian_planner::{Compiled, Horizon, solve};
use meridian_types::ReceiptAt;
use proptest::prelude::*;

use crate::company::{Build, answer, at, empty, horizon, id, item, line, on_demand, stock, wants, world};

pub(crate) fn span() -> Horizon {
    horizon("2026-06-01T00:00:00Z", 40)
}

/// A laboratory, two warehouses, a workshop; all open from eight to six on weekdays.
pub(crate) fn network() -> Network {
    let mut net = empty();
    net.country("DE", Weekdays::SATURDAY_SUNDAY, &["2026-06-04"]);
    net.calendar("work", "UTC", Weekdays::MONDAY_TO_FRIDAY, (8, 0), (18, 0), Some("DE"));
    net.territory("EU", "work", 0);
    for name in ["LAB", "HAM", "MUC", "SHOP"] {
        net.site(name, "DE", "EU", "UTC", "work");
        net.sites.last_mut().unwrap().pick_minutes = 30;
    }
    for (from, to, cost) in [
        ("HAM", "LAB", 1_000),
        ("MUC", "LAB", 2_000),
        ("SHOP", "LAB", 300),
        ("HAM", "SHOP", 800),
        ("MUC", "SHOP", 1_900),
    ] {
        net.lane(from, to, on_demand(120), cost);
    }
    net
}

pub(crate) fn compiled() -> Compiled {
    Compiled::compile(&network(), span()).unwrap()
}

/// Tuesday 2 June 2026, nine o'clock; Thursday is a holiday.
pub(crate) fn ask(item: &str, units: i64) -> Request {
    wants(vec![line(item, units)], "LAB", at("2026-06-02T09:00:00Z"), None)
}

pub(crate) fn receipt(name: &str, warehouse: &str, available: i64, expected: &str) -> ScheduledReceipt {
    ScheduledReceipt {
        receipt: id(name),
        item: id("pump"),
        warehouse: id(warehouse),
        available,
        expected: at(expected),
        late_probability: 0.2,
    }
}

pub(crate) fn kit() -> Kit {
    Kit {
        kit: id("set"),
        parts: vec![line("pump", 1), line("hose", 2)],
        sites: vec![id("SHOP")],
        work_minutes: 45,
        cost_minor: 700,
    }
}

pub(crate) fn offer(name: &str, item: &str, countries: &[&str]) -> PartyOffer {
    PartyOffer {
        party: id(name),
        service: PartyService::Supply(id(item)),
        countries: countries.iter().map(|country| id(country)).collect(),
        answer_minutes: 60,
        lead_working_days: 2,
        price_minor: 5_000,
        late_probability: 0.1,
    }
}

pub(crate) fn items() -> Vec<ItemFacts> {
    vec![item("pump", 1_000), item("hose", 200), item("set", 1_500), item("pump2", 1_000)]
}

pub(crate) fn kind_of(answer: &Answer, kind: SolutionKind) -> Option<&Solution> {
    answer.options.iter().find(|option| option.kind == kind)
}

fn refusal<'a>(answer: &'a Answer, candidate: &Candidate) -> Option<&'a Refusal> {
    answer.refused.iter().find(|refusal| refusal.candidate == *candidate)
}

#[test]
fn what_lies_where_it_is_needed_is_only_picked() {
    let world = world(items(), vec![stock("pump", "LAB", 1), stock("pump", "HAM", 1)]);
    let answer = answer(&compiled(), &world, &ask("pump", 1));
    assert_eq!((answer.options[0].cost_minor, answer.options[0].steps.len()), (0, 1));
    assert_eq!(answer.options[0].arrival, Some(at("2026-06-02T09:30:00Z")));
}

#[test]
fn units_that_are_expected_are_waited_for_and_may_be_late() {
    let mut world = world(items(), vec![stock("pump", "HAM", 1)]);
    world.receipts = vec![
        receipt("R1", "HAM", 2, "2026-06-03T10:00:00Z"),
        receipt("R2", "MUC", 9, "2026-06-10T10:00:00Z"),
    ];
    let answer = answer(&compiled(), &world, &ask("pump", 3));
    let option = kind_of(&answer, SolutionKind::WaitForSupply).unwrap();
    // The one that lies there and the two that come are one consignment.
    assert_eq!((option.cost_minor, option.arrival), (1_000, Some(at("2026-06-03T12:30:00Z"))));
    assert!(matches!(&option.claims[0], Claim::Stock { quantity, .. } if quantity.units() == 1));
    assert!(
        matches!(&option.claims[1], Claim::Receipt { receipt, quantity, .. } if *receipt == id("R1") && quantity.units() == 2)
    );
    assert!((option.risk - (1.0 - 0.8 * 0.95)).abs() < 1e-4);
    let waits = |step: &meridian_planner::model::Step| {
        matches!(step.action, Action::Wait { cause: WaitCause::Supply, .. })
    };
    assert_eq!(option.steps.iter().find(|step| waits(step)).unwrap().end, at("2026-06-03T10:00:00Z"));
}

#[test]
fn receipts_of_one_number_at_two_warehouses_are_two() {
    let mut world = world(items(), Vec::new());
    world.receipts = vec![
        receipt("R1", "HAM", 2, "2026-06-03T10:00:00Z"),
        ScheduledReceipt { late_probability: 0.4, ..receipt("R1", "MUC", 3, "2026-06-04T11:00:00Z") },
    ];
    let held = |option: &Solution, warehouse: &str| -> i64 {
        let claims = option.claims.iter().map(|claim| match claim {
            Claim::Receipt { quantity, warehouse: at, .. } if *at == id(warehouse) => quantity.units(),
            _ => 0,
        });
        claims.sum()
    };
    let all = answer(&compiled(), &world, &ask("pump", 5));
    assert_eq!((held(&all.options[0], "HAM"), held(&all.options[0], "MUC")), (2, 3));
    let mut asked = ask("pump", 2);
    let either = answer(&compiled(), &world, &asked);
    assert!(either.options.iter().any(|option| held(option, "HAM") == 2));
    assert!(either.options.iter().any(|option| held(option, "MUC") == 2));
    asked.refused_holds = vec![RefusedHold::Receipt(ReceiptAt { warehouse: id("HAM"), receipt: id("R1") })];
    let other = answer(&compiled(), &world, &asked);
    assert!(!other.options.is_empty());
    assert!(other.options.iter().all(|option| held(option, "MUC") == 2));
}

#[test]
fn a_receipt_that_should_have_come_is_not_counted_on() {
    let mut world = world(items(), Vec::new());
    world.receipts = vec![receipt("R1", "HAM", 2, "2026-06-01T10:00:00Z")];
    let answer = answer(&compiled(), &world, &ask("pump", 1));
    let candidate = Candidate::Receipt { site: id("HAM"), receipt: id("R1") };
    let expected = at("2026-06-01T10:00:00Z");
    let reason = &refusal(&answer, &candidate).unwrap().reason;
    assert_eq!(
        *reason,
        Reason::ReceiptOverdue { receipt: ReceiptAt { warehouse: id("HAM"), receipt: id("R1") }, expected }
    );
    assert_eq!(answer.options, []);
}

#[test]
fn a_kit_is_put_together_once_its_parts_are_there() {
    let mut world =
        world(items(), vec![stock("pump", "HAM", 1), stock("hose", "SHOP", 2), stock("hose", "MUC", 9)]);
    world.kits = vec![kit()];
    let answer = answer(&compiled(), &world, &ask("set", 1));
    let option = &answer.options[0];
    // The pump comes from Hamburg at 11:30, 45 minutes of work, half an hour of picking, two hours on the road.
    assert_eq!((option.kind, option.cost_minor), (SolutionKind::Kit, 800 + 700 + 300));
    assert_eq!(option.arrival, Some(at("2026-06-02T14:45:00Z")));
    let work = option.steps.iter().find(|step| matches!(step.action, Action::Assemble { .. })).unwrap();
    assert_eq!((work.start, work.end), (at("2026-06-02T11:30:00Z"), at("2026-06-02T12:15:00Z")));
    assert_eq!(option.claims.len(), 2);
}

#[test]
fn a_kit_without_its_parts_is_refused_with_the_part() {
    let mut world = world(items(), vec![stock("pump", "HAM", 1), stock("hose", "SHOP", 1)]);
    world.kits = vec![kit()];
    let answer = answer(&compiled(), &world, &ask("set", 1));
    let candidate = Candidate::Kit { kit: id("set"), site: id("SHOP") };
    assert!(matches!(&refusal(&answer, &candidate).unwrap().reason, Reason::PartMissing { item, because }
        if *item == id("hose") && matches!(**because, Reason::TooFew { existing: 1, needed: 2, .. })));
}

#[test]
fn a_party_delivers_at_the_end_of_its_last_working_day() {
    let mut world = world(items(), Vec::new());
    world.party_offers = vec![offer("ACME", "pump", &["DE"]), offer("FAR", "pump", &["US"])];
    let answer = answer(&compiled(), &world, &ask("pump", 3));
    let option = &answer.options[0];
    // Wednesday and, Thursday being a holiday, Friday.
    assert_eq!((option.kind, option.cost_minor), (SolutionKind::ThirdParty, 15_000));
    assert_eq!(option.arrival, Some(at("2026-06-06T00:00:00Z")));
    assert_eq!(refusal(&answer, &Candidate::ThirdParty(id("FAR"))).unwrap().reason, Reason::NotServed);
    let mut again = ask("pump", 3);
    again.refused_holds.push(RefusedHold::Party { party: id("ACME") });
    assert_eq!(solve(&compiled(), &world, &again).options, []);
}

#[test]
fn more_than_there_is_comes_from_stock_receipts_and_a_party_together() {
    let mut world = world(items(), vec![stock("pump", "HAM", 2), stock("pump", "MUC", 1)]);
    world.receipts = vec![receipt("R1", "HAM", 2, "2026-06-03T10:00:00Z")];
    world.party_offers = vec![offer("ACME", "pump", &[])];
    let answer = answer(&compiled(), &world, &ask("pump", 7));
    let split = answer.options.iter().find(|option| option.claims.len() > 1).unwrap();
    // Everything there is, and two bought.
    assert_eq!((split.kind, split.cost_minor), (SolutionKind::ThirdParty, 1_000 + 2_000 + 2 * 5_000));
    let bought = kind_of(&answer, SolutionKind::ThirdParty).unwrap();
    assert!(bought.cost_minor <= 7 * 5_000);
}

#[test]
fn when_there_are_too_few_anywhere_it_is_said_how_many_and_from_when_on() {
    let mut world = world(items(), vec![stock("pump", "HAM", 2), stock("pump", "MUC", 1)]);
    world.receipts = vec![receipt("R1", "MUC", 2, "2026-06-03T10:00:00Z")];
    let answer = answer(&compiled(), &world, &ask("pump", 7));
    let there_from = Some(at("2026-06-03T12:30:00Z"));
    let reason = Reason::TooFew { item: id("pump"), existing: 5, needed: 7, there_from };
    assert_eq!(refusal(&answer, &Candidate::Item(id("pump"))).unwrap().reason, reason);
    assert_eq!(refusal(&answer, &Candidate::Split).unwrap().reason, reason);
    assert_eq!(answer.options, []);
}

#[test]
fn what_another_case_holds_is_named() {
    let mut world = world(items(), vec![stock("pump", "HAM", 0)]);
    let hold =
        |case: &str, quantity| StockHold { case: id(case), item: id("pump"), warehouse: id("HAM"), quantity };
    let (small, large) = ("case_01890a5dac96774bbcceb302099a8057", "case_01890a5dac96774bbcceb302099a8058");
    world.holds = vec![hold(large, 5), hold(small, 2)];
    let answer = answer(&compiled(), &world, &ask("pump", 2));
    let (item, warehouse, case) = (id("pump"), id("HAM"), id(small));
    let reason = Reason::Held { item, warehouse, available: 0, needed: 2, case };
    assert_eq!(refusal(&answer, &Candidate::Source { site: id("HAM") }).unwrap().reason, reason);
}

fn revised(approval: Approval) -> Substitute {
    let fits = vec![Fit { model: id("M"), revisions: vec![id("B")] }];
    Substitute { item: id("pump"), substitute: id("pump2"), approval, fits }
}

#[test]
fn a_substitute_fits_by_revision_and_not_when_the_revision_is_unknown() {
    let mut world = world(items(), vec![stock("pump2", "HAM", 1)]);
    world.substitutes = vec![revised(Approval::NotNeeded)];
    let with = |of: Option<&str>| {
        let mut request = ask("pump", 1);
        if let Need::Items { model, revision, .. } = &mut request.need {
            (*model, *revision) = (Some(id("M")), of.map(id));
        }
        answer(&compiled(), &world, &request)
    };
    assert_eq!(with(Some("B")).options[0].kind, SolutionKind::Substitute);
    for of in [Some("A"), None] {
        let answer = with(of);
        let candidate = Candidate::Substitute { item: id("pump"), substitute: id("pump2"), site: id("HAM") };
        let reason = Reason::NotCompatible { model: id("M"), revision: of.map(id) };
        assert_eq!(refusal(&answer, &candidate).unwrap().reason, reason);
        assert_eq!(answer.options, []);
    }
}

#[test]
fn whether_a_substitute_fits_an_instrument_that_nobody_named_is_for_somebody_to_agree() {
    let mut world = world(items(), vec![stock("pump2", "HAM", 1)]);
    world.substitutes = vec![revised(Approval::Granted)];
    assert_eq!(answer(&compiled(), &world, &ask("pump", 1)).options[0].kind, SolutionKind::Substitute);
    world.substitutes = vec![revised(Approval::NotNeeded)];
    let answer = answer(&compiled(), &world, &ask("pump", 1));
    assert_eq!(answer.options, []);
    let candidate = Candidate::Substitute { item: id("pump"), substitute: id("pump2"), site: id("HAM") };
    let refusal = refusal(&answer, &candidate).unwrap();
    assert_eq!(refusal.reason, Reason::NotApproved);
    assert!(!refusal.relaxations.is_empty(), "agreeing would help");
}

#[test]
fn a_repair_takes_parts_that_stand_in_are_expected_or_bought() {
    let net =
        Compiled::compile(&crate::weekend_repair::network(), horizon("2026-03-25T00:00:00Z", 30)).unwrap();
    let mut request = crate::weekend_repair::request();
    if let Need::Repair { onward, deadline, revision, .. } = &mut request.need {
        (*onward, *deadline, *revision) = (None, None, Some(id("B")));
    }
    let mut short = crate::weekend_repair::world();
    short.stock[0].available = 0;
    assert!(answer(&net, &short, &request).options.is_empty());

    let mut stands_in = short.clone();
    stands_in.items.push(item("laser-unit-2", 2_000));
    stands_in.stock.push(stock("laser-unit-2", "HEL", 1));
    let fits = vec![Fit { model: id("SPECTRA"), revisions: vec![id("B")] }];
    let (item, substitute) = (id("laser-unit"), id("laser-unit-2"));
    stands_in.substitutes = vec![Substitute { item, substitute, approval: Approval::Granted, fits }];
    assert!(!answer(&net, &stands_in, &request).options.is_empty());
    if let Need::Repair { revision, .. } = &mut request.need {
        *revision = Some(id("A"));
    }
    assert!(answer(&net, &stands_in, &request).options.is_empty());

    let mut expected = short.clone();
    let late = receipt("R", "HEL", 1, "2026-03-28T10:00:00Z");
    expected.receipts = vec![ScheduledReceipt { item: id("laser-unit"), ..late }];
    let claims = |answer: &Answer| answer.options[0].claims.clone();
    let waits = |claim: &Claim| matches!(claim, Claim::Receipt { .. });
    assert!(claims(&answer(&net, &expected, &request)).iter().any(waits));

    let mut bought = short;
    bought.party_offers = vec![PartyOffer { lead_working_days: 0, ..offer("ACME", "laser-unit", &["DE"]) }];
    let asks = |claim: &Claim| matches!(claim, Claim::Party { .. });
    assert!(claims(&answer(&net, &bought, &request)).iter().any(asks));
}

#[test]
fn items_that_stand_in_for_each_other_share_their_stock() {
    let mut world = world(items(), vec![stock("pump", "HAM", 1), stock("pump2", "MUC", 1)]);
    let both = |item: &str, substitute: &str| Substitute {
        item: id(item),
        substitute: id(substitute),
        approval: Approval::NotNeeded,
        fits: Vec::new(),
    };
    world.substitutes = vec![both("pump", "pump2"), both("pump2", "pump")];
    let mut request = ask("pump", 1);
    if let Need::Items { lines, .. } = &mut request.need {
        *lines = vec![line("pump", 1), line("pump2", 1)];
    }
    let found = answer(&compiled(), &world, &request);
    assert_eq!((found.options[0].kind, found.options[0].cost_minor), (SolutionKind::Split, 3_000));
    world.stock.pop();
    assert_eq!(answer(&compiled(), &world, &request).options, []);
    world.stock[0].available = 2;
    assert_eq!(answer(&compiled(), &world, &request).options[0].kind, SolutionKind::Substitute);
}

#[test]
fn what_was_asked_for_may_stand_in_when_something_else_stands_in_for_it() {
    let mut world = world(items(), vec![stock("pump", "HAM", 1), stock("hose", "HAM", 1)]);
    let stands_in = |item: &str, substitute: &str| Substitute {
        item: id(item),
        substitute: id(substitute),
        approval: Approval::NotNeeded,
        fits: Vec::new(),
    };
    // A set becomes the pump, and the pump that was asked for too becomes the hose.
    world.substitutes = vec![stands_in("set", "pump"), stands_in("pump", "hose")];
    let mut request = ask("set", 1);
    if let Need::Items { lines, .. } = &mut request.need {
        lines.push(line("pump", 1));
    }
    let answer = answer(&compiled(), &world, &request);
    assert_eq!((answer.options[0].kind, answer.options[0].cost_minor), (SolutionKind::Substitute, 1_000));
}

#[test]
fn kits_that_contain_each_other_or_themselves_lead_nowhere() {
    let mut world = world(items(), vec![stock("hose", "SHOP", 10)]);
    let of = |name: &str, part: &str| Kit { kit: id(name), parts: vec![line(part, 1)], ..kit() };
    world.kits = vec![of("set", "pump"), of("pump", "set"), of("set", "set")];
    assert_eq!(answer(&compiled(), &world, &ask("set", 1)).options, []);
    world.kits.push(of("set", "hose"));
    assert_eq!(answer(&compiled(), &world, &ask("set", 1)).options[0].kind, SolutionKind::Kit);
}

#[test]
fn absurd_records_are_survived() {
    let mut world = world(
        items(),
        vec![stock("pump", "HAM", i64::MAX), stock("pump", "MUC", i64::MIN), stock("hose", "NOWHERE", 5)],
    );
    world.receipts = vec![
        ScheduledReceipt { late_probability: f64::NAN, ..receipt("NAN", "HAM", 5, "2026-06-05T00:00:00Z") },
        ScheduledReceipt { late_probability: 1.0, ..receipt("SURE", "HAM", 5, "2026-06-05T00:00:00Z") },
        receipt("NOWHERE", "NOWHERE", i64::MAX, "2026-06-05T00:00:00Z"),
        receipt("ZERO", "HAM", 0, "2026-06-05T00:00:00Z"),
        receipt("NEVER", "MUC", i64::MAX, "9999-01-01T00:00:00Z"),
    ];
    world.kits = vec![
        Kit { parts: Vec::new(), ..kit() },
        Kit { work_minutes: i64::MAX, cost_minor: i64::MAX, ..kit() },
        Kit { work_minutes: -5, cost_minor: -5, sites: vec![id("NOWHERE")], ..kit() },
        Kit { parts: vec![line("pump", 1_000_000_000), line("pump", 1_000_000_000)], ..kit() },
    ];
    let mut late = offer("LATE", "set", &[]);
    late.lead_working_days = i32::MAX;
    let mut gift = offer("GIFT", "set", &[]);
    (gift.price_minor, gift.answer_minutes) = (i64::MIN, i64::MIN);
    let mut dear = offer("DEAR", "set", &[]);
    (dear.price_minor, dear.lead_working_days) = (i64::MAX, i32::MIN);
    world.party_offers = vec![late, gift, dear];
    for (name, units) in [("set", 1), ("pump", 1_000_000_000), ("set", 1_000_000_000), ("hose", 3)] {
        answer(&compiled(), &world, &ask(name, units));
    }
}

/// A world with some of everything.
pub(crate) fn anything() -> impl Strategy<Value = World> {
    let levels = prop::collection::vec((0..3usize, 0..4usize, 0..4i64), 0..6);
    let receipts = prop::collection::vec((0..4usize, 1..4i64, 1..200i64), 0..3);
    (levels, receipts, any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
        |(levels, receipts, kits, offers, substitutes)| {
            let (names, sites) = (["pump", "hose", "set"], ["LAB", "HAM", "MUC", "SHOP"]);
            // One record for each item and warehouse.
            let mut by_place = std::collections::BTreeMap::new();
            for (name, site, units) in levels {
                by_place.insert((name, site), units);
            }
            let levels = by_place.iter().map(|((n, s), units)| stock(names[*n], sites[*s], *units)).collect();
            let mut world = world(items(), levels);
            for (index, (site, units, hours)) in receipts.into_iter().enumerate() {
                let expected = at("2026-06-02T09:00:00Z") + jiff::SignedDuration::from_hours(hours);
                let name = format!("R{index}");
                let known = receipt(&name, sites[site], units, "2026-06-03T00:00:00Z");
                world.receipts.push(ScheduledReceipt { expected, ..known });
            }
            if kits {
                world.kits = vec![kit()];
            }
            if offers {
                world.party_offers = vec![offer("ACME", "pump", &[]), offer("ACME", "set", &["DE"])];
            }
            if substitutes {
                world.substitutes = vec![Substitute {
                    item: id("set"),
                    substitute: id("pump"),
                    approval: Approval::NotNeeded,
                    fits: Vec::new(),
                }];
            }
            world
        },
    )
}

/// The earliest arrival, and the least cost, of what is offered.
fn bests(net: &Compiled, world: &World, request: &Request) -> (jiff::Timestamp, i64) {
    let answer = answer(net, world, request);
    let arrival = answer.options.iter().filter_map(|option| option.arrival).min();
    let cost = answer.options.iter().map(|option| option.cost_minor).min();
    (arrival.unwrap_or(jiff::Timestamp::MAX), cost.unwrap_or(i64::MAX))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(192) })]
    #[test]
    fn another_unit_receipt_or_party_never_makes_the_best_answer_worse(
        before in anything(),
        (name, site) in (0..3usize, 0..4usize),
        units in 1..4i64,
        others in prop::collection::vec(1..3i64, 0..3),
    ) {
        let net = compiled();
        let mut request = ask(["pump", "hose", "set"][name], units);
        if let Need::Items { lines, .. } = &mut request.need {
            lines.extend(others.iter().zip(["set", "pump"]).map(|(units, name)| line(name, *units)));
        }
        let known = bests(&net, &before, &request);
        let sites = ["LAB", "HAM", "MUC", "SHOP"];
        let mut more = before.clone();
        match more.stock.iter_mut().find(|level| level.warehouse == id(sites[site])) {
            Some(level) => level.available += 1,
            None => more.stock.push(stock("pump", sites[site], 1)),
        }
        let mut expected = before.clone();
        expected.receipts.push(receipt("MORE", sites[site], 2, "2026-06-03T07:00:00Z"));
        let mut offered = before;
        offered.party_offers.push(offer("OTHER", "pump", &[]));
        for world in [more, expected, offered] {
            let now = bests(&net, &world, &request);
            prop_assert!(now.0 <= known.0 && now.1 <= known.1, "{:?} {:?}", known, now);
        }
    }

    #[test]
    fn the_order_of_records_does_not_matter(world in anything(), units in 1..4i64) {
        let net = compiled();
        let mut request = ask("set", units);
        if let Need::Items { lines, .. } = &mut request.need {
            lines.push(line("pump", 1));
        }
        let mut turned = world.clone();
        turned.items.reverse();
        turned.stock.reverse();
        turned.receipts.reverse();
        turned.kits.reverse();
        turned.party_offers.reverse();
        turned.substitutes.reverse();
        let (a, b) = (answer(&net, &world, &request), answer(&net, &turned, &request));
        prop_assert_eq!(serde_json::to_string(&a).unwrap(), serde_json::to_string(&b).unwrap());
    }
}
