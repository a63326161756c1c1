//! Vehicles with a capacity that start at one depot, and customers with a demand and a window; after Solomon (1987).
//! What counts is the distance.

use std::path::Path;

use meridian_scheduler::{Allowed, Fit, Instance, Shift, Visit, Window};

use crate::{Published, UNIT, best_known, straight, units};

/// More than any schedule costs.
const ABSENCE_COST: i64 = 100_000_000;

pub(crate) fn read(data: &Path) -> Vec<Published> {
    let folder = data.join("solomon");
    let known = best_known(&folder.join("best_known.csv"), "shortest_distance");
    let published = |(name, best): (String, f64)| {
        let text = std::fs::read_to_string(folder.join(format!("{name}.txt"))).unwrap();
        Published { instance: instance(&text), name, best }
    };
    known.into_iter().map(published).collect()
}

fn instance(text: &str) -> Instance {
    let numbers = |line: &str| -> Option<Vec<i32>> {
        line.split_whitespace().map(|word| word.parse().ok()).collect::<Option<_>>()
    };
    let rows: Vec<Vec<i32>> = text.lines().filter_map(numbers).filter(|row| !row.is_empty()).collect();
    let [vehicles, capacity] = rows[0][..] else { panic!("no vehicles") };
    let rows = &rows[1..];
    let points: Vec<(f64, f64)> = rows.iter().map(|row| (f64::from(row[1]), f64::from(row[2]))).collect();
    let window_s = |row: &[i32]| (units(f64::from(row[4])), units(f64::from(row[5])));
    let shift = Shift {
        from: 0,
        to: 0,
        window_s: window_s(&rows[0]),
        cost_per_s: 0,
        regular_s: window_s(&rows[0]),
        overtime_cost_per_s: 0,
        fixed_cost: 0,
        aboard: vec![capacity],
        class: 0,
        trip: None,
    };
    let visit = |(place, row): (u32, &Vec<i32>)| Visit {
        place,
        windows: vec![Window::within(window_s(row).0, window_s(row).1)],
        absence_cost: ABSENCE_COST,
        parts: vec![row[3]],
        pinned: false,
    };
    let shifts = vec![shift; usize::try_from(vehicles).unwrap()];
    let fit =
        |row: &Vec<i32>| Fit { allowed: Allowed::Aboard, duration_s: units(f64::from(row[6])), charge: 0 };
    Instance {
        places: rows.len(),
        way_s: straight(&points),
        way_cost: distances(&points),
        visits: (1..).zip(&rows[1..]).map(visit).collect(),
        fits: rows[1..].iter().flat_map(|row| vec![fit(row); shifts.len()]).collect(),
        shifts,
        pickup: None,
        links: vec![],
        rests: vec![],
        trip_costs: vec![],
    }
}

/// Distances rounded to the nearest, so that sums are not biased.
#[expect(clippy::cast_possible_truncation, reason = "they are small")]
fn distances(points: &[(f64, f64)]) -> Vec<i64> {
    let way = |a: &(f64, f64), b: &(f64, f64)| ((a.0 - b.0).hypot(a.1 - b.1) * UNIT).round() as i64;
    points.iter().flat_map(|a| points.iter().map(move |b| way(a, b))).collect()
}
