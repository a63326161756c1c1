//! Small random instances in which much goes wrong: short windows, missing tools, few parts, people who may not.

use meridian_scheduler::{Allowed, Fit, Instance, Pickup, Schedule, Shift, Visit, Window, schedule};
use proptest::prelude::*;

/// The best schedule that so many rounds find.
pub(crate) fn scheduled(instance: &Instance, seed: u64, rounds: u32) -> Schedule {
    let spent = |progress: &meridian_scheduler::Progress| {
        #[expect(clippy::cast_precision_loss, reason = "small counts")]
        let rounds_so_far = progress.rounds as f64;
        if rounds == 0 { 1.0 } else { rounds_so_far / f64::from(rounds) }
    };
    schedule(instance, &[], seed, spent).unwrap()
}

/// Ways over a plane, so that no detour is shorter, with costs of their own.
fn ways(points: &[(i32, i32)]) -> (Vec<i32>, Vec<i64>) {
    let way = |a: &(i32, i32), b: &(i32, i32)| (a.0 - b.0).abs() + (a.1 - b.1).abs();
    let way_s: Vec<i32> = points.iter().flat_map(|a| points.iter().map(move |b| way(a, b))).collect();
    let way_cost = way_s.iter().map(|seconds| i64::from(*seconds) * 3).collect();
    (way_s, way_cost)
}

fn visit_window() -> impl Strategy<Value = Window> {
    let end = prop_oneof![2 => Just(None), 1 => (0..30_i32).prop_map(Some)];
    let charge = prop_oneof![2 => Just(0), 1 => 0..60_i64];
    (window(), end, charge).prop_map(|((open_s, close_s), end, charge)| {
        let end_s = end.map_or(i32::MAX, |more_s| close_s.midpoint(open_s) + more_s);
        Window { open_s, close_s, end_s, charge }
    })
}

/// Those that share no moment with one before them.
pub(crate) fn apart(mut windows: Vec<Window>) -> Vec<Window> {
    windows.sort_by_key(|window| window.open_s);
    windows.dedup_by(|next, before| next.open_s <= before.close_s);
    windows
}

fn window() -> impl Strategy<Value = (i32, i32)> {
    (0..80_i32, 0..60_i32).prop_map(|(open_s, length_s)| (open_s, open_s + length_s))
}

fn shift(places: u32) -> impl Strategy<Value = Shift> {
    let times = (0..30_i32, 40..160_i32, 0..60_i32, 0..60_i32);
    let costs = (0..3_i64, 0..40_i64, prop_oneof![Just(0), 1..4_i64]);
    (0..places, 0..places, times, costs, prop::collection::vec(0..3_i32, 2)).prop_map(
        |(from, to, (start_s, length_s, before_s, after_s), (cost_per_s, fixed_cost, overtime), aboard)| {
            let end_s = start_s + length_s;
            let regular_s = (start_s + before_s, (end_s - after_s).max(start_s + before_s));
            Shift {
                from,
                to,
                window_s: (start_s, end_s),
                cost_per_s,
                regular_s,
                overtime_cost_per_s: overtime,
                fixed_cost,
                aboard,
                class: 0,
                trip: None,
            }
        },
    )
}

fn visit(places: u32) -> impl Strategy<Value = Visit> {
    let windows = prop::collection::vec(visit_window(), 1..3).prop_map(apart);
    (0..places, windows, 0..400_i64, prop::collection::vec(0..2_i32, 2)).prop_map(
        |(place, windows, absence_cost, parts)| Visit { place, windows, absence_cost, parts, pinned: false },
    )
}

fn fit() -> impl Strategy<Value = Fit> {
    let allowed =
        prop_oneof![1 => Just(Allowed::Never), 1 => Just(Allowed::AfterPickup), 3 => Just(Allowed::Aboard)];
    (allowed, 0..15_i32, 0..20_i64).prop_map(|(allowed, duration_s, charge)| Fit {
        allowed,
        duration_s,
        charge,
    })
}

/// An instance with so many visits and shifts.
pub(crate) fn instance(visits: usize, shifts: usize) -> impl Strategy<Value = Instance> {
    const PLACES: u32 = 6;
    let points = prop::collection::vec((0..20_i32, 0..20_i32), PLACES as usize);
    let pickup = prop::option::of((0..PLACES, window(), 0..5_i32));
    let shifts = prop::collection::vec(shift(PLACES), shifts);
    let visits = prop::collection::vec(visit(PLACES), visits);
    (points, pickup, shifts, visits).prop_flat_map(|(points, pickup, shifts, visits)| {
        let fits = prop::collection::vec(fit(), visits.len() * shifts.len());
        fits.prop_map(move |fits| {
            let (way_s, way_cost) = ways(&points);
            let numbered = |(class, shift): (u32, &Shift)| Shift { class, ..shift.clone() };
            let pickup = pickup.map(|(place, window_s, duration_s)| Pickup { place, window_s, duration_s });
            Instance {
                places: points.len(),
                way_s,
                way_cost,
                shifts: (0..).zip(&shifts).map(numbered).collect(),
                visits: visits.clone(),
                fits,
                pickup,
                links: vec![],
                rests: vec![],
                trip_costs: vec![],
            }
        })
    })
}
