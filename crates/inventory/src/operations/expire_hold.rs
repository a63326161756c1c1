//! Ending holds that nobody confirmed in time.

use meridian_messaging::{Timer, Work};
use meridian_types::HoldId;

use super::announce;
use super::claim::lock_with_receipts;
use super::release_hold::give_back;
use crate::domain::hold::{Hold, HoldState};
use crate::error::Error;
use crate::regions::Regions;

/// Kind of the timers that end holds; the key is the hold.
pub(crate) const HOLD_EXPIRY: &str = "hold_expiry";

/// Ends a hold whose time has run out. One that was extended, confirmed or given back meanwhile stays as it is.
pub(crate) async fn expire_hold(work: &mut Work, regions: &Regions, hold_id: HoldId) -> Result<(), Error> {
    let now = work.now();
    let mut hold = match lock_with_receipts(work, hold_id).await {
        Err(Error::HoldNotFound(_)) => return Ok(()),
        hold => hold?,
    };
    if let Some(expired) = hold.expire(now) {
        give_back(work, regions, &mut hold, expired).await?;
        announce::hold_expired(work, &hold);
    }
    Ok(())
}

/// Sets the timer for a hold that expires.
pub(crate) fn schedule(work: &mut Work, hold: &Hold) {
    if let HoldState::Held { expires_at } = hold.state {
        let payload = serde_json::Value::Null;
        work.schedule(Timer { kind: HOLD_EXPIRY, key: hold.id.to_string(), due: expires_at, payload });
    }
}

/// Removes the timer of a hold that does not expire any more.
pub(crate) fn unschedule(work: &mut Work, hold: &Hold) {
    work.cancel_timer(HOLD_EXPIRY, hold.id.to_string());
}
