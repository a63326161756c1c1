//! Changing what stands on shelves: the one way in which counters, ledger and announced levels change.

use meridian_messaging::Work;

use super::announce;
use crate::domain::ledger::Reason;
use crate::domain::stock::{Change, Level};
use crate::error::Error;
use crate::regions::Regions;
use crate::store;

/// Applies all changes and returns the new levels; or applies none and returns none, when a shelf does not allow its
/// change. Every shelf is named once.
///
/// `reason` and `reference` (the request or transfer it belongs to) stand in the ledger; a change of claims alone has
/// no reason.
pub(crate) async fn book(
    work: &mut Work,
    regions: &Regions,
    changes: &[Change],
    reason: Option<Reason>,
    reference: &str,
) -> Result<Vec<Level>, Error> {
    if changes.is_empty() {
        return Ok(Vec::new());
    }
    let now = work.now();
    if changes.len() > 1 {
        store::stock::lock(work.conn(), changes.iter().map(|change| &change.shelf)).await?;
    }
    let levels = store::stock::book(work.conn(), changes, reason, reference, now).await?;
    for level in &levels {
        announce::level_changed(work, regions, level);
    }
    Ok(levels)
}

/// Applies changes that holds and transfers entitle to, so that no shelf can refuse them.
///
/// # Errors
/// `CountersDisagree` when one does all the same: a defect.
pub(crate) async fn book_entitled(
    work: &mut Work,
    regions: &Regions,
    changes: &[Change],
    reason: Option<Reason>,
    reference: &str,
) -> Result<Vec<Level>, Error> {
    let levels = book(work, regions, changes, reason, reference).await?;
    match changes.first() {
        Some(first) if levels.is_empty() => Err(Error::CountersDisagree(first.shelf.clone())),
        _ => Ok(levels),
    }
}
