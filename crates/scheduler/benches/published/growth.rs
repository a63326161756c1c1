//! How the gap to a ten times longer run grows with the number of visits, on made-up regions.

use fastrand::Rng;
use meridian_scheduler::{Allowed, Fit, Instance, Shift, Visit, Window, check};

use crate::{SEEDS, mean, run as search, straight};

const SIZES: [usize; 3] = [100, 400, 1_000];
/// Visits for each shift.
const VISITS_PER_SHIFT: usize = 7;
/// An hour, in units of the ways.
const HOUR_S: i32 = 3_600;
/// More than any schedule costs.
const ABSENCE_COST: i64 = 1_000_000_000;

/// Prints the mean gap for each size.
pub(crate) fn run(budget_s: f64) {
    for visits in SIZES {
        let gaps = SEEDS.map(|seed| {
            let instance = region(visits, seed);
            let [short, long] = [budget_s, 10.0 * budget_s].map(|budget_s| search(&instance, seed, budget_s));
            for found in [&short, &long] {
                check(&instance, found).unwrap();
            }
            println!(
                "{visits} visits, seed {seed}: {} and {}, {} and {} left out, {} and {} rounds",
                short.cost,
                long.cost,
                short.absent.len(),
                long.absent.len(),
                short.rounds,
                long.rounds
            );
            #[expect(clippy::cast_precision_loss, reason = "a share")]
            let gap = (short.cost as f64 / long.cost as f64 - 1.0) * 100.0;
            gap
        });
        println!("{visits} visits: {budget_s} s are {:.2} % dearer than {} s", mean(&gaps), 10.0 * budget_s);
    }
}

/// Visits in clusters over a square of two hours, windows of half a day, five skills of which everybody has three.
fn region(visits: usize, seed: u64) -> Instance {
    let mut rng = Rng::with_seed(seed);
    let side = 7.2;
    let centres: Vec<(f64, f64)> = (0..10).map(|_| (rng.f64() * side, rng.f64() * side)).collect();
    let shifts = visits / VISITS_PER_SHIFT;
    let mut points: Vec<(f64, f64)> = (0..shifts).map(|_| (rng.f64() * side, rng.f64() * side)).collect();
    for _ in 0..visits {
        let (x, y) = centres[rng.usize(0..centres.len())];
        points.push((x + rng.f64() - 0.5, y + rng.f64() - 0.5));
    }
    let way_s = straight(&points);
    let skills: Vec<u32> =
        (0..shifts).map(|_| (0..3).fold(0, |skills, _| skills | 1 << rng.u32(0..5))).collect();
    let shift = |place: u32| Shift {
        from: place,
        to: place,
        window_s: (0, 10 * HOUR_S),
        cost_per_s: 1,
        regular_s: (0, 8 * HOUR_S),
        overtime_cost_per_s: 1,
        fixed_cost: i64::from(HOUR_S),
        aboard: vec![],
        class: place,
        trip: None,
    };
    let mut fits = Vec::with_capacity(visits * shifts);
    let mut records = Vec::with_capacity(visits);
    for visit in 0..visits {
        let open_s = if rng.bool() { 0 } else { 4 * HOUR_S };
        records.push(Visit {
            place: u32::try_from(shifts + visit).unwrap(),
            windows: vec![Window::within(open_s, open_s + 4 * HOUR_S)],
            absence_cost: ABSENCE_COST,
            parts: vec![],
            pinned: false,
        });
        let (skill, duration_s) = (rng.u32(0..5), rng.i32(HOUR_S / 4..HOUR_S));
        fits.extend(skills.iter().map(|skills| {
            let allowed = if skills >> skill & 1 == 1 { Allowed::Aboard } else { Allowed::Never };
            Fit { allowed, duration_s, charge: 0 }
        }));
    }
    Instance {
        places: points.len(),
        way_cost: vec![0; way_s.len()],
        way_s,
        shifts: (0..u32::try_from(shifts).unwrap()).map(shift).collect(),
        visits: records,
        fits,
        pickup: None,
        links: vec![],
        rests: vec![],
        trip_costs: vec![],
    }
}
