//! Booking, accepting, starting, finishing and cancelling a visit.

use meridian_messaging::Work;
use meridian_types::VisitId;

use super::announce;
use crate::domain::visit::{Outcome, Step, Visit};
use crate::error::Error;
use crate::store;
use crate::store::visit::Found;

/// What became of a step.
#[derive(Debug)]
pub(crate) struct Advanced {
    pub(crate) found: Found,
    /// It was announced. A step that had been taken before, or that nobody waits for, was not.
    pub(crate) is_news: bool,
}

/// Takes the visit one step on. To cancel one that nobody has held is remembered, so that a late hold is
/// refused.
pub(crate) async fn advance_visit(work: &mut Work, id: VisitId, step: Step) -> Result<Advanced, Error> {
    let found = match store::visit::find_locked(work.conn(), id).await? {
        None if step == Step::Cancel => {
            if store::visit::insert_never_held(work.conn(), id).await? {
                return Ok(Advanced { found: Found::NeverHeld, is_news: false });
            }
            // Somebody was quicker.
            store::visit::find_locked(work.conn(), id).await?
        }
        found => found,
    };
    match found.ok_or(Error::VisitNotFound(id))? {
        Found::Visit(visit) => advance(work, *visit, step).await,
        found @ Found::NeverHeld if step == Step::Cancel => Ok(Advanced { found, is_news: false }),
        Found::NeverHeld => Err(Error::VisitCancelled(id)),
    }
}

async fn advance(work: &mut Work, mut visit: Visit, step: Step) -> Result<Advanced, Error> {
    let id = visit.claim.visit;
    let is_news = match visit.after(step, work.now()) {
        Outcome::Moves(state) => {
            let was_open = visit.state.is_open();
            visit.version = store::visit::set_state(work.conn(), id, state).await?;
            visit.state = state;
            announce::progressed(work, &visit).await?;
            if was_open && !state.is_open() {
                announce::free_busy(work, &visit.claim.engineer).await?;
            }
            true
        }
        Outcome::Stands => false,
        Outcome::Impossible => {
            return Err(Error::VisitState { visit: id, from: visit.state, to: step.target() });
        }
        Outcome::TooLate => return Err(Error::VisitExpired { visit: id, expired_at: visit.expires_at }),
    };
    Ok(Advanced { found: Found::Visit(Box::new(visit)), is_news })
}
