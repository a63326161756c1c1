//! The search over lanes: how quick it is, what it is compared with, and what a compiled network weighs.
//!
//! Run with `cargo bench -p meridian-planner --bench lanes`. Needs the OpenFlights files in
//! `$MERIDIAN_DATA/openflights` (else in `../shared/data/openflights` beside the workspace) and skips itself
//! without them. Prints medians of three runs over the same random queries: five sources each, which start within
//! the first week; horizon 28 days; four criteria, exact, any number of legs. The anchor is the textbook
//! algorithm of `baseline.rs` on the same tables in the same run; its fronts must be the same.
#![expect(clippy::print_stdout, reason = "prints its table")]

mod baseline;
mod openflights;
mod random;

use std::sync::Arc;
use std::time::{Duration, Instant};

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
    println!("search: {SOURCES} sources, 4 criteria, exact; microseconds, medians of {RUNS} runs");
    println!(
        "{:34}{:>9}{:>9}{:>9}{:>10}{:>8}{:>9}{:>7}",
        "", "p50", "p95", "p99", "max", "front", "settled", "legs"
    );
    searches("40 hubs", &data.hubs(40), 1_000, 200);
    let world = data.world();
    searches("world", &world, 200, 5);
    println!("\ncompiled tables of the world");
    for days in [14, 28, 56] {
        weight(&world, days);
    }
    recompile(world);
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

/// The times of one run, sorted, with what was found.
struct Run {
    times: Vec<Duration>,
    bounds: Vec<Duration>,
    fronts: Vec<usize>,
    settled: Vec<usize>,
    legs: Vec<usize>,
}

fn run(compiled: &Compiled, queries: &[Query]) -> Run {
    let mut search = Search::new(compiled);
    let mut run = Run { times: vec![], bounds: vec![], fronts: vec![], settled: vec![], legs: vec![] };
    for query in queries {
        let started = Instant::now();
        search.prepare(FREIGHT, &query.to);
        run.bounds.push(started.elapsed());
        let started = Instant::now();
        let ways = std::hint::black_box(search.fronts(FREIGHT, &query.starts, &query.to));
        run.times.push(started.elapsed());
        run.fronts.push(ways.len());
        run.settled.push(search.settled());
        run.legs.extend(ways.iter().map(|way| way.lanes.len()));
    }
    run.times.sort_unstable();
    run.bounds.sort_unstable();
    run.fronts.sort_unstable();
    run.settled.sort_unstable();
    run.legs.sort_unstable();
    run
}

fn quantile<T: Copy>(sorted: &[T], share: f64) -> T {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index")]
    let index = (share * (sorted.len() - 1) as f64).round() as usize;
    sorted[index]
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// The median over runs of a quantile of each.
fn over_runs(runs: &[Run], times: fn(&Run) -> &[Duration], share: f64) -> f64 {
    let mut values: Vec<f64> = runs.iter().map(|run| micros(quantile(times(run), share))).collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn searches(name: &str, network: &Network, count: usize, compared: usize) {
    let compiled = Compiled::compile(network, horizon(28)).expect("a valid network");
    let queries = queries(network, count);
    let runs: Vec<Run> = (0..RUNS).map(|_| run(&compiled, &queries)).collect();
    let name = format!("{name}, {} lanes", network.lanes.len());
    let of = |times, share| over_runs(&runs, times, share);
    let row = |name: &str, times: fn(&Run) -> &[Duration]| {
        print!("{name:34}{:>9.0}{:>9.0}", of(times, 0.5), of(times, 0.95));
        print!("{:>9.0}{:>10.0}", of(times, 0.99), of(times, 1.0));
    };
    row(&name, |run| &run.times);
    let found = &runs[0];
    println!("{:>8}{:>9}{:>7}", quantile(&found.fronts, 0.5), quantile(&found.settled, 0.5), quantile(&found.legs, 0.5));
    for share in [0.9, 0.95, 0.99, 1.0] {
    println!("{share} {:>8}{:>9}{:>7}", quantile(&found.fronts, share), quantile(&found.settled, share), quantile(&found.legs, share));
    }
    row("  lower bounds, once per target", |run| &run.bounds);
    println!("\n{:34}{:>75}", "", "");
    compare(network, &compiled, &queries[..compared]);
}

/// The textbook on some of the queries: how long it takes, and that it finds the same.
fn compare(network: &Network, compiled: &Compiled, queries: &[Query]) {
    let baseline = Baseline::new(network, compiled);
    let mut search = Search::new(compiled);
    let (mut ratios, mut different) = (Vec::new(), 0);
    for query in queries {
        search.prepare(FREIGHT, &query.to);
        let started = Instant::now();
        let ways = search.fronts(FREIGHT, &query.starts, &query.to);
        let time = started.elapsed();
        let started = Instant::now();
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
    ratios.sort_by(f64::total_cmp);
    println!(
        "  textbook, {} queries: takes {:.0} times as long (median; least {:.0}); {different} fronts differ",
        queries.len(),
        quantile(&ratios, 0.5),
        ratios[0]
    );
}

fn weight(network: &Network, days: i64) {
    let started = Instant::now();
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
            let started = Instant::now();
            std::hint::black_box(Compiled::compile(&network, horizon(28)).expect("a valid network"));
            let full = started.elapsed();
            let started = Instant::now();
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
