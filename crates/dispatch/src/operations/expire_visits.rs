//! Giving back time that nobody booked.

use meridian_messaging::Work;
use meridian_types::{EngineerId, VisitId};

use super::announce;
use crate::domain::visit::VisitState;
use crate::error::Error;
use crate::store;
use crate::store::visit::Found;

/// Kind of the timers that fire when claims expire; the key is the visit's id.
pub(crate) const TIMER: &str = "visit_expiry";

/// Acts on the timer of a visit. One that was booked meanwhile is left as it is: its timer is not cancelled,
/// because two units of work would then lock timer and engineer in opposite order.
pub(crate) async fn expire_visit(work: &mut Work, id: VisitId) -> Result<(), Error> {
    let found = store::visit::find_locked(work.conn(), id).await?;
    let now = work.now();
    match found {
        Some(Found::Visit(visit)) if visit.is_overdue(now) => {
            expire_overdue(work, &visit.claim.engineer).await
        }
        Some(Found::Visit(_) | Found::NeverHeld) | None => Ok(()),
    }
}

/// Expires every overdue claim on an engineer's time. The caller holds the lock on the engineer.
pub(crate) async fn expire_overdue(work: &mut Work, engineer: &EngineerId) -> Result<(), Error> {
    let now = work.now();
    let overdue = store::visit::overdue(work.conn(), engineer, now).await?;
    if overdue.is_empty() {
        return Ok(());
    }
    for mut visit in overdue {
        visit.state = VisitState::Expired;
        visit.version = store::visit::set_state(work.conn(), visit.claim.visit, visit.state).await?;
        announce::progressed(work, &visit).await?;
    }
    announce::free_busy(work, engineer).await?;
    Ok(())
}
