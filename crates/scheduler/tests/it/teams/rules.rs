//! Every plan keeps every rule, whatever the budget.

use meridian_scheduler::teams::{Job, Need, Problem, Technician, check, plan};
use proptest::prelude::*;

use super::fixture::{known, planned, problem};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]
    #[test]
    fn every_plan_keeps_every_rule_at_any_budget_and_the_same_seed_gives_the_same(
        problem in (0..30_usize, 1..9_usize).prop_flat_map(|(jobs, technicians)| problem(jobs, technicians)),
        seed in any::<u64>(),
        rounds in 0..300_u32,
    ) {
        let found = planned(&problem, seed, rounds);
        prop_assert_eq!(check(&problem, &found), Ok(()));
        prop_assert_eq!(&found, &planned(&problem, seed, rounds));
        let nothing_spent_on_it = planned(&problem, seed, 0);
        prop_assert_eq!(check(&problem, &nothing_spent_on_it), Ok(()));
        prop_assert!(found.cost <= nothing_spent_on_it.cost);
    }
}

#[test]
fn nothing_of_nothing_is_all_that_may_be_spent() {
    let found = plan(&known(), 1, |_| f64::NAN).unwrap();
    assert_eq!(check(&known(), &found), Ok(()));
}

#[test]
fn a_known_problem_is_planned_as_by_hand() {
    let problem = known();
    let found = planned(&problem, 1, 2_000);
    assert_eq!(check(&problem, &found), Ok(()));
    // The long one is outsourced. What is left takes more than one day of two people, 4 and 7 minutes together: either
    // the first two jobs or the last one end 7 minutes into the second day.
    assert_eq!(found.outsourced, [2]);
    assert_eq!(found.cost, 4 * 17);
}

#[test]
fn what_nobody_can_do_is_outsourced_with_all_that_comes_after_it() {
    let mut problem = known();
    problem.jobs[0].needs[0].technicians = 4;
    problem.outsourcing_budget = 200;
    let found = planned(&problem, 1, 100);
    assert_eq!(check(&problem, &found), Ok(()));
    assert!([0, 1].iter().all(|job| found.outsourced.contains(job)), "{:?}", found.outsourced);
}

#[test]
fn a_problem_without_jobs_has_a_plan_that_costs_nothing() {
    let problem = Problem { jobs: vec![], ..known() };
    let found = plan(&problem, 1, |_| 0.0).unwrap();
    assert_eq!((found.teams.len(), found.cost), (0, 0));
    assert_eq!(check(&problem, &found), Ok(()));
}

#[test]
fn when_everything_is_outsourced_nothing_is_left_to_search_for() {
    let problem = Problem { outsourcing_budget: 1_000, ..known() };
    let found = planned(&problem, 1, 500);
    assert_eq!((found.outsourced.as_slice(), found.cost), ([0, 1, 2, 3].as_slice(), 0));
}

#[test]
fn less_urgent_work_goes_first_when_that_is_cheaper() {
    let job = |duration_min, priority| Job {
        duration_min,
        after: vec![],
        priority,
        needs: vec![Need { domain: 0, level: 1, technicians: 1 }],
        outsourcing_cost: 0,
    };
    let mut jobs = vec![job(10, 0); 6];
    jobs.push(job(10, 1));
    let problem = Problem {
        day_min: 10,
        domains: 1,
        levels: 1,
        technicians: vec![Technician { levels: vec![1], away: vec![] }],
        jobs: jobs.into_iter().map(|job| Job { outsourcing_cost: 1, ..job }).collect(),
        priority_costs: vec![28, 14],
        whole_cost: 1,
        outsourcing_budget: 0,
    };
    let found = planned(&problem, 1, 1_000);
    assert_eq!(check(&problem, &found), Ok(()));
    assert_eq!(found.cost, 14 * 10 + 28 * 70 + 70);
}
