//! What stands on the shelves: lines of claims, changes and levels.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use meridian_types::{CaseId, ItemId, Quantity, ReceiptId, RegionId, Rule, SiteId};
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

/// So many units of a shelf, or of a receipt that is to come onto it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Line {
    #[serde(flatten)]
    pub(crate) shelf: Shelf,
    /// The receipt that the units come with, or came with; `None`: they were on the shelf.
    #[serde(default)]
    pub(crate) receipt_id: Option<ReceiptId>,
    /// Whether they are still to come: then the receipt is what they are claimed of, and not the shelf.
    #[serde(default)]
    pub(crate) awaited: bool,
    pub(crate) quantity: Quantity,
}

impl Line {
    /// Units of what stands on a shelf.
    pub(crate) const fn on_shelf(shelf: Shelf, quantity: Quantity) -> Self {
        Self { shelf, receipt_id: None, awaited: false, quantity }
    }

    /// The receipt that the units are still to come with.
    pub(crate) fn awaited_receipt(&self) -> Option<&ReceiptId> {
        self.receipt_id.as_ref().filter(|_| self.awaited)
    }
}

/// One line for each shelf and each receipt, in their order.
///
/// # Errors
/// Index of the first line whose sum with the earlier ones is no quantity any more, and the rule it breaks.
pub(crate) fn merged(lines: &[Line]) -> Result<Vec<Line>, (usize, Rule)> {
    let mut sums: BTreeMap<(&Shelf, Option<&ReceiptId>), Line> = BTreeMap::new();
    for (index, line) in lines.iter().enumerate() {
        let key = (&line.shelf, line.receipt_id.as_ref());
        match sums.get_mut(&key) {
            Some(sum) => {
                sum.quantity = sum.quantity.checked_add(line.quantity).map_err(|rule| (index, rule))?;
            }
            None => {
                sums.insert(key, line.clone());
            }
        }
    }
    Ok(sums.into_values().collect())
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
    /// A hold claims what its lines say.
    pub(crate) fn claim(lines: &[Line]) -> Vec<Self> {
        Self::of_shelves(lines, 0, 1)
    }

    /// A hold gives its claims back.
    pub(crate) fn free(lines: &[Line]) -> Vec<Self> {
        Self::of_shelves(lines, 0, -1)
    }

    /// Claimed units leave their shelves, and the claims with them.
    pub(crate) fn take(lines: &[Line]) -> Vec<Self> {
        Self::of_shelves(lines, -1, -1)
    }

    /// Units come onto their shelves.
    pub(crate) fn put(lines: &[Line]) -> Vec<Self> {
        Self::of_shelves(lines, 1, 0)
    }

    /// One change for each shelf, in their order: its units so many times. Awaited units are on no shelf.
    fn of_shelves(lines: &[Line], on_hand: i64, held: i64) -> Vec<Self> {
        let mut sums: BTreeMap<&Shelf, i64> = BTreeMap::new();
        for line in lines.iter().filter(|line| !line.awaited) {
            *sums.entry(&line.shelf).or_default() += line.quantity.units();
        }
        let change = |(shelf, units): (&Shelf, i64)| Self {
            shelf: shelf.clone(),
            on_hand: on_hand * units,
            held: held * units,
        };
        sums.into_iter().map(change).collect()
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

/// Units of a level that open holds of a case claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CaseHold {
    pub(crate) case_id: CaseId,
    pub(crate) units: i64,
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
        Line::on_shelf(shelf, Quantity::new(units).unwrap())
    }

    #[test]
    fn a_sum_that_is_no_quantity_names_the_line_that_made_it_so() {
        let lines = [line(1, 1, Quantity::MAX), line(2, 1, 1), line(1, 1, 1)];
        assert_eq!(merged(&lines).unwrap_err().0, 2);
    }

    proptest! {
        #[test]
        fn awaited_units_change_no_shelf_and_the_others_change_each_shelf_once(
            lines in prop::collection::vec((0..3_u8, 0..3_u8, 1..1000_i64, 0..3_u8), 0..40)
        ) {
            let with_receipt = |(item, warehouse, units, receipt): (u8, u8, i64, u8)| Line {
                receipt_id: (receipt > 0).then(|| ReceiptId::parse("PO-1").unwrap()),
                awaited: receipt > 1,
                ..line(item, warehouse, units)
            };
            let lines: Vec<Line> = lines.into_iter().map(with_receipt).collect();
            let changes = Change::take(&lines);
            prop_assert!(changes.is_sorted_by(|a, b| a.shelf < b.shelf));
            let units = |lines: &mut dyn Iterator<Item = &Line>| lines.map(|l| l.quantity.units()).sum::<i64>();
            let there = units(&mut lines.iter().filter(|line| line.awaited_receipt().is_none()));
            prop_assert_eq!(changes.iter().map(|change| change.on_hand).sum::<i64>(), -there);
            prop_assert!(changes.iter().all(|change| change.held == change.on_hand));
        }

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
