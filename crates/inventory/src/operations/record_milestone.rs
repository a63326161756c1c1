//! What happens to transfers of this region, and what that does to stock and holds.

use jiff::Timestamp;
use meridian_messaging::Work;
use meridian_types::{HoldId, RegionId, TransferId, Violations};

use super::arrive::arrive;
use super::book::book_entitled;
use super::claim::lock_with_receipts;
use super::release_hold::give_back;
use super::{announce, book};
use crate::domain::hold::{Hold, HoldState};
use crate::domain::ledger::Reason;
use crate::domain::stock::{Change, Line};
use crate::domain::transfer::{Cargo, Milestone, Step, Transfer, TransferState, Way};
use crate::error::Error;
use crate::regions::Regions;
use crate::store;

/// What happened to which transfer.
#[derive(Debug)]
pub(crate) struct RecordMilestone {
    pub(crate) transfer_id: TransferId,
    pub(crate) milestone: Milestone,
    /// `None`: now.
    pub(crate) happened_at: Option<Timestamp>,
    /// New expected arrival, when this changes it.
    pub(crate) expected_at: Option<Timestamp>,
}

impl RecordMilestone {
    /// When it happened.
    ///
    /// # Errors
    /// The violation, when that lies in the future.
    fn happened_at(&self, now: Timestamp) -> Result<Timestamp, Error> {
        match self.happened_at {
            Some(later) if later > now => {
                let mut violations = Violations::new();
                violations.add("happened_at", later, format!("not later than now, {now}"));
                Err(Error::Invalid(violations))
            }
            earlier => Ok(earlier.unwrap_or(now)),
        }
    }
}

/// Records a milestone of a transfer of this region. One that repeats the last is no news, unless it brings another
/// expected arrival.
///
/// # Errors
/// `TransferNotFound`; `TransferState` for what cannot happen now; `TransferInPlace` for what cannot happen to goods that
/// are handed over where they lie; `GoodsAwaited` for picking what has not come yet; `happened_at` in the future;
/// `ShelfFull` when a shelf cannot take what comes back.
pub(crate) async fn record_milestone(
    work: &mut Work,
    regions: &Regions,
    reported: &RecordMilestone,
) -> Result<Transfer, Error> {
    let RecordMilestone { transfer_id, milestone, expected_at, .. } = *reported;
    let happened_at = reported.happened_at(work.now())?;
    let mut transfer =
        store::transfer::lock(work.conn(), transfer_id).await?.ok_or(Error::TransferNotFound(transfer_id))?;
    let from = transfer.state;
    match from.step(milestone, transfer.way()) {
        None if transfer.way() == Way::InPlace && from.step(milestone, Way::Carried).is_some() => {
            return Err(Error::TransferInPlace { transfer_id, to: milestone });
        }
        None => return Err(Error::TransferState { transfer_id, from, to: milestone }),
        Some(Step::Taken) => {
            move_stock(work, regions, &transfer, milestone).await?;
            transfer.state = TransferState::After(milestone);
        }
        Some(Step::Repeated) if from.is_over() => return Ok(transfer),
        Some(Step::Repeated) if expected_at.is_none_or(|at| Some(at) == transfer.expected_at) => {
            return Ok(transfer);
        }
        Some(Step::Repeated) => {}
    }
    transfer.expected_at = expected_at.or(transfer.expected_at);
    transfer.version += 1;
    store::transfer::update(work.conn(), &transfer).await?;
    announce::transfer_progressed(work, &transfer, milestone, happened_at);
    Ok(transfer)
}

/// Passes a milestone of a transfer on to the region that owns it.
///
/// # Errors
/// A region that does not exist; `happened_at` in the future.
pub(crate) fn pass_on_milestone(
    work: &mut Work,
    regions: &Regions,
    owner: &RegionId,
    reported: &RecordMilestone,
) -> Result<(), Error> {
    if !regions.knows(owner) {
        let mut violations = Violations::new();
        violations.add("region", owner, regions.rule());
        return Err(Error::Invalid(violations));
    }
    let happened_at = reported.happened_at(work.now())?;
    announce::milestone_reported(work, owner, reported, happened_at);
    Ok(())
}

/// What a milestone does to shelves and to the hold. What moves without a hold stands on no shelf of ours: an instrument
/// of a customer, and kits of parts that came for the case.
async fn move_stock(
    work: &mut Work,
    regions: &Regions,
    transfer: &Transfer,
    milestone: Milestone,
) -> Result<(), Error> {
    let Cargo::Goods { hold_id: Some(hold_id), lines, .. } = &transfer.cargo else { return Ok(()) };
    let reference = transfer.id.to_string();
    match milestone {
        Milestone::Picked | Milestone::PickFailed if lines.iter().any(|line| line.awaited) => {
            let receipts = lines.iter().filter_map(Line::awaited_receipt).map(ToString::to_string);
            let receipt_ids = receipts.collect::<Vec<_>>().join(", ");
            return Err(Error::GoodsAwaited { transfer_id: transfer.id, receipt_ids });
        }
        Milestone::Picked => {
            leave_shelf(work, regions, lines, Reason::Picked, &reference).await?;
            end_hold(work, *hold_id, HoldState::Consumed).await?;
        }
        Milestone::PickFailed => {
            leave_shelf(work, regions, lines, Reason::Missing, &reference).await?;
            let hold = end_hold(work, *hold_id, HoldState::Released).await?;
            announce::hold_released(work, &hold);
        }
        Milestone::Cancelled if transfer.state == TransferState::Requested => {
            let mut hold = lock_with_receipts(work, *hold_id).await?;
            give_back(work, regions, &mut hold, HoldState::Released).await?;
            announce::hold_released(work, &hold);
        }
        Milestone::Cancelled => {
            if book::book(work, regions, &Change::put(lines), Some(Reason::PutBack), &reference)
                .await?
                .is_empty()
            {
                return Err(Error::ShelfFull(lines[0].shelf.clone()));
            }
            let hold = end_hold(work, *hold_id, HoldState::Released).await?;
            announce::hold_released(work, &hold);
        }
        Milestone::Received if !transfer.for_case && transfer.to_region.as_ref() == Some(regions.own()) => {
            arrive(work, regions, &transfer.to_site_id, lines, Reason::PutAway, &reference).await?;
        }
        _ => {}
    }
    Ok(())
}

async fn leave_shelf(
    work: &mut Work,
    regions: &Regions,
    lines: &[Line],
    reason: Reason,
    reference: &str,
) -> Result<(), Error> {
    book_entitled(work, regions, &Change::take(lines), Some(reason), reference).await.map(drop)
}

/// Ends a hold whose claim has left the shelf together with its goods.
async fn end_hold(work: &mut Work, hold_id: HoldId, end: HoldState) -> Result<Hold, Error> {
    let mut hold = store::hold::lock(work.conn(), hold_id).await?.ok_or(Error::HoldNotFound(hold_id))?;
    hold.enter(end);
    store::hold::update(work.conn(), &hold).await?;
    Ok(hold)
}
