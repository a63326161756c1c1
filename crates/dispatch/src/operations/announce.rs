//! Events that several operations emit.

use meridian_chassis::encode;
use meridian_messaging::Work;
use meridian_proto::dispatch::v1 as pb;
use meridian_types::{EngineerId, VisitId};

use crate::domain::claim::Claim;
use crate::domain::order::StoredOrder;
use crate::domain::publication::MoveCause;
use crate::domain::visit::{Visit, VisitState};
use crate::error::Error;
use crate::store;
use crate::store::visit::Found;
use crate::wire;

/// Tells the world what takes the engineer's time now, all of it. The caller holds the lock on the engineer,
/// so that versions and contents have the same order. Returns the version.
pub(crate) async fn free_busy(work: &mut Work, engineer: &EngineerId) -> Result<i64, Error> {
    let version = store::engineer::bump(work.conn(), engineer).await?;
    let now = work.now();
    let taken = store::free_busy::after(work.conn(), engineer, now).await?;
    work.emit(engineer, version, &wire::free_busy::encode(engineer, &taken, version));
    Ok(version)
}

/// Tells that a claim is held.
pub(crate) fn held(work: &mut Work, visit: &Visit) {
    let event = pb::VisitHeld {
        visit_id: visit.claim.visit.to_string(),
        case_id: visit.claim.case.to_string(),
        expires_at: Some(encode::timestamp(visit.expires_at)),
    };
    work.emit(visit.claim.visit, visit.version, &event);
}

/// Tells where a visit stands, and of which work order it is.
pub(crate) async fn progressed(work: &mut Work, visit: &Visit) -> Result<(), Error> {
    let order = store::order::of_visit(work.conn(), visit.claim.visit).await?;
    progressed_of(work, visit, order.as_ref());
    Ok(())
}

/// Tells where a visit of an order stands; of none when it was claimed without one.
pub(crate) fn progressed_of(work: &mut Work, visit: &Visit, order: Option<&StoredOrder>) {
    let event = pb::VisitProgressed {
        visit_id: visit.claim.visit.to_string(),
        case_id: visit.claim.case.to_string(),
        engineer_id: visit.claim.engineer.to_string(),
        state: wire::visit::encode_state(visit.state).into(),
        happened_at: Some(encode::timestamp(work.now())),
        ordered: order.map(|order| wire::visit::ordered(order, &visit.claim)),
    };
    work.emit(visit.claim.visit, visit.version, &event);
}

/// Tells where a visit of a work order takes place now, and why no longer as before.
pub(crate) fn moved(
    work: &mut Work,
    (before, cause): (&EngineerId, MoveCause),
    (claim, version): (&Claim, i64),
    order: Option<&StoredOrder>,
) {
    let event = pb::VisitMoved {
        visit_id: claim.visit.to_string(),
        case_id: claim.case.to_string(),
        engineer_id_before: before.to_string(),
        engineer_id: claim.engineer.to_string(),
        during: Some(encode::interval(claim.during)),
        work: Some(encode::interval(claim.work)),
        happened_at: Some(encode::timestamp(work.now())),
        ordered: order.map(|order| wire::visit::ordered(order, claim)),
        reason: wire::visit::encode_cause(cause).into(),
    };
    work.emit(claim.visit, version, &event);
}

/// Tells that a visit which nobody had held is cancelled.
pub(crate) fn never_held(work: &mut Work, id: VisitId, case_id: &str) {
    let event = pb::VisitProgressed {
        visit_id: id.to_string(),
        case_id: case_id.to_owned(),
        engineer_id: String::new(),
        state: wire::visit::encode_state(VisitState::Cancelled).into(),
        happened_at: Some(encode::timestamp(work.now())),
        ordered: None,
    };
    work.emit(id, Found::NeverHeld.version(), &event);
}
