//! The checker finds whatever is changed in a plan that was right.

use meridian_scheduler::teams::{Fault, Plan, Problem, Team, Work, check};

use super::fixture::known;

fn team(day: u32, technicians: &[u32], works: &[(u32, i32, i32)]) -> Team {
    let work = |&(job, begin_min, end_min): &_| Work { job, begin_min, end_min };
    Team { day, technicians: technicians.to_vec(), works: works.iter().map(work).collect() }
}

/// Everything on the second day: two do the first job and one of them what comes after it, the third the long one.
fn right() -> Plan {
    let teams = vec![team(1, &[0, 1], &[(0, 10, 14), (1, 14, 17)]), team(1, &[2], &[(3, 10, 17)])];
    Plan { teams, outsourced: vec![2], cost: 4 * 17, rounds: 0 }
}

fn tampered(change: impl FnOnce(&mut Problem, &mut Plan)) -> Fault {
    let (mut problem, mut plan) = (known(), right());
    assert_eq!(check(&problem, &plan), Ok(()));
    change(&mut problem, &mut plan);
    check(&problem, &plan).unwrap_err()
}

fn what(fault: &Fault) -> &'static str {
    match fault {
        Fault::Time { what, .. } | Fault::Technician { what, .. } => what,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_team_of_nobody_or_for_nothing_is_found() {
    let nobody = tampered(|_, plan| plan.teams[1].technicians.clear());
    assert_eq!(nobody, Fault::Empty { team: 1 });
    let nothing = tampered(|_, plan| plan.teams.push(team(0, &[0], &[])));
    assert_eq!(nothing, Fault::Empty { team: 2 });
}

#[test]
fn somebody_who_is_away_or_unknown_or_in_two_teams_is_found() {
    let away = tampered(|problem, _| problem.technicians[2].away = vec![1]);
    assert_eq!(
        (what(&away), &away),
        ("is away", &Fault::Technician { technician: 2, day: 1, what: "is away" })
    );
    assert_eq!(what(&tampered(|_, plan| plan.teams[0].technicians.push(2))), "is in two teams");
    assert_eq!(what(&tampered(|_, plan| plan.teams[0].technicians.push(3))), "is nobody");
}

#[test]
fn a_job_that_is_lost_or_done_twice_or_unknown_is_found() {
    let lost = tampered(|_, plan| plan.outsourced.clear());
    assert_eq!(lost, Fault::NotOnce { job: 2, times: 0 });
    let twice = tampered(|_, plan| plan.outsourced.push(3));
    assert_eq!(twice, Fault::NotOnce { job: 3, times: 2 });
    let unknown = tampered(|_, plan| plan.outsourced.push(4));
    assert_eq!(unknown, Fault::NotOnce { job: 4, times: 0 });
}

#[test]
fn times_that_cannot_be_are_found() {
    let day = "is not within the day of its team";
    assert_eq!(
        what(&tampered(|_, plan| plan.teams[1].works[0] = Work { job: 3, begin_min: 9, end_min: 16 })),
        day
    );
    assert_eq!(
        what(&tampered(|_, plan| plan.teams[1].works[0] = Work { job: 3, begin_min: 14, end_min: 21 })),
        day
    );
    let both = tampered(|_, plan| plan.teams[0].works[1] = Work { job: 1, begin_min: 13, end_min: 16 });
    assert_eq!(what(&both), "begins before its team is free");
    assert_eq!(what(&tampered(|_, plan| plan.teams[1].works[0].end_min = 16)), "takes another time");
}

#[test]
fn what_begins_too_early_or_comes_after_what_others_do_is_found() {
    let early = "begins before what comes before it has ended";
    assert_eq!(what(&tampered(|problem, _| problem.jobs[3].after = vec![0])), early);
    assert_eq!(what(&tampered(|problem, _| problem.jobs[3].after = vec![2])), early);
}

#[test]
fn a_team_without_the_skills_is_found() {
    let few = tampered(|problem, _| problem.jobs[0].needs[0].level = 2);
    assert_eq!(few, Fault::Unskilled { job: 0, need: 0, found: 1 });
}

#[test]
fn what_costs_more_than_it_may_or_than_is_said_is_found() {
    assert_eq!(tampered(|problem, _| problem.outsourcing_budget = 4), Fault::Budget { found: 5 });
    assert_eq!(tampered(|_, plan| plan.cost -= 1), Fault::Cost { told: 67, found: 68 });
}
