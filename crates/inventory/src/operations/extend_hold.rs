//! Moving the expiry of a hold.

use jiff::SignedDuration;
use meridian_messaging::Work;
use meridian_types::HoldId;

use super::expire_hold;
use crate::domain::hold::Hold;
use crate::error::Error;
use crate::store;

/// Lets a hold expire `expires_in` from now.
///
/// # Errors
/// `HoldNotFound`, `HoldNotHeld` for a reservation, or why the hold does not stand any more.
pub(crate) async fn extend_hold(
    work: &mut Work,
    hold_id: HoldId,
    expires_in: SignedDuration,
) -> Result<Hold, Error> {
    let now = work.now();
    let mut hold = store::hold::lock(work.conn(), hold_id).await?.ok_or(Error::HoldNotFound(hold_id))?;
    let extended = hold.extend(now, now + expires_in)?;
    hold.enter(extended);
    store::hold::update(work.conn(), &hold).await?;
    expire_hold::schedule(work, &hold);
    Ok(hold)
}
