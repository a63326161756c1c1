//! Claiming stock: all lines or none.

use jiff::SignedDuration;
use meridian_messaging::Work;
use meridian_types::{CaseId, HoldId, Problem, Violations};

use super::book::{book, book_entitled};
use super::{announce, expire_hold};
use crate::domain::hold::{Hold, HoldState};
use crate::domain::item::Item;
use crate::domain::next_best;
use crate::domain::stock::{Change, Level, Line, Shelf, merged};
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
/// The guarded statement of [`book`] decides. Why it refused is looked up afterwards, off the common path.
///
/// # Errors
/// Sums that overflow, unknown items and warehouses by field, `Exhausted` with the next best stock; for an id that was
/// used before, why that hold does not stand.
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
        announce::hold_placed(work, &known);
        return Ok(known);
    }
    let Some(levels) = claim(work, regions, &hold.lines).await? else {
        expire_hold::schedule(work, &hold);
        announce::hold_placed(work, &hold);
        return Ok(hold);
    };
    let refusal = Box::new(Problem::from(why_not(work, regions, wanted, &hold.lines, &levels).await?));
    hold.state = HoldState::Refused(refusal.clone());
    store::hold::update(work.conn(), &hold).await?;
    Err(Error::Refused(refusal))
}

/// Claims the lines, or returns the levels, locked, that do not allow it.
async fn claim(work: &mut Work, regions: &Regions, lines: &[Line]) -> Result<Option<Vec<Level>>, Error> {
    let claims: Vec<Change> = lines.iter().map(Change::claim).collect();
    if !book(work, regions, &claims, None, "").await?.is_empty() {
        return Ok(None);
    }
    let levels = store::stock::lock(work.conn(), lines.iter().map(|line| &line.shelf)).await?;
    if short(lines, &levels).next().is_some() {
        return Ok(Some(levels));
    }
    // Units came free between the guarded statement and the lock.
    book_entitled(work, regions, &claims, None, "").await?;
    Ok(None)
}

/// The lines that do not fit.
fn short<'a>(lines: &'a [Line], levels: &'a [Level]) -> impl Iterator<Item = &'a Line> {
    lines.iter().filter(|line| available(&line.shelf, levels) < line.quantity.units())
}

/// What is available of a shelf; nothing of one that does not exist.
fn available(shelf: &Shelf, levels: &[Level]) -> i64 {
    levels.iter().find(|level| level.shelf == *shelf).map_or(0, Level::available)
}

/// Why the lines could not be claimed.
async fn why_not(
    work: &mut Work,
    regions: &Regions,
    wanted: &PlaceHold,
    lines: &[Line],
    levels: &[Level],
) -> Result<Error, Error> {
    let items = store::item::find(work.conn(), lines.iter().map(|line| &line.shelf.item_id)).await?;
    if levels.len() < lines.len() {
        let unknown = unknown_references(work, regions, &wanted.lines, &items).await?;
        if !unknown.is_empty() {
            return Ok(Error::UnknownReference(unknown));
        }
    }
    let mut short: Vec<&Line> = short(lines, levels).collect();
    // In the order in which the caller asked.
    short.sort_by_key(|line| wanted.lines.iter().position(|asked| asked.shelf == line.shelf));
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
        available: available(&line.shelf, levels),
        line,
        next_best: next_best::ranked(candidates, &shelves, &substitutes, regions.own()),
        region: regions.own().clone(),
    })))
}

/// Names every line whose item nobody has defined or whose warehouse is not of this region.
async fn unknown_references(
    work: &mut Work,
    regions: &Regions,
    lines: &[Line],
    items: &[Item],
) -> Result<Violations, Error> {
    let warehouses =
        store::warehouse::known(work.conn(), lines.iter().map(|line| &line.shelf.warehouse_site_id)).await?;
    let mut unknown = Violations::new();
    for (index, Line { shelf, .. }) in lines.iter().enumerate() {
        if !items.iter().any(|item| item.item_id == shelf.item_id) {
            unknown.add(format!("lines[{index}].item_id"), &shelf.item_id, "an item that is defined");
        }
        if !warehouses.contains(&shelf.warehouse_site_id) {
            let rule = format!("a warehouse of region {}", regions.own());
            unknown.add(format!("lines[{index}].warehouse_site_id"), &shelf.warehouse_site_id, rule);
        }
    }
    Ok(unknown)
}
