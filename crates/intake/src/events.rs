//! Messages of the region's coordinator, which call the same operations as gRPC does, and the timers.

use async_trait::async_trait;
use meridian_messaging::{Event, FiredTimer, Handler, TimerHandler, Work};
use meridian_proto::coordinator::v1::{
    CancelPartyOrderRequested, PartyOrderRequested, PlacePartyOrderRequested, PublicCalendarDefined,
    ReferralRequested,
};
use meridian_types::{CaseId, Problem};

use crate::operations::follow_plan::follow_plan;
use crate::operations::party_order;
use crate::operations::pass_due_time::pass_due_time;
use crate::operations::refer_case::refer_for_plan;
use crate::operations::settle::CASE_DUE;
use crate::{store, wire};

/// Follows the plans of the region's coordinator and obeys its commands.
pub(crate) struct CoordinatorEvents;

#[async_trait]
impl Handler for CoordinatorEvents {
    async fn handle(&self, work: &mut Work, event: &Event) -> Result<(), Problem> {
        learn_weekend(work, event).await?;
        if event.is::<ReferralRequested>() {
            let wish = wire::referral::decode_requested(&event.decode()?)?;
            refer_for_plan(work, wish).await?;
        } else if event.is::<PartyOrderRequested>() {
            let PartyOrderRequested { order_id, case_id, terms } = event.decode()?;
            party_order::ask(work, wire::party_order::decode_wish(&order_id, &case_id, terms)?).await?;
        } else if event.is::<PlacePartyOrderRequested>() {
            let PlacePartyOrderRequested { order_id, .. } = event.decode()?;
            party_order::place(work, wire::party_order::decode_id(&order_id)?).await?;
        } else if event.is::<CancelPartyOrderRequested>() {
            let CancelPartyOrderRequested { order_id, case_id, terms } = event.decode()?;
            party_order::cancel(work, wire::party_order::decode_wish(&order_id, &case_id, terms)?).await?;
        } else if let Some((case_id, report)) = wire::plan::decode(event)? {
            follow_plan(work, case_id, report).await?;
        }
        Ok(())
    }
}

/// Learns from the coordinators of other regions which days are without work.
pub(crate) struct WeekendEvents;

#[async_trait]
impl Handler for WeekendEvents {
    async fn handle(&self, work: &mut Work, event: &Event) -> Result<(), Problem> {
        learn_weekend(work, event).await
    }

    fn concerns(&self, event: &Event) -> bool {
        event.is::<PublicCalendarDefined>()
    }
}

/// Learns from a public calendar; every other event is no news here.
async fn learn_weekend(work: &mut Work, event: &Event) -> Result<(), Problem> {
    if !event.is::<PublicCalendarDefined>() {
        return Ok(());
    }
    let calendar = event.decode::<PublicCalendarDefined>()?.public_calendar.unwrap_or_default();
    if let Some((country, days)) = wire::weekend::decode(&calendar)? {
        store::public_weekend::put(work.conn(), &event.source.region, &country, &days).await?;
    }
    Ok(())
}

/// Sees to cases whose due time has passed.
pub(crate) struct Timers;

#[async_trait]
impl TimerHandler for Timers {
    async fn fire(&self, work: &mut Work, timer: &FiredTimer) -> Result<(), Problem> {
        if timer.kind == CASE_DUE
            && let Ok(case_id) = timer.key.parse::<CaseId>()
        {
            pass_due_time(work, case_id).await?;
        }
        Ok(())
    }
}
