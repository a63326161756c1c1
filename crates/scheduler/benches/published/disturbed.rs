//! Published schedules of which 5 in 100 visits are disturbed: their parts come later than thought. How much of the rest
//! stays as it was when changes are charged, what that costs against planning everything anew, and how soon there is a
//! first answer.

use std::path::Path;
use std::time::Instant;

use meridian_scheduler::{Instance, Purpose, Schedule, Start, Tour, Window, check, schedule};

use crate::{SEEDS, mean, pillac, processor_time};

/// Of so many visits one is disturbed.
const DISTURBED_EVERY: usize = 20;
/// So much of its shift's time later a disturbed visit can begin.
const LATER_SHARE: i32 = 3;
/// A change of the engineer costs as much as so many hundredths of a visit on average.
const CHARGE_PERCENT: i64 = 30;

/// Prints what becomes of each instance, and the means.
pub(crate) fn run(data: &Path, budget_s: f64, only: &[String]) {
    let (mut kept, mut dearer, mut first_ms) = (Vec::new(), Vec::new(), Vec::new());
    for published in pillac::read(data) {
        if !only.is_empty() && !only.iter().any(|only| published.name.starts_with(only.as_str())) {
            continue;
        }
        let runs = SEEDS.map(|seed| disturb(&published.instance, seed, budget_s));
        let of = |value: fn(&Outcome) -> f64| median(runs.iter().map(value).collect());
        let (share, more, ms) =
            (of(|run| run.kept_percent), of(|run| run.dearer_percent), of(|run| run.first_ms));
        println!(
            "{:20} {share:6.1} % kept  {more:6.2} % dearer  first answer after {ms:.1} ms",
            published.name
        );
        kept.push(share);
        dearer.push(more);
        first_ms.push(ms);
    }
    println!(
        "{} instances, {budget_s} s each: {:.1} % of the undisturbed kept, {:.2} % dearer than planned anew, first answer after {:.1} ms, at most {:.1} ms",
        kept.len(),
        mean(&kept),
        mean(&dearer),
        mean(&first_ms),
        first_ms.iter().copied().fold(0.0, f64::max)
    );
}

struct Outcome {
    kept_percent: f64,
    dearer_percent: f64,
    first_ms: f64,
}

#[expect(clippy::cast_precision_loss, reason = "shares")]
fn disturb(base: &Instance, seed: u64, budget_s: f64) -> Outcome {
    let published = solve(base, &[], seed, budget_s);
    let (disturbed, instance) = disturbance(base, seed);
    let anew = solve(&instance, &[], seed + 100, budget_s);
    let mut charged = instance;
    let charge = published.cost / i64::try_from(base.visits.len()).unwrap() * CHARGE_PERCENT / 100;
    for (visit, shift) in shifts_of(base, &published).into_iter().enumerate() {
        for other in 0..base.shifts.len() {
            charged.fits[visit * base.shifts.len() + other].charge +=
                if shift == Some(other) { 0 } else { charge };
        }
    }
    let starts = starts(&published);
    let began = Instant::now();
    let mut first_ms = None;
    let began_processor = processor_time();
    let again = schedule(&charged, &starts, seed + 200, |progress| {
        if first_ms.is_none() && progress.absent == 0 {
            first_ms = Some(began.elapsed().as_secs_f64() * 1_000.0);
        }
        (processor_time() - began_processor).as_secs_f64() / budget_s
    });
    let again = again.unwrap();
    check(&charged, &again).unwrap();
    assert!(again.absent.is_empty(), "{:?} are left out", again.absent);
    let (before, after) = (shifts_of(base, &published), shifts_of(base, &again));
    let undisturbed = || (0..base.visits.len()).filter(|visit| !disturbed.contains(visit));
    let kept = undisturbed().filter(|visit| before[*visit] == after[*visit]).count();
    let changed = (0..base.visits.len()).filter(|visit| before[*visit] != after[*visit]).count();
    let cost = again.cost - charge * i64::try_from(changed).unwrap();
    Outcome {
        kept_percent: 100.0 * kept as f64 / undisturbed().count() as f64,
        dearer_percent: (cost as f64 / anew.cost as f64 - 1.0) * 100.0,
        first_ms: first_ms.unwrap_or(f64::INFINITY),
    }
}

/// Every so many visits, beginning with one drawn by lot, can only begin later: what it needs comes late.
fn disturbance(base: &Instance, seed: u64) -> (Vec<usize>, Instance) {
    let mut instance = base.clone();
    let first = usize::try_from(seed).unwrap() * 7 % DISTURBED_EVERY;
    let disturbed: Vec<usize> = (first..base.visits.len()).step_by(DISTURBED_EVERY).collect();
    for &visit in &disturbed {
        let end_s = base.shifts[0].window_s.1;
        let record = &mut instance.visits[visit];
        let Window { open_s, close_s, .. } = record.windows[0];
        let latest_s = base
            .shifts
            .iter()
            .map(|shift| base.way_s[record.place as usize * base.places + shift.to as usize])
            .max();
        let by_s = end_s - latest_s.unwrap() - base.fits[visit * base.shifts.len()].duration_s;
        let later_s = ((end_s - base.shifts[0].window_s.0) / LATER_SHARE).min(by_s - close_s).max(0);
        record.windows = vec![Window::within(open_s + later_s, close_s + later_s)];
    }
    (disturbed, instance)
}

fn solve(instance: &Instance, start: &[Start], seed: u64, budget_s: f64) -> Schedule {
    let began = processor_time();
    let found =
        schedule(instance, start, seed, |_| (processor_time() - began).as_secs_f64() / budget_s).unwrap();
    check(instance, &found).unwrap();
    assert!(found.absent.is_empty(), "{:?} are left out", found.absent);
    found
}

fn shifts_of(instance: &Instance, schedule: &Schedule) -> Vec<Option<usize>> {
    let mut shifts = vec![None; instance.visits.len()];
    for tour in &schedule.tours {
        for call in &tour.calls {
            if let Purpose::Visit(visit) = call.purpose {
                shifts[visit as usize] = Some(tour.shift as usize);
            }
        }
    }
    shifts
}

fn starts(schedule: &Schedule) -> Vec<Start> {
    schedule.tours.iter().map(Tour::start).collect()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
