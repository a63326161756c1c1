//! Small random instances whose visits and shifts have to do with each other.

use meridian_scheduler::{Allowed, Fit, Instance, Link, Rest, Shift, Visit, Window};
use proptest::prelude::*;

use crate::fixture::apart;

const PLACES: u32 = 4;

fn ways(points: &[i32]) -> (Vec<i32>, Vec<i64>) {
    let way_s: Vec<i32> = points.iter().flat_map(|a| points.iter().map(move |b| (a - b).abs())).collect();
    let way_cost = way_s.iter().map(|seconds| i64::from(*seconds) * 2).collect();
    (way_s, way_cost)
}

fn shift() -> impl Strategy<Value = Shift> {
    let costs = (0..3_i64, 0..8_i64);
    let trip = prop_oneof![2 => Just(None), 1 => Just(Some(0))];
    (0..PLACES, 0..6_i32, 4..12_i32, costs, trip).prop_map(
        |(home, start_s, length_s, (cost_per_s, fixed_cost), trip)| Shift {
            from: home,
            to: home,
            window_s: (start_s, start_s + length_s),
            cost_per_s,
            regular_s: (start_s, start_s + length_s),
            overtime_cost_per_s: 0,
            fixed_cost,
            aboard: vec![],
            class: 0,
            trip,
        },
    )
}

fn visit() -> impl Strategy<Value = Visit> {
    let window = (0..10_i32, 0..10_i32, prop_oneof![2 => Just(0), 1 => 0..20_i64]).prop_map(
        |(open_s, length_s, charge)| Window { charge, ..Window::within(open_s, open_s + length_s) },
    );
    (0..PLACES, prop::collection::vec(window, 1..3).prop_map(apart), 0..120_i64).prop_map(
        |(place, windows, absence_cost)| Visit { place, windows, absence_cost, parts: vec![], pinned: false },
    )
}

fn fit() -> impl Strategy<Value = Fit> {
    let allowed = prop_oneof![1 => Just(Allowed::Never), 4 => Just(Allowed::Aboard)];
    (allowed, 0..4_i32, 0..6_i64).prop_map(|(allowed, duration_s, charge)| Fit {
        allowed,
        duration_s,
        charge,
    })
}

/// Visits that are paired, and those that come after an earlier one.
fn links(visits: usize) -> impl Strategy<Value = Vec<Link>> {
    let visits = u32::try_from(visits).unwrap();
    let pair = prop::option::weighted(0.6, (0..visits, 0..visits));
    let after = prop::collection::vec((0..visits, 0..visits), 0..3);
    (pair, after).prop_map(|(pair, after)| {
        let pair = pair.filter(|(one, other)| one != other);
        let group = |visit: u32| match pair {
            Some((one, other)) if visit == other => one,
            _ => visit,
        };
        let after = after.into_iter().filter(|(first, then)| group(*first) < group(*then));
        let after = after.map(|(first, then)| Link::After { first, then });
        pair.map(|visits| Link::Together { visits }).into_iter().chain(after).collect()
    })
}

fn rests(shifts: usize) -> impl Strategy<Value = Vec<Rest>> {
    let shifts = u32::try_from(shifts).unwrap();
    let least = prop_oneof![1 => Just(None), 2 => (0..5_i32).prop_map(Some)];
    prop::collection::vec((0..shifts, 0..shifts, least), 0..3).prop_map(|rests| {
        let rests = rests.into_iter().filter(|(before, after, _)| before < after);
        rests.map(|(before, after, least_s)| Rest { before, after, least_s }).collect()
    })
}

/// An instance with so many visits and shifts that have to do with each other.
pub(crate) fn tied_instance(visits: usize, shifts: usize) -> impl Strategy<Value = Instance> {
    let points = prop::collection::vec(0..6_i32, PLACES as usize);
    let records = (prop::collection::vec(shift(), shifts), prop::collection::vec(visit(), visits));
    let fits = prop::collection::vec(fit(), visits * shifts);
    (points, records, fits, links(visits), rests(shifts), 0..20_i64).prop_map(
        |(points, (shifts, visits), fits, links, rests, trip_cost)| {
            let (way_s, way_cost) = ways(&points);
            let numbered = |(class, shift): (u32, Shift)| Shift { class, ..shift };
            Instance {
                places: points.len(),
                way_s,
                way_cost,
                shifts: (0..).zip(shifts).map(numbered).collect(),
                visits,
                fits,
                pickup: None,
                links,
                rests,
                trip_costs: vec![trip_cost],
            }
        },
    )
}
