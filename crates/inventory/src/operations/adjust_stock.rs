//! Changing stock by hand: a receipt, a count, damage, a lent unit that came back.

use meridian_messaging::Work;
use meridian_types::{UnitOfMeasure, Violations};

use super::book::book_entitled;
use crate::domain::item::Item;
use crate::domain::ledger::Reason;
use crate::domain::stock::{Change, Level, ON_HAND_MAX, Shelf};
use crate::error::Error;
use crate::regions::Regions;
use crate::store;

/// What to change.
#[derive(Debug)]
pub(crate) struct AdjustStock {
    pub(crate) shelf: Shelf,
    /// Units more, or fewer; not 0.
    pub(crate) delta: i64,
    pub(crate) reason: Reason,
    /// Unit of measure; `None`: the item's.
    pub(crate) unit: Option<UnitOfMeasure>,
}

/// Books the adjustment and returns the level after it. `reference` stands in the ledger.
///
/// # Errors
/// Unknown item or warehouse by field, `UnitMismatch`, `StockBelowHeld`, or `delta` when the shelf would overflow.
pub(crate) async fn adjust_stock(
    work: &mut Work,
    regions: &Regions,
    adjustment: &AdjustStock,
    reference: &str,
) -> Result<Level, Error> {
    let AdjustStock { shelf, delta, reason, unit } = adjustment;
    check_references(work, regions, shelf, unit.as_ref()).await?;
    let now = work.now();
    if *delta > 0 {
        store::stock::open(work.conn(), [shelf], now).await?;
    }
    let before = store::stock::lock(work.conn(), [shelf]).await?.pop();
    let (on_hand, held) = before.map_or((0, 0), |level| (level.on_hand, level.held));
    let after = on_hand + delta;
    if after < held {
        return Err(Error::StockBelowHeld { shelf: shelf.clone(), on_hand, held, delta: *delta });
    }
    if after > ON_HAND_MAX {
        let mut violations = Violations::new();
        violations.add("delta", delta, format!("at most {ON_HAND_MAX} units on hand, now {on_hand}"));
        return Err(Error::Invalid(violations));
    }
    let change = Change { shelf: shelf.clone(), on_hand: *delta, held: 0 };
    let level = book_entitled(work, regions, &[change], Some(*reason), reference).await?.pop();
    level.ok_or_else(|| Error::CountersDisagree(shelf.clone()))
}

async fn check_references(
    work: &mut Work,
    regions: &Regions,
    shelf: &Shelf,
    unit: Option<&UnitOfMeasure>,
) -> Result<(), Error> {
    let item = check_shelf(work, regions, shelf).await?;
    match unit {
        Some(given) if *given != item.unit => {
            Err(Error::UnitMismatch { given: given.clone(), wanted: item.unit })
        }
        _ => Ok(()),
    }
}

/// The item of a shelf of this region.
///
/// # Errors
/// Unknown item or warehouse, by field.
pub(crate) async fn check_shelf(work: &mut Work, regions: &Regions, shelf: &Shelf) -> Result<Item, Error> {
    let item = store::item::find(work.conn(), [&shelf.item_id]).await?.pop();
    let mut unknown = Violations::new();
    if item.is_none() {
        unknown.add("item_id", &shelf.item_id, "an item that is defined");
    }
    if store::warehouse::known(work.conn(), [&shelf.warehouse_site_id]).await?.is_empty() {
        let rule = format!("a warehouse of region {}", regions.own());
        unknown.add("warehouse_site_id", &shelf.warehouse_site_id, rule);
    }
    item.filter(|_| unknown.is_empty()).ok_or(Error::UnknownReference(unknown))
}
