//! Creating and replacing items and warehouses, and opening their stock.

use std::collections::{HashMap, HashSet};

use meridian_messaging::Work;
use meridian_types::{ItemId, SiteId, Violations};

use super::announce;
use super::book::book_entitled;
use crate::domain::item::Item;
use crate::domain::ledger::Reason;
use crate::domain::stock::{Change, ON_HAND_MAX, Shelf};
use crate::error::Error;
use crate::regions::Regions;
use crate::store;

/// What to store. No item, and no shelf, is named twice.
#[derive(Debug)]
pub(crate) struct Catalogue {
    /// Those of other regions are copies, kept until their owner is heard.
    pub(crate) items: Vec<Item>,
    pub(crate) warehouses: Vec<SiteId>,
    /// Units that each shelf opens with.
    pub(crate) opening: Vec<(Shelf, i64)>,
}

/// Stores the catalogue and returns how many records it has. Storing it again changes nothing: opening stock is booked
/// as the difference to what earlier opening entries of the ledger add up to, whatever was moved since.
///
/// # Errors
/// By field: an item that another region owns, opening stock of unknown items or warehouses, or opening stock below
/// what the shelf has given away since.
pub(crate) async fn put_catalogue(
    work: &mut Work,
    regions: &Regions,
    catalogue: &Catalogue,
    reference: &str,
) -> Result<i32, Error> {
    check_references(work, regions, catalogue).await?;
    let now = work.now();
    store::warehouse::insert(work.conn(), &catalogue.warehouses).await?;
    store::stock::open(work.conn(), catalogue.opening.iter().map(|(shelf, _)| shelf), now).await?;
    let changes = opening_changes(work, catalogue).await?;
    book_entitled(work, regions, &changes, Some(Reason::Opening), reference).await?;
    let (own, copies): (Vec<&Item>, Vec<&Item>) =
        catalogue.items.iter().partition(|item| item.region == *regions.own());
    store::item::insert_copies(work.conn(), &copies).await?;
    for (item, version) in store::item::replace(work.conn(), &own).await? {
        announce::item_defined(work, &item, version);
    }
    let records = catalogue.items.len() + catalogue.warehouses.len() + catalogue.opening.len();
    Ok(i32::try_from(records).unwrap_or(i32::MAX))
}

/// What has to change for every shelf to have been opened as the catalogue says.
async fn opening_changes(work: &mut Work, catalogue: &Catalogue) -> Result<Vec<Change>, Error> {
    let shelves = || catalogue.opening.iter().map(|(shelf, _)| shelf);
    let levels = store::stock::lock(work.conn(), shelves()).await?;
    let levels: HashMap<&Shelf, _> = levels.iter().map(|level| (&level.shelf, level)).collect();
    let opened: HashMap<Shelf, i64> =
        store::stock::opened(work.conn(), shelves()).await?.into_iter().collect();
    let mut violations = Violations::new();
    let mut changes = Vec::new();
    for (index, (shelf, units)) in catalogue.opening.iter().enumerate() {
        let delta = units - opened.get(shelf).unwrap_or(&0);
        let (on_hand, held) = levels.get(shelf).map_or((0, 0), |level| (level.on_hand, level.held));
        if !(held..=ON_HAND_MAX).contains(&(on_hand + delta)) {
            let rule =
                format!("{held} to {ON_HAND_MAX} units on hand after it: now {on_hand}, {delta} to book");
            violations.add(format!("opening_stock[{index}].quantity"), units, rule);
        } else if delta != 0 {
            changes.push(Change { shelf: shelf.clone(), on_hand: delta, held: 0 });
        }
    }
    if violations.is_empty() { Ok(changes) } else { Err(Error::Invalid(violations)) }
}

async fn check_references(work: &mut Work, regions: &Regions, catalogue: &Catalogue) -> Result<(), Error> {
    let Catalogue { items, warehouses, opening } = catalogue;
    let named = items.iter().map(|item| &item.item_id).chain(opening.iter().map(|(shelf, _)| &shelf.item_id));
    let stored = store::item::find(work.conn(), named).await?;
    let owners: HashMap<&ItemId, _> = stored.iter().map(|item| (&item.item_id, &item.region)).collect();
    let mut foreign = Violations::new();
    for (index, item) in items.iter().enumerate() {
        if let Some(owner) = owners.get(&item.item_id).filter(|owner| ***owner != item.region) {
            let rule = format!("{owner}, the region that owns the item");
            foreign.add(format!("items[{index}].region"), &item.region, rule);
        }
    }
    if !foreign.is_empty() {
        return Err(Error::Invalid(foreign));
    }
    let items: HashSet<&ItemId> = items.iter().map(|item| &item.item_id).chain(owners.into_keys()).collect();
    let known = opening.iter().map(|(shelf, _)| &shelf.warehouse_site_id);
    let mut sites = store::warehouse::known(work.conn(), known).await?;
    sites.extend(warehouses.iter().cloned());
    let mut unknown = Violations::new();
    for (index, (shelf, _)) in opening.iter().enumerate() {
        if !items.contains(&shelf.item_id) {
            unknown.add(format!("opening_stock[{index}].item_id"), &shelf.item_id, "an item that is defined");
        }
        if !sites.contains(&shelf.warehouse_site_id) {
            let field = format!("opening_stock[{index}].warehouse_site_id");
            unknown.add(field, &shelf.warehouse_site_id, format!("a warehouse of region {}", regions.own()));
        }
    }
    if unknown.is_empty() { Ok(()) } else { Err(Error::UnknownReference(unknown)) }
}
