//! Interventions that take teams with mixed skills, formed day by day; the ROADEF challenge of 2007. What counts is when
//! the last intervention of each priority ends.

use std::path::Path;

use meridian_scheduler::teams::{Job, Need, Problem, Technician, check, plan};

use crate::{best_known, mean, median, processor_time};

/// Priorities by what each minute costs until the last of them has ended.
const PRIORITY_COSTS: [i64; 4] = [28, 14, 4, 0];
/// Minutes of a day.
const DAY_MIN: i32 = 120;

pub(crate) fn run(data: &Path, budget_s: f64, only: &[String]) {
    let folder = data.join("roadef2007_ttsp");
    let mut gaps = Vec::new();
    for (name, best) in best_known(&folder.join("best_known.csv"), "best_known_cost") {
        if only.is_empty() || only.contains(&name) {
            let problem = read(&folder.join("datas/datasetA").join(&name));
            let run = |seed| {
                let started = processor_time();
                let spent = |_: &_| (processor_time() - started).as_secs_f64() / budget_s;
                let found = plan(&problem, seed, spent).unwrap();
                check(&problem, &found).unwrap();
                #[expect(clippy::cast_precision_loss, reason = "to compare with published values")]
                let value = found.cost as f64;
                (value, found.rounds)
            };
            gaps.push(median(&name, best, run));
        }
    }
    println!("{} instances, {budget_s} s each: mean gap {:.3} %", gaps.len(), mean(&gaps));
}

fn read(folder: &Path) -> Problem {
    let table = |name: &str| -> Vec<Row> {
        let text = std::fs::read_to_string(folder.join(name)).unwrap();
        text.lines().skip(1).filter(|line| !line.trim().is_empty()).map(row).collect()
    };
    let size = &table("instance")[0].numbers;
    let [domains, levels, technicians, jobs, budget] = size[..] else { panic!("{size:?}") };
    let problem = Problem {
        day_min: DAY_MIN,
        domains,
        levels,
        technicians: table("tech_list").into_iter().map(technician).collect(),
        jobs: table("interv_list").into_iter().map(|row| job(row, levels)).collect(),
        priority_costs: PRIORITY_COSTS.to_vec(),
        whole_cost: 1,
        outsourcing_budget: budget.into(),
    };
    assert_eq!((problem.technicians.len(), problem.jobs.len()), (technicians as usize, jobs as usize));
    problem
}

/// Numbers of a line without the name before them, and those in brackets, which count from 1.
struct Row {
    numbers: Vec<u32>,
    listed: Vec<u32>,
}

fn row(line: &str) -> Row {
    let (before, rest) = line.split_once('[').unwrap_or((line, "]"));
    let (listed, after) = rest.split_once(']').unwrap();
    let numbers = |text: &str| -> Vec<u32> {
        text.split_whitespace()
            .skip_while(|word| word.parse::<u32>().is_err())
            .map(|word| word.parse().unwrap())
            .collect()
    };
    Row {
        numbers: [numbers(before), numbers(after)].concat(),
        listed: numbers(listed).iter().map(|one| one - 1).collect(),
    }
}

fn technician(row: Row) -> Technician {
    Technician { levels: row.numbers[1..].to_vec(), away: row.listed }
}

fn job(row: Row, levels: u32) -> Job {
    let [_, duration, priority, cost, needs @ ..] = &row.numbers[..] else { panic!("{:?}", row.numbers) };
    let need = |(index, technicians): (u32, &u32)| Need {
        domain: index / levels,
        level: index % levels + 1,
        technicians: *technicians,
    };
    Job {
        duration_min: i32::try_from(*duration).unwrap(),
        after: row.listed,
        priority: priority - 1,
        needs: (0..).zip(needs).map(need).filter(|need| need.technicians > 0).collect(),
        outsourcing_cost: (*cost).into(),
    }
}
