//! Where in the world an item is.

use std::collections::HashSet;

use meridian_types::{InstrumentModel, ItemId, RegionId};
use sqlx::PgConnection;

use crate::domain::item::Item;
use crate::domain::stock::{Pool, WorldLevel};
use crate::error::Error;
use crate::store;

/// What is looked for.
#[derive(Debug)]
pub(crate) struct FindStock {
    pub(crate) item_ids: Vec<ItemId>,
    /// Also units to lend of these models.
    pub(crate) loan_models: Vec<InstrumentModel>,
    /// Also what may stand in for the items.
    pub(crate) include_substitutes: bool,
    /// Also levels with nothing available.
    pub(crate) include_empty: bool,
}

/// What was found.
#[derive(Debug)]
pub(crate) struct FoundStock {
    /// By item, region, warehouse and pool.
    pub(crate) levels: Vec<WorldLevel>,
    /// What was looked for, as far as it is known, then substitutes, then units to lend.
    pub(crate) items: Vec<Item>,
    /// What was looked for and nobody has defined.
    pub(crate) unknown: Vec<ItemId>,
}

/// Looks for stock, from what this region knows.
pub(crate) async fn find_stock(
    conn: &mut PgConnection,
    own: &RegionId,
    wanted: &FindStock,
) -> Result<FoundStock, Error> {
    let mut items = store::item::find(conn, &wanted.item_ids).await?;
    let known: HashSet<ItemId> = items.iter().map(|item| item.item_id.clone()).collect();
    let mut unknown: Vec<ItemId> = wanted.item_ids.iter().filter(|id| !known.contains(id)).cloned().collect();
    unknown.sort();
    unknown.dedup();
    if wanted.include_substitutes {
        let substitutes: Vec<ItemId> = items
            .iter()
            .flat_map(|item| item.substitutes.iter().map(|substitute| substitute.item_id.clone()))
            .filter(|id| !known.contains(id))
            .collect();
        items.extend(store::item::find(conn, &substitutes).await?);
    }
    let asked: HashSet<ItemId> = items.iter().map(|item| item.item_id.clone()).collect();
    let lent = store::item::of_models(conn, &wanted.loan_models).await?;
    items.extend(lent.into_iter().filter(|item| !asked.contains(&item.item_id)));
    let mut levels =
        store::world_stock::levels(conn, own, items.iter().map(|item| &item.item_id), wanted.include_empty)
            .await?;
    // Of what was found as a unit to lend alone, only the units to lend count.
    levels.retain(|known| known.level.shelf.pool == Pool::Loan || asked.contains(&known.level.shelf.item_id));
    Ok(FoundStock { levels, items, unknown })
}
