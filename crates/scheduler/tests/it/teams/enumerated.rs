//! The search against writing every plan out.

use meridian_scheduler::teams::{Problem, check};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::fixture::{planned, problem};

proptest! {
    // The same cases in each run: the search is a heuristic, and a miss has to be looked into rather than run again.
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::with_cases(100)
    })]
    #[test]
    fn small_problems_are_planned_as_well_as_by_writing_everything_out(
        problem in (1..5_usize, 1..4_usize).prop_flat_map(|(jobs, technicians)| problem(jobs, technicians)),
    ) {
        let found = planned(&problem, 1, 3_000);
        prop_assert_eq!(check(&problem, &found), Ok(()));
        prop_assert_eq!(found.cost, least_cost(&problem), "{:?}", found);
    }
}

/// Teams of a day: who is in each, and when it has done everything so far.
type Day = Vec<(Vec<u32>, i32)>;

/// What the best plan costs: every order of the jobs, each as early as it can be in every team of every day, whatever
/// teams are formed.
fn least_cost(problem: &Problem) -> i64 {
    let away = problem.technicians.iter().flat_map(|one| &one.away).max().map_or(0, |day| day + 1);
    let days = away as usize + problem.jobs.len();
    let mut walk =
        Walk { problem, days: vec![None; days], ends: vec![None; problem.jobs.len()], least: i64::MAX };
    walk.on(0);
    walk.least
}

struct Walk<'p> {
    problem: &'p Problem,
    days: Vec<Option<Day>>,
    /// When each job ends, 0 for those that are outsourced; none for those that wait.
    ends: Vec<Option<i32>>,
    least: i64,
}

impl Walk<'_> {
    fn cost(&self) -> i64 {
        let last = |priority: Option<u32>| {
            let jobs = self.problem.jobs.iter().zip(&self.ends);
            let ends = jobs.filter(|(job, _)| priority.is_none_or(|of| job.priority == of));
            i64::from(ends.filter_map(|(_, end)| *end).max().unwrap_or(0))
        };
        let of_priorities = (0..).zip(&self.problem.priority_costs);
        of_priorities.map(|(priority, cost)| cost * last(Some(priority))).sum::<i64>()
            + self.problem.whole_cost * last(None)
    }

    fn on(&mut self, outsourcing: i64) {
        if self.cost() >= self.least {
            return;
        }
        if self.ends.iter().all(Option::is_some) {
            self.least = self.cost();
            return;
        }
        let problem = self.problem;
        for (job, record) in problem.jobs.iter().enumerate() {
            let before = || record.after.iter().map(|before| self.ends[*before as usize]);
            if self.ends[job].is_some() || before().any(|end| end.is_none()) {
                continue;
            }
            let (earliest, leaderless) =
                (before().flatten().max().unwrap_or(0), before().any(|end| end == Some(0)));
            if outsourcing + record.outsourcing_cost <= problem.outsourcing_budget {
                self.ends[job] = Some(0);
                self.on(outsourcing + record.outsourcing_cost);
                self.ends[job] = None;
            }
            if !leaderless {
                for day in 0..self.days.len() {
                    self.on_day(job, day, earliest, outsourcing);
                }
            }
        }
    }

    fn on_day(&mut self, job: usize, day: usize, earliest: i32, outsourcing: i64) {
        let record = &self.problem.jobs[job];
        let opens = i32::try_from(day).unwrap() * self.problem.day_min;
        let before = self.days[day].clone();
        let ways = before.clone().map_or_else(|| self.partitions(day), |day| vec![day]);
        for teams in ways {
            for team in 0..teams.len() {
                let end = teams[team].1.max(earliest).max(opens) + record.duration_min;
                let meets = record.needs.iter().all(|need| {
                    let can = |one: &&u32| {
                        self.problem.technicians[**one as usize].levels[need.domain as usize] >= need.level
                    };
                    teams[team].0.iter().filter(can).count() >= need.technicians as usize
                });
                if !meets || end > opens + self.problem.day_min {
                    continue;
                }
                let mut then = teams.clone();
                then[team].1 = end;
                self.days[day] = Some(then);
                self.ends[job] = Some(end);
                self.on(outsourcing);
                self.ends[job] = None;
            }
        }
        self.days[day] = before;
    }

    /// Every way in which those who are there form teams.
    fn partitions(&self, day: usize) -> Vec<Day> {
        let mut ways: Vec<Day> = vec![vec![]];
        for (index, one) in (0..).zip(&self.problem.technicians) {
            if one.away.iter().any(|away| *away as usize == day) {
                continue;
            }
            let mut more = Vec::new();
            for way in ways {
                for team in 0..=way.len() {
                    let mut way = way.clone();
                    match way.get_mut(team) {
                        Some(team) => team.0.push(index),
                        None => way.push((vec![index], 0)),
                    }
                    more.push(way);
                }
            }
            ways = more;
        }
        ways
    }
}
