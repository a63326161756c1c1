//! What holds claim, of shelves and of receipts.

use std::collections::BTreeMap;

use meridian_messaging::Work;
use meridian_types::{HoldId, ReceiptId};

use super::announce;
use super::book::{book, book_entitled};
use crate::domain::hold::Hold;
use crate::domain::receipt::Receipt;
use crate::domain::stock::{Change, Level, Line};
use crate::error::Error;
use crate::regions::Regions;
use crate::store;

/// What there is of what lines name, locked.
#[derive(Debug)]
pub(crate) struct There {
    pub(crate) levels: Vec<Level>,
    pub(crate) receipts: Vec<Receipt>,
}

impl There {
    /// What is available to a line; nothing of what does not exist.
    pub(crate) fn available(&self, line: &Line) -> i64 {
        if line.awaited {
            self.receipt(line).map_or(0, Receipt::available)
        } else {
            self.level(line).map_or(0, Level::available)
        }
    }

    /// Whether what a line names exists.
    pub(crate) fn has(&self, line: &Line) -> bool {
        if line.awaited { self.receipt(line).is_some() } else { self.level(line).is_some() }
    }

    fn level(&self, line: &Line) -> Option<&Level> {
        self.levels.iter().find(|level| level.shelf == line.shelf)
    }

    /// The receipt that a line names, when it is to come onto the line's shelf.
    pub(crate) fn receipt(&self, line: &Line) -> Option<&Receipt> {
        self.receipts
            .iter()
            .find(|receipt| Some(&receipt.id) == line.receipt_id.as_ref() && receipt.shelf == line.shelf)
    }

    /// The lines that do not fit.
    pub(crate) fn short<'a>(&'a self, lines: &'a [Line]) -> impl Iterator<Item = &'a Line> {
        lines.iter().filter(|line| self.available(line) < line.quantity.units())
    }
}

/// Claims what the lines say, or claims nothing and returns what there is, which does not allow it.
///
/// The guarded statement of [`book`] decides about shelves; receipts are locked first, so that they cannot refuse what
/// fitted into them.
pub(crate) async fn claim(
    work: &mut Work,
    regions: &Regions,
    lines: &[Line],
) -> Result<Option<There>, Error> {
    let receipts = store::receipt::lock(work.conn(), lines.iter().filter_map(Line::awaited_receipt)).await?;
    let mut there = There { levels: Vec::new(), receipts };
    let awaited: Vec<Line> = lines.iter().filter(|line| line.awaited).cloned().collect();
    let receipts_allow = there.short(&awaited).next().is_none();
    let shelves = Change::claim(lines);
    let is_claimed =
        receipts_allow && (shelves.is_empty() || !book(work, regions, &shelves, None, "").await?.is_empty());
    if !is_claimed {
        there.levels = store::stock::lock(work.conn(), shelves.iter().map(|change| &change.shelf)).await?;
        if there.short(lines).next().is_some() {
            return Ok(Some(there));
        }
        // Units came free between the guarded statement and the lock.
        book_entitled(work, regions, &shelves, None, "").await?;
    }
    claim_receipts(work, regions, lines, 1).await?;
    Ok(None)
}

/// Gives back what the lines claim. Receipts that they await are locked.
pub(crate) async fn free(work: &mut Work, regions: &Regions, lines: &[Line]) -> Result<(), Error> {
    book_entitled(work, regions, &Change::free(lines), None, "").await?;
    claim_receipts(work, regions, lines, -1).await
}

/// Claims the units that lines await so many times.
async fn claim_receipts(work: &mut Work, regions: &Regions, lines: &[Line], times: i64) -> Result<(), Error> {
    let mut claims: BTreeMap<ReceiptId, i64> = BTreeMap::new();
    for line in lines {
        if let Some(receipt_id) = line.awaited_receipt() {
            *claims.entry(receipt_id.clone()).or_default() += times * line.quantity.units();
        }
    }
    if claims.is_empty() {
        return Ok(());
    }
    let claims: Vec<(ReceiptId, i64)> = claims.into_iter().collect();
    let claimed = store::receipt::claim(work.conn(), &claims).await?;
    if claimed.len() < claims.len() {
        return Err(Error::ReceiptDisagrees(claims[0].0.clone()));
    }
    for receipt in &claimed {
        announce::receipt_changed(work, regions, receipt);
    }
    Ok(())
}

/// A hold with all that it claims, which nobody else can change until the transaction ends.
///
/// # Errors
/// `HoldNotFound`.
pub(crate) async fn lock_with_receipts(work: &mut Work, hold_id: HoldId) -> Result<Hold, Error> {
    let awaited = store::receipt::awaited_by(work.conn(), hold_id).await?;
    store::receipt::lock(work.conn(), &awaited).await?;
    store::hold::lock(work.conn(), hold_id).await?.ok_or(Error::HoldNotFound(hold_id))
}
