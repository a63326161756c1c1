//! The checker objects to every solution that is not exactly what the records allow.

use jiff::SignedDuration;
use meridian_planner::model::{
    Action, Approval, Claim, Request, Solution, SolutionKind, Step, Subject, Substitute, WaitCause, World,
};
use meridian_planner::{Compiled, check};
use meridian_types::Quantity;

use crate::company::{answer, id, stock, world};
use crate::sourcing::{ask, compiled, items, kind_of, kit, offer, receipt};

/// A correct solution of each kind, with what it was made from.
fn solutions() -> Vec<(Compiled, World, Request, Solution)> {
    let mut found = Vec::new();
    let mut add = |kind, world: World, request: Request| {
        let net = compiled();
        let answer = answer(&net, &world, &request);
        let solution = kind_of(&answer, kind).unwrap_or_else(|| panic!("no {kind:?}")).clone();
        found.push((net, world, request, solution));
    };
    let levels = || vec![stock("pump", "HAM", 2), stock("pump", "MUC", 1), stock("hose", "SHOP", 4)];
    add(SolutionKind::Split, world(items(), levels()), ask("pump", 3));
    let mut expected = world(items(), levels());
    expected.receipts = vec![receipt("R1", "HAM", 2, "2026-06-03T10:00:00Z")];
    add(SolutionKind::WaitForSupply, expected, ask("pump", 4));
    let mut kits = world(items(), levels());
    kits.kits = vec![kit()];
    add(SolutionKind::Kit, kits, ask("set", 2));
    let mut bought = world(items(), levels());
    bought.party_offers = vec![offer("ACME", "pump", &["DE"])];
    add(SolutionKind::ThirdParty, bought, ask("pump", 5));
    let mut instead = world(items(), levels());
    instead.items[0].unit_value_minor = 50;
    instead.substitutes = vec![Substitute {
        item: id("pump2"),
        substitute: id("pump"),
        approval: Approval::Granted,
        fits: Vec::new(),
    }];
    add(SolutionKind::Substitute, instead, ask("pump2", 1));
    found
}

/// Asserts that `change` to any solution it applies to is refused, and that it applies to some.
fn refused(what: &str, change: impl Fn(&mut Solution, usize) -> bool) {
    let mut applied = 0;
    for (net, world, request, solution) in solutions() {
        for index in 0..solution.steps.len().max(solution.claims.len()) {
            let mut tampered = solution.clone();
            if change(&mut tampered, index) {
                applied += 1;
                let verdict = check(&net, &world, &request, &tampered);
                assert!(verdict.is_err(), "{what}, {:?} at {index}: {tampered:#?}", solution.kind);
            }
        }
    }
    assert!(applied > 0, "{what} applies to nothing");
}

fn more(quantity: &mut Quantity) {
    *quantity = Quantity::new(quantity.units() + 1).unwrap();
}

fn step(solution: &mut Solution, index: usize) -> Option<&mut Step> {
    solution.steps.get_mut(index)
}

#[test]
fn every_solution_is_right_as_it_is() {
    for (net, world, request, solution) in solutions() {
        assert_eq!(check(&net, &world, &request, &solution), Ok(()));
    }
}

#[test]
fn totals_that_are_off_are_refused() {
    let minute = SignedDuration::from_mins(1);
    refused("a minute earlier", |solution, index| {
        solution.arrival = solution.arrival.map(|arrival| arrival - minute);
        index == 0
    });
    refused("cheaper", |solution, index| {
        solution.cost_minor -= 1;
        index == 0
    });
    refused("greener", |solution, index| {
        solution.co2_g -= 1;
        index == 0
    });
    refused("safer", |solution, index| {
        solution.risk -= 0.01;
        index == 0
    });
    refused("likely there a minute earlier", |solution, index| {
        solution.likely_by = solution.likely_by.map(|by| by - minute);
        index == 0 && solution.likely_by.is_some()
    });
}

#[test]
fn claims_that_are_missing_larger_smaller_or_elsewhere_are_refused() {
    refused("a claim less", |solution, index| {
        let there = index < solution.claims.len();
        if there {
            solution.claims.remove(index);
        }
        there
    });
    refused("a larger claim", |solution, index| match solution.claims.get_mut(index) {
        Some(Claim::Stock { quantity, .. } | Claim::Receipt { quantity, .. }) => {
            more(quantity);
            true
        }
        _ => false,
    });
    refused("another warehouse", |solution, index| match solution.claims.get_mut(index) {
        Some(Claim::Stock { warehouse, .. } | Claim::Receipt { warehouse, .. }) => {
            *warehouse = id("LAB");
            true
        }
        _ => false,
    });
    refused("another owner", |solution, index| match solution.claims.get_mut(index) {
        Some(Claim::Stock { region, .. } | Claim::Receipt { region, .. }) => {
            *region = id("us");
            true
        }
        _ => false,
    });
    refused("a party asked too late", |solution, index| match solution.claims.get_mut(index) {
        Some(Claim::Party { answer_due, .. }) => {
            *answer_due -= SignedDuration::from_mins(30);
            true
        }
        _ => false,
    });
}

#[test]
fn steps_that_are_missing_elsewhere_or_too_early_are_refused() {
    refused("a step less", |solution, index| {
        let needed = step(solution, index).is_some_and(|step| !matches!(step.action, Action::Wait { .. }));
        if needed {
            solution.steps.remove(index);
        }
        needed
    });
    refused("picked elsewhere", |solution, index| match step(solution, index).map(|step| &mut step.action) {
        Some(Action::Pick { site }) => {
            *site = id("LAB");
            true
        }
        _ => false,
    });
    refused("a day earlier", |solution, index| {
        let day = SignedDuration::from_hours(24);
        let Some(step) = step(solution, index) else { return false };
        let waits =
            matches!(step.action, Action::Wait { cause: WaitCause::SiteOpens | WaitCause::Departure, .. });
        (step.start, step.end) = (step.start - day, step.end - day);
        !waits
    });
    refused("a departure moved", |solution, index| match step(solution, index) {
        Some(step) if matches!(step.action, Action::Move { .. }) => {
            let minute = SignedDuration::from_mins(1);
            (step.start, step.end) = (step.start - minute, step.end - minute);
            true
        }
        _ => false,
    });
}

#[test]
fn goods_that_become_more_or_something_else_are_refused() {
    refused("more in a consignment", |solution, index| {
        let subject = step(solution, index).map(|step| step.subject.clone());
        let Some(Subject::Goods { .. }) = subject else { return false };
        for step in solution.steps.iter_mut().filter(|step| Some(&step.subject) == subject.as_ref()) {
            if let Subject::Goods { lines, .. } = &mut step.subject {
                more(&mut lines[0].quantity);
            }
        }
        true
    });
    refused("another item", |solution, index| {
        let Some(Subject::Goods { .. }) = step(solution, index).map(|step| step.subject.clone()) else {
            return false;
        };
        for step in &mut solution.steps {
            if let Subject::Goods { lines, .. } = &mut step.subject {
                lines[0].item = id("set");
            }
        }
        solution.kind != SolutionKind::Kit
    });
}

#[test]
fn assemblies_without_time_parts_or_place_are_refused() {
    let of = |solution: &mut Solution, index: usize, change: &dyn Fn(&mut Step)| match step(solution, index) {
        Some(step) if matches!(step.action, Action::Assemble { .. }) => {
            change(step);
            true
        }
        _ => false,
    };
    refused("less time", |solution, index| {
        of(solution, index, &|step| step.start += SignedDuration::from_mins(1))
    });
    refused("before its parts", |solution, index| {
        of(solution, index, &|step| step.start -= SignedDuration::from_mins(1))
    });
    refused("fewer parts", |solution, index| {
        of(solution, index, &|step| {
            if let Action::Assemble { parts, .. } = &mut step.action {
                parts.pop();
            }
        })
    });
    refused("without one of its consignments", |solution, index| {
        of(solution, index, &|step| {
            if let Action::Assemble { consignments, .. } = &mut step.action {
                consignments.pop();
            }
        })
    });
    refused("from a consignment that is not there", |solution, index| {
        of(solution, index, &|step| {
            if let Action::Assemble { consignments, .. } = &mut step.action {
                consignments[0] += 100;
            }
        })
    });
    refused("elsewhere", |solution, index| {
        of(solution, index, &|step| {
            if let Action::Assemble { site, .. } = &mut step.action {
                *site = id("HAM");
            }
        })
    });
    refused("more kits", |solution, index| {
        of(solution, index, &|step| {
            if let Action::Assemble { kit, .. } = &mut step.action {
                more(&mut kit.quantity);
            }
        })
    });
}

#[test]
fn parties_that_are_early_or_unknown_are_refused() {
    refused("another party", |solution, index| match step(solution, index).map(|step| &mut step.action) {
        Some(Action::Outsource { party, .. }) => {
            *party = id("NOBODY");
            true
        }
        _ => false,
    });
    refused("a minute early", |solution, index| match step(solution, index) {
        Some(step) if matches!(step.action, Action::Outsource { .. }) => {
            step.end -= SignedDuration::from_mins(1);
            true
        }
        _ => false,
    });
}
