//! Sourcing against other methods.

use meridian_assignment::sourcing::{Offer, SourcingError, source};
use proptest::prelude::*;
use proptest::test_runner::Config;

fn any_day(orders: usize) -> impl Strategy<Value = (Vec<usize>, Vec<Vec<Offer>>)> {
    let offer = (0..4_usize, -20..200_i64).prop_map(|(warehouse, cost)| Offer { warehouse, cost });
    let orders = prop::collection::vec(prop::collection::vec(offer, 0..4), 0..=orders);
    (prop::collection::vec(0..5_usize, 4), orders)
}

/// Orders served and cost of the best way, by trying everything.
fn best(room: &mut [usize], orders: &[Vec<Offer>]) -> (i64, i64) {
    let Some((offers, rest)) = orders.split_first() else { return (0, 0) };
    let mut found = best(room, rest);
    for offer in offers {
        if room[offer.warehouse] > 0 {
            room[offer.warehouse] -= 1;
            let (unserved, cost) = best(room, rest);
            room[offer.warehouse] += 1;
            found = found.min((unserved - 1, cost + offer.cost));
        }
    }
    found
}

/// The same by HiGHS, as a linear programme.
#[cfg(feature = "highs")]
fn by_linear_programme(capacities: &[usize], orders: &[Vec<Offer>]) -> (usize, i64) {
    const SERVING_IS_WORTH: i64 = 100_000;
    let mut problem = highs::ColProblem::new();
    let room: Vec<_> = capacities.iter().map(|&it| problem.add_row(..=it as f64)).collect();
    for offers in orders {
        let once = problem.add_row(..=1.0);
        for offer in offers {
            let cost = (offer.cost - SERVING_IS_WORTH) as f64;
            problem.add_column(cost, 0.0..=1.0, [(room[offer.warehouse], 1.0), (once, 1.0)]);
        }
    }
    let mut model = problem.optimise(highs::Sense::Minimise);
    model.make_quiet();
    let solution = model.solve().get_solution();
    let used = orders.iter().flatten().zip(solution.columns()).filter(|(_, x)| **x > 0.5);
    used.fold((0, 0), |(served, cost), (offer, _)| (served + 1, cost + offer.cost))
}

fn consistent(capacities: &[usize], orders: &[Vec<Offer>]) -> Result<(usize, i64), TestCaseError> {
    let found = source(capacities, orders).unwrap();
    let mut cost = 0;
    let mut room = capacities.to_vec();
    for (offers, warehouse) in orders.iter().zip(&found.warehouse_of) {
        let Some(warehouse) = *warehouse else { continue };
        let here = offers.iter().filter(|it| it.warehouse == warehouse).map(|it| it.cost);
        cost += here.min().expect("only offers are used");
        prop_assert!(room[warehouse] > 0, "capacity exceeded");
        room[warehouse] -= 1;
    }
    prop_assert_eq!(found.served, found.warehouse_of.iter().flatten().count());
    prop_assert_eq!(found.cost, cost);
    Ok((found.served, found.cost))
}

proptest! {
    #![proptest_config(Config { cases: 1_000, failure_persistence: None, ..Config::default() })]

    #[test]
    fn small_days_are_sourced_as_by_trying_everything((capacities, orders) in any_day(7)) {
        let (unserved, cost) = best(&mut capacities.clone(), &orders);
        prop_assert_eq!(consistent(&capacities, &orders)?, ((-unserved) as usize, cost));
    }

    #[cfg(feature = "highs")]
    #[test]
    fn larger_days_are_sourced_as_by_linear_programming((capacities, orders) in any_day(60)) {
        prop_assert_eq!(consistent(&capacities, &orders)?, by_linear_programme(&capacities, &orders));
    }

    #[test]
    fn more_capacity_never_serves_fewer_nor_as_many_for_more(
        (mut capacities, orders) in any_day(30),
        which in 0..4_usize,
    ) {
        let before = source(&capacities, &orders).unwrap();
        capacities[which] += 1;
        let after = source(&capacities, &orders).unwrap();
        prop_assert!((-(after.served as i64), after.cost) <= (-(before.served as i64), before.cost));
    }
}

#[test]
fn unknown_warehouses_and_costs_beyond_64_bits_are_refused() {
    let offer = |warehouse, cost| vec![vec![Offer { warehouse, cost }]];
    let unknown = SourcingError::UnknownWarehouse { order: 0, warehouse: 1, warehouses: 1 };
    assert_eq!(source(&[1], &offer(1, 0)), Err(unknown));
    for cost in [i64::MIN, i64::MAX] {
        assert!(matches!(source(&[1], &offer(0, cost)), Err(SourcingError::CostsTooLarge { .. })));
    }
}

#[test]
fn a_dearer_plan_that_serves_one_more_wins() {
    let offer = |warehouse, cost| Offer { warehouse, cost };
    let orders = [vec![offer(0, 1), offer(1, 1_000_000)], vec![offer(0, 2)]];
    let found = source(&[1, 1], &orders).unwrap();
    assert_eq!((found.served, found.cost), (2, 1_000_002));
    assert_eq!(found.warehouse_of, [Some(1), Some(0)]);
}
