//! Giving a hold back.

use meridian_messaging::Work;
use meridian_types::{CaseId, HoldId};

use super::claim::{free, lock_with_receipts};
use super::{announce, expire_hold};
use crate::domain::hold::{Hold, HoldState};
use crate::error::Error;
use crate::regions::Regions;
use crate::store;

/// Releases a hold, or answers for it again when it claims nothing any more. Of an id never seen it keeps a tombstone,
/// so that a late placing is refused.
///
/// # Errors
/// `HoldInTransfer` and `HoldConsumed`: the transfer has to be called off instead.
pub(crate) async fn release_hold(
    work: &mut Work,
    regions: &Regions,
    hold_id: HoldId,
    case_id: Option<CaseId>,
) -> Result<Hold, Error> {
    let tombstone = Hold::tombstone(hold_id, case_id);
    if store::hold::insert(work.conn(), &tombstone).await? {
        announce::hold_released(work, &tombstone);
        return Ok(tombstone);
    }
    let mut hold = lock_with_receipts(work, hold_id).await?;
    if let Some(released) = hold.release()? {
        if let Some(transfer_id) = store::transfer::id_of_hold(work.conn(), hold_id).await? {
            return Err(Error::HoldInTransfer { hold_id, transfer_id });
        }
        give_back(work, regions, &mut hold, released).await?;
    }
    announce::hold_released(work, &hold);
    Ok(hold)
}

/// Ends the claim of a hold that has not left the shelf. Receipts that it awaits are locked.
pub(crate) async fn give_back(
    work: &mut Work,
    regions: &Regions,
    hold: &mut Hold,
    end: HoldState,
) -> Result<(), Error> {
    free(work, regions, &hold.lines).await?;
    hold.enter(end);
    store::hold::update(work.conn(), hold).await?;
    expire_hold::unschedule(work, hold);
    Ok(())
}
