//! Making a hold a reservation.

use meridian_messaging::Work;
use meridian_types::HoldId;

use super::{announce, expire_hold};
use crate::domain::hold::Hold;
use crate::error::Error;
use crate::store;

/// Confirms a hold, or answers for it again when it is confirmed.
///
/// # Errors
/// `HoldNotFound`, or why the hold does not stand any more.
pub(crate) async fn confirm_hold(work: &mut Work, hold_id: HoldId) -> Result<Hold, Error> {
    let now = work.now();
    let mut hold = store::hold::lock(work.conn(), hold_id).await?.ok_or(Error::HoldNotFound(hold_id))?;
    if let Some(confirmed) = hold.confirm(now)? {
        hold.enter(confirmed);
        store::hold::update(work.conn(), &hold).await?;
        expire_hold::unschedule(work, &hold);
    }
    announce::hold_confirmed(work, &hold);
    Ok(hold)
}
