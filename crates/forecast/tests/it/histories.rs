//! Histories for the tests.

use jiff::{SignedDuration, Timestamp};
use meridian_forecast::{Delivery, Factors};
use proptest::prelude::*;

/// Up to when the histories are learned from.
pub(crate) fn as_of() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

/// The moment so many hours before.
pub(crate) fn hours_before(hours: i64) -> Timestamp {
    as_of() - SignedDuration::from_hours(hours)
}

/// One of a few lanes that share modes, origins and destinations.
pub(crate) fn lane(number: usize) -> Factors {
    let (origin, destination) = (["HEL", "SIN"][number % 2], ["NBO", "GRU", "LOS"][number % 3]);
    Factors::of_lane(&format!("lane-{number}"), origin, destination, ["air", "sea"][number % 2])
}

/// A delivery due so many days before, and so many hours late.
pub(crate) fn delivery(factors: Factors, days_before: i64, hours_late: i64) -> Delivery {
    let due = hours_before(24 * days_before);
    let arrived = Some(due + SignedDuration::from_hours(hours_late));
    Delivery { due, arrived, factors, weight_g: None, freight_minor: None }
}

/// One with a bill.
pub(crate) fn billed(factors: Factors, days_before: i64, weight_kg: f64, cost: f64) -> Delivery {
    let weight_g = Some((weight_kg * 1000.0).round() as i64);
    let freight_minor = Some((cost * 100.0).round() as i64);
    Delivery { weight_g, freight_minor, ..delivery(factors, days_before, 0) }
}

/// Up to forty deliveries, some under way, some with bills that make no sense.
pub(crate) fn history() -> impl Strategy<Value = Vec<Delivery>> {
    let number = || proptest::option::of(prop_oneof![Just(0), Just(-5), 1..5_000_000i64]);
    let delivery = (0..6usize, 1..2000i64, proptest::option::of(-100..300i64), number(), number()).prop_map(
        |(number, days, late, weight_g, freight_minor)| {
            let arrived = late.map(|hours| hours_before(24 * days - hours));
            Delivery { arrived, weight_g, freight_minor, ..delivery(lane(number), days, 0) }
        },
    );
    proptest::collection::vec(delivery, 1..40)
}
