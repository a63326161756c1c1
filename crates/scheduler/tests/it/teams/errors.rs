//! Bad input is an error that names field, value and rule.

use meridian_scheduler::teams::{Need, Problem, plan};

use super::fixture::known;

fn assert_refused(change: impl FnOnce(&mut Problem), field: &str, value: &str) {
    let mut problem = known();
    change(&mut problem);
    let error = plan(&problem, 1, |_| 1.0).unwrap_err();
    assert_eq!((error.field.as_str(), error.value.as_str()), (field, value), "{error}");
    assert!(error.to_string().contains(error.rule), "{error}");
}

#[test]
fn what_leads_nowhere_is_refused() {
    assert_refused(|problem| problem.technicians[1].levels.push(1), "technicians[1].levels", "2");
    assert_refused(|problem| problem.technicians[1].levels[0] = 3, "technicians[1].levels[0]", "3");
    assert_refused(|problem| problem.jobs[3].priority = 1, "jobs[3].priority", "1");
    assert_refused(|problem| problem.jobs[1].after[0] = 4, "jobs[1].after[0]", "4");
    let need = |domain, level| vec![Need { domain, level, technicians: 1 }];
    assert_refused(|problem| problem.jobs[3].needs = need(1, 1), "jobs[3].needs[0].domain", "1");
    assert_refused(|problem| problem.jobs[3].needs = need(0, 0), "jobs[3].needs[0].level", "0");
    assert_refused(|problem| problem.jobs[3].needs = need(0, 3), "jobs[3].needs[0].level", "3");
}

#[test]
fn jobs_in_a_circle_are_refused() {
    assert_refused(|problem| problem.jobs[0].after = vec![1], "jobs[0].after", "a circle");
    assert_refused(|problem| problem.jobs[3].after = vec![3], "jobs[3].after", "a circle");
}

#[test]
fn amounts_that_are_negative_or_overflow_are_refused() {
    assert_refused(|problem| problem.day_min = 0, "day_min", "0");
    assert_refused(|problem| problem.day_min = 10_001, "day_min", "10001");
    assert_refused(|problem| problem.jobs[2].duration_min = 0, "jobs[2].duration_min", "0");
    assert_refused(|problem| problem.jobs[2].outsourcing_cost = -1, "jobs[2].outsourcing_cost", "-1");
    assert_refused(|problem| problem.outsourcing_budget = -1, "outsourcing_budget", "-1");
    assert_refused(|problem| problem.whole_cost = -1, "whole_cost", "-1");
    let most = i64::MAX.to_string();
    assert_refused(|problem| problem.priority_costs[0] = i64::MAX, "priority_costs[0]", &most);
    assert_refused(|problem| problem.technicians[0].away = vec![10_000], "technicians[0].away[0]", "10000");
    assert_refused(|problem| problem.levels = 2_000_000, "domains times levels", "2000000");
    let many = vec![known().jobs[3].clone(); 10_001];
    assert_refused(|problem| problem.jobs = many, "jobs", "10001");
}

#[test]
fn what_nobody_can_do_and_is_too_dear_to_outsource_is_refused() {
    assert_refused(
        |problem| problem.jobs[0].needs[0].technicians = 4,
        "jobs[0].needs",
        "[0] asks for 4 of 3",
    );
    assert_refused(|problem| problem.jobs[3].duration_min = 11, "jobs[3].duration_min", "11");
    assert_refused(|problem| problem.technicians.clear(), "jobs[0].needs", "somebody");
    let after = |problem: &mut Problem| {
        problem.jobs[0].needs[0].technicians = 4;
        problem.outsourcing_budget = 100;
    };
    assert_refused(after, "jobs[1].after", "what nobody can do");
}
