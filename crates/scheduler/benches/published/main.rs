//! How far schedules are from the best that is published for instances that others have worked on.
//!
//! `cargo bench -p meridian-scheduler --bench published -- pillac 10` gives each instance 10 seconds of one thread's
//! processor time with each of 3 seeds and prints the median gap to the best known value, and the mean of all; every
//! schedule is checked. Sets: `pillac` (technicians with skills, tools and parts, a depot; the working time counts) and
//! `solomon` (vehicles with a capacity; the distance counts), `dynamic` (the days of `pillac`, on which a part of the
//! requests becomes known late: each time the rest of the day is planned for so many seconds), `disturbed` (schedules of `pillac` of
//! which some visits are disturbed: what stays, what it costs, how soon), `growth` (made-up regions of 100, 400 and 1,000
//! visits against ten times longer runs), `teams` (jobs that take several technicians at a time, in teams formed day by
//! day; what counts is when the last of each priority ends). Further words name the only instances to look at. It
//! skips where there is no data (`MERIDIAN_DATA`, or `../shared/data`).
#![expect(clippy::unwrap_used, reason = "what a benchmark takes for granted stops it when it does not hold")]
#![expect(clippy::print_stdout, reason = "its result")]

mod disturbed;
mod dynamic;
mod growth;
mod pillac;
mod solomon;
mod teams;

use std::path::{Path, PathBuf};
use std::time::Duration;

use meridian_scheduler::{Instance, Schedule, check, schedule};

/// Units of the published values are divided into so many.
const UNIT: f64 = 1_000.0;
/// Seeds of each instance.
const SEEDS: [u64; 3] = [1, 2, 3];

/// An instance with the best value that is known for it.
struct Published {
    name: String,
    instance: Instance,
    best: f64,
}

fn main() {
    let mut words = std::env::args().skip(1).filter(|word| !word.starts_with("--"));
    let set = words.next().unwrap_or_else(|| "pillac".to_owned());
    let budget_s: f64 = words.next().map_or(1.0, |word| word.parse().unwrap());
    let only: Vec<String> = words.collect();
    if set == "growth" {
        return growth::run(budget_s);
    }
    let Some(data) = data() else {
        println!("SKIPPED: no data; set MERIDIAN_DATA to the folder with {set}");
        return;
    };
    let read = match set.as_str() {
        "disturbed" => return disturbed::run(&data, budget_s, &only),
        "dynamic" => return dynamic::run(&data, budget_s, &only),
        "pillac" => pillac::read,
        "solomon" => solomon::read,
        "teams" => return teams::run(&data, budget_s, &only),
        _ => panic!("{set} is none of pillac, solomon, dynamic, disturbed, teams and growth"),
    };
    let mut gaps = Vec::new();
    for published in read(&data) {
        if only.is_empty() || only.iter().any(|name| published.name.starts_with(name)) {
            gaps.push(tell(&published, budget_s));
        }
    }
    println!("{} instances, {budget_s} s each: mean gap {:.3} %", gaps.len(), mean(&gaps));
}

/// The median gap of one instance, in per cent.
fn tell(published: &Published, budget_s: f64) -> f64 {
    let run = |seed: u64| {
        let found = run(&published.instance, seed, budget_s);
        check(&published.instance, &found).unwrap();
        assert!(found.absent.is_empty(), "{}: {:?} are left out", published.name, found.absent);
        #[expect(clippy::cast_precision_loss, reason = "to compare with published values")]
        let value = found.cost as f64 / UNIT;
        (value, found.rounds)
    };
    median(&published.name, published.best, run)
}

/// The median gap of what a run with each seed comes to, with its rounds, in per cent.
fn median(name: &str, best: f64, run: impl FnMut(u64) -> (f64, u64)) -> f64 {
    let mut found = SEEDS.map(run);
    found.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (value, rounds) = found[SEEDS.len() / 2];
    let gap = (value / best - 1.0) * 100.0;
    println!("{name:20} {value:10.2}  best {best:10.2}  {gap:6.2} %  {rounds} rounds");
    gap
}

fn run(instance: &Instance, seed: u64, budget_s: f64) -> Schedule {
    let started = processor_time();
    let spent = |_: &_| (processor_time() - started).as_secs_f64() / budget_s;
    schedule(instance, &[], seed, spent).unwrap()
}

/// What this thread has used so far: what others do on the machine disturbs it least.
fn processor_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap())
}

fn mean(values: &[f64]) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a count")]
    let count = values.len() as f64;
    values.iter().sum::<f64>() / count
}

fn data() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let data = std::env::var_os("MERIDIAN_DATA").map_or(beside, PathBuf::from);
    data.is_dir().then_some(data)
}

/// Names of instances with one of the values of their rows, from a table with a heading.
fn best_known(file: &Path, column: &str) -> Vec<(String, f64)> {
    let text = std::fs::read_to_string(file).unwrap();
    let mut rows = text.lines().map(|row| row.split(',').collect::<Vec<_>>());
    let heading = rows.next().unwrap();
    let column = heading.iter().position(|name| *name == column).unwrap();
    rows.map(|row| (row[0].to_owned(), row[column].parse().unwrap())).collect()
}

/// A published number in our units, rounded.
#[expect(clippy::cast_possible_truncation, reason = "they are small")]
fn units(number: f64) -> i32 {
    (number * UNIT).round() as i32
}

/// Straight ways between points, in our units, rounded up so that none is shorter than it is.
#[expect(clippy::cast_possible_truncation, reason = "they are small")]
fn straight(points: &[(f64, f64)]) -> Vec<i32> {
    let way = |a: &(f64, f64), b: &(f64, f64)| ((a.0 - b.0).hypot(a.1 - b.1) * UNIT).ceil() as i32;
    points.iter().flat_map(|a| points.iter().map(move |b| way(a, b))).collect()
}
