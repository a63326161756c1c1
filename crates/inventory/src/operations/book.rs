//! Changing what stands on shelves: the one way in which counters, ledger and announced levels change.

use meridian_messaging::Work;

use super::announce;
use crate::domain::ledger::Reason;
use crate::domain::stock::Change;
use crate::error::Error;
use crate::regions::Regions;
use crate::store;

/// Applies all changes, or none when a shelf does not allow its change; then `false`. Every shelf is named once.
///
/// `reason` and `reference` (the request or transfer it belongs to) stand in the ledger; a change of claims alone has
/// no reason.
pub(crate) async fn book(
    work: &mut Work,
    regions: &Regions,
    changes: &[Change],
    reason: Option<Reason>,
    reference: &str,
) -> Result<bool, Error> {
    let now = work.now();
    if changes.len() > 1 {
        store::stock::lock(work.conn(), changes.iter().map(|change| &change.shelf)).await?;
    }
    let levels = store::stock::book(work.conn(), changes, reason, reference, now).await?;
    for level in &levels {
        announce::level_changed(work, regions, level);
    }
    Ok(!levels.is_empty())
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
) -> Result<(), Error> {
    if changes.is_empty() || book(work, regions, changes, reason, reference).await? {
        Ok(())
    } else {
        Err(Error::CountersDisagree(changes[0].shelf.clone()))
    }
}
