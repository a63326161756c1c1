//! Where in the world an item is.

use std::collections::{HashMap, HashSet};

use meridian_types::{InstrumentModel, ItemId, RegionId};
use sqlx::PgConnection;

use crate::domain::item::Item;
use crate::domain::receipt::WorldReceipt;
use crate::domain::stock::{CaseHold, Pool, Shelf, WorldLevel};
use crate::error::Error;
use crate::store;

/// What is looked for.
#[derive(Debug)]
pub(crate) struct FindStock {
    pub(crate) item_ids: Vec<ItemId>,
    /// Also units to lend of these models, and units to give where a unit replaces the customer's own.
    pub(crate) loan_models: Vec<InstrumentModel>,
    /// Also what may stand in for the items.
    pub(crate) include_substitutes: bool,
    /// Also levels and receipts with nothing available.
    pub(crate) include_empty: bool,
}

/// What was found.
#[derive(Debug)]
pub(crate) struct FoundStock {
    /// By item, region, warehouse and pool.
    pub(crate) levels: Vec<WorldLevel>,
    /// Who claims units of these levels, the largest claims of each.
    pub(crate) holds: HashMap<(RegionId, Shelf), Vec<CaseHold>>,
    /// By item, region, warehouse and date; units to lend left out.
    pub(crate) receipts: Vec<WorldReceipt>,
    /// What was looked for, as far as it is known, then the parts of kits, then substitutes, then units to lend.
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
    let mut beside: Vec<Vec<ItemId>> =
        vec![items.iter().flat_map(|item| item.kit_lines.iter().map(|line| line.item_id.clone())).collect()];
    if wanted.include_substitutes {
        let substitutes =
            |item: &Item| item.substitutes.iter().map(|it| it.item_id.clone()).collect::<Vec<_>>();
        beside.push(items.iter().flat_map(substitutes).collect());
    }
    for mut item_ids in beside {
        item_ids.retain(|id| items.iter().all(|item| item.item_id != *id));
        items.extend(store::item::find(conn, &item_ids).await?);
    }
    let asked: HashSet<ItemId> = items.iter().map(|item| item.item_id.clone()).collect();
    let lent = store::item::of_models(conn, &wanted.loan_models).await?;
    // Those that replace the customer's own are given away as well.
    let given = lent.iter().filter(|item| item.exchange.is_some()).map(|item| item.item_id.clone());
    let given: HashSet<ItemId> = asked.iter().cloned().chain(given).collect();
    items.extend(lent.into_iter().filter(|item| !asked.contains(&item.item_id)));
    let mut levels =
        store::world_stock::levels(conn, own, items.iter().map(|item| &item.item_id), wanted.include_empty)
            .await?;
    // Of what was found as a unit to lend alone, only the units to lend count.
    levels.retain(|known| known.level.shelf.pool == Pool::Loan || given.contains(&known.level.shelf.item_id));
    let holds = store::world_hold::by_shelf(conn, own, items.iter().map(|item| &item.item_id)).await?;
    let receipts = store::world_receipt::expected(conn, own, &given, wanted.include_empty).await?;
    Ok(FoundStock { levels, holds, receipts, items, unknown })
}
