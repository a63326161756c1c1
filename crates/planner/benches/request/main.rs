//! How long a whole request takes: all kinds of solutions, explanations, relaxations and checks.
//!
//! `cargo bench -p meridian-planner --bench request` solves 400 seeded requests of a fictitious company of 30 sites
//! on real places, and prints p50, p95 and p99 of the processor time of one call of `solve`, each request's the median
//! of 3. It fails when the checker refuses a solution. The anchor is `bare fronts`: the same requests in the same run,
//! reduced to one multi-source search per line from all sources to the destination; the ratio says what everything
//! around the search costs. A number after `--` asks for that many requests.
#![expect(clippy::unwrap_used, reason = "what a benchmark takes for granted stops it when it does not hold")]
#![expect(clippy::print_stdout, reason = "its result")]

mod company;
mod geography;
mod requests;
mod world;

use std::collections::BTreeMap;
use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use meridian_planner::model::{Need, Request, World};
use meridian_planner::{Compiled, Freight, Start, fronts, solve};

/// The same as in the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Requests, unless asked otherwise.
const REQUESTS: usize = 400;
/// Runs over all requests.
const RUNS: usize = 3;

fn main() -> ExitCode {
    let asked = std::env::args().find_map(|argument| argument.parse().ok());
    let network = company::network();
    let started = Instant::now();
    let net = Compiled::compile(&network, company::horizon()).unwrap();
    println!(
        "{} sites, {} lanes, compiled in {:?}",
        network.sites.len(),
        network.lanes.len(),
        started.elapsed()
    );
    let world = world::world(&network);
    let requests = requests::requests(&network, asked.unwrap_or(REQUESTS));
    let defects = tell_answers(&net, &world, &requests);
    let whole = times(&requests, |request| drop(black_box(solve(&net, &world, request))));
    let bare = times(&requests, |request| search(&net, &world, request));
    tell("solve", &whole);
    tell("bare fronts", &bare);
    let total = |times: &[Duration]| times.iter().sum::<Duration>().as_secs_f64();
    println!("solve / bare fronts: {:.1}", total(&whole) / total(&bare));
    if defects == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// How long each request takes: the median of its runs, which are apart from each other.
fn times(requests: &[Request], one: impl Fn(&Request)) -> Vec<Duration> {
    let mut times = vec![Vec::new(); requests.len()];
    for _ in 0..RUNS {
        for (request, times) in requests.iter().zip(&mut times) {
            let started = processor_time();
            one(request);
            times.push(processor_time().saturating_sub(started));
        }
    }
    let median = |mut times: Vec<Duration>| {
        times.sort();
        times[times.len() / 2]
    };
    times.into_iter().map(median).collect()
}

/// What this thread has used so far: what others do on the machine disturbs it least.
fn processor_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// One search per line from all sources to the destination.
fn search(net: &Compiled, world: &World, request: &Request) {
    let (lines, to) = match &request.need {
        Need::Items { lines, destination, .. } => (lines.as_slice(), destination),
        Need::Repair { model, site, .. } => {
            let task = world.repair_tasks.iter().find(|task| task.model == *model);
            (task.map_or(&[][..], |task| &task.parts), site)
        }
    };
    for line in lines {
        let facts = world.items.iter().find(|facts| facts.item == line.item).unwrap();
        let weight_g = facts.weight_g * line.quantity.units();
        let (dangerous_goods, cold_chain) = (facts.dangerous_goods, facts.cold_chain);
        let sources = world.stock.iter().filter(|level| level.item == line.item);
        let starts: Vec<Start> = sources
            .map(|level| Start {
                site: level.warehouse.clone(),
                at: request.now,
                cost_minor: 0,
                co2_g: 0,
                risk_micro: 0,
            })
            .collect();
        black_box(fronts(net, Freight { weight_g, dangerous_goods, cold_chain }, &starts, to));
    }
}

/// What the requests come to, so that nobody is impressed by quick answers that say nothing; the number of defects.
fn tell_answers(net: &Compiled, world: &World, requests: &[Request]) -> usize {
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    let (mut late, mut refused, mut alone, mut pairs, mut defects) = (0, 0, 0, 0, 0);
    for request in requests {
        let answer = solve(net, world, request);
        late += usize::from(answer.earliest.is_some());
        refused += answer.refused.len();
        for defect in &answer.defects {
            println!("defect: {:?}: {} ({request:?})", defect.solution.kind, defect.faults.join("; "));
        }
        defects += answer.defects.len();
        for option in &answer.options {
            *kinds.entry(format!("{:?}", option.kind)).or_default() += 1;
        }
        for relaxation in answer.refused.iter().flat_map(|refusal| &refusal.relaxations) {
            if relaxation.changes.len() == 1 { alone += 1 } else { pairs += 1 }
        }
    }
    println!("{} requests, {late} of them with nothing in time; options by kind: {kinds:?}", requests.len());
    println!("{refused} refusals with {alone} single changes and {pairs} pairs; {defects} defects");
    defects
}

fn tell(name: &str, times: &[Duration]) {
    let mut times = times.to_vec();
    times.sort();
    let percentile = |percent: usize| times[(times.len() * percent / 100).min(times.len() - 1)];
    println!("{name}: p50 {:?}, p95 {:?}, p99 {:?}", percentile(50), percentile(95), percentile(99));
}
