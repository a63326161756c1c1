//! Claiming stock: all lines or none.

use jiff::SignedDuration;
use meridian_messaging::Work;
use meridian_types::{CaseId, HoldId, Problem, Violations};

use super::claim::{There, claim};
use super::{announce, expire_hold};
use crate::domain::hold::{Hold, HoldState};
use crate::domain::item::Item;
use crate::domain::next_best;
use crate::domain::stock::{Line, Shelf, merged};
use crate::error::{Error, Shortage};
use crate::regions::Regions;
use crate::store;

/// What to claim.
#[derive(Debug)]
pub(crate) struct PlaceHold {
    pub(crate) hold_id: HoldId,
    pub(crate) case_id: CaseId,
    /// As asked for: in any order, duplicates add up.
    pub(crate) lines: Vec<Line>,
    pub(crate) expires_in: SignedDuration,
}

/// Places the hold, or answers for it again when it was placed before.
///
/// [`claim`] decides. Why it refused is looked up afterwards, off the common path.
///
/// # Errors
/// Sums that overflow, unknown items, warehouses and receipts by field, `Exhausted` with the next best stock; for an
/// id that was used before, why that hold does not stand.
pub(crate) async fn place_hold(
    work: &mut Work,
    regions: &Regions,
    wanted: &PlaceHold,
) -> Result<Hold, Error> {
    let lines = merged(&wanted.lines).map_err(|(index, rule)| {
        let mut violations = Violations::new();
        violations.add(format!("lines[{index}].quantity"), wanted.lines[index].quantity, rule);
        Error::Invalid(violations)
    })?;
    let now = work.now();
    let mut hold = Hold::placed(wanted.hold_id, wanted.case_id, lines, now + wanted.expires_in);
    if !store::hold::insert(work.conn(), &hold).await? {
        let known = store::hold::lock(work.conn(), hold.id).await?.ok_or(Error::HoldNotFound(hold.id))?;
        known.place_again(&hold.lines, now)?;
        tell(work, &known).await?;
        return Ok(known);
    }
    let Some(there) = claim(work, regions, &hold.lines).await? else {
        expire_hold::schedule(work, &hold);
        tell(work, &hold).await?;
        return Ok(hold);
    };
    let refusal = Box::new(Problem::from(why_not(work, regions, wanted, &hold.lines, &there).await?));
    hold.state = HoldState::Refused(refusal.clone());
    store::hold::update(work.conn(), &hold).await?;
    Err(Error::Refused(refusal))
}

/// Tells that the hold stands, and when what it waits for comes: since it was asked for, that may have changed.
async fn tell(work: &mut Work, hold: &Hold) -> Result<(), Error> {
    let awaited = hold.claims().iter().filter_map(Line::awaited_receipt);
    let awaited = store::receipt::find(work.conn(), awaited).await?;
    announce::hold_placed(work, hold, &awaited);
    Ok(())
}

/// Why the lines could not be claimed.
async fn why_not(
    work: &mut Work,
    regions: &Regions,
    wanted: &PlaceHold,
    lines: &[Line],
    there: &There,
) -> Result<Error, Error> {
    let items = store::item::find(work.conn(), lines.iter().map(|line| &line.shelf.item_id)).await?;
    if !lines.iter().all(|line| there.has(line)) {
        let unknown = unknown_references(work, regions, &wanted.lines, &items, there).await?;
        if !unknown.is_empty() {
            return Ok(Error::UnknownReference(unknown));
        }
    }
    let mut short: Vec<&Line> = there.short(lines).collect();
    // In the order in which the caller asked.
    let same =
        |asked: &Line, line: &Line| (&asked.shelf, &asked.receipt_id) == (&line.shelf, &line.receipt_id);
    short.sort_by_key(|line| wanted.lines.iter().position(|asked| same(asked, line)));
    let line = short[0].clone();
    let shelves: Vec<Shelf> = short.into_iter().map(|line| line.shelf.clone()).collect();
    let substitutes: Vec<_> = items
        .into_iter()
        .filter(|item| shelves.iter().any(|shelf| shelf.item_id == item.item_id))
        .flat_map(|item| item.substitutes)
        .collect();
    let item_ids = shelves
        .iter()
        .map(|shelf| &shelf.item_id)
        .chain(substitutes.iter().map(|substitute| &substitute.item_id));
    let candidates = store::world_stock::levels(work.conn(), regions.own(), item_ids, false).await?;
    Ok(Error::Exhausted(Box::new(Shortage {
        available: there.available(&line),
        line,
        next_best: next_best::ranked(candidates, &shelves, &substitutes, regions.own()),
        region: regions.own().clone(),
    })))
}

/// Names every line whose item nobody has defined, whose warehouse is not of this region or whose receipt is not to come
/// there.
async fn unknown_references(
    work: &mut Work,
    regions: &Regions,
    lines: &[Line],
    items: &[Item],
    there: &There,
) -> Result<Violations, Error> {
    let warehouses =
        store::warehouse::known(work.conn(), lines.iter().map(|line| &line.shelf.warehouse_site_id)).await?;
    let mut unknown = Violations::new();
    for (index, line) in lines.iter().enumerate() {
        let shelf = &line.shelf;
        if !items.iter().any(|item| item.item_id == shelf.item_id) {
            unknown.add(format!("lines[{index}].item_id"), &shelf.item_id, "an item that is defined");
        }
        if !warehouses.contains(&shelf.warehouse_site_id) {
            let rule = format!("a warehouse of region {}", regions.own());
            unknown.add(format!("lines[{index}].warehouse_site_id"), &shelf.warehouse_site_id, rule);
        }
        if let Some(receipt_id) = line.awaited_receipt().filter(|_| there.receipt(line).is_none()) {
            let rule = "a receipt of this item at this warehouse";
            unknown.add(format!("lines[{index}].receipt_id"), receipt_id, rule);
        }
    }
    Ok(unknown)
}
