//! What stands on the shelves: lines of claims, changes and levels.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use meridian_types::{ItemId, Quantity, RegionId, Rule, SiteId};
use serde::{Deserialize, Serialize};

use super::words;

/// Most units on one shelf.
pub(crate) const ON_HAND_MAX: i64 = Quantity::MAX;

words! {
    /// What stock is for.
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub(crate) enum Pool {
        /// Given away.
        Stock = "stock",
        /// Lent out.
        Loan = "loan",
    }
}

/// One item in one warehouse for one use.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Shelf {
    pub(crate) item_id: ItemId,
    pub(crate) warehouse_site_id: SiteId,
    pub(crate) pool: Pool,
}

impl fmt::Display for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.warehouse_site_id, self.item_id, self.pool.as_str())
    }
}

/// So many units of a shelf.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Line {
    #[serde(flatten)]
    pub(crate) shelf: Shelf,
    pub(crate) quantity: Quantity,
}

/// One line for each shelf, in the order of the shelves.
///
/// # Errors
/// Index of the first line whose sum with the earlier ones is no quantity any more, and the rule it breaks.
pub(crate) fn merged(lines: &[Line]) -> Result<Vec<Line>, (usize, Rule)> {
    let mut sums: BTreeMap<&Shelf, Quantity> = BTreeMap::new();
    for (index, line) in lines.iter().enumerate() {
        let sum = match sums.get(&line.shelf) {
            Some(sum) => sum.checked_add(line.quantity).map_err(|rule| (index, rule))?,
            None => line.quantity,
        };
        sums.insert(&line.shelf, sum);
    }
    Ok(sums.into_iter().map(|(shelf, quantity)| Line { shelf: shelf.clone(), quantity }).collect())
}

/// What happens to the two counters of a shelf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) shelf: Shelf,
    /// Units more, or fewer, on the shelf.
    pub(crate) on_hand: i64,
    /// Units more, or fewer, claimed.
    pub(crate) held: i64,
}

impl Change {
    /// A hold claims units.
    pub(crate) fn claim(line: &Line) -> Self {
        Self { shelf: line.shelf.clone(), on_hand: 0, held: line.quantity.units() }
    }

    /// A hold gives its claim back.
    pub(crate) fn free(line: &Line) -> Self {
        Self { shelf: line.shelf.clone(), on_hand: 0, held: -line.quantity.units() }
    }

    /// Claimed units leave the shelf, and the claim with them.
    pub(crate) fn take(line: &Line) -> Self {
        Self { shelf: line.shelf.clone(), on_hand: -line.quantity.units(), held: -line.quantity.units() }
    }

    /// Units come onto the shelf.
    pub(crate) fn put(line: &Line) -> Self {
        Self { shelf: line.shelf.clone(), on_hand: line.quantity.units(), held: 0 }
    }
}

/// How much of a shelf's item there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Level {
    pub(crate) shelf: Shelf,
    /// Units on the shelf.
    pub(crate) on_hand: i64,
    /// Units on the shelf that open holds claim.
    pub(crate) held: i64,
    /// Grows with every change.
    pub(crate) version: i64,
    /// Business time of the last change.
    pub(crate) as_of: Timestamp,
}

impl Level {
    /// Units that nobody claims.
    pub(crate) const fn available(&self) -> i64 {
        self.on_hand - self.held
    }
}

/// A level somewhere in the world, as this region knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WorldLevel {
    pub(crate) region: RegionId,
    pub(crate) level: Level,
    /// Real time since this region learned it, milliseconds; 0 for its own.
    pub(crate) age_ms: i64,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn line(item: u8, warehouse: u8, units: i64) -> Line {
        let shelf = Shelf {
            item_id: ItemId::parse(&format!("I{item}")).unwrap(),
            warehouse_site_id: SiteId::parse(&format!("W{warehouse}")).unwrap(),
            pool: if item.is_multiple_of(2) { Pool::Stock } else { Pool::Loan },
        };
        Line { shelf, quantity: Quantity::new(units).unwrap() }
    }

    #[test]
    fn a_sum_that_is_no_quantity_names_the_line_that_made_it_so() {
        let lines = [line(1, 1, Quantity::MAX), line(2, 1, 1), line(1, 1, 1)];
        assert_eq!(merged(&lines).unwrap_err().0, 2);
    }

    proptest! {
        #[test]
        fn merging_keeps_the_units_of_every_shelf_and_sorts_the_shelves(
            lines in prop::collection::vec((0..3_u8, 0..3_u8, 1..1000_i64), 0..40)
        ) {
            let lines: Vec<Line> = lines.into_iter().map(|(i, w, n)| line(i, w, n)).collect();
            let merged = merged(&lines).unwrap();
            prop_assert!(merged.is_sorted_by(|a, b| a.shelf < b.shelf));
            for sum in &merged {
                let units: i64 =
                    lines.iter().filter(|line| line.shelf == sum.shelf).map(|line| line.quantity.units()).sum();
                prop_assert_eq!(units, sum.quantity.units());
            }
            prop_assert_eq!(merged.iter().map(|l| l.quantity.units()).sum::<i64>(),
                            lines.iter().map(|l| l.quantity.units()).sum::<i64>());
        }
    }
}
