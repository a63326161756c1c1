//! Claiming an engineer's time.

use jiff::SignedDuration;
use meridian_messaging::{Timer, Work};
use meridian_scheduler::workforce::Spans;
use meridian_types::RegionId;

use super::{announce, expire_visits};
use crate::domain::claim::Claim;
use crate::domain::visit::{Visit, VisitState};
use crate::error::Error;
use crate::store;
use crate::store::visit::Found;

/// What became of a claim.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) visit: Visit,
    /// The same claim had been made before; nothing was announced now.
    pub(crate) is_repetition: bool,
}

/// Holds the visit for `minutes`. The calendar is checked here; that no other visit is in the way is decided
/// by the database, by the attempt itself.
pub(crate) async fn hold_visit(
    work: &mut Work,
    region: &RegionId,
    claim: &Claim,
    minutes: i32,
) -> Result<Held, Error> {
    store::order::keep_from_becoming_orders(work.conn()).await?;
    if store::order::has_visit(work.conn(), claim.visit).await? {
        return Err(Error::VisitOfOrder(claim.visit));
    }
    if let Some(found) = store::visit::find(work.conn(), claim.visit).await? {
        return repeated(found, claim);
    }
    let now = work.now();
    if claim.work.end() <= now {
        return Err(Error::InPast { field: "visit.work.end", end: claim.work.end() });
    }
    let technician = store::engineer::lock(work.conn(), &claim.engineer, region)
        .await?
        .ok_or_else(|| Error::EngineerNotFound(claim.engineer.clone()))?;
    let absent = store::absence::overlapping(work.conn(), &claim.engineer, claim.during).await?;
    claim
        .allowed(&technician.engineer, &absent, &Spans::default())
        .map_err(|reason| Error::NotAllowed { engineer: claim.engineer.clone(), reason })?;
    // A claim that ran out is in nobody's way, whether or not its timer has fired.
    expire_visits::expire_overdue(work, &claim.engineer).await?;
    let visit = Visit {
        claim: claim.clone(),
        state: VisitState::Held,
        expires_at: now + SignedDuration::from_mins(minutes.into()),
        version: 1,
    };
    if !store::visit::insert(work.conn(), &visit).await? {
        return refused_or_repeated(work, claim).await;
    }
    work.schedule(Timer {
        kind: expire_visits::TIMER,
        key: claim.visit.to_string(),
        due: visit.expires_at,
        payload: serde_json::Value::Null,
    });
    announce::held(work, &visit);
    announce::free_busy(work, &claim.engineer).await?;
    Ok(Held { visit, is_repetition: false })
}

/// The claim's id or time is taken.
async fn refused_or_repeated(work: &mut Work, claim: &Claim) -> Result<Held, Error> {
    if let Some(found) = store::visit::find(work.conn(), claim.visit).await? {
        return repeated(found, claim);
    }
    let in_the_way = store::visit::open_during(work.conn(), &claim.engineer, claim.during).await?;
    // It cannot have gone meanwhile: we hold the lock on the engineer.
    let other = in_the_way.into_iter().next().ok_or(sqlx::Error::RowNotFound)?;
    Err(Error::EngineerNotFree {
        engineer: claim.engineer.clone(),
        in_the_way: other.claim.visit,
        during: other.claim.takes(),
    })
}

/// The answer to a claim whose id is known.
fn repeated(found: Found, claim: &Claim) -> Result<Held, Error> {
    match found {
        Found::Visit(visit) if visit.claim != *claim => Err(Error::VisitExists(claim.visit)),
        Found::Visit(visit) => match visit.state {
            VisitState::Cancelled => Err(Error::VisitCancelled(claim.visit)),
            VisitState::Expired => {
                Err(Error::VisitExpired { visit: claim.visit, expired_at: visit.expires_at })
            }
            VisitState::Held
            | VisitState::Booked
            | VisitState::Accepted
            | VisitState::Started
            | VisitState::Finished
            | VisitState::Unsolved => Ok(Held { visit: *visit, is_repetition: true }),
        },
        Found::NeverHeld => Err(Error::VisitCancelled(claim.visit)),
    }
}
