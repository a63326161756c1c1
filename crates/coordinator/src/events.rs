//! Messages of other services, which call the same operations as the calls do; and the timers.

mod dispatch;
mod intake;
mod inventory;
mod network;

use async_trait::async_trait;
use meridian_chassis::decode;
use meridian_messaging::{Announced, Event, FiredTimer, TimerHandler, Work};
use meridian_types::{PlanId, Problem, ProblemKind, Rule, Violations};

pub(crate) use dispatch::DispatchEvents;
pub(crate) use intake::IntakeEvents;
pub(crate) use inventory::InventoryEvents;
pub(crate) use network::NetworkEvents;

use crate::domain::Input;
use crate::error::Error;
use crate::operations::advance::{PLAN_TIMER, advance};
use crate::operations::learn::Said;
use crate::store::{plan, served_case};

/// Plans whose due time has come.
pub(crate) struct Timers;

#[async_trait]
impl TimerHandler for Timers {
    async fn fire(&self, work: &mut Work, timer: &FiredTimer) -> Result<(), Problem> {
        if timer.kind == PLAN_TIMER
            && let Ok(plan_id) = timer.key.parse::<PlanId>()
            && let Some(stored) = plan::find(work.conn(), plan_id).await.map_err(Error::from)?
        {
            let case_id = stored.plan.case_id;
            // The timer's own row is locked by now. Whoever has the case locked may be about to set the timer anew, and
            // would wait for us.
            if !served_case::try_lock(work.conn(), case_id).await.map_err(Error::from)? {
                return Err(Problem::new(ProblemKind::Unavailable, "CASE_BUSY", "the case is being changed"));
            }
            advance(work, (plan_id, case_id), Input::Due).await?;
        }
        Ok(())
    }
}

/// An event of a message type, as the timeline tells it.
fn said<M: Announced>(event: &Event, text: String) -> Said {
    Said {
        time: event.time,
        region: event.source.region.to_string(),
        service: event.source.service.to_string(),
        event: format!("{}.{}", M::AGGREGATE, M::EVENT),
        text,
    }
}

/// An id or a code in an event.
fn parsed<T: std::str::FromStr<Err = Rule>>(field: &str, text: &str) -> Result<T, Problem> {
    let mut violations = Violations::new();
    let value = decode::parsed(&mut violations, field, text);
    decode::complete(violations, value)
}

/// An instant in an event.
fn instant(field: &str, at: Option<prost_types::Timestamp>) -> Result<jiff::Timestamp, Problem> {
    let mut violations = Violations::new();
    let value = decode::timestamp(&mut violations, field, at);
    decode::complete(violations, value)
}

/// An instant in an event that may be left out.
fn instant_if_set(
    field: &str,
    at: Option<prost_types::Timestamp>,
) -> Result<Option<jiff::Timestamp>, Problem> {
    at.map(|at| instant(field, Some(at))).transpose()
}
