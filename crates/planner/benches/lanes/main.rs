//! The search over lanes: how quick it is, what it is compared with, and what a compiled network weighs.
//!
//! Run with `cargo bench -p meridian-planner --bench lanes`. Needs the OpenFlights files in
//! `$MERIDIAN_DATA/openflights` (else in `../shared/data/openflights` beside the workspace) and skips itself
//! without them. Prints processor time, medians of three runs over the same random queries: five sources each,
//! which start within the first week; horizon 28 days; four criteria, exact. Legs are not limited, as in the
//! product, except where it says so; the prototype that the goals come from took at most 4. The anchor is the
//! textbook algorithm of `baseline.rs` on the same tables in the same run; its fronts must be the same.
#![expect(clippy::print_stdout, reason = "prints its table")]

mod baseline;
mod openflights;
mod random;

use std::sync::Arc;
use std::time::Duration;

use jiff::ToSpan;
use meridian_planner::model::Network;
use meridian_planner::{Compiled, Freight, Search, Start};
use meridian_types::SiteId;

use baseline::{Baseline, Point, minute};
use openflights::{OpenFlights, horizon};
use random::Random;

const FREIGHT: Freight = Freight { weight_g: 1_000, dangerous_goods: false, cold_chain: false };
const RUNS: usize = 3;
const SOURCES: usize = 5;

fn main() {
    let Some(data) = OpenFlights::read() else {
        println!("SKIPPED: no OpenFlights files; set MERIDIAN_DATA to the folder that holds openflights/");
        return;
    };
    let (hubs, world) = (data.hubs(40), data.world());
    println!(
        "{SOURCES} sources, 4 criteria, exact; microseconds of processor time, medians of {RUNS} runs\n"
    );
    println!("{:32}{:>9}{:>9}{:>9}{:>9}", "", "p50", "p95", "p99", "max");
    searches("40 hubs", &hubs, None, 1_000);
    compare(&hubs, 200);
    searches("world", &world, Some(4), 200);
    searches("world", &world, None, 200);
    compare(&world, 5);
    println!("\ncompiled tables of the world");
    for days in [14, 28, 56] {
        weight(&world, days);
    }
    recompile(world);
}

/// Processor time of this thread: what else runs on the machine does not count, as the clock on the wall would.
struct Cpu(Duration);

impl Cpu {
    fn now() -> Self {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        Self(Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0)))
    }

    fn elapsed(&self) -> Duration {
        Self::now().0.saturating_sub(self.0)
    }
}

struct Query {
    starts: Vec<Start>,
    to: SiteId,
}

fn queries(network: &Network, count: usize) -> Vec<Query> {
    let mut random = Random(7);
    let sites = network.sites.len() as i64;
    let site = |random: &mut Random| {
        network.sites[usize::try_from(random.between(0, sites - 1)).unwrap_or(0)].id.clone()
    };
    let mut query = || {
        let to = site(&mut random);
        let mut starts = Vec::new();
        while starts.len() < SOURCES {
            let from = site(&mut random);
            if from != to {
                let at = horizon(28).start.checked_add(random.between(0, 7 * 1440 - 1).minutes());
                let at = at.expect("within the range of instants");
                let cost_minor = random.between(0, 2_000);
                starts.push(Start { site: from, at, cost_minor, co2_g: 0, risk_micro: 0 });
            }
        }
        Query { starts, to }
    };
    (0..count).map(|_| query()).collect()
}

/// What was measured and found, query by query.
#[derive(Default)]
struct Run {
    times: Vec<f64>,
    bounds: Vec<f64>,
    fronts: Vec<usize>,
    settled: Vec<usize>,
    legs: Vec<usize>,
}

fn run(compiled: &Compiled, queries: &[Query], legs_max: Option<u32>) -> Run {
    let search = Search::new(compiled);
    let mut search = match legs_max {
        Some(legs_max) => search.with_legs_max(legs_max),
        None => search,
    };
    let mut run = Run::default();
    for query in queries {
        let started = Cpu::now();
        search.prepare(FREIGHT, &query.to);
        run.bounds.push(started.elapsed().as_secs_f64() * 1e6);
        let started = Cpu::now();
        let ways = std::hint::black_box(search.fronts(FREIGHT, &query.starts, &query.to));
        run.times.push(started.elapsed().as_secs_f64() * 1e6);
        run.fronts.push(ways.len());
        run.settled.push(search.settled());
        run.legs.extend(ways.iter().map(|way| way.lanes.len()));
    }
    run
}

/// Sorts; the value at a share of the way from the least to the greatest.
fn quantile(mut values: Vec<f64>, share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index")]
    let index = (share * (values.len() - 1) as f64).round() as usize;
    values[index]
}

/// For each query the median over the runs: what an interruption does to one of them does not count.
fn medians(runs: &[Run], times: fn(&Run) -> &[f64]) -> Vec<f64> {
    let of = |query: usize| quantile(runs.iter().map(|run| times(run)[query]).collect(), 0.5);
    (0..times(&runs[0]).len()).map(of).collect()
}

fn row(name: &str, values: &[f64]) {
    print!("{name:32}");
    for share in [0.5, 0.95, 0.99, 1.0] {
        print!("{:>9.0}", quantile(values.to_vec(), share));
    }
    println!();
}

fn searches(name: &str, network: &Network, legs_max: Option<u32>, count: usize) {
    let compiled = Compiled::compile(network, horizon(28)).expect("a valid network");
    let queries = queries(network, count);
    let runs: Vec<Run> = (0..RUNS).map(|_| run(&compiled, &queries, legs_max)).collect();
    let legs = legs_max.map_or("any number of".to_owned(), |legs_max| format!("at most {legs_max}"));
    println!("{name}, {} lanes, {legs} legs, {count} queries", network.lanes.len());
    row("  search", &medians(&runs, |run| &run.times));
    row(
        "  lower bounds of a new target",
        &runs[0].bounds.iter().copied().filter(|time| *time > 5.0).collect::<Vec<_>>(),
    );
    let count = |values: &[usize]| values.iter().map(|value| *value as f64).collect::<Vec<_>>();
    row("  front", &count(&runs[0].fronts));
    row("  settled", &count(&runs[0].settled));
    row("  legs", &count(&runs[0].legs));
}

/// The textbook on some of the queries: how long it takes, and that it finds the same.
fn compare(network: &Network, count: usize) {
    let compiled = Compiled::compile(network, horizon(28)).expect("a valid network");
    let queries = queries(network, count);
    let baseline = Baseline::new(network, &compiled);
    let mut search = Search::new(&compiled);
    let (mut ratios, mut different) = (Vec::new(), 0);
    for query in &queries {
        search.prepare(FREIGHT, &query.to);
        let started = Cpu::now();
        let ways = search.fronts(FREIGHT, &query.starts, &query.to);
        let time = started.elapsed();
        let started = Cpu::now();
        let mut front = baseline.front(&query.starts, &query.to);
        ratios.push(started.elapsed().as_secs_f64() / time.as_secs_f64());
        let point = |way: &meridian_planner::Way| -> Point {
            (minute(way.arrival), way.cost_minor, way.co2_g, way.risk_micro)
        };
        let mut found: Vec<Point> = ways.iter().map(point).collect();
        found.sort_unstable();
        front.sort_unstable();
        different += usize::from(found != front);
    }
    let (median, least) = (quantile(ratios.clone(), 0.5), quantile(ratios, 0.0));
    println!(
        "  textbook, {count} queries: takes {median:.0} times as long (median; least {least:.1}); {different} fronts differ"
    );
}

fn weight(network: &Network, days: i64) {
    let started = Cpu::now();
    let compiled = Compiled::compile(network, horizon(days)).expect("a valid network");
    let time = started.elapsed();
    let size = compiled.size();
    println!(
        "  {days} days: {:>8} departures {:>6.1} MB, {:.1} bytes per departure; compiled in {:.0} ms",
        size.departures,
        size.bytes as f64 / 1e6,
        size.bytes as f64 / size.departures as f64,
        time.as_secs_f64() * 1e3
    );
}

/// One lane changes: compiling what that touches against compiling everything.
fn recompile(mut network: Network) {
    let before = Compiled::compile(&network, horizon(28)).expect("a valid network");
    let middle = network.lanes.len() / 2;
    network.lanes[middle].not_on.push(horizon(28).start.to_zoned(jiff::tz::TimeZone::UTC).date());
    let network = Arc::new(network);
    let mut times: Vec<(Duration, Duration)> = (0..RUNS)
        .map(|_| {
            let started = Cpu::now();
            std::hint::black_box(Compiled::compile(&network, horizon(28)).expect("a valid network"));
            let full = started.elapsed();
            let started = Cpu::now();
            std::hint::black_box(before.recompiled(&network).expect("a valid network"));
            (started.elapsed(), full)
        })
        .collect();
    times.sort_unstable();
    let (part, full) = times[RUNS / 2];
    println!(
        "\none lane changed, 28 days: {:.1} ms against {:.0} ms for everything, {:.0} times as quick",
        part.as_secs_f64() * 1e3,
        full.as_secs_f64() * 1e3,
        full.as_secs_f64() / part.as_secs_f64()
    );
}
