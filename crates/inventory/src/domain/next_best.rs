//! What could be had instead of stock that is gone.

use std::cmp::Reverse;

use meridian_types::{ItemId, RegionId};

use super::item::Substitute;
use super::stock::{Shelf, WorldLevel};

/// Most suggestions with one refusal; they have to fit into the trailers of an answer.
const SUGGESTIONS_MAX: usize = 20;

/// The levels of `candidates` that could stand in for `short` shelves, the nearest in kind first: the same item
/// elsewhere, then substitutes, those that need the customer's consent last; the own region before others, much
/// before little.
pub(crate) fn ranked(
    candidates: Vec<WorldLevel>,
    short: &[Shelf],
    substitutes: &[Substitute],
    own: &RegionId,
) -> Vec<WorldLevel> {
    let mut suggestions: Vec<(u8, WorldLevel)> = candidates
        .into_iter()
        .filter(|candidate| candidate.level.available() > 0 && !short.contains(&candidate.level.shelf))
        .filter(|candidate| short.iter().any(|shelf| shelf.pool == candidate.level.shelf.pool))
        .filter_map(|candidate| {
            kind(&candidate.level.shelf.item_id, short, substitutes).map(|kind| (kind, candidate))
        })
        .collect();
    suggestions.sort_by_cached_key(|(kind, WorldLevel { region, level, .. })| {
        (*kind, region != own, Reverse(level.available()), region.clone(), level.shelf.clone())
    });
    suggestions.into_iter().map(|(_, candidate)| candidate).take(SUGGESTIONS_MAX).collect()
}

/// 0 for the same item, 1 for a substitute, 2 for one that needs consent.
fn kind(item: &ItemId, short: &[Shelf], substitutes: &[Substitute]) -> Option<u8> {
    if short.iter().any(|shelf| shelf.item_id == *item) {
        return Some(0);
    }
    let substitute = substitutes.iter().filter(|substitute| substitute.item_id == *item);
    substitute.map(|substitute| if substitute.approval_required { 2 } else { 1 }).min()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use meridian_types::SiteId;

    use super::*;
    use crate::domain::stock::{Level, Pool};

    fn shelf(item: &str, warehouse: &str, pool: Pool) -> Shelf {
        let (item_id, warehouse_site_id) = (ItemId::parse(item).unwrap(), SiteId::parse(warehouse).unwrap());
        Shelf { item_id, warehouse_site_id, pool }
    }

    fn level(region: &str, shelf: Shelf, available: i64) -> WorldLevel {
        let level =
            Level { shelf, on_hand: available + 1, held: 1, version: 1, as_of: Timestamp::UNIX_EPOCH };
        WorldLevel { region: RegionId::parse(region).unwrap(), level, age_ms: 0 }
    }

    #[test]
    fn the_same_item_elsewhere_comes_before_substitutes_and_near_before_far() {
        let candidates = vec![
            level("eu", shelf("PUMP-8", "HEL", Pool::Stock), 9),
            level("us", shelf("PUMP-7", "CHI", Pool::Stock), 5),
            level("eu", shelf("PUMP-7", "HEL", Pool::Stock), 1),
            level("eu", shelf("PUMP-7", "FRA", Pool::Stock), 3),
            level("eu", shelf("PUMP-9", "HEL", Pool::Stock), 9),
            level("eu", shelf("PUMP-7", "OSL", Pool::Stock), 0),
            level("eu", shelf("PUMP-7", "OSL", Pool::Loan), 4),
            level("eu", shelf("VALVE", "HEL", Pool::Stock), 4),
        ];
        let substitute = |item: &str, approval_required| Substitute {
            item_id: ItemId::parse(item).unwrap(),
            approval_required,
        };
        let ranked = ranked(
            candidates,
            &[shelf("PUMP-7", "FRA", Pool::Stock)],
            &[substitute("PUMP-9", true), substitute("PUMP-8", false)],
            &RegionId::parse("eu").unwrap(),
        );
        let names: Vec<String> = ranked.iter().map(|l| l.level.shelf.to_string()).collect();
        assert_eq!(names, ["HEL/PUMP-7/stock", "CHI/PUMP-7/stock", "HEL/PUMP-8/stock", "HEL/PUMP-9/stock"]);
    }
}
