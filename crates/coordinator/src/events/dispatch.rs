//! What dispatches say about visits: of plans, and of work orders.

use async_trait::async_trait;
use meridian_chassis::decode;
use meridian_messaging::{Event, Handler, Work};
use meridian_proto::dispatch::v1 as pb;
use meridian_types::{Interval, Problem, Violations, VisitId};

use super::{parsed, said};
use crate::domain::{Because, Disruption, Heard, Input, OrderedVisit, VisitMilestone};
use crate::error::Error;
use crate::operations::keep_appointment::keep_appointment;
use crate::operations::learn::{Said, learn_of_task};
use crate::store::plan;
use crate::wire::appointment::progress;

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
        } else if event.is::<pb::VisitMoved>() {
            visit_moved(work, event).await
        } else if event.is::<pb::VisitDisrupted>() {
            visit_disrupted(work, event).await
        } else {
            Ok(())
        }
    }
}

async fn visit_progressed(work: &mut Work, event: &Event) -> Result<(), Problem> {
    let told: pb::VisitProgressed = event.decode()?;
    let state = match told.state() {
        pb::VisitState::Booked => VisitMilestone::Booked,
        pb::VisitState::Accepted => VisitMilestone::Accepted,
        pb::VisitState::Started => VisitMilestone::Started,
        pb::VisitState::Finished => VisitMilestone::Finished,
        pb::VisitState::Unsolved => VisitMilestone::Unsolved,
        pb::VisitState::Cancelled => VisitMilestone::Cancelled,
        pb::VisitState::Expired => VisitMilestone::Expired,
        pb::VisitState::Held | pb::VisitState::Unspecified => return Ok(()),
    };
    let visit: VisitId = parsed("visit_id", &told.visit_id)?;
    let who = if told.engineer_id.is_empty() { "The engineer" } else { &told.engineer_id };
    let said = said::<pb::VisitProgressed>(event, format!("{who} {}", progress(state)));
    let about = About {
        visit,
        case_id: &told.case_id,
        engineer_id: &told.engineer_id,
        ordered: told.ordered.as_ref(),
        state,
        reason: None,
    };
    about.learn(work, event, (said, Input::VisitProgressed(visit, state))).await
}

async fn visit_moved(work: &mut Work, event: &Event) -> Result<(), Problem> {
    let told: pb::VisitMoved = event.decode()?;
    let visit: VisitId = parsed("visit_id", &told.visit_id)?;
    let moved_to = interval("work", told.work)?;
    let reason = match told.reason() {
        pb::MoveReason::EngineerUnavailable => Some(Disruption::EngineerUnavailable),
        pb::MoveReason::OrderChanged => Some(Disruption::NeedChanged),
        pb::MoveReason::Replanned | pb::MoveReason::Unspecified => None,
    };
    let said = said::<pb::VisitMoved>(event, format!("{} comes at another time", told.engineer_id));
    let about = About {
        visit,
        case_id: &told.case_id,
        engineer_id: &told.engineer_id,
        ordered: told.ordered.as_ref(),
        state: VisitMilestone::Booked,
        reason,
    };
    about.learn(work, event, (said, Input::VisitMoved(visit, moved_to))).await
}

async fn visit_disrupted(work: &mut Work, event: &Event) -> Result<(), Problem> {
    let told: pb::VisitDisrupted = event.decode()?;
    let visit: VisitId = parsed("visit_id", &told.visit_id)?;
    let why = told.reason().as_str_name().trim_start_matches("ABSENCE_REASON_").to_lowercase();
    let said = said::<pb::VisitDisrupted>(event, format!("{} cannot come ({why})", told.engineer_id));
    let about = About {
        visit,
        case_id: &told.case_id,
        engineer_id: &told.engineer_id,
        ordered: told.ordered.as_ref(),
        state: VisitMilestone::Cancelled,
        reason: Some(Disruption::EngineerUnavailable),
    };
    about.learn(work, event, (said, Input::VisitDisrupted(visit))).await
}

/// The visit that an event is about, and where it stands.
struct About<'e> {
    visit: VisitId,
    case_id: &'e str,
    engineer_id: &'e str,
    ordered: Option<&'e pb::OrderedVisit>,
    state: VisitMilestone,
    reason: Option<Disruption>,
}

impl About<'_> {
    /// A visit of a plan is the plan's to deal with, one of a work order an appointment of its case.
    async fn learn(
        self,
        work: &mut Work,
        event: &Event,
        (said, input): (Said, Input),
    ) -> Result<(), Problem> {
        let task = self.visit.uuid();
        if plan::of_task(work.conn(), task).await.map_err(Error::from)?.is_some() {
            return Ok(learn_of_task(work, task, said, Some(input)).await?);
        }
        let Some(ordered) = self.ordered else { return Ok(()) };
        let heard = Heard {
            case_id: parsed("case_id", self.case_id)?,
            order: parsed("ordered.work_order_id", &ordered.work_order_id)?,
            visit: OrderedVisit {
                visit: self.visit,
                version: event.aggregate_version,
                state: self.state,
                region: event.source.region.clone(),
                engineer: parsed("engineer_id", self.engineer_id)?,
                site: parsed("ordered.site_id", &ordered.site_id)?,
                work: interval("ordered.work", ordered.work)?,
                promised: ordered
                    .promised
                    .map(|promised| interval("ordered.promised", Some(promised)))
                    .transpose()?,
            },
            because: Because { reason: self.reason, planned_again: ordered.stays_open },
        };
        Ok(keep_appointment(work, &heard, said).await?)
    }
}

/// A span of time in an event.
fn interval(field: &str, span: Option<meridian_proto::types::v1::Interval>) -> Result<Interval, Problem> {
    let mut violations = Violations::new();
    let value = decode::interval(&mut violations, field, span);
    decode::complete(violations, value)
}
