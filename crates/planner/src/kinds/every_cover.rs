//! Covers against writing out every set of offers.

use proptest::prelude::*;

use super::cover::cover;
use super::offer::{Offer, Units};
use crate::compile::Minute;
use crate::draft::{Spent, unbeaten};

/// Every subset of the offers, written out.
fn enumerated(needs: &Units, offers: &[Offer], limits: &[i64]) -> Vec<(Minute, i64)> {
    let mut found = Vec::new();
    for subset in 0..1u32 << offers.len() {
        let chosen: Vec<&Offer> =
            offers.iter().enumerate().filter(|(i, _)| subset & (1 << i) != 0).map(|(_, o)| o).collect();
        let sum = |of: &dyn Fn(&Offer) -> i64| chosen.iter().map(|offer| of(offer)).sum::<i64>();
        let exact = (0..needs.len()).all(|lot| sum(&|offer| offer.gives[lot]) == needs[lot]);
        let within = (0..limits.len()).all(|pool| sum(&|offer| offer.takes[pool]) <= limits[pool]);
        if exact && within {
            let ready = chosen.iter().map(|offer| offer.ready).max().unwrap();
            found.push((ready, sum(&|offer| offer.spent.cost_minor)));
        }
    }
    found.sort_unstable();
    let mut least = i64::MAX;
    found.retain(|(_, cost)| {
        let better = *cost < least;
        least = least.min(*cost);
        better
    });
    found
}

fn units([a, b, c]: [i64; 3]) -> Units {
    [a, b, c, 0, 0, 0, 0, 0]
}

fn offer() -> impl Strategy<Value = Offer> {
    let gives = prop::array::uniform3(0..3i64).prop_filter("brings something", |gives| *gives != [0; 3]);
    (gives.prop_map(units), 0..20i32, 0..50i64, prop::collection::vec(0..3i64, 2)).prop_map(
        |(gives, ready, cost, takes)| Offer {
            gives,
            ready,
            spent: Spent { cost_minor: cost, ..Spent::default() },
            takes,
            place: 0,
            prepared: false,
            way: 0,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]
    #[test]
    fn the_front_is_what_writing_out_every_subset_gives(
        needs in prop::array::uniform3(1..4i64).prop_map(units),
        offers in prop::collection::vec(offer(), 1..8),
        limits in prop::collection::vec(1..6i64, 2),
        (places, prepared) in (prop::collection::vec(0..3u32, 8), any::<bool>()),
    ) {
        // An offer is there once: a contested pool of its own says so.
        let count = offers.len();
        let offers: Vec<Offer> = offers.into_iter().enumerate().map(|(index, mut offer)| {
            offer.way = index;
            (offer.place, offer.prepared) = (places[index], prepared && index == 0);
            offer.takes.extend((0..count).map(|own| i64::from(own == index)));
            offer
        }).collect();
        let limits: Vec<i64> = limits.into_iter().chain(std::iter::repeat_n(1, count)).collect();
        let found = cover(&needs, &offers, &limits);
        let best = unbeaten(found, |choice| (choice.ready, choice.spent));
        let best: Vec<_> = best.iter().map(|choice| (choice.ready, choice.spent.cost_minor)).collect();
        prop_assert_eq!(best, enumerated(&needs, &offers, &limits));
    }
}
