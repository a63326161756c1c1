//! Messages of other services, which call the same operations as gRPC does.
//!
//! A command that is refused is answered by an event; only a message that cannot be understood, or a defect, is an error.

use std::sync::Arc;

use async_trait::async_trait;
use meridian_messaging::{Event, Handler, Work};
use meridian_proto::coordinator::v1 as commands;
use meridian_proto::inventory::v1 as pb;
use meridian_types::{CaseId, HoldId, Problem, RegionId, TransferId};

use crate::domain::transfer::{Milestone, TransferState};
use crate::error::Error;
use crate::operations::confirm_hold::confirm_hold;
use crate::operations::place_hold::place_hold;
use crate::operations::record_milestone::{RecordMilestone, record_milestone};
use crate::operations::release_hold::release_hold;
use crate::operations::request_transfer::request_transfer;
use crate::operations::shelve_goods::shelve_goods;
use crate::operations::{announce, arrive, learn};
use crate::regions::Regions;
use crate::store;
use crate::wire;

/// Obeys the coordinators' commands to this region.
pub(crate) struct CoordinatorEvents(Arc<Regions>);

impl CoordinatorEvents {
    pub(crate) const fn new(regions: Arc<Regions>) -> Self {
        Self(regions)
    }

    fn is_meant(&self, target_region: &str) -> bool {
        target_region == self.0.own().as_str()
    }

    async fn hold_stock(
        &self,
        work: &mut Work,
        command: commands::HoldStockRequested,
    ) -> Result<(), Problem> {
        let hold_id = wire::field::id("hold_id", &command.hold_id)?;
        let placed = match wire::hold::place_command(&command) {
            Ok(wanted) => place_hold(work, &self.0, &wanted).await.map_err(Problem::from),
            Err(problem) => Err(problem),
        };
        if let Some(problem) = refusal(placed)? {
            let version = hold_version(work, hold_id).await?;
            announce::hold_refused(work, hold_id, version, &command.case_id, &problem);
        }
        Ok(())
    }

    async fn confirm_stock(
        &self,
        work: &mut Work,
        command: commands::ConfirmStockRequested,
    ) -> Result<(), Problem> {
        let hold_id = wire::field::id("hold_id", &command.hold_id)?;
        let confirmed = confirm_hold(work, hold_id).await.map_err(Problem::from);
        let about = About { hold_id: command.hold_id, case_id: command.case_id, ..About::default() };
        about.answer_refusal(work, confirmed).await
    }

    async fn release_stock(
        &self,
        work: &mut Work,
        command: commands::ReleaseStockRequested,
    ) -> Result<(), Problem> {
        let hold_id = wire::field::id("hold_id", &command.hold_id)?;
        let case_id: CaseId = wire::field::id("case_id", &command.case_id)?;
        let released = release_hold(work, &self.0, hold_id, Some(case_id)).await.map_err(Problem::from);
        let about = About { hold_id: command.hold_id, case_id: command.case_id, ..About::default() };
        about.answer_refusal(work, released).await
    }

    async fn move_goods(&self, work: &mut Work, command: commands::MoveRequested) -> Result<(), Problem> {
        wire::field::id::<TransferId>("transfer_id", &command.transfer_id)?;
        let requested = match wire::transfer::move_command(&command) {
            Ok(wanted) => request_transfer(work, &self.0, &wanted).await.map_err(Problem::from),
            Err(problem) => Err(problem),
        };
        let about =
            About { hold_id: command.hold_id, transfer_id: command.transfer_id, case_id: command.case_id };
        about.answer_refusal(work, requested).await
    }

    async fn cancel_move(
        &self,
        work: &mut Work,
        command: commands::CancelMoveRequested,
    ) -> Result<(), Problem> {
        let transfer_id: TransferId = wire::field::id("transfer_id", &command.transfer_id)?;
        let cancelled = self.cancel(work, transfer_id).await.map_err(Problem::from);
        let about = About { transfer_id: command.transfer_id, case_id: command.case_id, ..About::default() };
        about.answer_refusal(work, cancelled).await
    }

    async fn shelve_goods(
        &self,
        work: &mut Work,
        command: commands::ShelveGoodsRequested,
    ) -> Result<(), Problem> {
        let transfer_id: TransferId = wire::field::id("transfer_id", &command.transfer_id)?;
        let case_id: CaseId = wire::field::id("case_id", &command.case_id)?;
        let shelved = match wire::hold::told_lines(&command.lines) {
            Ok(lines) => {
                let brought = (transfer_id, case_id);
                shelve_goods(work, &self.0, brought, &lines).await.map_err(Problem::from)
            }
            Err(problem) => Err(problem),
        };
        let about = About { transfer_id: command.transfer_id, case_id: command.case_id, ..About::default() };
        about.answer_refusal(work, shelved).await
    }

    /// Calls a transfer off, or says again that it is.
    async fn cancel(&self, work: &mut Work, transfer_id: TransferId) -> Result<(), Error> {
        let known = store::transfer::lock(work.conn(), transfer_id).await?;
        if let Some(transfer) = known
            && let TransferState::After(off @ (Milestone::Cancelled | Milestone::PickFailed)) = transfer.state
        {
            let now = work.now();
            announce::transfer_progressed(work, &transfer, off, now);
            return Ok(());
        }
        let cancel = RecordMilestone {
            transfer_id,
            milestone: Milestone::Cancelled,
            happened_at: None,
            expected_at: None,
        };
        record_milestone(work, &self.0, &cancel).await.map(drop)
    }
}

#[async_trait]
impl Handler for CoordinatorEvents {
    async fn handle(&self, work: &mut Work, event: &Event) -> Result<(), Problem> {
        macro_rules! obey {
            ($($command:ident => $operation:ident,)+) => {
                $(if event.is::<commands::$command>() {
                    let command = event.decode::<commands::$command>()?;
                    return if self.is_meant(&command.target_region) {
                        self.$operation(work, command).await
                    } else {
                        Ok(())
                    };
                })+
            };
        }
        obey! {
            HoldStockRequested => hold_stock,
            ConfirmStockRequested => confirm_stock,
            ReleaseStockRequested => release_stock,
            MoveRequested => move_goods,
            CancelMoveRequested => cancel_move,
            ShelveGoodsRequested => shelve_goods,
        }
        Ok(())
    }

    fn concerns(&self, event: &Event) -> bool {
        event.is::<commands::HoldStockRequested>()
            || event.is::<commands::ConfirmStockRequested>()
            || event.is::<commands::ReleaseStockRequested>()
            || event.is::<commands::MoveRequested>()
            || event.is::<commands::CancelMoveRequested>()
            || event.is::<commands::ShelveGoodsRequested>()
    }
}

/// Learns what the inventory of another region says.
pub(crate) struct InventoryEvents(Arc<Regions>);

impl InventoryEvents {
    pub(crate) const fn new(regions: Arc<Regions>) -> Self {
        Self(regions)
    }

    async fn transfer_requested(
        &self,
        work: &mut Work,
        region: &RegionId,
        event: pb::TransferRequested,
    ) -> Result<(), Problem> {
        let transfer = event.transfer.unwrap_or_default();
        let comes_onto_our_shelf = transfer.to_region == self.0.own().as_str() && !transfer.for_case;
        if comes_onto_our_shelf && !transfer.lines.is_empty() {
            learn::learn_inbound(work, region, &wire::transfer::inbound(&transfer)?).await?;
        }
        Ok(())
    }

    async fn transfer_progressed(
        &self,
        work: &mut Work,
        region: &RegionId,
        event: pb::TransferProgressed,
    ) -> Result<(), Problem> {
        let transfer_id: TransferId = wire::field::id("transfer_id", &event.transfer_id)?;
        match event.milestone() {
            pb::Milestone::Received => {
                arrive::receive_inbound(work, &self.0, region, transfer_id).await?;
            }
            pb::Milestone::Picked => {
                self.hold_ended(work, region, &event.hold_id, &event.case_id).await?;
            }
            pb::Milestone::PickFailed | pb::Milestone::Lost | pb::Milestone::Cancelled => {
                store::inbound_transfer::end(work.conn(), transfer_id, region).await.map_err(Error::from)?;
            }
            _ => {}
        }
        Ok(())
    }

    async fn hold_claims(
        &self,
        work: &mut Work,
        event: &Event,
        (hold_id, case_id): (&str, &str),
        lines: &[pb::HoldLine],
    ) -> Result<(), Problem> {
        let lines = wire::hold::told_lines(lines)?;
        if let Some(hold) = wire::hold::told_hold(hold_id, case_id)? {
            learn::learn_hold(work, &event.source.region, hold, event.aggregate_version, lines).await?;
        }
        Ok(())
    }

    async fn hold_ended(
        &self,
        work: &mut Work,
        region: &RegionId,
        hold_id: &str,
        case_id: &str,
    ) -> Result<(), Problem> {
        // An instrument of a customer moves without a hold, and so do kits of what came for the case.
        if !hold_id.is_empty()
            && let Some(hold) = wire::hold::told_hold(hold_id, case_id)?
        {
            learn::learn_end_of_hold(work, region, hold).await?;
        }
        Ok(())
    }

    /// Another region saw what happened to a transfer of this one.
    async fn milestone_reported(
        &self,
        work: &mut Work,
        region: &RegionId,
        event: pb::MilestoneReported,
    ) -> Result<(), Problem> {
        if event.owner_region != self.0.own().as_str() {
            return Ok(());
        }
        let mut reported = wire::transfer::milestone_reported(&event)?;
        // Its clock may be ahead of ours.
        reported.happened_at = reported.happened_at.map(|at| at.min(work.now()));
        let recorded = record_milestone(work, &self.0, &reported).await.map_err(Problem::from);
        if let Err(problem) = &recorded {
            tracing::info!(transfer_id = event.transfer_id, %region, %problem, "a reported milestone is refused");
        }
        let known = store::transfer::find(work.conn(), reported.transfer_id).await.map_err(Error::from)?;
        let case_id = known.map(|transfer| transfer.case_id.to_string()).unwrap_or_default();
        let about = About { transfer_id: event.transfer_id, case_id, ..About::default() };
        about.answer_refusal(work, recorded).await
    }
}

#[async_trait]
impl Handler for InventoryEvents {
    async fn handle(&self, work: &mut Work, event: &Event) -> Result<(), Problem> {
        let region = &event.source.region;
        if event.is::<pb::StockLevelChanged>() {
            let level = wire::stock::stated_level(event.decode()?)?;
            learn::learn_level(work, region, &level).await?;
        } else if event.is::<pb::ItemDefined>() {
            let item = wire::catalogue::defined_item(event.decode()?, region)?;
            learn::learn_item(work, region, &item).await?;
        } else if event.is::<pb::ReceiptChanged>() {
            let receipt = wire::receipt::stated_receipt(event.decode()?)?;
            learn::learn_receipt(work, region, &receipt).await?;
        } else if event.is::<pb::HoldPlaced>() {
            let told: pb::HoldPlaced = event.decode()?;
            self.hold_claims(work, event, (&told.hold_id, &told.case_id), &told.lines).await?;
        } else if event.is::<pb::HoldCovered>() {
            let told: pb::HoldCovered = event.decode()?;
            self.hold_claims(work, event, (&told.hold_id, &told.case_id), &told.lines).await?;
        } else if event.is::<pb::HoldReleased>() {
            let told: pb::HoldReleased = event.decode()?;
            self.hold_ended(work, region, &told.hold_id, &told.case_id).await?;
        } else if event.is::<pb::HoldExpired>() {
            let told: pb::HoldExpired = event.decode()?;
            self.hold_ended(work, region, &told.hold_id, &told.case_id).await?;
        } else if event.is::<pb::TransferRequested>() {
            self.transfer_requested(work, region, event.decode()?).await?;
        } else if event.is::<pb::TransferProgressed>() {
            self.transfer_progressed(work, region, event.decode()?).await?;
        } else if event.is::<pb::MilestoneReported>() {
            self.milestone_reported(work, region, event.decode()?).await?;
        }
        Ok(())
    }
}

/// What a refused command was about, as it named it.
#[derive(Default)]
struct About {
    hold_id: String,
    transfer_id: String,
    case_id: String,
}

impl About {
    /// Answers a command that was refused.
    async fn answer_refusal<T>(self, work: &mut Work, outcome: Result<T, Problem>) -> Result<(), Problem> {
        let Some(problem) = refusal(outcome)? else { return Ok(()) };
        let version = match (self.hold_id.parse(), self.transfer_id.parse()) {
            (Ok(hold_id), _) => hold_version(work, hold_id).await?,
            (Err(_), Ok(transfer_id)) => transfer_version(work, transfer_id).await?,
            (Err(_), Err(_)) => 0,
        };
        let Self { hold_id, transfer_id, case_id } = self;
        let reason = problem.reason.into_owned();
        let event = pb::StockCommandRefused { hold_id, transfer_id, case_id, reason };
        announce::command_refused(work, version, &event);
        Ok(())
    }
}

async fn hold_version(work: &mut Work, hold_id: HoldId) -> Result<i64, Error> {
    Ok(store::hold::find(work.conn(), hold_id).await?.map_or(0, |hold| hold.version))
}

async fn transfer_version(work: &mut Work, transfer_id: TransferId) -> Result<i64, Error> {
    Ok(store::transfer::find(work.conn(), transfer_id).await?.map_or(0, |transfer| transfer.version))
}

/// The refusal in an outcome, when there is one; an error when it is no decision but a fault.
fn refusal<T>(outcome: Result<T, Problem>) -> Result<Option<Problem>, Problem> {
    match outcome {
        Ok(_) => Ok(None),
        Err(problem) if problem.is_decision() => Ok(Some(problem)),
        Err(problem) => Err(problem),
    }
}
