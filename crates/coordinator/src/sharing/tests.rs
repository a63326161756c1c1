use jiff::SignedDuration;
use meridian_assignment::Resource;
use meridian_planner::model::{LoanerPool, ScheduledReceipt, StockLevel};
use meridian_types::{IdSource, Interval, Quantity, ReceiptAt, SeededIds, SiteId};
use uuid::Uuid;

use super::*;
use crate::domain::{Awaited, StockClaim};
use crate::world::stock::Stock;

const NOW: Timestamp = Timestamp::constant(1_795_000_000, 0);

fn hours(hours: i64) -> Timestamp {
    NOW + SignedDuration::from_hours(hours)
}

fn case(number: u128) -> CaseId {
    CaseId::from_uuid(Uuid::from_u128(number))
}

fn site(name: &str) -> SiteId {
    name.parse().unwrap()
}

fn units(at: &str, units: i64) -> Claim {
    Claim::Stock {
        item: "PUMP".parse().unwrap(),
        quantity: Quantity::new(units).unwrap(),
        warehouse: site(at),
        region: "eu".parse().unwrap(),
    }
}

fn loaner() -> Claim {
    Claim::Loaner { model: "UV200".parse().unwrap(), warehouse: site("NEAR"), region: "eu".parse().unwrap() }
}

fn visit(region: &str, from: i64, to: i64) -> Claim {
    Claim::Engineer {
        engineer: "ENG-1".parse().unwrap(),
        during: Interval::new(hours(from), hours(to)).unwrap(),
        site: site("LAB"),
        region: region.parse().unwrap(),
    }
}

fn way(arrives_in_hours: i64, cost_minor: i64, claim: Claim) -> Way {
    Way { arrival: hours(arrives_in_hours), cost_minor, claims: vec![claim] }
}

fn stock(levels: &[(&str, i64)], lent: i64) -> Stock {
    let level = |(at, available): &(&str, i64)| StockLevel {
        item: "PUMP".parse().unwrap(),
        warehouse: site(at),
        available: *available,
        version: 1,
    };
    let pool = LoanerPool {
        model: "UV200".parse().unwrap(),
        warehouse: site("NEAR"),
        available: lent,
        loan_days: 0,
    };
    let lent_item = ((pool.model.clone(), pool.warehouse.clone()), "UNIT".parse().unwrap());
    Stock {
        levels: levels.iter().map(level).collect(),
        loaners: vec![pool],
        lent_items: [lent_item].into(),
        ..Stock::default()
    }
}

fn wish(number: u128, priority: Priority, ways: Vec<Way>) -> Wish {
    let supply = Supply::of(&stock(&[("NEAR", 1), ("FAR", 9)], 1));
    Wish { case: case(number), priority, due: Some(hours(4)), ways, supply }
}

fn held(item: &str, on_loan: bool) -> StockClaim {
    StockClaim {
        region: "eu".parse().unwrap(),
        warehouse: site("NEAR"),
        lines: vec![(item.parse().unwrap(), Quantity::ONE)],
        awaited: Vec::new(),
        kits: Vec::new(),
        sent: Vec::new(),
        stands_in: Vec::new(),
        on_loan,
        to_site: site("LAB"),
        to_region: None,
        departs: NOW,
        arrives: NOW,
        due_back: None,
    }
}

fn near_or_far(far_hours: i64) -> Vec<Way> {
    vec![way(3, 20, units("NEAR", 1)), way(far_hours, 300, units("FAR", 1))]
}

#[test]
fn the_last_unit_goes_to_the_most_urgent_and_the_others_get_their_next_best() {
    let wishes = [
        wish(1, Priority::Normal, near_or_far(24)),
        wish(2, Priority::Critical, near_or_far(24)),
        wish(3, Priority::High, near_or_far(24)),
    ];
    let shares = share(&wishes).unwrap();
    assert_eq!(shares[1], Share { ways: vec![0, 1], open: 2 });
    for index in [0, 2] {
        assert_eq!(shares[index], Share { ways: vec![1, 0], open: 1 }, "the unit of another is tried last");
    }
}

#[test]
fn of_equally_urgent_cases_the_last_unit_goes_to_the_one_that_would_be_later_without_it() {
    let wishes = [wish(1, Priority::Normal, near_or_far(20)), wish(2, Priority::Normal, near_or_far(60))];
    let shares = share(&wishes).unwrap();
    assert_eq!((shares[0].ways[0], shares[1].ways[0]), (1, 0));
}

#[test]
fn a_date_that_somebody_counts_on_matters_more_than_none() {
    let mut wishes = [wish(1, Priority::Normal, near_or_far(40)), wish(2, Priority::Normal, near_or_far(20))];
    wishes[0].due = None;
    let shares = share(&wishes).unwrap();
    assert_eq!((shares[0].ways[0], shares[1].ways[0]), (1, 0));
}

#[test]
fn who_meets_nobody_keeps_the_planners_first_even_when_a_later_one_is_cheaper_or_earlier() {
    let ways = vec![way(9, 500, units("FAR", 1)), way(3, 1, units("NEAR", 1))];
    let wishes = [wish(1, Priority::Normal, ways.clone()), wish(2, Priority::Normal, vec![ways[0].clone()])];
    let shares = share(&wishes).unwrap();
    assert_eq!(shares[0], Share { ways: vec![0, 1], open: 2 });
    assert_eq!(shares[1], Share { ways: vec![0], open: 1 });
}

#[test]
fn who_gets_nothing_has_nothing_open() {
    let near = || vec![way(3, 20, units("NEAR", 1))];
    let shares = share(&[wish(1, Priority::High, near()), wish(2, Priority::Normal, near())]).unwrap();
    assert_eq!((shares[0].open, shares[1].open), (1, 0));
    assert_eq!(shares[1].ways, [0]);
}

#[test]
fn an_engineer_is_shared_by_the_hour_and_is_somebody_else_in_another_region() {
    let one = |number, claim| wish(number, Priority::Normal, vec![way(3, 0, claim)]);
    let open = |claims: [Claim; 2]| {
        let [first, second] = claims;
        let shares = share(&[one(1, first), one(2, second)]).unwrap();
        shares.iter().filter(|share| share.open > 0).count()
    };
    assert_eq!(open([visit("eu", 1, 3), visit("eu", 2, 4)]), 1);
    assert_eq!(open([visit("eu", 1, 3), visit("eu", 3, 4)]), 2);
    assert_eq!(open([visit("eu", 1, 3), visit("us", 2, 4)]), 2);
}

#[test]
fn the_least_that_any_search_saw_is_what_there_is() {
    let mut older = wish(1, Priority::Normal, near_or_far(24));
    older.supply = Supply::of(&stock(&[("NEAR", 5)], 1));
    let (batch, _) = batch(&[older, wish(2, Priority::Normal, near_or_far(24))], Holdings::default());
    let near = batch.stock.iter().find(|level| level.warehouse == site("NEAR")).unwrap();
    assert_eq!((near.available, batch.stock.len()), (1, 2));
}

#[test]
fn what_a_case_holds_itself_is_free_to_it_and_to_nobody_else() {
    let supply = Supply::of(&stock(&[("NEAR", 1)], 1));
    let own = supply.held(&[held("PUMP", false), held("UNIT", true)]);
    assert_eq!(own.len(), 2);
    assert!(own.contains_key(&Resource::pool(&loaner()).unwrap().0));
    let (stock, _, loaners) = supply.without(&own).levels();
    assert_eq!((stock[0].available, loaners[0].available), (0, 0));
    assert_eq!(less_own(&[units("NEAR", 2), loaner()], &own), [units("NEAR", 1)]);
    assert_eq!(less_own(&[units("NEAR", 1), visit("eu", 1, 2)], &own), [visit("eu", 1, 2)]);
}

#[test]
fn what_is_still_to_come_is_held_of_its_receipt_and_not_of_the_shelf() {
    let (receipt, item) = ("PO-1".parse().unwrap(), "PUMP".parse().unwrap());
    let awaited = Awaited { receipt, item, quantity: Quantity::ONE, told_at: None, expected_at: None };
    let two = vec![("PUMP".parse().unwrap(), Quantity::new(2).unwrap())];
    let claim = StockClaim { lines: two, awaited: vec![awaited], ..held("PUMP", false) };
    let held = Supply::default().held(&[claim]);
    let receipt = Resource::Receipt(ReceiptAt { warehouse: site("NEAR"), receipt: "PO-1".parse().unwrap() });
    assert_eq!(held.values().sum::<i64>(), 2);
    assert_eq!(held[&receipt], 1);
}

#[test]
fn receipts_of_one_number_at_two_warehouses_are_two() {
    let expects = |at: &str| ScheduledReceipt {
        receipt: "PO-1".parse().unwrap(),
        item: "PUMP".parse().unwrap(),
        warehouse: site(at),
        available: 1,
        expected: hours(2),
        late_probability: 0.1,
    };
    let both = Stock { receipts: vec![expects("NEAR"), expects("FAR")], ..stock(&[], 0) };
    let of = |number, at: &str| {
        let claim = Claim::Receipt {
            receipt: "PO-1".parse().unwrap(),
            item: "PUMP".parse().unwrap(),
            quantity: Quantity::ONE,
            warehouse: site(at),
            region: "eu".parse().unwrap(),
        };
        let asked = wish(number, Priority::Normal, vec![way(3, 20, claim)]);
        Wish { supply: Supply::of(&both), ..asked }
    };
    let open = |wishes: &[Wish]| share(wishes).unwrap().iter().filter(|share| share.open > 0).count();
    assert_eq!(open(&[of(1, "NEAR"), of(2, "NEAR")]), 1, "each expects one unit");
    assert_eq!(open(&[of(1, "NEAR"), of(2, "FAR")]), 2);
}

#[test]
fn a_case_that_stands_twice_is_refused_rather_than_shared_with_itself() {
    let twice = [wish(1, Priority::Normal, near_or_far(24)), wish(1, Priority::Normal, near_or_far(24))];
    assert_eq!(share(&twice), Err(BatchError::Twice { case: case(1) }));
}

#[test]
fn extreme_figures_stay_within_what_the_assignment_takes() {
    let ids = SeededIds::new(3);
    let ways = vec![
        Way { arrival: Timestamp::MAX, cost_minor: i64::MAX, claims: vec![units("NEAR", 1)] },
        Way { arrival: Timestamp::MIN, cost_minor: i64::MIN, claims: vec![units("FAR", 1)] },
    ];
    let wishes = [0, 1].map(|_| Wish {
        case: CaseId::from_uuid(ids.uuid()),
        due: Some(Timestamp::MIN),
        ..wish(1, Priority::Critical, ways.clone())
    });
    let firsts: Vec<usize> = share(&wishes).unwrap().iter().map(|share| share.ways[0]).collect();
    assert_eq!(firsts.iter().sum::<usize>(), 1, "one unit is near");
}
