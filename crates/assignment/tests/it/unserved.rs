//! Who gets a sole unit, and what the others hear.

use meridian_assignment::{
    Batch, Commitment, Holder, Outcome, Priority, Protection, Resource, Standing, exact, greedy,
};

use meridian_planner::model::StockLevel;

use crate::batches::{case, choice, engineer, hold, loaner, loaners, request, stock, units};

fn both(batch: &Batch) -> [Outcome; 2] {
    [greedy(batch).unwrap(), exact(batch, 60.0).unwrap()]
}

#[test]
fn a_more_urgent_request_never_loses_a_sole_unit_to_a_less_urgent_one() {
    let claims = [(units(0, 1), stock(0, 1))];
    for (claim, level) in claims {
        for costs in [[1, 1_000_000], [1_000_000, 1]] {
            let wants = |number, priority, cost| {
                request(number, priority, &[choice(cost, 90, std::slice::from_ref(&claim))])
            };
            let batch = Batch {
                stock: vec![level.clone()],
                requests: vec![
                    wants(1, Priority::Normal, costs[0]),
                    wants(2, Priority::High, costs[1]),
                    wants(3, Priority::Normal, 0),
                ],
                ..Batch::default()
            };
            for outcome in both(&batch) {
                assert_eq!(outcome.served.len(), 1);
                assert_eq!(outcome.served[0].case, case(2));
            }
        }
    }
}

#[test]
fn of_two_figures_of_a_pool_the_newer_counts_and_not_their_sum() {
    let wants = |number| request(number, Priority::Normal, &[choice(1, 0, &[units(0, 1)])]);
    let older = stock(0, 5);
    let newer = StockLevel { version: older.version + 1, ..stock(0, 1) };
    for levels in [[older.clone(), newer.clone()], [newer, older]] {
        let batch = Batch { stock: levels.to_vec(), requests: vec![wants(1), wants(2)], ..Batch::default() };
        for outcome in both(&batch) {
            assert_eq!(outcome.served.len(), 1);
        }
    }
}

#[test]
fn who_has_no_other_way_gets_the_unit_and_who_has_one_uses_it() {
    let far = choice(900, 0, &[units(1, 1)]);
    let near = choice(100, 0, &[units(0, 1)]);
    let batch = Batch {
        stock: vec![stock(0, 1), stock(1, 1)],
        requests: vec![
            request(1, Priority::Normal, &[near.clone(), far]),
            request(2, Priority::Normal, &[near]),
        ],
        ..Batch::default()
    };
    for outcome in both(&batch) {
        assert!(outcome.unserved.is_empty());
        assert_eq!(outcome.total.cost_minor, 1_000);
    }
}

#[test]
fn the_refusal_names_what_was_scarce_who_got_it_and_how_much_more_it_takes() {
    let batch = Batch {
        stock: vec![stock(0, 3)],
        requests: vec![
            request(1, Priority::Critical, &[choice(0, 0, &[units(0, 2)])]),
            request(2, Priority::Normal, &[choice(0, 0, &[units(0, 3)])]),
        ],
        ..Batch::default()
    };
    for outcome in both(&batch) {
        let [left] = outcome.unserved.as_slice() else { panic!("{outcome:?}") };
        let [lack] = left.lacks.as_slice() else { panic!("{outcome:?}") };
        assert_eq!((left.case, left.choice, lack.units), (case(2), Some(0), 2));
        assert!(matches!(&lack.resource, Resource::Stock { .. }));
        assert_eq!(lack.holders, [Holder { case: case(1), standing: Standing::AssignedNow }]);
    }
}

#[test]
fn an_engineer_is_in_one_place_at_a_time_and_visits_that_touch_do_not_overlap() {
    let visit =
        |number, from, to| request(number, Priority::Normal, &[choice(0, 0, &[engineer(1, from, to)])]);
    let batch = Batch {
        requests: vec![visit(1, 8, 10), visit(2, 10, 12), visit(3, 9, 11), visit(4, 12, 13)],
        ..Batch::default()
    };
    for outcome in both(&batch) {
        let served: Vec<_> = outcome.served.iter().map(|it| it.case).collect();
        assert_eq!(served, [case(1), case(2), case(4)]);
        assert_eq!(outcome.unserved[0].lacks[0].holders.len(), 2);
    }
}

#[test]
fn a_loaner_that_is_out_is_named_with_what_protects_it() {
    let mut out = hold(9, Priority::Normal, choice(0, 0, &[loaner()]), &[]);
    out.commitment = Commitment::InTransit;
    let batch = Batch {
        loaners: vec![loaners(0)],
        requests: vec![request(1, Priority::Critical, &[choice(0, 0, &[loaner()])])],
        holds: vec![out],
        ..Batch::default()
    };
    for outcome in both(&batch) {
        let standing = Standing::Protected(Protection::InTransit);
        assert_eq!(outcome.unserved[0].lacks[0].holders, [Holder { case: case(9), standing }]);
    }
}

#[test]
fn a_request_without_choices_is_unserved_and_lacks_nothing() {
    let batch = Batch { requests: vec![request(1, Priority::Critical, &[])], ..Batch::default() };
    for outcome in both(&batch) {
        assert_eq!(outcome.unserved[0].choice, None);
    }
}
