//! What dispatches say about visits.

use async_trait::async_trait;
use meridian_messaging::{Event, Handler, Work};
use meridian_proto::dispatch::v1 as pb;
use meridian_types::{Problem, VisitId};

use super::{parsed, said};
use crate::domain::{Input, VisitMilestone};
use crate::operations::learn::learn_of_task;

/// Listens to the dispatch of one region.
pub(crate) struct DispatchEvents;

#[async_trait]
impl Handler for DispatchEvents {
    async fn handle(&self, work: &mut Work, event: &Event) -> Result<(), Problem> {
        if event.is::<pb::VisitHeld>() {
            let told: pb::VisitHeld = event.decode()?;
            let visit: VisitId = parsed("visit_id", &told.visit_id)?;
            let said = said::<pb::VisitHeld>(event, "The engineer's time is held".to_owned());
            Ok(learn_of_task(work, visit.uuid(), said, Some(Input::VisitHeld(visit))).await?)
        } else if event.is::<pb::VisitRefused>() {
            let told: pb::VisitRefused = event.decode()?;
            let visit: VisitId = parsed("visit_id", &told.visit_id)?;
            let text = format!("A wish about the visit of {} was refused: {}", told.engineer_id, told.reason);
            let said = said::<pb::VisitRefused>(event, text);
            Ok(learn_of_task(work, visit.uuid(), said, Some(Input::VisitRefused(visit))).await?)
        } else if event.is::<pb::VisitProgressed>() {
            visit_progressed(work, event).await
        } else if event.is::<pb::VisitDisrupted>() {
            let told: pb::VisitDisrupted = event.decode()?;
            let visit: VisitId = parsed("visit_id", &told.visit_id)?;
            let why = told.reason().as_str_name().trim_start_matches("ABSENCE_REASON_").to_lowercase();
            let said = said::<pb::VisitDisrupted>(event, format!("{} cannot come ({why})", told.engineer_id));
            Ok(learn_of_task(work, visit.uuid(), said, Some(Input::VisitDisrupted(visit))).await?)
        } else {
            Ok(())
        }
    }
}

async fn visit_progressed(work: &mut Work, event: &Event) -> Result<(), Problem> {
    let told: pb::VisitProgressed = event.decode()?;
    let visit: VisitId = parsed("visit_id", &told.visit_id)?;
    let (milestone, text) = match told.state() {
        pb::VisitState::Booked => (VisitMilestone::Booked, "is booked"),
        pb::VisitState::Accepted => (VisitMilestone::Accepted, "has said yes"),
        pb::VisitState::Started => (VisitMilestone::Started, "is on the way"),
        pb::VisitState::Finished => (VisitMilestone::Finished, "has finished the work"),
        pb::VisitState::Unsolved => (VisitMilestone::Unsolved, "could not solve it"),
        pb::VisitState::Cancelled => (VisitMilestone::Cancelled, "need not come any more"),
        pb::VisitState::Expired => (VisitMilestone::Expired, "is no longer held"),
        pb::VisitState::Held | pb::VisitState::Unspecified => return Ok(()),
    };
    let who = if told.engineer_id.is_empty() { "The engineer" } else { &told.engineer_id };
    let said = said::<pb::VisitProgressed>(event, format!("{who} {text}"));
    Ok(learn_of_task(work, visit.uuid(), said, Some(Input::VisitProgressed(visit, milestone))).await?)
}
