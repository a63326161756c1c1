//! An engineer is away.

use meridian_chassis::encode;
use meridian_messaging::Work;
use meridian_proto::dispatch::v1 as pb;
use meridian_types::{RegionId, VisitId};

use super::announce;
use crate::domain::absence::Absence;
use crate::domain::visit::VisitState;
use crate::error::Error;
use crate::store;
use crate::wire;

/// Records the absence and calls off every open visit of this engineer that it touches, also one that has
/// begun, and what comes after it on the same trip. Returns those visits, by start.
pub(crate) async fn record_absence(
    work: &mut Work,
    region: &RegionId,
    absence: &Absence,
) -> Result<Vec<VisitId>, Error> {
    let Absence { engineer, during, reason } = absence;
    if during.end() <= work.now() {
        return Err(Error::InPast { field: "during.end", end: during.end() });
    }
    store::engineer::lock(work.conn(), engineer, region)
        .await?
        .ok_or_else(|| Error::EngineerNotFound(engineer.clone()))?;
    let id = work.ids().uuid();
    store::absence::insert(work.conn(), id, absence).await?;
    let disrupted = store::visit::hindered(work.conn(), engineer, *during).await?;
    let reason = wire::absence::encode_reason(*reason).into();
    for visit in &disrupted {
        let id = visit.claim.visit;
        let version = store::visit::set_state(work.conn(), id, VisitState::Cancelled).await?;
        let event = pb::VisitDisrupted {
            visit_id: id.to_string(),
            case_id: visit.claim.case.to_string(),
            engineer_id: engineer.to_string(),
            reason,
        };
        work.emit(id, version, &event);
    }
    let version = announce::free_busy(work, engineer).await?;
    let during = Some(encode::interval(*during));
    work.emit(engineer, version, &pb::EngineerAbsent { engineer_id: engineer.to_string(), during, reason });
    Ok(disrupted.into_iter().map(|visit| visit.claim.visit).collect())
}
