//! Sources, substitutes and combinations.

use meridian_planner::model::{
    Approval, Candidate, Change, Claim, Merit, Need, Network, Reason, RefusedHold, Request, SolutionKind,
    Subject, Substitute, Weekdays, World,
};
use meridian_planner::{Compiled, Horizon};

use crate::company::{Build, answer, at, empty, horizon, id, item, line, on_demand, stock, wants, world};

fn span() -> Horizon {
    horizon("2026-06-01T00:00:00Z", 20)
}

/// Three warehouses at different distances from a laboratory: near and dear, far and cheap, abroad.
fn network() -> Network {
    let mut net = empty();
    net.country("DE", Weekdays::SATURDAY_SUNDAY, &[]);
    net.country("FI", Weekdays::SATURDAY_SUNDAY, &[]);
    net.calendar("always", "Europe/Berlin", Weekdays::ALL, (0, 0), (24, 0), None);
    net.territory("EU", "always", 0);
    for (name, country) in [("LAB", "DE"), ("NEAR", "DE"), ("FAR", "DE"), ("HEL", "FI")] {
        net.site(name, country, "EU", "Europe/Berlin", "always");
    }
    net.lane("NEAR", "LAB", on_demand(60), 9_000);
    net.lane("FAR", "LAB", on_demand(600), 1_000);
    net.lane("HEL", "LAB", on_demand(900), 500);
    net
}

fn compiled() -> Compiled {
    Compiled::compile(&network(), span()).unwrap()
}

fn ask(lines: Vec<meridian_planner::model::Line>) -> Request {
    wants(lines, "LAB", at("2026-06-02T08:00:00Z"), Some(at("2026-06-03T08:00:00Z")))
}

fn two_items() -> World {
    world(
        vec![item("pump", 1_000), item("valve", 500)],
        vec![
            stock("pump", "NEAR", 1),
            stock("pump", "FAR", 1),
            stock("valve", "FAR", 1),
            stock("valve", "HEL", 5),
        ],
    )
}

#[test]
fn options_are_ranked_by_cost_among_those_in_time_and_say_what_distinguishes_them() {
    let world = world(
        vec![item("pump", 1_000)],
        vec![stock("pump", "NEAR", 1), stock("pump", "FAR", 1), stock("pump", "HEL", 1)],
    );
    let answer = answer(&compiled(), &world, &ask(vec![line("pump", 1)]));
    let kinds: Vec<_> = answer.options.iter().map(|option| (option.kind, option.cost_minor)).collect();
    assert_eq!(
        kinds,
        [(SolutionKind::Transfer, 500), (SolutionKind::LocalStock, 1_000), (SolutionKind::LocalStock, 9_000)]
    );
    assert!(answer.options[0].reason.merits.contains(&Merit::Cheapest));
    assert!(answer.options[2].reason.merits.contains(&Merit::Fastest));
    assert_eq!(answer.options[2].slack_minutes, Some(23 * 60));
    assert!(answer.refused.is_empty());
    assert_eq!(answer.earliest, None);
}

#[test]
fn lines_that_one_source_sends_together_are_not_sent_apart_for_more() {
    let answer = answer(&compiled(), &two_items(), &ask(vec![line("pump", 1), line("valve", 1)]));
    let warehouses = |claims: &[Claim]| -> Vec<String> {
        claims
            .iter()
            .map(|claim| match claim {
                Claim::Stock { warehouse, .. } => warehouse.to_string(),
                _ => String::new(),
            })
            .collect()
    };
    let options: Vec<_> =
        answer.options.iter().map(|option| (warehouses(&option.claims), option.cost_minor)).collect();
    // One consignment from FAR costs 1,000. Pump from FAR and valve from HEL would cost 1,500 and be later; pump
    // from NEAR is not there earlier than the valve.
    assert_eq!(options, [(vec!["FAR".to_owned(), "FAR".to_owned()], 1_000)]);
    let refused: Vec<_> = answer.refused.iter().map(|refusal| &refusal.candidate).collect();
    assert_eq!(refused, Vec::<&Candidate>::new());
}

#[test]
fn lines_of_one_item_are_added_up() {
    let answer = answer(&compiled(), &two_items(), &ask(vec![line("valve", 3), line("valve", 2)]));
    assert!(matches!(&answer.options[0].claims[0], Claim::Stock { quantity, .. } if quantity.units() == 5));
    let far = answer
        .refused
        .iter()
        .find(|refusal| refusal.candidate == Candidate::Source { site: id("FAR") })
        .unwrap();
    assert_eq!(far.reason, Reason::NoStock { item: Some(id("valve")), available: 1, needed: 5 });
}

fn with_substitute(approval: Approval, models: &[&str]) -> World {
    let mut world = world(
        vec![item("old", 1_000), item("new", 1_000)],
        vec![stock("new", "NEAR", 2), stock("old", "NEAR", 0)],
    );
    world.items[1].unit_value_minor = 700;
    world.substitutes = vec![
        Substitute {
            item: id("old"),
            substitute: id("new"),
            approval,
            fits: models
                .iter()
                .map(|model| meridian_planner::model::Fit { model: id(model), revisions: Vec::new() })
                .collect(),
        },
        // The other way round, and itself: neither leads anywhere.
        Substitute { item: id("new"), substitute: id("old"), approval, fits: Vec::new() },
        Substitute { item: id("old"), substitute: id("old"), approval, fits: Vec::new() },
    ];
    world
}

#[test]
fn a_substitute_costs_what_it_is_worth_more() {
    let answer = answer(&compiled(), &with_substitute(Approval::NotNeeded, &[]), &ask(vec![line("old", 2)]));
    let option = &answer.options[0];
    assert_eq!((option.kind, option.cost_minor), (SolutionKind::Substitute, 9_000 + 2 * 700));
    assert!(matches!(&option.steps[0].subject, Subject::Goods { lines, .. } if lines[0].item == id("new")));
    assert_eq!(answer.refused[0].reason, Reason::NoStock { item: Some(id("old")), available: 0, needed: 2 });
}

#[test]
fn a_substitute_that_needs_approval_is_refused_and_its_approval_offered() {
    let answer = answer(&compiled(), &with_substitute(Approval::Required, &[]), &ask(vec![line("old", 1)]));
    assert!(answer.options.is_empty());
    let substitute = Candidate::Substitute { item: id("old"), substitute: id("new"), site: id("NEAR") };
    let refusal = answer.refused.iter().find(|refusal| refusal.candidate == substitute).unwrap();
    assert_eq!(refusal.reason, Reason::NotApproved);
    let relaxation = refusal.relaxations.first().unwrap();
    assert_eq!(relaxation.changes[0], Change::ApproveSubstitute { substitute: id("new") });
    assert_eq!(relaxation.arrival_with_it, at("2026-06-02T09:00:00Z"));
    assert_eq!(answer.earliest.unwrap().relaxation.as_ref(), Some(relaxation));
}

#[test]
fn a_substitute_must_fit_the_instrument() {
    let mut request = ask(vec![line("old", 1)]);
    if let Need::Items { model, .. } = &mut request.need {
        *model = Some(id("M2"));
    }
    let world = with_substitute(Approval::NotNeeded, &["M1"]);
    let answer_m2 = answer(&compiled(), &world, &request);
    assert!(answer_m2.options.is_empty());
    assert!(
        answer_m2
            .refused
            .iter()
            .any(|refusal| refusal.reason == Reason::NotCompatible { model: id("M2"), revision: None })
    );
    if let Need::Items { model, .. } = &mut request.need {
        *model = Some(id("M1"));
    }
    assert_eq!(answer(&compiled(), &world, &request).options.len(), 1);
}

#[test]
fn a_refused_hold_leads_to_the_next_best() {
    let world = two_items();
    let mut request = ask(vec![line("pump", 1)]);
    assert_eq!(answer(&compiled(), &world, &request).options[0].cost_minor, 1_000);
    request.refused_holds.push(RefusedHold::Stock { item: id("pump"), warehouse: id("FAR") });
    let next = answer(&compiled(), &world, &request);
    assert_eq!(next.options[0].cost_minor, 9_000);
    assert_eq!(next.refused[0].reason, Reason::HoldRefused { item: Some(id("pump")) });
    request.excluded_sites.push(id("NEAR"));
    assert!(answer(&compiled(), &world, &request).options.is_empty());
}

#[test]
fn a_stored_decision_gives_the_same_answer_again() {
    let (network, world, request) = (network(), two_items(), ask(vec![line("pump", 1), line("valve", 1)]));
    let stored = serde_json::to_string(&(&network, &world, &request, span())).unwrap();
    let decided = serde_json::to_string(&answer(&compiled(), &world, &request)).unwrap();

    let (network, world, request, span): (Network, World, Request, Horizon) =
        serde_json::from_str(&stored).unwrap();
    let again = answer(&Compiled::compile(&network, span).unwrap(), &world, &request);
    assert_eq!(serde_json::to_string(&again).unwrap(), decided);
    let read: meridian_planner::model::Answer = serde_json::from_str(&decided).unwrap();
    assert_eq!(read, again);
}
